//! The eSIM remote provisioning protocol of GSMA SGP.22, as pure types: no I/O, no clock, no threads, no async.
//!
//! Every message is here once, in both directions: the LPA writes what the virtual card reads. What is signed is kept
//! as received; what is unknown (result codes, elements of newer versions) is kept rather than refused.
//!
//! | Look in | for |
//! |---|---|
//! | [`apdu`], [`store_data`] | commands, answers, status words, and how a message travels in blocks |
//! | [`tlv`] | the one reader and writer under every message |
//! | [`transport`] | the traits that a way to a card implements |
//! | [`id`] | EID, ICCID, AID, IMEI, activation and confirmation codes, operators, versions |
//! | [`es10a`], [`es10b`], [`es10c`] | what is said to a card: one file per function |
//! | [`es9p`], [`es11`] | what is said to a server: one file per function |
//! | [`signed`], [`signed_notification`], [`cert`] | what servers and cards sign, and the certificates that vouch for it |
//! | [`bpp`], [`metadata`] | a Bound Profile Package and how it is cut; how a server describes a profile |
//! | [`profile`], [`notification`], [`euicc_info`], [`policy`], [`ci`], [`fci`] | what the functions carry |

pub mod apdu;
pub mod bpp;
pub mod card_limits;
pub mod cert;
pub mod ci;
mod codes;
pub mod es10a;
pub mod es10b;
pub mod es10c;
pub mod es11;
pub mod es9p;
pub mod euicc_info;
pub mod fci;
mod function;
pub mod id;
mod invisible;
pub mod metadata;
pub mod notification;
pub mod policy;
pub mod profile;
pub mod signed;
pub mod signed_notification;
pub mod store_data;
pub mod tlv;
pub mod transport;

pub use function::Function;
