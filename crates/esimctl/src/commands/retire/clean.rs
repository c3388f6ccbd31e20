//! Removing the profile from the devices of a case, one by one.

use manager::error::Id;
use manager::retire::{Case, CleanPlan, CleanWish, DeviceItem, Look, Retirements, refusal};
use manager::{Error, ProfileQuery};

use super::by_word;
use crate::app::App;
use crate::cli::Clean;
use crate::output::{CaseReport, CleanedDevice, CleanedReport, Report, clean_plan_text, clean_question};
use crate::prompt;

pub(super) fn run(app: &App, arguments: &Clean) -> Result<Box<dyn Report>, Error> {
    let retirements = app.manager.retirements()?;
    let case = retirements.find(&arguments.case)?;
    if let Some(device) = &arguments.removed {
        return by_word::removed(&retirements, &case, device, arguments);
    }
    if let (Some(device), Some(reason)) = (&arguments.write_off, &arguments.reason) {
        let case = match case.device_by_word(device) {
            Some(_) => retirements.write_off_by_word(&case, device, reason)?,
            None => retirements.write_off(&case, device, reason)?,
        };
        return Ok(Box::new(CaseReport::recorded(&retirements, case)?));
    }
    if let (Some(eid), Some(reason)) = (&arguments.take_back, &arguments.reason) {
        let case = match case.device_by_word(eid) {
            Some(_) => retirements.still_there(&case, eid, reason)?,
            None => retirements.take_back(&case, eid, reason)?,
        };
        return Ok(Box::new(CaseReport::recorded(&retirements, case)?));
    }
    let wish = CleanWish {
        enable_instead: arguments.enable_instead.as_deref().map(ProfileQuery::new),
        despite: arguments.despite.clone(),
        lose_connection: arguments.link.lose_connection,
    };
    let ask = if arguments.consent.yes { Ask::Nobody } else { Ask::ThePerson };
    let ask = if arguments.consent.dry_run { Ask::Never } else { ask };
    let consent = Consents { ask, forget_connections: arguments.forget_connections };
    clean(app, &retirements, case, &wish, consent)
}

/// Who agrees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ask {
    /// Whoever gave the command has agreed already.
    Nobody,
    /// The person at the terminal, by typing digits.
    ThePerson,
    /// Nobody: nothing is to be changed.
    Never,
}

/// What was agreed to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Consents {
    /// Who agrees to a removal.
    pub(super) ask: Ask,
    /// NetworkManager is to forget what is for this SIM alone.
    pub(super) forget_connections: bool,
}

pub(super) fn clean(
    app: &App,
    retirements: &Retirements<'_>,
    mut case: Case,
    wish: &CleanWish,
    consent: Consents,
) -> Result<Box<dyn Report>, Error> {
    let ask = consent.ask;
    let left = |item: &&DeviceItem| item.state.may_hold_profile();
    let items: Vec<DeviceItem> = case.devices.iter().filter(left).cloned().collect();
    // What NetworkManager keeps can go later, too.
    let off = |item: &DeviceItem| item.state.is_removed();
    if items.is_empty() && !(consent.forget_connections && case.devices.iter().any(off)) {
        if let Some(report) = by_word::clean(app, retirements, &case, ask)? {
            return Ok(report);
        }
        return Err(Error::new(Id::NothingToClean).with("case", case.name()));
    }
    let mut devices: Vec<CleanedDevice> = Vec::new();
    for item in items {
        let done = one(app, retirements, &mut case, &item, wish, ask);
        match done {
            Ok(device) => devices.push(device),
            Err(error) if devices.iter().any(CleanedDevice::is_changed) => {
                return Err(error.after("The profile is off another device already."));
            }
            Err(error) => return Err(error),
        }
    }
    if !devices.is_empty() && devices.iter().all(|device| matches!(device, CleanedDevice::Absent(..))) {
        let why = devices.iter().filter_map(CleanedDevice::why).collect::<Vec<_>>().join(" ");
        return Err(Error::new(Id::NotAtHand).with("case", case.name()).cause(why));
    }
    if ask == Ask::ThePerson && devices.is_empty() && !prompt::is_possible() {
        return Err(Error::new(Id::ConfirmationNeeded));
    }
    let traces = super::traces::clear(app, retirements, &case, consent)?;
    if ask != Ask::Never {
        retirements.forget_traces(&case)?;
    }
    let others = retirements.others_of_provider(&case)?;
    let mut case = retirements.find(&case.name())?;
    if ask == Ask::ThePerson && prompt::is_possible() {
        case = by_word::ask_each(app, retirements, case)?;
    }
    Ok(Box::new(CleanedReport { case, devices, others, traces, dry_run: ask == Ask::Never }))
}

fn one(
    app: &App,
    retirements: &Retirements<'_>,
    case: &mut Case,
    item: &DeviceItem,
    wish: &CleanWish,
    ask: Ask,
) -> Result<CleanedDevice, Error> {
    let mut plan = match retirements.look(case, item, wish)? {
        Look::Absent(error) => return Ok(CleanedDevice::Absent(item.device.clone(), error)),
        Look::Gone { device, journal } => {
            if ask != Ask::Never {
                *case = retirements.found_gone(case, item, journal)?;
            }
            return Ok(CleanedDevice::Gone(device));
        }
        Look::There(plan) => plan,
    };
    if ask == Ask::Never {
        return Ok(CleanedDevice::Planned(plan));
    }
    // Before anybody is asked: what is refused is not offered.
    if let (Some(refused), None) = (refusal(&plan.obstacles, case), &wish.despite) {
        return Err(refused);
    }
    if ask == Ask::ThePerson {
        confirm(app, &plan)?;
        // The plan that was shown says so.
        plan.agree_to_lose_connection();
    }
    let device = plan.device.clone();
    let cleaned = retirements.clean(*plan)?;
    *case = cleaned.case;
    Ok(CleanedDevice::Deleted(device, Box::new(cleaned.deleted)))
}

fn confirm(app: &App, plan: &CleanPlan) -> Result<(), Error> {
    let question = clean_question(plan);
    prompt::confirm(|| clean_plan_text(plan), &question, &plan.delete.confirmation().answer, &app.interrupt)
}
