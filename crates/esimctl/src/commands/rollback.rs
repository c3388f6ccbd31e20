//! Switches that are undone if no network takes them: listing them, undoing what is due, keeping the profile.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use manager::error::{Id, State};
use manager::state::User;
use manager::{Error, Manager};
use serde_json::Value;

use crate::app::App;
use crate::cli::Rollback;
use crate::output::{self, KeptReport, Progress, Report, RollbacksReport, RolledBackReport, SettledRow};

/// Variables that a process for another user keeps.
const KEPT_VARIABLES: [&str; 4] = ["PATH", "LANG", "ESIMCTL_LANG", "ESIMCTL_SYSROOT"];

pub(super) fn run(app: &App, arguments: &Rollback) -> Result<Box<dyn Report>, Error> {
    if let Some(ids) = &arguments.keep {
        return Ok(Box::new(KeptReport(app.manager.keep_rollbacks(ids)?)));
    }
    if arguments.due {
        return Ok(Box::new(due(app, arguments.wait)?));
    }
    Ok(Box::new(RollbacksReport(app.manager.rollbacks()?)))
}

/// What came of all that was due.
#[derive(Default)]
struct Tally {
    settled: Vec<SettledRow>,
    failed: Vec<Error>,
}

/// Undoes what is due: in the state directory that is named, or else in each that is registered. What could not be undone
/// is the error of the command; the others are told beside it.
fn due(app: &App, wait: Duration) -> Result<RolledBackReport, Error> {
    let mut tally = Tally::default();
    due_in(&app.manager, app, wait, &mut tally)?;
    let others = if app.named_state { Vec::new() } else { app.manager.registered_state_dirs() };
    for other in others.iter().skip(1) {
        let done = match &other.owner {
            Some(owner) => due_as(owner, &other.path, wait, &mut tally),
            None => app.manager.with_state_dir(&other.path).and_then(|manager| due_in(&manager, app, wait, &mut tally)),
        };
        // One directory that cannot be used keeps nobody from the others.
        done.unwrap_or_else(|error| tally.failed.push(error));
    }
    tally.report()
}

fn due_in(manager: &Manager, app: &App, wait: Duration, tally: &mut Tally) -> Result<(), Error> {
    for outcome in manager.roll_back_due(wait, &mut Progress::new(&app.screen, false))? {
        match &outcome.result {
            Ok(_) => tally.settled.push(SettledRow::new(&outcome)),
            Err(error) => tally.failed.push(error.clone()),
        }
    }
    Ok(())
}

/// The same in the directory of another user, with that user's rights: what stands there is not to be trusted.
fn due_as(owner: &User, state: &Path, wait: Duration, tally: &mut Tally) -> Result<(), Error> {
    let failed = |cause: &dyn ToString| {
        Error::new(Id::RollbackElsewhere)
            .with("path", state.display())
            .with("user", &owner.name)
            .cause(cause.to_string())
    };
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut command = Command::new(program);
    command.env_clear().envs(KEPT_VARIABLES.iter().filter_map(|name| Some((name, std::env::var_os(name)?))));
    command.env("HOME", &owner.home).current_dir("/").stdin(Stdio::null()).stdout(Stdio::piped());
    command.arg("--state-dir").arg(state).args(["rollback", "--due", "--json", "--wait"]);
    command.arg(format!("{}s", wait.as_secs()));
    let output =
        owner.spawn(&mut command).and_then(std::process::Child::wait_with_output).map_err(|error| failed(&error))?;
    let document: Value = serde_json::from_slice(&output.stdout).map_err(|error| failed(&error))?;
    if let Some(message) = document["error"]["message"].as_str() {
        let state = if document["error"]["state"] == "unknown" { State::Unknown } else { State::NotDone };
        return Err(failed(&message).state(state));
    }
    let rows = document["data"]["rollbacks"].as_array().cloned().unwrap_or_default();
    tally.settled.extend(rows.into_iter().map(SettledRow));
    Ok(())
}

impl Tally {
    fn report(self) -> Result<RolledBackReport, Error> {
        match &self.failed[..] {
            [] => return Ok(RolledBackReport(self.settled)),
            [only] if self.settled.is_empty() => return Err(only.clone()),
            several => several.iter().for_each(|error| output::warn(&error.message())),
        }
        let state = match (self.failed.iter().any(|error| error.state == State::Unknown), self.settled.is_empty()) {
            (true, _) => State::Unknown,
            (false, true) => State::Unchanged,
            (false, false) => State::NotDone,
        };
        let error = Error::new(Id::RollbackOpen).with("count", self.failed.len()).state(state);
        let report = RolledBackReport(self.settled);
        report.text().lines().for_each(output::warn);
        Err(error)
    }
}
