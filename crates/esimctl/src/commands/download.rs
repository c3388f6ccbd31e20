//! Downloading a profile.

use std::time::Duration;

use manager::card::{
    Card, Concern, DownloadRequest, Downloaded, EarlierOutcome, EarlierUse, Goal, Offer, Source, Stop, SwitchDone,
};
use manager::error::{CodeState, Id};
use manager::files::{self, Existing};
use manager::{Error, ProfileQuery, words};
use sgp22::id::{ConfirmationCode, Iccid, Imei, ParseIdError};

use super::{connection, icon};
use crate::app::App;
use crate::cli::{Consent, Download, Wishes};
use crate::code::{self, GivenCode, GivenReport};
use crate::output::{self, DeclinedReport, DownloadedReport, Progress, Report};
use crate::prompt::{self, Answer};

pub(super) fn run(app: &App, arguments: &Download) -> Result<Box<dyn Report>, Error> {
    let (source, given) = code::source(&arguments.source, &app.interrupt)?;
    if let Some(given) = &given {
        tell_given(app, given);
    }
    let unspent = |error| source.unspent(error);
    let wanted = Wanted::new(&arguments.wishes, &arguments.consent).map_err(unspent)?;
    let mut session = app.manager.session().map_err(unspent)?;
    let mut card = session.card().map_err(unspent)?;
    let report = from(app, &mut card, source, wanted)?;
    Ok(match given {
        Some(given) => Box::new(GivenReport { report, given }),
        None => report,
    })
}

/// Says what was read, before anything is decided: the code may be another one than was meant.
fn tell_given(app: &App, given: &GivenCode) {
    if let Some(line) = given.line().filter(|_| !app.screen.json) {
        tell_line!("{line}");
    }
    given.warnings().iter().for_each(|(_, text)| output::warn(text));
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
    let request = DownloadRequest { source, imei, despite_memory: wishes.despite_memory, refuse: wishes.refuse };
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
        files::check_target(path, existing).map_err(|error| request.source.unspent(error))?;
    }
    let earlier = card.earlier_use(request).map_err(|error| request.source.unspent(error))?;
    if let Some(earlier) = earlier.filter(|_| !wishes.again) {
        agree_to_use_again(app, &earlier, wishes, consent)?;
    }
    let mut progress = Progress::new(&app.screen, wishes.progress);
    // Before anything is spent: a profile that could not be enabled in the end would be there for nothing.
    if wishes.enable && !consent.dry_run {
        agree_to_switch(app, card, wishes).map_err(|error| request.source.unspent(error))?;
    }
    let offer = card.ask_for_profile(request, &mut progress)?;
    progress.pause();
    let icon = save_icon(&offer, wishes, existing);
    if consent.dry_run || wishes.refuse {
        let stop = if wishes.refuse { Stop::Refused } else { Stop::OnlyLooked };
        let declined = card.decline(offer, stop, &mut progress);
        icon.map_err(|error| error.after_declining(&declined))?;
        return Ok(Box::new(DeclinedReport { declined, names_order: request.source.names_order() }));
    }
    let decided = icon
        .map_err(|error| Refusal { error, stop: Stop::NotWritten })
        .and_then(|()| decide(app, &offer, given, wishes, consent));
    match decided {
        Ok(confirmation) => {
            let downloaded = card.install(offer, confirmation.as_ref(), &mut progress);
            progress.pause();
            finish(card, downloaded?, wishes, !consent.yes, &mut progress)
        }
        Err(Refusal { error, stop }) => {
            let declined = card.decline(offer, stop, &mut progress);
            Err(error.after_declining(&declined))
        }
    }
}

