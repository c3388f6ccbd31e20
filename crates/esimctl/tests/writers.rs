//! Every file is written by `private-files`: no other source of the workspace opens, makes or replaces one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::{Path, PathBuf};

/// What writes files or makes directories.
const WRITERS: [&str; 22] = [
    "Connection::open",
    "File::create",
    "File::options",
    "OpenOptions",
    "fs::write",
    "fs::copy",
    "fs::rename",
    "fs::hard_link",
    "create_dir",
    "DirBuilder",
    "tempfile::",
    "NamedTempFile",
    "set_permissions",
    "OFlags::CREATE",
    "OFlags::WRONLY",
    "OFlags::RDWR",
    "OFlags::TMPFILE",
    "mkdirat",
    "mknodat",
    "renameat",
    "linkat",
    "clap_mangen::generate_to",
];

/// Places that open something else, and why they may.
const ALLOWED: [(&str, &str, &str); 4] = [
    ("manager/src/database/opening.rs", "Connection::open", "SQLite, for reading"),
    ("virtual/src/modem/line.rs", "OFlags::RDWR", "a pseudo-terminal"),
    ("card-io/src/port.rs", "OFlags::RDWR", "the port of a modem"),
    ("manager/src/database/mod.rs", "Connection::open", "SQLite, after make_database"),
];

fn sources(directory: &Path, into: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            into.push(path);
        }
    }
}

/// The lines of a source that are no comments and stand before its tests.
fn code(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().take_while(|(_, line)| !line.starts_with("#[cfg(test)]"));
    lines.filter(|(_, line)| !line.trim_start().starts_with("//"))
}

/// Prints to standard error, and panics where that is full; `tell!` does not.
const PANICKING: [&str; 2] = ["eprint!(", "eprintln!("];

#[test]
fn no_source_writes_files_by_itself() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().canonicalize().unwrap();
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&crates).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "private-files" {
            sources(&entry.path().join("src"), &mut files);
        }
    }
    assert!(files.len() > 300, "the sources are found");
    let mut found = Vec::new();
    for file in files {
        let name = file.strip_prefix(&crates).unwrap().to_str().unwrap().to_owned();
        if name.contains("/tests") || name.ends_with("tests.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in code(&text) {
            if PANICKING.iter().any(|print| line.contains(print)) {
                found.push(format!("{name}:{}: tell! instead of {}", number + 1, line.trim()));
            }
            let allowed = |writer: &str| ALLOWED.iter().any(|(place, what, _)| *place == name && *what == writer);
            if WRITERS.iter().any(|writer| line.contains(writer) && !allowed(writer)) {
                found.push(format!("{name}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    assert!(found.is_empty(), "write these by private-files:\n{}", found.join("\n"));
}
