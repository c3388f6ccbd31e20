//! Downloads as a user starts them: card, server and program as they are, with TLS on loopback between two processes.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod again;
mod behaviours;
mod bench;
mod clipboard;
#[path = "../common/mod.rs"]
mod common;
mod desktop;
mod limits;
mod options;
#[path = "../common/pcscd.rs"]
mod pcscd;
mod pictures;
mod prompts;
mod reader;
mod refusals;
mod secrets;
mod sources;
mod stops;
#[path = "../common/terminal.rs"]
mod terminal;
mod texts;
mod trust;
