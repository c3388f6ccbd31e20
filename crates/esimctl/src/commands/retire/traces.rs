//! What NetworkManager keeps of a SIM whose profile is gone: shown, and removed if somebody agrees.

use manager::Error;
use manager::error::Id;
use manager::network_manager::{Binding, Connection, connections_of};
use manager::retire::{Case, Retirements};

use super::clean::{Ask, Consents};
use super::talk::{answer, is_yes};
use crate::app::App;
use crate::output::{Trace, TraceOutcome, Traces, phrase, show_text};

/// Gives what is to be told of it. That it fails is told as well: the profile is gone all the same.
pub(super) fn clear(app: &App, retirements: &Retirements<'_>, case: &Case, consent: Consents) -> Result<Traces, Error> {
    let found = match retirements.sim_of(case).map(|(iccid, operator)| connections_of(&iccid, operator)) {
        None => return Ok(Traces::default()),
        Some(Err(error)) => return Ok(Traces { connections: None, told: vec![why_not(&error)] }),
        Some(Ok(found)) => found,
    };
    if consent.ask == Ask::ThePerson && !found.is_empty() {
        show_text(&phrase("retire-traces", &[]));
    }
    let mut told = Vec::new();
    let traces: Vec<Trace> = found.iter().map(|one| treat(app, case, one, consent, &mut told)).collect();
    let named = |removed: bool| {
        let wanted = traces.iter().filter(|trace| (trace.outcome == TraceOutcome::Removed) == removed);
        wanted.map(|trace| trace.title.clone()).collect::<Vec<_>>()
    };
    if consent.ask != Ask::Never && !traces.is_empty() {
        retirements.record_traces(case, named(true), named(false))?;
    }
    Ok(Traces { connections: Some(traces), told })
}

fn treat(app: &App, case: &Case, connection: &Connection, consent: Consents, told: &mut Vec<String>) -> Trace {
    let (name, property) = (connection.id.clone(), connection.binding.property());
    let title = phrase("retire-trace", &[("name", &name), ("property", property)]);
    let particulars = [("name", &*title), ("case", &*case.name())];
    let outcome = if consent.ask == Ask::Never {
        told.push(phrase("retire-trace-found", &particulars));
        TraceOutcome::Found
    } else if agreed(app, connection, &title, consent) {
        match connection.delete() {
            Ok(()) => {
                told.push(phrase("retire-trace-removed", &particulars));
                TraceOutcome::Removed
            }
            Err(error) => {
                told.push(why_not(&error));
                TraceOutcome::Failed
            }
        }
    } else {
        let key = match connection.binding {
            Binding::Sim => "retire-trace-kept",
            Binding::Operator => "retire-trace-kept-operator",
        };
        told.push(phrase(key, &particulars));
        TraceOutcome::Kept
    };
    Trace { name, uuid: connection.uuid.clone(), property, title, outcome }
}

/// One that is bound to the operator may serve other SIMs: only a person can agree to that. Whatever keeps the person
/// from answering is a no.
fn agreed(app: &App, connection: &Connection, title: &str, consent: Consents) -> bool {
    if consent.ask == Ask::ThePerson {
        let answer = answer(app, "retire-ask-trace", &[("name", title)]);
        return answer.ok().flatten().is_some_and(|answer| is_yes(&answer));
    }
    consent.forget_connections && connection.binding == Binding::Sim
}

/// That none runs is no failure: what does not run keeps nothing connected.
fn why_not(error: &Error) -> String {
    if error.id == Id::NetworkManagerAbsent {
        return phrase("retire-traces-absent", &[]);
    }
    phrase("retire-trace-failed", &[("why", &error.message())])
}
