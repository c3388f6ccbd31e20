//! The file system of the SIM that an enabled profile makes of the card (ETSI TS 102 221, 3GPP TS 31.102).
//!
//! `tree` says which files there are, `content` what is in them, `pin` who may read them. All of it follows from the
//! profile and is made anew for each command; only the PIN's state is kept.

mod content;
mod pin;
mod tree;

use sgp22::apdu::{Command, Le, StatusWord};
use sgp22::id::{Aid, Iccid};

use super::VirtualCard;
use super::quirk::Quirk;
use tree::{Body, FileSystem, Node};

/// No file of data is selected.
const NO_FILE: StatusWord = StatusWord(0x6986);
/// The file has another structure.
const OTHER_STRUCTURE: StatusWord = StatusWord(0x6981);
const RECORD_NOT_FOUND: StatusWord = StatusWord(0x6A83);
const WRONG_OFFSET: StatusWord = StatusWord(0x6B00);

/// Where a channel stands.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Place {
    /// The current directory; the MF at first.
    directory: usize,
    /// The current file.
    file: Option<usize>,
    /// The USIM is selected, so that its files can be reached.
    usim: bool,
    /// The current record; 0 for none.
    record: u8,
}

/// What is volatile about the SIM as a whole.
#[derive(Debug, Default)]
pub(super) struct OpenSim {
    /// The profile whose files the channels stand in.
    profile: Option<Iccid>,
    /// Its PIN was right.
    verified: bool,
}

impl VirtualCard {
    /// The files of the enabled profile, and where that is. A profile that was not enabled before begins anew.
    fn files(&mut self) -> Option<(usize, usize, FileSystem)> {
        let mut all = self.state.euiccs.iter().enumerate().flat_map(|(euicc, one)| {
            one.profiles.iter().enumerate().map(move |(index, profile)| (euicc, index, profile))
        });
        let found = all.find(|(_, _, profile)| profile.enabled);
        let iccid = found.map(|(_, _, profile)| profile.iccid.clone());
        if self.volatile.sim.profile != iccid {
            self.volatile.sim = OpenSim { profile: iccid, verified: false };
            for channel in &mut self.volatile.channels {
                channel.place = Place::default();
            }
        }
        found.map(|(euicc, index, profile)| (euicc, index, FileSystem::of(profile, &self.state.quirks)))
    }

    /// SELECT by identifier or path.
    pub(super) fn select_file(&mut self, command: &Command, index: usize) -> Result<Vec<u8>, StatusWord> {
        // The ISD-R has no files.
        if self.volatile.channels[index].selected.is_some() || self.volatile.needs_reset {
            return Err(StatusWord::NOT_FOUND);
        }
        let (_, _, files) = self.files().ok_or(StatusWord::NOT_FOUND)?;
        if !matches!(command.p2, 0x00 | 0x04 | 0x0C) {
            return Err(StatusWord::WRONG_P1_P2);
        }
        let place = self.volatile.channels[index].place;
        let path: Vec<u16> = command
            .data
            .chunks(2)
            .map(|id| id.try_into().map(u16::from_be_bytes))
            .collect::<Result<_, _>>()
            .map_err(|_| StatusWord::WRONG_LENGTH)?;
        let found = match (command.p1, &path[..]) {
            (0x00, []) => Some(0),
            (0x00, [id]) => files.near(place.directory, *id, place.usim),
            (0x08, [_, ..]) if !self.state.quirks.has(Quirk::NoPathSelect) => files.below(0, &path, place.usim),
            (0x09, [_, ..]) if !self.state.quirks.has(Quirk::NoPathSelect) => {
                files.below(place.directory, &path, place.usim)
            }
            (0x00, _) => return Err(StatusWord::WRONG_LENGTH),
            _ => return Err(StatusWord::WRONG_P1_P2),
        };
        let found = found.ok_or(StatusWord::NOT_FOUND)?;
        let node = files.node(found);
        let is_directory = matches!(node.body, Body::Directory);
        let place = &mut self.volatile.channels[index].place;
        place.directory = if is_directory { found } else { node.parent };
        place.file = (!is_directory).then_some(found);
        place.record = 0;
        Ok(told(&files, node, command.p2))
    }

