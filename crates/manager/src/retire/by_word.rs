//! Devices that esimctl cannot read: a phone, a watch, a laptop, or one that is lost.
//!
//! Nothing but the user's own word says what became of the profile there. That word is kept with its date and its
//! evidence, beside the devices whose card proved something and never among them.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::case::{Case, DeviceState, Evidence, Step, StepRecord, StepState, words};
use super::tell::{against, files, say};
use crate::words;

words! {
    /// The user's word about the profile on a device that esimctl cannot read.
    pub enum ByWordState {
        /// The profile is there, as far as the user has said.
        Open = "open",
        /// The user says that the profile was removed.
        Removed = "removed_by_word",
        /// The device will not come back, and the profile may still be on it.
        WrittenOff = "written_off",
    }
}

/// A device that only the user can look at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceByWord {
    /// The user's name for it, unique in its case.
    pub device: String,
    /// The user's word about the profile there.
    pub state: ByWordState,
    /// The moment of the record: UTC, RFC 3339.
    pub since: String,
    /// The day on which the user says the profile was removed.
    pub date: Option<Date>,
    /// The user's note, or the reason for giving the device up.
    pub why: Option<String>,
    /// The user's evidence, which proves no more than the files show.
    pub evidence: Vec<Evidence>,
    /// Obstacles that stood when the removal was recorded, by their names.
    pub obstacles: Vec<String>,
}

/// Something that the user says, kept as an event of the case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "said", rename_all = "snake_case")]
pub enum Statement {
    /// The telephone number of the subscription.
    Number {
        /// The number as the user writes it.
        number: String,
    },
    /// The number of the profile, learnt after the case was opened.
    Iccid {
        /// The profile's number.
        iccid: String,
        /// The servers that the card told of a deletion, as far as the outbox knows.
        servers: Vec<String>,
        /// The last entry of the journal that is not about the case: it may have begun before with an open removal.
        journal_before: i64,
    },
    /// The profile is, or was, on this device.
    Named {
        /// The user's name for the device.
        device: String,
    },
    /// The profile was removed from this device.
    Removed {
        /// The user's name for the device.
        device: String,
        /// The day of the removal.
        date: Date,
        /// The user's note.
        note: Option<String>,
        /// The user's evidence.
        evidence: Vec<Evidence>,
        /// Obstacles that stood then, by their names.
        obstacles: Vec<String>,
    },
    /// The device will not come back.
    WrittenOff {
        /// The user's name for the device.
        device: String,
        /// The user's reason.
        reason: String,
    },
    /// The profile is on the device after all.
    StillThere {
        /// The user's name for the device.
        device: String,
        /// The user's reason for the correction.
        reason: String,
    },
}

impl DeviceByWord {
    fn new(device: &str, at: &str) -> Self {
        Self {
            device: device.into(),
            state: ByWordState::Open,
            since: at.into(),
            date: None,
            why: None,
            evidence: Vec::new(),
            obstacles: Vec::new(),
        }
    }

    /// True if the user has nothing left to do there.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.state != ByWordState::Open
    }

    /// Tells the obstacles that stood when the removal was recorded.
    #[must_use]
    pub fn against(&self) -> String {
        against(&self.obstacles)
    }

    /// Tells what was said of the profile there, and on what that rests.
    #[must_use]
    pub fn tell(&self, reader: Reader) -> String {
        let date = self.date.map(|date| date.to_string()).unwrap_or_default();
        let comma = say("retire-comma", &[]);
        let names: Vec<&str> = self.evidence.iter().map(|file| &*file.name).collect();
        let names = names.join(&comma);
        let why = self.why.clone().unwrap_or_default();
        let key = match self.state {
            ByWordState::Open => "retire-word-open",
            ByWordState::Removed if names.is_empty() => "retire-word-removed-bare",
            ByWordState::Removed => "retire-word-removed",
            ByWordState::WrittenOff => "retire-word-written-off",
        };
        let whose = reader.whose();
        let told = say(key, &[("date", &date), ("files", &names), ("reason", &why), ("whose", &whose)]);
        if self.obstacles.is_empty() {
            return told;
        }
        format!("{told}{comma}{}", say("retire-word-early", &[("against", &against(&self.obstacles))]))
    }
}

/// The reader of a sentence about the user's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// The user, at the terminal.
    User,
    /// A stranger, to whom the user gives the report.
    Stranger,
}

impl Reader {
    fn whose(self) -> String {
        say(if self == Self::User { "retire-word-yours" } else { "retire-word-users" }, &[])
    }
}

impl Case {
    /// The device that the user calls so, whatever the case of its letters.
    #[must_use]
    pub fn device_by_word(&self, name: &str) -> Option<&DeviceByWord> {
        let name = name.trim().to_lowercase();
        self.by_word.iter().find(|item| item.device.to_lowercase() == name)
    }

    /// True if no device of the case has a card that esimctl could read.
    #[must_use]
    pub fn is_by_word_alone(&self) -> bool {
        self.devices.is_empty()
    }

    /// Where a step stands, in some words. A removal that rests on the user's word says so, and so does a confirmation.
    #[must_use]
    pub fn state_word(&self, record: &StepRecord, reader: Reader) -> String {
        if record.is_unproved() {
            return say("retire-state-unproved", &[]);
        }
        if record.step != Step::Clean || record.state != StepState::Done || self.by_word.is_empty() {
            return record.state.word();
        }
        let key = if self.devices.is_empty() { "retire-word-state-alone" } else { "retire-word-state" };
        say(key, &[("whose", &reader.whose())])
    }

