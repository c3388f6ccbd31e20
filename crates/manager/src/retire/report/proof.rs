//! The part of a report that a stranger can check: what the card signed, as bytes.

use super::super::case::{DeviceItem, DeviceState};
use super::super::tell::say;
use super::{Block, Report, Signed};
use crate::proof::{Claim, block, one_line};

/// The heading with what follows it; nothing if no card has deleted the profile.
pub(super) fn blocks(report: &Report) -> Vec<Block> {
    let silent = signed_nothing(report);
    if report.signed.is_empty() && silent.is_empty() {
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
    for item in silent {
        // A deletion that leaves no notification is done at once; where one is expected, it is not.
        let none_wanted = item.state == DeviceState::Done && item.letters.is_empty();
        let key = if none_wanted { "none-wanted" } else { "none-found" };
        blocks.push(Block::Text(say(&format!("retire-report-proof-{key}"), &[("device", &item.device)])));
    }
    blocks
}

/// The cards that have deleted the profile without a signed notification in the outbox.
pub(super) fn signed_nothing(report: &Report) -> Vec<&DeviceItem> {
    let deleted = |item: &&DeviceItem| matches!(item.state, DeviceState::Deleted | DeviceState::Done);
    let signed = |item: &DeviceItem| report.signed.iter().any(|signed| signed.letter.eid == item.eid);
    report.case.devices.iter().filter(deleted).filter(|item| !signed(item)).collect()
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
