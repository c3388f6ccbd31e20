//! Bringing what waits in the outbox to its servers.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use lpa::Interrupt;
use lpa::smdp::{self, LONGEST_ANSWER, Peer, Reached, RspServer, ServerError, ServerErrorKind};
use sgp22::es9p::HandleNotification;

use super::Failed;
use crate::database::{AttemptOutcome, CLAIM_LEASE, Claim, Database, Letter, LetterState};
use crate::error::{Error, server_error};
use crate::servers::CardKind;
use crate::words;

/// How long after the first, second, … failed try the next one is made, in seconds; after those it is a day.
const PAUSES: [i64; 5] = [60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600];
const DAY: i64 = 24 * 3600;

/// How long a post may take in all: well below [`CLAIM_LEASE`], so that nobody else begins it again meanwhile.
const POST_TIMEOUT: Duration = Duration::from_secs(CLAIM_LEASE.unsigned_abs() / 2);

/// How long another process that sends for the same card to the same server is waited for.
const CLAIM_WAIT: Duration = Duration::from_secs(60);

/// How often a claim of another process is looked at.
const CLAIM_POLL: Duration = Duration::from_millis(50);

/// The key of the reason for notifications that came too late in a round.
const EARLIER_TOOK_THE_TIME: &str = "delivery-no-time";

/// What is to be tried.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice<'a> {
    /// Those of a change; beside them, for so long, those of earlier ones that are due.
    Change(&'a [i64], Duration),
    /// These and no others, due or not.
    Named(&'a [i64]),
    /// All, due or not.
    All,
}

impl Choice<'_> {
    /// True for what the delivery is about; other notifications may be tried along.
    fn is_about(&self, letter: &Letter) -> bool {
        match self {
            Self::Change(ids, _) | Self::Named(ids) => ids.contains(&letter.id),
            Self::All => true,
        }
    }
}

/// How much one of them matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Urgency {
    /// It is what this is about.
    Now,
    /// An earlier one for the same server, which has to go first; as long as there is time.
    Before,
    /// An earlier one for another server: if it is due, as long as there is time.
    IfDue,
}

/// What came of one.
enum Tried {
    Accepted,
    /// Somebody else has settled it meanwhile.
    Settled(LetterState),
    /// Another process is at it, and it is not what this is about; none behind it from the same card goes now.
    Elsewhere,
    /// Not now, for the reason with this key, so that none behind it from the same card goes either.
    Later(&'static str),
    /// The server wants this one not; others may do.
    Refused(ServerError),
    /// The server is not there.
    Dead(ServerError),
}

/// What came of all.
#[derive(Debug, Default)]
pub(crate) struct Round {
    /// Those that were accepted.
    pub(crate) accepted: Vec<i64>,
    /// The servers that did not take all that was for them.
    pub(crate) failed: Vec<Failed>,
    /// Chosen notifications that name no server. They are not tried.
    pub(crate) nameless: Vec<Letter>,
}

/// Tries what is chosen. For one server, one card's notifications go in the order of their numbers; a server that
/// cannot be reached keeps none for another server waiting.
///
/// What one process sends is claimed, so that no other one sends it as well. A crash between a server's answer and its
/// record here has the same one delivered twice: servers take that as once, and the attempts on record tell.
pub(crate) fn deliver(
    database: &Database,
    servers: &dyn RspServer,
    kind: CardKind,
    choice: Choice<'_>,
    interrupt: &dyn Interrupt,
) -> Result<Round, Error> {
    let budget = match choice {
        Choice::Change(_, budget) => budget,
        Choice::Named(_) | Choice::All => Duration::ZERO,
    };
    let letters = database.letters(false)?.into_iter().filter(|letter| CardKind::of(&letter.device) == kind);
    let (nameless, letters): (Vec<Letter>, Vec<Letter>) = letters.partition(Letter::is_nameless);
    let nameless = nameless.into_iter().filter(|letter| choice.is_about(letter)).collect();
    let round = Round { nameless, ..Round::default() };
    let mut courier = Courier { database, servers, interrupt, end: Instant::now() + budget, round };
    for queue in queues(letters, choice) {
        courier.serve(&queue)?;
    }
    Ok(courier.round)
}

type Queue = Vec<(Letter, Urgency)>;

/// One queue a server: those that this is about first, the others in the order in which they began to wait.
fn queues(letters: Vec<Letter>, choice: Choice<'_>) -> Vec<Queue> {
    let is_now = |letter: &Letter| choice.is_about(letter);
    let mut queues: Vec<Vec<Letter>> = Vec::new();
    for letter in letters {
        match queues.iter_mut().find(|queue| queue[0].server() == letter.server()) {
            Some(queue) => queue.push(letter),
            None => queues.push(vec![letter]),
        }
    }
    queues.sort_by_key(|queue| !queue.iter().any(is_now));
    queues
        .into_iter()
        .map(|mut queue| {
            queue.sort_by(|a, b| (&a.eid, a.seq, a.id).cmp(&(&b.eid, b.seq, b.id)));
            let about = queue.iter().any(is_now);
            let urgency = |letter: &Letter| match (is_now(letter), choice) {
                (true, _) => Some(Urgency::Now),
                (false, Choice::Change(..)) => Some(if about { Urgency::Before } else { Urgency::IfDue }),
                (false, _) => None,
            };
            queue.into_iter().filter_map(|letter| urgency(&letter).map(|urgency| (letter, urgency))).collect()
        })
        .collect()
}

struct Courier<'a> {
    database: &'a Database,
    servers: &'a dyn RspServer,
    interrupt: &'a dyn Interrupt,
    /// Nothing old is begun after this.
    end: Instant,
    round: Round,
}

