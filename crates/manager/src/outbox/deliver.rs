//! Bringing what waits in the outbox to its servers.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use lpa::Interrupt;
use lpa::smdp::{self, LONGEST_ANSWER, Peer, Reached, RspServer, ServerError, ServerErrorKind};
use sgp22::es9p::HandleNotification;

use super::Failed;
use crate::database::{Database, Letter, LetterState};
use crate::error::{Error, server_error};
use crate::servers::CardKind;

/// How long after the first, second, … failed try the next one is made, in seconds; after those it is a day.
const PAUSES: [i64; 5] = [60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600];
const DAY: i64 = 24 * 3600;

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
    /// Somebody else has settled it.
    Settled,
    /// Not now, so that none behind it from the same card goes either.
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
}

/// Tries what is chosen. For one server, one card's notifications go in the order of their numbers; a server that
/// cannot be reached keeps none for another server waiting.
///
/// A crash between a server's answer and its record here has the same one delivered twice: servers take that as once.
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
    let mut courier = Courier { database, servers, interrupt, end: Instant::now() + budget, round: Round::default() };
    for queue in queues(letters.collect(), choice) {
        courier.serve(&queue)?;
    }
    Ok(courier.round)
}

type Queue = Vec<(Letter, Urgency)>;

/// One queue a server: those that this is about first, the others in the order in which they began to wait.
fn queues(letters: Vec<Letter>, choice: Choice<'_>) -> Vec<Queue> {
    let is_now = |letter: &Letter| match choice {
        Choice::Change(ids, _) | Choice::Named(ids) => ids.contains(&letter.id),
        Choice::All => true,
    };
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
                why = why.or_else(|| about.then(|| "It was stopped before.".to_owned()));
                break;
            }
            match self.try_one(letter, *urgency)? {
                Tried::Accepted => {
                    self.round.accepted.push(letter.id);
                    left -= 1;
                }
                Tried::Settled => left -= 1,
                Tried::Later(reason) => {
                    let about = queue.iter().any(|(_, urgency)| *urgency == Urgency::Now);
                    why = why.or_else(|| about.then(|| reason.to_owned()));
                    held = Some(&letter.eid);
                }
                Tried::Refused(error) => (why, answered) = (Some(server_error(&error).message()), true),
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
        let now = Timestamp::now();
        let due = letter.next_try.as_deref().and_then(|text| text.parse::<Timestamp>().ok()).is_none_or(|at| at <= now);
        match urgency {
            Urgency::IfDue if !due => return Ok(Tried::Later("It is not due yet.")),
            Urgency::IfDue | Urgency::Before if Instant::now() >= self.end => {
                return Ok(Tried::Later("Earlier ones took all the time there was."));
            }
            _ => {}
        }
        let pause = PAUSES.get(letter.attempts as usize).copied().unwrap_or(DAY);
        let next_try = now.checked_add(SignedDuration::from_secs(pause)).unwrap_or(Timestamp::MAX);
        if !self.database.begin_try(letter.id, next_try)? {
            return Ok(Tried::Settled);
        }
        // What this is about gets its time; what is only tried along shares what is left.
        let left = self.end.saturating_duration_since(Instant::now());
        match self.post(letter, (urgency != Urgency::Now).then_some(left))? {
            Ok(()) => {
                self.database.settle(&[letter.id], LetterState::Delivered)?;
                Ok(Tried::Accepted)
            }
            Err(error) => {
                self.database.failed_try(letter.id, &error.kind.to_string())?;
                // It had less time than servers get: that says nothing about this one.
                if urgency != Urgency::Now && error.kind == ServerErrorKind::Timeout {
                    return Ok(Tried::Later("earlier ones took all the time there was"));
                }
                Ok(if is_about_this_one(&error) { Tried::Refused(error) } else { Tried::Dead(error) })
            }
        }
    }

    fn post(&self, letter: &Letter, within: Option<Duration>) -> Result<Result<(), ServerError>, Error> {
        let Some(address) = letter.host.as_deref() else {
            let (address, function) = (letter.address.clone(), "");
            return Ok(Err(ServerError { address, function, kind: ServerErrorKind::Address, reached: Reached::No }));
        };
        let request = HandleNotification { pending_notification: self.database.payload(letter.id)? };
        Ok(smdp::call(
            self.servers,
            Peer { address, card_issuers: None, within, interruptible: true },
            &request,
            LONGEST_ANSWER,
        ))
    }
}

/// True if the server has looked at this one and does not want it, so that the next may fare better. All else is a
/// server in trouble, or something that stands in its place: then the order is kept.
fn is_about_this_one(error: &ServerError) -> bool {
    error.refusal().is_some()
}
