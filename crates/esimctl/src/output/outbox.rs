//! What is kept here for servers.

use manager::outbox::{AttemptOutcome, DeliveryAttempt, Letter, LetterState, Sent, UnresolvedServer, nameless_warning};
use serde_json::{Value, json};
use sgp22::id::ServerAddressError;

use super::Report;
use super::notifications::{COST_OF_DROPPING, server_cell};
use super::table::table;
use super::text::{DIM, clean, count};

fn letter_json(letter: &Letter) -> Value {
    json!({
        "id": letter.id,
        "state": letter.state.name(),
        "event": letter.event,
        "server": letter.server(),
        "address": letter.address,
        "address_error": letter.address_error().map(ServerAddressError::name),
        "iccid": letter.iccid,
        "eid": letter.eid,
        "device": letter.device,
        "seq": letter.seq,
        "on_card": letter.on_card,
        "created": letter.created,
        "attempts": letter.attempts,
        "next_try": letter.next_try,
        "last_error": letter.last_error,
        "ended": letter.ended,
        "reason": letter.reason,
    })
}

/// `all` for a table with the states.
fn letters_table(letters: &[Letter], all: bool) -> String {
    let row = |letter: &Letter| {
        let next_try = match (letter.state, &letter.next_try) {
            (LetterState::Waiting, _) if letter.is_nameless() => "never".into(),
            (LetterState::Waiting, Some(at)) => at.clone(),
            (LetterState::Waiting, None) => "with the next change".into(),
            _ => String::new(),
        };
        vec![
            letter.id.to_string(),
            if all { letter.state.name().into() } else { String::new() },
            clean(&letter.event),
            server_cell(letter.server(), letter.address_error()),
            letter.iccid.as_deref().map(clean).unwrap_or_default(),
            letter.attempts.to_string(),
            next_try,
            match letter.state {
                LetterState::Waiting => match letter.address_error() {
                    Some(why) => Some(format!("the address is not used: {why}")),
                    None => letter.last_error.as_deref().map(clean),
                },
                LetterState::Delivered => None,
                LetterState::Dropped => letter.reason.as_deref().map(|reason| format!("given up: {}", clean(reason))),
            }
            .unwrap_or_default(),
        ]
    };
    let header = ["ID", "STATE", "EVENT", "SERVER", "ICCID", "TRIES", "NEXT TRY", "LAST ERROR"];
    table(&header, &letters.iter().map(row).collect::<Vec<_>>())
}

fn attempt_json(attempt: &DeliveryAttempt) -> Value {
    // The rest tells whether the process lives, and nobody else has a use for it.
    let pid = attempt.process.as_deref().and_then(|process| process.split(' ').next()?.parse::<u32>().ok());
    json!({
        "pid": pid,
        "started": attempt.started,
        "ended": attempt.ended,
        "outcome": attempt.outcome.map(AttemptOutcome::name),
        "error": attempt.detail,
    })
}

pub(crate) struct OutboxReport {
    pub(crate) letters: Vec<Letter>,
    /// The attempts to deliver each.
    pub(crate) attempts: Vec<Vec<DeliveryAttempt>>,
    pub(crate) all: bool,
}

impl Report for OutboxReport {
    fn data(&self) -> Value {
        let with_attempts = |(letter, attempts): (&Letter, &Vec<DeliveryAttempt>)| {
            let mut json = letter_json(letter);
            json["history"] = attempts.iter().map(attempt_json).collect();
            json["unresolved"] = unresolved(letter, attempts).as_ref().map_or(Value::Null, unresolved_json);
            json
        };
        self.letters.iter().zip(&self.attempts).map(with_attempts).collect()
    }

    fn text(&self) -> String {
        match (self.letters.is_empty(), self.all) {
            (true, true) => "The outbox is empty.\n".into(),
            (true, false) => "Nothing waits in the outbox.\n".into(),
            (false, all) => {
                let nameless: Vec<Letter> =
                    self.letters.iter().filter(|letter| letter.is_nameless()).cloned().collect();
                let hints = self.gone_servers().into_iter().chain(nameless_warning(&nameless));
                letters_table(&self.letters, all) + &hints.map(|hint| format!("{hint}\n")).collect::<String>()
            }
        }
    }
}