impl Courier<'_> {
    /// Brings a server what is for it.
    fn serve(&mut self, queue: &Queue) -> Result<(), Error> {
        let mut left = queue.len();
        let (mut why, mut answered) = (None, false);
        let mut held: Option<&str> = None;
        for (letter, urgency) in queue {
            if held == Some(letter.eid.as_str()) {
                continue;
            }
            if self.interrupt.requested() {
                let about = queue.iter().any(|(_, urgency)| *urgency == Urgency::Now);
                why = why.or_else(|| about.then(|| words::text("delivery-stopped", &[])));
                break;
            }
            match self.try_one(letter, *urgency)? {
                Tried::Accepted => {
                    self.round.accepted.push(letter.id);
                    left -= 1;
                }
                Tried::Settled(state) => {
                    // It waited when this began: another process was quicker.
                    if state == LetterState::Delivered && *urgency == Urgency::Now {
                        self.round.accepted.push(letter.id);
                    }
                    left -= 1;
                }
                Tried::Elsewhere => held = Some(&letter.eid),
                Tried::Later(reason) => {
                    let about = queue.iter().any(|(_, urgency)| *urgency == Urgency::Now);
                    why = why.or_else(|| about.then(|| words::text(reason, &[])));
                    held = Some(&letter.eid);
                }
                Tried::Refused(error) => {
                    (why, answered) = (Some(server_error(&error).message_with_quotation()), true);
                }
                Tried::Dead(error) => {
                    (why, answered) = (Some(server_error(&error).message()), error.reached == Reached::Yes);
                    break;
                }
            }
        }
        let server = queue.first().map(|(letter, _)| letter.server().to_owned()).unwrap_or_default();
        self.round.failed.extend(why.map(|why| Failed { server, waiting: left, why, answered }));
        Ok(())
    }

    fn try_one(&self, letter: &Letter, urgency: Urgency) -> Result<Tried, Error> {
        if urgency != Urgency::Now && Instant::now() >= self.end {
            return Ok(Tried::Later(EARLIER_TOOK_THE_TIME));
        }
        let attempt = match self.claim(letter, urgency)? {
            Claim::Granted(attempt) => OpenAttempt { database: self.database, id: attempt, noted: false },
            Claim::Settled(state) => return Ok(Tried::Settled(state)),
            Claim::NotDue => return Ok(Tried::Later("delivery-not-due")),
            Claim::Taken if urgency == Urgency::Now => {
                return Ok(Tried::Later("delivery-elsewhere"));
            }
            Claim::Taken => return Ok(Tried::Elsewhere),
        };
        // What this is about gets its time; what is only tried along shares what is left.
        let left = self.end.saturating_duration_since(Instant::now());
        match self.post(letter, if urgency == Urgency::Now { POST_TIMEOUT } else { left })? {
            Ok(()) => {
                attempt.accepted()?;
                Ok(Tried::Accepted)
            }
            Err(error) => {
                attempt.failed(&error)?;
                // It had less time than servers get: that says nothing about this one.
                if urgency != Urgency::Now && error.kind == ServerErrorKind::Timeout {
                    return Ok(Tried::Later(EARLIER_TOOK_THE_TIME));
                }
                Ok(if is_about_this_one(&error) { Tried::Refused(error) } else { Tried::Dead(error) })
            }
        }
    }

    /// Claims a notification, and waits for another process that sends for the same card to the same server: as long as
    /// there is time, and only where something that this is about waits behind.
    fn claim(&self, letter: &Letter, urgency: Urgency) -> Result<Claim, Error> {
        let pause = PAUSES.get(letter.attempts as usize).copied().unwrap_or(DAY);
        let end = match urgency {
            Urgency::Now => Instant::now() + CLAIM_WAIT,
            Urgency::Before => self.end,
            Urgency::IfDue => Instant::now(),
        };
        loop {
            let next_try = Timestamp::now().checked_add(SignedDuration::from_secs(pause)).unwrap_or(Timestamp::MAX);
            match self.database.claim(letter.id, next_try, urgency == Urgency::IfDue)? {
                Claim::Taken if Instant::now() < end && !self.interrupt.requested() => std::thread::sleep(CLAIM_POLL),
                claim => return Ok(claim),
            }
        }
    }

    fn post(&self, letter: &Letter, within: Duration) -> Result<Result<(), ServerError>, Error> {
        let Some(address) = letter.host.as_deref() else {
            let (address, function) = (letter.address.clone(), "");
            return Ok(Err(ServerError { address, function, kind: ServerErrorKind::Address, reached: Reached::No }));
        };
        let request = HandleNotification { pending_notification: self.database.payload(letter.id)? };
        Ok(smdp::call(
            self.servers,
            Peer { address, card_issuers: None, within: Some(within), interruptible: true },
            &request,
            LONGEST_ANSWER,
        ))
    }
}

