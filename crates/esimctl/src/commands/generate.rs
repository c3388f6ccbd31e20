//! Completions and man pages, made from the command line's own description.

use std::path::Path;

use clap::CommandFactory;
use manager::Error;
use manager::files::{self, Access, Existing};

use crate::cli::Cli;
use crate::output::print_raw;

pub(super) fn completions(shell: clap_complete::Shell) {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "esimctl", &mut script);
    print_raw(&String::from_utf8_lossy(&script));
}

/// Writes the man pages of all commands.
pub(super) fn man(directory: &Path, existing: Existing) -> Result<(), Error> {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    let mut pages = Vec::new();
    render(command, &mut pages);
    let pages: Vec<(&str, Vec<u8>)> = pages.iter().map(|(name, page)| (name.as_str(), page.clone())).collect();
    files::write_all(directory, &pages, Access::Owner, existing)
}

/// The pages of a command and its subcommands, as `clap_mangen::generate_to` has them.
fn render(command: clap::Command, pages: &mut Vec<(String, Vec<u8>)>) {
    for subcommand in command.get_subcommands().filter(|subcommand| !subcommand.is_hide_set()).cloned() {
        render(subcommand, pages);
    }
    let man = clap_mangen::Man::new(command);
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = man.render(&mut page);
    pages.push((man.get_filename(), page));
}
