//! Downloads that were made here before by the same code.

use super::{DownloadRequest, Source};
use crate::card::Card;
use crate::code_key;
use crate::database::{Database, Entry};
use crate::error::{CodeState, Error, Id};
use crate::recover::step;
use crate::words::text;

/// The outcome of an earlier download.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EarlierOutcome {
    /// The profile was installed.
    Installed,
    /// Unknown: the profile may have been installed.
    Unknown,
}

/// An earlier download by the same code, on this card or another one, from this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarlierUse {
    /// The outcome of that download.
    pub outcome: EarlierOutcome,
    /// The card, by its EID.
    pub eid: String,
    /// True if that is the card in use now.
    pub is_this_card: bool,
    /// The profile's number, if it was known.
    pub iccid: Option<String>,
    /// The profile's name, as it was seen last on that card.
    pub name: Option<String>,
    /// The time at which the download began: UTC, RFC 3339.
    pub at: String,
}

impl EarlierUse {
    /// A sentence about the earlier download.
    #[must_use]
    pub fn sentence(&self) -> String {
        let profile = match (&self.name, &self.iccid) {
            (Some(name), Some(iccid)) => format!("{name} ({iccid})"),
            (Some(name), None) => name.clone(),
            (None, Some(iccid)) => iccid.clone(),
            (None, None) => text("a-profile", &[]),
        };
        let card = match self.is_this_card {
            true => text("on-this-card", &[]),
            false => text("on-the-card", &[("eid", self.eid.as_str().into())]),
        };
        let key = match self.outcome {
            EarlierOutcome::Installed => "earlier-use-installed",
            EarlierOutcome::Unknown => "earlier-use-unknown",
        };
        let time = self.at.trim_end_matches('Z').replace('T', " ");
        text(key, &[("profile", profile.into()), ("card", card.into()), ("time", time.into())])
    }

    /// The error for a code of which it is not known whether it has installed a profile: that can be found out first. To
    /// try it at once could spend it, or tell the server of another card than the one that has the profile.
    #[must_use]
    pub fn unsettled(&self) -> Error {
        Error::new(Id::CodeUnsettled).with("sentence", self.sentence()).code(CodeState::Unknown)
    }

    /// The error for a code that was used here before, and that the user does not want to try again.
    #[must_use]
    pub fn not_again(&self) -> Error {
        Error::new(Id::CodeUsedBefore).with("sentence", self.sentence()).code(CodeState::Used)
    }
}

impl Card<'_> {
    /// The last download by the same order, if the profile was installed by it, or may have been. Nobody is asked: this is
    /// what the journal knows. A journal that cannot be read knows nothing.
    ///
    /// # Errors
    /// Whatever goes wrong with the card while its EID is read.
    pub fn earlier_use(&mut self, request: &DownloadRequest) -> Result<Option<EarlierUse>, Error> {
        let (address, matching_id) = match &request.source {
            Source::Code(code) => (&code.smdp, Some(&code.matching_id)),
            Source::Server { address, matching_id } => (address, matching_id.as_ref()),
            Source::Default => return Ok(None),
        };
        let paths = self.manager.paths();
        let Some(database) = Database::peek(paths) else { return Ok(None) };
        let Some(code) = code_key::fingerprint(paths, address, matching_id) else { return Ok(None) };
        let entries = database.downloads_by_code(&code).unwrap_or_else(|error| {
            log::info!("the journal cannot be read for earlier downloads: {error}");
            Vec::new()
        });
        let counted = entries.into_iter().find_map(|entry| outcome(&entry, &database).map(|outcome| (entry, outcome)));
        let Some((entry, outcome)) = counted else { return Ok(None) };
        let here = self.eid()?.to_string();
        let name = entry.iccid.as_deref().and_then(|iccid| database.profile_name(&entry.eid, iccid).ok().flatten());
        let Entry { eid, iccid, started: at, .. } = entry;
        Ok(Some(EarlierUse { outcome, is_this_card: eid == here, eid, iccid, name, at }))
    }
}

/// The outcome that a journal entry shows; `None` if no profile was installed or sent to the card.
fn outcome(entry: &Entry, database: &Database) -> Option<EarlierOutcome> {
    let was_loading = || {
        let steps = database.steps(entry.id).unwrap_or_default();
        steps.iter().any(|step| matches!(step.name.as_str(), step::LOADING | step::INSTALLED))
    };
    match entry.outcome.as_deref() {
        Some("done") => Some(EarlierOutcome::Installed),
        None | Some("unknown") => was_loading().then_some(EarlierOutcome::Unknown),
        _ => None,
    }
}
