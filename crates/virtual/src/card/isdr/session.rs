//! A session with a server, from the card's challenge to the result of the load (SGP.22 3.0.1, 5.7.5, 5.7.7, 5.7.13,
//! 5.7.14). It lives until the card loses power; what must outlive that stands in the card's state.

use p256::SecretKey;
use p256::ecdsa::VerifyingKey;
use p256::elliptic_curve::Generate;
use sgp22::Function;
use sgp22::apdu::StatusWord;
use sgp22::cert::{Certificate, Role};
use sgp22::es10b::{
    AuthenticateServer, AuthenticateServerError, AuthenticateServerOk, CancelSession, CancelSessionError,
    GetEuiccChallenge, PrepareDownload, PrepareDownloadError, PrepareDownloadOk,
};
use sgp22::id::{Oid, TransactionId};
use sgp22::signed::{
    Challenge, EuiccCancelSessionSigned, EuiccSigned1, EuiccSigned2, Failed, ServerSigned1, SmdpSigned2,
    signature_object,
};
use sgp22::tlv::{Elements, Tag, Text};

use super::load::Load;
use super::{Isdr, Outcome, parse, unchanged};
use crate::card::issuer::{key_of, signed_by};
use crate::card::quirk::Quirk;
use crate::card::state::StoredKey;

/// How far a session has come. Each step takes the one before it.
#[derive(Debug, Default)]
pub(in crate::card) enum Session {
    /// There is none.
    #[default]
    None,
    /// The card gave a challenge, which is good for one answer.
    Challenged(Challenge),
    /// The server has proved who it is.
    Authenticated(Peer),
    /// The card has made the key that the package is to be bound to.
    Prepared(Prepared),
    /// The package comes in.
    Loading(Box<Load>),
}

/// Whom the session is with.
#[derive(Debug, Clone)]
pub(in crate::card) struct Peer {
    pub(super) transaction_id: TransactionId,
    pub(super) address: Text,
    pub(super) oid: Oid,
    /// What the server's second signature covers besides its own object.
    euicc_signature1: Vec<u8>,
}

/// What a package must fit.
#[derive(Debug)]
pub(in crate::card) struct Prepared {
    pub(super) peer: Peer,
    /// The key that the server binds packages with.
    pub(super) binding_key: VerifyingKey,
    /// The card's key for this one package.
    pub(super) one_time_key: SecretKey,
}

/// So many keys of unfinished downloads are kept.
const KEPT_KEYS: usize = 8;

/// The point `04 || X || Y` of a key.
pub(super) fn public_point(key: &SecretKey) -> Vec<u8> {
    key.public_key().to_sec1_bytes().into_vec()
}

impl Session {
    /// Whom it is with, once that is known.
    fn peer(&self) -> Option<&Peer> {
        match self {
            Self::None | Self::Challenged(_) => None,
            Self::Authenticated(peer) | Self::Prepared(Prepared { peer, .. }) => Some(peer),
            Self::Loading(load) => Some(&load.peer),
        }
    }
}

