//! Whether a profile with policy rules may be installed on a card (SGP.22 2.9.2.4, 3.1.3).

use sgp22::id::{Mccmnc, OperatorId};
use sgp22::policy::{AuthorisationRule, PprIds};
use sgp22::profile::{ProfileClass, ProfileInfo};

/// What a card's Rules Authorisation Table says to a profile's rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// The profile has no rules that bind the user.
    NoRules,
    /// The profile may be installed.
    Allowed {
        /// The user must be told what the rules mean, and agree.
        consent_required: bool,
    },
    /// The card does not let this operator use this rule.
    NotAuthorised {
        /// The rule, by its bit.
        rule: usize,
    },
    /// A profile that must not be disabled is only installed on a card without another operational one.
    NotAlone,
}

/// What is to be said to `rules` of a profile that `owner` owns, on a card that takes none with `forbidden` ones.
#[must_use]
pub fn verdict(
    rules: &PprIds,
    owner: Option<&OperatorId>,
    forbidden: Option<&PprIds>,
    table: &[AuthorisationRule],
    profiles: &[ProfileInfo],
) -> Verdict {
    let binding: Vec<usize> = rules.0.iter().filter(|bit| *bit != PprIds::UPDATE_CONTROL).collect();
    if binding.is_empty() {
        return Verdict::NoRules;
    }
    let mut consent_required = false;
    for rule in binding {
        if forbidden.is_some_and(|forbidden| forbidden.0.has(rule)) {
            return Verdict::NotAuthorised { rule };
        }
        // The first entry that fits counts.
        match table.iter().find(|entry| entry.rules.0.has(rule) && allows(entry, owner)) {
            Some(entry) => consent_required |= entry.consent_required(),
            None => return Verdict::NotAuthorised { rule },
        }
    }
    if rules.forbids_disabling() && profiles.iter().any(is_operational) {
        return Verdict::NotAlone;
    }
    Verdict::Allowed { consent_required }
}

/// True for a profile that a PPR1 profile must not share a card with. One whose class the card does not say counts.
#[must_use]
pub fn is_operational(profile: &ProfileInfo) -> bool {
    profile.class.is_none_or(|class| class == ProfileClass::Operational)
}

fn allows(entry: &AuthorisationRule, owner: Option<&OperatorId>) -> bool {
    entry
        .operators
        .iter()
        .any(|allowed| allowed.mccmnc == Mccmnc::ANY || owner.is_some_and(|owner| is_one_of(allowed, owner)))
}

/// Whether `owner` is meant: a digit of `E` stands for any, an absent or empty group identifier for all of them.
fn is_one_of(allowed: &OperatorId, owner: &OperatorId) -> bool {
    let digits = |code: Mccmnc| code.0.into_iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).collect::<Vec<u8>>();
    let code = digits(allowed.mccmnc).into_iter().zip(digits(owner.mccmnc)).all(|(a, o)| a == 0x0E || a == o);
    let group = |allowed: &Option<Vec<u8>>, owner: &Option<Vec<u8>>| match allowed {
        None => true,
        Some(group) => group.is_empty() || owner.as_ref() == Some(group),
    };
    code && group(&allowed.gid1, &owner.gid1) && group(&allowed.gid2, &owner.gid2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use sgp22::tlv::Bits;

    fn operator(code: &str) -> OperatorId {
        OperatorId::new(code.parse().unwrap())
    }

    fn entry(rules: &[usize], operators: Vec<OperatorId>, consent: bool) -> AuthorisationRule {
        let flags = if consent { Bits::of(&[0]) } else { Bits::default() };
        AuthorisationRule { rules: PprIds::of(rules), operators, flags }
    }

    fn any() -> OperatorId {
        OperatorId { mccmnc: Mccmnc::ANY, gid1: Some(Vec::new()), gid2: Some(Vec::new()) }
    }

    #[test]
    fn only_rules_that_bind_the_user_are_asked_about() {
        assert_eq!(verdict(&PprIds::of(&[0]), None, None, &[], &[]), Verdict::NoRules);
        assert_eq!(verdict(&PprIds::of(&[2]), None, None, &[], &[]), Verdict::NotAuthorised { rule: 2 });
    }

    #[test]
    fn the_first_entry_that_fits_says_whether_the_user_is_asked() {
        let table = [entry(&[2], vec![operator("262-01")], false), entry(&[1, 2], vec![any()], true)];
        let verdict_of = |owner: Option<OperatorId>| verdict(&PprIds::of(&[2]), owner.as_ref(), None, &table, &[]);
        assert_eq!(verdict_of(Some(operator("262-01"))), Verdict::Allowed { consent_required: false });
        assert_eq!(verdict_of(Some(operator("310-410"))), Verdict::Allowed { consent_required: true });
        assert_eq!(verdict_of(None), Verdict::Allowed { consent_required: true });
    }

    #[test]
    fn what_the_card_forbids_no_table_allows() {
        let table = [entry(&[1, 2], vec![any()], false)];
        let forbidden = PprIds::of(&[1]);
        let verdict_of = |rules: &[usize]| verdict(&PprIds::of(rules), None, Some(&forbidden), &table, &[]);
        assert_eq!(verdict_of(&[1, 2]), Verdict::NotAuthorised { rule: 1 });
        assert_eq!(verdict_of(&[2]), Verdict::Allowed { consent_required: false });
    }

    #[test]
    fn brands_of_an_operator_are_told_apart() {
        let brand = |gid: &[u8]| OperatorId { gid1: Some(gid.to_vec()), ..operator("262-01") };
        let table = [entry(&[2], vec![brand(&[1])], false)];
        let verdict_of = |owner: OperatorId| verdict(&PprIds::of(&[2]), Some(&owner), None, &table, &[]);
        assert_eq!(verdict_of(brand(&[1])), Verdict::Allowed { consent_required: false });
        assert_eq!(verdict_of(brand(&[2])), Verdict::NotAuthorised { rule: 2 });
        assert_eq!(verdict_of(operator("262-01")), Verdict::NotAuthorised { rule: 2 });
    }

    #[test]
    fn a_profile_that_stays_enabled_wants_the_card_for_itself() {
        let table = [entry(&[1, 2], vec![any()], true)];
        let other = ProfileInfo { class: Some(ProfileClass::Operational), ..ProfileInfo::default() };
        let test = ProfileInfo { class: Some(ProfileClass::Test), ..ProfileInfo::default() };
        assert_eq!(verdict(&PprIds::of(&[1]), None, None, &table, &[other]), Verdict::NotAlone);
        assert_eq!(
            verdict(&PprIds::of(&[1]), None, None, &table, &[test]),
            Verdict::Allowed { consent_required: true }
        );
    }
}
