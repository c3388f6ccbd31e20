//! ES10c: managing the profiles on the card (SGP.22 5.7.15 to 5.7.21).

mod delete_profile;
mod euicc_memory_reset;
mod get_eid;
mod get_profiles_info;
mod set_nickname;
mod switch_profile;

pub use delete_profile::{DeleteProfile, DeleteProfileResult};
pub use euicc_memory_reset::{EuiccMemoryReset, MemoryResetResult, ResetOptions};
pub use get_eid::GetEid;
pub use get_profiles_info::{GetProfilesInfo, ProfilesInfoError, SearchCriterion};
pub use set_nickname::{SetNickname, SetNicknameResult};
pub use switch_profile::{DisableProfile, DisableProfileResult, EnableProfile, EnableProfileResult};

use crate::id::{Aid, Iccid};
use crate::profile::field;
use crate::tlv::{DecodeError, Elements, Writer};

/// Names a profile in a command: `CHOICE { isdpAid [APPLICATION 15], iccid [APPLICATION 26] }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProfileRef {
    /// By the AID of its security domain.
    Aid(Aid),
    /// By its number, exactly as the card gave it.
    Iccid(Iccid),
}

impl ProfileRef {
    fn write(&self, writer: &mut Writer) {
        match self {
            Self::Aid(aid) => writer.put(field::ISDP_AID, aid.as_bytes()),
            Self::Iccid(iccid) => writer.put(field::ICCID, iccid.as_bytes()),
        };
    }

    fn take(elements: &mut Elements<'_>) -> Result<Self, DecodeError> {
        match elements.optional(field::ISDP_AID, Aid::decode)? {
            Some(aid) => Ok(Self::Aid(aid)),
            None => Ok(Self::Iccid(elements.required(field::ICCID, Iccid::decode)?)),
        }
    }
}
