//! What modems speak, pure: no I/O, no clock, no threads.
//!
//! Both sides of every message: `card-io` speaks it as the host, `virtual` as the modem. Input is hostile: lengths are
//! checked before anything is kept, and an unknown element is skipped or kept, never an error.

pub mod at;
pub mod mbim;
pub mod qmi;
pub mod qrtr;
