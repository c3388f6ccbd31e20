//! What is recorded of a step: dates and amounts are looked at before they are taken.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::case::words;
use crate::error::{Error, Id};

words! {
    /// How the operator was reached.
    pub enum Channel {
        /// By telephone.
        Hotline = "hotline",
        /// On a web page or in an app.
        Online = "online",
        /// In a shop.
        Store = "store",
        /// By letter or e-mail.
        Letter = "letter",
    }
}

/// An amount of money, exact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// With a point before the digits of the smaller unit: `12.30`.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
}

impl Money {
    /// Nothing is owed.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.amount.chars().all(|c| matches!(c, '0' | '.'))
    }

    /// Reads an amount with a comma or a point before its cents, and a currency.
    pub fn parse(amount: &str, currency: &str) -> Result<Self, Error> {
        let currency = currency.trim().to_ascii_uppercase();
        if currency.len() != 3 || !currency.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(Error::new(Id::CurrencyInvalid).with("currency", currency));
        }
        let places = places(&currency);
        let text = amount.trim();
        let (whole, part) = text.split_once([',', '.']).unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let right = !whole.is_empty() && digits(whole) && digits(part) && !text.ends_with([',', '.']);
        if !right || part.len() > places || whole.len() > LONGEST_AMOUNT {
            let error = Error::new(Id::AmountInvalid).with("amount", amount);
            return Err(error.with("currency", currency).with("places", places));
        }
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let amount = if places == 0 { whole.to_owned() } else { format!("{whole}.{part:0<places$}") };
        Ok(Self { amount, currency })
    }
}

impl std::fmt::Display for Money {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}

/// How many digits the smaller unit of a currency has (ISO 4217).
fn places(currency: &str) -> usize {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "VND" | "VUV"
        | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// What is recorded of a step; which of it makes sense depends on the step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Facts {
    /// When it was done.
    pub date: Option<Date>,
    /// How the operator was reached.
    pub channel: Option<Channel>,
    /// The operator's number for it.
    pub reference: Option<String>,
    /// What is owed, or what ending the contract costs.
    pub money: Option<Money>,
    /// It is paid.
    pub paid: bool,
    /// The telephone number.
    pub number: Option<String>,
    /// Since when the contract runs.
    pub since: Option<Date>,
    /// Until when it runs after notice was given.
    pub notice_until: Option<Date>,
    /// For so many days the operator's answer is waited for.
    pub answer_within: Option<u16>,
    /// Anything else.
    pub note: Option<String>,
}

impl Facts {
    /// The amount that is owed, if any is.
    #[must_use]
    pub fn owed(&self) -> Option<&Money> {
        self.money.as_ref().filter(|money| !self.paid && !money.is_zero())
    }

    /// Adds what was recorded of the step before: whatever is not said anew stays.
    fn after(self, before: &Facts, dated: bool) -> Facts {
        let paid = if self.money.is_some() { self.paid } else { self.paid || before.paid };
        Facts {
            date: if dated { self.date } else { before.date.or(self.date) },
            channel: self.channel.or(before.channel),
            reference: self.reference.or_else(|| before.reference.clone()),
            money: self.money.or_else(|| before.money.clone()),
            paid,
            number: self.number.or_else(|| before.number.clone()),
            since: self.since.or(before.since),
            notice_until: self.notice_until.or(before.notice_until),
            answer_within: self.answer_within.or(before.answer_within),
            note: self.note.or_else(|| before.note.clone()),
        }
    }
}

/// What a person says of a step, not looked at yet.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// When it was done; today if nothing is said.
    pub date: Option<String>,
    /// How the operator was reached.
    pub channel: Option<Channel>,
    /// The operator's number for it.
    pub reference: Option<String>,
    /// What is owed, or what ending the contract costs.
    pub amount: Option<String>,
    /// In what.
    pub currency: Option<String>,
    /// It is paid.
    pub paid: bool,
    /// The telephone number.
    pub number: Option<String>,
    /// Since when the contract runs.
    pub since: Option<String>,
    /// Until when it runs after notice was given.
    pub notice_until: Option<String>,
    /// For so many days the operator's answer is waited for.
    pub answer_within: Option<u16>,
    /// Anything else.
    pub note: Option<String>,
}

