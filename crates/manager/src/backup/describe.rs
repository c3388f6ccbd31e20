//! The description of the profile: what the card says of it. Never a key: the card gives none.

use data_encoding::HEXUPPER;
use serde_json::{Value, json};
use sgp22::id::{Aid, Iccid};
use sgp22::policy::PprIds;
use sgp22::profile::{IconType, ProfileClass, ProfileState, field};
use sgp22::tlv::Text;

use super::{Backup, SimResult};

/// The version of the files.
pub(super) const FORMAT: u32 = 1;

/// The name of the icon's file, if there is an icon. It goes by what the file is, not by what the card calls it.
pub(super) fn icon_name(backup: &Backup) -> Option<&'static str> {
    let icon = backup.profile.icon.as_ref().filter(|icon| !icon.is_empty())?;
    Some(match IconType::recognize(icon) {
        Some(IconType::Png) => "icon.png",
        Some(IconType::Jpeg) => "icon.jpg",
        _ => "icon.bin",
    })
}

/// `profile.json`.
pub(super) fn profile(backup: &Backup) -> Value {
    let profile = &backup.profile;
    let text = |text: &Option<Text>| text.as_ref().and_then(Text::readable);
    let notify: Vec<Value> = profile
        .notification_targets
        .iter()
        .flatten()
        .map(|target| {
            json!({ "server": target.address.to_string().trim(), "events": target.events.names().collect::<Vec<_>>() })
        })
        .collect();
    let kept: Vec<Value> = profile
        .other
        .iter()
        .map(|element| json!({ "tag": element.tag.to_string(), "name": field::kept_name(element.tag), "hex": HEXUPPER.encode(&element.bytes) }))
        .collect();
    let addresses = backup.addresses.as_ref();
    json!({
        "format": FORMAT,
        "taken_at": backup.taken_at.to_string(),
        "device": backup.device,
        "eid": backup.eid,
        "profile": {
            "iccid": profile.iccid.as_ref().map(Iccid::digits),
            "isdp_aid": profile.isdp_aid.as_ref().map(Aid::to_string),
            "state": profile.state.map(ProfileState::name),
            "nickname": text(&profile.nickname),
            "name": text(&profile.name),
            "provider": text(&profile.service_provider),
            "class": profile.class.map(ProfileClass::name),
            "owner": profile.owner.as_ref().map(|owner| json!({ "mcc": owner.mccmnc.mcc(), "mnc": owner.mccmnc.mnc() })),
            "policy_rules": profile.policy_rules.iter().flat_map(PprIds::names).collect::<Vec<_>>(),
            "notify": notify,
            "icon": icon_name(backup),
            "size_bytes": profile.size,
            "other": kept,
        },
        "servers": {
            "default_smdp": addresses.and_then(|addresses| text(&addresses.default_smdp)),
            "root_smds": addresses.and_then(|addresses| text(&addresses.root_smds)),
        },
        "sim": match &backup.sim {
            SimResult::Read(_) => "read",
            SimResult::NotEnabled => "not_enabled",
            SimResult::Failed(_) => "failed",
        },
        "complete": backup.is_complete(),
        "notes": backup.notes().iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
