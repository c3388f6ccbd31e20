//! What is to be downloaded, and what the user should know about it.

use sgp22::id::{ActivationCode, Imei, MatchingId};
use sgp22::policy::PprIds;

use super::EarlierUse;
use crate::error::{CodeState, Error};

/// Where the profile is to come from.
#[derive(Debug, Clone)]
pub enum Source {
    /// An activation code.
    Code(ActivationCode),
    /// A server, and what it knows the order by; without that it looks for one by the EID.
    Server {
        /// Host name.
        address: String,
        /// The token or event id.
        matching_id: Option<MatchingId>,
    },
    /// The default SM-DP+ on the card.
    Default,
}

impl Source {
    /// True if there is something that the order is known by; else the server looks for one by the EID.
    #[must_use]
    pub fn names_order(&self) -> bool {
        match self {
            Self::Code(code) => !code.matching_id.is_empty(),
            Self::Server { matching_id, .. } => matching_id.as_ref().is_some_and(|id| !id.is_empty()),
            Self::Default => false,
        }
    }

    /// The error for what failed before any server was asked: the code, if there is one, is as good as before.
    #[must_use]
    pub fn unspent(&self, error: Error) -> Error {
        if self.names_order() { error.code(CodeState::Good) } else { error }
    }
}

/// What is to be downloaded.
#[derive(Debug, Clone)]
pub struct DownloadRequest {
    /// Where from.
    pub source: Source,
    /// The IMEI of the device, for operators who want to know.
    pub imei: Option<Imei>,
    /// Go on with next to no memory on the card.
    pub despite_memory: bool,
    /// The profile is to be refused: nobody looks whether the card could take it.
    pub refuse: bool,
}

/// Something that the user should know before agreeing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Concern {
    /// The card may not have enough memory: so many bytes are free.
    LittleMemory(u64),
    /// Rules of the operator will bind the user.
    Rules {
        /// Which.
        rules: PprIds,
        /// The card wants the user to agree to them by name.
        consent_required: bool,
    },
    /// The server has bound the profile to this card in an earlier try.
    Retry,
    /// The code was used here before.
    UsedBefore(EarlierUse),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Id;

    #[test]
    fn only_where_there_is_a_code_it_is_said_to_be_good() {
        let after = |source: &Source| source.unspent(Error::new(Id::NoDevice)).code;
        let by = |matching_id: Option<&str>| Source::Server {
            address: "smdp.example.com".into(),
            matching_id: matching_id.map(|text| text.parse().unwrap()),
        };
        assert_eq!(after(&Source::Code("LPA:1$smdp.example.com$A".parse().unwrap())), Some(CodeState::Good));
        assert_eq!(after(&by(Some("A"))), Some(CodeState::Good));
        assert_eq!((after(&by(None)), after(&Source::Default)), (None, None));
    }
}
