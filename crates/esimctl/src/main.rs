//! `esimctl`: the program. `commands` do, `output` shows; this is the only crate that knows a terminal.

/// Prints to standard error, as `eprint!` does, but without a panic where that cannot be written: there is nobody else to
/// tell.
macro_rules! tell {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = write!(anstream::stderr(), $($text)*);
    }};
}

/// Like [`tell`], with the end of the line.
macro_rules! tell_line {
    () => { tell!("\n") };
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(anstream::stderr(), $($text)*);
    }};
}

mod app;
mod cli;
mod code;
mod commands;
mod logger;
mod output;
mod phase;
mod prompt;
mod signals;

use std::process::ExitCode;

fn main() -> ExitCode {
    app::run(std::env::args_os().collect())
}
