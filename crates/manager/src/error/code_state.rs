//! The state of an activation code after a download.

use crate::words::text;

/// The state of an activation code after a failed download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// The code works as before.
    Good,
    /// The server has handed the profile out to this card: the code works again on this card, and on no other.
    ThisCard,
    /// The server was told that the profile is not wanted, or not usable: most servers then want a new order.
    Spent,
    /// The server gives no profile for the code: it is wrong, expired, or used up.
    Rejected,
    /// The code does not work on this card; on another one it may.
    OtherCard,
    /// The code has installed its profile.
    Used,
    /// Only the operator knows.
    Unknown,
}

impl CodeState {
    /// A stable name, for JSON.
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

    /// A sentence on an order that the server knows by the card, where there is no code.
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

    /// A sentence on the code.
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