impl OutboxReport {
    /// A line for each server whose name cannot be resolved for long.
    fn gone_servers(&self) -> Vec<String> {
        let mut servers: Vec<(&str, UnresolvedServer, Vec<String>)> = Vec::new();
        for (letter, attempts) in self.letters.iter().zip(&self.attempts) {
            let Some(found) = unresolved(letter, attempts).filter(|found| found.is_lasting) else { continue };
            let id = letter.id.to_string();
            match servers.iter_mut().find(|(server, ..)| *server == letter.server()) {
                Some((.., ids)) => ids.push(id),
                None => servers.push((letter.server(), found, vec![id])),
            }
        }
        let line = |(server, UnresolvedServer { since, attempts, .. }, ids): (&str, UnresolvedServer, Vec<String>)| {
            format!(
                "{}: its name could not be resolved in {attempts} tries since {since}. If other servers are reached, it is \
                 probably gone, and the notifications cannot be sent. To give up: esimctl outbox drop {} --reason TEXT",
                clean(server),
                ids.join(" ")
            )
        };
        servers.into_iter().map(line).collect()
    }
}

/// The attempts in which the server's name could not be resolved, of a notification that still waits.
fn unresolved(letter: &Letter, attempts: &[DeliveryAttempt]) -> Option<UnresolvedServer> {
    UnresolvedServer::from_trail(attempts).filter(|_| letter.state == LetterState::Waiting && !letter.is_nameless())
}

fn unresolved_json(found: &UnresolvedServer) -> Value {
    json!({ "since": found.since, "attempts": found.attempts, "lasting": found.is_lasting })
}

pub(crate) struct OutboxSentReport(pub(crate) Sent);

impl Report for OutboxSentReport {
    fn data(&self) -> Value {
        json!({ "delivered": self.0.delivered, "on_card": self.0.on_card, "nameless": self.0.nameless.len() })
    }

    fn text(&self) -> String {
        let Sent { delivered, on_card, .. } = self.0;
        if delivered == 0 {
            let nothing = if self.0.nameless.is_empty() { "Nothing waits" } else { "Nothing that can be sent waits" };
            return format!("{nothing} in the outbox.\n");
        }
        let were = if delivered == 1 { "was" } else { "were" };
        let mut text = format!("{} {were} delivered.\n", count(delivered, "notification"));
        if on_card > 0 {
            text += &format!("{DIM}The next change of a card removes from it what was delivered.{DIM:#}\n");
        }
        text
    }

    fn warnings(&self) -> Vec<String> {
        nameless_warning(&self.0.nameless).into_iter().collect()
    }
}

/// What giving up would do, for the person who is asked.
pub(crate) fn give_up_text(letters: &[Letter]) -> String {
    format!("To be given up, unsent:\n{}{COST_OF_DROPPING}", letters_table(letters, false))
}

pub(crate) struct GivenUpReport {
    pub(crate) letters: Vec<Letter>,
    pub(crate) reason: Option<String>,
    pub(crate) dry_run: bool,
}

impl Report for GivenUpReport {
    fn data(&self) -> Value {
        json!({
            "dropped": self.letters.iter().map(letter_json).collect::<Vec<_>>(),
            "reason": self.reason,
            "dry_run": self.dry_run,
            "changed": !self.dry_run,
        })
    }

    fn text(&self) -> String {
        if self.dry_run {
            return format!("{}{DIM}A dry run: nothing was changed.{DIM:#}\n", give_up_text(&self.letters));
        }
        let was = if self.letters.len() == 1 { "was" } else { "were" };
        format!("{} {was} given up, unsent. The archive keeps a copy.\n", count(self.letters.len(), "notification"))
    }
}
