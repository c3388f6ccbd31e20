//! ES9+.GetBoundProfilePackage and ES9+.CancelSession (SGP.22 5.6.2, 5.6.5).

use data_encoding::BASE64;
use sgp22::Function;
use sgp22::es9p::{BoundPackage, CancelSession, ExecutionFailure, GetBoundProfilePackage, ServerFunction};
use sgp22::es10b::{CancelSession as CardCancelSession, PrepareDownload};
use sgp22::id::TransactionId;
use sgp22::signed::{EuiccCancelSessionSigned, EuiccSigned2};
use sgp22::tlv::DecodeError;
use sha2::{Digest, Sha256};

use super::order::{Bound, Order, OrderState};
use super::package::{Binding, again};
use super::state::{CardSession, State};
use super::{Smdp, running};
use crate::server::{Behaviour, Problem, refused, signature_is_right};

fn unreadable(error: DecodeError) -> ExecutionFailure {
    refused("1.6", "2.1", &error.to_string())
}

fn other_session() -> ExecutionFailure {
    refused("8.10.1", "3.9", "the card signed another transaction id")
}

/// The part of a session that begins when the card has proved who it is.
fn card_session<'s>(state: &'s mut State, id: &TransactionId) -> Result<&'s mut CardSession, Problem> {
    let early = || refused("8.10.1", "3.9", "the session has not come that far").into();
    running(state, id)?.card.as_mut().ok_or_else(early)
}

impl Smdp {
    pub(super) fn get_package(&self, state: &mut State, request: &GetBoundProfilePackage) -> Result<Vec<u8>, Problem> {
        let id = &request.transaction_id;
        let card = card_session(state, id)?.clone();
        let signed = check_prepared(&card, request)?;
        let order = &mut state.orders[card.order];
        if order.has_expired() {
            order.state = OrderState::Error;
            return Err(refused("8.8.5", "4.10", "the order has lapsed").into());
        }
        if !matches!(order.state, OrderState::Released | OrderState::Downloaded) {
            return Err(refused("8.2.6", "3.8", "the order was used up meanwhile").into());
        }
        if let Err(failure) = check_code(order, id, &signed, request.prepare_download_response == card.wrong_answer) {
            card_session(state, id)?.wrong_answer.clone_from(&request.prepare_download_response);
            return Err(failure.into());
        }
        let package = self.package(order, id, &card, &signed)?;
        order.eid = Some(card.eid);
        order.state = OrderState::Downloaded;
        order.downloads += 1;
        let answer = BoundPackage { transaction_id: Some(id.clone()), bound_profile_package: package };
        Ok(GetBoundProfilePackage::encode_answer(&answer))
    }

    /// The package for this session: the one that was bound before, if the card still has the key.
    fn package(
        &self,
        order: &mut Order,
        id: &TransactionId,
        card: &CardSession,
        signed: &EuiccSigned2,
    ) -> Result<Vec<u8>, Problem> {
        if let Some(bound) = &order.bound {
            if bound.euicc_otpk == signed.euicc_otpk {
                return again(&bound.package, id, &self.binding, &bound.euicc_otpk, &self.behaviours);
            }
            if !self.behaviours.has(Behaviour::Rebind) {
                return Err(refused("8.2", "3.7", "the package is bound to another key of the card").into());
            }
        }
        let binding = Binding {
            order,
            identity: &self.binding,
            transaction_id: id,
            eid: card.eid,
            euicc_otpk: &signed.euicc_otpk,
            behaviours: &self.behaviours,
        };
        let package = binding.package()?;
        order.bound = Some(Bound { euicc_otpk: signed.euicc_otpk.clone(), package: package.clone() });
        Ok(package)
    }

    pub(super) fn cancel(&self, state: &mut State, request: &CancelSession) -> Result<Vec<u8>, Problem> {
        let id = &request.transaction_id;
        let card = card_session(state, id)?.clone();
        let answer = CardCancelSession::decode_answer(&request.cancel_session_response).map_err(unreadable)?;
        let (object, signature) =
            answer.map_err(|error| refused("8.1", "4.2", &format!("the card answered {error}")))?;
        let signed = EuiccCancelSessionSigned::decode(&object).map_err(unreadable)?;
        if signed.transaction_id != *id {
            return Err(other_session().into());
        }
        if !signature_is_right(&card.certificate, &object, &signature) {
            return Err(refused("8.1", "6.1", "the card's signature is wrong").into());
        }
        if signed.smdp_oid != self.oid {
            return Err(refused("8.8", "3.10", "the card cancelled a session with another server").into());
        }
        running(state, id)?.over = true;
        let order = &mut state.orders[card.order];
        let is_open = matches!(order.state, OrderState::Released | OrderState::Downloaded);
        if is_open && !signed.reason.keeps_the_order() {
            order.state = OrderState::Error;
        }
        Ok(CancelSession::encode_answer(&()))
    }
}

/// Reads what the card signed for the package, and checks the signature.
fn check_prepared(card: &CardSession, request: &GetBoundProfilePackage) -> Result<EuiccSigned2, ExecutionFailure> {
    let answer = PrepareDownload::decode_answer(&request.prepare_download_response).map_err(unreadable)?;
    let ok = answer.map_err(|failed| refused("8.1", "4.2", &format!("the card answered {}", failed.error)))?;
    let signed = EuiccSigned2::decode(&ok.euicc_signed2).map_err(unreadable)?;
    if signed.transaction_id != request.transaction_id {
        return Err(other_session());
    }
    let message = [&ok.euicc_signed2[..], &card.smdp_signature2].concat();
    if !signature_is_right(&card.certificate, &message, &ok.euicc_signature2) {
        return Err(refused("8.1", "6.1", "euiccSignature2 is wrong"));
    }
    Ok(signed)
}

/// Checks the confirmation code (SGP.22 4.7, 5.6.2): with the last wrong one the order is lost.
fn check_code(
    order: &mut Order,
    id: &TransactionId,
    signed: &EuiccSigned2,
    repeated: bool,
) -> Result<(), ExecutionFailure> {
    let Some(code_hash) = &order.code_hash else { return Ok(()) };
    let code_hash = BASE64.decode(code_hash.as_bytes()).unwrap_or_default();
    let Some(given) = &signed.hash_cc else { return Err(refused("8.2.7", "2.2", "a confirmation code is wanted")) };
    let expected = Sha256::new().chain_update(&code_hash).chain_update(id.as_bytes()).finalize();
    if given[..] == expected[..] {
        return Ok(());
    }
    if !repeated {
        order.wrong_codes += 1;
    }
    if order.wrong_codes >= order.max_wrong_codes {
        order.state = OrderState::Error;
        return Err(refused("8.2.7", "6.4", "the confirmation code was wrong too often"));
    }
    Err(refused("8.2.7", "3.8", "the confirmation code is wrong"))
}
