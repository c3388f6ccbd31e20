//! A backup on the disk.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{Backup, csv, describe, vcard};
use crate::error::{Error, Id};

/// A file that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BackupFile {
    /// Its name in the directory.
    pub name: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// Its length in bytes.
    pub bytes: usize,
    /// SHA-256 of its content, in hexadecimal.
    pub sha256: String,
}

impl Backup {
    /// The files of it, with their content. Those that would be empty are left out.
    fn contents_of_files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let mut files = vec![("profile.json", pretty(&describe::profile(self)))];
        if let (Some(name), Some(icon)) = (describe::icon_name(self), &self.profile.icon) {
            files.push((name, icon.clone()));
        }
        let Some(contents) = self.contents() else { return files };
        files.push((
            "sim.json",
            pretty(&json!({
                "format": describe::FORMAT,
                "taken_at": self.taken_at.to_string(),
                "imsi_masked": self.imsi_masked,
                "sim": contents,
            })),
        ));
        if let Some(contacts) = contents.contacts.value().map(|book| &book.entries).filter(|all| !all.is_empty()) {
            files.push(("contacts.vcf", vcard::cards(contacts).into_bytes()));
            files.push(("contacts.csv", csv::contacts(contacts).into_bytes()));
        }
        if let Some(messages) = contents.messages.value().map(|all| &all.entries).filter(|all| !all.is_empty()) {
            files.push(("messages.json", pretty(&json!({ "format": describe::FORMAT, "messages": messages }))));
            files.push(("messages.csv", csv::messages(messages).into_bytes()));
        }
        files
    }

    /// Writes it into a directory, which is made if it is missing. Files are for their owner alone, and none is replaced:
    /// if one of them is there already, nothing is written.
    pub fn write(&self, directory: &Path) -> Result<Vec<BackupFile>, Error> {
        let files = self.contents_of_files();
        DirBuilder::new().recursive(true).mode(0o700).create(directory).map_err(|error| failed(directory, &error))?;
        for (name, _) in &files {
            let path = directory.join(name);
            if path.symlink_metadata().is_ok() {
                return Err(Error::new(Id::BackupExists).with("path", path.display()));
            }
        }
        let mut written = Vec::new();
        for (name, content) in files {
            let path = directory.join(name);
            if let Err(error) = write_new(&path, &content) {
                // Half a backup would be taken for a whole one.
                written.iter().for_each(|file: &BackupFile| drop(std::fs::remove_file(&file.path)));
                return Err(error);
            }
            let sha256 = HEXLOWER.encode(&Sha256::digest(&content));
            written.push(BackupFile { name, path, bytes: content.len(), sha256 });
        }
        File::open(directory).and_then(|opened| opened.sync_all()).map_err(|error| failed(directory, &error))?;
        Ok(written)
    }
}

fn write_new(path: &Path, content: &[u8]) -> Result<(), Error> {
    let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    let mut file = opened.map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => Error::new(Id::BackupExists).with("path", path.display()),
        _ => failed(path, &error),
    })?;
    file.write_all(content).and_then(|()| file.sync_all()).map_err(|error| {
        let _ = std::fs::remove_file(path);
        failed(path, &error)
    })
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::new(Id::OutputFile).with("path", path.display()).cause(error)
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}
