//! ES10a.GetEuiccConfiguredAddresses.

use crate::function::{Function, decode_empty};
use crate::id::ServerAddress;
use crate::tlv::{DecodeError, Elements, RawTlv, Tag, Text, Writer};

/// Asks for the default SM-DP+ and the root SM-DS (SGP.22 5.7.3).
///
/// ```text
/// EuiccConfiguredAddressesRequest ::= [60] SEQUENCE {}        -- BF3C
/// EuiccConfiguredAddressesResponse ::= [60] SEQUENCE {
///     defaultDpAddress UTF8String OPTIONAL,                   -- [0]
///     rootDsAddress UTF8String                                -- [1]
/// }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetEuiccConfiguredAddresses;

/// Host names, without a scheme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfiguredAddresses {
    /// The SM-DP+ that a download without an activation code goes to; `None` or empty if none is set.
    pub default_smdp: Option<Text>,
    /// The SM-DS that knows about waiting profiles.
    pub root_smds: Option<Text>,
    /// v3: more addresses and issuers, kept as they came.
    pub other: Vec<RawTlv>,
}

/// The root SM-DS that cards for tests name: the GSMA's, and that of SGP.26.
const TEST_ROOTS: [&str; 2] = ["testrootsmds.gsma.com", "testrootsmds.example.com"];

impl ConfiguredAddresses {
    /// True if the root SM-DS is one for tests, which has no profiles of operators.
    #[must_use]
    pub fn root_is_for_tests(&self) -> bool {
        let root = self.root_smds.as_ref().map(ToString::to_string).unwrap_or_default();
        root.parse::<ServerAddress>().is_ok_and(|address| TEST_ROOTS.contains(&address.name()))
    }
}

impl Function for GetEuiccConfiguredAddresses {
    type Answer = ConfiguredAddresses;
    const TAG: Tag = Tag(0xBF3C);
    const NAME: &'static str = "ES10a.GetEuiccConfiguredAddresses";

    fn encode(&self) -> Vec<u8> {
        Writer::object(Self::TAG, |_| {})
    }

    fn decode(command: &[u8]) -> Result<Self, DecodeError> {
        decode_empty(Self::NAME, Self::TAG, command).map(|()| Self)
    }

    fn encode_answer(answer: &ConfiguredAddresses) -> Vec<u8> {
        Writer::object(Self::TAG, |w| {
            w.maybe(Tag(0x80), answer.default_smdp.as_ref());
            w.maybe(Tag(0x81), answer.root_smds.as_ref());
            w.kept(&answer.other);
        })
    }

    fn decode_answer(answer: &[u8]) -> Result<ConfiguredAddresses, DecodeError> {
        let mut elements = Elements::open(Self::NAME, answer, Self::TAG)?;
        Ok(ConfiguredAddresses {
            default_smdp: elements.take(Tag(0x80)).map(|address| Text::from_bytes(address.value)),
            root_smds: elements.take(Tag(0x81)).map(|address| Text::from_bytes(address.value)),
            other: elements.rest(),
        })
    }
}