/// Sees that a code which was used before may be tried again, before the server is asked.
///
/// Some codes work more than once, so that nothing is refused for it: at a terminal it is asked, and a script, which said
/// `--yes`, is warned by what the offer or the error says of it. What an earlier download came to has to be known first.
fn agree_to_use_again(app: &App, earlier: &EarlierUse, wishes: &Wishes, consent: &Consent) -> Result<(), Error> {
    if consent.dry_run {
        return Ok(());
    }
    if earlier.outcome == EarlierOutcome::Unknown {
        return Err(earlier.unsettled());
    }
    if consent.yes || wishes.refuse || !prompt::is_possible() {
        return Ok(());
    }
    tell_line!("{}", output::clean(&earlier.sentence()));
    let time = Duration::from_secs(wishes.answer_within);
    let answer = prompt::ask("Ask the server anyway? [y/N] ", time, &app.interrupt);
    match answer.map_err(|error| error.code(CodeState::Used))? {
        Answer::Text(text) if matches!(text.to_lowercase().as_str(), "y" | "yes") => Ok(()),
        _ => Err(earlier.not_again()),
    }
}

/// Sees that the profile which is enabled now may be switched off for the new one.
fn agree_to_switch(app: &App, card: &mut Card<'_>, wishes: &Wishes) -> Result<(), Error> {
    let Some((profile, mut loss)) = card.loss_of_enabling_another()? else { return Ok(()) };
    if wishes.link.lose_connection {
        loss.agree();
    }
    if connection::must_ask(&loss, &wishes.link) {
        return connection::ask(app, &loss, &profile);
    }
    loss.check(&profile)
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
    icon::save(path, metadata.icon.as_deref(), &metadata.iccid.digits(), existing)
}

/// An offer that is not taken, and the row of the table of stops that it ends by.
struct Refusal {
    error: Error,
    stop: Stop,
}

/// A question without an answer: the user interrupts it, or there is no terminal any more.
fn no_answer(error: Error) -> Refusal {
    let stop = if error.id == Id::Interrupted { Stop::Interrupted } else { Stop::Unasked };
    Refusal { error, stop }
}

/// No confirmation code, or one that is none.
fn no_code(error: Error) -> Refusal {
    Refusal { error, stop: Stop::ConfirmationMissing }
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
            return Err(Refusal { error: Error::new(Id::PolicyConsent), stop: Stop::RulesNotAccepted });
        }
    } else {
        if !prompt::is_possible() {
            return Err(Refusal { error: Error::new(Id::DownloadUnasked), stop: Stop::Unasked });
        }
        tell!("{}", output::offer_text(offer));
        ask(app, time)?;
    }
    if !offer.confirmation_required() || given.is_some() {
        return Ok(given);
    }
    if !prompt::is_possible() {
        return Err(no_code(Error::new(Id::ConfirmationRequired)));
    }
    match prompt::ask("Confirmation code: ", time, &app.interrupt).map_err(no_answer)? {
        Answer::Text(text) => confirmation_code(&text).map(Some).map_err(no_code),
        Answer::Nothing => Err(no_code(Error::new(Id::ConfirmationRequired))),
        Answer::TooLate => Err(too_late()),
    }
}

fn too_late() -> Refusal {
    Refusal { error: Error::new(Id::DownloadUnanswered), stop: Stop::Unanswered }
}

/// Asks until the answer is one of the three. No answer, and an end of input, keep the code.
fn ask(app: &App, time: Duration) -> Result<(), Refusal> {
    let declined = |stop| Refusal { error: Error::new(Id::DownloadDeclined), stop };
    let question = "[i]nstall it, [n]ot now (the code is kept), or [r]efuse it (the code may be lost)? [n] ";
    loop {
        match prompt::ask(question, time, &app.interrupt).map_err(no_answer)? {
            Answer::TooLate => return Err(too_late()),
            Answer::Nothing => return Err(declined(Stop::NotNow)),
            Answer::Text(text) => match text.to_lowercase().as_str() {
                "i" | "install" => return Ok(()),
                "n" | "not now" | "no" => return Err(declined(Stop::NotNow)),
                "r" | "refuse" => return Err(declined(Stop::Refused)),
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
    let switched = plan.and_then(|mut plan| {
        // Asked for before the download.
        plan.loss.agree();
        card.switch(plan, None, progress)
    });
    switched.map_err(|error| {
        let error = error.after(words::text("installed-before", &[("iccid", iccid.as_str().into())]));
        let error = match downloaded.notifications.failed.is_empty() {
            true => error,
            false => error.after(words::text("report-waits", &[])),
        };
        error.code(CodeState::Used)
    })
}
