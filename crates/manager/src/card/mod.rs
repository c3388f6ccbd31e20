//! An open eUICC: reading it, and changing it by plan.

mod binding;
mod blocks;
mod connection;
mod delete;
mod discover;
mod download;
mod limits;
mod modem;
mod notifications;
mod read;
mod rename;
mod reset;
mod rollback;
mod server;
mod switch;

pub use connection::{ConnectionLoss, ConnectionRisk};
pub use delete::{Confirmation, DeletePlan, Deleted};
pub use discover::{Discovery, FoundEvent};
pub use download::{
    Concern, Declined, DownloadRequest, Downloaded, EarlierOutcome, EarlierUse, LITTLE_MEMORY, Offer, Source, Step,
    Unwatched, Watch,
};
pub use limits::describe_limit;
pub use modem::seen_iccid;
pub(crate) use notifications::Collected;
pub use notifications::DropPlan;
pub(crate) use notifications::{count_on_card_alone, is_listed, waited};
pub use read::Selected;
pub use rename::{RenamePlan, Renamed};
pub use reset::{ResetChoice, ResetDone, ResetPlan};
pub(crate) use rollback::Settled;
pub use server::{ServerPlan, ServerSet, server_address};
pub use switch::{SwitchDone, SwitchPlan, describe};

pub use lpa::Error as FunctionError;
pub use lpa::change::{Attempt, Goal, ModemReport, View};
pub use lpa::chip::ChipInfo;
pub use lpa::download::{CancelSessionReason, Cost, Stage, Stop, StopRule, Told};
pub use lpa::profiles::Detail;
pub use sgp22::card_limits::CardLimit;
pub use sgp22::transport::CardSight;

use binding::Reading;
use lpa::Isdr;
use lpa::change::Verdict;
use lpa::smdp::RspServer;
use sgp22::id::{Eid, Iccid};
use sgp22::notification::NotificationMetadata;

use crate::Manager;
use crate::database::{NewEntry, Sighting};
use crate::device::DeviceOptions;
use crate::error::{Error, card_error, change_error};
use crate::record::Record;
use crate::servers::CardKind;

/// Where the plan in the journal says what waited on the card before: a notification each, see [`waited`].
pub(crate) const WAITED: &str = "waited";

/// An open eUICC. Its channel is closed when this is dropped.
pub struct Card<'s> {
    manager: &'s Manager,
    isdr: Isdr<'s>,
    device: &'s str,
    /// The options behind the device's name.
    options: &'s DeviceOptions,
    /// What is remembered about the device goes by this; `None` for a recording: nothing happens to a real card there.
    fact_key: Option<&'s str>,
    /// The longest block at first; what differs in the end is remembered.
    block: u8,
    /// Longer blocks were never tried here.
    may_stretch: bool,
    eid: Option<Eid>,
    /// What plans rest on: renewed by each change.
    reading: Reading,
    /// What waited on the card when it was listed last, with nobody else at it since.
    queue: Option<Vec<NotificationMetadata>>,
    /// The numbers in the outbox of what was fetched in this session.
    fetched: Vec<i64>,
    /// The profiles that were read, for the inventory.
    seen: Option<Sighting>,
    /// The EID by what is known of the card, where it was not asked: good enough to remember what was read.
    recognised: Option<String>,
    /// Something was changed, so that the database was written anyway.
    changed: bool,
}

/// What is remembered about where a card is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'s> {
    /// It goes by this; `None` for a recording: nothing happens to a real card there.
    pub(crate) fact_key: Option<&'s str>,
    /// It began with short blocks, and nobody has tried longer ones.
    pub(crate) may_stretch: bool,
}

/// A change that did not end well.
struct Failure {
    verdict: Verdict,
    /// What was changed all the same; empty if nothing was.
    aside: String,
}

impl From<Verdict> for Failure {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, aside: String::new() }
    }
}

/// The kinds of change, in the journal and where one ends open.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Enable,
    Disable,
    Rename,
    Delete,
    Reset,
    Server,
    /// Giving notifications up.
    Drop,
    /// A command that nobody here knows.
    Es10,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Enable => "enable",
            Self::Disable => "disable",
            Self::Rename => "rename",
            Self::Delete => "delete",
            Self::Reset => "reset",
            Self::Server => "server",
            Self::Drop => "drop",
            Self::Es10 => "es10",
        }
    }

    /// What to look for where nobody knows: the key of a text.
    const fn finding_out(self) -> &'static str {
        match self {
            Self::Enable => "find-out-enable",
            Self::Disable => "find-out-disable",
            Self::Rename => "find-out-rename",
            Self::Delete => "find-out-delete",
            Self::Reset => "find-out-reset",
            Self::Server => "find-out-server",
            Self::Drop | Self::Es10 => "",
        }
    }
}

