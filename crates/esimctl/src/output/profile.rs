//! Profiles: the list, one of them, what was done to one.

use data_encoding::BASE64;
use manager::card::{ConnectionRisk, DeletePlan, Deleted, Renamed};
use serde::Serialize;
use serde_json::{Value, json};
use sgp22::id::{Aid, Iccid, ServerAddress};
use sgp22::notification::Events;
use sgp22::policy::PprIds;
use sgp22::profile::{IconType, ProfileClass, ProfileInfo, ProfileState, field};
use sgp22::tlv::Text;

use super::icon::describe_icon;
use super::notifications::{reporting, reporting_text, reporting_warnings};
use super::switch::{connection_text, connection_warning};
use super::table::table;
use super::text::{DIM, Fields, GREEN, clean, clean_text, count, filled};
use super::{Report, to_json};

/// A profile in JSON: every field, `null` where the card has none or was not asked.
#[derive(Debug, Serialize)]
pub(crate) struct ProfileView {
    iccid: Option<String>,
    isdp_aid: Option<String>,
    state: Option<&'static str>,
    nickname: Option<String>,
    name: Option<String>,
    provider: Option<String>,
    class: Option<&'static str>,
    policy_rules: Vec<String>,
    owner: Option<Owner>,
    notify: Option<Vec<Target>>,
    icon: Option<Icon>,
    size_bytes: Option<u64>,
    esim_port: Option<i64>,
    other: Vec<Other>,
}

#[derive(Debug, Serialize)]
struct Owner {
    mcc: String,
    mnc: String,
    gid1: Option<String>,
    gid2: Option<String>,
}

#[derive(Debug, Serialize)]
struct Target {
    server: String,
    events: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Icon {
    r#type: Option<&'static str>,
    bytes: usize,
    base64: String,
}

#[derive(Debug, Serialize)]
struct Other {
    tag: String,
    name: Option<&'static str>,
    hex: String,
}

impl ProfileView {
    pub(crate) fn new(profile: &ProfileInfo) -> Self {
        let hex = |bytes: &Vec<u8>| data_encoding::HEXUPPER.encode(bytes);
        Self {
            iccid: profile.iccid.as_ref().map(Iccid::digits),
            isdp_aid: profile.isdp_aid.as_ref().map(Aid::to_string),
            state: state(profile),
            nickname: filled(profile.nickname.as_ref()),
            name: filled(profile.name.as_ref()),
            provider: filled(profile.service_provider.as_ref()),
            class: profile.class.map(ProfileClass::name),
            policy_rules: profile.policy_rules.iter().flat_map(PprIds::names).collect(),
            owner: profile.owner.as_ref().map(|owner| Owner {
                mcc: owner.mccmnc.mcc(),
                mnc: owner.mccmnc.mnc(),
                gid1: owner.gid1.as_ref().map(hex),
                gid2: owner.gid2.as_ref().map(hex),
            }),
            notify: profile.notification_targets.as_ref().map(|targets| {
                targets
                    .iter()
                    .map(|target| Target {
                        server: target.address.to_string(),
                        events: target.events.names().collect(),
                    })
                    .collect()
            }),
            icon: profile.icon.as_ref().map(|icon| Icon {
                r#type: profile.icon_type.map(IconType::name),
                bytes: icon.len(),
                base64: BASE64.encode(icon),
            }),
            size_bytes: profile.size,
            esim_port: profile.enabled_on_port,
            other: profile
                .other
                .iter()
                .map(|element| Other {
                    tag: element.tag.to_string(),
                    name: field::kept_name(element.tag),
                    hex: hex(&element.bytes),
                })
                .collect(),
        }
    }
}

fn state(profile: &ProfileInfo) -> Option<&'static str> {
    if profile.is_enabled() { Some(ProfileState::Enabled.name()) } else { profile.state.map(ProfileState::name) }
}

/// A profile in a sentence, safe for a terminal.
pub(super) fn describe(profile: &ProfileInfo) -> String {
    clean(&manager::card::describe(profile))
}