impl Isdr<'_> {
    /// Starts a session; an earlier one is dropped, and what it has loaded with it.
    pub(super) fn challenge(&mut self, tlv: &[u8]) -> Result<Outcome, StatusWord> {
        parse::<GetEuiccChallenge>(tlv)?;
        let mut challenge = [0; 16];
        getrandom::fill(&mut challenge).map_err(|_| StatusWord::UNKNOWN)?;
        let changed = self.drop_session();
        *self.session = Session::Challenged(challenge);
        Ok(Outcome { answer: GetEuiccChallenge::encode_answer(&challenge), changed, switched: false })
    }

    /// Forgets the session and what it has loaded; true if that changes what outlives the power.
    pub(super) fn drop_session(&mut self) -> bool {
        *self.session = Session::None;
        self.euicc.loading.take().is_some()
    }

    pub(super) fn authenticate_server(&mut self, tlv: &[u8]) -> Result<Outcome, StatusWord> {
        let request: AuthenticateServer = parse(tlv)?;
        let signed = ServerSigned1::decode(&request.server_signed1).map_err(|_| StatusWord::WRONG_DATA)?;
        // Byte for byte: the card signs what the LPA sent.
        let ctx_params1 = Elements::open(AuthenticateServer::NAME, tlv, AuthenticateServer::TAG)
            .ok()
            .and_then(|mut elements| elements.take(Tag(0xA0)))
            .ok_or(StatusWord::WRONG_DATA)?;
        let checked = match *self.session {
            Session::Challenged(challenge) => {
                *self.session = Session::None;
                self.check_server(&request, &signed, &challenge)
            }
            _ => Err(AuthenticateServerError::NoSessionContext),
        };
        let answer = match checked {
            Ok(oid) => Ok(self.sign_first(&signed, oid, ctx_params1.raw)),
            Err(error) => Err(Failed { transaction_id: Some(signed.transaction_id), error }),
        };
        Ok(unchanged::<AuthenticateServer>(&answer))
    }

    /// What the server is registered as, if it is one, and answered this card now.
    fn check_server(
        &self,
        request: &AuthenticateServer,
        signed: &ServerSigned1,
        challenge: &Challenge,
    ) -> Result<Oid, AuthenticateServerError> {
        use AuthenticateServerError as E;
        if !self.issuer.is(&request.ci) {
            return Err(E::CiPkUnknown);
        }
        let certificate = Certificate::decode(&request.server_certificate).map_err(|_| E::InvalidCertificate)?;
        if !self.issuer.vouches_for(&certificate) || !certificate.may_sign_data() {
            return Err(E::InvalidCertificate);
        }
        let key = key_of(&certificate).ok_or(E::UnsupportedCurve)?;
        if !matches!(certificate.role(), Some(Role::DpAuth | Role::DsAuth)) {
            return Err(E::InvalidOid);
        }
        let oid = certificate.owner().ok_or(E::InvalidOid)?;
        if !signed_by(&key, &request.server_signed1, &request.server_signature1) {
            return Err(E::InvalidSignature);
        }
        if signed.euicc_challenge != *challenge {
            return Err(E::EuiccChallengeMismatch);
        }
        Ok(oid)
    }

    fn sign_first(&mut self, signed: &ServerSigned1, oid: Oid, ctx_params1: &[u8]) -> AuthenticateServerOk {
        let info = sgp22::es10b::GetEuiccInfo2::encode_answer(&self.info2());
        let euicc_signed1 = EuiccSigned1::encode_with(
            &signed.transaction_id,
            &signed.server_address,
            &signed.server_challenge,
            &info,
            ctx_params1,
        );
        let euicc_signature1 = signature_object(&self.credentials.euicc.sign(&euicc_signed1));
        *self.session = Session::Authenticated(Peer {
            transaction_id: signed.transaction_id.clone(),
            address: signed.server_address.clone(),
            oid,
            euicc_signature1: euicc_signature1.clone(),
        });
        AuthenticateServerOk {
            euicc_signed1,
            euicc_signature1,
            euicc_certificate: self.credentials.euicc.certificate_der().to_vec(),
            eum_certificate: self.credentials.eum_certificate.clone(),
        }
    }

    pub(super) fn prepare_download(&mut self, tlv: &[u8]) -> Result<Outcome, StatusWord> {
        let request: PrepareDownload = parse(tlv)?;
        let signed = SmdpSigned2::decode(&request.smdp_signed2).map_err(|_| StatusWord::WRONG_DATA)?;
        let checked = self.check_offer(&request, &signed);
        let changed = checked.is_ok();
        let answer = match checked {
            Ok((peer, binding_key)) => Ok(self.sign_second(&request, &signed, peer, binding_key)),
            Err(error) => Err(Failed { transaction_id: Some(signed.transaction_id), error }),
        };
        Ok(Outcome { answer: PrepareDownload::encode_answer(&answer), changed, switched: false })
    }

    /// Whom the package will come from, and the key that its binding must be signed with.
    fn check_offer(
        &self,
        request: &PrepareDownload,
        signed: &SmdpSigned2,
    ) -> Result<(Peer, VerifyingKey), PrepareDownloadError> {
        use PrepareDownloadError as E;
        let peer = self.session.peer().ok_or(E::NoSessionContext)?;
        if signed.transaction_id != peer.transaction_id {
            return Err(E::InvalidTransactionId);
        }
        let certificate = Certificate::decode(&request.smdp_certificate).map_err(|_| E::InvalidCertificate)?;
        let fits = self.issuer.vouches_for(&certificate)
            && certificate.may_sign_data()
            && certificate.role() == Some(Role::DpPb)
            && certificate.owner().as_ref() == Some(&peer.oid);
        if !fits {
            return Err(E::InvalidCertificate);
        }
        let key = key_of(&certificate).ok_or(E::UnsupportedCurve)?;
        let message = [&request.smdp_signed2[..], &peer.euicc_signature1].concat();
        if !signed_by(&key, &message, &request.smdp_signature2) {
            return Err(E::InvalidSignature);
        }
        if signed.confirmation_required && request.hash_cc.is_none() {
            return Err(E::UndefinedError);
        }
        Ok((peer.clone(), key))
    }

    fn sign_second(
        &mut self,
        request: &PrepareDownload,
        signed: &SmdpSigned2,
        peer: Peer,
        binding_key: VerifyingKey,
    ) -> PrepareDownloadOk {
        let one_time_key = self.one_time_key(&peer.oid, signed.bpp_euicc_otpk.as_deref());
        let euicc_signed2 = EuiccSigned2 {
            transaction_id: peer.transaction_id.clone(),
            euicc_otpk: public_point(&one_time_key),
            hash_cc: request.hash_cc.map(|hash| hash.to_vec()),
        }
        .encode();
        let message = [&euicc_signed2[..], &request.smdp_signature2].concat();
        let euicc_signature2 = signature_object(&self.credentials.euicc.sign(&message));
        *self.session = Session::Prepared(Prepared { peer, binding_key, one_time_key });
        PrepareDownloadOk { euicc_signed2, euicc_signature2 }
    }

    /// The key that a package for this server is bound to already, if the card still has it; else a new one, kept for
    /// another try after this session.
    fn one_time_key(&mut self, server: &Oid, bound_to: Option<&[u8]>) -> SecretKey {
        let secret = |stored: &StoredKey| SecretKey::from_slice(&stored.secret).ok();
        let known = self.euicc.one_time_keys.iter().filter(|stored| stored.server == *server).filter_map(secret);
        if let Some(key) = known.into_iter().find(|key| Some(&public_point(key)[..]) == bound_to)
            && !self.quirks.has(Quirk::NewKeys)
        {
            return key;
        }
        let key = SecretKey::generate();
        let keys = &mut self.euicc.one_time_keys;
        keys.push(StoredKey { server: server.clone(), secret: key.to_bytes().to_vec() });
        keys.drain(..keys.len().saturating_sub(KEPT_KEYS));
        key
    }

    pub(super) fn cancel_session(&mut self, tlv: &[u8]) -> Result<Outcome, StatusWord> {
        let request: CancelSession = parse(tlv)?;
        let peer = self.session.peer().filter(|peer| peer.transaction_id == request.transaction_id);
        let Some(peer) = peer else {
            return Ok(unchanged::<CancelSession>(&Err(CancelSessionError::InvalidTransactionId)));
        };
        let signed = EuiccCancelSessionSigned {
            transaction_id: request.transaction_id,
            smdp_oid: peer.oid.clone(),
            reason: request.reason,
        }
        .encode();
        let signature = signature_object(&self.credentials.euicc.sign(&signed));
        let changed = self.drop_session();
        let answer = CancelSession::encode_answer(&Ok((signed, signature)));
        Ok(Outcome { answer, changed, switched: false })
    }
}
