//! What an activation code is worth after a download.

use crate::words::text;

/// What has become of an activation code, after a download that did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// It works as before.
    Good,
    /// The server has handed the profile out to this card: it works again on this card, and on no other.
    ThisCard,
    /// The server was told that it is not wanted, or not usable: most servers then want a new order.
    Spent,
    /// The server does not give a profile for it: it is wrong, expired, or used up.
    Rejected,
    /// It does not work on this card; on another one it may.
    OtherCard,
    /// It has done what it was for: the profile is installed.
    Used,
    /// Nobody here can know.
    Unknown,
}

impl CodeState {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::ThisCard => "this_card",
            Self::Spent => "spent",
            Self::Rejected => "rejected",
            Self::OtherCard => "other_card",
            Self::Used => "used",
            Self::Unknown => "unknown",
        }
    }

    /// The same for an order that the server knows by the card, where there is no code.
    #[must_use]
    pub fn sentence_on_order(self) -> String {
        text(
            match self {
                Self::Good => "order-good",
                Self::ThisCard => "order-this-card",
                Self::Spent => "order-spent",
                Self::Rejected => "order-rejected",
                Self::OtherCard => "order-not-for-this-card",
                Self::Used => "order-used",
                Self::Unknown => "order-unknown",
            },
            &[],
        )
    }

    /// It, as a sentence.
    #[must_use]
    pub fn sentence(self) -> String {
        text(
            match self {
                Self::Good => "code-good",
                Self::ThisCard => "code-this-card",
                Self::Spent => "code-spent",
                Self::Rejected => "code-rejected",
                Self::OtherCard => "code-other-card",
                Self::Used => "code-used",
                Self::Unknown => "code-unknown",
            },
            &[],
        )
    }
}
