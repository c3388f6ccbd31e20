//! Checks of what a card signs for a server (SGP.22 5.6.3, 5.8.2): its certificates, signature and challenge.

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{DerSignature, Signature, VerifyingKey};
use sgp22::Function;
use sgp22::cert::{Certificate, Role};
use sgp22::es9p::ExecutionFailure;
use sgp22::es10b::AuthenticateServer;
use sgp22::id::{Eid, TransactionId};
use sgp22::signed::EuiccSigned1;
use sgp22::tlv::{Tag, open};

use super::{Initiated, now, refused};

/// A card that has proved who it is.
#[derive(Debug, Clone)]
pub(crate) struct CardProof {
    /// Its number, from its certificate.
    pub(crate) eid: Eid,
    /// Its certificate in DER.
    pub(crate) certificate: Vec<u8>,
    /// What it signed.
    pub(crate) signed: EuiccSigned1,
    /// `euiccSignature1`, the whole object.
    pub(crate) signature: Vec<u8>,
}

/// True if `object`, a `5F37`, is a signature over `message` by the key of this certificate.
pub(crate) fn signature_is_right(certificate: &[u8], message: &[u8], object: &[u8]) -> bool {
    let check = || {
        let certificate = Certificate::decode(certificate).ok()?;
        let signature = Signature::from_slice(open("signature", object, Tag(0x5F37)).ok()?.value).ok()?;
        VerifyingKey::from_sec1_bytes(certificate.public_key).ok()?.verify(message, &signature).ok()
    };
    check().is_some()
}

fn is_issued_by(certificate: &Certificate<'_>, issuer: &Certificate<'_>) -> bool {
    let check = || {
        let signature = DerSignature::try_from(certificate.signature).ok()?;
        VerifyingKey::from_sec1_bytes(issuer.public_key).ok()?.verify(certificate.tbs, &signature).ok()
    };
    check().is_some() && certificate.issuer == issuer.subject
}

/// Checks an `authenticateServerResponse` in the session that `initiated` began. `ci` is the certificate of the issuer.
pub(crate) fn check_card(
    initiated: &Initiated,
    transaction_id: &TransactionId,
    response: &[u8],
    ci: &[u8],
) -> Result<CardProof, ExecutionFailure> {
    let unreadable = |error: sgp22::tlv::DecodeError| refused("1.6", "2.1", &error.to_string());
    let answer = AuthenticateServer::decode_answer(response).map_err(unreadable)?;
    let ok = answer.map_err(|failed| refused("8.1", "4.2", &format!("the card answered {}", failed.error)))?;
    let eid = check_chain(&ok.euicc_certificate, &ok.eum_certificate, ci)?;
    if !signature_is_right(&ok.euicc_certificate, &ok.euicc_signed1, &ok.euicc_signature1) {
        return Err(refused("8.1", "6.1", "euiccSignature1 is wrong"));
    }
    let signed = EuiccSigned1::decode(&ok.euicc_signed1).map_err(unreadable)?;
    if signed.transaction_id != *transaction_id {
        return Err(refused("8.10.1", "3.9", "the card signed another transaction id"));
    }
    if signed.server_challenge != initiated.server_challenge {
        return Err(refused("8.1", "6.1", "the card signed another challenge"));
    }
    if signed.server_address.to_string() != initiated.server_address {
        return Err(refused("8.1", "6.1", "the card signed another server's address"));
    }
    Ok(CardProof { eid, certificate: ok.euicc_certificate, signed, signature: ok.euicc_signature1 })
}

/// Checks a card's certificates up to the issuer (SGP.22 4.5.2.2) and gives its EID.
pub(crate) fn check_chain(euicc: &[u8], eum: &[u8], ci: &[u8]) -> Result<Eid, ExecutionFailure> {
    let bad_eum = |why: &str| refused("8.1.2", "6.1", why);
    let bad_euicc = |why: &str| refused("8.1.3", "6.1", why);
    let ci = Certificate::decode(ci).map_err(|error| refused("8.8", "4.2", &error.to_string()))?;
    let eum = Certificate::decode(eum).map_err(|error| bad_eum(&error.to_string()))?;
    if eum.authority_key_id() != ci.subject_key_id() {
        return Err(refused("8.11.1", "3.9", "the EUM's certificate is of another issuer than agreed"));
    }
    if !is_issued_by(&eum, &ci) || eum.role() != Some(Role::Eum) || !eum.may_sign_certificates() {
        return Err(bad_eum("the EUM's certificate is not what it should be"));
    }
    if !(eum.not_before..=eum.not_after).contains(&now()) {
        return Err(refused("8.1.2", "6.3", "the EUM's certificate is out of date"));
    }
    let euicc = Certificate::decode(euicc).map_err(|error| bad_euicc(&error.to_string()))?;
    if !is_issued_by(&euicc, &eum) || euicc.role() != Some(Role::Euicc) || !euicc.may_sign_data() {
        return Err(bad_euicc("the eUICC's certificate is not what it should be"));
    }
    if euicc.authority_key_id() != eum.subject_key_id() {
        return Err(bad_euicc("the eUICC's certificate is of another EUM"));
    }
    if !(euicc.not_before..=euicc.not_after).contains(&now()) {
        return Err(refused("8.1.3", "6.3", "the eUICC's certificate is out of date"));
    }
    constrained_eid(&euicc, &eum).ok_or_else(|| bad_euicc("the EUM may not certify this EID"))
}

/// The EID, if the EUM's name constraint permits it: the same organisation, and a number that begins as the constraint
/// says. Libraries for certificates compare the whole number and so get this wrong.
fn constrained_eid(euicc: &Certificate<'_>, eum: &Certificate<'_>) -> Option<Eid> {
    let (organisation, prefix) = eum.permitted_eids()?;
    let number = euicc.serial_number()?;
    let permitted = euicc.organisation()? == organisation && number.starts_with(&prefix);
    permitted.then(|| number.parse().ok()).flatten()
}
