//! A case in words, in the language that was chosen. What comes from cards and people is in them as it is.

use super::by_word::Reader;
use super::case::{Case, CaseState, DeviceItem, DeviceState, Evidence, Step, StepRecord, StepState};
use super::event::Happened;
use super::evidence::EvidenceState;
use super::facts::Facts;
use super::rules::{Obstacle, Reminder};
use crate::words;

/// A text with its particulars.
pub(super) fn say(key: &str, particulars: &[(&str, &str)]) -> String {
    let arguments: Vec<(&str, words::Value<'_>)> =
        particulars.iter().map(|(name, value)| (*name, words::Value::from(*value))).collect();
    words::text(key, &arguments)
}

impl Step {
    /// What it is, in a few words.
    #[must_use]
    pub fn title(self) -> String {
        say(&format!("retire-step-{}", self.name()), &[])
    }

    /// Why it is there.
    #[must_use]
    pub fn reason(self, case: &Case) -> String {
        say(&format!("{}.why", self.text_key(case)), &[])
    }

    /// How it is done, with the command.
    #[must_use]
    pub fn way(self, case: &Case) -> String {
        say(&format!("{}.how", self.text_key(case)), &[("case", &case.name())])
    }

    /// The text for a case. Where no card can be read, some steps are the user's to do.
    fn text_key(self, case: &Case) -> String {
        let name = self.name();
        let own = case.is_by_word_alone() && matches!(self, Self::Backup | Self::Clean);
        if own { format!("retire-step-{name}-by-word") } else { format!("retire-step-{name}") }
    }
}

impl StepState {
    /// In a word.
    #[must_use]
    pub fn word(self) -> String {
        say(&format!("retire-state-{}", self.name().replace('_', "-")), &[])
    }
}

/// Two moments of a history of which the later one is the earlier one by the clock, or one in the future: the clock of
/// this computer was changed in between. The order of the events is right all the same.
#[must_use]
pub fn clock_set_back(history: &[Happened], now: &str) -> Option<(String, String)> {
    let moments: Vec<&str> = history.iter().map(|happened| &*happened.at).chain([now]).collect();
    let set_back = moments.windows(2).find(|pair| pair[0] > pair[1])?;
    Some((set_back[0].to_owned(), set_back[1].to_owned()))
}

/// Parts of a SIM by their names in `sim.json`, in words.
#[must_use]
pub fn parts(names: &[impl AsRef<str>]) -> String {
    let word = |name: &_| say(&format!("retire-part-{}", AsRef::<str>::as_ref(name).replace('_', "-")), &[]);
    list(&names.iter().map(word).collect::<Vec<_>>())
}

/// Obstacles beside the one that is told in full.
pub(super) fn also(others: &[Obstacle]) -> String {
    say("retire-obstacle-also", &[("others", &counted(others.iter().map(Obstacle::name)))])
}

fn list(items: &[String]) -> String {
    items.join(&say("retire-comma", &[]))
}

/// Obstacles by their names, in words: each kind once, with its number.
fn counted<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for name in names {
        match kinds.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => kinds.push((name, 1)),
        }
    }
    let word = |(name, count): &(&str, usize)| {
        words::text(&format!("retire-obstacle-name-{}", name.replace('_', "-")), &[("count", (*count).into())])
    };
    list(&kinds.iter().map(word).collect::<Vec<_>>())
}

impl EvidenceState {
    /// The state in a word.
    #[must_use]
    pub fn word(self) -> String {
        say(&format!("retire-evidence-{}", self.name()), &[])
    }
}

impl StepRecord {
    /// What there is to say of the step beside its date.
    #[must_use]
    pub fn details(&self) -> String {
        let mut facts = self.facts.clone();
        facts.date = None;
        let reason = self.reason.clone().unwrap_or_default();
        let missing = match self.missing.is_empty() {
            true => String::new(),
            false => say("retire-not-read", &[("parts", &parts(&self.missing))]),
        };
        let lines = [reason, facts.line(), missing];
        list(&lines.into_iter().filter(|line| !line.is_empty()).collect::<Vec<_>>())
    }
}

impl Case {
    /// Where the case stands, in some words.
    #[must_use]
    pub fn standing(&self) -> String {
        match self.state {
            _ if self.has_come_back() => say("retire-case-seen-again", &[]),
            // It was removed from one device, and cards alone prove that it is on no other.
            CaseState::Closed if !self.is_removed_everywhere() => say("retire-case-closed-partly", &[]),
            state => state.word(),
        }
    }

    /// The sentence with which a case ends, by what it proves; `None`: a step is left to do.
    #[must_use]
    pub fn ending(&self) -> Option<String> {
        let id = self.name();
        let ended = |key: &str, name: &str, value: &str| Some(say(key, &[("case", &id), (name, value)]));
        match self.state {
            CaseState::Open if self.next_step().is_some() => None,
            CaseState::Open => ended("retire-reopened", "", ""),
            CaseState::Cancelled if !self.is_removed_anywhere() => ended("retire-stays", "", ""),
            CaseState::Cancelled | CaseState::Closed => {
                let pair = |device: &str, told: String| list(&[device.to_owned(), told]);
                let by_card = self.devices.iter().map(|item| pair(&item.device, item.tell()));
                let by_word = self.by_word.iter().map(|item| pair(&item.device, item.tell(Reader::User)));
                let devices: Vec<String> = by_card.chain(by_word).collect();
                ended("retire-closed", "devices", &devices.join(&say("retire-semicolon", &[])))
            }
            CaseState::Completed if self.has_come_back() => {
                ended("retire-came-back", "devices", &self.device_names(DeviceState::may_hold_profile))
            }
            CaseState::Completed => match self.not_done() {
                undone if undone.is_empty() => ended("retire-all-done", "", ""),
                undone => ended("retire-nothing-left", "undone", &undone.join(&say("retire-semicolon", &[]))),
            },
        }
    }

