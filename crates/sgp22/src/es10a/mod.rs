//! ES10a: the addresses that the card holds (SGP.22 5.7.3 to 5.7.4).

mod get_euicc_configured_addresses;
mod set_default_dp_address;

pub use get_euicc_configured_addresses::{ConfiguredAddresses, GetEuiccConfiguredAddresses};
pub use set_default_dp_address::{SetDefaultDpAddress, SetDefaultDpAddressResult};
