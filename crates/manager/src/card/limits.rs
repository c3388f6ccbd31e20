//! Sentences on the limits that a card's own description puts on downloads.

use sgp22::card_limits::CardLimit;
use sgp22::ci::CiKeyId;
use sgp22::euicc_info::EuiccInfo2;

use crate::Manager;
use crate::error::limit_error;
use crate::words::text;

/// The sentence about a limit of a card, in the language of the process.
#[must_use]
pub fn describe_limit(limit: &CardLimit) -> String {
    if limit.blocks_downloads() {
        return limit_error(limit).message();
    }
    match limit {
        CardLimit::NewVersion(version) => text("limit-new-version", &[("version", version.to_string().into())]),
        CardLimit::MissingIssuers => text("limit-missing-issuers", &[]),
        CardLimit::UnknownIssuers => text("limit-unknown-issuers", &[]),
        CardLimit::NoFreeMemory => text("limit-no-free-memory", &[]),
        _ => text("limit-no-room", &[]),
    }
}

impl Manager {
    /// The limits that a card's description puts on downloads; those that block downloads first. The issuer of the virtual
    /// cards here is known, too.
    #[must_use]
    pub fn card_limits(&self, info: &EuiccInfo2) -> Vec<CardLimit> {
        let own = self.virtual_ci();
        info.limits(|key: &CiKeyId| own.as_ref() == Some(key))
    }
}
