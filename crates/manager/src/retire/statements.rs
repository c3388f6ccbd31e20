//! Opening cases without a card, and recording what the user says of devices that esimctl cannot read.

use sgp22::id::Iccid;

use super::by_word::{DeviceByWord, Statement};
use super::case::{Case, Step, Subscription};
use super::event::Event;
use super::facts::{self, Said};
use super::rules::obstacles;
use super::{Retirements, adopt, evidence, today};
use crate::database::Database;
use crate::error::{Error, Id};

/// The longest name of a device, in characters.
pub(super) const MAX_DEVICE_NAME: usize = 80;

/// A subscription as its user describes it, where no card is at hand to do so.
#[derive(Debug, Clone, Default)]
pub struct Description {
    /// The number of the profile.
    pub iccid: Option<String>,
    /// The name that the user gives it.
    pub name: Option<String>,
    /// The operator.
    pub provider: Option<String>,
    /// The telephone number.
    pub number: Option<String>,
    /// The devices on which it is, or was.
    pub devices: Vec<String>,
}

/// A removal that the user made on a device.
#[derive(Debug, Clone, Default)]
pub struct RemovalByWord {
    /// The day; today if nothing is said.
    pub date: Option<String>,
    /// Anything else.
    pub note: Option<String>,
    /// Files that show it.
    pub files: Vec<std::path::PathBuf>,
}

impl Retirements<'_> {
    /// Opens a case about a profile that no card at hand holds: it is in a phone, on a lost device, or deleted already.
    /// No device is opened. What journal, outbox and inventory know of the profile is adopted.
    ///
    /// # Errors
    /// Refuses a description without ICCID and name, a wrong ICCID, and a profile with an open case.
    pub fn start_by_word(&self, about: &Description) -> Result<Case, Error> {
        let iccid = about.iccid.as_deref().map(parse_iccid).transpose()?;
        let mut subscription = Subscription {
            iccid: iccid.unwrap_or_default(),
            name: filled(about.name.as_deref())?,
            provider: filled(about.provider.as_deref())?,
            ..Subscription::default()
        };
        if subscription.iccid.is_empty() && subscription.name.is_none() {
            return Err(Error::new(Id::SubscriptionUnnamed));
        }
        let number = filled(about.number.as_deref())?;
        let named = named(&about.devices)?;
        let database = self.database()?;
        let known = adopt::whereabouts(&database, &subscription.iccid)?;
        known.describe(&mut subscription);
        let number = number.map(|number| Event::ByWord(Statement::Number { number }));
        self.open_case(&database, &known, &subscription, number.into_iter().chain(named).collect())
    }

    /// Gives a case that was opened by name the number of its profile, or another one as long as no card has joined it.
    /// What journal, outbox and inventory know of the profile is adopted.
    ///
    /// # Errors
    /// Refuses a wrong ICCID, that of another open case, and another one once a card of the case has the first.
    pub fn describe(&self, case: &Case, iccid: &str) -> Result<Case, Error> {
        super::open(case)?;
        let iccid = parse_iccid(iccid)?;
        let database = self.database()?;
        let known = adopt::whereabouts(&database, &iccid)?;
        database.add_to_case_of(case.id, &iccid, |now| {
            super::open(now)?;
            match &*now.subscription.iccid {
                same if same == iccid => Ok(Vec::new()),
                other if !other.is_empty() && !now.devices.is_empty() => {
                    Err(Error::new(Id::IccidKnown).with("case", now.name()).with("iccid", other))
                }
                _ => Ok(known.identified(now, iccid.clone())),
            }
        })?;
        super::settle::settle(&database, case.id)
    }

    /// Adds a device that esimctl cannot read.
    ///
    /// # Errors
    /// Refuses a name that the case has already, an empty one and one that is too long.
    pub fn name_device(&self, case: &Case, device: &str) -> Result<Case, Error> {
        let device = parse_name(device)?;
        if case.device_by_word(&device).is_some() {
            return Err(Error::new(Id::DeviceNamedTwice).with("device", device).with("case", case.name()));
        }
        self.add(case, vec![Event::ByWord(Statement::Named { device })])
    }

    /// Records that the user removed the profile from a device. Obstacles do not stop that: it happened. They are kept
    /// with it.
    ///
    /// # Errors
    /// Refuses an unknown device, a date in the future or before the contract, and evidence that cannot be read.
    pub fn removed_by_word(&self, case: &Case, device: &str, removal: &RemovalByWord) -> Result<Case, Error> {
        super::open(case)?;
        let device = known_device(case, device)?.device.clone();
        let since = case.facts(Step::Contract).and_then(|facts| facts.since);
        let said = Said { date: removal.date.clone(), note: removal.note.clone(), ..Said::default() };
        let facts = said.facts(today(), since)?;
        let keep = |file: &std::path::PathBuf| evidence::keep(self.manager.paths(), file);
        let evidence = removal.files.iter().map(keep).collect::<Result<_, _>>()?;
        let date = facts.date.unwrap_or_else(today);
        let obstacles = obstacles(case, today()).iter().map(|one| one.name().to_owned()).collect();
        let note = facts.note.filter(|note| !note.is_empty());
        self.add(case, vec![Event::ByWord(Statement::Removed { device, date, note, evidence, obstacles })])
    }

    /// Gives up a device that esimctl cannot read: the profile may still be on it.
    ///
    /// # Errors
    /// Refuses an unknown device and an empty reason.
    pub fn write_off_by_word(&self, case: &Case, device: &str, reason: &str) -> Result<Case, Error> {
        let (device, reason) = (known_device(case, device)?.device.clone(), facts::parse_reason(reason)?);
        self.add(case, vec![Event::ByWord(Statement::WrittenOff { device, reason })])
    }

    /// Takes back what was said of a device: the profile is there after all. The old word stays in the history.
    ///
    /// # Errors
    /// Refuses an unknown device and an empty reason.
    pub fn still_there(&self, case: &Case, device: &str, reason: &str) -> Result<Case, Error> {
        super::open(case)?;
        let item = known_device(case, device)?;
        if !item.is_settled() {
            return Err(Error::new(Id::NothingToCorrect).with("step", Step::Clean.name()).with("case", case.name()));
        }
        let (device, reason) = (item.device.clone(), facts::parse_reason(reason)?);
        self.add(case, vec![Event::ByWord(Statement::StillThere { device, reason })])
    }

    /// Opens a case with all that is known at its beginning.
    pub(super) fn open_case(
        &self,
        database: &Database,
        known: &adopt::Whereabouts,
        subscription: &Subscription,
        by_word: Vec<Event>,
    ) -> Result<Case, Error> {
        let mut events = vec![known.started(database, subscription.clone())?];
        events.extend(known.adoptions().chain(by_word));
        let case = database.open_case(subscription, &events)?.map_err(|open| {
            let error = Error::new(Id::CaseOpen).with("profile", subscription.title());
            error.with("case", open.name()).with("created", &open.created)
        })?;
        super::settle::settle(database, case.id)
    }
}

