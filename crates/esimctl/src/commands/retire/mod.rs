//! Ending a subscription, step by step.

mod backup;
mod begin;
mod by_word;
mod clean;
mod report;
mod talk;
mod traces;

use manager::proof::Purpose;
use manager::retire::{Case, Channel, Description, Said, Step, Word, today};
use manager::{Error, ProfileQuery, files};

use crate::app::App;
use crate::cli::{ChannelName, Record, Retire, RetireCommand, Start, StepName};
use crate::output::{CaseListReport, CaseReport, Report, VerificationReport};
use crate::prompt;

pub(super) fn run(app: &App, arguments: Retire) -> Result<Option<Box<dyn Report>>, Error> {
    let Some(command) = arguments.command else { return show(app, arguments.case.as_deref()) };
    let report: Box<dyn Report> = match command {
        RetireCommand::Start(wish) => Box::new(start(app, wish)?),
        RetireCommand::Describe { case, iccid } => {
            let retirements = app.manager.retirements()?;
            let case = retirements.describe(&retirements.find(&case)?, &iccid)?;
            Box::new(CaseReport::of(&retirements, case)?)
        }
        RetireCommand::Device(wish) => Box::new(by_word::device(app, &wish)?),
        RetireCommand::Guide { kind } => Box::new(by_word::guide(kind)),
        RetireCommand::Record(record) => Box::new(self::record(app, *record)?),
        RetireCommand::Backup(wish) => Box::new(backup::run(app, &wish)?),
        RetireCommand::Clean(wish) => clean::run(app, &wish)?,
        RetireCommand::Report { case, file, html, md, full } => {
            return report::run(app, &case, &file, report::format(&file, html, md, app.screen.json)?, full);
        }
        RetireCommand::Verify { file } => {
            Box::new(VerificationReport(app.manager.verify_proof(&file, Purpose::Deletion)?))
        }
        RetireCommand::List { all, ics } => Box::new(list(app, all, ics.as_deref())?),
        RetireCommand::Cancel { case, reason } => {
            let retirements = app.manager.retirements()?;
            let case = retirements.cancel(&retirements.find(&case)?, &reason)?;
            Box::new(CaseReport::recorded(&retirements, case)?)
        }
        RetireCommand::Reopen { case, reason } => {
            let retirements = app.manager.retirements()?;
            let case = retirements.reopen(&retirements.find(&case)?, &reason)?;
            Box::new(CaseReport::recorded(&retirements, case)?)
        }
    };
    Ok(Some(report))
}

/// Where a case stands; with somebody at a terminal, the next steps are taken together.
fn show(app: &App, name: Option<&str>) -> Result<Option<Box<dyn Report>>, Error> {
    let retirements = app.manager.retirements()?;
    let case = match name {
        Some(name) => retirements.find(name)?,
        None => match <[Case; 1]>::try_from(retirements.cases(false)?) {
            Ok([case]) => case,
            Err(cases) if cases.is_empty() && !app.screen.json && prompt::is_possible() => {
                return begin::run(app, &retirements);
            }
            Err(cases) => return Ok(Some(Box::new(CaseListReport { cases, calendar: None }))),
        },
    };
    if case.is_open() && !app.screen.json && prompt::is_possible() {
        return talk::run(app, &retirements, case);
    }
    Ok(Some(Box::new(CaseReport::of(&retirements, case)?)))
}

fn start(app: &App, wish: Start) -> Result<CaseReport, Error> {
    let retirements = app.manager.retirements()?;
    let case = match wish.profile {
        None => retirements.start_by_word(&Description {
            iccid: wish.iccid,
            name: wish.name,
            provider: wish.provider,
            number: wish.number,
            devices: wish.device_note,
        })?,
        Some(profile) => {
            let mut session = app.manager.session()?;
            retirements.start(&mut session.card()?, &ProfileQuery::new(&profile), &wish.device_note)?
        }
    };
    CaseReport::started(&app.manager.retirements()?, case)
}

fn record(app: &App, arguments: Record) -> Result<CaseReport, Error> {
    let retirements = app.manager.retirements()?;
    let case = retirements.find(&arguments.case)?;
    let step = step(arguments.step);
    if let Some(reason) = &arguments.withdraw {
        let case = retirements.correct(&case, step, reason, None)?;
        return CaseReport::recorded(&retirements, case);
    }
    let correct = arguments.correct.clone();
    let word = word(arguments);
    let case = match correct {
        Some(reason) => retirements.correct(&case, step, &reason, Some(word))?,
        None => retirements.record(&case, step, word)?,
    };
    CaseReport::recorded_step(&retirements, case, step)
}

fn word(arguments: Record) -> Word {
    match (arguments.skip, arguments.not_applicable) {
        (Some(reason), _) => Word::Skip(reason),
        (None, Some(reason)) => Word::NotApplicable(reason),
        (None, None) => {
            let said = Said {
                date: arguments.date,
                channel: arguments.channel.map(channel),
                reference: arguments.reference,
                amount: arguments.amount,
                currency: arguments.currency,
                paid: arguments.paid,
                number: arguments.number,
                since: arguments.since,
                notice_until: arguments.notice_until,
                answer_within: arguments.answer_within,
                note: arguments.note,
            };
            Word::Done(said, arguments.file)
        }
    }
}

const fn step(name: StepName) -> Step {
    match name {
        StepName::Backup => Step::Backup,
        StepName::Contact => Step::Contact,
        StepName::Account => Step::Account,
        StepName::Balance => Step::Balance,
        StepName::Contract => Step::Contract,
        StepName::Request => Step::Request,
        StepName::Confirmation => Step::Confirmation,
    }
}

const fn channel(name: ChannelName) -> Channel {
    match name {
        ChannelName::Hotline => Channel::Hotline,
        ChannelName::Online => Channel::Online,
        ChannelName::Store => Channel::Store,
        ChannelName::Letter => Channel::Letter,
    }
}

fn list(app: &App, all: bool, ics: Option<&std::path::Path>) -> Result<CaseListReport, Error> {
    let cases = app.manager.retirements()?.cases(all)?;
    let calendar = match ics {
        None => None,
        Some(path) => {
            let calendar = manager::retire::calendar(&cases, today());
            files::write(path, calendar.as_bytes(), app.manager.existing_files())?;
            Some(path.display().to_string())
        }
    };
    Ok(CaseListReport { cases, calendar })
}
