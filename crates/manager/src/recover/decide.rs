//! What became of a change, by what the card says now.

use serde_json::Value;
use sgp22::id::Iccid;
use sgp22::profile::ProfileInfo;

use super::{Decision, Finding, Seen};
use crate::card::{describe, is_listed};
use crate::database::Entry;

/// Entries that no card can tell anything about.
pub(super) fn without_card(entry: &Entry) -> Option<Decision> {
    matches!(entry.command.as_str(), "apdu" | "es10").then(|| {
        let what = "Raw commands were sent, and nobody can know what they did.";
        Decision::new(Finding::NobodyKnows, what).next("Look at the card: esimctl list")
    })
}

/// What became of a change; `later` are the entries of this card that came after it.
pub(super) fn decide(entry: &Entry, later: &[Entry], seen: &Seen) -> Decision {
    if let Some(by) = later.iter().find(|other| supersedes(other, entry)) {
        let what = format!("A later change ({}, {}) makes it moot.", by.command, by.started);
        return Decision::new(Finding::Superseded, what);
    }
    match entry.command.as_str() {
        "server" => return server_set(entry, &seen.default_smdp),
        "drop" => return dropped(entry, seen),
        "enable" | "disable" | "delete" | "rename" | "reset" => {}
        other => {
            let what = format!("This version does not know what '{other}' is.");
            return Decision::new(Finding::Unknown, what).next("Use the version of esimctl that began it.");
        }
    }
    match &seen.profiles {
        Ok(profiles) => decide_by_list(entry, profiles, seen),
        Err(why) => unreadable(why),
    }
}

/// A list that cannot be read proves nothing.
pub(super) fn unreadable(why: &str) -> Decision {
    let what = format!("The card's list of profiles cannot be read, and so proves nothing: {why}");
    Decision::new(Finding::Unknown, what).next(
        "Take the card out and put it in again, then: esimctl recover. If it stays, record it for a bug report: --trace FILE",
    )
}

/// What became of a change of profiles, by the list of those that the card has.
fn decide_by_list(entry: &Entry, profiles: &[ProfileInfo], seen: &Seen) -> Decision {
    let profile = profiles.iter().find(|profile| digits(profile) == entry.iccid);
    match entry.command.as_str() {
        "enable" => switched(entry, profile, true),
        "disable" => switched(entry, profile, false),
        "delete" => deleted(entry, profile),
        "rename" => renamed(entry, profile),
        _ => reset(entry, profiles, &seen.default_smdp),
    }
}

/// True if the later entry has changed what would tell about the earlier one.
fn supersedes(later: &Entry, entry: &Entry) -> bool {
    let same_profile = later.iccid == entry.iccid;
    // What was not done, and what is open and not decided yet, has changed nothing as far as is known.
    if later.outcome.as_deref() != Some("done") {
        return false;
    }
    match (entry.command.as_str(), later.command.as_str()) {
        (_, "reset") => true,
        ("enable" | "disable", "enable") => true,
        ("enable" | "disable", "disable" | "delete") => same_profile,
        ("rename", "rename" | "delete") => same_profile,
        ("delete", "download") => same_profile,
        ("server" | "reset", "server") => true,
        ("reset", "download") => true,
        _ => false,
    }
}

fn digits(profile: &ProfileInfo) -> Option<String> {
    profile.iccid.as_ref().map(Iccid::digits)
}

fn again(command: &str) -> String {
    format!("If it is still wanted: esimctl {command}")
}

fn gone(entry: &Entry) -> Decision {
    let what = format!("The profile {} is not on the card any more.", entry.iccid.as_deref().unwrap_or_default());
    Decision::new(Finding::Superseded, what)
}

