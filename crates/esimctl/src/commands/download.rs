//! Downloading a profile.

use std::time::Duration;

use manager::card::{CancelSessionReason, Card, Concern, DownloadRequest, Downloaded, Goal, Offer, Source, SwitchDone};
use manager::error::{CodeState, Id};
use manager::files::{self, Existing};
use manager::{Error, ProfileQuery, words};
use sgp22::id::{ConfirmationCode, Iccid, Imei, ParseIdError};

use crate::app::App;
use crate::cli::{Consent, Download, Wishes};
use crate::code;
use crate::output::{self, DeclinedReport, DownloadedReport, Progress, Report};
use crate::prompt::{self, Answer};

pub(super) fn run(app: &App, arguments: &Download) -> Result<Box<dyn Report>, Error> {
    let source = code::source(&arguments.source)?;
    let wanted = Wanted::new(&arguments.wishes, &arguments.consent)?;
    let unspent = |error| source.unspent(error);
    let mut session = app.manager.session().map_err(unspent)?;
    let mut card = session.card().map_err(unspent)?;
    from(app, &mut card, source, wanted)
}

/// What is wanted besides the profile. Mistyped before anything was begun is better than after.
pub(super) struct Wanted<'a> {
    wishes: &'a Wishes,
    consent: &'a Consent,
    pub(super) imei: Option<Imei>,
    confirmation: Option<ConfirmationCode>,
}

impl<'a> Wanted<'a> {
    pub(super) fn new(wishes: &'a Wishes, consent: &'a Consent) -> Result<Self, Error> {
        let imei = wishes.imei.as_deref().map(imei).transpose()?;
        let confirmation = wishes.confirmation_code.as_deref().map(confirmation_code).transpose()?;
        Ok(Self { wishes, consent, imei, confirmation })
    }
}

/// Downloads from there with what else is wanted.
pub(super) fn from(
    app: &App,
    card: &mut Card<'_>,
    source: Source,
    wanted: Wanted<'_>,
) -> Result<Box<dyn Report>, Error> {
    let Wanted { wishes, consent, imei, confirmation } = wanted;
    let request = DownloadRequest { source, imei, despite_memory: wishes.despite_memory, only_look: consent.dry_run };
    let done = download(app, card, &request, confirmation, wishes, consent);
    done.map_err(|error| if request.source.names_order() { error } else { error.without_code() })
}

fn download(
    app: &App,
    card: &mut Card<'_>,
    request: &DownloadRequest,
    given: Option<ConfirmationCode>,
    wishes: &Wishes,
    consent: &Consent,
) -> Result<Box<dyn Report>, Error> {
    let existing = app.manager.existing_files();
    if let Some(path) = &wishes.save_icon {
        files::check_target(path, existing)?;
    }
    let mut progress = Progress::new(&app.screen, wishes.progress);
    let offer = card.ask_for_profile(request, &mut progress)?;
    progress.pause();
    let icon = save_icon(&offer, wishes, existing);
    if consent.dry_run {
        let declined = card.decline(offer, CancelSessionReason::Postponed, &mut progress);
        icon.map_err(|error| error.after_declining(&declined))?;
        return Ok(Box::new(DeclinedReport { declined, names_order: request.source.names_order() }));
    }
    let decided = icon.map_err(postponed).and_then(|()| decide(app, &offer, given, wishes, consent));
    match decided {
        Ok(confirmation) => {
            let downloaded = card.install(offer, confirmation.as_ref(), &mut progress);
            progress.pause();
            finish(card, downloaded?, wishes, !consent.yes, &mut progress)
        }
        Err(Refusal { error, reason }) => {
            let declined = card.decline(offer, reason, &mut progress);
            Err(error.after_declining(&declined))
        }
    }
}

fn imei(text: &str) -> Result<Imei, Error> {
    text.parse().map_err(|error: ParseIdError| Error::new(Id::ImeiInvalid).with("imei", text).with("why", error.why))
}

fn confirmation_code(text: &str) -> Result<ConfirmationCode, Error> {
    text.parse().map_err(|error: ParseIdError| Error::new(Id::ConfirmationInvalid).with("why", error.why))
}

