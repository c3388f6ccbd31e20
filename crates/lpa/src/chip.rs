//! What the eUICC says about itself, and the servers that it knows.

use sgp22::Function;
use sgp22::es10a::{ConfiguredAddresses, GetEuiccConfiguredAddresses};
use sgp22::es10b::{GetEuiccInfo1, GetEuiccInfo2, GetRat};
use sgp22::euicc_info::{EuiccInfo1, EuiccInfo2};
use sgp22::id::Eid;
use sgp22::policy::AuthorisationRule;
use sgp22::transport::Patience;

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

/// Asks for EUICCInfo1, once for as long as the ISD-R is open: as the card gave it, and what is in it.
pub(crate) fn info1(isdr: &mut Isdr<'_>) -> Result<(Vec<u8>, EuiccInfo1), Error> {
    let function = GetEuiccInfo1::NAME;
    let raw = match isdr.info1.clone() {
        Some(raw) => raw,
        None => isdr.call_raw(function, &GetEuiccInfo1.encode(), Patience::Normal)?,
    };
    let info = GetEuiccInfo1::decode_answer(&raw).map_err(|source| Error::Decode { function, source })?;
    isdr.info1 = Some(raw.clone());
    Ok((raw, info))
}
