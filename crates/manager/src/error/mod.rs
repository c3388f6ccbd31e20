//! What went wrong, whose fault it is, what state things are in, and what to do.
//!
//! The words live in `catalogue`, one entry an id; an [`Error`] is an id with the particulars filled in. `convert`
//! turns the typed errors of the crates below into these.

mod catalogue;
mod convert;
mod server;

pub use catalogue::{Exit, Id, Layer};
pub(crate) use convert::{card_error, change_error, open_error, store_error};
pub(crate) use server::{
    after_cancelling, code_after_cancelling, declined, discovery_error, load_error, server_error, stopped_error,
};

use sgp22::profile::ProfileInfo;

use crate::device::DeviceEntry;
use crate::lock::Holder;

/// What is known about the change that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It was made, and something else failed.
    Done,
    /// It was tried and not made; the card is as it was.
    NotDone,
    /// Nobody knows.
    Unknown,
    /// Nothing was tried.
    Unchanged,
}

impl State {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not_done",
            Self::Unknown => "unknown",
            Self::Unchanged => "unchanged",
        }
    }
}

/// What has become of an activation code, after a download that did not end well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeState {
    /// It works as before.
    Good,
    /// The server has handed the profile out to this card: it works again on this card, and on no other.
    ThisCard,
    /// The server was told that it is not wanted, or not usable: most servers then want a new order.
    Spent,
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
            Self::Used => "used",
            Self::Unknown => "unknown",
        }
    }

    /// The same for an order that the server knows by the card, where there is no code.
    #[must_use]
    pub const fn sentence_on_order(self) -> &'static str {
        match self {
            Self::Good => "The order stands as before.",
            Self::ThisCard => "The order still stands, for this card.",
            Self::Spent => "The server was told, and most servers then want a new order.",
            Self::Used => "The order is done: the profile is installed.",
            Self::Unknown => "Whether the order still stands, only the operator knows.",
        }
    }

    /// It, as a sentence.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Good => "The activation code still works.",
            Self::ThisCard => "The activation code still works, on this card.",
            Self::Spent => {
                "The server was told, and most servers then want a new order: the activation code is likely spent."
            }
            Self::Used => "The activation code is used: the profile is installed.",
            Self::Unknown => "Whether the activation code still works, only the operator knows.",
        }
    }
}

/// Subject and reason, with which a server refused something (SGP.22 5.2.6).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerRefusal {
    /// The server.
    pub server: String,
    /// What it was asked for.
    pub function: &'static str,
    /// As in `8.2.6`; empty if the server did not say.
    pub subject: String,
    /// As in `3.8`.
    pub reason: String,
    /// The server's own words.
    pub message: Option<String>,
}

/// What an error is about, for front ends that want to show it.
#[derive(Debug, Clone, Default)]
pub enum Details {
    /// Nothing more.
    #[default]
    None,
    /// Profiles that could be meant.
    Profiles(Vec<ProfileInfo>),
    /// Devices that could be meant.
    Devices(Vec<DeviceEntry>),
    /// Who holds the device.
    Holder(Box<Holder>),
}

/// An error as the user is told of it.
#[derive(Debug, Clone)]
pub struct Error {
    /// Which entry of the catalogue.
    pub id: Id,
    /// What is known about the change.
    pub state: State,
    /// The particulars, by their name in the entry.
    params: Vec<(&'static str, String)>,
    /// The words of whoever noticed it, for experts; empty if there are none.
    pub cause: String,
    /// What it is about.
    pub details: Details,
    /// How to find out, where it is not known whether a change was made.
    finding_out: &'static str,
    /// What was changed all the same; empty if nothing was.
    aside: String,
    /// What has become of the activation code, if there was one.
    pub code: Option<CodeState>,
    /// There is no code: the server knows the order by the card.
    without_code: bool,
    /// With what the server refused, if it did.
    pub refusal: Option<Box<ServerRefusal>>,
}

impl Error {
    /// An error before anything was tried.
    #[must_use]
    pub fn new(id: Id) -> Self {
        Self {
            id,
            state: State::Unchanged,
            params: Vec::new(),
            cause: String::new(),
            details: Details::None,
            finding_out: "",
            aside: String::new(),
            code: None,
            without_code: false,
            refusal: None,
        }
    }

    /// The same with a particular filled in.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.params.push((name, value.to_string()));
        self
    }