fn save_icon(offer: &Offer<'_>, wishes: &Wishes, existing: Existing) -> Result<(), Error> {
    let Some(path) = &wishes.save_icon else { return Ok(()) };
    let metadata = offer.metadata();
    let icon =
        metadata.icon.as_ref().ok_or_else(|| Error::new(Id::IconMissing).with("profile", metadata.iccid.digits()))?;
    files::write(path, icon, existing)
}

/// Why an offer is not taken, and what card and server are told.
struct Refusal {
    error: Error,
    reason: CancelSessionReason,
}

/// The reason that keeps the code, for whatever came in between.
fn postponed(error: Error) -> Refusal {
    Refusal { error, reason: CancelSessionReason::Postponed }
}

/// Gets the user's consent, and the confirmation code if one is needed.
fn decide(
    app: &App,
    offer: &Offer<'_>,
    given: Option<ConfirmationCode>,
    wishes: &Wishes,
    consent: &Consent,
) -> Result<Option<ConfirmationCode>, Refusal> {
    let binding = offer.concerns.iter().any(|concern| matches!(concern, Concern::Rules { consent_required: true, .. }));
    let time = Duration::from_secs(wishes.answer_within);
    if consent.yes {
        if binding && !wishes.accept_rules {
            return Err(postponed(Error::new(Id::PolicyConsent)));
        }
    } else {
        if !prompt::is_possible() {
            return Err(postponed(Error::new(Id::DownloadUnasked)));
        }
        tell!("{}", output::offer_text(offer));
        ask(app, time)?;
    }
    if !offer.confirmation_required() || given.is_some() {
        return Ok(given);
    }
    if !prompt::is_possible() {
        return Err(postponed(Error::new(Id::ConfirmationRequired)));
    }
    match prompt::ask("Confirmation code: ", time, &app.interrupt).map_err(postponed)? {
        Answer::Text(text) => confirmation_code(&text).map(Some).map_err(postponed),
        Answer::Nothing => Err(postponed(Error::new(Id::ConfirmationRequired))),
        Answer::TooLate => Err(too_late()),
    }
}

fn too_late() -> Refusal {
    Refusal { error: Error::new(Id::DownloadUnanswered), reason: CancelSessionReason::Timeout }
}

/// Asks until the answer is one of the three. No answer, and an end of input, keep the code.
fn ask(app: &App, time: Duration) -> Result<(), Refusal> {
    let declined = |reason| Refusal { error: Error::new(Id::DownloadDeclined), reason };
    let question = "[i]nstall it, [n]ot now (the code is kept), or [r]efuse it (the code may be lost)? [n] ";
    loop {
        match prompt::ask(question, time, &app.interrupt).map_err(postponed)? {
            Answer::TooLate => return Err(too_late()),
            Answer::Nothing => return Err(declined(CancelSessionReason::Postponed)),
            Answer::Text(text) => match text.to_lowercase().as_str() {
                "i" | "install" => return Ok(()),
                "n" | "not now" | "no" => return Err(declined(CancelSessionReason::Postponed)),
                "r" | "refuse" => return Err(declined(CancelSessionReason::EndUserRejection)),
                _ => {}
            },
        }
    }
}

/// Enables the profile if that is wanted, and tells.
fn finish(
    card: &mut Card<'_>,
    downloaded: Downloaded,
    wishes: &Wishes,
    asked: bool,
    progress: &mut Progress,
) -> Result<Box<dyn Report>, Error> {
    let enabled = if wishes.enable { Some(enable(card, &downloaded, progress)?) } else { None };
    progress.pause();
    Ok(Box::new(DownloadedReport { downloaded, enabled, asked }))
}

fn enable(card: &mut Card<'_>, downloaded: &Downloaded, progress: &mut Progress) -> Result<SwitchDone, Error> {
    let iccid = downloaded.profile.iccid.as_ref().map(Iccid::digits).unwrap_or_default();
    let plan = card.plan_switch(&ProfileQuery::new(&iccid), Goal::Enabled);
    let switched = plan.and_then(|plan| card.switch(plan, None, progress));
    switched.map_err(|error| {
        let error = error.after(words::text("installed-before", &[("iccid", iccid.as_str().into())]));
        let error = match downloaded.notifications.failed.is_empty() {
            true => error,
            false => error.after(words::text("report-waits", &[])),
        };
        error.code(CodeState::Used)
    })
}
