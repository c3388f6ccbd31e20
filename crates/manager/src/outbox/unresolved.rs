//! Servers that are no longer there: names that cannot be resolved for long.

use jiff::{SignedDuration, Timestamp};
use lpa::smdp::UNRESOLVED;

use crate::database::{AttemptOutcome, DeliveryAttempt};

/// The time after which a name that cannot be resolved counts as gone for good.
const GONE_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Attempts in a row, up to the last one, in which the name of a server could not be resolved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnresolvedServer {
    /// The moment of the first of these attempts: UTC, RFC 3339.
    pub since: String,
    /// The number of these attempts.
    pub attempts: usize,
    /// True if first and last attempt are a week apart: the server may be gone for good.
    pub is_lasting: bool,
}

impl UnresolvedServer {
    /// Reads the attempts to deliver a notification, in order; `None` if the last one got further than the name.
    #[must_use]
    pub fn from_trail(trail: &[DeliveryAttempt]) -> Option<Self> {
        let run: Vec<&DeliveryAttempt> = trail.iter().rev().take_while(|attempt| is_unresolved(attempt)).collect();
        let (last, first) = (run.first()?, run.last()?);
        let moment = |attempt: &DeliveryAttempt| attempt.started.parse::<Timestamp>().ok();
        let span = moment(last).zip(moment(first)).map(|(last, first)| last.duration_since(first));
        Some(Self {
            since: first.started.clone(),
            attempts: run.len(),
            is_lasting: span.is_some_and(|span| span >= GONE_AFTER),
        })
    }
}

fn is_unresolved(attempt: &DeliveryAttempt) -> bool {
    let says_so = attempt.detail.as_deref().is_some_and(|detail| detail.starts_with(UNRESOLVED));
    attempt.outcome == Some(AttemptOutcome::Unreached) && says_so
}

#[cfg(test)]
mod tests {
    use lpa::smdp::ServerErrorKind;

    use super::*;

    fn attempt(started: &str, kind: Option<ServerErrorKind>) -> DeliveryAttempt {
        DeliveryAttempt {
            letter: 1,
            process: None,
            started: started.into(),
            ended: Some(started.into()),
            outcome: Some(if kind.is_some() { AttemptOutcome::Unreached } else { AttemptOutcome::Lost }),
            detail: kind.map(|kind| kind.to_string()),
        }
    }

    fn unresolved(started: &str) -> DeliveryAttempt {
        attempt(started, Some(ServerErrorKind::Unresolved("Name or service not known".into())))
    }

    fn unresolved_since(trail: &[DeliveryAttempt]) -> Option<(String, usize, bool)> {
        UnresolvedServer::from_trail(trail).map(|found| (found.since, found.attempts, found.is_lasting))
    }

    #[test]
    fn a_name_that_cannot_be_resolved_for_a_week_is_told_since_the_first_such_attempt() {
        let day = |day: u8| unresolved(&format!("2026-10-{day:02}T10:00:00Z"));
        let refused = attempt("2026-10-02T10:00:00Z", Some(ServerErrorKind::Unreachable("refused".into())));
        assert_eq!(unresolved_since(&[]), None);
        assert_eq!(unresolved_since(&[day(1)]), Some(("2026-10-01T10:00:00Z".into(), 1, false)));
        assert_eq!(unresolved_since(&[day(1), day(7)]), Some(("2026-10-01T10:00:00Z".into(), 2, false)));
        assert_eq!(unresolved_since(&[day(1), day(3), day(8)]), Some(("2026-10-01T10:00:00Z".into(), 3, true)));
        assert_eq!(
            unresolved_since(&[day(1), refused.clone(), day(8)]),
            Some(("2026-10-08T10:00:00Z".into(), 1, false))
        );
        assert_eq!(unresolved_since(&[day(1), day(8), refused]), None, "the name is known again");
        assert_eq!(
            unresolved_since(&[day(1), attempt("2026-10-08T10:00:00Z", None)]),
            None,
            "nobody knows how the last one ended"
        );
        assert_eq!(
            unresolved_since(&[day(8), day(1)]).map(|(.., lasting)| lasting),
            Some(false),
            "a clock that was set back"
        );
    }
}
