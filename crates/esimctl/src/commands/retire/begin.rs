//! Beginning a case together with the person at the terminal: from a card at hand, or for an eSIM that is elsewhere.

use manager::card::Detail;
use manager::error::Id;
use manager::retire::{Case, Description, Retirements};
use manager::{Error, ProfileQuery};

use super::talk::{self, answer, text};
use crate::app::App;
use crate::output::{Report, phrase, profile_choices, show_text, welcome_text};

pub(super) fn run(app: &App, retirements: &Retirements<'_>) -> Result<Option<Box<dyn Report>>, Error> {
    show_text(&phrase("retire-begin", &[]));
    let Some(case) = begin(app, retirements)? else { return Ok(None) };
    show_text(&format!("\n{}", welcome_text(&case)));
    // A database that was made by now is opened.
    talk::run(app, &app.manager.retirements()?, case)
}

/// `None`: later.
fn begin(app: &App, retirements: &Retirements<'_>) -> Result<Option<Case>, Error> {
    let card = match app.manager.session().map(|session| session.device().to_owned()) {
        Ok(device) => Ok(device),
        Err(error) if error.id == Id::Interrupted => return Err(error),
        // Which of several is meant, the choice of a card says.
        Err(error) if error.id == Id::DeviceAmbiguous => Err((error, true)),
        Err(error) => Err((error, false)),
    };
    let question = match &card {
        Ok(device) => {
            show_text(&phrase("retire-begin-found", &[("devices", device)]));
            "retire-ask-begin-where"
        }
        Err((error, true)) => {
            show_text(&error.message());
            "retire-ask-begin-where"
        }
        Err((error, false)) => {
            show_text(&phrase("retire-begin-no-card", &[("why", &error.message())]));
            "retire-ask-begin-elsewhere"
        }
    };
    loop {
        let Some(answer) = text(app, question)? else { return Ok(None) };
        match (&*answer.to_lowercase(), &card) {
            ("e", _) => return elsewhere(app, retirements),
            ("c", Ok(_)) => return on_card(app, retirements),
            ("c", Err((error, true))) => return Err(error.clone()),
            _ => {}
        }
    }
}

fn on_card(app: &App, retirements: &Retirements<'_>) -> Result<Option<Case>, Error> {
    let profiles = app.manager.session()?.card()?.profiles(Detail::Row)?;
    show_text(&profile_choices(&profiles));
    let query = loop {
        let Some(answer) = text(app, "retire-ask-begin-profile")? else { return Ok(None) };
        let query = ProfileQuery::new(&answer);
        match query.find(&profiles) {
            Ok(_) => break query,
            Err(error) => show_text(&error.message()),
        }
    };
    let others = devices(app, "retire-ask-begin-other")?;
    let mut session = app.manager.session()?;
    retirements.start(&mut session.card()?, &query, &others).map(Some)
}

fn elsewhere(app: &App, retirements: &Retirements<'_>) -> Result<Option<Case>, Error> {
    let Some(name) = text(app, "retire-ask-begin-name")? else { return Ok(None) };
    let provider = text(app, "retire-ask-begin-provider")?;
    let mut about = Description { name: Some(name), provider, ..Description::default() };
    let number = text(app, "retire-ask-number")?;
    about.number = number;
    about.iccid = iccid(app)?;
    about.devices = devices(app, "retire-ask-begin-device")?;
    retirements.start_by_word(&about).map(Some)
}

fn iccid(app: &App) -> Result<Option<String>, Error> {
    loop {
        let Some(iccid) = answer(app, "retire-ask-begin-iccid", &[])? else { return Ok(None) };
        if iccid.parse::<sgp22::id::Iccid>().is_ok() {
            return Ok(Some(iccid.to_string()));
        }
        show_text(&Error::new(Id::IccidInvalid).with("iccid", iccid.as_str()).message());
    }
}

/// Asks for devices until there is no other.
fn devices(app: &App, question: &str) -> Result<Vec<String>, Error> {
    let mut devices = Vec::new();
    let mut question = question;
    while let Some(device) = text(app, question)? {
        devices.push(device);
        question = "retire-ask-begin-another";
    }
    Ok(devices)
}