    /// The same with another state.
    #[must_use]
    pub fn state(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// The same with the words of whoever noticed it.
    #[must_use]
    pub fn cause(mut self, cause: impl ToString) -> Self {
        self.cause = cause.to_string();
        self
    }

    /// The same, after what was offered had to be declined for it.
    #[must_use]
    pub fn after_declining(self, declined: &crate::card::Declined) -> Self {
        server::after_declining(self, &declined.cancellation)
    }

    /// The same with what has become of the activation code.
    #[must_use]
    pub fn code(mut self, code: CodeState) -> Self {
        self.code = Some(code);
        self
    }

    /// The same where the server knows the order by the card: then nothing is wrong with a code.
    #[must_use]
    pub fn without_code(mut self) -> Self {
        self.without_code = true;
        if self.id == Id::CodeRefused {
            self.id = Id::NoOrderForCard;
        }
        self
    }

    /// What has become of the code or the order, as a sentence; empty if there is nothing to say.
    #[must_use]
    pub fn code_sentence(&self) -> &'static str {
        match self.code {
            None => "",
            Some(code) if self.without_code => code.sentence_on_order(),
            Some(code) => code.sentence(),
        }
    }

    /// The same with what it is about.
    #[must_use]
    pub fn details(mut self, details: Details) -> Self {
        self.details = details;
        self
    }

    /// The same with a sentence on what was changed all the same, on the way to what failed.
    #[must_use]
    pub fn aside(mut self, what: impl Into<String>) -> Self {
        let what = what.into();
        if self.aside.is_empty() {
            self.aside = what;
        } else {
            self.aside = format!("{} {what}", self.aside);
        }
        self
    }

    /// The same after something else was done before, which stays.
    #[must_use]
    pub fn after(mut self, what: impl Into<String>) -> Self {
        if self.state == State::Unchanged {
            self.state = State::NotDone;
        }
        self.aside(what)
    }

    /// The same with a sentence on how to find out whether the change was made.
    #[must_use]
    pub fn finding_out(mut self, how: &'static str) -> Self {
        self.finding_out = how;
        self
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> String {
        let message = self.fill(self.id.entry().message);
        if self.aside.is_empty() { message } else { format!("{message} {}", self.aside) }
    }

    /// What to do.
    #[must_use]
    pub fn next(&self) -> String {
        let next = self.fill(self.id.entry().next);
        if self.state == State::Unknown && !self.finding_out.is_empty() {
            return format!("{next}\n{}\nTo have it found out: esimctl recover", self.fill(self.finding_out));
        }
        next
    }

    /// Whose fault it is.
    #[must_use]
    pub fn layer(&self) -> Layer {
        self.id.entry().layer
    }

    /// The exit code that it leads to. An unknown outcome has one of its own, whatever led to it.
    #[must_use]
    pub fn exit(&self) -> Exit {
        if self.state == State::Unknown { Exit::Unknown } else { self.id.entry().exit }
    }

    /// What state things are in, as a sentence.
    #[must_use]
    pub fn state_sentence(&self) -> &'static str {
        match self.state {
            State::Done => "The change itself was made.",
            State::NotDone if self.aside.is_empty() => "The change was not made: the card is as it was before.",
            State::NotDone => "What was asked for was not done, but something on the way to it was.",
            State::Unknown => "It is not known whether the change was made.",
            State::Unchanged => "Nothing was changed.",
        }
    }

    /// Fills the particulars in, in one pass: what they hold is not looked at again.
    fn fill(&self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text += before;
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let value = self.params.iter().find(|(known, _)| *known == name);
            text += value.map_or("", |(_, value)| value.as_str());
            rest = behind;
        }
        text + rest
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn particulars_are_filled_in_once_and_braces_in_them_are_harmless() {
        let error = Error::new(Id::ProfileNotFound).with("profile", "{}{profile}{");
        assert_eq!(error.message(), "The card has no profile '{}{profile}{'.");
    }

    #[test]
    fn every_entry_reads_as_a_sentence() {
        for id in Id::ALL {
            let entry = id.entry();
            assert!(entry.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", entry.name);
            for template in [entry.message, entry.next] {
                assert_eq!(template.matches('{').count(), template.matches('}').count(), "{template}");
                assert!(!template.contains("{}"), "{template}: a particular without a name");
            }
            assert!(entry.message.ends_with(['.', '}']), "{}", entry.message);
        }
        let mut names: Vec<_> = Id::ALL.iter().map(|id| id.entry().name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Id::ALL.len(), "every name is there once");
    }
}
