//! Signs of an order's state in a server's own words, as far as a program can tell.
//!
//! Nothing is concluded from them alone. They take away the certainty of what the codes say, where both cannot be true.

use sgp22::es9p::ExecutionFailure;

/// Something that words say of an order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// The profile cannot be had yet.
    Unreleased,
    /// The profile can be had.
    Released,
    /// The profile was given out.
    Downloaded,
    /// The profile is, or was, on a card.
    Installed,
    /// The order is over, or lost.
    Ended,
    /// The server has trouble of its own, for now.
    Trouble,
}

/// The states of a profile at a server (SGP.22 3.1.6), by the beginning of their names: servers add to them, as in
/// `Error_InstallFailed`.
const STATES: [(&str, Sign); 15] = [
    ("available", Sign::Unreleased),
    ("allocated", Sign::Unreleased),
    ("linked", Sign::Unreleased),
    ("confirmed", Sign::Unreleased),
    ("released", Sign::Released),
    ("downloaded", Sign::Downloaded),
    ("installed", Sign::Installed),
    ("enabled", Sign::Installed),
    ("disabled", Sign::Installed),
    ("deleted", Sign::Ended),
    ("error", Sign::Ended),
    ("unavailable", Sign::Ended),
    ("expired", Sign::Ended),
    ("cancelled", Sign::Ended),
    ("canceled", Sign::Ended),
];

/// Words behind which a state stands.
const STATE_MARKERS: [&str; 4] = ["actual", "current", "state", "status"];

/// Words that may stand between these and the state.
const FILLERS: [&str; 8] = ["state", "status", "profile", "order", "value", "is", "was", "the"];

/// Words that say something if all of a row are there.
const PHRASES: [(&[&str], Sign); 32] = [
    (&["not released"], Sign::Unreleased),
    (&["not yet"], Sign::Unreleased),
    (&["not ready"], Sign::Unreleased),
    (&["already", "download"], Sign::Downloaded),
    (&["already", "fetched"], Sign::Downloaded),
    (&["already", "delivered"], Sign::Downloaded),
    (&["already", "install"], Sign::Installed),
    (&["already", "used"], Sign::Ended),
    (&["already", "redeemed"], Sign::Ended),
    (&["already", "consumed"], Sign::Ended),
    (&["used up"], Sign::Ended),
    (&["no longer"], Sign::Ended),
    (&["expired"], Sign::Ended),
    (&["attempts", "exceed"], Sign::Ended),
    (&["retries", "exceed"], Sign::Ended),
    (&["downloads", "exceed"], Sign::Ended),
    (&["too many", "attempts"], Sign::Ended),
    (&["blocked"], Sign::Ended),
    (&["cancelled"], Sign::Ended),
    (&["canceled"], Sign::Ended),
    (&["revoked"], Sign::Ended),
    (&["terminated"], Sign::Ended),
    (&["deleted"], Sign::Ended),
    (&["installfailed"], Sign::Ended),
    (&["installation failed"], Sign::Ended),
    (&["try", "again"], Sign::Trouble),
    (&["later"], Sign::Trouble),
    (&["temporar"], Sign::Trouble),
    (&["timeout"], Sign::Trouble),
    (&["timed out"], Sign::Trouble),
    (&["overload"], Sign::Trouble),
    (&["maintenance"], Sign::Trouble),
];

/// Other things that expire, are revoked or exceeded: a phrase in the same clause may be about them.
const OTHER_SUBJECTS: [&str; 5] = ["certificate", "session", "transaction", "memory", "connection"];

/// Finds the signs of the order's state in a server's words.
pub(super) fn signs(failure: &ExecutionFailure) -> Vec<Sign> {
    let texts = [&failure.identifier, &failure.message].into_iter().flatten();
    texts.flat_map(|text| signs_in(&text.to_lowercase())).collect()
}

fn signs_in(text: &str) -> Vec<Sign> {
    let clauses = text.split(['.', ',', ';', '!', '\n']);
    states(text).chain(clauses.flat_map(signs_in_clause)).collect()
}

fn signs_in_clause(clause: &str) -> impl Iterator<Item = Sign> {
    let is_about_another = OTHER_SUBJECTS.iter().any(|thing| clause.contains(thing));
    PHRASES.iter().filter_map(move |(phrase, sign)| {
        let is_about_order = *sign == Sign::Trouble || !is_about_another;
        (is_about_order && phrase.iter().all(|words| is_affirmed(clause, words))).then_some(*sign)
    })
}

/// True if the words stand somewhere without a negation before them. Those that begin with one are it themselves.
fn is_affirmed(text: &str, words: &str) -> bool {
    const NEGATIONS: [&str; 5] = ["not", "never", "not been", "not be", "isn't"];
    text.match_indices(words).any(|(at, _)| {
        let (attached, before) = (&text[..at], text[..at].trim_end());
        // As in "unblocked". A word before it may end in the same letters, as in "run".
        !attached.ends_with("un") && !NEGATIONS.iter().any(|negation| before.ends_with(negation))
    })
}

/// The states that are said to be the actual ones; what is expected is none.
fn states(text: &str) -> impl Iterator<Item = Sign> {
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect();
    let markers = words.iter().enumerate().filter(|(_, word)| STATE_MARKERS.contains(word));
    let found = markers.filter_map(|(index, _)| {
        let state = words[index + 1..].iter().find(|word| !FILLERS.contains(word))?;
        STATES.iter().find(|(name, _)| state.starts_with(name)).map(|(_, sign)| *sign)
    });
    found.collect::<Vec<Sign>>().into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_and_every_phrase_is_understood() {
        for (state, sign) in STATES {
            for text in [format!("actual={state}"), format!("current state is {state}."), format!("status: {state}_x")]
            {
                assert!(signs_in(&text).contains(&sign), "{text}");
            }
            assert!(!states(&format!("expected={state}")).any(|_| true), "{state}");
        }
        for (phrase, sign) in PHRASES {
            assert!(signs_in(&phrase.join(" was ")).contains(&sign), "{phrase:?}");
        }
    }

    #[test]
    fn another_thing_hides_only_what_its_own_clause_says() {
        for text in ["order expired, session closed", "session closed. the order is cancelled", "test run expired"] {
            assert!(signs_in(text).contains(&Sign::Ended), "{text}");
        }
    }

    #[test]
    fn what_is_denied_or_about_something_else_says_nothing() {
        for text in [
            "",
            "the order is not expired",
            "has not been cancelled",
            "was never revoked",
            "unblocked",
            "certificate expired",
            "memory deleted",
            "state is not released_x",
            "the state",
            "actual",
        ] {
            let said = signs_in(text);
            assert!(said.iter().all(|sign| *sign == Sign::Unreleased), "{text}: {said:?}");
        }
    }
}
