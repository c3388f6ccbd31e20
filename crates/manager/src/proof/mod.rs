//! Checking proof that a card signed: in reports, in exported notifications, or alone.
//!
//! A file claims things about a notification in words; the notification itself is signed. Both are compared: a report
//! whose table names another profile than the card signed is no proof, however genuine the signature.

pub(crate) mod block;
pub(crate) mod claim;
mod device;
mod file;
mod page;
mod tell;
#[cfg(test)]
mod tests;

use std::path::Path;

use lpa::proof::ProofVerifier;
pub use lpa::proof::{CertificateOf, Misuse, OutOfDate, ProofError, ProofIssuer, ProvenNotification};
pub use lpa::smdp::https::AnchorKind;

use claim::Payload;
pub(crate) use claim::one_line;
pub use claim::{Claim, Difference};
pub use device::ReportedDevice;
pub use file::FileKind;
use file::ProofFile;
use page::Shown;
pub use tell::tell_out_of_date;

use crate::Manager;
use crate::error::{Error, Id};
use crate::hash::sha256_hex;

/// The most numbers that are named of those which the proof is not about.
const MAX_OTHER_NUMBERS: usize = 20;

/// The question that a file is to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Was the profile deleted?
    Deletion,
    /// Are these notifications genuine, whatever they report?
    AnyEvent,
}

/// A reason why a notification in a file proves nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The file has no bytes of it: it is masked.
    Masked,
    /// The bytes are not base64.
    NotBase64(String),
    /// Certificates or signature do not hold.
    NotProven(ProofError),
    /// The file claims what the card did not sign.
    Differs(Difference),
    /// The tables of the report do not say what its block says: this field is missing there or another one.
    TableDiffers(&'static str),
    /// The notification reports something else than a deletion.
    NotADeletion(String),
}

/// A notification of a file, checked.
#[derive(Debug, Clone)]
pub struct CheckedNotification {
    /// The claims of the file about it.
    pub claim: Claim,
    /// SHA-256 of the bytes; `None` if there are none.
    pub sha256: Option<String>,
    /// The signed content, where certificates and signature hold.
    pub proven: Option<ProvenNotification>,
    /// Everything that is wrong; empty if it is verified.
    pub problems: Vec<Problem>,
}

/// A file, checked.
#[derive(Debug, Clone)]
pub struct Verification {
    /// The name of the file.
    pub path: String,
    /// The kind of file.
    pub kind: FileKind,
    /// The question.
    pub purpose: Purpose,
    /// The notifications in it.
    pub notifications: Vec<CheckedNotification>,
    /// Cards of which the file says that they signed nothing.
    pub signed_nothing: Vec<String>,
    /// Cards and profiles that the words of the file name, and that its proof is not about.
    pub other_numbers: Vec<String>,
    /// Devices in the report whose cards have signed nothing in it, beside those of which it says so.
    pub not_covered: Vec<ReportedDevice>,
}

impl CheckedNotification {
    /// True if everything holds.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.proven.is_some() && self.problems.is_empty()
    }
}

impl Verification {
    /// True if there is a notification, everything about all of them holds, and no other device is said to be rid of
    /// the profile.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        !self.notifications.is_empty()
            && self.notifications.iter().all(CheckedNotification::is_verified)
            && !self.not_covered.iter().any(|device| device.says_removed)
    }
}

impl Manager {
    /// Checks the proof in a file.
    ///
    /// # Errors
    /// If the file cannot be read, or is of no kind that carries proof. A proof that does not hold is no error here.
    pub fn verify_proof(&self, path: &Path, purpose: Purpose) -> Result<Verification, Error> {
        let name = path.display().to_string();
        let file = file::read(path).map_err(|why| Error::new(Id::ProofFile).with("path", &name).with("why", why))?;
        let verifier = self.proof_verifier()?;
        Ok(verify(&verifier, file, purpose, name, jiff::Timestamp::now().as_second()))
    }
}

fn verify(verifier: &ProofVerifier, file: ProofFile, purpose: Purpose, path: String, now: i64) -> Verification {
    let ProofFile { kind, claims, shown, signed_nothing } = file;
    let eids: Vec<String> = claims.iter().filter_map(|claim| claim.eid.clone()).collect();
    let differing = |claim: &Claim| shown.as_ref().map_or_else(Vec::new, |shown| differing_fields(shown, claim, &eids));
    let check = |claim: Claim| {
        let differing = differing(&claim);
        check(verifier, claim, differing, purpose, now)
    };
    // Where nothing is signed, the proof is about nothing.
    let proof_of = shown.as_ref().filter(|_| !claims.is_empty());
    let other_numbers = proof_of.map_or_else(Vec::new, |shown| other_numbers(shown, &claims));
    let not_covered = proof_of.map_or_else(Vec::new, |shown| not_covered(shown, &eids, &signed_nothing));
    let notifications = claims.into_iter().map(check).collect();
    Verification { path, kind, purpose, notifications, signed_nothing, other_numbers, not_covered }
}

