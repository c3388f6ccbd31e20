//! Switches that are still to be kept or undone.

use super::Check;
use crate::Manager;
use crate::database::PendingRollback;
use crate::rollback::Standing;

/// Tells of each: which card, since when, and what to do. A database that cannot be read is told of by another check.
pub(super) fn examine(manager: &Manager) -> Vec<Check> {
    let open = manager.rollbacks().unwrap_or_default();
    open.iter().map(|(pending, standing)| check(pending, *standing)).collect()
}

fn check(pending: &PendingRollback, standing: Standing) -> Check {
    let PendingRollback { id, created, device, eid, iccid, deadline, detail, .. } = pending;
    let about = format!("The switch to {iccid} on the card {eid} ({device}) of {created}");
    let keep = format!("To keep the new profile: esimctl rollback --keep {id}");
    let undo = "To undo it now: esimctl rollback --due";
    let process = pending.pid().map(|pid| format!(" {pid}")).unwrap_or_default();
    let (message, remedy) = match standing {
        Standing::Waiting => (
            format!("{about} waits for a network until {deadline}, and is undone by process{process} without one."),
            keep,
        ),
        Standing::Overdue => (
            format!("{about} has found no network in time; process{process} goes back, or hangs."),
            format!("If it hangs, end that process, then: esimctl rollback --due. {keep}"),
        ),
        Standing::Due => {
            let failed = detail.as_ref().map(|why| format!(" Going back failed last: {why}")).unwrap_or_default();
            (
                format!("{about} is still to be undone: the process that waited has ended.{failed}"),
                format!("{undo}. {keep}"),
            )
        }
    };
    Check::note("rollback", message, remedy)
}