    /// The devices in certain states, as they are reached.
    #[must_use]
    pub fn device_names(&self, wanted: impl Fn(DeviceState) -> bool) -> String {
        let named = self.devices.iter().filter(|item| wanted(item.state)).map(|item| item.device.clone());
        list(&named.collect::<Vec<_>>())
    }

    /// What was not done though nothing is left to do: steps that were left out or only said to be done, and devices of
    /// which nobody has seen that the profile is off them and that the servers know.
    fn not_done(&self) -> Vec<String> {
        let open = |record: &&StepRecord| {
            let settled = matches!(record.state, StepState::Done | StepState::NotApplicable);
            record.step != Step::Clean && (!settled || record.is_unproved())
        };
        let pair = |label: &str, value: &str| say("retire-fact-pair", &[("label", label), ("value", value)]);
        let state = |record| self.state_word(record, Reader::User);
        let steps = self.steps.iter().filter(open).map(|record| pair(&record.step.title(), &state(record)));
        let devices = self.devices.iter().filter(|item| item.state != DeviceState::Done);
        let by_word = self.by_word.iter().map(|item| pair(&item.device, &item.tell(Reader::User)));
        steps.chain(devices.map(|item| pair(&item.device, &item.tell()))).chain(by_word).collect()
    }
}

impl CaseState {
    /// In a word.
    #[must_use]
    pub fn word(self) -> String {
        say(&format!("retire-case-{}", self.name()), &[])
    }
}

impl DeviceState {
    /// In some words.
    #[must_use]
    pub fn word(self) -> String {
        self.word_in(words::language())
    }

    /// The same in a certain language.
    pub(crate) fn word_in(self, language: words::Language) -> String {
        words::text_in(language, &format!("retire-device-{}", self.name().replace('_', "-")), &[])
    }
}

impl DeviceItem {
    /// What became of the profile there.
    #[must_use]
    pub fn tell(&self) -> String {
        let word = match self.state {
            // No server was to be told, so none has accepted anything.
            DeviceState::Done if self.letters.is_empty() => say("retire-device-done-quietly", &[]),
            DeviceState::Deleted if self.waits_for_nobody() => say("retire-device-nameless", &[]),
            DeviceState::Unreported if self.has_told_nobody() => say("retire-device-untold", &[]),
            state => state.word(),
        };
        self.as_adopted().map_or_else(|| word.clone(), |adoption| adoption.tell_state(self.state, &word))
    }
}

impl Facts {
    /// What was recorded, a piece each: label and value.
    #[must_use]
    pub fn pieces(&self) -> Vec<(String, String)> {
        let mut pieces = Vec::new();
        let mut add = |key: &str, value: Option<String>| {
            pieces.extend(value.map(|value| (say(&format!("retire-fact-{key}"), &[]), value)));
        };
        add("date", self.date.map(|date| date.to_string()));
        add("channel", self.channel.map(|channel| say(&format!("retire-channel-{}", channel.name()), &[])));
        add("reference", self.reference.clone());
        let paid = if self.paid { "retire-paid" } else { "retire-unpaid" };
        let money = self.money.as_ref().map(|money| say(paid, &[("amount", &money.to_string())]));
        add("amount", money);
        add("number", self.number.clone());
        add("since", self.since.map(|date| date.to_string()));
        add("notice-until", self.notice_until.map(|date| date.to_string()));
        add("note", self.note.clone());
        pieces
    }

    /// The same in one line.
    #[must_use]
    pub fn line(&self) -> String {
        let pieces: Vec<String> = self
            .pieces()
            .into_iter()
            .map(|(label, value)| say("retire-fact-pair", &[("label", &label), ("value", &value)]))
            .collect();
        pieces.join(&say("retire-comma", &[]))
    }
}

impl Reminder {
    /// What is to be thought of.
    #[must_use]
    pub fn tell(&self) -> String {
        let key = format!("retire-reminder-{}", self.kind.name().replace('_', "-"));
        let (case, step) = (format!("R{}", self.case), self.step.name());
        say(&key, &[("case", &*case), ("about", &self.about), ("step", step)])
    }
}

impl Obstacle {
    /// What speaks against it.
    #[must_use]
    pub fn tell(&self) -> String {
        let key = format!("retire-obstacle-{}", self.name().replace('_', "-"));
        match self {
            Self::NotConfirmed | Self::NotProved | Self::NotBackedUp => say(&key, &[]),
            Self::Unpaid { money, .. } => say(&key, &[("amount", &money.to_string())]),
            Self::NoticeRuns(until) => say(&key, &[("date", &until.to_string())]),
            Self::PartlyBackedUp(missing) => say(&key, &[("parts", &parts(missing))]),
            Self::EvidenceLost { step, name, state } => {
                say(&key, &[("file", name), ("step", &step.title()), ("state", &state.word())])
            }
            Self::ServerNotReached { server, why } => say(&key, &[("server", server), ("why", why)]),
            Self::NamesNoServer { address, why } => {
                let why = words::phrase(words::language(), why);
                say(&key, &[("address", address), ("why", &why)])
            }
        }
    }
}

/// Obstacles by their names, in words.
pub(super) fn against(obstacles: &[String]) -> String {
    counted(obstacles.iter().map(String::as_str))
}

pub(super) fn files(evidence: &[Evidence]) -> String {
    let told = |file: &Evidence| say("retire-file", &[("name", &file.name), ("sha256", &file.sha256)]);
    evidence.iter().map(told).collect::<Vec<_>>().join(&say("retire-comma", &[]))
}
