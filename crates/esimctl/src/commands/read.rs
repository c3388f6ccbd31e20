//! Commands that only read.

use std::path::Path;

use manager::card::Detail;
use manager::{Error, ProfileQuery, files};

use super::icon;
use crate::app::App;
use crate::output::{AddressesReport, InfoReport, ListReport, ShowReport};

pub(super) fn info(app: &App) -> Result<InfoReport, Error> {
    let mut session = app.manager.session()?;
    let mut card = session.card()?;
    let chip = card.info()?;
    let limits = chip.info.as_ref().map_or_else(|_| Vec::new(), |info| app.manager.card_limits(info));
    let (application, fci) = (card.application().clone(), card.fci().clone());
    drop(card);
    session.look_for_other_element(&application);
    let device = session.device().to_owned();
    Ok(InfoReport { device, application, fci, chip, limits, virtual_ci: app.manager.virtual_ci() })
}

pub(super) fn list(app: &App, all_fields: bool) -> Result<ListReport, Error> {
    let detail = if all_fields { Detail::Everything } else { Detail::Row };
    let profiles = app.manager.session()?.card()?.profiles(detail)?;
    Ok(ListReport { profiles, all_fields })
}

pub(super) fn show(app: &App, profile: &str, save_icon: Option<&Path>) -> Result<ShowReport, Error> {
    if let Some(path) = save_icon {
        files::check_target(path, app.manager.existing_files())?;
    }
    let profile = app.manager.session()?.card()?.profile(&ProfileQuery::new(profile), Detail::Everything)?.profile;
    let saved_icon = save_icon
        .map(|path| {
            let name = profile.iccid.as_ref().map(sgp22::id::Iccid::digits).unwrap_or_default();
            icon::save(path, profile.icon.as_deref(), &name, app.manager.existing_files())?;
            Ok(path.display().to_string())
        })
        .transpose()?;
    Ok(ShowReport { profile, saved_icon })
}

pub(super) fn addresses(app: &App) -> Result<AddressesReport, Error> {
    app.manager.session()?.card()?.addresses().map(AddressesReport)
}
