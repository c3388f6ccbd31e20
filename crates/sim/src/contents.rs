//! What was found on a SIM.

use serde::Serialize;

use crate::dialling::Dialling;
use crate::identity::Application;
use crate::sms::Message;

/// Everything that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SimContents {
    /// EF.ICCID, as digits.
    pub iccid: Part<String>,
    /// EF.DIR.
    pub applications: Part<Records<Application>>,
    /// EF.IMSI.
    pub imsi: Part<String>,
    /// EF.AD: how many digits the network code has; `None` if it does not say.
    pub mnc_digits: Part<Option<usize>>,
    /// EF.SPN.
    pub provider: Part<String>,
    /// EF.MSISDN: the subscription's own numbers.
    pub numbers: Part<Records<Dialling>>,
    /// The phone books: EF.PBR and what it names, and EF.ADN.
    pub contacts: Part<Records<Contact>>,
    /// EF.SMS.
    pub messages: Part<Records<Message>>,
    /// EF.LND or EF.OCI: what was dialled last, the newest first.
    pub last_numbers: Part<Records<Dialling>>,
    /// What came of the PIN.
    pub pin: PinOutcome,
}

impl SimContents {
    /// The parts that are there, but could not be read, by name.
    #[must_use]
    pub fn unread(&self) -> Vec<&'static str> {
        [
            ("iccid", self.iccid.is_unread()),
            ("applications", self.applications.is_unread()),
            ("imsi", self.imsi.is_unread()),
            ("mnc_digits", self.mnc_digits.is_unread()),
            ("provider", self.provider.is_unread()),
            ("numbers", self.numbers.is_unread()),
            ("contacts", self.contacts.is_unread()),
            ("messages", self.messages.is_unread()),
            ("last_numbers", self.last_numbers.is_unread()),
        ]
        .into_iter()
        .filter_map(|(name, unread)| unread.then_some(name))
        .collect()
    }

    /// The parts of which something was not read, by name: those that could not be read at all, those of which a piece was
    /// skipped, and phone books with a number that goes on where it was not followed.
    #[must_use]
    pub fn incomplete(&self) -> Vec<&'static str> {
        let mut parts = self.unread();
        let cut = self.contacts.value().is_some_and(|contacts| contacts.entries.iter().any(|one| one.cut));
        for (name, skipped) in [
            ("applications", has_skipped(&self.applications)),
            ("numbers", has_skipped(&self.numbers)),
            ("contacts", has_skipped(&self.contacts) || cut),
            ("messages", has_skipped(&self.messages)),
            ("last_numbers", has_skipped(&self.last_numbers)),
        ] {
            if skipped && !parts.contains(&name) {
                parts.push(name);
            }
        }
        parts
    }
}

/// True if a piece of the part was skipped. A record without a meaning is no such piece: its bytes are kept.
fn has_skipped<T>(part: &Part<Records<T>>) -> bool {
    part.value().is_some_and(|records| !records.notes.is_empty())
}

/// What became of a part.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Part<T> {
    /// It was read.
    Present {
        /// What it holds.
        value: T,
    },
    /// The card has no such file.
    Absent,
    /// The card wants a PIN for it.
    NeedsPin {
        /// How often a PIN may be tried still, if the card says; 0: it is blocked.
        tries_left: Option<u8>,
    },
    /// It is there, and cannot be read.
    Unreadable {
        /// What is wrong.
        why: String,
    },
}

impl<T> Part<T> {
    /// What it holds, if it was read.
    #[must_use]
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Present { value } => Some(value),
            _ => None,
        }
    }

    /// True if it is there, but was not read.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        matches!(self, Self::NeedsPin { .. } | Self::Unreadable { .. })
    }
}

/// What the records of a file hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Records<T> {
    /// What makes sense, in the card's order.
    pub entries: Vec<T>,
    /// What does not.
    pub damaged: Vec<Damaged>,
    /// What is to be known beside that: parts that were skipped, and why.
    pub notes: Vec<String>,
}

impl<T> Default for Records<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), damaged: Vec::new(), notes: Vec::new() }
    }
}

/// A record that makes no sense, kept as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Damaged {
    /// The file, by its identifier.
    pub file: String,
    /// The number of the record.
    pub record: u8,
    /// What is wrong with it.
    pub why: String,
    /// Its bytes in hexadecimal.
    pub raw: String,
}

/// Which phone book a contact stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// That of the USIM alone.
    UsimPhoneBook,
    /// That of all applications.
    PhoneBook,
    /// EF.ADN in DF.TELECOM.
    Adn,
}

/// An entry of a phone book.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Contact {
    /// Where it stands.
    pub source: Source,
    /// The number of its record in EF.ADN.
    pub record: u8,
    /// The name; empty if there is none.
    pub name: String,
    /// The numbers, the main one first.
    pub numbers: Vec<String>,
    /// Addresses of electronic mail.
    pub emails: Vec<String>,
    /// Second names.
    pub second_names: Vec<String>,
    /// The main number goes on in an extension record, which is not read.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub cut: bool,
}

/// What came of the PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum PinOutcome {
    /// Nothing wanted one.
    NotNeeded,
    /// It was right.
    Verified,
    /// It was asked for, and none was given.
    NotGiven {
        /// How often a PIN may be tried still, if the card says.
        tries_left: Option<u8>,
    },
    /// It was wrong; it was not tried again.
    Wrong {
        /// How often a PIN may be tried still; 0: it is blocked now.
        tries_left: u8,
    },
    /// It was blocked before: only the PUK helps. Nobody was asked.
    Blocked,
    /// The card takes none.
    Refused {
        /// The card's status word.
        status: u16,
    },
}

impl PinOutcome {
    /// How often a PIN may be tried still, as far as that is known.
    #[must_use]
    pub fn tries_left(self) -> Option<u8> {
        match self {
            Self::NotGiven { tries_left } => tries_left,
            Self::Wrong { tries_left } => Some(tries_left),
            Self::Blocked => Some(0),
            Self::NotNeeded | Self::Verified | Self::Refused { .. } => None,
        }
    }
}