/// An attempt whose outcome is to be noted. One that is dropped without, as by a panic, is given up for others.
struct OpenAttempt<'a> {
    database: &'a Database,
    id: i64,
    noted: bool,
}

impl OpenAttempt<'_> {
    fn accepted(mut self) -> Result<(), Error> {
        self.noted = true;
        self.database.accepted(self.id)
    }

    fn failed(mut self, error: &ServerError) -> Result<(), Error> {
        self.noted = true;
        let outcome = match error.reached {
            Reached::Yes => AttemptOutcome::NotAccepted,
            Reached::Maybe => AttemptOutcome::Unanswered,
            Reached::No => AttemptOutcome::Unreached,
        };
        // The server's own words are often all that says why it does not want this one.
        let quotation = server_error(error).refusal.and_then(|refusal| refusal.quotation());
        let words = quotation.map(|quotation| format!("; it says {quotation}")).unwrap_or_default();
        self.database.failed(self.id, outcome, &format!("{}{words}", error.kind))
    }
}

impl Drop for OpenAttempt<'_> {
    fn drop(&mut self) {
        if self.noted {
            return;
        }
        let why = "it was broken off before an answer was noted";
        if let Err(error) = self.database.failed(self.id, AttemptOutcome::Lost, why) {
            log::warn!("An attempt to deliver stays on record as begun: {error}");
        }
    }
}

/// True if the server has looked at this one and does not want it, so that the next may fare better. All else is a
/// server in trouble, or something that stands in its place: then the order is kept.
fn is_about_this_one(error: &ServerError) -> bool {
    error.refusal().is_some()
}
