//! InitiateAuthentication, which SM-DP+ and SM-DS share (SGP.22 5.6.1, 5.8.1).

use serde::{Deserialize, Serialize};
use sgp22::ci::CiKeyId;
use sgp22::es9p::{InitiateAuthentication, ServerAuthentication};
use sgp22::euicc_info::EuiccInfo1;
use sgp22::id::TransactionId;
use sgp22::signed::{Challenge, ServerSigned1, signature_object};
use sgp22::tlv::{Tag, Writer, open};

use super::{Behaviour, Behaviours, Problem, random, refused};
use crate::pki::Identity;

/// A session that has begun.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Initiated {
    /// The server's challenge.
    pub(crate) server_challenge: Challenge,
    /// The address that the server signed.
    pub(crate) server_address: String,
}

/// The server's side of an authentication.
pub(crate) struct AuthSide<'a> {
    /// The hosts that it answers for.
    pub(crate) hosts: &'a [String],
    /// What it signs with.
    pub(crate) identity: &'a Identity,
    /// The issuer of its certificate, and of the cards'.
    pub(crate) ci: &'a CiKeyId,
    /// What subjects begin with: 8.8 for an SM-DP+, 8.9 for an SM-DS.
    pub(crate) subject: &'static str,
    pub(crate) behaviours: &'a Behaviours,
}

/// Begins a session.
pub(crate) fn initiate(
    side: &AuthSide<'_>,
    request: &InitiateAuthentication,
) -> Result<(Initiated, ServerAuthentication), Problem> {
    let server_address = own_address(side, &request.smdp_address)?;
    check_info(side, &request.euicc_info1)?;
    let transaction_id = new_transaction_id()?;
    let initiated = Initiated { server_challenge: random()?, server_address };
    let has = |behaviour| side.behaviours.has(behaviour);
    let other_id = side.behaviours.concerns(Behaviour::SignedTransactionId, "initiateAuthentication");
    let signed = ServerSigned1 {
        transaction_id: if other_id { new_transaction_id()? } else { transaction_id.clone() },
        euicc_challenge: if has(Behaviour::WrongChallenge) { random()? } else { request.euicc_challenge },
        server_address: if has(Behaviour::WrongAddress) {
            "other.example.com".into()
        } else {
            initiated.server_address.as_str().into()
        },
        server_challenge: initiated.server_challenge,
    };
    let server_signed1 = newer(side.behaviours, signed.encode());
    let mut signature = side.identity.sign(&server_signed1);
    spoil(&mut signature, has(Behaviour::BadServerSignature1));
    let answer = ServerAuthentication {
        transaction_id,
        server_signed1,
        server_signature1: signature_object(&signature),
        ci: if has(Behaviour::UnknownCi) { CiKeyId::from_bytes(&random::<20>()?) } else { side.ci.clone() },
        server_certificate: side.identity.certificate_der().to_vec(),
    };
    Ok((initiated, answer))
}

/// The server's address, as it signs it: a port that the client names is kept.
fn own_address(side: &AuthSide<'_>, asked: &str) -> Result<String, Problem> {
    let (host, port) = match asked.rsplit_once(':') {
        Some((host, port)) if port.parse::<u16>().is_ok() => (host, Some(port)),
        _ => (asked, None),
    };
    let subject = format!("{}.1", side.subject);
    let own = side.hosts.iter().find(|own| own.eq_ignore_ascii_case(host) || own.eq_ignore_ascii_case(asked));
    let own = own.ok_or_else(|| refused(&subject, "3.8", "this is another server"))?;
    Ok(match port {
        Some(port) if !own.contains(':') => format!("{own}:{port}"),
        _ => own.clone(),
    })
}

/// Version and issuers (SGP.22 5.6.1): the card must accept the server's certificate, and have one that the server
/// accepts.
fn check_info(side: &AuthSide<'_>, info: &[u8]) -> Result<(), Problem> {
    let info = EuiccInfo1::decode(info).map_err(|error| refused("1.6", "2.1", &error.to_string()))?;
    let refuse = |number: &str, reason, why| Err(refused(&format!("{}.{number}", side.subject), reason, why).into());
    if !info.svn.is_some_and(|version| (2..=3).contains(&version.0[0])) {
        return refuse("3", "3.1", "the card's version of SGP.22 is not supported");
    }
    let names = |list: &Option<Vec<CiKeyId>>| list.as_ref().is_some_and(|list| list.contains(side.ci));
    if !names(&info.ci_for_signing) {
        return refuse("2", "3.1", "no issuer of the card's certificates is known");
    }
    if !names(&info.ci_for_verification) {
        return refuse("4", "3.7", "the card accepts no certificate of this server");
    }
    Ok(())
}

/// A transaction id that nobody has had.
pub(crate) fn new_transaction_id() -> Result<TransactionId, Problem> {
    TransactionId::from_bytes(&random::<16>()?).map_err(|error| Problem::Internal(error.to_string()))
}

/// Makes a signature a wrong one.
pub(crate) fn spoil(signature: &mut [u8; 64], really: bool) {
    signature[63] ^= u8::from(really);
}

/// An object to be signed, with the fields of version 3 that a card of version 2 does not know.
pub(crate) fn newer(behaviours: &Behaviours, object: Vec<u8>) -> Vec<u8> {
    if !behaviours.has(Behaviour::NewerVersion) {
        return object;
    }
    let Ok(fields) = open("signed object", &object, Tag(0x30)) else { return object };
    Writer::object(Tag(0x30), |w| {
        w.raw(fields.value);
        w.put(Tag(0xA5), &[0x80, 0x01, 0xFF]).put(Tag(0x86), &[0x05, 0xE0]);
    })
}
