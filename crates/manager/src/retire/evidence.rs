//! Proof: files that are copied into the state directory, and known by what is in them.

use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use private_files::{Access, Draft, Existing};
use sha2::{Digest, Sha256};

use super::case::{Case, Evidence, Step, StepRecord};
use crate::Paths;
use crate::error::{Error, Id};

/// The longest file that is taken, in bytes: scans and photographs are shorter.
pub const LONGEST_EVIDENCE: u64 = 64 << 20;
const CHUNK: usize = 1 << 16;

/// Copies a file to where it stays. It is on the disk before this returns.
pub(crate) fn keep(paths: &Paths, source: &Path) -> Result<Evidence, Error> {
    let unreadable = |error: std::io::Error| Error::new(Id::EvidenceFile).with("path", source.display()).cause(error);
    let about = std::fs::metadata(source).map_err(unreadable)?;
    if !about.is_file() {
        return Err(Error::new(Id::EvidenceFile).with("path", source.display()).cause("it is no ordinary file"));
    }
    if about.len() > LONGEST_EVIDENCE {
        return Err(too_long(source));
    }
    let mut input = File::open(source).map_err(unreadable)?;
    let directory = make_directory(paths)?;
    let (sha256, bytes) = copy(source, &mut input, &directory)?;
    let name = source.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Evidence { name, sha256, bytes })
}

/// Where the copy is.
#[must_use]
pub fn evidence_path(paths: &Paths, evidence: &Evidence) -> PathBuf {
    paths.evidence().join(&evidence.sha256)
}

/// What became of a file since it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EvidenceState {
    /// It is there, with the content that was recorded.
    Kept,
    /// It is not there, or cannot be read.
    Missing,
    /// Something else is in it.
    Changed,
}

impl EvidenceState {
    /// The stable name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Missing => "missing",
            Self::Changed => "changed",
        }
    }
}

/// Reads a file again and compares its SHA-256 with the recorded one. No more is read than was recorded.
pub(super) fn check(path: &Path, evidence: &Evidence) -> EvidenceState {
    let Ok(about) = std::fs::metadata(path) else { return EvidenceState::Missing };
    if !about.is_file() || about.len() != evidence.bytes {
        return EvidenceState::Changed;
    }
    match hash_of(path, evidence.bytes) {
        Ok(hash) if hash == evidence.sha256 => EvidenceState::Kept,
        Ok(_) => EvidenceState::Changed,
        Err(_) => EvidenceState::Missing,
    }
}

fn hash_of(path: &Path, most: u64) -> std::io::Result<String> {
    let mut file = File::open(path)?.take(most);
    let (mut hash, mut chunk) = (Sha256::new(), vec![0; CHUNK]);
    loop {
        match file.read(&mut chunk)? {
            0 => return Ok(HEXLOWER.encode(&hash.finalize())),
            count => hash.update(&chunk[..count]),
        }
    }
}

/// A file of a step: as it was recorded, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedEvidence {
    /// The step.
    pub step: Step,
    /// The file.
    pub evidence: Evidence,
    /// What became of it.
    pub state: EvidenceState,
}

/// Compares all files that a case stands on with what was recorded of them.
#[must_use]
pub(crate) fn check_all(paths: &Paths, case: &Case) -> Vec<CheckedEvidence> {
    let of = |record: &StepRecord| {
        let directory = record.directory.clone();
        let step = record.step;
        record.evidence.clone().into_iter().map(move |evidence| (step, directory.clone(), evidence))
    };
    let checked = |(step, directory, evidence): (Step, Option<String>, Evidence)| {
        let path = stored_at(paths, directory.as_deref(), &evidence);
        CheckedEvidence { step, state: check(&path, &evidence), evidence }
    };
    let by_word = case.by_word.iter().flat_map(|item| item.evidence.iter().cloned());
    let by_word = by_word.map(|evidence| (Step::Clean, None, evidence));
    case.steps.iter().flat_map(of).chain(by_word).map(checked).collect()
}

/// Files of a backup keep their names in its directory; proof is known by its content.
pub(super) fn stored_at(paths: &Paths, directory: Option<&str>, evidence: &Evidence) -> PathBuf {
    directory.map_or_else(|| evidence_path(paths, evidence), |directory| Path::new(directory).join(&evidence.name))
}

fn too_long(source: &Path) -> Error {
    Error::new(Id::EvidenceTooLong).with("path", source.display()).with("megabytes", LONGEST_EVIDENCE >> 20)
}

fn make_directory(paths: &Paths) -> Result<PathBuf, Error> {
    paths.make_state()?;
    let directory = paths.evidence();
    private_files::make_directory(&directory, Access::Directory)
        .map_err(|error| Error::new(Id::StateDirectory).with("path", directory.display()).cause(error))?;
    Ok(directory)
}

fn copy(source: &Path, input: &mut File, directory: &Path) -> Result<(String, u64), Error> {
    let unreadable = |error: std::io::Error| Error::new(Id::EvidenceFile).with("path", source.display()).cause(error);
    let unwritten = |error: std::io::Error| {
        let full = error.kind() == std::io::ErrorKind::StorageFull;
        let id = if full { Id::StateFull } else { Id::StateDirectory };
        Error::new(id).with("path", directory.display()).cause(error)
    };
    // The name follows from the content: a file that has it already is the same one.
    let mut output = Draft::new_in(directory, Access::Directory, Existing::Replace).map_err(unwritten)?;
    let (mut hash, mut length, mut chunk) = (Sha256::new(), 0u64, vec![0; CHUNK]);
    loop {
        let count = input.read(&mut chunk).map_err(unreadable)?;
        if count == 0 {
            break;
        }
        // It may grow while it is read.
        length += count as u64;
        if length > LONGEST_EVIDENCE {
            return Err(too_long(source));
        }
        hash.update(&chunk[..count]);
        output.write_all(&chunk[..count]).map_err(unwritten)?;
    }
    let sha256 = HEXLOWER.encode(&hash.finalize());
    output.persist(&directory.join(&sha256), Existing::Replace).map_err(unwritten)?;
    Ok((sha256, length))
}
