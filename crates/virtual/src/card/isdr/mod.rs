//! What the ISD-R does with a command TLV.

mod info;
mod load;
mod notifications;
mod profiles;
mod session;
mod switch;

use sgp22::Function;
use sgp22::apdu::StatusWord;
use sgp22::es10a::{GetEuiccConfiguredAddresses, SetDefaultDpAddress};
use sgp22::es10b::{
    AuthenticateServer, CancelSession, GetEuiccChallenge, GetEuiccInfo1, GetEuiccInfo2, GetRat, ListNotification,
    ListNotificationError, PrepareDownload, RemoveNotificationFromList, RetrieveNotificationsList,
};
use sgp22::es10c::{
    DeleteProfile, DisableProfile, EnableProfile, EuiccMemoryReset, GetEid, GetProfilesInfo, SetNickname,
};
use sgp22::store_data;
use sgp22::tlv::Tag;

use super::issuer::Issuer;
use super::quirk::{Quirk, Quirks};
use super::state::{Euicc, StoredRule};
use crate::pki::EuiccCredentials;

pub(super) use session::Session;

/// What the ISD-R answers, and what follows from it.
pub(super) struct Outcome {
    /// The answer TLV.
    pub(super) answer: Vec<u8>,
    /// The state has changed and must be kept before the answer goes out.
    pub(super) changed: bool,
    /// The enabled profile has changed.
    pub(super) switched: bool,
}

/// What the card remembers only until it is powered off.
#[derive(Debug, Default)]
pub(super) struct Moods {
    pub(super) cat_busy: u16,
    pub(super) change_ongoing: u16,
    pub(super) lies: bool,
}

impl Moods {
    pub(super) fn at_power_on(quirks: &Quirks) -> Self {
        Self {
            cat_busy: quirks.number(Quirk::CatBusy).unwrap_or(0),
            change_ongoing: quirks.number(Quirk::ChangeOngoing).unwrap_or(0),
            lies: quirks.has(Quirk::LiesAboutSwitch),
        }
    }

    fn one_less(count: &mut u16) -> bool {
        let left = *count > 0;
        *count = count.saturating_sub(1);
        left
    }
}

/// One eUICC at work on one command.
pub(super) struct Isdr<'a> {
    pub(super) euicc: &'a mut Euicc,
    pub(super) credentials: &'a EuiccCredentials,
    pub(super) issuer: &'a Issuer,
    pub(super) session: &'a mut Session,
    pub(super) quirks: &'a Quirks,
    pub(super) moods: &'a mut Moods,
}

/// The name that quirks have for a command; `None` for those that change nothing.
pub(super) fn command_name(tlv: &[u8]) -> Option<&'static str> {
    match store_data::leading_tag(tlv)? {
        EnableProfile::TAG => Some("enable"),
        DisableProfile::TAG => Some("disable"),
        DeleteProfile::TAG => Some("delete"),
        SetNickname::TAG => Some("rename"),
        EuiccMemoryReset::TAG => Some("reset"),
        SetDefaultDpAddress::TAG => Some("server"),
        AuthenticateServer::TAG => Some("authenticate"),
        PrepareDownload::TAG => Some("prepare"),
        CancelSession::TAG => Some("cancel"),
        tag if is_segment(tag) => Some("load"),
        _ => None,
    }
}

/// What the card knows and refuses while a package comes in: all but a new session, and the end of this one.
const WAITING: [Tag; 18] = [
    GetEid::TAG,
    GetEuiccInfo1::TAG,
    GetEuiccInfo2::TAG,
    GetEuiccConfiguredAddresses::TAG,
    GetRat::TAG,
    GetProfilesInfo::TAG,
    ListNotification::TAG,
    RetrieveNotificationsList::TAG,
    RemoveNotificationFromList::TAG,
    SetDefaultDpAddress::TAG,
    SetNickname::TAG,
    EnableProfile::TAG,
    DisableProfile::TAG,
    DeleteProfile::TAG,
    EuiccMemoryReset::TAG,
    AuthenticateServer::TAG,
    PrepareDownload::TAG,
    load::PACKAGE,
];

