//! From the command line to an exit code.

use std::ffi::OsString;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use clap::Parser;
use clap::error::ErrorKind;
use manager::error::{Exit, Id};
use manager::words::{self, Language};
use manager::{Error, Manager, ServerSettings, Settings, Waiting};

use crate::cli::{Cli, Colour, Command, Global, Lang, Virtual};
use crate::code::{self, conceal};
use crate::commands;
use crate::output::{self, Costs, Notices, Screen};
use crate::prompt;

/// Shorter pieces are no secrets worth hiding, and may be a part of any other word.
const SHORTEST_SECRET: usize = 5;

/// Commands that tell how many notifications wait for their servers.
const TELLING_WHAT_WAITS: [&str; 3] = ["list", "info", "notifications list"];

/// Commands that tell of other eUICCs on the card that they read.
const NAMING_OTHER_EUICCS: [&str; 2] = ["list", "info"];

/// What every command works with.
pub(crate) struct App {
    pub(crate) manager: Manager,
    pub(crate) screen: Screen,
    pub(crate) interrupt: Arc<AtomicBool>,
    /// A recording is wanted.
    pub(crate) traces: bool,
    /// A state directory is named.
    pub(crate) named_state: bool,
}

pub(crate) fn run(arguments: Vec<OsString>) -> ExitCode {
    let holds = arguments.iter().skip(1).take_while(|argument| *argument != "--").any(|argument| argument == "--hold");
    let code = output::end(execute(arguments));
    if holds {
        prompt::hold();
    }
    code
}

fn execute(arguments: Vec<OsString>) -> ExitCode {
    let began = Instant::now();
    code::remember(&arguments);
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(error) => {
            choose_language(None);
            return refuse(&error, &arguments);
        }
    };
    choose_colour(cli.global.color);
    choose_language(cli.global.lang);
    crate::logger::start(cli.global.verbose);
    let command = cli.command.name();
    let screen = Screen { json: cli.global.json, stats: cli.global.stats };
    let interrupt = Arc::new(AtomicBool::new(false));
    let uninterruptible = Arc::new(AtomicBool::new(false));
    crate::signals::watch(&interrupt, &uninterruptible);
    let manager = match Manager::new(settings(&cli.global, command, &interrupt, uninterruptible)) {
        Ok(manager) => manager,
        Err(error) => return output::finish_error(&screen, command, &error, &[], None),
    };
    let tells = !matches!(
        cli.command,
        Command::Recover { .. }
            | Command::Rollback(_)
            | Command::Completions { .. }
            | Command::Man { .. }
            | Command::Virtual { command: Virtual::Stdio { .. } }
    );
    let unfinished = if tells { manager.unfinished() } else { 0 };
    if unfinished > 0 {
        output::warn_unfinished(unfinished);
    }
    manager.state_news().iter().for_each(|news| output::warn(news));
    let (traces, named_state) = (cli.global.trace.is_some(), cli.global.state_dir.is_some());
    let mut app = App { manager, screen, interrupt, traces, named_state };
    let result = commands::run(&mut app, cli.command);
    app.manager.trace_news().iter().for_each(|news| output::warn(news));
    let rolled_back = app.manager.take_rollback_outcomes();
    rolled_back.iter().for_each(|outcome| output::warn(&output::rollback_line(outcome)));
    let due = if tells && rolled_back.is_empty() { app.manager.due_rollbacks() } else { 0 };
    if due > 0 {
        output::warn_due_rollbacks(due);
    }
    match result {
        Ok(Some(report)) => {
            // Whoever is at it knows.
            let notices = if command.starts_with("retire") { Vec::new() } else { app.manager.notices() };
            let waiting =
                if TELLING_WHAT_WAITS.contains(&command) { app.manager.waiting() } else { Waiting::default() };
            let other_elements =
                if NAMING_OTHER_EUICCS.contains(&command) { app.manager.other_elements() } else { Vec::new() };
            let slots = app.manager.slot_reports();
            let notices = Notices { retire: notices, waiting, other_elements, rolled_back, slots };
            output::finish(&app.screen, command, report.as_ref(), &notices, Costs::of(&app.manager, began))
        }
        Ok(None) => ExitCode::SUCCESS,
        Err(error) => {
            let error = app.manager.with_hints(error);
            let costs = Some(Costs::of(&app.manager, began));
            output::finish_error(&app.screen, command, &error, &app.manager.slot_reports(), costs)
        }
    }
}

fn settings(global: &Global, command: &str, interrupt: &Arc<AtomicBool>, uninterruptible: Arc<AtomicBool>) -> Settings {
    Settings {
        device: global.device.clone(),
        state_dir: global.state_dir.clone(),
        trace: global.trace.clone(),
        overwrite: global.overwrite,
        command: format!("esimctl {command}"),
        servers: ServerSettings {
            ca: global.servers.ca.clone(),
            trust_test_ci: global.servers.trust_test_ci,
            trust_web_ca: global.servers.trust_web_ca,
            connect_to: global.servers.connect_to.clone(),
        },
        interrupt: interrupt.clone(),
        uninterruptible,
    }
}

fn choose_colour(colour: Colour) {
    match colour {
        Colour::Auto => anstream::ColorChoice::Auto,
        Colour::Always => anstream::ColorChoice::AlwaysAnsi,
        Colour::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// The one that was named, or else the user's.
fn choose_language(named: Option<Lang>) {
    words::choose(match named {
        Some(Lang::En) => Language::English,
        Some(Lang::ZhCn) => Language::Chinese,
        None => Language::of_environment(),
    });
}

/// A text of clap's without codes, and without what may be a piece of a code that was not quoted; `None` if nothing was.
fn without_codes(text: &str, arguments: &[OsString]) -> Option<String> {
    let takes_code = |argument: &&OsString| *argument == "download" || *argument == "discover";
    let after = arguments.iter().skip(1).skip_while(|argument| !takes_code(argument)).skip(1);
    let pieces = after.map(|argument| argument.to_string_lossy().into_owned());
    let secret = |argument: &String| argument.len() >= SHORTEST_SECRET && !argument.starts_with("--");
    let hidden = pieces.filter(secret).fold(conceal(text).into_owned(), |text, piece| text.replace(&piece, "…"));
    (hidden != text).then_some(hidden)
}

/// What clap has to say: help and version as they are, mistakes as errors of ours where JSON is wanted.
fn refuse(error: &clap::Error, arguments: &[OsString]) -> ExitCode {
    let asked_for_help = matches!(error.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    let wants_json = arguments.iter().any(|argument| argument == "--json");
    let text = without_codes(&error.render().to_string(), arguments);
    if asked_for_help || !wants_json {
        match text.as_deref() {
            None if asked_for_help => output::print_raw(&error.render().ansi().to_string()),
            // Standard error cannot be written: nobody can be told.
            None => drop(error.print()),
            Some(text) => tell!("{text}"),
        }
        return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(Exit::Usage as u8));
    }
    let text = text.unwrap_or_else(|| error.render().to_string());
    let paragraph: Vec<&str> = text.lines().take_while(|line| !line.is_empty()).map(str::trim).collect();
    let why = paragraph.join(" ");
    let why = why.trim_start_matches("error: ");
    let error = Error::new(Id::Usage).with("why", why).with("hint", "esimctl --help");
    output::finish_error(&Screen { json: true, stats: false }, "esimctl", &error, &[], None)
}
