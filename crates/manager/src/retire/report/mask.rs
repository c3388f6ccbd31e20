//! Numbers of people, cards and customers, made short enough that they tell nobody anything new.
//!
//! Fields are shortened, never pieces of a text: a reference `e` may not turn "Retirement" into something else. What a
//! person wrote (references of tickets, notes, reasons, names of files) stays as it is, since a dispute needs it.

use super::super::adopt::Adoption;
use super::super::by_word::Statement;
use super::super::case::{Case, DeviceItem, Step, Subscription};
use super::super::event::{Event, Happened};
use super::super::facts::Facts;
use crate::database::Letter;

/// Shorter numbers are left out wholly.
const MIN_SHORTENED: usize = 8;

/// Shortens a number to its first two and last three characters.
pub(super) fn shorten(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    match letters.len() {
        0 => String::new(),
        1..MIN_SHORTENED => "…".into(),
        length => {
            let text = |letters: &[char]| letters.iter().collect::<String>();
            format!("{}…{}", text(&letters[..2]), text(&letters[length - 3..]))
        }
    }
}

fn shorten_in(text: &mut String) {
    *text = shorten(text);
}

/// A case with its numbers shortened.
pub(super) fn case(case: &Case) -> Case {
    let mut masked = case.clone();
    subscription(&mut masked.subscription);
    masked.number.iter_mut().for_each(shorten_in);
    masked.steps.iter_mut().for_each(|record| facts(record.step, &mut record.facts));
    for DeviceItem { eid, adopted, .. } in &mut masked.devices {
        shorten_in(eid);
        adopted.iter_mut().for_each(|adoption| shorten_in(&mut adoption.eid));
    }
    masked
}

fn subscription(about: &mut Subscription) {
    shorten_in(&mut about.iccid);
    shorten_in(&mut about.eid);
}

/// The customer's number is shortened; a ticket's is what the operator is asked about.
fn facts(step: Step, facts: &mut Facts) {
    facts.number.iter_mut().for_each(shorten_in);
    if step == Step::Account {
        facts.reference.iter_mut().for_each(shorten_in);
    }
}

/// A notification with its card and profile shortened.
pub(super) fn letter(letter: &Letter) -> Letter {
    let iccid = letter.iccid.as_deref().map(shorten);
    Letter { eid: shorten(&letter.eid), iccid, ..letter.clone() }
}

/// A profile on another card, with card and profile shortened.
pub(super) fn other((eid, device, iccid): &(String, String, String)) -> (String, String, String) {
    (shorten(eid), device.clone(), shorten(iccid))
}

/// An event with its numbers shortened. Each kind is named here, so that a new one is thought of.
pub(super) fn happened(happened: &Happened) -> Happened {
    let mut masked = happened.clone();
    match &mut masked.event {
        Event::Started { subscription: about, devices, .. } => {
            subscription(about);
            devices.iter_mut().for_each(|(eid, _)| shorten_in(eid));
        }
        Event::Recorded { step, facts: recorded, .. } => facts(*step, recorded),
        Event::BackedUp { number, .. } => number.iter_mut().for_each(shorten_in),
        Event::Adopted(Adoption { eid: number, .. })
        | Event::ByWord(Statement::Number { number } | Statement::Iccid { iccid: number, .. }) => shorten_in(number),
        Event::DeviceAdded { eid, .. }
        | Event::SeenAgain { eid, .. }
        | Event::DeviceCorrected { eid, .. }
        | Event::Cleaning { eid, .. }
        | Event::NotCleaned { eid, .. }
        | Event::Cleaned { eid, .. }
        | Event::Posted { eid, .. }
        | Event::Accepted { eid, .. }
        | Event::GivenUp { eid, .. }
        | Event::Nameless { eid, .. }
        | Event::FoundGone { eid, .. }
        | Event::WrittenOff { eid, .. } => shorten_in(eid),
        Event::Skipped { .. }
        | Event::NotApplicable { .. }
        | Event::Corrected { .. }
        | Event::ByWord(_)
        | Event::Traces { .. }
        | Event::Completed
        | Event::Cancelled { .. }
        | Event::Reopened { .. } => {}
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_keeps_its_ends_and_a_short_one_nothing() {
        assert_eq!(shorten("8999934567890120029"), "89…029");
        assert_eq!(shorten("+49 151 0000000"), "+4…000");
        assert_eq!((shorten("K-4711"), shorten("")), ("…".to_owned(), String::new()));
    }

    #[test]
    fn only_the_field_is_shortened() {
        let recorded = |step| Event::Recorded {
            step,
            facts: Facts { reference: Some("e".into()), note: Some("e 2026".into()), ..Facts::default() },
            evidence: Vec::new(),
        };
        let shown = |step| match happened(&Happened { at: "2026-01-01T00:00:00Z".into(), event: recorded(step) }).event
        {
            Event::Recorded { facts, .. } => (facts.reference.unwrap(), facts.note.unwrap()),
            _ => unreachable!(),
        };
        assert_eq!(shown(Step::Contact), ("e".into(), "e 2026".into()), "a ticket stays");
        assert_eq!(shown(Step::Account), ("…".into(), "e 2026".into()), "a customer's number does not");
    }
}