impl<'s> Card<'s> {
    pub(crate) fn new(
        manager: &'s Manager,
        isdr: Isdr<'s>,
        device: &'s str,
        place: Place<'s>,
        options: &'s DeviceOptions,
    ) -> Self {
        let block = isdr.block();
        let Place { fact_key, may_stretch } = place;
        Self {
            manager,
            isdr,
            device,
            options,
            fact_key,
            block,
            may_stretch,
            eid: None,
            reading: Reading::begin(),
            queue: None,
            fetched: Vec::new(),
            seen: None,
            recognised: None,
            changed: false,
        }
    }

    /// The device by its full name.
    #[must_use]
    pub fn device(&self) -> &str {
        self.device
    }

    /// The EID: asked for once, by commands that change something or show it.
    pub(crate) fn eid(&mut self) -> Result<Eid, Error> {
        if let Some(eid) = self.eid {
            return Ok(eid);
        }
        let eid = self.isdr.eid().map_err(card_error)?;
        self.eid = Some(eid);
        Ok(eid)
    }

    /// The EID, where something is to be kept under it: a recording is no card that could be found again.
    pub(crate) fn recorded_eid(&mut self) -> Result<String, Error> {
        if self.fact_key.is_none() {
            return Err(Error::new(crate::error::Id::RecordingOnly));
        }
        Ok(self.eid()?.to_string())
    }

    /// The way to the servers that this card is for.
    fn servers(&self) -> Result<&'s dyn RspServer, Error> {
        self.manager.servers(CardKind::of(self.device))
    }

    /// Records a change, makes it, and records how it ended. Without the record nothing is done.
    fn recorded<T>(
        &mut self,
        kind: Kind,
        iccid: Option<&Iccid>,
        plan: serde_json::Value,
        change: impl FnOnce(&mut Isdr<'s>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        self.queue = None;
        self.made(kind, iccid, plan, None, change).map(|(result, _)| result)
    }

    /// The same for a change that leaves notifications. They are in the outbox before its record is closed: an open
    /// record has them looked for.
    fn reported<T>(
        &mut self,
        kind: Kind,
        iccid: Option<&Iccid>,
        mut plan: serde_json::Value,
        change: impl FnOnce(&mut Isdr<'s>) -> Result<T, Failure>,
    ) -> Result<(T, Collected), Error> {
        let before = self.before_change()?;
        plan[WAITED] = waited(before.as_deref());
        self.made(kind, iccid, plan, before.as_deref(), change)
    }

    fn made<T>(
        &mut self,
        kind: Kind,
        iccid: Option<&Iccid>,
        plan: serde_json::Value,
        before: Option<&[NotificationMetadata]>,
        change: impl FnOnce(&mut Isdr<'s>) -> Result<T, Failure>,
    ) -> Result<(T, Collected), Error> {
        let eid = self.eid()?.to_string();
        let iccid = iccid.map(Iccid::digits);
        let entry = NewEntry { command: kind.name(), device: self.device, eid, iccid, plan };
        let record = self.fact_key.map(|_| Record::begin(self.manager, &entry)).transpose()?;
        self.end_reading();
        self.changed = true;
        let result = change(&mut self.isdr);
        // What failed after it had changed something has left notifications, too.
        let changed = result.as_ref().map_or_else(|failure| !failure.aside.is_empty(), |_| true);
        let journal = record.as_ref().map(Record::id);
        let collected = match before {
            Some(before) if changed => self.collect(before, journal),
            _ => Collected::default(),
        };
        let result = result.map_err(|Failure { verdict, aside }| {
            let error = change_error(verdict).finding_out(kind.finding_out());
            if aside.is_empty() { error } else { error.aside(aside) }
        });
        // One that stays open has what is missing looked for.
        if let Some(record) = record.filter(|_| !collected.incomplete) {
            record.end(result.as_ref().err());
        }
        result.map(|result| (result, collected))
    }
}

impl Drop for Card<'_> {
    fn drop(&mut self) {
        if let Some(key) = self.fact_key {
            self.manager.note_other_elements(self.device, key, self.isdr.application());
            let eid = self.eid.as_ref().map(Eid::to_string).or_else(|| self.recognised.take());
            let seen = crate::inventory::Seen { profiles: self.seen.take(), queue: self.queue.take() };
            crate::inventory::remember(self.manager, self.device, eid, seen, self.changed);
        }
        let block = self.isdr.block();
        if block != self.block {
            self.remember_block(block);
        }
    }
}
