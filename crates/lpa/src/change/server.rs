//! Setting the default SM-DP+.

use sgp22::Function;
use sgp22::es10a::{SetDefaultDpAddress, SetDefaultDpAddressResult};
use sgp22::tlv::Text;

use super::{Verdict, settle};
use crate::Isdr;
use crate::chip;
use crate::error::refused;

/// Sets the default SM-DP+, or clears it with an empty address, and proves it.
pub fn set_default_smdp(isdr: &mut Isdr<'_>, address: &Text) -> Result<(), Verdict> {
    isdr.checkpoint().map_err(Verdict::NotDone)?;
    isdr.uninterrupted(|isdr| {
        let answer =
            isdr.call(&SetDefaultDpAddress { address: address.clone(), allowed_ci: None }).and_then(|result| {
                match result {
                    SetDefaultDpAddressResult::Ok => Ok(()),
                    result => Err(refused!(SetDefaultDpAddress::NAME, result)),
                }
            });
        let settled =
            settle(
                isdr,
                answer,
                false,
                |isdr| Ok(chip::addresses(isdr)?.default_smdp.unwrap_or_default() == *address),
            )?;
        settled.into_result(SetDefaultDpAddress::NAME).map_err(Verdict::NotDone)
    })
}
