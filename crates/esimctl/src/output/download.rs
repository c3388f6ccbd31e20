//! What a server offers, and what became of it.

use manager::card::{Concern, Declined, Discovery, Downloaded, EarlierOutcome, FoundEvent, Offer, Stop, SwitchDone};
use manager::words;
use serde_json::{Value, json};
use sgp22::metadata::StoreMetadata;
use sgp22::policy::PprIds;
use sgp22::profile::ProfileClass;

use super::icon::{describe_icon, icon_text};
use super::notifications::{reporting, reporting_text, reporting_warnings};
use super::profile::{ProfileView, describe};
use super::switch::SwitchReport;
use super::table::table;
use super::text::{BOLD, Fields, YELLOW, bytes, clean, clean_text, filled};
use super::{Report, to_json};

/// An offer, for who is to decide about it.
pub(crate) fn offer_text(offer: &Offer<'_>) -> String {
    preview(offer.metadata(), &offer.address, &offer.concerns, offer.confirmation_required())
}

fn preview(metadata: &StoreMetadata, address: &str, concerns: &[Concern], confirmation: bool) -> String {
    let mut text = metadata.icon.as_deref().map(icon_text).unwrap_or_default();
    let mut fields = Fields::default();
    fields
        .add("Provider", clean_text(metadata.service_provider.as_ref()))
        .add("Name", clean_text(metadata.name.as_ref()))
        .add("ICCID", metadata.iccid.digits())
        .add("Class", metadata.class.name())
        .add("Owner", metadata.owner.as_ref().map(|owner| owner.mccmnc.to_string()).unwrap_or_default())
        .add("Server", clean(address))
        .add("Icon", describe_icon(metadata.icon.as_deref()))
        .add("Rules", metadata.policy_rules.names().collect::<Vec<_>>().join(", "))
        .add("Code", if confirmation { "a confirmation code is needed" } else { "" });
    text += &fields.text();
    if let Some(missing) = missing_names(metadata) {
        text += &format!("{YELLOW}{missing} You can give the profile a nickname afterwards.{YELLOW:#}\n");
    }
    if metadata.class == ProfileClass::Test {
        text += &format!("{YELLOW}This is a test profile: it reaches no real network.{YELLOW:#}\n");
    }
    for concern in concerns {
        text += &format!("{YELLOW}{}{YELLOW:#}\n", concern_text(concern));
    }
    text
}

/// The sentence about an offer without names; `None` if it has both.
fn missing_names(metadata: &StoreMetadata) -> Option<&'static str> {
    match (filled(metadata.service_provider.as_ref()), filled(metadata.name.as_ref())) {
        (Some(_), Some(_)) => None,
        (Some(_), None) => Some("The offer has no name for the profile."),
        (None, Some(_)) => Some("The offer does not name its operator."),
        (None, None) => Some("The offer names neither its operator nor the profile."),
    }
}

fn concern_text(concern: &Concern) -> String {
    match concern {
        Concern::LittleMemory(free) => format!(
            "The card has {} free. Profiles take 10 to 60 kB, and the server does not say how much this one takes: it may not fit.",
            bytes(*free)
        ),
        Concern::Rules { rules, consent_required } => {
            let mut text = rules_text(rules);
            if *consent_required {
                text += " The card wants you to agree to that.";
            }
            text
        }
        Concern::Retry => "The server has prepared this profile for this card before; this is another try.".into(),
        Concern::UsedBefore(earlier) => clean(&earlier.sentence()),
    }
}

/// What rules mean for the one who agrees to them.
fn rules_text(rules: &PprIds) -> String {
    let mut text = Vec::new();
    if rules.forbids_disabling() {
        text.push("By a rule of its operator (PPR1) this profile can not be disabled again: the card is bound to it.");
    }
    if rules.forbids_deletion() {
        text.push("By a rule of its operator (PPR2) this profile can not be deleted again, unless the operator lifts the rule.");
    }
    text.join(" ")
}

fn concern_json(concern: &Concern) -> Value {
    match concern {
        Concern::LittleMemory(free) => json!({ "concern": "little_memory", "free_bytes": free }),
        Concern::Rules { rules, consent_required } => json!({
            "concern": "rules",
            "rules": rules.names().collect::<Vec<_>>(),
            "consent_required": consent_required,
        }),
        Concern::Retry => json!({ "concern": "retry" }),
        Concern::UsedBefore(earlier) => json!({
            "concern": "used_before",
            "installed": earlier.outcome == EarlierOutcome::Installed,
            "eid": earlier.eid,
            "this_card": earlier.is_this_card,
            "iccid": earlier.iccid,
            "at": earlier.at,
        }),
    }
}

/// What `--dry-run` or `--refuse` found.
pub(crate) struct DeclinedReport {
    pub(crate) declined: Declined,
    /// There is a code, or something else that the order is known by.
    pub(crate) names_order: bool,
}

