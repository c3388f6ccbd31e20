//! What went wrong, whose fault it is, what state things are in, and what to do.
//!
//! The words live in `catalogue`, one entry an id, and in `locales/` for other languages; an [`Error`] is an id with
//! the particulars filled in. `convert` turns the typed errors of the crates below into these. What is said of an
//! error is in the language that was chosen, see [`crate::words`].

mod catalogue;
mod code_state;
mod convert;
mod refusal;
mod server;
#[cfg(test)]
mod server_tests;
mod server_words;
#[cfg(test)]
mod tests;

pub(crate) use catalogue::particulars;
pub use catalogue::{Exit, Id, Layer};
pub use code_state::CodeState;
pub(crate) use convert::{card_error, change_error, open_error, sim_error, store_error};
pub(crate) use server::{
    after_cancelling, code_after_cancelling, declined, discovery_error, limit_error, load_error, server_error,
    stopped_error,
};

use sgp22::profile::ProfileInfo;

use crate::device::{DeviceEntry, DeviceHint};
use crate::lock::Holder;
use crate::words::{self, Language, Value, text};

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
    /// The thing that it is about, in the server's own words: `subjectIdentifier`.
    pub identifier: Option<String>,
    /// The server's own words.
    pub message: Option<String>,
}

impl ServerRefusal {
    /// The server's own words, marked as such and in quotation marks; `None` if it said nothing but codes.
    #[must_use]
    pub fn quotation(&self) -> Option<String> {
        let identifier = self.identifier.as_deref().map(|text| ("identifier", text.into()));
        let message = self.message.as_deref().map(|text| ("message", text.into()));
        let key = match (&identifier, &message) {
            (Some(_), Some(_)) => "quotation-of",
            (None, Some(_)) => "quotation",
            (Some(_), None) => "quotation-about",
            (None, None) => return None,
        };
        Some(text(key, &identifier.into_iter().chain(message).collect::<Vec<_>>()))
    }
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
    /// Slots of a modem that have a card.
    Slots(Vec<u8>),
}

/// What an entry of the catalogue has.
#[derive(Debug, Clone, Copy)]
enum Part {
    Message,
    Next,
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
    /// How to find out, where it is not known whether a change was made: the key of a text.
    finding_out: &'static str,
    /// What was changed all the same; empty if nothing was.
    aside: String,
    /// What has become of the activation code, if there was one.
    pub code: Option<CodeState>,
    /// There is no code: the server knows the order by the card.
    without_code: bool,
    /// With what the server refused, if it did.
    pub refusal: Option<Box<ServerRefusal>>,
    /// Hints about the kind of device at which the error occurred.
    pub hints: Vec<DeviceHint>,
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
            hints: Vec::new(),
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
    pub fn code_sentence(&self) -> String {
        match self.code {
            None => String::new(),
            Some(code) if self.without_code => code.sentence_on_order(),
            Some(code) => code.sentence(),
        }
    }

    /// Adds a hint on the device at which it came, once.
    #[must_use]
    pub(crate) fn hint(mut self, hint: DeviceHint) -> Self {
        if !self.hints.contains(&hint) {
            self.hints.push(hint);
        }
        self
    }

    /// True if the device may be the cause: it cannot be used, or failed at something. Not where another program has it,
    /// nor where the card decides by a rule.
    pub(crate) fn is_of_device(&self) -> bool {
        let cannot_be_used =
            matches!(self.layer(), Layer::Reader | Layer::Card) && self.id.entry().exit == Exit::NoDevice;
        let others_have_it = matches!(self.id, Id::DeviceLocked | Id::PortBusy | Id::PortNoAccess | Id::ReaderBusy)
            || matches!(self.id, Id::ModemManagerRefuses | Id::ModemManagerFailed);
        let failed = matches!(self.id, Id::CardLost | Id::ModemLost | Id::CardRestarted | Id::CardGarbage)
            || matches!(self.id, Id::CardStatus | Id::CardRefused | Id::CardUntrue | Id::RolledBack);
        (cannot_be_used && !others_have_it) || failed
    }

    /// The message, followed by the server's own words if there are any.
    #[must_use]
    pub fn message_with_quotation(&self) -> String {
        let quotation = self.refusal.as_ref().and_then(|refusal| refusal.quotation());
        let sentence = quotation.map(|quotation| text("the-server-says", &[("quotation", quotation.into())]));
        words::sentences(&self.message(), &sentence.unwrap_or_default())
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
        self.aside = words::sentences(&self.aside, &what.into());
        self
    }

    /// True if something was changed all the same.
    pub(crate) fn has_aside(&self) -> bool {
        !self.aside.is_empty()
    }

    /// The error without what was changed all the same: that was undone.
    pub(crate) fn without_aside(mut self) -> Self {
        self.aside = String::new();
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

    /// The same with how to find out whether the change was made: the key of a text, or nothing.
    #[must_use]
    pub(crate) fn finding_out(mut self, how: &'static str) -> Self {
        self.finding_out = how;
        self
    }

    /// What happened.
    #[must_use]
    pub fn message(&self) -> String {
        words::sentences(&self.said_in(words::language(), Part::Message), &self.aside)
    }

    /// What to do.
    #[must_use]
    pub fn next(&self) -> String {
        let next = self.said_in(words::language(), Part::Next);
        if self.state == State::Unknown && !self.finding_out.is_empty() {
            return format!("{next}\n{}\n{}", text(self.finding_out, &[]), text("find-out-by-recover", &[]));
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
    pub fn state_sentence(&self) -> String {
        text(
            match self.state {
                State::Done => "state-done",
                State::NotDone if self.aside.is_empty() => "state-not-done",
                State::NotDone => "state-not-done-but",
                State::Unknown => "state-unknown",
                State::Unchanged => "state-unchanged",
            },
            &[],
        )
    }

    /// Its own words in a language; the catalogue's where that has none.
    fn said_in(&self, language: Language, part: Part) -> String {
        let entry = self.id.entry();
        let key = entry.name.replace('_', "-");
        let (template, key) = match part {
            Part::Message => (entry.message, key),
            Part::Next => (entry.next, format!("{key}.next")),
        };
        let value = |name: &str| match name {
            "why" | "meaning" | "command" | "taken" => words::phrase(language, self.particular(name)),
            _ => self.particular(name).to_owned(),
        };
        let arguments: Vec<_> = particulars(template).map(|name| (name, Value::from(value(name)))).collect();
        words::found(language, &key, &arguments).unwrap_or_else(|| self.fill(template))
    }

    /// A particular; empty if it was not filled in.
    fn particular(&self, name: &str) -> &str {
        self.params.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
    }

    /// Fills the particulars in, in one pass: what they hold is not looked at again.
    fn fill(&self, template: &str) -> String {
        let mut text = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            text += before;
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            text += self.particular(name);
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
