//! Virtual cards.

use std::sync::atomic::Ordering;
use std::time::Duration;

use manager::Error;
use manager::error::Id;
use manager::virtual_cards::{NamedCard, NewCard, NewProfile, NewProfiles, Quirks, StoredClass, Unplugged};
use sgp22::policy::PprIds;

use super::{virtual_modems, virtual_servers};
use crate::app::App;
use crate::cli::{Create, QuirksOf, Virtual};
use crate::output::{
    CreatedReport, ModemQuirksReport, PlugEvent, QuirksReport, RemovedReport, Report, VirtualListReport,
    VirtualShowReport, check_open, say,
};

pub(super) fn run(app: &App, command: Virtual) -> Result<Option<Box<dyn Report>>, Error> {
    Ok(Some(match command {
        Virtual::Create(arguments) => Box::new(CreatedReport(create(app, &arguments)?)),
        Virtual::List => Box::new(list(app)?),
        Virtual::Show { name } => Box::new(VirtualShowReport(app.manager.virtual_card(&name)?)),
        Virtual::Remove { name } => {
            app.manager.remove_virtual(&name)?;
            Box::new(RemovedReport(name))
        }
        Virtual::Stdio { name } => {
            check_open().map_err(|error| Error::new(Id::LinesFailed).cause(error))?;
            app.manager.serve_virtual_lines(&name, std::io::stdin(), std::io::stdout())?;
            return Ok(None);
        }
        Virtual::Quirks { of: QuirksOf::Card } => Box::new(QuirksReport),
        Virtual::Quirks { of: QuirksOf::Modem } => Box::new(ModemQuirksReport),
        Virtual::Modem(arguments) => {
            virtual_modems::run(app, &arguments)?;
            return Ok(None);
        }
        Virtual::Plug { name, vpcd } => {
            plug(app, &name, &vpcd)?;
            return Ok(None);
        }
        command => return virtual_servers::run(app, command),
    }))
}

fn create(app: &App, arguments: &Create) -> Result<NamedCard, Error> {
    let usage = |why: String| Error::new(Id::Usage).with("why", why).with("hint", "esimctl virtual create --help");
    let quirks = arguments
        .quirk
        .iter()
        .map(|quirk| quirk.parse())
        .collect::<Result<Vec<_>, manager::virtual_cards::SwitchError>>()
        .map_err(|error| Error::new(Id::QuirkUnknown).with("why", error))?;
    let eid = arguments.eid.as_deref().map(str::parse).transpose();
    let profiles = match (arguments.profiles, &arguments.profile[..]) {
        (Some(count), _) => NewProfiles::Count(count.into()),
        (None, []) => NewProfiles::Sample,
        (None, these) => {
            NewProfiles::These(these.iter().map(|text| profile(text)).collect::<Result<_, _>>().map_err(usage)?)
        }
    };
    let new = NewCard {
        eid: eid.map_err(|error: sgp22::id::ParseIdError| usage(format!("{error}.")))?,
        profiles,
        icons: arguments.icons,
        quirks: Quirks::of(quirks),
    };
    app.manager.create_virtual_under(arguments.pki.as_deref(), &arguments.name, &new)
}

/// Reads the properties of a profile: `name=Flat,provider=Example,ppr2,pin=1234`.
fn profile(text: &str) -> Result<NewProfile, String> {
    let mut profile = NewProfile::named("Example Mobile", "Flat 20 GB");
    for property in text.split(',').filter(|property| !property.is_empty()) {
        let (name, value) = property.split_once('=').unwrap_or((property, ""));
        match name {
            "name" => profile.name = value.into(),
            "provider" => profile.provider = value.into(),
            "nickname" => profile.nickname = value.into(),
            "server" => profile.server = value.into(),
            "iccid" => profile.iccid = Some(value.parse().map_err(|error| format!("{error}."))?),
            "class" => {
                profile.class = match value {
                    "test" => StoredClass::Test,
                    "provisioning" => StoredClass::Provisioning,
                    "operational" => StoredClass::Operational,
                    _ => return Err(format!("'{value}' is no class of profiles.")),
                }
            }
            "enabled" => profile.enabled = true,
            "pin" if (4..=8).contains(&value.len()) && value.bytes().all(|digit| digit.is_ascii_digit()) => {
                profile.pin = value.into();
            }
            "pin" => return Err("A PIN has 4 to 8 digits.".into()),
            "ppr1" => profile.policy_rules.push(PprIds::PPR1),
            "ppr2" => profile.policy_rules.push(PprIds::PPR2),
            _ => return Err(format!("A profile has no property '{name}'.")),
        }
    }
    Ok(profile)
}

fn list(app: &App) -> Result<VirtualListReport, Error> {
    let names = app.manager.virtual_names()?;
    let cards = names.into_iter().map(|name| {
        let card = app.manager.virtual_card(&name);
        (name, card)
    });
    Ok(VirtualListReport(cards.collect()))
}

/// How often a reader that went away is tried again.
const TRY_AGAIN: Duration = Duration::from_millis(500);

fn plug(app: &App, name: &str, address: &str) -> Result<(), Error> {
    let mut plug = app.manager.plug_virtual(name, address)?;
    let eids = plug.state().euiccs.iter().map(|euicc| euicc.eid.to_string()).collect();
    say(&app.screen, &PlugEvent::Ready { card: name, eids, address, atr: plug.atr() });
    loop {
        let why = plug.serve()?;
        say(&app.screen, &PlugEvent::Unplugged(why));
        if why == Unplugged::Stopped {
            return Ok(());
        }
        // The reader comes back with pcscd; a card that lost an answer goes back in.
        loop {
            std::thread::sleep(TRY_AGAIN);
            if app.interrupt.load(Ordering::Relaxed) {
                return Ok(());
            }
            if plug.plug_again().is_ok() {
                say(&app.screen, &PlugEvent::PluggedAgain);
                break;
            }
        }
    }
}