/// The most digits before the comma.
const LONGEST_AMOUNT: usize = 12;
/// The longest text that is taken, in characters.
const LONGEST_TEXT: usize = 4000;
/// Before this there were no mobile telephones.
const FIRST_YEAR: i16 = 1980;
/// No notice period is longer: a date further away is a slip of the keyboard.
const MAX_NOTICE_YEARS: i64 = 10;

/// A date as `2026-11-22`.
pub fn parse_date(text: &str) -> Result<Date, Error> {
    let parsed = text.trim().parse::<Date>().ok().filter(|date| date.year() >= FIRST_YEAR);
    parsed.ok_or_else(|| Error::new(Id::DateInvalid).with("date", text))
}

/// A text without what could steer a terminal.
pub(super) fn parse_text(text: &str) -> Result<String, Error> {
    let text = text.trim();
    if text.chars().count() > LONGEST_TEXT {
        return Err(Error::new(Id::TextTooLong).with("longest", LONGEST_TEXT));
    }
    Ok(text.into())
}

/// Reads a reason that a user gives, which has to say something.
///
/// # Errors
///
/// [`Id::ReasonMissing`] for an empty one, [`Id::TextTooLong`] for one that is too long.
pub fn parse_reason(text: &str) -> Result<String, Error> {
    let text = parse_text(text)?;
    if text.is_empty() { Err(Error::new(Id::ReasonMissing)) } else { Ok(text) }
}

impl Said {
    /// Looks at it as [`Self::facts`] does, and adds it to what was recorded `before`.
    pub(super) fn added_to(&self, before: Option<&Facts>, today: Date, since: Option<Date>) -> Result<Facts, Error> {
        let facts = self.facts(today, since)?;
        Ok(match before {
            Some(before) => facts.after(before, self.date.is_some()),
            None => facts,
        })
    }

    /// Looks at it: nothing in the future, and nothing before the contract began.
    pub(super) fn facts(&self, today: Date, contract_since: Option<Date>) -> Result<Facts, Error> {
        let date = |text: &Option<String>| text.as_deref().map(parse_date).transpose();
        let text = |text: &Option<String>| text.as_deref().map(parse_text).transpose();
        let past = |date: Date| {
            let error = || Error::new(Id::DateInFuture).with("date", date).with("today", today);
            if date > today { Err(error()) } else { Ok(date) }
        };
        let latest = today.saturating_add(jiff::Span::new().years(MAX_NOTICE_YEARS));
        let near = |date: Date| {
            let error = || Error::new(Id::DateTooFar).with("date", date).with("years", MAX_NOTICE_YEARS);
            if date > latest { Err(error()) } else { Ok(date) }
        };
        let since = date(&self.since)?.map(past).transpose()?;
        let begun = since.or(contract_since);
        let not_before = |date: Date| match begun {
            Some(begun) if date < begun => {
                Err(Error::new(Id::DateBeforeContract).with("date", date).with("since", begun))
            }
            _ => Ok(date),
        };
        let done = past(date(&self.date)?.unwrap_or(today)).and_then(not_before)?;
        let money = match (&self.amount, &self.currency) {
            (Some(amount), Some(currency)) => Some(Money::parse(amount, currency)?),
            (Some(_), None) => return Err(Error::new(Id::CurrencyMissing)),
            (None, _) => None,
        };
        Ok(Facts {
            date: Some(done),
            channel: self.channel,
            reference: text(&self.reference)?,
            money,
            paid: self.paid,
            number: text(&self.number)?,
            since,
            notice_until: date(&self.notice_until)?.map(not_before).transpose()?.map(near).transpose()?,
            answer_within: self.answer_within,
            note: text(&self.note)?,
        })
    }
}
