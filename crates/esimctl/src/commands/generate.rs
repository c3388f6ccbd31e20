//! Completions and man pages, made from the command line's own description.

use std::path::Path;

use clap::CommandFactory;
use manager::Error;
use manager::error::Id;

use crate::cli::Cli;
use crate::output::print_raw;

pub(super) fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "esimctl", &mut script);
    print_raw(&String::from_utf8_lossy(&script));
}

pub(super) fn man(directory: &Path) -> Result<(), Error> {
    let failed = |error: std::io::Error| Error::new(Id::OutputFile).with("path", directory.display()).cause(error);
    std::fs::create_dir_all(directory).map_err(failed)?;
    clap_mangen::generate_to(Cli::command(), directory).map_err(failed)
}
