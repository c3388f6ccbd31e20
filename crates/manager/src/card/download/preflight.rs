//! What speaks against a profile before anything is spent.

use lpa::download::{Stop, policy};
use lpa::profiles::{self, Detail};
use sgp22::es10b::GetRat;
use sgp22::es10c::ProfileRef;
use sgp22::euicc_info::EuiccInfo2;
use sgp22::metadata::StoreMetadata;
use sgp22::policy::PprIds;

use super::{Concern, DownloadRequest, Offer};
use crate::card::{Card, describe};
use crate::error::{Error, Id, card_error};

/// Below this much free memory a profile may not fit, in bytes: profiles take 10 to 60 kB, and in version 2 the server does
/// not say how much.
pub const LITTLE_MEMORY: u64 = 64 * 1024;
/// Below this much no profile fits, in bytes.
const TOO_LITTLE_MEMORY: u64 = 8 * 1024;

impl Card<'_> {
    /// What speaks against the offer: nothing, something that the user should know, or so much that it is not taken.
    pub(super) fn concerns(
        &mut self,
        offer: &Offer<'_>,
        request: &DownloadRequest,
    ) -> Result<Vec<Concern>, (Error, Stop)> {
        let failed = |error| (card_error(error), Stop::CardFailed);
        let metadata = offer.metadata();
        let by_iccid = ProfileRef::Iccid(metadata.iccid.clone());
        if let Some(present) = profiles::get(&mut self.isdr, &by_iccid, Detail::Row).map_err(failed)? {
            let error = Error::new(Id::ProfilePresent)
                .with("profile", describe(&present))
                .with("iccid", metadata.iccid.digits());
            return Err((error, Stop::ProfilePresent));
        }
        let mut concerns = Vec::new();
        let resources = offer.inner.card().and_then(|card| card.resources.as_ref());
        match resources.and_then(|resources| resources.free_nonvolatile) {
            Some(free) if free < TOO_LITTLE_MEMORY && !request.despite_memory => {
                return Err((Error::new(Id::LittleMemory).with("free", free), Stop::LittleMemory));
            }
            Some(free) if free < LITTLE_MEMORY => concerns.push(Concern::LittleMemory(free)),
            _ => {}
        }
        if offer.inner.is_retry() {
            concerns.push(Concern::Retry);
        }
        concerns.extend(self.rules(metadata, offer.inner.card())?);
        Ok(concerns)
    }

    /// What the card says to the profile's rules.
    fn rules(&mut self, metadata: &StoreMetadata, card: Option<&EuiccInfo2>) -> Result<Option<Concern>, (Error, Stop)> {
        if metadata.policy_rules.0.is_empty() {
            return Ok(None);
        }
        let failed = |error| (card_error(error), Stop::CardFailed);
        let table = self.isdr.call(&GetRat).map_err(failed)?;
        let all = profiles::list(&mut self.isdr, Detail::Lean).map_err(failed)?;
        let forbidden = card.and_then(|card| card.forbidden_rules.as_ref());
        match policy::verdict(&metadata.policy_rules, metadata.owner.as_ref(), forbidden, &table, &all) {
            policy::Verdict::NoRules => Ok(None),
            policy::Verdict::Allowed { consent_required } => {
                Ok(Some(Concern::Rules { rules: metadata.policy_rules.clone(), consent_required }))
            }
            policy::Verdict::NotAuthorised { rule } => {
                let name: String = PprIds::of(&[rule]).names().collect();
                Err((Error::new(Id::PolicyNotAuthorised).with("rule", name.to_uppercase()), Stop::RuleNotAuthorised))
            }
            policy::Verdict::NotAlone => {
                let others: Vec<String> = all.iter().filter(|one| policy::is_operational(one)).map(describe).collect();
                let error = Error::new(Id::PolicyNotAlone).with("others", others.join(", "));
                Err((error, Stop::OtherProfilePresent))
            }
        }
    }
}
