//! The ledger of a test bench: holds the records of card, server, program and user against each other.
//!
//! [`Books::read`] takes all records of a state directory at a moment when nothing runs on it:
//!
//! | Record | Kept by |
//! |---|---|
//! | every notification that was ever signed, and the profiles | each virtual card, in its own file |
//! | every notification that was received, and how often it came | each virtual SM-DP+, in its own file |
//! | journal and outbox | the program, in its database |
//!
//! [`Books::audit_notifications`] compares them, and so does [`Statement::audit`] with what the user was told. A correct
//! program leaves no [`Discrepancy`]. Cards and servers keep their records by code that the program does not share, so
//! that a notification that the program forgets is not forgotten here. Whether a notification names a server is read from
//! what the card has signed, not from the program's row for it.

mod audit;
mod books;
mod discrepancy;
mod read;
mod statement;

#[cfg(test)]
mod forged;

pub use audit::Circumstances;
pub use books::{
    AttemptOutcome, Books, CardBook, JournalLine, NotificationKey, Posted, ProfileLine, QueuedNotification, RowState,
};
pub use discrepancy::Discrepancy;
pub use read::ReadError;
pub use statement::{Goal, Statement, Verdict, audit_recovery};
