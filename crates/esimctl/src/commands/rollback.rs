//! Switches that are undone if no network takes them: listing them, undoing what is due, keeping the profile.

use std::io::{ErrorKind, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use manager::error::{Id, State};
use manager::state::User;
use manager::{Error, Manager};
use serde_json::Value;

use crate::app::App;
use crate::cli::Rollback;
use crate::output::{self, KeptReport, Progress, Report, RollbacksReport, RolledBackReport, SettledRow};

/// Variables that a process for another user keeps.
const KEPT_VARIABLES: [&str; 4] = ["PATH", "LANG", "ESIMCTL_LANG", "ESIMCTL_SYSROOT"];

/// How long the program of another user may take beyond the time that it is given for a modem.
const MAX_SETTLING: Duration = Duration::from_secs(10 * 60);

/// The most that it may say, in bytes.
const MAX_SAID: u64 = 1 << 20;

/// The pause between two looks whether it has ended.
const CHILD_PAUSE: Duration = Duration::from_millis(20);

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
    // One directory that cannot be used, also the first one, keeps nobody from the others.
    due_in(&app.manager, app, wait, &mut tally).unwrap_or_else(|error| tally.failed.push(error));
    let others = if app.named_state { Vec::new() } else { app.manager.registered_state_dirs() };
    for other in others.iter().skip(1) {
        let done = match &other.owner {
            Some(owner) => due_as(owner, &other.path, wait, &mut tally),
            None => app.manager.with_state_dir(&other.path).and_then(|manager| due_in(&manager, app, wait, &mut tally)),
        };
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
    let said = owner.spawn(&mut command).and_then(|child| hear(child, wait.saturating_add(MAX_SETTLING)));
    let said = said.map_err(|error| failed(&error))?;
    let document: Value = serde_json::from_slice(&said).map_err(|error| failed(&error))?;
    if let Some(message) = document["error"]["message"].as_str() {
        let message = output::clean(message);
        let state = if document["error"]["state"] == "unknown" { State::Unknown } else { State::NotDone };
        return Err(failed(&message).state(state));
    }
    let rows = document["data"]["rollbacks"].as_array().cloned().unwrap_or_default();
    tally.settled.extend(rows.into_iter().map(SettledRow));
    Ok(())
}

/// What a program says until it ends. One that takes too long or says too much is ended: it has another user's rights, and
/// that user may have it do anything.
fn hear(mut child: Child, limit: Duration) -> std::io::Result<Vec<u8>> {
    let (heard, hears) = mpsc::channel();
    if let Some(out) = child.stdout.take() {
        // Not waited for: whoever has inherited the other end may keep it open.
        std::thread::spawn(move || {
            let mut said = Vec::new();
            let read = out.take(MAX_SAID + 1).read_to_end(&mut said);
            heard.send(read.map(|_| said))
        });
    }
    let until = Instant::now() + limit;
    let said = match hears.recv_timeout(limit) {
        Ok(Ok(said)) if said.len() as u64 > MAX_SAID => Err(std::io::Error::other("it says too much")),
        Ok(said) => said,
        Err(_) => Err(ErrorKind::TimedOut.into()),
    };
    while said.is_ok() && Instant::now() < until {
        if child.try_wait()?.is_some() {
            return said;
        }
        std::thread::sleep(CHILD_PAUSE);
    }
    child.kill()?;
    child.wait()?;
    said.and(Err(ErrorKind::TimedOut.into()))
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

#[cfg(test)]
mod tests {
    use super::*;

    fn started(script: &str) -> Child {
        Command::new("sh").args(["-c", script]).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn a_program_is_heard_to_its_end() {
        assert_eq!(hear(started("echo one; echo two"), MAX_SETTLING).unwrap(), b"one\ntwo\n");
    }

    #[test]
    fn a_program_that_hangs_or_never_ends_talking_is_ended() {
        let moment = Duration::from_millis(50);
        // The second one has closed its output: nobody takes the silence for an answer.
        for script in ["exec sleep 3600", "exec >&-; exec sleep 3600", "sleep 20 & exec sleep 3600"] {
            assert_eq!(hear(started(script), moment).unwrap_err().kind(), ErrorKind::TimedOut, "{script}");
        }
        assert_eq!(hear(started("exec yes"), MAX_SETTLING).unwrap_err().kind(), ErrorKind::Other);
    }
}
