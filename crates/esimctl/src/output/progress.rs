//! Telling how far a download or a switch has come.

use std::io::{IsTerminal, Write};

use manager::card::{Step, Watch};
use serde_json::{Value, json};

use super::{SCHEMA, Screen, print};
use crate::phase::{self, Phase};

/// Shows each step: a bar on a terminal, lines of JSON where they are wanted, nothing elsewhere.
pub(crate) struct Progress {
    form: Form,
    /// What stands on the terminal's line now.
    shown: String,
}

enum Form {
    Bar,
    Json,
    Nothing,
}

/// The width of the bar in letters.
const WIDTH: usize = 30;

impl Progress {
    pub(crate) fn new(screen: &Screen, json_lines: bool) -> Self {
        let form = match screen.json {
            true if json_lines => Form::Json,
            false if std::io::stderr().is_terminal() => Form::Bar,
            _ => Form::Nothing,
        };
        Self { form, shown: String::new() }
    }

    /// Takes the bar away, for other output.
    pub(crate) fn pause(&mut self) {
        self.show("");
    }

    fn show(&mut self, line: &str) {
        if !matches!(self.form, Form::Bar) || line == self.shown {
            return;
        }
        let blank = " ".repeat(self.shown.chars().count().saturating_sub(line.chars().count()));
        let back = if line.is_empty() { "\r" } else { "" };
        tell!("\r{line}{blank}{back}");
        let _ = anstream::stderr().flush();
        line.clone_into(&mut self.shown);
        phase::use_line(!line.is_empty());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.pause();
    }
}

impl Watch for Progress {
    fn step(&mut self, step: Step) {
        phase::enter(Phase::of(step));
        match self.form {
            Form::Bar => self.show(&text(step)),
            Form::Json => print(&format!("{}\n", event(step))),
            Form::Nothing => {}
        }
    }
}

fn name(step: Step) -> &'static str {
    match step {
        Step::Authenticating => "authenticating",
        Step::Asking => "asking",
        Step::Preparing => "preparing",
        Step::Fetching => "fetching",
        Step::Loading { .. } => "loading",
        Step::Verifying => "verifying",
        Step::Ending(_) => "ending",
        Step::AwaitingModem => "awaiting_modem",
        Step::PowerCycling => "power_cycling",
        Step::AwaitingNetwork => "awaiting_network",
        Step::GoingBack => "going_back",
    }
}

fn event(step: Step) -> Value {
    let mut event = json!({ "schema": SCHEMA, "event": "progress", "step": name(step) });
    match step {
        Step::Loading { done, total } => {
            event["bytes_done"] = done.into();
            event["bytes_total"] = total.into();
        }
        Step::Ending(reason) => event["reason"] = reason.name().into(),
        _ => {}
    }
    event
}

fn text(step: Step) -> String {
    match step {
        Step::Authenticating => "Card and server authenticate each other …".into(),
        Step::Asking => "Asking the server what it has …".into(),
        Step::Preparing => "The card makes a key …".into(),
        Step::Fetching => "The server prepares the profile …".into(),
        Step::Loading { done, total } => bar(done, total),
        Step::Verifying => "Reading the card again …".into(),
        Step::Ending(_) => "Ending the session …".into(),
        Step::AwaitingModem => "The card is switched. Waiting for the modem to notice …".into(),
        Step::PowerCycling => "The modem does not notice. Powering its card off and on …".into(),
        Step::AwaitingNetwork => "Waiting for a network to take the new profile …".into(),
        Step::GoingBack => "Going back to the former profile. This cannot be interrupted …".into(),
    }
}

fn bar(done: usize, total: usize) -> String {
    let share = |of: usize| done.saturating_mul(of).checked_div(total).unwrap_or(of).min(of);
    let full = share(WIDTH);
    format!("Installing [{}{}] {:3} %", "#".repeat(full), "-".repeat(WIDTH - full), share(100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_how_much_is_done() {
        assert_eq!(bar(0, 100), format!("Installing [{}]   0 %", "-".repeat(30)));
        assert_eq!(bar(50, 100), format!("Installing [{}{}]  50 %", "#".repeat(15), "-".repeat(15)));
        assert_eq!(bar(100, 100), format!("Installing [{}] 100 %", "#".repeat(30)));
        assert_eq!(bar(0, 0), bar(1, 1), "nothing to do is done");
    }
}