/// True for what a package is sent in.
fn is_segment(tag: Tag) -> bool {
    tag == load::PACKAGE || load::SEGMENTS.contains(&tag)
}

/// Reads the command or says `6A80`, as cards do.
fn parse<F: Function>(tlv: &[u8]) -> Result<F, StatusWord> {
    F::decode(tlv).map_err(|error| {
        log::debug!("virtual card: {error}");
        StatusWord::WRONG_DATA
    })
}

/// Refuses what a card of v2.5 does not know.
fn v2<F>(request: F, known: impl FnOnce(&F) -> bool) -> Result<F, StatusWord> {
    if known(&request) { Ok(request) } else { Err(StatusWord::WRONG_DATA) }
}

fn unchanged<F: Function>(answer: &F::Answer) -> Outcome {
    Outcome { answer: F::encode_answer(answer), changed: false, switched: false }
}

impl Isdr<'_> {
    /// Carries out a command TLV.
    pub(super) fn execute(&mut self, tlv: &[u8]) -> Result<Outcome, StatusWord> {
        let tag = store_data::leading_tag(tlv).ok_or(StatusWord::WRONG_DATA)?;
        if matches!(self.session, Session::Loading(_)) {
            if load::SEGMENTS.contains(&tag) {
                return self.load(tlv);
            }
            if WAITING.contains(&tag) {
                return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
            }
        }
        Ok(match tag {
            GetEid::TAG => {
                parse::<GetEid>(tlv)?;
                unchanged::<GetEid>(&self.euicc.eid)
            }
            GetEuiccInfo1::TAG => {
                parse::<GetEuiccInfo1>(tlv)?;
                unchanged::<GetEuiccInfo1>(&self.info1())
            }
            GetEuiccInfo2::TAG => {
                parse::<GetEuiccInfo2>(tlv)?;
                unchanged::<GetEuiccInfo2>(&self.info2())
            }
            GetEuiccChallenge::TAG => self.challenge(tlv)?,
            AuthenticateServer::TAG => self.authenticate_server(tlv)?,
            PrepareDownload::TAG => self.prepare_download(tlv)?,
            CancelSession::TAG => self.cancel_session(tlv)?,
            load::PACKAGE => self.load(tlv)?,
            GetEuiccConfiguredAddresses::TAG if !self.quirks.has(Quirk::NoAddresses) => {
                parse::<GetEuiccConfiguredAddresses>(tlv)?;
                unchanged::<GetEuiccConfiguredAddresses>(&self.addresses())
            }
            GetRat::TAG => {
                parse::<GetRat>(tlv)?;
                unchanged::<GetRat>(&self.euicc.rules.iter().map(StoredRule::rule).collect())
            }
            GetProfilesInfo::TAG => {
                let request = v2(parse(tlv)?, |request: &GetProfilesInfo| request.iot_tags.is_none())?;
                self.profile_list(&request)
            }
            ListNotification::TAG if self.quirks.has(Quirk::NoNotificationList) => {
                unchanged::<ListNotification>(&Err(ListNotificationError::UndefinedError))
            }
            ListNotification::TAG => unchanged::<ListNotification>(&Ok(self.list_notifications(&parse(tlv)?))),
            RetrieveNotificationsList::TAG => self.retrieve_notifications(&parse(tlv)?),
            RemoveNotificationFromList::TAG => self.remove_notification(&parse(tlv)?),
            SetDefaultDpAddress::TAG => {
                self.set_default_smdp(&v2(parse(tlv)?, |request: &SetDefaultDpAddress| request.allowed_ci.is_none())?)
            }
            SetNickname::TAG => self.set_nickname(&parse(tlv)?),
            EnableProfile::TAG => self.enable(&v2(parse(tlv)?, |request: &EnableProfile| request.port.is_none())?),
            DisableProfile::TAG => self.disable(&parse(tlv)?),
            DeleteProfile::TAG => self.delete(&parse(tlv)?),
            EuiccMemoryReset::TAG => self.memory_reset(&parse(tlv)?),
            _ => return Err(StatusWord::REFERENCE_NOT_FOUND),
        })
    }
}
