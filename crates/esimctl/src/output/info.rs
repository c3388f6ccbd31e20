//! The eUICC.

use manager::card::{CardLimit, ChipInfo, FunctionError, describe_limit};
use serde_json::{Value, json};
use sgp22::ci::{CiKeyId, CiKind};
use sgp22::euicc_info::{EuiccCategory, EuiccInfo2, rsp_capability, uicc_capability};
use sgp22::fci::IsdrFci;
use sgp22::id::{Aid, Version};
use sgp22::policy::{AuthorisationRule, PprIds};

use super::Report;
use super::server::test_mark;
use super::text::{Fields, YELLOW, bytes, clean, clean_text, filled, list};

pub(crate) struct InfoReport {
    pub(crate) device: String,
    pub(crate) application: Aid,
    pub(crate) fci: IsdrFci,
    pub(crate) chip: ChipInfo,
    /// Limits on downloads that the card's own description names.
    pub(crate) limits: Vec<CardLimit>,
    /// The issuer of the virtual cards here, which has no name in the world.
    pub(crate) virtual_ci: Option<CiKeyId>,
}

fn version(version: Option<Version>) -> Option<String> {
    version.map(|version| version.to_string())
}

fn kind(kind: CiKind) -> &'static str {
    match kind {
        CiKind::Production => "production",
        CiKind::Test => "test",
        CiKind::Unknown => "unknown",
    }
}

fn rule_json(rule: &AuthorisationRule) -> Value {
    let operators: Vec<String> = rule.operators.iter().map(|operator| operator.mccmnc.to_string()).collect();
    json!({
        "policy_rules": rule.rules.names().collect::<Vec<_>>(),
        "operators": operators,
        "consent_required": rule.consent_required(),
    })
}

fn rule_text(rule: &AuthorisationRule) -> String {
    let operators: Vec<String> = rule.operators.iter().map(|operator| operator.mccmnc.to_string()).collect();
    let consent = if rule.consent_required() { ", with your consent" } else { "" };
    format!(
        "{} allowed for operator {}{consent}",
        rule.rules.names().collect::<Vec<_>>().join(" and "),
        operators.join(", ")
    )
}

impl InfoReport {
    /// An issuer's name and kind.
    fn issuer(&self, id: &CiKeyId) -> (Option<&'static str>, CiKind) {
        if self.virtual_ci.as_ref() == Some(id) {
            return (Some("the virtual cards of this state directory"), CiKind::Test);
        }
        (id.name(), id.kind())
    }

    fn issuer_json(&self, id: &CiKeyId) -> Value {
        let (name, of) = self.issuer(id);
        json!({ "key_id": id.to_string(), "name": name, "kind": kind(of) })
    }

    fn issuer_text(&self, id: &CiKeyId) -> String {
        match self.issuer(id) {
            (Some(name), CiKind::Test) => format!("{name} (for tests only)"),
            (Some(name), _) => name.to_owned(),
            (None, _) => format!("unknown, {id}"),
        }
    }

    fn version(&self, info: Option<&EuiccInfo2>) -> Option<Version> {
        info.and_then(|info| info.svn).or(self.fci.svn)
    }

    /// The functions that the card refused, by name, with the reason.
    fn refused(&self) -> Vec<(&'static str, &FunctionError)> {
        let results = [
            ("euicc_info", self.chip.info.as_ref().err()),
            ("addresses", self.chip.addresses.as_ref().err()),
            ("rules", self.chip.rules.as_ref().err()),
        ];
        results.into_iter().filter_map(|(name, error)| Some((name, error?))).collect()
    }
}

impl Report for InfoReport {
    fn data(&self) -> Value {
        let eid = self.chip.eid;
        let info = self.chip.info.as_ref().ok();
        let addresses = self.chip.addresses.as_ref().ok();
        let resources = info.and_then(|info| info.resources.as_ref());
        let issuers = |ids: &[CiKeyId]| ids.iter().map(|id| self.issuer_json(id)).collect::<Vec<_>>();
        json!({
            "device": self.device,
            "eid": eid.to_string(),
            "eid_valid": eid.is_valid(),
            "maker": eid.maker().map(|maker| json!({ "name": maker.name, "country": maker.country })),
            "isdr_aid": self.application.to_string(),
            "sgp22_version": version(self.version(info)),
            "sgp22_highest_version": version(info.and_then(|info| info.highest_svn)),
            "profile_package_version": version(info.and_then(|info| info.profile_version)),
            "firmware_version": version(info.and_then(|info| info.firmware)),
            "ts102241_version": version(info.and_then(|info| info.ts102241_version)),
            "globalplatform_version": version(info.and_then(|info| info.globalplatform_version)),
            "protection_profile_version": version(info.and_then(|info| info.pp_version)),
            "category": info.and_then(|info| info.category).map(EuiccCategory::name),
            "sas_accreditation": filled(info.and_then(|info| info.sas_accreditation.as_ref())),
            "platform_label": filled(info.and_then(|info| info.platform_label.as_ref())),
            "iot": info.is_some_and(|info| info.iot.is_some()) || self.fci.iot_configuration.is_some(),
            "memory": {
                "free_nonvolatile_bytes": resources.and_then(|resources| resources.free_nonvolatile),
                "free_volatile_bytes": resources.and_then(|resources| resources.free_volatile),
                "applications": resources.and_then(|resources| resources.applications),
            },
            "ci_for_verification": issuers(info.and_then(|info| info.ci_for_verification.as_deref()).unwrap_or_default()),
            "ci_for_signing": issuers(info.and_then(|info| info.ci_for_signing.as_deref()).unwrap_or_default()),
            "limits": self.limits.iter().map(|limit| json!({
                "limit": limit.name(),
                "blocks_downloads": limit.blocks_downloads(),
                "message": describe_limit(limit),
            })).collect::<Vec<_>>(),
            "uicc_capabilities": info.map(|info| uicc_capability(&info.uicc_capability).collect::<Vec<_>>()),
            "rsp_capabilities": info.and_then(|info| info.rsp_capability.as_ref()).map(|bits| rsp_capability(bits).collect::<Vec<_>>()),
            "forbidden_policy_rules": info.and_then(|info| info.forbidden_rules.as_ref()).map(|rules| rules.names().collect::<Vec<_>>()),
            "rules_authorisation_table": self.chip.rules.as_ref().ok().map(|rules| rules.iter().map(rule_json).collect::<Vec<_>>()),
            "default_smdp": filled(addresses.and_then(|addresses| addresses.default_smdp.as_ref())),
            "root_smds": filled(addresses.and_then(|addresses| addresses.root_smds.as_ref())),
            "root_smds_is_for_tests": addresses.is_some_and(sgp22::es10a::ConfiguredAddresses::root_is_for_tests),
            "other": info.map_or(&[][..], |info| &info.other).iter().map(|element| json!({
                "tag": element.tag.to_string(),
                "name": EuiccInfo2::kept_name(element.tag),
                "hex": data_encoding::HEXUPPER.encode(&element.bytes),
            })).collect::<Vec<_>>(),
            "refused": self.refused().iter().map(|(name, error)| json!({
                "what": name,
                "error": error.to_string(),
            })).collect::<Vec<_>>(),
        })
    }

