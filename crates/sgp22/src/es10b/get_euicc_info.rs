//! ES10b.GetEUICCInfo, in its two forms.

use crate::euicc_info::{EuiccInfo1, EuiccInfo2};
use crate::function::{Function, decode_empty};
use crate::tlv::{DecodeError, Tag, Writer};

/// Asks for the short description (SGP.22 5.7.8): `GetEuiccInfo1Request ::= [32] SEQUENCE {}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetEuiccInfo1;

/// Asks for the full description (SGP.22 5.7.8): `GetEuiccInfo2Request ::= [34] SEQUENCE {}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GetEuiccInfo2;

macro_rules! get_euicc_info {
    ($function:ty, $answer:ty, $name:literal) => {
        impl Function for $function {
            type Answer = $answer;
            const TAG: Tag = <$answer>::TAG;
            const NAME: &'static str = $name;

            fn encode(&self) -> Vec<u8> {
                Writer::object(Self::TAG, |_| {})
            }

            fn decode(command: &[u8]) -> Result<Self, DecodeError> {
                decode_empty(Self::NAME, Self::TAG, command).map(|()| Self)
            }

            fn encode_answer(answer: &$answer) -> Vec<u8> {
                answer.encode()
            }

            fn decode_answer(answer: &[u8]) -> Result<$answer, DecodeError> {
                <$answer>::decode(answer)
            }
        }
    };
}

get_euicc_info!(GetEuiccInfo1, EuiccInfo1, "ES10b.GetEUICCInfo1");
get_euicc_info!(GetEuiccInfo2, EuiccInfo2, "ES10b.GetEUICCInfo2");
