//! Saving what a profile is and what its SIM holds, before it goes.

use std::path::Path;

use super::case::{Case, Evidence};
use super::event::Event;
use super::{Retirements, open};
use crate::backup::{AskPin, Backup, BackupOptions, SimResult};
use crate::error::{Error, Id};
use crate::files::Access;
use crate::query::ProfileQuery;

/// A backup of a case.
#[derive(Debug)]
pub struct CaseBackup {
    /// The case as it stands now.
    pub case: Case,
    /// What was read.
    pub backup: Backup,
    /// Where it is; `None`: the profile is disabled, its SIM was not read, and nothing was written.
    pub directory: Option<String>,
    /// The files.
    pub files: Vec<Evidence>,
}

impl Retirements<'_> {
    /// Takes the backup of a case at the first of its devices, or at the one that the user names.
    ///
    /// The SIM of a profile that is disabled is read only if it is to be enabled for it; otherwise nothing is written
    /// unless the `description` alone will do.
    pub fn backup(
        &self,
        case: &Case,
        ask: &mut dyn AskPin,
        options: &BackupOptions,
        directory: Option<&Path>,
        description: bool,
    ) -> Result<CaseBackup, Error> {
        open(case)?;
        if case.is_by_word_alone() {
            return Err(Error::new(Id::BackupByHand).with("case", case.name()));
        }
        let item = case.devices.iter().find(|item| item.state.may_hold_profile());
        let item = item.ok_or_else(|| too_late(case))?;
        self.manager.roll_back_first();
        let device = self.manager.named_device().unwrap_or(&item.device);
        let mut session = self.manager.session_of_record(device)?;
        let backup = session.backup(&ProfileQuery::new(&case.subscription.iccid), ask, options)?;
        if case.device(&backup.eid).is_none() {
            return Err(Error::new(Id::NotOfThisCase).with("eid", &backup.eid).with("case", case.name()));
        }
        if matches!(backup.sim, SimResult::NotEnabled) && !description {
            return Ok(CaseBackup { case: case.clone(), backup, directory: None, files: Vec::new() });
        }
        let access = if directory.is_some() { Access::Owner } else { Access::Directory };
        let directory = directory.map_or_else(|| self.backup_directory(case, &backup), Path::to_path_buf);
        let kept = |file: crate::backup::BackupFile| Evidence {
            name: file.name.into(),
            sha256: file.sha256,
            bytes: file.bytes as u64,
        };
        let files: Vec<Evidence> =
            backup.write(&directory, access, self.manager.existing_files())?.into_iter().map(kept).collect();
        let directory = directory.display().to_string();
        let event = Event::BackedUp {
            directory: directory.clone(),
            files: files.clone(),
            sim: backup.contents().is_some(),
            number: number(&backup),
            missing: backup.missing().into_iter().map(str::to_owned).collect(),
        };
        Ok(CaseBackup { case: self.add(case, vec![event])?, backup, directory: Some(directory), files })
    }

    /// Each backup has a directory of its own, also the second one within a second: none is written over.
    fn backup_directory(&self, case: &Case, backup: &Backup) -> std::path::PathBuf {
        let taken = backup.taken_at.strftime("%Y%m%dT%H%M%SZ");
        let name = format!("{}-{taken}", case.name());
        let all = self.manager.paths().state().join("backup");
        let others = (2..100).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(others).find(|name| !all.join(name).exists());
        // That there is one already is told when it is written.
        all.join(free.unwrap_or(name))
    }
}

/// The profile is on no device any more, as far as is known.
fn too_late(case: &Case) -> Error {
    let id = if case.is_removed_anywhere() { Id::BackupTooLate } else { Id::BackupOutOfReach };
    Error::new(id).with("profile", case.subscription.title()).with("case", case.name())
}

/// The telephone number that the SIM knows as its own.
fn number(backup: &Backup) -> Option<String> {
    let numbers = backup.contents()?.numbers.value()?;
    numbers.entries.iter().map(|entry| entry.number.clone()).find(|number| !number.is_empty())
}
