//! A case in words, in the language that was chosen. What comes from cards and people is in them as it is.

use super::case::{Case, CaseState, DeviceItem, DeviceState, Evidence, Step, StepState};
use super::event::Event;
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
    pub fn reason(self) -> String {
        say(&format!("retire-step-{}.why", self.name()), &[])
    }

    /// How it is done, with the command.
    #[must_use]
    pub fn way(self, case: &Case) -> String {
        say(&format!("retire-step-{}.how", self.name()), &[("case", &case.name())])
    }
}

impl StepState {
    /// In a word.
    #[must_use]
    pub fn word(self) -> String {
        say(&format!("retire-state-{}", self.name().replace('_', "-")), &[])
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
        say(&format!("retire-device-{}", self.name().replace('_', "-")), &[])
    }
}

impl DeviceItem {
    /// What became of the profile there.
    #[must_use]
    pub fn tell(&self) -> String {
        self.state.word()
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
        say(&key, &[("case", &format!("R{}", self.case)), ("about", &self.about)])
    }
}

impl Obstacle {
    /// What speaks against it.
    #[must_use]
    pub fn tell(&self) -> String {
        let key = format!("retire-obstacle-{}", self.name().replace('_', "-"));
        match self {
            Self::NotConfirmed => say(&key, &[]),
            Self::Unpaid(money) => {
                say(&key, &[("amount", &money.as_ref().map(ToString::to_string).unwrap_or_default())])
            }
            Self::NoticeRuns(until) => say(&key, &[("date", &until.to_string())]),
            Self::ServerNotReached { server, why } => say(&key, &[("server", server), ("why", why)]),
        }
    }
}

fn files(evidence: &[Evidence]) -> String {
    let told = |file: &Evidence| say("retire-file", &[("name", &file.name), ("sha256", &file.sha256)]);
    evidence.iter().map(told).collect::<Vec<_>>().join(&say("retire-comma", &[]))
}

/// Facts and proof behind a sentence.
fn details(facts: &Facts, evidence: &[Evidence]) -> String {
    let parts = [facts.line(), files(evidence)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&say("retire-comma", &[]))
}

impl Event {
    /// What happened, in a sentence or two.
    #[must_use]
    pub fn tell(&self) -> String {
        let number = |number: &Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        match self {
            Self::Started { subscription, .. } => {
                say("retire-event-started", &[("title", &subscription.title()), ("iccid", &subscription.iccid)])
            }
            Self::Recorded { step, facts, evidence } => {
                say("retire-event-recorded", &[("step", &step.title()), ("details", &details(facts, evidence))])
            }
            Self::Skipped { step, reason } => {
                say("retire-event-skipped", &[("step", &step.title()), ("reason", reason)])
            }
            Self::NotApplicable { step, reason } => {
                say("retire-event-not-applicable", &[("step", &step.title()), ("reason", reason)])
            }
            Self::BackedUp { files: kept, sim, .. } => {
                let key = if *sim { "retire-event-backed-up" } else { "retire-event-described" };
                say(key, &[("files", &files(kept))])
            }
            Self::Cancelled { reason } => say("retire-event-cancelled", &[("reason", reason)]),
            Self::Reopened { reason } => say("retire-event-reopened", &[("reason", reason)]),
            Self::Completed => say("retire-event-completed", &[]),
            Self::Traces { removed, kept } => {
                let list = |items: &[String]| items.join(&say("retire-comma", &[]));
                let key = if kept.is_empty() { "retire-event-traces-gone" } else { "retire-event-traces" };
                let none = say("retire-none", &[]);
                let removed = if removed.is_empty() { none } else { list(removed) };
                say(key, &[("removed", &removed), ("kept", &list(kept))])
            }
            Self::Cleaned { eid, journal, reports, .. } => {
                let key = if *reports { "retire-event-cleaned" } else { "retire-event-cleaned-quietly" };
                say(key, &[("eid", eid), ("journal", &number(journal))])
            }
            Self::FoundGone { eid, journal: None } => say("retire-event-gone", &[("eid", eid)]),
            Self::FoundGone { eid, journal } => {
                say("retire-event-gone-by", &[("eid", eid), ("journal", &number(journal))])
            }
            _ => self.tell_of_device(),
        }
    }

    fn tell_of_device(&self) -> String {
        match self {
            Self::DeviceAdded { eid, device } => say("retire-event-added", &[("eid", eid), ("device", device)]),
            Self::Cleaning { eid, device, despite, obstacles, .. } => match despite {
                Some(reason) if !obstacles.is_empty() => {
                    let name = |name: &String| say(&format!("retire-obstacle-name-{}", name.replace('_', "-")), &[]);
                    let against = obstacles.iter().map(name).collect::<Vec<_>>().join(&say("retire-comma", &[]));
                    let particulars = [("eid", &**eid), ("device", device), ("against", &against), ("reason", reason)];
                    say("retire-event-cleaning-despite", &particulars)
                }
                _ => say("retire-event-cleaning", &[("eid", eid), ("device", device)]),
            },
            Self::NotCleaned { eid, why } => say("retire-event-not-cleaned", &[("eid", eid), ("why", why)]),
            Self::Accepted { eid, server, seq, sha256, accepted, .. } => {
                let seq = seq.to_string();
                let particulars =
                    [("eid", &**eid), ("server", server), ("seq", &seq), ("sha256", sha256), ("at", accepted)];
                say("retire-event-accepted", &particulars)
            }
            Self::GivenUp { eid, server, .. } => say("retire-event-given-up", &[("eid", eid), ("server", server)]),
            Self::Posted { eid, .. } => say("retire-event-posted", &[("eid", eid)]),
            Self::WrittenOff { eid, reason } => say("retire-event-written-off", &[("eid", eid), ("reason", reason)]),
            _ => String::new(),
        }
    }
}
