//! Taking the next steps together with the person at the terminal. What is not clearly agreed to is left for later.

use std::path::PathBuf;
use std::time::Duration;

use manager::Error;
use manager::error::{Exit, Id};
use manager::retire::{
    Case, CaseState, Channel, CleanWish, Retirements, Said, Step, Word, cautions, parse_date, today,
};
use zeroize::Zeroizing;

use super::clean::{Ask, Consents, clean};
use super::report;
use crate::app::App;
use crate::output::{CaseReport, Report, next_step_text, overview_text, phrase, show_text, warn};
use crate::prompt::{self, Answer};

/// So long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(3600);

pub(super) fn run(app: &App, retirements: &Retirements<'_>, case: Case) -> Result<Option<Box<dyn Report>>, Error> {
    show_text(&overview_text(&case, &retirements.others_of_provider(&case)?));
    let mut case = case;
    while let Some(step) = case.next_step().filter(|_| case.is_open()) {
        show_text(&next_step_text(&case, step));
        let next = match step {
            Step::Clean => return look_at_devices(app, retirements, case),
            Step::Backup if !case.is_by_word_alone() => backup(app, retirements, &case)?,
            step => told(app, retirements, &case, step)?,
        };
        match next {
            Some(now) => case = now,
            None => return Ok(None),
        }
        show_text(&phrase("retire-recorded", &[]));
        cautions(&case, step, today()).iter().for_each(|caution| warn(caution));
    }
    finish(app, &case, Box::new(CaseReport::of(retirements, case.clone())?))
}

pub(super) fn answer(app: &App, key: &str, particulars: &[(&str, &str)]) -> Result<Option<Zeroizing<String>>, Error> {
    Ok(match prompt::ask(&phrase(key, particulars), PATIENCE, &app.interrupt)? {
        Answer::Text(text) => Some(text),
        Answer::Nothing | Answer::TooLate => None,
    })
}

pub(super) fn text(app: &App, key: &str) -> Result<Option<String>, Error> {
    Ok(answer(app, key, &[])?.map(|text| text.to_string()))
}

fn yes(app: &App, key: &str) -> Result<bool, Error> {
    Ok(text(app, key)?.is_some_and(|text| is_yes(&text)))
}

pub(super) fn is_yes(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "y" | "yes" | "是")
}

pub(super) fn reason(app: &App) -> Result<String, Error> {
    Ok(text(app, "retire-ask-reason")?.unwrap_or_default())
}

