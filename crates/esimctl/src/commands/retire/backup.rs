//! Saving the profile's description and what its SIM holds.

use std::time::Duration;

use manager::Error;
use manager::backup::{AskPin, BackupOptions, Pin, PinRequest};
use manager::error::Id;
use manager::retire::{Case, CaseBackup, Retirements};

use super::talk::{answer, is_yes};
use crate::app::App;
use crate::cli::Backup;
use crate::output::{BackupReport, backup_text, phrase, show_text};
use crate::prompt::{self, Answer};

/// So long a PIN is waited for: the card is held meanwhile.
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) fn run(app: &App, wish: &Backup) -> Result<BackupReport, Error> {
    let retirements = app.manager.retirements()?;
    let case = retirements.find(&wish.case)?;
    let options = BackupOptions {
        mask_imsi: !wish.full,
        enable_if_needed: wish.enable,
        lose_connection: wish.link.lose_connection,
    };
    let asked = options.enable_if_needed || wish.description_only;
    let taken = retirements.backup(&case, &mut Person(app), &options, wish.dir.as_deref(), wish.description_only)?;
    if taken.directory.is_some() || asked {
        return Ok(BackupReport(taken));
    }
    let disabled = || Error::new(Id::BackupDisabled).with("profile", case.subscription.title());
    if app.screen.json || !prompt::is_possible() || !wants_enabling(app)? {
        return Err(disabled());
    }
    let options = BackupOptions { enable_if_needed: true, ..options };
    retirements.backup(&case, &mut Person(app), &options, wish.dir.as_deref(), false).map(BackupReport)
}

/// The same as a step that is taken together. `None`: later.
pub(super) fn at_the_terminal(app: &App, retirements: &Retirements<'_>, case: &Case) -> Result<Option<Case>, Error> {
    let take = |options| retirements.backup(case, &mut Person(app), &options, None, false);
    let mut taken: CaseBackup = take(BackupOptions::default())?;
    if taken.directory.is_none() {
        if !wants_enabling(app)? {
            return Ok(None);
        }
        taken = take(BackupOptions { enable_if_needed: true, ..BackupOptions::default() })?;
    }
    show_text(&backup_text(&taken));
    // What could not be read is to be looked at by the person first.
    Ok(taken.backup.contents().is_some().then_some(taken.case))
}

fn wants_enabling(app: &App) -> Result<bool, Error> {
    Ok(answer(app, "retire-ask-enable", &[])?.is_some_and(|answer| is_yes(&answer)))
}

/// The person at the terminal, if there is one, is asked once.
struct Person<'a>(&'a App);

impl AskPin for Person<'_> {
    fn ask(&mut self, request: &PinRequest) -> Option<Pin> {
        if self.0.screen.json || !prompt::is_possible() {
            return None;
        }
        let question = match request.tries_left {
            Some(tries) => phrase("retire-ask-pin", &[("tries", &tries.to_string())]),
            None => phrase("retire-ask-pin-unknown", &[]),
        };
        let Ok(Answer::Text(text)) = prompt::ask(&question, PATIENCE, &self.0.interrupt) else { return None };
        let pin = text.parse().ok();
        if pin.is_none() {
            show_text(&phrase("retire-pin-format", &[]));
        }
        pin
    }
}
