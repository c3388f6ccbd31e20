//! Card and server prove to each other who they are (SGP.22 3.0.1).

use sgp22::Function;
use sgp22::card_limits::CardLimit;
use sgp22::cert::{Certificate, Role};
use sgp22::ci::CiKeyId;
use sgp22::es9p::{AuthenticateClient, InitiateAuthentication, ServerAuthentication};
use sgp22::es10b::{AuthenticateServer, AuthenticateServerOk, GetEuiccChallenge};
use sgp22::euicc_info::EuiccInfo1;
use sgp22::id::ServerAddress;
use sgp22::signed::{Challenge, ServerSigned1};
use sgp22::tlv::DecodeError;
use sgp22::transport::Patience;

use super::cancel::Session;
use super::secrets::Secrets;
use super::{Cause, Mistrust, Order, Parties, Step, Stopped};
use crate::error::refused;
use crate::smdp::{self, LONGEST_ANSWER, Peer};
use crate::{Error, Isdr, chip};

/// What both have proved.
pub(crate) struct Authentication {
    pub(crate) session: Session,
    /// The card's answer, the whole object as it goes to the server.
    pub(crate) response: Vec<u8>,
    /// What is in it.
    pub(crate) proof: AuthenticateServerOk,
}

/// Nothing was spent, and there is no session to end.
fn not_begun(cause: impl Into<Cause>) -> Stopped {
    Stopped { cause: cause.into(), cancellation: None, package_requested: false }
}

/// Has card and server authenticate each other; the server must have this role.
///
/// What can be checked is checked before the card sees the server: a card that has refused a server may keep a session
/// half open.
pub(crate) fn authenticate(
    parties: &mut Parties<'_, '_>,
    order: &Order,
    role: Role,
) -> Result<Authentication, Stopped> {
    parties.watch.step(Step::Authenticating);
    let (raw_info, info) = fit_card(parties.isdr)?;
    parties.servers.expect(&order.address);
    let challenge = parties.isdr.call(&GetEuiccChallenge).map_err(not_begun)?;
    let peer = Peer::for_card(&order.address, info.ci_for_verification.as_deref());
    let request = InitiateAuthentication {
        euicc_challenge: challenge,
        euicc_info1: raw_info,
        smdp_address: order.address.clone(),
    };
    let secrets = Secrets::new(order.matching_id.as_ref());
    let answer = smdp::call(parties.servers, peer, &request, LONGEST_ANSWER);
    let answer = answer.map_err(|error| not_begun(secrets.redact(error)))?;
    check(order, role, &info, &challenge, &answer).map_err(not_begun)?;
    let session = Session {
        address: order.address.clone(),
        transaction_id: answer.transaction_id.clone(),
        issuers: info.ci_for_verification,
        secrets,
    };
    let request = AuthenticateServer {
        server_signed1: answer.server_signed1,
        server_signature1: answer.server_signature1,
        ci: answer.ci,
        server_certificate: answer.server_certificate,
        matching_id: order.matching_id.clone(),
        device: order.device.clone(),
    };
    ask_card(parties, session, &request)
}

/// Judges by the card's own description whether any server can get on with it. Nothing is asked of the network.
///
/// # Errors
/// [`Cause::CardLimit`] if the card rules downloads out by itself, [`Cause::Card`] if it cannot be read.
pub fn check_card(isdr: &mut Isdr<'_>) -> Result<(), Stopped> {
    fit_card(isdr).map(drop)
}

/// EUICCInfo1 as the card gave it, and what is in it, of a card that does not rule downloads out.
fn fit_card(isdr: &mut Isdr<'_>) -> Result<(Vec<u8>, EuiccInfo1), Stopped> {
    let (raw, info) = chip::info1(isdr).map_err(not_begun)?;
    // Whether an issuer is known here shows at the server's certificate.
    match info.limits(|_| true).into_iter().find(CardLimit::blocks_downloads) {
        Some(limit) => Err(not_begun(Cause::CardLimit(limit))),
        None => Ok((raw, info)),
    }
}

/// Whether this is the server that was meant, and one that the card can deal with.
fn check(
    order: &Order,
    role: Role,
    info: &EuiccInfo1,
    challenge: &Challenge,
    answer: &ServerAuthentication,
) -> Result<(), Cause> {
    let signed = ServerSigned1::decode(&answer.server_signed1)?;
    if signed.transaction_id != answer.transaction_id {
        return Err(Mistrust::Session("signature").into());
    }
    if signed.euicc_challenge != *challenge {
        return Err(Mistrust::Challenge.into());
    }
    let found = signed.server_address.to_string();
    if !same_address(&found, &order.address) {
        return Err(Mistrust::Address { found }.into());
    }
    let certificate = Certificate::decode(&answer.server_certificate)?;
    if certificate.role().is_some_and(|found| found != role) {
        return Err(Mistrust::Role.into());
    }
    if let Some(expected) = &order.smdp_oid {
        let found = certificate.owner().ok_or(DecodeError::value("Certificate", "does not name its owner"))?;
        if *expected != found {
            return Err(Mistrust::OtherServer { expected: expected.clone(), found }.into());
        }
    }
    let issuer = certificate.authority_key_id().ok_or(DecodeError::value("Certificate", "names no issuer's key"))?;
    // Version 3 allows certificates in between; there the card decides.
    let direct = issuer == answer.ci;
    // Where the card does not say, it decides, too.
    let refuses = |list: &Option<Vec<CiKeyId>>, key| list.as_ref().is_some_and(|list| !list.contains(key));
    if direct && refuses(&info.ci_for_verification, &issuer) {
        return Err(Mistrust::NoCommonIssuer { server: issuer }.into());
    }
    if refuses(&info.ci_for_signing, &answer.ci) && !info.ci_for_signing_v3().contains(&answer.ci) {
        return Err(Mistrust::CannotSignUnder { wanted: answer.ci.clone() }.into());
    }
    Ok(())
}

/// True if two addresses are of the same host. A port only says how to get there.
fn same_address(one: &str, other: &str) -> bool {
    let name = |address: &str| address.parse().ok().map(|address: ServerAddress| address.name().to_owned());
    name(one).is_some_and(|name_of_one| Some(name_of_one) == name(other))
}

fn ask_card(
    parties: &mut Parties<'_, '_>,
    session: Session,
    request: &AuthenticateServer,
) -> Result<Authentication, Stopped> {
    let function = AuthenticateServer::NAME;
    // Signatures and certificates: slow cards take seconds.
    let answered = parties.isdr.call_raw(function, &request.encode(), Patience::Long).and_then(|response| {
        let answer = AuthenticateServer::decode_answer(&response);
        Ok((answer.map_err(|source| Error::Decode { function, source })?, response))
    });
    match answered {
        Ok((Ok(proof), response)) => Ok(Authentication { session, response, proof }),
        Ok((Err(failed), response)) => {
            // The server ends its side of the session when it sees this; what it says to it changes nothing.
            let told = AuthenticateClient {
                transaction_id: session.transaction_id.clone(),
                authenticate_server_response: response,
            };
            let answer = session.call(parties.servers, session.peer(), &told, LONGEST_ANSWER);
            log::info!("the card refused the server; the server says to that: {answer:?}");
            Err(not_begun(refused!(function, failed.error)))
        }
        Err(error) => Err(session.stop(parties, error.into(), false)),
    }
}
