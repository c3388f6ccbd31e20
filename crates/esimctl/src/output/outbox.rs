//! What is kept here for servers.

use manager::outbox::{AttemptOutcome, DeliveryAttempt, Letter, LetterState, Sent};
use serde_json::{Value, json};

use super::Report;
use super::notifications::COST_OF_DROPPING;
use super::table::table;
use super::text::{DIM, clean, count};

fn letter_json(letter: &Letter) -> Value {
    json!({
        "id": letter.id,
        "state": letter.state.name(),
        "event": letter.event,
        "server": letter.server(),
        "address": letter.address,
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
    })
}

/// `all` for a table with the states.
fn letters_table(letters: &[Letter], all: bool) -> String {
    let row = |letter: &Letter| {
        let next_try = match (letter.state, &letter.next_try) {
            (LetterState::Waiting, Some(at)) => at.clone(),
            (LetterState::Waiting, None) => "with the next change".into(),
            _ => String::new(),
        };
        vec![
            letter.id.to_string(),
            if all { letter.state.name().into() } else { String::new() },
            clean(&letter.event),
            clean(letter.server()),
            letter.iccid.as_deref().map(clean).unwrap_or_default(),
            letter.attempts.to_string(),
            next_try,
            letter
                .last_error
                .as_deref()
                .filter(|_| letter.state == LetterState::Waiting)
                .map(clean)
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
            json
        };
        self.letters.iter().zip(&self.attempts).map(with_attempts).collect()
    }

    fn text(&self) -> String {
        match (self.letters.is_empty(), self.all) {
            (true, true) => "The outbox is empty.\n".into(),
            (true, false) => "Nothing waits in the outbox.\n".into(),
            (false, all) => letters_table(&self.letters, all),
        }
    }
}

pub(crate) struct OutboxSentReport(pub(crate) Sent);

impl Report for OutboxSentReport {
    fn data(&self) -> Value {
        json!({ "delivered": self.0.delivered, "on_card": self.0.on_card })
    }

    fn text(&self) -> String {
        let Sent { delivered, on_card } = self.0;
        if delivered == 0 {
            return "Nothing waits in the outbox.\n".into();
        }
        let were = if delivered == 1 { "was" } else { "were" };
        let mut text = format!("{} {were} delivered.\n", count(delivered, "notification"));
        if on_card > 0 {
            text += &format!("{DIM}The next change of a card removes from it what was delivered.{DIM:#}\n");
        }
        text
    }
}

/// What giving up would do, for the person who is asked.
pub(crate) fn give_up_text(letters: &[Letter]) -> String {
    format!("To be given up, unsent:\n{}{COST_OF_DROPPING}", letters_table(letters, false))
}

pub(crate) struct GivenUpReport {
    pub(crate) letters: Vec<Letter>,
    pub(crate) dry_run: bool,
}

impl Report for GivenUpReport {
    fn data(&self) -> Value {
        json!({
            "dropped": self.letters.iter().map(letter_json).collect::<Vec<_>>(),
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
