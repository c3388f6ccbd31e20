//! Fetching and loading what was offered.

use lpa::download::{self, LoadFailure, Parties, Stop};
use lpa::smdp::RspServer;
use serde_json::json;
use sgp22::es10b::ProfileInstallationResult;
use sgp22::id::{ConfirmationCode, Iccid};
use sgp22::profile::ProfileInfo;

use super::steps::{Noted, note, note_anyway};
use super::{Concern, Offer, Watch};
use crate::card::{Card, Collected};
use crate::database::{Database, LetterState};
use crate::error::{CodeState, Error, after_cancelling, load_error, stopped_error};
use crate::outbox::Reporting;
use crate::record::Record;
use crate::recover::step;
use crate::words;

/// A profile that is installed.
#[derive(Debug, Clone)]
pub struct Downloaded {
    /// The profile, as the card has it.
    pub profile: ProfileInfo,
    /// The server that it came from.
    pub address: String,
    /// The package's length, in bytes.
    pub package_bytes: usize,
    /// What the card signed.
    pub result: Option<ProfileInstallationResult>,
    /// Why the card's list of profiles cannot be read, so that its signature alone says that the profile is there; `None`
    /// if it was seen in the list.
    pub unlisted: Option<String>,
    /// What became of its notifications.
    pub notifications: Reporting,
    /// What should have been known before.
    pub concerns: Vec<Concern>,
}

impl Card<'_> {
    /// Installs what was offered, and proves it.
    pub fn install(
        &mut self,
        offer: Offer<'_>,
        confirmation: Option<&ConfirmationCode>,
        watch: &mut dyn Watch,
    ) -> Result<Downloaded, Error> {
        // Nothing was asked for yet.
        self.rests_on(&offer.binding).map_err(|error| error.code(CodeState::Good))?;
        let Offer { inner, servers, record, address, before, concerns, .. } = offer;
        self.queue = None;
        self.end_reading();
        let installed = self.fetch_and_load(inner, (servers, &address), record.as_ref(), confirmation, watch);
        // Also a profile that the card did not install leaves a report for the server.
        let collected = match (&installed, &before) {
            (Err(Failed { loading: false, .. }), _) | (_, None) => Collected::default(),
            (_, Some(before)) => self.collect(before, record.as_ref().map(Record::id)),
        };
        // One that stays open has what is missing looked for.
        if let Some(record) = record.filter(|_| !collected.incomplete) {
            record.end(installed.as_ref().err().map(|failed| &failed.error));
        }
        if let Ok((_, installed)) = &installed {
            crate::inventory::described(&installed.profile)
                .into_iter()
                .for_each(|it| self.seen.get_or_insert_default().gained(it));
        }
        let notifications = self.report(&collected);
        match installed {
            Ok((package_bytes, installed)) => {
                let download::Installed { profile, result, unlisted } = installed;
                let unlisted = unlisted.map(|error| error.to_string());
                Ok(Downloaded { profile, address, package_bytes, result, unlisted, notifications, concerns })
            }
            Err(Failed { error, loading: true }) => Err(with_report(error, self.reached_servers(&collected))),
            Err(Failed { error, loading: false }) => Err(error),
        }
    }

    /// Whether all of this was delivered; `None` if there is nothing, or nobody can say.
    fn reached_servers(&self, collected: &Collected) -> Option<bool> {
        let database = Database::peek(self.manager.paths()).filter(|_| !collected.letters.is_empty())?;
        let delivered = |id: &i64| Some(database.letter(*id).ok()??.state == LetterState::Delivered);
        collected.letters.iter().map(delivered).collect::<Option<Vec<bool>>>().map(|all| all.into_iter().all(|is| is))
    }

    fn fetch_and_load(
        &mut self,
        offer: download::Offer,
        (servers, address): (&dyn RspServer, &str),
        record: Option<&Record>,
        confirmation: Option<&ConfirmationCode>,
        watch: &mut dyn Watch,
    ) -> Result<(usize, download::Installed), Failed> {
        let mut noted = Noted::new(watch, record);
        let mut parties = Parties { isdr: &mut self.isdr, servers, watch: &mut noted };
        let detail = json!({
            "transaction_id": offer.transaction_id().to_string(),
            "iccid": offer.metadata().iccid.digits(),
        });
        let prepared = offer.prepare(&mut parties, confirmation).map_err(|stopped| stopped_error(&stopped, address))?;
        if let Err(error) = note(record, step::REQUESTING_PACKAGE, detail.clone()) {
            let cancellation = prepared.cancel(&mut parties, Stop::NotWritten);
            return Err(after_cancelling(error, &cancellation, false).into());
        }
        let package = prepared.fetch(&mut parties).map_err(|stopped| stopped_error(&stopped, address))?;
        if let Err(error) = note(record, step::LOADING, detail) {
            let cancellation = package.cancel(&mut parties, Stop::NotWritten);
            return Err(after_cancelling(error, &cancellation, true).into());
        }
        let length = package.length();
        let installed = package.load(&mut parties).map_err(|failure| {
            let loading = matches!(failure, LoadFailure::Refused(_) | LoadFailure::NotInstalled { .. });
            Failed { error: load_error(&failure, address), loading }
        })?;
        let seq = installed.result.as_ref().map(|result| result.metadata.seq);
        let detail = json!({ "iccid": installed.profile.iccid.as_ref().map(Iccid::digits), "seq": seq });
        note_anyway(record, step::INSTALLED, detail);
        Ok((length, installed))
    }
}

/// A download that failed.
struct Failed {
    error: Error,
    /// The card had begun to load, and could be read afterwards.
    loading: bool,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { error, loading: false }
    }
}

/// Says what became of the card's report that it did not install the profile.
fn with_report(error: Error, reached: Option<bool>) -> Error {
    match reached {
        None => error,
        Some(true) => error.aside(words::text("report-delivered", &[])),
        Some(false) => error.aside(words::text("report-waits", &[])),
    }
}