/// What the operator's rules forbid, for a person.
fn rules(profile: &ProfileInfo) -> String {
    let Some(rules) = &profile.policy_rules else { return String::new() };
    let mut words = Vec::new();
    if rules.forbids_disabling() {
        words.push("cannot be disabled");
    }
    if rules.forbids_deletion() {
        words.push("cannot be deleted");
    }
    words.join(", ")
}

/// The table of the list; `numbered` for the places that `@n` names.
pub(super) fn profiles_table(profiles: &[ProfileInfo], numbered: bool) -> String {
    let rows: Vec<Vec<String>> = profiles
        .iter()
        .zip(1..)
        .map(|(profile, number)| {
            vec![
                if numbered { format!("@{number}") } else { String::new() },
                state(profile).unwrap_or("?").to_owned(),
                clean_text(profile.nickname.as_ref()),
                clean_text(profile.name.as_ref()),
                clean_text(profile.service_provider.as_ref()),
                profile.iccid.as_ref().map(Iccid::digits).unwrap_or_default(),
                profile.class.map(ProfileClass::name).unwrap_or_default().to_owned(),
                rules(profile),
            ]
        })
        .collect();
    let table = table(&["", "STATE", "NICKNAME", "NAME", "PROVIDER", "ICCID", "CLASS", "RULES"], &rows);
    // The row that is in use stands out.
    let mut lines = table.lines();
    let header = lines.next().unwrap_or_default();
    let body = lines.zip(profiles).map(|(line, profile)| {
        if profile.is_enabled() { format!("{GREEN}{line}{GREEN:#}\n") } else { format!("{line}\n") }
    });
    format!("{header}\n{}", body.collect::<String>())
}

fn fields(profile: &ProfileInfo) -> String {
    let mut fields = Fields::default();
    fields
        .add("ICCID", profile.iccid.as_ref().map(Iccid::digits).unwrap_or_default())
        .add("State", state(profile).unwrap_or("unknown"))
        .add("Nickname", clean_text(profile.nickname.as_ref()))
        .add("Name", clean_text(profile.name.as_ref()))
        .add("Provider", clean_text(profile.service_provider.as_ref()))
        .add("Class", profile.class.map(|class| format!("{} ({})", class.name(), class.meaning())).unwrap_or_default())
        .add("Rules", rules(profile))
        .add("ISD-P AID", profile.isdp_aid.as_ref().map(Aid::to_string).unwrap_or_default());
    if let Some(owner) = &profile.owner {
        fields.add("Owner", format!("MCC {}, MNC {}", owner.mccmnc.mcc(), owner.mccmnc.mnc()));
    }
    for target in profile.notification_targets.iter().flatten() {
        let events: Vec<String> = target.events.names().collect();
        fields.add("Tells", format!("{} of {}", clean(target.address.to_string().trim()), events.join(", ")));
    }
    fields.add("Icon", describe_icon(profile.icon.as_deref()));
    fields.add("Size", profile.size.map(|size| format!("{size} bytes")).unwrap_or_default());
    if let Some(port) = profile.enabled_on_port.filter(|port| *port >= 0) {
        fields.add("eSIM port", port.to_string());
    }
    for element in &profile.other {
        let name = field::kept_name(element.tag).map_or_else(|| format!("Tag {}", element.tag), str::to_owned);
        fields.add(name, data_encoding::HEXUPPER.encode(&element.bytes));
    }
    fields.text()
}

pub(crate) struct ListReport {
    pub(crate) profiles: Vec<ProfileInfo>,
    pub(crate) all_fields: bool,
}

impl Report for ListReport {
    fn data(&self) -> Value {
        self.profiles.iter().map(|profile| to_json(&ProfileView::new(profile))).collect()
    }

    fn text(&self) -> String {
        if self.profiles.is_empty() {
            return "The card has no profiles.\n".into();
        }
        if self.all_fields {
            return self.profiles.iter().map(fields).collect::<Vec<_>>().join("\n");
        }
        profiles_table(&self.profiles, true)
    }
}

pub(crate) struct ShowReport {
    pub(crate) profile: ProfileInfo,
    pub(crate) saved_icon: Option<String>,
}

impl Report for ShowReport {
    fn data(&self) -> Value {
        to_json(&ProfileView::new(&self.profile))
    }

