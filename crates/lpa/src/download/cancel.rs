//! Ending a session that is not to go on.

use sgp22::Function;
use sgp22::ci::CiKeyId;
use sgp22::es9p::{self, ServerFunction};
use sgp22::es10b::{CancelSession, CancelSessionReason};
use sgp22::id::TransactionId;
use sgp22::transport::Patience;

use super::secrets::Secrets;
use super::{Cause, Parties, Step, Stop, Stopped};
use crate::error::refused;
use crate::smdp::{self, LONGEST_ANSWER, Peer, RspServer, ServerError};
use crate::{Error, Isdr};

/// A session between card and server.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    pub(crate) address: String,
    pub(crate) transaction_id: TransactionId,
    /// Issuers that the card verifies servers under.
    pub(crate) issuers: Option<Vec<CiKeyId>>,
    /// The secrets of the order, to be kept out of the server's own words.
    pub(crate) secrets: Secrets,
}

/// How a session was ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cancellation {
    /// The row of the table that it was ended by.
    pub stop: Stop,
    /// What both were told.
    pub reason: CancelSessionReason,
    /// Whether the card signed it.
    pub card: Result<(), Error>,
    /// Whether the server took it; `None` if there was no signature to bring it.
    pub server: Option<Result<(), ServerError>>,
}

impl Session {
    pub(crate) fn peer(&self) -> Peer<'_> {
        Peer::for_card(&self.address, self.issuers.as_deref())
    }

    /// Asks the server for something. Secrets of the order are taken out of its words if it refuses.
    pub(crate) fn call<F: ServerFunction>(
        &self,
        servers: &dyn RspServer,
        peer: Peer<'_>,
        request: &F,
        longest: usize,
    ) -> Result<F::Answer, ServerError> {
        smdp::call(servers, peer, request, longest).map_err(|error| self.secrets.redact(error))
    }

    /// Ends the session: the card signs first, then the server is told.
    pub(crate) fn cancel(&self, parties: &mut Parties<'_, '_>, stop: Stop) -> Cancellation {
        let reason = stop.reason();
        parties.watch.step(Step::Ending(reason));
        log::info!("ending the session ({}): {}", stop.rule().name, reason.name());
        // Whoever wants to stop wants this done.
        match parties.isdr.uninterrupted(|isdr| self.sign_cancellation(isdr, reason)) {
            Ok(response) => {
                let request = es9p::CancelSession {
                    transaction_id: self.transaction_id.clone(),
                    cancel_session_response: response,
                };
                let server = self.call(parties.servers, self.peer().to_the_end(), &request, LONGEST_ANSWER);
                Cancellation { stop, reason, card: Ok(()), server: Some(server) }
            }
            Err(error) => Cancellation { stop, reason, card: Err(error), server: None },
        }
    }

    fn sign_cancellation(&self, isdr: &mut Isdr<'_>, reason: CancelSessionReason) -> Result<Vec<u8>, Error> {
        let request = CancelSession { transaction_id: self.transaction_id.clone(), reason };
        let response = isdr.call_raw(CancelSession::NAME, &request.encode(), Patience::Normal)?;
        match CancelSession::decode_answer(&response) {
            Ok(Ok(_)) => Ok(response),
            Ok(Err(error)) => Err(refused!(CancelSession::NAME, error)),
            Err(source) => Err(Error::Decode { function: CancelSession::NAME, source }),
        }
    }

    /// Ends the session because of `cause`.
    pub(super) fn stop(&self, parties: &mut Parties<'_, '_>, cause: Cause, package_requested: bool) -> Stopped {
        log::info!("the download stops: {cause}");
        let cancellation = self.cancel(parties, cause.stop());
        Stopped { cause, cancellation: Some(cancellation), package_requested }
    }
}
