//! The state directory: where it is, who may use it, and which ones this machine has.
//!
//! Root and services share `/var/lib/esimctl` with the people in the group `esimctl`. Everybody else has a directory of
//! their own.

pub(crate) mod filesystem;
pub(crate) mod place;
mod register;
mod users;

pub use register::StateDir;
pub use users::User;