fn switched(entry: &Entry, profile: Option<&ProfileInfo>, wanted: bool) -> Decision {
    let Some(profile) = profile else { return gone(entry) };
    let name = describe(profile);
    let word = |enabled| if enabled { "enabled" } else { "disabled" };
    match profile.says_whether_enabled() {
        Some(is) if is == wanted => Decision::new(Finding::Done, format!("{name} is {}.", word(is))),
        Some(is) => {
            let iccid = digits(profile).unwrap_or_default();
            let command = if wanted { "enable" } else { "disable" };
            Decision::new(Finding::NotDone, format!("{name} is {}.", word(is)))
                .next(again(&format!("{command} {iccid}")))
        }
        None => Decision::new(Finding::NobodyKnows, format!("The card does not say whether {name} is enabled.")),
    }
}

fn deleted(entry: &Entry, profile: Option<&ProfileInfo>) -> Decision {
    let iccid = entry.iccid.as_deref().unwrap_or_default();
    match profile {
        None => Decision::new(Finding::Done, format!("The profile {iccid} is gone.")),
        Some(profile) => Decision::new(Finding::NotDone, format!("{} is on the card.", describe(profile)))
            .next(again(&format!("delete {iccid}"))),
    }
}

fn renamed(entry: &Entry, profile: Option<&ProfileInfo>) -> Decision {
    let Some(profile) = profile else { return gone(entry) };
    let wanted = entry.plan["nickname"].as_str().unwrap_or_default();
    let now = profile.nickname.as_ref().map(ToString::to_string).unwrap_or_default();
    let iccid = entry.iccid.as_deref().unwrap_or_default();
    let called = if now.is_empty() { "no nickname".into() } else { format!("the nickname '{now}'") };
    let what = format!("{iccid} has {called}.");
    if now == wanted {
        Decision::new(Finding::Done, what)
    } else {
        Decision::new(Finding::NotDone, what).next(again(&format!("rename {iccid} NAME")))
    }
}

fn server_set(entry: &Entry, now: &str) -> Decision {
    let is = |name: &str| entry.plan[name].as_str() == Some(now);
    let what = format!("The default SM-DP+ is {}.", if now.is_empty() { "not set" } else { now });
    if is("address") {
        Decision::new(Finding::Done, what)
    } else if is("former") {
        Decision::new(Finding::NotDone, what).next(again("server set HOST, or: esimctl server clear"))
    } else {
        Decision::new(Finding::Superseded, format!("{what} That is neither what it was nor what it was to be."))
    }
}

fn reset(entry: &Entry, profiles: &[ProfileInfo], default_smdp: &str) -> Decision {
    let doomed: Vec<&str> = entry.plan["profiles"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let is_there = |iccid: &&&str| profiles.iter().any(|profile| digits(profile).as_deref() == Some(**iccid));
    let (all, there) = (doomed.len(), doomed.iter().filter(is_there).count());
    let next = again("reset");
    match (all, there) {
        (0, _) => {
            let changed = entry.plan["server"].as_str().is_some_and(|former| former != default_smdp);
            if changed {
                Decision::new(Finding::Done, "The default SM-DP+ is another one than before.")
            } else {
                let what = "The default SM-DP+ is as before, which may be what the card was made with.";
                Decision::new(Finding::NobodyKnows, what).next("Look at it: esimctl server show")
            }
        }
        (_, 0) => Decision::new(Finding::Done, "The profiles that were to be deleted are gone."),
        (all, there) if all == there => Decision::new(Finding::NotDone, "No profile was deleted.").next(next),
        (all, there) => {
            let what =
                format!("Of the {all} profiles that could be deleted, {} are gone and {there} are there.", all - there);
            Decision::new(Finding::NotDone, what).next(next)
        }
    }
}

fn dropped(entry: &Entry, seen: &Seen) -> Decision {
    let wanted = entry.plan["notifications"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(queue) = &seen.queue else {
        return Decision::new(Finding::Unknown, "The card does not list its notifications.")
            .next("Take the card out and put it in again, then: esimctl recover");
    };
    let left = queue.iter().filter(|one| wanted.iter().any(|written| is_listed(written, one))).count();
    if left == 0 {
        return Decision::new(Finding::Done, "The notifications are off the card.");
    }
    Decision::new(Finding::NotDone, format!("{left} of the notifications are on the card still."))
        .next(again("notifications drop SEQ"))
}
