//! A backup on the disk.

use std::path::{Path, PathBuf};

use serde::Serialize;
use serde_json::json;

use super::{Backup, csv, describe, vcard};
use crate::error::{Error, Id};
use crate::files::{Access, Existing, write_all};
use crate::hash::sha256_hex;

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

    /// Writes the files into a directory, which is made if it is missing: all of them or none. `access` says who may read
    /// them.
    ///
    /// # Errors
    /// `backup_exists` if one of them is there already and must stay, `output_file` if one cannot be written.
    pub fn write(&self, directory: &Path, access: Access, existing: Existing) -> Result<Vec<BackupFile>, Error> {
        let files = self.contents_of_files();
        write_all(directory, &files, access, existing).map_err(|mut error| {
            if error.id == Id::OutputExists {
                error.id = Id::BackupExists;
            }
            error
        })?;
        let written = files.into_iter().map(|(name, content)| BackupFile {
            name,
            path: directory.join(name),
            bytes: content.len(),
            sha256: sha256_hex(&content),
        });
        Ok(written.collect())
    }
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}
