//! ES9+.AuthenticateClient: who is it, and which order do they mean (SGP.22 5.6.3).

use sgp22::es9p::{AuthenticateClient, ExecutionFailure, ProfileOffer, ServerFunction};
use sgp22::euicc_info::EuiccInfo2;
use sgp22::id::{Eid, MatchingId};
use sgp22::profile::ProfileClass;
use sgp22::signed::{SmdpSigned2, signature_object};

use super::description::offered_description;
use super::order::{Order, OrderState};
use super::state::{CardSession, State};
use super::{Smdp, is_for, running};
use crate::server::{Behaviour, CardProof, Problem, check_card, new_transaction_id, newer, refused, spoil};

/// Bits of rspCapability.
const ADDITIONAL_PROFILE: usize = 0;
const TEST_PROFILES: usize = 3;

impl Smdp {
    pub(super) fn authenticate(&self, state: &mut State, request: &AuthenticateClient) -> Result<Vec<u8>, Problem> {
        let id = &request.transaction_id;
        let session = running(state, id)?;
        let proof = check_card(&session.initiated, id, &request.authenticate_server_response, &self.ci)?;
        let order = find_order(&state.orders, proof.signed.matching_id.as_ref(), proof.eid)?;
        let found = &mut state.orders[order];
        check_order(found)?;
        check_eligible(found, &proof.signed.euicc_info2)?;
        let offer = self.offer(request, &proof, found)?;
        let card = CardSession {
            eid: proof.eid,
            certificate: proof.certificate,
            order,
            smdp_signature2: offer.smdp_signature2.clone(),
            wrong_answer: Vec::new(),
        };
        running(state, id)?.card = Some(card);
        Ok(AuthenticateClient::encode_answer(&offer))
    }

    fn offer(&self, request: &AuthenticateClient, proof: &CardProof, order: &Order) -> Result<ProfileOffer, Problem> {
        let other_id = self.behaviours.concerns(Behaviour::SignedTransactionId, AuthenticateClient::ENDPOINT);
        let own_id = request.transaction_id.clone();
        let bound = order.bound.as_ref().filter(|_| !self.behaviours.has(Behaviour::ForgetsBinding));
        let signed = SmdpSigned2 {
            transaction_id: if other_id { new_transaction_id()? } else { own_id.clone() },
            confirmation_required: order.wants_code(),
            bpp_euicc_otpk: bound.map(|bound| bound.euicc_otpk.clone()),
        };
        let smdp_signed2 = newer(&self.behaviours, signed.encode());
        let mut signature = self.binding.sign(&[&smdp_signed2[..], &proof.signature].concat());
        spoil(&mut signature, self.behaviours.has(Behaviour::BadSmdpSignature2));
        Ok(ProfileOffer {
            transaction_id: Some(own_id),
            profile_metadata: offered_description(&self.behaviours, &order.metadata),
            smdp_signed2,
            smdp_signature2: signature_object(&signature),
            smdp_certificate: self.binding.certificate_der().to_vec(),
        })
    }
}

/// The order that a card means: by its MatchingID, or by the EID if there is none.
fn find_order(orders: &[Order], matching_id: Option<&MatchingId>, eid: Eid) -> Result<usize, ExecutionFailure> {
    let unknown = || refused("8.2.6", "3.8", "there is no such order");
    let named = matching_id.map(MatchingId::expose).filter(|id| !id.is_empty());
    let Some(named) = named else {
        let waits = |order: &Order| order.eid == Some(eid) && is_open(order.state);
        return orders.iter().position(waits).ok_or_else(unknown);
    };
    let index = orders.iter().position(|order| order.matching_id == named).ok_or_else(unknown)?;
    if !is_for(&orders[index], eid) {
        return Err(refused("8.1.1", "3.8", "the order is for another card"));
    }
    Ok(index)
}

fn is_open(state: OrderState) -> bool {
    matches!(state, OrderState::Released | OrderState::Downloaded)
}

/// May it be had now?
fn check_order(order: &mut Order) -> Result<(), ExecutionFailure> {
    match order.state {
        OrderState::Available | OrderState::Allocated | OrderState::Linked | OrderState::Confirmed => {
            return Err(refused("8.2", "1.2", "the profile is not released yet"));
        }
        state if !is_open(state) => return Err(refused("8.2.6", "3.8", "the order was used up")),
        _ => {}
    }
    if order.has_expired() {
        order.state = OrderState::Error;
        return Err(refused("8.8.5", "4.10", "the order has lapsed"));
    }
    if order.downloads >= order.max_downloads {
        order.state = OrderState::Error;
        return Err(refused("8.8.5", "6.4", "the package was fetched too often"));
    }
    Ok(())
}

/// Can this card take it?
fn check_eligible(order: &Order, info: &EuiccInfo2) -> Result<(), ExecutionFailure> {
    let is_test = order.description().is_some_and(|description| description.class == ProfileClass::Test);
    let can = |bit| info.rsp_capability.as_ref().is_some_and(|bits| bits.has(bit));
    if !can(ADDITIONAL_PROFILE) || (is_test && !can(TEST_PROFILES)) {
        return Err(refused("8.2.5", "4.3", "the card cannot take profiles of this kind"));
    }
    let free = info.resources.as_ref().and_then(|resources| resources.free_nonvolatile);
    if free.is_some_and(|free| free < order.size() as u64) {
        return Err(refused("8.1", "4.8", "the profile is larger than the card's free memory"));
    }
    Ok(())
}
