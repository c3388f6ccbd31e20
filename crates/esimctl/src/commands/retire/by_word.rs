//! Devices that esimctl cannot read: named, cleaned or given up by the user's own word.

use std::path::PathBuf;

use manager::Error;
use manager::error::Id;
use manager::retire::{Case, DeviceByWord, Guide, RemovalByWord, Retirements, parse_date, today};

use super::clean::Ask;
use super::talk::{answer, reason, text};
use crate::app::App;
use crate::cli::{Clean, Device, GuideName};
use crate::output::{CaseReport, GuideReport, Report, guide_for, guide_text, obstacles_text, phrase, show_text};
use crate::prompt;

pub(super) fn device(app: &App, wish: &Device) -> Result<CaseReport, Error> {
    let retirements = app.manager.retirements()?;
    let mut case = retirements.find(&wish.case)?;
    for device in &wish.add {
        case = retirements.name_device(&case, device)?;
    }
    CaseReport::of(&retirements, case)
}

pub(super) fn guide(kind: Option<GuideName>) -> GuideReport {
    let guide = |kind| match kind {
        GuideName::Iphone => Guide::Iphone,
        GuideName::Ipad => Guide::Ipad,
        GuideName::Pixel => Guide::Pixel,
        GuideName::Samsung => Guide::Samsung,
        GuideName::Android => Guide::Android,
        GuideName::Watch => Guide::Watch,
        GuideName::Windows => Guide::Windows,
    };
    GuideReport { guides: kind.map_or_else(|| Guide::ALL.to_vec(), |kind| vec![guide(kind)]) }
}

/// Records a removal that the user made.
pub(super) fn removed(
    retirements: &Retirements<'_>,
    case: &Case,
    device: &str,
    wish: &Clean,
) -> Result<Box<dyn Report>, Error> {
    let removal = RemovalByWord { date: wish.date.clone(), note: wish.note.clone(), files: wish.file.clone() };
    let case = retirements.removed_by_word(case, device, &removal)?;
    Ok(Box::new(CaseReport::removed(retirements, case, device)?))
}

fn is_open(item: &&DeviceByWord) -> bool {
    !item.is_settled()
}

/// Deals with the devices that esimctl cannot read; `None` if the case has none that are open.
pub(super) fn clean(
    app: &App,
    retirements: &Retirements<'_>,
    case: &Case,
    ask: Ask,
) -> Result<Option<Box<dyn Report>>, Error> {
    let open: Vec<&str> = case.by_word.iter().filter(is_open).map(|item| &*item.device).collect();
    if case.is_open() && case.devices.is_empty() && case.by_word.is_empty() {
        return Err(Error::new(Id::NoDeviceNamed).with("case", case.name()));
    }
    if open.is_empty() {
        return Ok(None);
    }
    if ask != Ask::ThePerson || !prompt::is_possible() {
        return Err(Error::new(Id::DevicesByWord).with("devices", open.join(", ")).with("case", case.name()));
    }
    let case = ask_each(app, retirements, case.clone())?;
    Ok(Some(Box::new(CaseReport::of(retirements, case)?)))
}

/// Asks the person at the terminal what became of the profile on each open device.
pub(super) fn ask_each(app: &App, retirements: &Retirements<'_>, mut case: Case) -> Result<Case, Error> {
    let open: Vec<String> = case.by_word.iter().filter(is_open).map(|item| item.device.clone()).collect();
    let against = obstacles_text(&case);
    if !open.is_empty() && !against.is_empty() {
        show_text(&against);
    }
    for device in open {
        let guide = match guide_for(&device) {
            Some(guide) => Some(guide),
            None => answer(app, "retire-ask-kind", &[("device", &device)])?.and_then(|kind| guide_for(&kind)),
        };
        show_text(&format!("\n{}", guide_text(&device, guide)));
        case = ask_one(app, retirements, case, &device)?;
    }
    Ok(case)
}

fn ask_one(app: &App, retirements: &Retirements<'_>, case: Case, device: &str) -> Result<Case, Error> {
    let case = loop {
        let Some(answer) = answer(app, "retire-ask-word", &[("device", device)])? else { return Ok(case) };
        match &*answer.to_lowercase() {
            "d" => break record_removal(app, retirements, &case, device)?,
            "l" => break give_up(app, retirements, &case, device)?,
            _ => {}
        }
    };
    show_text(&phrase("retire-recorded", &[]));
    Ok(case)
}

/// Asks again until the answers can be recorded.
fn record_removal(app: &App, retirements: &Retirements<'_>, case: &Case, device: &str) -> Result<Case, Error> {
    let day = today().to_string();
    loop {
        let date = answer(app, "retire-ask-word-date", &[("today", &day)])?.map(|date| date.to_string());
        if let Some(error) = date.as_deref().and_then(|date| parse_date(date).err()) {
            show_text(&error.message());
            continue;
        }
        let files: Vec<PathBuf> = text(app, "retire-ask-word-file")?.map(PathBuf::from).into_iter().collect();
        match retirements.removed_by_word(case, device, &RemovalByWord { date, note: None, files }) {
            Err(error) if is_answer(error.id) => show_text(&error.message()),
            recorded => return recorded,
        }
    }
}

/// True for an error that another answer avoids.
const fn is_answer(id: Id) -> bool {
    matches!(id, Id::DateInFuture | Id::DateBeforeContract | Id::DateInvalid | Id::EvidenceFile | Id::EvidenceTooLong)
}

fn give_up(app: &App, retirements: &Retirements<'_>, case: &Case, device: &str) -> Result<Case, Error> {
    loop {
        match retirements.write_off_by_word(case, device, &reason(app)?) {
            Err(error) if error.id == Id::ReasonMissing => show_text(&error.message()),
            recorded => return recorded,
        }
    }
}
