//! The card's half of a download: a test plays the server and the LPA.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod bench;
mod faults;
mod golden;
mod loads;
mod sessions;
