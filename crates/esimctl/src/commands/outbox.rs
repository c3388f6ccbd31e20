//! What is kept here for servers.

use manager::Error;
use manager::retire::parse_reason;

use crate::app::App;
use crate::cli::{Consent, Outbox};
use crate::output::{GivenUpReport, OutboxReport, OutboxSentReport, Report, give_up_text};
use crate::prompt;

pub(super) fn run(app: &App, command: Outbox) -> Result<Box<dyn Report>, Error> {
    let outbox = app.manager.outbox()?;
    Ok(match command {
        Outbox::List { all } => {
            let letters = outbox.letters(all)?;
            let attempts = letters.iter().map(|letter| outbox.attempts(letter.id)).collect::<Result<_, _>>()?;
            Box::new(OutboxReport { letters, attempts, all })
        }
        Outbox::Send { ids } => Box::new(OutboxSentReport(outbox.send(&ids)?)),
        Outbox::Drop { ids, reason, consent } => Box::new(drop(app, &outbox, &ids, reason, &consent)?),
    })
}

fn drop(
    app: &App,
    outbox: &manager::outbox::Outbox<'_>,
    ids: &[i64],
    reason: Option<String>,
    consent: &Consent,
) -> Result<GivenUpReport, Error> {
    // Before anybody is asked to type numbers for it.
    let reason = reason.as_deref().map(parse_reason).transpose()?;
    let letters = outbox.waiting(ids)?;
    if !consent.yes && !consent.dry_run {
        let numbers: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let what = if numbers.len() == 1 { "its number" } else { "their numbers, with blanks between," };
        let question = format!("Type {what} to give up");
        prompt::confirm(|| give_up_text(&letters), &question, &numbers.join(" "), &app.interrupt)?;
    }
    if !consent.dry_run {
        outbox.give_up(&letters, reason.as_deref())?;
    }
    Ok(GivenUpReport { letters, reason, dry_run: consent.dry_run })
}