impl Report for DeclinedReport {
    fn data(&self) -> Value {
        let Declined { metadata, address, concerns, confirmation_required, cancellation } = &self.declined;
        json!({
            "installed": false,
            "profile": to_json(&ProfileView::new(&metadata.profile())),
            "server": address,
            "concerns": concerns.iter().map(concern_json).collect::<Vec<_>>(),
            "confirmation_required": confirmation_required,
            "code": self.declined.code().name(),
            "refused": cancellation.stop == Stop::Refused,
            "session_ended": { "card": cancellation.card.is_ok(), "server": matches!(cancellation.server, Some(Ok(()))) },
        })
    }

    fn text(&self) -> String {
        let Declined { metadata, address, concerns, confirmation_required, .. } = &self.declined;
        let code = self.declined.code();
        let code = if self.names_order { code.sentence() } else { code.sentence_on_order() };
        let ending = words::sentences(&words::text("nothing-installed", &[]), &code);
        let preview = preview(metadata, address, concerns, *confirmation_required);
        format!("The server offers this profile:\n{preview}{ending}\n")
    }

    fn warnings(&self) -> Vec<String> {
        let told = matches!(self.declined.cancellation.server, Some(Ok(())));
        let warning = "the server could not be told that the session is over: it waits until it gives up";
        if told { Vec::new() } else { vec![warning.into()] }
    }
}

pub(crate) struct DownloadedReport {
    pub(crate) downloaded: Downloaded,
    pub(crate) enabled: Option<SwitchDone>,
    /// Somebody was asked, who has seen what is of concern.
    pub(crate) asked: bool,
}

impl Report for DownloadedReport {
    fn data(&self) -> Value {
        let Downloaded { profile, address, package_bytes, unlisted, notifications, concerns, .. } = &self.downloaded;
        json!({
            "installed": true,
            "profile": to_json(&ProfileView::new(profile)),
            "server": address,
            "package_bytes": package_bytes,
            "listed": unlisted.is_none(),
            "concerns": concerns.iter().map(concern_json).collect::<Vec<_>>(),
            "notifications": reporting(notifications),
            "enabled": self.enabled.clone().map(|done| SwitchReport(done).data()),
        })
    }

    fn text(&self) -> String {
        let Downloaded { profile, unlisted, notifications, .. } = &self.downloaded;
        let proof = if unlisted.is_none() { "the card confirms it" } else { "the card has signed that" };
        let mut text = format!("{BOLD}{}{BOLD:#} is installed; {proof}.\n", describe(profile));
        text += &reporting_text(notifications);
        match &self.enabled {
            Some(done) => text += &SwitchReport(done.clone()).text(),
            None => {
                let iccid = profile.iccid.as_ref().map(sgp22::id::Iccid::digits).unwrap_or_default();
                text += &format!("It is disabled. To use it: esimctl enable {iccid}\n");
            }
        }
        text
    }

    fn warnings(&self) -> Vec<String> {
        // Who was asked has seen them. That it was another try matters no more.
        let told = if self.asked { &[][..] } else { &self.downloaded.concerns };
        let lasting = told.iter().filter(|concern| **concern != Concern::Retry);
        let mut warnings: Vec<String> = lasting.map(concern_text).collect();
        warnings.extend(self.downloaded.unlisted.iter().map(|why| {
            format!(
                "the card's list of profiles cannot be read, so it was not checked that the profile is in it: {}",
                clean(why)
            )
        }));
        warnings.extend(reporting_warnings(&self.downloaded.notifications));
        warnings.extend(self.enabled.iter().flat_map(|done| SwitchReport(done.clone()).warnings()));
        warnings.dedup();
        warnings
    }
}

/// What waits for the card.
pub(crate) struct DiscoveredReport(pub(crate) Discovery);

impl Report for DiscoveredReport {
    fn data(&self) -> Value {
        let event = |event: &FoundEvent| json!({ "event_id": event.event_id.expose(), "server": event.server, "via": event.via, "reached": event.reached });
        json!({ "server": self.0.server, "events": self.0.events.iter().map(event).collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        let Discovery { server, events } = &self.0;
        if events.is_empty() {
            return format!("{} knows of nothing for this card.\n", clean(server));
        }
        let rows: Vec<Vec<String>> = events
            .iter()
            .map(|event| vec![event.event_id.expose().to_owned(), clean(&event.server), clean(&event.via)])
            .collect();
        let mut text = table(&["EVENT", "SERVER", "FOUND AT"], &rows);
        text += &match events.len() {
            1 => format!("To download it: esimctl discover --server {} --download\n", clean(server)),
            _ => "To download one: esimctl download --server SERVER --matching-id EVENT\n".into(),
        };
        text
    }
}