    /// SELECT by AID, of which the beginning suffices, as far as it says that a USIM is meant.
    pub(super) fn select_usim(&mut self, command: &Command, index: usize) -> Result<Vec<u8>, StatusWord> {
        let is_usim =
            |asked: &[u8]| asked.starts_with(Aid::usim().as_bytes()) && tree::usim_aid().as_bytes().starts_with(asked);
        let (_, _, files) = self.files().filter(|_| !self.volatile.needs_reset).ok_or(StatusWord::NOT_FOUND)?;
        let adf = files.usim().filter(|_| is_usim(&command.data)).ok_or(StatusWord::NOT_FOUND)?;
        let channel = &mut self.volatile.channels[index];
        channel.selected = None;
        channel.place = Place { directory: adf, file: None, usim: true, record: 0 };
        Ok(told(&files, files.node(adf), command.p2))
    }

    /// READ BINARY, READ RECORD, VERIFY PIN, UNBLOCK PIN.
    pub(super) fn file_command(&mut self, command: &Command, index: usize) -> Result<Vec<u8>, StatusWord> {
        if self.volatile.needs_reset {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        let (euicc, profile, files) = self.files().ok_or(StatusWord::WRONG_INS)?;
        match command.ins {
            0xB0 => self.read_binary(command, index, &files),
            0xB2 => self.read_record(command, index, &files),
            0x20 => self.verify_pin(command, euicc, profile),
            _ => self.unblock_pin(command, euicc, profile),
        }
    }

    /// The file that a command is about, by its short identifier or the one selected; `sfi` is 0 for the latter.
    fn file_for<'f>(&mut self, files: &'f FileSystem, index: usize, sfi: u8) -> Result<&'f Node, StatusWord> {
        let place = &mut self.volatile.channels[index].place;
        if sfi != 0 {
            let found = files.by_short_id(place.directory, sfi).ok_or(StatusWord::NOT_FOUND)?;
            place.file = Some(found);
            place.record = 0;
        }
        let node = files.node(place.file.ok_or(NO_FILE)?);
        if node.wants_pin && files.has_pin && !self.volatile.sim.verified {
            return Err(StatusWord::SECURITY_STATUS);
        }
        Ok(node)
    }

    fn read_binary(&mut self, command: &Command, index: usize, files: &FileSystem) -> Result<Vec<u8>, StatusWord> {
        let (sfi, offset) = match command.p1 {
            p1 if p1 & 0x80 == 0 => (0, usize::from(u16::from_be_bytes([p1, command.p2]))),
            p1 if p1 & 0x60 == 0 => (p1 & 0x1F, usize::from(command.p2)),
            _ => return Err(StatusWord::WRONG_P1_P2),
        };
        let node = self.file_for(files, index, sfi)?;
        let Body::Transparent(bytes) = &node.body else { return Err(OTHER_STRUCTURE) };
        let rest = bytes.get(offset..).filter(|rest| !rest.is_empty()).ok_or(WRONG_OFFSET)?;
        match command.le {
            Le::Absent | Le::Max => Ok(rest[..rest.len().min(256)].to_vec()),
            Le::Exactly(le) => rest.get(..le as usize).map(<[u8]>::to_vec).ok_or(wrong_le(rest.len())),
        }
    }

    fn read_record(&mut self, command: &Command, index: usize, files: &FileSystem) -> Result<Vec<u8>, StatusWord> {
        let node = self.file_for(files, index, command.p2 >> 3)?;
        let Body::Records { records, .. } = &node.body else { return Err(OTHER_STRUCTURE) };
        let current = self.volatile.channels[index].place.record;
        let count = u8::try_from(records.len()).unwrap_or(u8::MAX);
        let number = match (command.p2 & 0x07, command.p1, current) {
            (0x02, 0, current) => current.saturating_add(1),
            (0x03, 0, 0) => count,
            (0x03, 0, current) => current - 1,
            (0x04, 0, current) => current,
            (0x04, number, _) => number,
            _ => return Err(StatusWord::WRONG_P1_P2),
        };
        let record = number.checked_sub(1).and_then(|at| records.get(usize::from(at))).ok_or(RECORD_NOT_FOUND)?;
        match command.le {
            Le::Exactly(le) if le as usize != record.len() => return Err(wrong_le(record.len())),
            _ => {}
        }
        // Reading a record by its number leaves the current one where it is.
        if command.p2 & 0x07 != 0x04 {
            self.volatile.channels[index].place.record = number;
        }
        Ok(record.clone())
    }
}

/// File control parameters, unless they are not wanted.
fn told(files: &FileSystem, node: &Node, p2: u8) -> Vec<u8> {
    if p2 == 0x0C { Vec::new() } else { files.fcp(node) }
}

/// `6CXX`: so many bytes there are.
fn wrong_le(length: usize) -> StatusWord {
    StatusWord::new(0x6C, u8::try_from(length).unwrap_or(0))
}
