//! How bytes stand in the card's state file.

use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serializer};

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = String::deserialize(deserializer)?;
    HEXUPPER_PERMISSIVE.decode(text.as_bytes()).map_err(D::Error::custom)
}

/// Bytes in hexadecimal.
pub(super) mod bytes {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXUPPER.encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        decode(deserializer)
    }
}

/// An AID in hexadecimal.
pub(super) mod aid {
    use super::*;
    use sgp22::id::Aid;

    pub(crate) fn serialize<S: Serializer>(aid: &Aid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(aid)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Aid, D::Error> {
        Aid::from_bytes(&decode(deserializer)?).map_err(D::Error::custom)
    }
}

/// An ICCID as its ten bytes in hexadecimal, since not every one consists of digits.
pub(super) mod iccid {
    use super::*;
    use sgp22::id::Iccid;

    pub(crate) fn serialize<S: Serializer>(iccid: &Iccid, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXUPPER.encode(iccid.as_bytes()))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Iccid, D::Error> {
        Iccid::decode(&decode(deserializer)?).map_err(D::Error::custom)
    }
}

/// An ICCID that may be missing.
pub(super) mod optional_iccid {
    use super::*;
    use sgp22::id::Iccid;

    pub(crate) fn serialize<S: Serializer>(iccid: &Option<Iccid>, serializer: S) -> Result<S::Ok, S::Error> {
        match iccid {
            Some(iccid) => serializer.serialize_str(&HEXUPPER.encode(iccid.as_bytes())),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Iccid>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        let bytes = HEXUPPER_PERMISSIVE.decode(text.as_bytes()).map_err(D::Error::custom)?;
        Iccid::decode(&bytes).map(Some).map_err(D::Error::custom)
    }
}
