//! What somebody should know of a backup.

use lpa::change::Goal;
use sim::{Part, PinOutcome, Records, SimContents};

use super::{Backup, SimResult};
use crate::card::describe;
use crate::error::Error;
use crate::retire;
use crate::words::text;

/// One thing to know. `Display` is a sentence in the language that was chosen.
#[derive(Debug, Clone)]
pub enum BackupNote {
    /// The profile was enabled for it.
    Enabled {
        /// The profile.
        profile: String,
    },
    /// Afterwards, this one was enabled again.
    EnabledAgain {
        /// The former profile.
        profile: String,
    },
    /// Afterwards, the profile was disabled again.
    DisabledAgain {
        /// The profile.
        profile: String,
    },
    /// The former state was not restored.
    NotRestored {
        /// Why.
        error: Box<Error>,
    },
    /// The profile is disabled, so that the SIM was not read.
    NotEnabled,
    /// The SIM was not read.
    NotRead {
        /// Why.
        error: Box<Error>,
    },
    /// No PIN was given.
    PinNotGiven {
        /// How often one may be tried still, if the card says.
        tries_left: Option<u8>,
    },
    /// The PIN was wrong.
    PinWrong {
        /// How often one may be tried still; 0: it is blocked now.
        tries_left: u8,
    },
    /// The PIN was blocked before.
    PinBlocked,
    /// The card takes no PIN.
    PinRefused {
        /// The card's status word.
        status: u16,
    },
    /// The PIN keeps these parts back.
    Locked {
        /// Their names in `sim.json`.
        parts: Vec<&'static str>,
    },
    /// A part cannot be read.
    Unreadable {
        /// Its name in `sim.json`.
        part: &'static str,
        /// Why.
        why: String,
    },
    /// Records of a part make no sense, and are kept as they are.
    Damaged {
        /// Its name in `sim.json`.
        part: &'static str,
        /// How many.
        count: usize,
    },
}

impl std::fmt::Display for BackupNote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let said = match self {
            Self::Enabled { profile } => text("backup-enabled", &[("profile", profile.into())]),
            Self::EnabledAgain { profile } => text("backup-enabled-again", &[("profile", profile.into())]),
            Self::DisabledAgain { profile } => text("backup-disabled-again", &[("profile", profile.into())]),
            Self::NotRestored { error } => text("backup-not-restored", &[("why", error.message().into())]),
            Self::NotEnabled => text("backup-not-enabled", &[]),
            Self::NotRead { error } => text("backup-not-read", &[("why", error.message().into())]),
            Self::PinNotGiven { tries_left: Some(tries) } => {
                text("backup-pin-not-given", &[("tries", (*tries).into())])
            }
            Self::PinNotGiven { tries_left: None } => text("backup-pin-not-given-unknown", &[]),
            Self::PinWrong { tries_left } => text("backup-pin-wrong", &[("tries", (*tries_left).into())]),
            Self::PinBlocked => text("backup-pin-blocked", &[]),
            Self::PinRefused { status } => text("backup-pin-refused", &[("status", format!("{status:04X}").into())]),
            Self::Locked { parts } => text("backup-locked", &[("parts", retire::parts(parts).into())]),
            Self::Unreadable { part, why } => {
                text("backup-unreadable", &[("part", retire::parts(&[part]).into()), ("why", why.as_str().into())])
            }
            Self::Damaged { part, count } => {
                text("backup-damaged", &[("part", retire::parts(&[part]).into()), ("count", (*count).into())])
            }
        };
        f.write_str(&said)
    }
}

pub(super) fn of(backup: &Backup) -> Vec<BackupNote> {
    let mut notes = Vec::new();
    if let Some(switched) = &backup.switched {
        notes.push(BackupNote::Enabled { profile: describe(&switched.done.plan.profile) });
        notes.push(match &switched.restored {
            Ok(done) if done.plan.goal == Goal::Enabled => {
                BackupNote::EnabledAgain { profile: describe(&done.plan.profile) }
            }
            Ok(done) => BackupNote::DisabledAgain { profile: describe(&done.plan.profile) },
            Err(error) => BackupNote::NotRestored { error: Box::new(error.clone()) },
        });
    }
    match &backup.sim {
        SimResult::Read(contents) => of_contents(contents, &mut notes),
        SimResult::NotEnabled => notes.push(BackupNote::NotEnabled),
        SimResult::Failed(error) => notes.push(BackupNote::NotRead { error: Box::new(error.clone()) }),
    }
    notes
}

fn of_contents(contents: &SimContents, notes: &mut Vec<BackupNote>) {
    notes.extend(match contents.pin {
        PinOutcome::NotNeeded | PinOutcome::Verified => None,
        PinOutcome::NotGiven { tries_left } => Some(BackupNote::PinNotGiven { tries_left }),
        PinOutcome::Wrong { tries_left } => Some(BackupNote::PinWrong { tries_left }),
        PinOutcome::Blocked => Some(BackupNote::PinBlocked),
        PinOutcome::Refused { status } => Some(BackupNote::PinRefused { status }),
    });
    let mut parts = Parts { locked: Vec::new(), notes };
    parts.look("iccid", &contents.iccid);
    parts.look("applications", &contents.applications);
    parts.look("imsi", &contents.imsi);
    parts.look("mnc_digits", &contents.mnc_digits);
    parts.look("provider", &contents.provider);
    parts.look("numbers", &contents.numbers);
    parts.look("contacts", &contents.contacts);
    parts.look("messages", &contents.messages);
    parts.look("last_numbers", &contents.last_numbers);
    let locked = parts.locked;
    if !locked.is_empty() {
        notes.push(BackupNote::Locked { parts: locked });
    }
    damaged("applications", &contents.applications, notes);
    damaged("numbers", &contents.numbers, notes);
    damaged("contacts", &contents.contacts, notes);
    damaged("messages", &contents.messages, notes);
    damaged("last_numbers", &contents.last_numbers, notes);
}

/// The parts, looked at one after the other.
struct Parts<'n> {
    locked: Vec<&'static str>,
    notes: &'n mut Vec<BackupNote>,
}

impl Parts<'_> {
    fn look<T>(&mut self, part: &'static str, found: &Part<T>) {
        match found {
            Part::NeedsPin { .. } => self.locked.push(part),
            Part::Unreadable { why } => self.notes.push(BackupNote::Unreadable { part, why: why.clone() }),
            Part::Present { .. } | Part::Absent => {}
        }
    }
}

fn damaged<T>(part: &'static str, found: &Part<Records<T>>, notes: &mut Vec<BackupNote>) {
    let count = found.value().map_or(0, |records| records.damaged.len());
    if count > 0 {
        notes.push(BackupNote::Damaged { part, count });
    }
    for why in found.value().iter().flat_map(|records| &records.notes) {
        notes.push(BackupNote::Unreadable { part, why: why.clone() });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_told_in_words() {
        let locked = BackupNote::Locked { parts: vec!["contacts", "last_numbers"] };
        assert_eq!(locked.to_string(), "Without the PIN these were not read: phone book, numbers dialled last.");
        let unreadable = BackupNote::Unreadable { part: "mnc_digits", why: "too short".into() };
        assert_eq!(unreadable.to_string(), "Not readable: the length of the network code (too short).");
        let damaged = BackupNote::Damaged { part: "numbers", count: 2 };
        assert_eq!(damaged.to_string(), "the SIM's own number: 2 records without a meaning, kept as they are.");
    }
}
