//! The rules for certificates of cards and their makers (SGP.22 4.5.2.1, 4.5.2.2).

use sgp22::cert::{Certificate, PERMITTED_EINS};
use sgp22::id::Eid;

use super::{CertificateOf, Misuse, ProofError};
use crate::smdp::https::chain::{is_authority, unknown_critical_beside};

const NAME_CONSTRAINTS: &[u8] = b"\x55\x1D\x1E";
/// Critical extensions that are obeyed here, beside those of all chains.
const UNDERSTOOD: [&[u8]; 2] = [NAME_CONSTRAINTS, PERMITTED_EINS];

/// True if `issuer` may stand between a card and an issuer of the GSMA, with `below` others below it.
pub(super) fn may_certify(issuer: &Certificate<'_>, below: usize) -> bool {
    is_authority(issuer, below)
        && (issuer.is_card_maker() || issuer.is_sub_ci())
        && unknown_critical_beside(issuer, &UNDERSTOOD).is_none()
}

/// The rule that a maker's certificate breaks by itself, to tell why a chain could not be found.
pub(super) fn fault_of_maker(maker: &Certificate<'_>) -> Option<ProofError> {
    let wrong = |why| Some(ProofError::WrongUse { of: CertificateOf::Maker, why });
    if !maker.is_card_maker() {
        return wrong(Misuse::NotMaker);
    }
    if !is_authority(maker, 0) {
        return wrong(Misuse::NoCertificates);
    }
    unknown_critical_beside(maker, &UNDERSTOOD).and_then(|_| wrong(Misuse::UnknownCritical))
}

/// Checks the roles in a chain that was found, and the EID against each maker's range.
pub(super) fn check(card: &Certificate<'_>, chain: &[&Certificate<'_>]) -> Result<Eid, ProofError> {
    let wrong = |of, why| Err(ProofError::WrongUse { of, why });
    if !card.is_card() {
        return wrong(CertificateOf::Card, Misuse::NotCard);
    }
    if !card.may_sign_data() {
        return wrong(CertificateOf::Card, Misuse::NoData);
    }
    if unknown_critical_beside(card, &[]).is_some() {
        return wrong(CertificateOf::Card, Misuse::UnknownCritical);
    }
    let Some((_, above)) = chain.split_first() else { return Err(ProofError::Missing(CertificateOf::Card)) };
    if !above.first().is_some_and(|maker| maker.is_card_maker()) {
        return wrong(CertificateOf::Maker, Misuse::NotFromMaker);
    }
    permitted_eid(card, above)
}

/// The EID, if every maker above permits it and at least one has a range. Libraries for certificates compare the whole
/// serial number, and so refuse every card.
fn permitted_eid(card: &Certificate<'_>, above: &[&Certificate<'_>]) -> Result<Eid, ProofError> {
    let number = card.serial_number().unwrap_or_default();
    let eid: Eid = number.parse().map_err(|_| ProofError::EidNotPermitted)?;
    let organisation = card.organisation();
    let mut constrained = false;
    for maker in above.iter().filter(|maker| maker.is_card_maker()) {
        let ranges =
            maker.permitted_cards().map_err(|why| ProofError::BadCertificate { of: CertificateOf::Maker, why })?;
        if !ranges.is_empty() && !ranges.iter().any(|range| range.contains(organisation.as_deref(), &eid)) {
            return Err(ProofError::EidNotPermitted);
        }
        constrained |= !ranges.is_empty();
    }
    if constrained { Ok(eid) } else { Err(ProofError::EidNotPermitted) }
}