fn known_device<'c>(case: &'c Case, device: &str) -> Result<&'c DeviceByWord, Error> {
    let unknown = || Error::new(Id::DeviceNotNamed).with("device", device).with("case", case.name());
    case.device_by_word(device).ok_or_else(unknown)
}

fn parse_iccid(text: &str) -> Result<String, Error> {
    let parsed = text.parse::<Iccid>();
    parsed.map(|iccid| iccid.digits()).map_err(|_| Error::new(Id::IccidInvalid).with("iccid", text))
}

/// A text that says something.
fn filled(text: Option<&str>) -> Result<Option<String>, Error> {
    let text = text.map(facts::parse_text).transpose()?;
    Ok(text.filter(|text| !text.is_empty()))
}

fn parse_name(text: &str) -> Result<String, Error> {
    let name = facts::parse_text(text)?;
    let printable = !name.chars().any(char::is_control);
    if name.is_empty() || !printable || name.chars().count() > MAX_DEVICE_NAME {
        return Err(Error::new(Id::DeviceNameInvalid).with("longest", MAX_DEVICE_NAME));
    }
    Ok(name)
}

/// The events that add devices by these names, each once.
pub(super) fn named(names: &[String]) -> Result<Vec<Event>, Error> {
    let mut distinct: Vec<String> = Vec::new();
    for name in names {
        let name = parse_name(name)?;
        if !distinct.iter().any(|known| known.to_lowercase() == name.to_lowercase()) {
            distinct.push(name);
        }
    }
    Ok(distinct.into_iter().map(|device| Event::ByWord(Statement::Named { device })).collect())
}
