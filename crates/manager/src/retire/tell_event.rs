//! The events of a case in words.

use super::case::Evidence;
use super::event::Event;
use super::facts::Facts;
use super::rules::is_said_alone;
use super::tell::{against, files, parts, say};
use crate::words;

/// Facts and proof behind a sentence.
fn details(facts: &Facts, evidence: &[Evidence]) -> String {
    let parts = [facts.line(), files(evidence)];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(&say("retire-comma", &[]))
}

impl Event {
    /// The event in a sentence or two.
    #[must_use]
    pub fn tell(&self) -> String {
        let number = |number: &Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        match self {
            Self::Started { subscription, .. } if subscription.iccid.is_empty() => {
                say("retire-event-started-by-word", &[("title", &subscription.title())])
            }
            Self::Started { subscription, .. } => {
                say("retire-event-started", &[("title", &subscription.title()), ("iccid", &subscription.iccid)])
            }
            Self::Recorded { step, facts, evidence } => {
                let key = match facts.owed() {
                    Some(_) => "retire-event-recorded-owed",
                    None if is_said_alone(*step, facts, evidence) => "retire-event-recorded-bare",
                    None => "retire-event-recorded",
                };
                say(key, &[("step", &step.title()), ("details", &details(facts, evidence))])
            }
            Self::Skipped { step, reason } => {
                say("retire-event-skipped", &[("step", &step.title()), ("reason", reason)])
            }
            Self::NotApplicable { step, reason } => {
                say("retire-event-not-applicable", &[("step", &step.title()), ("reason", reason)])
            }
            Self::Corrected { step, reason } => {
                say("retire-event-corrected", &[("step", &step.title()), ("reason", reason)])
            }
            Self::BackedUp { files: kept, sim: false, .. } => say("retire-event-described", &[("files", &files(kept))]),
            Self::BackedUp { files: kept, missing, .. } if missing.is_empty() => {
                say("retire-event-backed-up", &[("files", &files(kept))])
            }
            Self::BackedUp { files: kept, missing, .. } => {
                say("retire-event-backed-up-partly", &[("files", &files(kept)), ("parts", &parts(missing))])
            }
            Self::Cancelled { reason } => say("retire-event-cancelled", &[("reason", reason)]),
            Self::Reopened { reason } => say("retire-event-reopened", &[("reason", reason)]),
            Self::Completed => say("retire-event-completed", &[]),
            Self::Traces { removed, kept } => {
                // The list of cards that were seen has a word in each language; connections have names of their own.
                let word = |item: &String| match &**item {
                    "inventory" => say("retire-trace-inventory", &[]),
                    name => name.to_owned(),
                };
                let list =
                    |items: &[String]| items.iter().map(word).collect::<Vec<_>>().join(&say("retire-comma", &[]));
                let key = if kept.is_empty() { "retire-event-traces-gone" } else { "retire-event-traces" };
                let none = say("retire-none", &[]);
                let removed = if removed.is_empty() { none } else { list(removed) };
                say(key, &[("removed", &removed), ("kept", &list(kept))])
            }
            Self::Cleaned { eid, journal, reports, .. } => {
                let key = if *reports { "retire-event-cleaned" } else { "retire-event-cleaned-quietly" };
                say(key, &[("eid", eid), ("journal", &number(journal))])
            }
            Self::Adopted(adoption) => adoption.tell(),
            Self::ByWord(statement) => statement.tell(),
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
            Self::SeenAgain { eid, device, journal: None, .. } => {
                say("retire-event-seen-again", &[("eid", eid), ("device", device)])
            }
            Self::SeenAgain { eid, device, journal: Some(journal), .. } => {
                let journal = journal.to_string();
                say("retire-event-seen-again-by", &[("eid", eid), ("device", device), ("journal", &journal)])
            }
            Self::DeviceCorrected { eid, reason } => {
                say("retire-event-device-corrected", &[("eid", eid), ("reason", reason)])
            }
            Self::Cleaning { eid, device, despite, obstacles, .. } => match despite {
                Some(reason) if !obstacles.is_empty() => {
                    let against = against(obstacles);
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
            Self::GivenUp { eid, server, nameless, tried, reason, .. } => {
                let key = match (nameless, tried) {
                    (true, _) => "retire-event-given-up-nameless",
                    (false, false) => "retire-event-given-up",
                    (false, true) => "retire-event-given-up-tried",
                };
                let told = say(key, &[("eid", eid), ("server", server)]);
                let reason = reason.as_ref().map(|reason| say("retire-event-reason", &[("reason", reason)]));
                words::sentences(&told, &reason.unwrap_or_default())
            }
            Self::Nameless { eid, address, .. } => say("retire-event-nameless", &[("eid", eid), ("address", address)]),
            Self::Posted { eid, .. } => say("retire-event-posted", &[("eid", eid)]),
            Self::WrittenOff { eid, reason } => say("retire-event-written-off", &[("eid", eid), ("reason", reason)]),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_older_version_gave_up_is_not_said_to_be_unsent() {
        let (eid, server) = ("89".to_owned(), "smdp.example.com".to_owned());
        let event = Event::GivenUp { eid, letter: 1, server, nameless: false, tried: false, reason: None };
        assert!(event.tell().contains("unsent"), "{}", event.tell());
        let mut stored = serde_json::to_value(event).unwrap();
        let removed = ["nameless", "tried", "reason"].map(|member| remove(&mut stored, member));
        assert_eq!(removed, [true; 3], "{stored}");
        let told = serde_json::from_value::<Event>(stored).unwrap().tell();
        assert!(told.contains("may have received it"), "{told}");
    }

    /// Removes a member of an object, or of one in it.
    fn remove(value: &mut serde_json::Value, member: &str) -> bool {
        let Some(object) = value.as_object_mut() else { return false };
        object.remove(member).is_some() || object.values_mut().any(|inner| remove(inner, member))
    }
}
