//! Phone books: EF.PBR and the files that it names, and EF.ADN by itself.

use std::collections::BTreeMap;

use super::files::{Trouble, Usim};
use super::{ADF, DF_TELECOM, ReadError, sort};
use crate::contents::{Contact, Damaged, Part, Records, Source};
use crate::dialling::Dialling;
use crate::phonebook::{BookFile, Link, Role, decode_companion, decode_reference};
use crate::{Slot, dialling, hex};

const DF_PHONEBOOK: u16 = 0x5F3A;
const EF_PBR: u16 = 0x4F30;
const EF_ADN: u16 = 0x6F3A;
/// The most files that belong to one part of a book; more make no sense.
const MOST_FILES: usize = 32;
/// The most parts of a book.
const MOST_PARTS: usize = 16;

impl Usim<'_> {
    /// All phone books. Entries of EF.ADN that stand in one of the others, too, are given once.
    pub(super) fn contacts(&mut self) -> Result<Part<Records<Contact>>, ReadError> {
        let mut all = Records::default();
        let mut troubles = Vec::new();
        let mut found = 0;
        for (source, parent) in [(Source::UsimPhoneBook, ADF), (Source::PhoneBook, DF_TELECOM)] {
            match self.book(source, parent, &mut all) {
                Ok(()) => found += 1,
                Err(trouble) => troubles.push(trouble),
            }
        }
        match self.adn(Source::Adn, &[DF_TELECOM, EF_ADN], &mut all.damaged) {
            Ok(entries) => {
                found += 1;
                let known = |new: &Contact| {
                    all.entries.iter().any(|old| old.name == new.name && old.numbers.first() == new.numbers.first())
                };
                let new: Vec<Contact> = entries.into_iter().filter(|entry| !known(entry)).collect();
                all.entries.extend(new);
            }
            Err(trouble) => troubles.push(trouble),
        }
        // What could not be read is the part, unless something else could.
        let mut part = Part::Absent;
        for trouble in troubles {
            match self.part(trouble)? {
                Part::Unreadable { why } if found > 0 => all.notes.push(format!("one phone book was not read: {why}")),
                Part::NeedsPin { .. } if found > 0 => all.notes.push("one phone book wants a PIN".into()),
                Part::Absent => {}
                trouble => part = trouble,
            }
        }
        Ok(if found > 0 { Part::Present { value: all } } else { part })
    }

    /// The book in DF.PHONEBOOK below `parent`.
    fn book(&mut self, source: Source, parent: u16, all: &mut Records<Contact>) -> Result<(), Trouble> {
        let path = [parent, DF_PHONEBOOK, EF_PBR];
        let content = self.file(&path)?;
        let reference = |record: &[u8]| {
            if crate::is_blank(record) {
                return Slot::Free;
            }
            match decode_reference(record) {
                files if files.is_empty() => Slot::Damaged("no references to files of a phone book"),
                files => Slot::Used(files),
            }
        };
        let parts = sort(content, &path, reference, &mut all.damaged).map_err(Trouble::Refused)?;
        for (_, mut files, _) in parts.into_iter().take(MOST_PARTS) {
            files.truncate(MOST_FILES);
            self.part_of_book(source, parent, &files, all)?;
        }
        Ok(())
    }

    fn part_of_book(
        &mut self,
        source: Source,
        parent: u16,
        files: &[BookFile],
        all: &mut Records<Contact>,
    ) -> Result<(), Trouble> {
        let Some(adn) = files.iter().find(|file| file.role == Role::Adn) else {
            all.notes.push("a part of a phone book has no names and numbers".into());
            return Ok(());
        };
        let entries = self.adn(source, &[parent, DF_PHONEBOOK, adn.id], &mut all.damaged)?;
        let mut entries: BTreeMap<u8, Contact> = entries.into_iter().map(|entry| (entry.record, entry)).collect();
        for file in files {
            let name = match file.role {
                Role::SecondName => "second names",
                Role::FurtherNumber => "further numbers",
                Role::Email => "addresses of electronic mail",
                Role::Adn | Role::Other(_) => continue,
            };
            if file.link == Link::Elsewhere {
                all.notes.push(format!("{name} of a phone book are linked in a way that is not read"));
                continue;
            }
            match self.companion(parent, *file, &mut entries, &mut all.damaged) {
                Err(Trouble::Fatal(error)) => return Err(Trouble::Fatal(error)),
                Err(Trouble::Refused(why)) => all.notes.push(format!("{name} of a phone book were not read: {why}")),
                Err(Trouble::Locked) => all.notes.push(format!("{name} of a phone book want a PIN")),
                Ok(()) | Err(Trouble::Absent) => {}
            }
        }
        all.entries.extend(entries.into_values());
        Ok(())
    }

    fn adn(&mut self, source: Source, path: &[u16], damaged: &mut Vec<Damaged>) -> Result<Vec<Contact>, Trouble> {
        let content = self.file(path)?;
        let found = sort(content, path, dialling::decode, damaged).map_err(Trouble::Refused)?;
        Ok(found.into_iter().map(|(record, entry, _)| contact(source, record, entry)).collect())
    }

    /// Adds what a file beside EF.ADN holds.
    fn companion(
        &mut self,
        parent: u16,
        file: BookFile,
        entries: &mut BTreeMap<u8, Contact>,
        damaged: &mut Vec<Damaged>,
    ) -> Result<(), Trouble> {
        let path = [parent, DF_PHONEBOOK, file.id];
        let content = self.file(&path)?;
        let decode = |record: &[u8]| match decode_companion(file.role, file.link, record) {
            Ok(Some(found)) => Slot::Used(found),
            Ok(None) => Slot::Free,
            Err(why) => Slot::Damaged(why),
        };
        for (record, (text, pointer), bytes) in sort(content, &path, decode, damaged).map_err(Trouble::Refused)? {
            let owner = if file.link == Link::Pointer { pointer } else { Some(record) };
            let Some(entry) = owner.and_then(|owner| entries.get_mut(&owner)) else {
                let why = "it belongs to no entry of the phone book".into();
                damaged.push(Damaged { file: hex(&file.id.to_be_bytes()), record, why, raw: hex(&bytes) });
                continue;
            };
            match file.role {
                Role::FurtherNumber => entry.numbers.push(text),
                Role::Email => entry.emails.push(text),
                _ => entry.second_names.push(text),
            }
        }
        Ok(())
    }
}

fn contact(source: Source, record: u8, entry: Dialling) -> Contact {
    let numbers = if entry.number.is_empty() { Vec::new() } else { vec![entry.number] };
    Contact { source, record, name: entry.name, numbers, emails: Vec::new(), second_names: Vec::new(), cut: entry.cut }
}
