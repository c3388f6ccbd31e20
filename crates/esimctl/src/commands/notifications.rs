//! The card's queue of notifications.

use std::path::Path;

use manager::error::Id;
use manager::proof::Purpose;
use manager::retire::parse_reason;
use manager::{Error, files, words};

use crate::app::App;
use crate::cli::{Chosen, Consent, Notifications};
use crate::output::{
    DroppedReport, ExportedReport, ImportedReport, NotificationReport, NotificationsReport, Report, SentReport,
    VerificationReport, drop_plan_text,
};
use crate::prompt;

pub(super) fn run(app: &App, command: Notifications) -> Result<Box<dyn Report>, Error> {
    Ok(match command {
        Notifications::List => Box::new(NotificationsReport(app.manager.session()?.card()?.notifications()?)),
        Notifications::Show { seq } => Box::new(NotificationReport(app.manager.session()?.card()?.notification(seq)?)),
        Notifications::Send(chosen) => Box::new(send(app, &chosen)?),
        Notifications::Drop { seqs, reason, consent } => Box::new(drop(app, &seqs, reason, &consent)?),
        Notifications::Export { file } => Box::new(export(app, &file)?),
        Notifications::Import { file } => Box::new(import(app, &file)?),
        Notifications::Verify { file } => {
            Box::new(VerificationReport(app.manager.verify_proof(&file, Purpose::AnyEvent)?))
        }
    })
}

fn send(app: &App, chosen: &Chosen) -> Result<SentReport, Error> {
    let reporting = match chosen.all {
        true => app.manager.send_everything()?,
        false => app.manager.session()?.card()?.send(&chosen.seqs)?,
    };
    Ok(SentReport { reporting: reporting.into_result()?, everything: chosen.all })
}

/// As for a deletion: the reader is free while a person thinks.
fn drop(app: &App, seqs: &[u64], reason: Option<String>, consent: &Consent) -> Result<DroppedReport, Error> {
    // Before the card is read, and before anybody is asked to type numbers for it.
    let reason = reason.as_deref().map(parse_reason).transpose()?;
    let plan = app.manager.session()?.card()?.plan_drop(seqs)?;
    if consent.dry_run {
        return Ok(DroppedReport { plan, reason, dry_run: true });
    }
    if !consent.yes {
        let confirmation = plan.confirmation();
        let question = format!("Type {} to give up", confirmation.what);
        prompt::confirm(|| drop_plan_text(&plan), &question, &confirmation.answer, &app.interrupt)?;
    }
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let plan = card.drop_notifications(plan, reason.as_deref())?;
    Ok(DroppedReport { plan, reason, dry_run: false })
}

fn export(app: &App, file: &Path) -> Result<ExportedReport, Error> {
    let existing = app.manager.existing_files();
    files::check_target(file, existing)?;
    let exported = app.manager.session()?.card()?.export()?;
    files::write(file, exported.text()?.as_bytes(), existing)?;
    Ok(ExportedReport { path: file.display().to_string(), count: exported.count() })
}

fn import(app: &App, file: &Path) -> Result<ImportedReport, Error> {
    let path = file.display().to_string();
    let unreadable =
        |error| Error::new(Id::ImportFile).with("path", &path).with("why", words::text("unreadable", &[])).cause(error);
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let imported = app.manager.outbox()?.import(&path, &text)?;
    Ok(ImportedReport { path, imported })
}