/// Asks until the answer is one of these letters; `None`: later.
fn letter(app: &App, case: &Case, key: &str, letters: &[&'static str]) -> Result<Option<&'static str>, Error> {
    loop {
        let Some(answer) = text(app, key)? else { return Ok(None) };
        let meant = if is_yes(&answer) { "y".to_owned() } else { answer.to_lowercase() };
        if let Some(letter) = letters.iter().find(|letter| **letter == meant) {
            return Ok(Some(letter));
        }
        let wrong = Error::new(Id::CaseAnswer).with("answer", answer).with("case", case.name());
        show_text(&wrong.message());
    }
}

/// True for an error that another answer avoids.
fn is_about_an_answer(error: &Error) -> bool {
    error.id.entry().exit == Exit::Usage || error.id == Id::ContractFirst
}

/// Asks about a step until the answers can be recorded; `None`: later.
fn told(app: &App, retirements: &Retirements<'_>, case: &Case, step: Step) -> Result<Option<Case>, Error> {
    while let Some(letter) = letter(app, case, "retire-ask-step", &["d", "s", "n"])? {
        let word = match letter {
            "d" => {
                let (said, files) = facts(app, step)?;
                Word::Done(said, files)
            }
            "s" => Word::Skip(reason(app)?),
            _ => Word::NotApplicable(reason(app)?),
        };
        match retirements.record(case, step, word) {
            Err(error) if is_about_an_answer(&error) => show_text(&error.message()),
            recorded => return recorded.map(Some),
        }
    }
    Ok(None)
}

fn facts(app: &App, step: Step) -> Result<(Said, Vec<PathBuf>), Error> {
    let mut said = Said { date: date(app)?, ..Said::default() };
    if matches!(step, Step::Contact | Step::Request) {
        said.channel = channel(app)?;
    }
    if matches!(step, Step::Contact | Step::Account | Step::Request | Step::Confirmation) {
        said.reference = text(app, "retire-ask-reference")?;
    }
    if step == Step::Account {
        said.number = text(app, "retire-ask-number")?;
    }
    if matches!(step, Step::Balance | Step::Contract) {
        said.amount = text(app, "retire-ask-amount")?;
        if said.amount.is_some() {
            said.currency = text(app, "retire-ask-currency")?;
            said.paid = yes(app, "retire-ask-paid")?;
        }
    }
    if step == Step::Contract {
        said.since = text(app, "retire-ask-since")?;
    }
    if matches!(step, Step::Contract | Step::Confirmation) {
        said.notice_until = text(app, "retire-ask-notice")?;
    }
    let files = text(app, "retire-ask-file")?.map(PathBuf::from).into_iter().collect();
    Ok((said, files))
}

/// Asks for the day until it can be read as one; `None`: today.
fn date(app: &App) -> Result<Option<String>, Error> {
    let day = today().to_string();
    loop {
        let Some(text) = answer(app, "retire-ask-date", &[("today", &day)])? else { return Ok(None) };
        match parse_date(&text) {
            Ok(_) => return Ok(Some(text.to_string())),
            Err(error) => show_text(&error.message()),
        }
    }
}

/// Asks how the operator was reached until the answer names a way: its name, or the word for it in the user's language.
fn channel(app: &App) -> Result<Option<Channel>, Error> {
    loop {
        let Some(text) = text(app, "retire-ask-channel")? else { return Ok(None) };
        let text = text.to_lowercase();
        let is_meant = |channel: &&Channel| {
            let word = phrase(&format!("retire-channel-{}", channel.name()), &[]);
            channel.name() == text || word.to_lowercase().replace(" or ", "或").split('或').any(|word| word == text)
        };
        if let Some(channel) = Channel::ALL.iter().find(is_meant) {
            return Ok(Some(*channel));
        }
    }
}

fn backup(app: &App, retirements: &Retirements<'_>, case: &Case) -> Result<Option<Case>, Error> {
    while let Some(letter) = letter(app, case, "retire-ask-backup", &["y", "s"])? {
        if letter == "y" {
            return super::backup::at_the_terminal(app, retirements, case);
        }
        match retirements.record(case, Step::Backup, Word::Skip(reason(app)?)) {
            Err(error) if is_about_an_answer(&error) => show_text(&error.message()),
            recorded => return recorded.map(Some),
        }
    }
    Ok(None)
}

fn look_at_devices(app: &App, retirements: &Retirements<'_>, case: Case) -> Result<Option<Box<dyn Report>>, Error> {
    if letter(app, &case, "retire-ask-clean", &["y", "n"])? != Some("y") {
        return Ok(None);
    }
    let name = case.name();
    let report = clean(
        app,
        retirements,
        case,
        &CleanWish::default(),
        Consents { ask: Ask::ThePerson, forget_connections: false },
    )?;
    let case = retirements.find(&name)?;
    finish(app, &case, report)
}

/// Offers the report of a case that is completed.
fn finish(app: &App, case: &Case, told: Box<dyn Report>) -> Result<Option<Box<dyn Report>>, Error> {
    if case.state != CaseState::Completed {
        return Ok(Some(told));
    }
    show_text(&told.text());
    told.warnings().iter().for_each(|warning| show_text(warning));
    let example = format!("{}.html", case.name());
    loop {
        let Some(file) = answer(app, "retire-ask-report", &[("example", &example)])? else { return Ok(None) };
        let file = PathBuf::from(&*file);
        let format = report::format(&file, false, false, false);
        match format.and_then(|format| report::run(app, &case.name(), &file, format, false)) {
            // Another name may do: nothing is lost by asking again.
            Err(error) if error.id != Id::Interrupted => show_text(&error.message()),
            written => return written,
        }
    }
}
