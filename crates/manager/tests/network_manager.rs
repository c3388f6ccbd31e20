//! What becomes of NetworkManager's connections, on a bus of its own with a service that speaks its interface.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "common/bus.rs"]
mod bus;
#[path = "common/network_manager.rs"]
mod mock;

use std::process::Command;

use bus::PrivateBus;
use manager::error::{Error, Id, State};
use manager::network_manager::{Binding, Bus, Connection, connections_of, connections_on};
use mock::{Deletes, NetworkManager, Stored};
use sgp22::id::{Iccid, Mccmnc};

const ICCID: &str = "8999934567890120011";
const OTHER: &str = "8999934567890120029";
const OPERATOR: &str = "99993";

fn iccid() -> Iccid {
    ICCID.parse().unwrap()
}

fn gsm(name: &'static str, uuid: &'static str, properties: &[(&'static str, &'static str)]) -> Stored {
    (name, uuid, Some(properties.to_vec()))
}

fn all() -> Vec<Stored> {
    vec![
        ("Home WLAN", "0", None),
        gsm("operator", "1", &[("apn", "internet"), ("sim-operator-id", OPERATOR)]),
        gsm("this SIM", "2", &[("sim-id", ICCID)]),
        gsm("this SIM, padded", "3", &[("sim-id", "8999934567890120011F"), ("sim-operator-id", OPERATOR)]),
        gsm("another SIM of the operator", "4", &[("sim-id", OTHER), ("sim-operator-id", OPERATOR)]),
        gsm("any SIM", "5", &[("apn", "internet"), ("sim-id", ""), ("sim-operator-id", "")]),
        gsm("another operator", "6", &[("sim-operator-id", "999931")]),
        gsm("begins alike", "7", &[("sim-id", "89999345678901200110")]),
    ]
}

fn names(connections: &[Connection]) -> Vec<(&str, Binding)> {
    connections.iter().map(|connection| (connection.id.as_str(), connection.binding)).collect()
}

/// A bus with the service on it, and what is bound to the SIM.
fn found(bus: &PrivateBus) -> (NetworkManager, Vec<Connection>) {
    let service = NetworkManager::start(&bus.address, all());
    let operator = OPERATOR.parse().unwrap();
    let connections = connections_on(&Bus::At(bus.address.clone()), &iccid(), Some(operator)).unwrap();
    (service, connections)
}

#[test]
fn those_bound_to_the_sim_are_found_and_nothing_is_changed() {
    let Some(bus) = PrivateBus::start() else { return };
    let (service, connections) = found(&bus);
    assert_eq!(
        names(&connections),
        [("this SIM", Binding::Sim), ("this SIM, padded", Binding::Sim), ("operator", Binding::Operator)]
    );
    assert_eq!(connections[0].binding.property(), "gsm.sim-id");
    assert_eq!(connections[2].uuid, "1");
    let on = Bus::At(bus.address.clone());
    assert_eq!(connections_on(&on, &iccid(), None).unwrap().len(), 2, "no operator, nothing bound by it");
    assert_eq!(connections_on(&on, &iccid(), Some(Mccmnc::ANY)).unwrap().len(), 2);
    assert_eq!(service.names().len(), all().len());
    assert_eq!(service.secrets_asked(), 0);
}

#[test]
fn what_is_another_users_is_passed_over() {
    let Some(bus) = PrivateBus::start() else { return };
    let (service, _) = found(&bus);
    service.hide(2);
    let connections = connections_on(&Bus::At(bus.address.clone()), &iccid(), None).unwrap();
    assert_eq!(names(&connections), [("this SIM, padded", Binding::Sim)]);
}

#[test]
fn one_is_deleted_and_the_others_stay() {
    let Some(bus) = PrivateBus::start() else { return };
    let (service, connections) = found(&bus);
    connections[0].delete().unwrap();
    assert!(!service.names().contains(&"this SIM"));
    assert_eq!(service.names().len(), all().len() - 1);
    assert_eq!(connections[0].delete().unwrap_err().id, Id::ConnectionGone);
    connections[2].delete().unwrap();
    assert!(!service.names().contains(&"operator"));
    assert_eq!(service.secrets_asked(), 0);
}

#[test]
fn one_that_was_changed_meanwhile_is_not_deleted() {
    let Some(bus) = PrivateBus::start() else { return };
    let (service, connections) = found(&bus);
    service.change(2, gsm("this SIM", "2", &[("sim-id", OTHER)]));
    service.change(1, gsm("operator", "1", &[("sim-operator-id", "26201")]));
    for connection in [&connections[0], &connections[2]] {
        let error = connection.delete().unwrap_err();
        assert_eq!((error.id, error.state), (Id::ConnectionGone, State::Unchanged), "{error:?}");
    }
    assert_eq!(service.names().len(), all().len());
}

#[test]
fn a_deletion_that_did_not_happen_is_told() {
    let Some(bus) = PrivateBus::start() else { return };
    let (service, connections) = found(&bus);
    let ways = [
        (Deletes::Denied, Id::NetworkManagerDenied, "Insufficient privileges"),
        (Deletes::Untrue, Id::NetworkManagerFailed, "still there"),
        (Deletes::Fails, Id::NetworkManagerFailed, "the disk is full"),
    ];
    for (how, id, word) in ways {
        service.deletes(how);
        let error = connections[0].delete().unwrap_err();
        assert_eq!((error.id, error.state), (id, State::NotDone), "{how:?}: {error:?}");
        assert!(error.cause.contains(word), "{how:?}: {}", error.cause);
    }
    assert_eq!(service.names().len(), all().len());
}

#[test]
fn a_deletion_that_cannot_be_looked_at_is_not_said_to_be_done() {
    let Some(bus) = PrivateBus::start() else { return };
    let (service, connections) = found(&bus);
    service.deletes(Deletes::Breaks);
    let error = connections[0].delete().unwrap_err();
    assert_eq!((error.id, error.state), (Id::NetworkManagerFailed, State::Unknown), "{error:?}");
}

#[test]
fn without_the_service_or_without_a_bus_there_are_none() {
    let absent = |address: &str| connections_on(&Bus::At(address.to_owned()), &iccid(), None).unwrap_err();
    assert_eq!(absent("unix:path=/nonexistent/bus").id, Id::NetworkManagerAbsent);
    let Some(bus) = PrivateBus::start() else { return };
    let error: Error = absent(&bus.address);
    assert_eq!((error.id, error.state), (Id::NetworkManagerAbsent, State::Unchanged));
    let (service, connections) = found(&bus);
    drop(service);
    assert_eq!(connections[0].delete().unwrap_err().id, Id::NetworkManagerAbsent);
}

/// The address in the environment is the process's, so this test starts itself once more.
#[test]
fn the_bus_is_the_one_in_the_environment() {
    if std::env::var_os("ESIMCTL_TEST_INNER").is_some() {
        let connections = connections_of(&iccid(), None).unwrap();
        assert_eq!(names(&connections).len(), 2);
        return;
    }
    let Some(bus) = PrivateBus::start() else { return };
    let (_service, _) = found(&bus);
    let inner = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_bus_is_the_one_in_the_environment"])
        .env("ESIMCTL_TEST_INNER", "1")
        .env("DBUS_SYSTEM_BUS_ADDRESS", &bus.address)
        .output()
        .unwrap();
    let out = String::from_utf8_lossy(&inner.stdout).into_owned();
    assert!(inner.status.success() && out.contains("1 passed"), "{out}");
}
