//! Descriptions of profiles by a server that departs from the standard.

use sgp22::metadata::StoreMetadata;
use sgp22::profile::field;
use sgp22::tlv::{RawTlv, Reader, Tag, Writer, open};

use crate::server::{Behaviour, Behaviours};

/// The description of a profile in offer and package: `original`, or what the behaviours make of it.
pub(super) fn altered_description(behaviours: &Behaviours, original: &[u8]) -> Vec<u8> {
    let Ok(read) = StoreMetadata::decode(original) else { return original.to_vec() };
    if behaviours.has(Behaviour::BareOffer) {
        let targets = read.notification_targets;
        let bare = StoreMetadata::new(read.iccid, "", "");
        return StoreMetadata { service_provider: None, name: None, notification_targets: targets, ..bare }.encode();
    }
    if !behaviours.has(Behaviour::OddOffer) {
        return original.to_vec();
    }
    let odd = |tag: Tag, value: &[u8]| {
        let mut writer = Writer::new();
        writer.put(tag, value);
        RawTlv { tag, bytes: writer.finish() }
    };
    StoreMetadata {
        name: Some("".into()),
        icon: None,
        icon_type: None,
        owner: None,
        // A count of unused bits, and no bits.
        other: vec![odd(field::ICON_TYPE, &[]), odd(field::OWNER, &[]), odd(field::POLICY_RULES, &[0x05])],
        ..read
    }
    .encode()
}

/// The description in the offer.
pub(super) fn offered_description(behaviours: &Behaviours, original: &[u8]) -> Vec<u8> {
    let description = altered_description(behaviours, original);
    if !behaviours.has(Behaviour::NoIccid) {
        return description;
    }
    let Ok(object) = open("StoreMetadataRequest", &description, StoreMetadata::TAG) else { return description };
    Writer::object(StoreMetadata::TAG, |w| {
        for element in Reader::new("StoreMetadataRequest", object.value).flatten() {
            if element.tag != field::ICCID {
                w.raw(element.raw);
            }
        }
    })
}