    /// The first sentence about a case that was opened just now.
    #[must_use]
    pub fn welcome(&self) -> String {
        let removed = !self.is_within_reach() && !self.waits_for_word();
        let key = if removed { "retire-welcome-removed" } else { "retire-welcome" };
        say(key, &[("title", &self.subscription.title())])
    }

    /// True if the user has not said yet what became of the profile on a device that esimctl cannot read.
    #[must_use]
    pub fn waits_for_word(&self) -> bool {
        (self.devices.is_empty() && self.by_word.is_empty()) || self.by_word.iter().any(|item| !item.is_settled())
    }

    /// The names of devices by state, of those with a card and those without.
    pub(super) fn named(&self, by_card: impl Fn(DeviceState) -> bool, by_word: ByWordState) -> String {
        let by_card = self.devices.iter().filter(|item| by_card(item.state)).map(|item| &*item.device);
        let by_word = self.by_word.iter().filter(|item| item.state == by_word).map(|item| &*item.device);
        by_card.chain(by_word).collect::<Vec<_>>().join(&say("retire-comma", &[]))
    }

    /// Tells on how many devices the removal is proved, told or given up; `None` if each has a card.
    #[must_use]
    pub fn word_summary(&self, reader: Reader) -> Option<String> {
        let told = |state| self.by_word.iter().filter(|item| item.state == state).count();
        let by_card = |states: &[DeviceState]| self.devices.iter().filter(|item| states.contains(&item.state)).count();
        let proved = by_card(&[DeviceState::Deleted, DeviceState::Done]);
        let given_up = told(ByWordState::WrittenOff) + by_card(&[DeviceState::WrittenOff]);
        let particulars = [
            ("proved", &*proved.to_string()),
            ("told", &*told(ByWordState::Removed).to_string()),
            ("given_up", &*given_up.to_string()),
            ("whose", &*reader.whose()),
        ];
        (!self.by_word.is_empty()).then(|| say("retire-word-summary", &particulars))
    }

    /// Takes in what the user says.
    pub(super) fn take_statement(&mut self, at: &str, statement: &Statement) {
        match statement {
            Statement::Number { number } => self.number = Some(number.clone()),
            Statement::Iccid { iccid, servers, journal_before } => {
                self.subscription.iccid.clone_from(iccid);
                self.subscription.servers.clone_from(servers);
                self.journal_before = self.journal_before.min(*journal_before);
            }
            Statement::Named { device } => self.by_word.push(DeviceByWord::new(device, at)),
            Statement::Removed { device, date, note, evidence, obstacles } => self.replace_device(DeviceByWord {
                state: ByWordState::Removed,
                date: Some(*date),
                why: note.clone(),
                evidence: evidence.clone(),
                obstacles: obstacles.clone(),
                ..DeviceByWord::new(device, at)
            }),
            Statement::WrittenOff { device, reason } => self.replace_device(DeviceByWord {
                state: ByWordState::WrittenOff,
                why: Some(reason.clone()),
                ..DeviceByWord::new(device, at)
            }),
            Statement::StillThere { device, reason } => {
                self.replace_device(DeviceByWord { why: Some(reason.clone()), ..DeviceByWord::new(device, at) });
            }
        }
    }

    fn replace_device(&mut self, now: DeviceByWord) {
        if let Some(item) = self.by_word.iter_mut().find(|item| item.device == now.device) {
            *item = now;
        }
    }
}

impl Statement {
    /// Tells what the user said, in a sentence.
    pub(super) fn tell(&self) -> String {
        match self {
            Self::Number { number } => say("retire-word-event-number", &[("number", number)]),
            Self::Iccid { iccid, .. } => say("retire-word-event-iccid", &[("iccid", iccid)]),
            Self::Named { device } => say("retire-word-event-named", &[("device", device)]),
            Self::Removed { device, date, note, evidence, obstacles } => {
                let key =
                    if evidence.is_empty() { "retire-word-event-removed-bare" } else { "retire-word-event-removed" };
                let told = say(key, &[("device", device), ("date", &date.to_string()), ("files", &files(evidence))]);
                let early = if obstacles.is_empty() {
                    String::new()
                } else {
                    say("retire-word-event-early", &[("against", &against(obstacles))])
                };
                words::sentences(&words::sentences(&told, &early), note.as_deref().unwrap_or_default())
            }
            Self::WrittenOff { device, reason } => {
                say("retire-word-event-written-off", &[("device", device), ("reason", reason)])
            }
            Self::StillThere { device, reason } => {
                say("retire-word-event-still-there", &[("device", device), ("reason", reason)])
            }
        }
    }

    /// True if it corrects what was said before.
    pub(super) fn takes_back(&self, earlier: &Self) -> bool {
        let Self::StillThere { device, .. } = self else { return false };
        matches!(earlier, Self::Removed { device: of, .. } | Self::WrittenOff { device: of, .. } if of == device)
    }

    /// The evidence that came with it.
    pub(super) fn evidence(&self) -> &[Evidence] {
        match self {
            Self::Removed { evidence, .. } => evidence,
            _ => &[],
        }
    }
}
