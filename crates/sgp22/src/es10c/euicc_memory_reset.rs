//! ES10c.eUICCMemoryReset.

use crate::codes::codes;
use crate::function::{Function, decode_result, encode_result};
use crate::tlv::{Bits, DecodeError, Elements, Tag, Writer};

/// Deletes whole kinds of profiles, enabled ones and those with policy rules too (SGP.22 5.7.19).
///
/// ```text
/// EuiccMemoryResetRequest ::= [52] SEQUENCE {                                     -- BF34
///     resetOptions [2] BIT STRING {
///         deleteOperationalProfiles(0), deleteFieldLoadedTestProfiles(1), resetDefaultSmdpAddress(2),
///         deletePreLoadedTestProfiles(3), deleteProvisioningProfiles(4)           -- v3
///     }
/// }
/// EuiccMemoryResetResponse ::= [52] SEQUENCE { resetResult INTEGER }              -- [0]
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EuiccMemoryReset {
    /// What is to go.
    pub options: ResetOptions,
}

/// What a memory reset deletes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResetOptions(pub Bits);

impl ResetOptions {
    /// Bit 0: all operational profiles.
    pub const OPERATIONAL: usize = 0;
    /// Bit 1: the test profiles that were loaded later.
    pub const TEST: usize = 1;
    /// Bit 2: the default SM-DP+ address goes back to what it was when the card was made.
    pub const SERVER: usize = 2;
    /// Bit 3, v3: the test profiles that the card came with.
    pub const PRELOADED_TEST: usize = 3;
    /// Bit 4, v3: all provisioning profiles.
    pub const PROVISIONING: usize = 4;

    /// The options with these bits.
    #[must_use]
    pub fn of(bits: &[usize]) -> Self {
        Self(Bits::of(bits))
    }
}

codes! {
    /// Result of ES10c.eUICCMemoryReset.
    pub enum MemoryResetResult {
        Ok = 0, "ok", "done";
        NothingToDelete = 1, "nothingToDelete", "there is nothing to delete";
        CatBusy = 5, "catBusy", "the card is busy with a command to the modem";
        UndefinedError = 127, "undefinedError", "the card refused without saying why";
    }
}

impl Function for EuiccMemoryReset {
    type Answer = MemoryResetResult;
    const TAG: Tag = Tag(0xBF34);
    const NAME: &'static str = "ES10c.eUICCMemoryReset";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.put(Tag(0x82), &self.options.0.encode());
        })
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        let mut elements = Elements::open(Self::NAME, command, Self::TAG)?;
        let options = elements.required(Tag(0x82), |value| Bits::decode("resetOptions", value))?;
        elements.deny_rest()?;
        Ok(Self { options: ResetOptions(options) })
    }

    fn encode_answer(answer: &MemoryResetResult) -> Vec<u8> {
        encode_result(Self::TAG, &answer.encode())
    }

    fn decode_answer(answer: &[u8]) -> Result<MemoryResetResult, DecodeError> {
        decode_result(Self::NAME, Self::TAG, answer, MemoryResetResult::decode)
    }
}