    fn text(&self) -> String {
        let eid = self.chip.eid;
        let mut fields = Fields::default();
        let check =
            if eid.is_valid() { String::new() } else { format!(" {YELLOW}(its check digits are wrong){YELLOW:#}") };
        fields.add("EID", format!("{eid}{check}"));
        if let Some(maker) = eid.maker() {
            fields.add("Maker", format!("{} ({})", maker.name, maker.country));
        }
        fields.add("Reached by", &self.device).add("ISD-R", self.application.to_string());
        let info = self.chip.info.as_ref().ok();
        if let Some(version) = self.version(info) {
            fields.add("SGP.22", format!("version {version}"));
        }
        if let Some(info) = info {
            self.describe(info, &mut fields);
        }
        if let Ok(rules) = &self.chip.rules {
            fields.add(
                "Rules table",
                list(&rules.iter().map(rule_text).collect::<Vec<_>>(), "no operator may set rules")
                    .replace(", ppr", "\nppr"),
            );
        }
        if let Ok(addresses) = &self.chip.addresses {
            let default = filled(addresses.default_smdp.as_ref()).map_or("none".into(), |address| clean(&address));
            fields
                .add("Default SM-DP+", default)
                .add("Root SM-DS", format!("{}{}", clean_text(addresses.root_smds.as_ref()), test_mark(addresses)));
        }
        let limits: Vec<String> =
            self.limits.iter().map(|limit| format!("{YELLOW}{}{YELLOW:#}", describe_limit(limit))).collect();
        fields.add("Downloads", limits.join("\n"));
        for (name, error) in self.refused() {
            fields.add(name, format!("{YELLOW}not to be had: {error}{YELLOW:#}"));
        }
        fields.text()
    }
}

impl InfoReport {
    fn describe(&self, info: &EuiccInfo2, fields: &mut Fields) {
        let issuers = |ids: &Option<Vec<CiKeyId>>| match ids.as_deref() {
            None => "not said".to_owned(),
            Some([]) => "no issuer".to_owned(),
            Some(ids) => ids.iter().map(|id| self.issuer_text(id)).collect::<Vec<_>>().join("\n"),
        };
        let capabilities: Vec<String> = info.rsp_capability.iter().flat_map(rsp_capability).collect();
        let memory = info.resources.as_ref().and_then(|resources| resources.free_nonvolatile).map(bytes);
        let category = info.category.filter(|category| *category != EuiccCategory::Other);
        fields
            .add("Firmware", version(info.firmware).unwrap_or_default())
            .add("Profile format", version(info.profile_version).unwrap_or_default())
            .add("Free memory", memory.unwrap_or_default())
            .add("Category", category.map(|category| category.meaning().to_owned()).unwrap_or_default())
            .add("Trusts servers of", issuers(&info.ci_for_verification));
        if info.ci_for_signing != info.ci_for_verification {
            fields.add("Certified by", issuers(&info.ci_for_signing));
        }
        fields
            .add("Can do", list(&capabilities, ""))
            .add("UICC", list(&uicc_capability(&info.uicc_capability).collect::<Vec<_>>(), ""))
            .add("Accreditation", clean_text(info.sas_accreditation.as_ref()))
            .add("Platform", clean_text(info.platform_label.as_ref()));
        if info.iot.is_some() {
            fields.add("IoT", "the card is for IoT devices (SGP.32)");
        }
        if let Some(forbidden) = info.forbidden_rules.as_ref().map(PprIds::names).map(Iterator::collect::<Vec<_>>) {
            fields.add("Forbidden rules", forbidden.join(", "));
        }
    }
}