    fn text(&self) -> String {
        let mut text = fields(&self.profile);
        if let Some(path) = &self.saved_icon {
            text += &format!("The icon was saved as {path}.\n");
        }
        text
    }
}

pub(crate) struct RenamedReport(pub(crate) Renamed);

impl Report for RenamedReport {
    fn data(&self) -> Value {
        let Renamed { plan, already, notifications } = &self.0;
        let mut profile = plan.profile.clone();
        let former = ProfileView::new(&profile).nickname;
        profile.nickname = Some(Text::from(plan.nickname.as_str()));
        json!({
            "profile": to_json(&ProfileView::new(&profile)),
            "former_nickname": former,
            "changed": !already,
            "notifications": reporting(notifications),
        })
    }

    fn text(&self) -> String {
        let Renamed { plan, already, notifications } = &self.0;
        let iccid = plan.profile.iccid.as_ref().map(Iccid::digits).unwrap_or_default();
        let told = match (plan.nickname.as_str(), already) {
            ("", true) => format!("{iccid} has no nickname.\n"),
            ("", false) => format!("The nickname of {iccid} was cleared.\n"),
            (name, true) => format!("{iccid} is called '{}' already.\n", clean(name)),
            (name, false) => format!("{iccid} is called '{}' now.\n", clean(name)),
        };
        told + &reporting_text(notifications)
    }

    fn warnings(&self) -> Vec<String> {
        reporting_warnings(&self.0.notifications)
    }
}

/// What a deletion would do, for the person who is asked.
pub(crate) fn delete_plan_text(plan: &DeletePlan) -> String {
    let mut text = format!("To be deleted for good:\n{}", fields(&plan.profile));
    if plan.disable_first {
        text += "It is enabled and will be disabled first: the device loses this connection.\n";
    }
    text += &connection_text(&plan.loss);
    match plan.servers()[..] {
        [] => text += "No server asks to be told of the deletion.\n",
        ref servers => {
            let name = |address: &String| match address.parse::<ServerAddress>() {
                Ok(server) => server.to_string(),
                Err(_) => format!("'{}', which names no server", clean(address)),
            };
            let names: Vec<String> = servers.iter().map(name).collect();
            text += &format!("The card will have a notification of it for {}.\n", names.join(", "));
        }
    }
    text += "Deleting a profile does not end the contract, and most operators give a profile only once.\n";
    text
}

fn delete_plan_json(plan: &DeletePlan) -> Value {
    json!({
        "profile": to_json(&ProfileView::new(&plan.profile)),
        "disable_first": plan.disable_first,
        "connection_risk": plan.loss.risk.map(ConnectionRisk::name),
        "servers": plan.servers(),
    })
}

pub(crate) struct DeletePlanReport(pub(crate) DeletePlan);

impl Report for DeletePlanReport {
    fn data(&self) -> Value {
        let mut data = delete_plan_json(&self.0);
        data["dry_run"] = true.into();
        data["changed"] = false.into();
        data
    }

    fn text(&self) -> String {
        format!("{}{DIM}A dry run: nothing was changed.{DIM:#}\n", delete_plan_text(&self.0))
    }
}

pub(crate) struct DeletedReport(pub(crate) Deleted);

impl Report for DeletedReport {
    fn data(&self) -> Value {
        let mut data = delete_plan_json(&self.0.plan);
        data["dry_run"] = false.into();
        data["changed"] = true.into();
        data["profiles_left"] = self.0.left.into();
        data["notifications"] = reporting(&self.0.notifications);
        data
    }

    fn text(&self) -> String {
        let Deleted { plan, left, notifications } = &self.0;
        let disabled = if plan.disable_first { "disabled and " } else { "" };
        format!(
            "{} was {disabled}deleted; the card has {} left.\n{}",
            describe(&plan.profile),
            count(*left, "profile"),
            reporting_text(notifications)
        )
    }

    fn warnings(&self) -> Vec<String> {
        let lost = connection_warning(&self.0.plan.loss).into_iter();
        lost.chain(reporting_warnings(&self.0.notifications)).collect()
    }
}

/// The events that a person cares about, in their order.
pub(super) fn event_words(events: &Events) -> String {
    let names: Vec<String> = events.names().collect();
    if names.is_empty() { "not named".into() } else { names.join(", ") }
}
