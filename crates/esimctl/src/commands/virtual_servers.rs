//! Virtual servers.

use std::sync::Arc;
use std::time::Duration;

use manager::Error;
use manager::error::Id;
use manager::virtual_servers::{Behaviours, Event, NewOrder, OrderState, ServerKind, ServerSettings, VirtualServer};
use sgp22::id::OperatorId;
use sgp22::notification::Events;
use sgp22::policy::PprIds;
use sgp22::profile::{NotificationTarget, ProfileClass};

use crate::app::App;
use crate::cli::{Pki, Serve, Smdp, SmdpCommand, Smds, Virtual};
use crate::output::{BehavioursReport, NewPkiReport, OrdersReport, Report, ready};

pub(super) fn run(app: &App, command: Virtual) -> Result<Option<Box<dyn Report>>, Error> {
    Ok(Some(match command {
        Virtual::Smdp(Smdp { command: Some(SmdpCommand::Orders { name }), .. }) => {
            Box::new(OrdersReport(app.manager.smdp_orders(&name)?))
        }
        Virtual::Smdp(arguments) => {
            smdp(app, &arguments)?;
            return Ok(None);
        }
        Virtual::Smds(arguments) => {
            smds(app, &arguments)?;
            return Ok(None);
        }
        Virtual::Pki { command: Pki::New { directory, ein, smdp, smds } } => {
            Box::new(NewPkiReport(app.manager.new_pki(&directory, &ein, &smdp, &smds)?, directory))
        }
        _ => Box::new(BehavioursReport),
    }))
}

fn smdp(app: &App, arguments: &Smdp) -> Result<(), Error> {
    let orders = arguments.order.iter().map(|text| order(text));
    let orders = orders.collect::<Result<Vec<_>, _>>().map_err(|why| usage(&why, "esimctl virtual smdp --help"))?;
    let server = app.manager.start_smdp(&settings(&arguments.serve)?, &orders)?;
    run_until_stopped(app, ServerKind::Smdp, &server);
    Ok(())
}

fn smds(app: &App, arguments: &Smds) -> Result<(), Error> {
    let events = arguments.event.iter().map(|text| event(text));
    let events = events.collect::<Result<Vec<_>, _>>().map_err(|why| usage(&why, "esimctl virtual smds --help"))?;
    let server = app.manager.start_smds(&settings(&arguments.serve)?, &events)?;
    run_until_stopped(app, ServerKind::Smds, &server);
    Ok(())
}

fn run_until_stopped(app: &App, kind: ServerKind, server: &VirtualServer) {
    ready(kind, server);
    app.manager.wait_for_interrupt();
}

fn usage(why: &str, hint: &str) -> Error {
    Error::new(Id::Usage).with("why", why).with("hint", hint)
}

fn settings(serve: &Serve) -> Result<ServerSettings, Error> {
    let unknown = |why: String| Error::new(Id::BehaviourUnknown).with("why", why);
    let faults = serve.fault.iter().map(|fault| fault.parse());
    Ok(ServerSettings {
        name: serve.name.clone(),
        listen: serve.listen.clone(),
        hosts: serve.host.clone(),
        pki: serve.pki.clone(),
        behaviours: Behaviours::parse(&serve.behaviour).map_err(|error| unknown(error.to_string()))?,
        faults: faults
            .collect::<Result<_, manager::virtual_servers::FaultError>>()
            .map_err(|error| unknown(error.to_string()))?,
        latency: Duration::from_millis(serve.latency),
        log: Some(Arc::new(|line: &str| tell_line!("{line}"))),
    })
}

/// Reads an order: `MATCHINGID,cc=1234,ppr1`.
fn order(text: &str) -> Result<NewOrder, String> {
    let mut properties = text.split(',');
    let matching_id = properties.next().unwrap_or_default();
    matching_id.parse::<sgp22::id::MatchingId>().map_err(|error| format!("{error}."))?;
    let mut order = NewOrder::new(matching_id);
    let mut rules = Vec::new();
    for property in properties.filter(|property| !property.is_empty()) {
        match property {
            "icon" => order.icon = Some(manager::virtual_servers::sample_icon()),
            "ppr1" => rules.push(PprIds::PPR1),
            "ppr2" => rules.push(PprIds::PPR2),
            _ => {
                let (name, value) = property.split_once('=').unwrap_or((property, ""));
                set(&mut order, name, value)?;
            }
        }
    }
    order.policy_rules = PprIds::of(&rules);
    if order.matching_id.is_empty() && order.eid.is_none() {
        return Err("An order without a MatchingID needs an eid=.".into());
    }
    Ok(order)
}

fn set(order: &mut NewOrder, name: &str, value: &str) -> Result<(), String> {
    let number = || value.parse::<u32>().map_err(|_| format!("'{value}' is no number."));
    let file = || std::fs::read(value).map_err(|error| format!("{value}: {error}."));
    match name {
        "upp" => order.upp = Some(file()?),
        "icon" => order.icon = Some(file()?),
        "size" => order.size = number()? as usize,
        "cc" => order.confirmation_code = Some(value.into()),
        "eid" => order.eid = Some(value.parse().map_err(|error| format!("{error}."))?),
        "iccid" => order.iccid = Some(value.parse().map_err(|error| format!("{error}."))?),
        "provider" => order.provider = value.into(),
        "name" => order.name = value.into(),
        "owner" => order.owner = Some(OperatorId::new(value.parse().map_err(|error| format!("{error}."))?)),
        "class" => {
            order.class = match value {
                "test" => ProfileClass::Test,
                "provisioning" => ProfileClass::Provisioning,
                "operational" => ProfileClass::Operational,
                _ => return Err(format!("'{value}' is no class of profiles.")),
            }
        }
        "notify" if value == "none" => order.notify = Some(Vec::new()),
        "notify" => order.notify = Some(vec![NotificationTarget { events: Events::all(), address: value.into() }]),
        "expires" => order.expires_in = Some(number()?.into()),
        "downloads" => order.downloads = number()?,
        "codes" => order.wrong_codes = number()?,
        "state" => {
            let state = OrderState::ALL.into_iter().find(|state| state.name() == value);
            order.state = state.ok_or_else(|| format!("'{value}' is no state of orders."))?;
        }
        _ => return Err(format!("An order has no property '{name}'.")),
    }
    Ok(())
}

/// Reads an event: `EID,EVENTID,SERVER`.
fn event(text: &str) -> Result<Event, String> {
    let parts: Vec<&str> = text.split(',').collect();
    let [eid, event_id, server] = parts[..] else { return Err("An event is EID,EVENTID,SERVER.".into()) };
    Ok(Event {
        eid: eid.parse().map_err(|error| format!("{error}."))?,
        event_id: event_id.parse().map_err(|error| format!("{error}."))?,
        server: server.into(),
    })
}
