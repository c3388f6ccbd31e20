//! ES9+.HandleNotification: what became of the profiles (SGP.22 5.6.4). Every notification is acknowledged; one that is
//! not genuine changes nothing.

use data_encoding::HEXLOWER;
use sgp22::es9p::HandleNotification;
use sgp22::es10b::{BppErrorReason, ProfileInstallationResult};
use sgp22::notification::{Events, NotificationMetadata, PendingKind, PendingNotification};
use sgp22::tlv::{Elements, Tag};
use sha2::{Digest, Sha256};

use super::Smdp;
use super::order::{Order, OrderState};
use super::state::{NotificationRecord, State};
use crate::server::{Problem, check_chain, refused, signature_is_right};
use sgp22::id::Eid;

impl Smdp {
    pub(super) fn take_notification(
        &self,
        state: &mut State,
        request: &HandleNotification,
    ) -> Result<Vec<u8>, Problem> {
        let object = &request.pending_notification;
        let sha256 = HEXLOWER.encode(&Sha256::digest(object));
        if let Some(known) = state.notifications.iter_mut().find(|known| known.sha256 == sha256) {
            known.times += 1;
            return Ok(Vec::new());
        }
        let unreadable = |error: sgp22::tlv::DecodeError| refused("1.6", "2.1", &error.to_string());
        let pending = PendingNotification::decode(object).map_err(unreadable)?;
        let Some(metadata) = &pending.metadata else { return Ok(Vec::new()) };
        let record = |eid, failure| NotificationRecord {
            seq: metadata.seq,
            event: metadata.event.names().collect::<Vec<_>>().join(","),
            is_installation_result: pending.kind == PendingKind::InstallationResult,
            failure,
            iccid: metadata.iccid.clone(),
            eid,
            signature_is_right: eid.is_some(),
            sha256,
            times: 1,
        };
        if pending.kind == PendingKind::InstallationResult {
            let result = ProfileInstallationResult::decode(object).map_err(unreadable)?;
            let failure = result.result.as_ref().err().map(|error| (error.command.code(), error.reason.code()));
            let eid = self.take_result(state, &result, object);
            state.notifications.push(record(eid, failure));
        } else {
            let eid = self.signer(object);
            if let Some(eid) = eid {
                follow(&mut state.orders, metadata, eid);
            }
            state.notifications.push(record(eid, None));
        }
        Ok(Vec::new())
    }

    /// Follows the result of an installation; the card, if it is genuine. The card's certificate is known from the
    /// session.
    fn take_result(&self, state: &mut State, result: &ProfileInstallationResult, object: &[u8]) -> Option<Eid> {
        let session = state.any_session(&result.transaction_id)?;
        let card = session.card.as_ref()?;
        let mut parts = Elements::open("ProfileInstallationResult", object, ProfileInstallationResult::TAG).ok()?;
        let data = parts.take(Tag(0xBF27))?.raw;
        let signature = parts.take(Tag(0x5F37))?.raw;
        if !signature_is_right(&card.certificate, data, signature) || result.smdp_oid != self.oid {
            return None;
        }
        let (eid, order) = (card.eid, card.order);
        session.over = true;
        let order = &mut state.orders[order];
        let is_newest = order.last_seq.is_none_or(|last| last < result.metadata.seq);
        if order.state == OrderState::Downloaded && is_newest {
            order.last_seq = Some(result.metadata.seq);
            order.state = match &result.result {
                Ok(_) => OrderState::Installed,
                Err(error) if may_be_tried_again(error.reason) => OrderState::Downloaded,
                Err(_) => OrderState::Error,
            };
        }
        Some(eid)
    }

    /// The card that signed an `OtherSignedNotification`, if it is genuine.
    fn signer(&self, object: &[u8]) -> Option<Eid> {
        let mut parts = Elements::open("OtherSignedNotification", object, Tag(0x30)).ok()?;
        let metadata = parts.take(NotificationMetadata::TAG)?.raw;
        let signature = parts.take(Tag(0x5F37))?.raw;
        let (euicc, eum) = (parts.take(Tag(0x30))?.raw, parts.take(Tag(0x30))?.raw);
        let eid = check_chain(euicc, eum, &self.ci).ok()?;
        signature_is_right(euicc, metadata, signature).then_some(eid)
    }
}

/// Failures that another try may mend.
fn may_be_tried_again(reason: BppErrorReason) -> bool {
    matches!(reason, BppErrorReason::InsufficientMemory | BppErrorReason::Interruption)
}

/// The state of a profile follows its newest notification: they can come in any order.
fn follow(orders: &mut [Order], metadata: &NotificationMetadata, eid: Eid) {
    let Some(iccid) = &metadata.iccid else { return };
    let event = metadata.event.0.iter().next();
    let state = match event {
        Some(Events::INSTALL) => OrderState::Installed,
        Some(Events::ENABLE) => OrderState::Enabled,
        Some(Events::DISABLE) => OrderState::Disabled,
        Some(Events::DELETE) => OrderState::Deleted,
        _ => return,
    };
    let handed_out = |order: &&mut Order| order.iccid == *iccid && order.eid == Some(eid) && order.downloads > 0;
    // Of several orders for the same profile, one after the other, the last one is meant.
    let Some(order) = orders.iter_mut().rfind(handed_out) else { return };
    if order.last_seq.is_none_or(|last| last < metadata.seq) && order.state != OrderState::Error {
        order.last_seq = Some(metadata.seq);
        order.state = state;
    }
}
