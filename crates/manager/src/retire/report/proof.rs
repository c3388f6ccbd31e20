//! The part of a report that a stranger can check: what the card signed, as bytes.

use super::super::case::{Case, DeviceItem, DeviceState};
use super::super::tell::say;
use super::{Block, Report, Signed};
use crate::proof::{Claim, block, one_line};

/// The heading with what follows it; nothing if no card has deleted the profile.
pub(super) fn blocks(report: &Report) -> Vec<Block> {
    if report.signed.is_empty() && report.silent.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(say("retire-report-heading-proof", &[]))];
    if !report.signed.is_empty() {
        let key = if report.full { "retire-report-proof-bytes" } else { "retire-report-proof-masked" };
        blocks.push(Block::Text(say(key, &[("case", &report.case.name())])));
    }
    if report.full {
        blocks.extend(report.signed.iter().map(|signed| Block::Verbatim(signed_block(report, signed))));
    }
    for item in signed_nothing(report) {
        // A deletion that leaves no notification is done at once; where one is expected, it is not.
        let none_wanted = item.state == DeviceState::Done && item.letters.is_empty();
        let key = if none_wanted { "none-wanted" } else { "none-found" };
        blocks.push(Block::Text(say(&format!("retire-report-proof-{key}"), &[("device", &item.device)])));
        blocks.push(Block::Verbatim(block::write_signed_nothing(&one_line(&item.eid))));
    }
    blocks
}

/// The cards that have deleted the profile without a signed notification in the outbox, by their places among the devices
/// of the case. Shortened numbers of two cards can be alike, so this is asked before they are shortened.
pub(super) fn silent_devices(case: &Case, signed: &[Signed]) -> Vec<usize> {
    let deleted =
        |item: &DeviceItem| matches!(item.state, DeviceState::Deleted | DeviceState::Done | DeviceState::Unreported);
    let is_silent = |item: &DeviceItem| deleted(item) && signed.iter().all(|signed| signed.letter.eid != item.eid);
    case.devices.iter().enumerate().filter(|(_, item)| is_silent(item)).map(|(place, _)| place).collect()
}

/// The same cards, as the report names them.
pub(super) fn signed_nothing(report: &Report) -> impl Iterator<Item = &DeviceItem> {
    report.silent.iter().filter_map(|place| report.case.devices.get(*place))
}

fn signed_block(report: &Report, signed: &Signed) -> String {
    let letter = &signed.letter;
    let claim = Claim {
        event: Some(letter.event.clone()),
        iccid: Some(report.case.subscription.iccid.clone()),
        eid: Some(letter.eid.clone()),
        seq: Some(letter.seq.to_string()),
        server: Some(one_line(letter.server())),
        address: None,
        sha256: Some(signed.sha256.clone()),
        ..Claim::default()
    };
    block::write(&claim, &signed.payload)
}

#[cfg(test)]
mod tests {
    use super::super::super::case::Subscription;
    use super::super::super::event::Event;
    use super::super::tests_only::report;
    use super::*;
    use crate::database::{Letter, LetterState};

    fn letter_of(eid: &str) -> Letter {
        Letter {
            id: 1,
            eid: eid.into(),
            device: "virtual:a".into(),
            seq: 1,
            event: "delete".into(),
            address: "a.example".into(),
            host: None,
            iccid: None,
            created: String::new(),
            attempts: 0,
            next_try: None,
            last_error: None,
            state: LetterState::Waiting,
            on_card: true,
            journal: None,
            ended: None,
            reason: None,
        }
    }

    #[test]
    fn of_two_cards_with_equal_ends_the_silent_one_is_named() {
        let (signing, silent) = ("89049032000000000000000000000123", "89044045000000000000000000000123");
        let devices = vec![(signing.to_owned(), "virtual:a".to_owned()), (silent.to_owned(), "virtual:b".to_owned())];
        let subscription = Subscription { iccid: "8999".into(), ..Subscription::default() };
        let mut case = Case::new(1, "2026-01-01T00:00:00Z");
        case.apply("", &Event::Started { subscription, devices, journal_before: 0, outbox_before: Some(0) });
        case.devices.iter_mut().for_each(|item| item.state = DeviceState::Deleted);
        let signed = Signed { letter: letter_of(signing), sha256: String::new(), payload: Vec::new() };
        let whole =
            Report { silent: silent_devices(&case, std::slice::from_ref(&signed)), ..report(&case, Vec::new()) };
        for report in [whole.clone(), whole.masked()] {
            let named: Vec<&str> = signed_nothing(&report).map(|item| &*item.device).collect();
            assert_eq!(named, ["virtual:b"]);
        }
    }
}
