//! Reading a card.

use lpa::change::Verdict;
use lpa::chip::ChipInfo;
use lpa::profiles::{self, Detail};
use sgp22::es10a::ConfiguredAddresses;
use sgp22::fci::IsdrFci;
use sgp22::id::Aid;
use sgp22::notification::{NotificationMetadata, PendingNotification};
use sgp22::profile::ProfileInfo;
use sgp22::transport::Patience;

use super::{Card, Failure, Kind};
use crate::error::{Error, Id, card_error};
use crate::inventory::Recognised;
use crate::query::{Certainty, ProfileQuery};

/// A profile that was chosen, and what is known of the others.
#[derive(Debug, Clone)]
pub struct Selected {
    /// The profile.
    pub profile: ProfileInfo,
    /// How sure it is that it is the one meant.
    pub certainty: Certainty,
    /// All profiles, as far as they had to be read for it: at least ICCID, state, class and rules, or nothing at all.
    pub all: Vec<ProfileInfo>,
}

impl Card<'_> {
    /// What the eUICC says about itself.
    pub fn info(&mut self) -> Result<ChipInfo, Error> {
        let info = lpa::chip::info(&mut self.isdr).map_err(card_error)?;
        self.eid = Some(info.eid);
        Ok(info)
    }

    /// The AID of the ISD-R.
    #[must_use]
    pub fn application(&self) -> &Aid {
        self.isdr.application()
    }

    /// What the ISD-R said when it was selected.
    #[must_use]
    pub fn fci(&self) -> &IsdrFci {
        self.isdr.fci()
    }

    /// All profiles, in the card's order.
    pub fn profiles(&mut self, detail: Detail) -> Result<Vec<ProfileInfo>, Error> {
        let profiles = profiles::list(&mut self.isdr, detail).map_err(card_error)?;
        self.seen = Some(crate::inventory::sighting(&profiles, true));
        self.recognise();
        Ok(profiles)
    }

    /// The profile that is meant, with these details.
    pub fn profile(&mut self, query: &ProfileQuery, detail: Detail) -> Result<Selected, Error> {
        if let Some(reference) = query.reference()
            && let Some(profile) = profiles::get(&mut self.isdr, &reference, detail).map_err(card_error)?
        {
            self.seen.get_or_insert_with(|| crate::inventory::sighting(std::slice::from_ref(&profile), false));
            self.recognise();
            return Ok(Selected { profile, certainty: Certainty::Sure, all: Vec::new() });
        }
        // Rows suffice to find it; what else is wanted of the one is asked for then.
        let rows = self.profiles(Detail::Row)?;
        let (found, certainty) = query.find(&rows)?;
        let profile = match (detail, &found.iccid) {
            (Detail::Description | Detail::Everything, Some(iccid)) => {
                let reference = sgp22::es10c::ProfileRef::Iccid(iccid.clone());
                profiles::get(&mut self.isdr, &reference, detail).map_err(card_error)?.unwrap_or_else(|| found.clone())
            }
            _ => found.clone(),
        };
        Ok(Selected { profile, certainty, all: rows })
    }

    /// The notifications that wait.
    pub fn notifications(&mut self) -> Result<Vec<NotificationMetadata>, Error> {
        let queue = lpa::notifications::list(&mut self.isdr).map_err(card_error)?;
        self.queue = Some(queue.clone());
        self.introduce();
        Ok(queue)
    }

    /// Finds out which card this is, for the inventory: by what is known of it, or else by its EID, which it is asked for
    /// once. A card that does not say costs the command nothing.
    fn recognise(&mut self) {
        if self.eid.is_some() || self.recognised.is_some() || self.fact_key.is_none() {
            return;
        }
        match self.seen.as_ref().map(|seen| crate::inventory::recognise(self.manager, self.device, seen)) {
            Some(Recognised::As(eid)) => self.recognised = Some(eid),
            Some(Recognised::Enough) => {}
            Some(Recognised::Not) | None => self.introduce(),
        }
    }

    /// Asks for the EID, where what was read is to be remembered under it.
    fn introduce(&mut self) {
        if self.fact_key.is_some()
            && let Err(error) = self.eid()
        {
            log::info!("what was read is not remembered: {error}");
        }
    }

    /// One notification with its signature.
    pub fn notification(&mut self, seq: u64) -> Result<PendingNotification, Error> {
        lpa::notifications::retrieve(&mut self.isdr, seq)
            .map_err(card_error)?
            .ok_or_else(|| Error::new(Id::NotificationNotFound).with("seq", seq))
    }

    /// The servers that the card knows.
    pub fn addresses(&mut self) -> Result<ConfiguredAddresses, Error> {
        lpa::chip::addresses(&mut self.isdr).map_err(card_error)
    }

    /// Sends a command TLV to the ISD-R as it is; recorded, since nobody here knows what it does.
    pub fn es10(&mut self, command: &[u8]) -> Result<Vec<u8>, Error> {
        let tag = sgp22::store_data::leading_tag(command).map_or_else(String::new, |tag| tag.to_string());
        let plan = serde_json::json!({ "tag": tag });
        self.recorded(Kind::Es10, None, plan, |isdr| {
            isdr.call_raw("ES10", command, Patience::Long).map_err(|cause| {
                let verdict = if cause.leaves_doubt() {
                    Verdict::Unknown { reread: cause.clone(), cause }
                } else {
                    Verdict::NotDone(cause)
                };
                Failure::from(verdict)
            })
        })
    }
}
