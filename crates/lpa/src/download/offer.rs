//! What a server has for a card, and getting the card ready for it.

use sgp22::Function;
use sgp22::cert::Role;
use sgp22::es9p::{AuthenticateClient, GetBoundProfilePackage, ProfileOffer};
use sgp22::es10b::PrepareDownload;
use sgp22::euicc_info::EuiccInfo2;
use sgp22::id::{ConfirmationCode, TransactionId};
use sgp22::metadata::StoreMetadata;
use sgp22::signed::{EuiccSigned1, SmdpSigned2};
use sgp22::transport::Patience;

use super::cancel::{Cancellation, Session};
use super::{Authentication, Cause, Mistrust, Order, Package, Parties, Step, Stop, Stopped, authenticate};
use crate::Error;
use crate::error::refused;
use crate::smdp::{LONGEST_ANSWER, LONGEST_PACKAGE};

/// A profile that the server has for the card. Nothing has been spent yet.
#[derive(Debug)]
#[must_use = "a session that is not ended keeps the server waiting"]
pub struct Offer {
    session: Session,
    offer: ProfileOffer,
    metadata: StoreMetadata,
    signed: SmdpSigned2,
    info: Option<EuiccInfo2>,
}

/// The card has made its key. Nothing has been spent yet.
#[derive(Debug)]
#[must_use = "a session that is not ended keeps the server waiting"]
pub struct Prepared {
    session: Session,
    metadata: StoreMetadata,
    /// `PrepareDownloadResponse`, the whole object.
    response: Vec<u8>,
}

pub(super) fn ask(parties: &mut Parties<'_, '_>, order: &Order) -> Result<Offer, Stopped> {
    let Authentication { session, response, proof } = authenticate(parties, order, Role::DpAuth)?;
    parties.watch.step(Step::Asking);
    // The card has just described itself: that saves asking for it.
    let info = EuiccSigned1::decode(&proof.euicc_signed1).map(|signed| signed.euicc_info2);
    let info = info.inspect_err(|error| log::info!("the card's description cannot be read: {error}")).ok();
    let request =
        AuthenticateClient { transaction_id: session.transaction_id.clone(), authenticate_server_response: response };
    match offered(parties, &session, &request) {
        Ok((offer, metadata, signed)) => Ok(Offer { session, offer, metadata, signed, info }),
        Err(cause) => Err(session.stop(parties, cause, false)),
    }
}

fn offered(
    parties: &mut Parties<'_, '_>,
    session: &Session,
    request: &AuthenticateClient,
) -> Result<(ProfileOffer, StoreMetadata, SmdpSigned2), Cause> {
    let offer = session.call(parties.servers, session.peer(), request, LONGEST_ANSWER)?;
    let metadata = StoreMetadata::decode(&offer.profile_metadata)?;
    let signed = SmdpSigned2::decode(&offer.smdp_signed2)?;
    let is_other = offer.transaction_id.as_ref().is_some_and(|id| *id != session.transaction_id);
    // What is signed has it in any case.
    if is_other || signed.transaction_id != session.transaction_id {
        return Err(Mistrust::Session("offer").into());
    }
    parties.isdr.checkpoint()?;
    Ok((offer, metadata, signed))
}

impl Offer {
    /// What the server calls the session.
    #[must_use]
    pub fn transaction_id(&self) -> &TransactionId {
        &self.session.transaction_id
    }

    /// The profile.
    #[must_use]
    pub fn metadata(&self) -> &StoreMetadata {
        &self.metadata
    }

    /// The server wants a confirmation code; it counts wrong ones.
    #[must_use]
    pub fn confirmation_required(&self) -> bool {
        self.signed.confirmation_required
    }

    /// The server has bound a package for this card before: this is another try.
    #[must_use]
    pub fn is_retry(&self) -> bool {
        self.signed.bpp_euicc_otpk.is_some()
    }

    /// What the card said of itself when it signed.
    #[must_use]
    pub fn card(&self) -> Option<&EuiccInfo2> {
        self.info.as_ref()
    }

    /// Ends the session.
    pub fn cancel(self, parties: &mut Parties<'_, '_>, stop: Stop) -> Cancellation {
        self.session.cancel(parties, stop)
    }

    /// Has the card check the offer and make the key that the package will be bound to (SGP.22 5.7.5).
    pub fn prepare(
        mut self,
        parties: &mut Parties<'_, '_>,
        confirmation: Option<&ConfirmationCode>,
    ) -> Result<Prepared, Stopped> {
        parties.watch.step(Step::Preparing);
        if let Some(code) = confirmation {
            self.session.secrets.add_confirmation(code, &self.session.transaction_id);
        }
        match self.ask_card(parties, confirmation) {
            Ok(response) => Ok(Prepared { session: self.session, metadata: self.metadata, response }),
            Err(cause) => Err(self.session.stop(parties, cause, false)),
        }
    }

    fn ask_card(
        &self,
        parties: &mut Parties<'_, '_>,
        confirmation: Option<&ConfirmationCode>,
    ) -> Result<Vec<u8>, Cause> {
        let hash_cc = match confirmation {
            _ if !self.signed.confirmation_required => None,
            Some(code) => Some(code.hash(&self.session.transaction_id)),
            None => return Err(Cause::ConfirmationMissing),
        };
        let function = PrepareDownload::NAME;
        let request = PrepareDownload {
            smdp_signed2: self.offer.smdp_signed2.clone(),
            smdp_signature2: self.offer.smdp_signature2.clone(),
            hash_cc,
            smdp_certificate: self.offer.smdp_certificate.clone(),
        };
        let response = parties.isdr.call_raw(function, &request.encode(), Patience::Long)?;
        match PrepareDownload::decode_answer(&response) {
            Ok(Ok(_)) => Ok(response),
            Ok(Err(failed)) => Err(refused!(function, failed.error).into()),
            Err(source) => Err(Error::Decode { function, source }.into()),
        }
    }
}

impl Prepared {
    /// Ends the session.
    pub fn cancel(self, parties: &mut Parties<'_, '_>, stop: Stop) -> Cancellation {
        self.session.cancel(parties, stop)
    }

    /// Asks for the package. The server counts the profile as handed out from here on: to this card alone, which may
    /// ask again.
    pub fn fetch(self, parties: &mut Parties<'_, '_>) -> Result<Package, Stopped> {
        if let Err(error) = parties.isdr.checkpoint() {
            return Err(self.session.stop(parties, error.into(), false));
        }
        parties.watch.step(Step::Fetching);
        let request = GetBoundProfilePackage {
            transaction_id: self.session.transaction_id.clone(),
            prepare_download_response: self.response,
        };
        let answer = self.session.call(parties.servers, self.session.peer(), &request, LONGEST_PACKAGE);
        let session = self.session;
        match answer.map_err(Cause::from).and_then(|answer| Package::check(&session, &self.metadata, answer)) {
            Ok(bytes) => Ok(Package::new(session, self.metadata, bytes)),
            Err(cause) => Err(session.stop(parties, cause, true)),
        }
    }
}