fn check(
    verifier: &ProofVerifier,
    claim: Claim,
    differing: Vec<&'static str>,
    purpose: Purpose,
    now: i64,
) -> CheckedNotification {
    let failed = |claim, problem| CheckedNotification { claim, sha256: None, proven: None, problems: vec![problem] };
    let bytes = match &claim.payload {
        Payload::Missing => return failed(claim, Problem::Masked),
        Payload::Unreadable(why) => {
            let why = why.clone();
            return failed(claim, Problem::NotBase64(why));
        }
        Payload::Bytes(bytes) => bytes.clone(),
    };
    let sha256 = Some(sha256_hex(&bytes));
    let proven = match verifier.verify(&bytes, now) {
        Ok(proven) => proven,
        Err(error) => {
            let problems = vec![Problem::NotProven(error)];
            return CheckedNotification { claim, sha256, proven: None, problems };
        }
    };
    let mut problems: Vec<Problem> = claim.differences(&proven, &bytes).into_iter().map(Problem::Differs).collect();
    problems.extend(differing.into_iter().map(Problem::TableDiffers));
    let event = crate::outbox::event_words(&proven.metadata);
    if purpose == Purpose::Deletion && event != "delete" {
        problems.push(Problem::NotADeletion(event));
    }
    CheckedNotification { claim, sha256, proven: Some(proven), problems }
}

/// The fields that a report shows otherwise than the claim has them. `eids` are those of all its claims.
fn differing_fields(shown: &Shown, claim: &Claim, eids: &[String]) -> Vec<&'static str> {
    let mut differing = Vec::new();
    let known = |number: &String| shown.others.contains(number);
    let (cards, profiles): (Vec<&String>, Vec<&String>) = shown.numbers.iter().partition(|number| number.len() == 32);
    let (eid, iccid) = (claim.eid.clone().unwrap_or_default(), claim.iccid.clone().unwrap_or_default());
    let is_profile = |number: &String| *number == iccid;
    if shown.profile.is_empty()
        || !shown.profile.iter().all(is_profile)
        || !profiles.into_iter().all(|number| is_profile(number) || known(number))
    {
        differing.push("iccid");
    }
    let is_card = |number: &String| eids.contains(number) || shown.has_device(number) || known(number);
    if !shown.has_device(&eid) || !cards.into_iter().all(is_card) {
        differing.push("eid");
    }
    if let Some(rows) = &shown.rows {
        differing.extend(differing_in_row(rows, claim));
    }
    differing
}

/// The devices of a report of which it has no notification, and does not say that they signed none.
fn not_covered(shown: &Shown, eids: &[String], signed_nothing: &[String]) -> Vec<ReportedDevice> {
    let is_covered = |device: &&ReportedDevice| eids.contains(&device.eid) || signed_nothing.contains(&device.eid);
    shown.devices.iter().filter(|device| !is_covered(device)).cloned().collect()
}

/// The cards and profiles that a report mentions besides those of its claims, its devices and its list of others.
fn other_numbers(shown: &Shown, claims: &[Claim]) -> Vec<String> {
    let claimed = |number: &String| {
        claims.iter().any(|claim| [&claim.eid, &claim.iccid].into_iter().flatten().any(|known| known == number))
    };
    let mut others: Vec<String> = shown
        .mentioned
        .iter()
        .filter(|number| !claimed(number) && !shown.has_device(number) && !shown.others.contains(number))
        .cloned()
        .collect();
    others.sort();
    others.dedup();
    others.truncate(MAX_OTHER_NUMBERS);
    others
}

/// Hash, number and server stand in one row of the report.
fn differing_in_row(rows: &[Vec<String>], claim: &Claim) -> Vec<&'static str> {
    let shows = |row: &[String], value: &Option<String>| value.as_ref().is_some_and(|value| row.contains(value));
    let Some(row) = rows.iter().find(|row| shows(row, &claim.sha256)) else { return vec!["sha256"] };
    let fields = [("seq", &claim.seq), ("server", &claim.server)];
    fields.into_iter().filter(|(_, value)| !shows(row, value)).map(|(field, _)| field).collect()
}
