//! `esimctl`: the program. `commands` do, `output` shows; this is the only crate that knows a terminal.

mod app;
mod cli;
mod code;
mod commands;
mod logger;
mod output;
mod prompt;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::run(std::env::args_os().collect())
}
