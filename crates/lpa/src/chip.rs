//! What the eUICC says about itself, and the servers that it knows.

use sgp22::es10a::{ConfiguredAddresses, GetEuiccConfiguredAddresses};
use sgp22::es10b::{GetEuiccInfo2, GetRat};
use sgp22::euicc_info::EuiccInfo2;
use sgp22::id::Eid;
use sgp22::policy::AuthorisationRule;

use crate::{Error, Isdr};

/// The description of an eUICC. Only the EID is sure to be there: old and odd cards refuse some of the rest.
#[derive(Debug, Clone)]
pub struct ChipInfo {
    /// Its number.
    pub eid: Eid,
    /// Versions, memory, capabilities, issuers.
    pub info: Result<EuiccInfo2, Error>,
    /// Default SM-DP+ and root SM-DS.
    pub addresses: Result<ConfiguredAddresses, Error>,
    /// Rules Authorisation Table.
    pub rules: Result<Vec<AuthorisationRule>, Error>,
}

/// Asks the card for everything that it says about itself.
pub fn info(isdr: &mut Isdr<'_>) -> Result<ChipInfo, Error> {
    let eid = isdr.eid()?;
    Ok(ChipInfo {
        eid,
        info: unless_broken(isdr.call(&GetEuiccInfo2))?,
        addresses: unless_broken(addresses(isdr))?,
        rules: unless_broken(isdr.call(&GetRat))?,
    })
}

/// Keeps an error of the one function apart from an error that ends the conversation.
fn unless_broken<T>(result: Result<T, Error>) -> Result<Result<T, Error>, Error> {
    match result {
        Err(error @ (Error::Transport { .. } | Error::Interrupted)) => Err(error),
        result => Ok(result),
    }
}

/// Asks for the servers that the card knows.
pub fn addresses(isdr: &mut Isdr<'_>) -> Result<ConfiguredAddresses, Error> {
    isdr.call(&GetEuiccConfiguredAddresses)
}
