//! An open eUICC: reading it, and changing it by plan.

mod delete;
mod read;
mod rename;
mod reset;
mod server;
mod switch;

pub use delete::{Confirmation, DeletePlan, Deleted};
pub use read::Selected;
pub use rename::{RenamePlan, Renamed};
pub use reset::{ResetChoice, ResetDone, ResetPlan};
pub use server::{ServerPlan, ServerSet};
pub use switch::{SwitchDone, SwitchPlan, describe};

pub use lpa::Error as FunctionError;
pub use lpa::change::{Attempt, Goal};
pub use lpa::chip::ChipInfo;
pub use lpa::profiles::Detail;

use lpa::Isdr;
use lpa::change::Verdict;
use sgp22::id::{Eid, Iccid};
use sgp22::notification::NotificationMetadata;

use crate::Manager;
use crate::database::{Database, NewEntry};
use crate::device::BLOCK_FACT;
use crate::error::{Error, card_error, change_error};
use crate::session::Record;

/// An open eUICC. Its channel is closed when this is dropped.
pub struct Card<'s> {
    manager: &'s Manager,
    isdr: Isdr<'s>,
    device: &'s str,
    /// What is remembered about the device goes by this; `None` for a recording: nothing happens to a real card there.
    fact_key: Option<&'s str>,
    /// The longest block at first; what differs in the end is remembered.
    block: u8,
    eid: Option<Eid>,
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
            Self::Es10 => "es10",
        }
    }

    /// What to look for where nobody knows.
    const fn finding_out(self) -> &'static str {
        match self {
            Self::Enable => "If the profile is enabled there, it was done; if not, it was not, and can be tried again.",
            Self::Disable => {
                "If the profile is disabled there, it was done; if not, it was not, and can be tried again."
            }
            Self::Rename => "The name that stands there is the one that it has.",
            Self::Delete => {
                "If the profile is gone, it was deleted; if it is there, it was not, and can be tried again."
            }
            Self::Reset => "The profiles that are gone were deleted; those that are there were not.",
            Self::Server => "Then: esimctl server show",
            Self::Es10 => "",
        }
    }
}

impl<'s> Card<'s> {
    pub(crate) fn new(manager: &'s Manager, isdr: Isdr<'s>, device: &'s str, fact_key: Option<&'s str>) -> Self {
        let block = isdr.block();
        Self { manager, isdr, device, fact_key, block, eid: None }
    }

    /// The device by its full name.
    #[must_use]
    pub fn device(&self) -> &str {
        self.device
    }

    /// The EID: asked for once, by commands that change something or show it.
    fn eid(&mut self) -> Result<Eid, Error> {
        if let Some(eid) = self.eid {
            return Ok(eid);
        }
        let eid = self.isdr.eid().map_err(card_error)?;
        self.eid = Some(eid);
        Ok(eid)
    }

    /// Records a change, makes it, and records how it ended. Without the record nothing is done.
    fn recorded<T>(
        &mut self,
        kind: Kind,
        iccid: Option<&Iccid>,
        plan: serde_json::Value,
        change: impl FnOnce(&mut Isdr<'s>) -> Result<T, Failure>,
    ) -> Result<T, Error> {
        let eid = self.eid()?.to_string();
        let iccid = iccid.map(Iccid::digits);
        let entry = NewEntry { command: kind.name(), device: self.device, eid, iccid, plan };
        let record = self.fact_key.map(|_| Record::begin(self.manager, &entry)).transpose()?;
        let result = change(&mut self.isdr).map_err(|Failure { verdict, aside }| {
            let error = change_error(verdict).finding_out(kind.finding_out());
            if aside.is_empty() { error } else { error.aside(aside) }
        });
        if let Some(record) = record {
            record.end(result.as_ref().err());
        }
        result
    }

    /// What waits on the card after a change. A card that cannot say so has changed all the same.
    fn waiting(&mut self) -> Option<Vec<NotificationMetadata>> {
        lpa::notifications::list(&mut self.isdr)
            .inspect_err(|error| log::warn!("the notifications cannot be listed: {error}"))
            .ok()
    }
}

impl Drop for Card<'_> {
    fn drop(&mut self) {
        let block = self.isdr.block();
        if let Some(key) = self.fact_key.filter(|_| block < self.block) {
            let learnt = Database::open(self.manager.paths())
                .and_then(|database| database.learn(key, BLOCK_FACT, &block.to_string()));
            match learnt {
                Ok(()) => log::info!("remembered: this device takes blocks of {block} bytes"),
                Err(error) => log::info!("not remembered: {error}"),
            }
        }
    }
}
