//! A Bound Profile Package on its way in (SGP.22 2.5.4, 2.5.6, 5.7.6): segment by segment, and never kept as a whole.
//!
//! | Part | Command in it | What the card checks |
//! |---|---|---|
//! | `BF23` | InitialiseSecureChannel | purpose, session, kind of keys, signature |
//! | `A0` | ConfigureISDP | that it can be opened and read |
//! | `A1` | StoreMetadata | number, class and rules of the profile |
//! | `A2` | ReplaceSessionKeys | that it can be read |
//! | `A3` | LoadProfileElements | each element, as `elements` has it |
//!
//! Whatever is wrong ends the load and the session, with a signed result that waits as a notification.

mod commands;
mod element;
mod elements;
mod result;

use sgp22::apdu::StatusWord;
use sgp22::bpp::InitialiseSecureChannel;
use sgp22::es10b::{BppCommand, BppErrorReason};
use sgp22::metadata::StoreMetadata;
use sgp22::store_data;
use sgp22::tlv::{Reader, Tag, Tlv, split_header};

use super::session::{Peer, Prepared, Session};
use super::{Isdr, Outcome};
use crate::card::quirk::Quirk;
use crate::card::state::StoredLoad;
use crate::crypto::{OpenBlockError, SecureChannel};
use elements::{Expected, ProfileStream};

/// The tag of a package.
pub(super) const PACKAGE: Tag = Tag(0xBF36);
/// The tags that segments behind the first one begin with.
pub(super) const SEGMENTS: [Tag; 7] = [Tag(0xA0), Tag(0xA1), Tag(0xA2), Tag(0xA3), Tag(0x86), Tag(0x87), Tag(0x88)];

/// A command inside the package that is longer than this is none. Metadata with an icon has a bit more than 1,200 bytes.
const LONGEST_COMMAND: usize = 8 * 1024;

/// A load that is under way.
#[derive(Debug)]
pub(in crate::card) struct Load {
    pub(super) peer: Peer,
    /// The card's one-time key, which is erased when the profile is there.
    one_time_key: p256::SecretKey,
    channel: SecureChannel,
    part: Part,
    /// The part's header has come.
    open: bool,
    /// Bytes of the part that are still to come.
    part_left: usize,
    /// Bytes of the package behind this part.
    package_left: usize,
    /// Blocks of the part that have come.
    blocks: usize,
    /// The command in the part, as far as it has come.
    command: Vec<u8>,
    description: Option<StoreMetadata>,
    profile: Option<ProfileStream>,
}

/// A part of the package behind the first one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Configure,
    Metadata,
    Keys,
    Elements,
}

impl Part {
    const fn tag(self) -> Tag {
        match self {
            Self::Configure => Tag(0xA0),
            Self::Metadata => Tag(0xA1),
            Self::Keys => Tag(0xA2),
            Self::Elements => Tag(0xA3),
        }
    }

    const fn block_tag(self) -> Tag {
        match self {
            Self::Configure | Self::Keys => Tag(0x87),
            Self::Metadata => Tag(0x88),
            Self::Elements => Tag(0x86),
        }
    }

    /// True if the header is a segment of its own, and so is each block; else it comes with the first block.
    const fn header_comes_alone(self) -> bool {
        matches!(self, Self::Metadata | Self::Elements)
    }
}

/// Why a load ends.
#[derive(Debug, PartialEq, Eq)]
struct Failure {
    reason: BppErrorReason,
    /// What the card says of the profile elements.
    sima_response: Option<Vec<u8>>,
}

impl From<BppErrorReason> for Failure {
    fn from(reason: BppErrorReason) -> Self {
        Self { reason, sima_response: None }
    }
}

impl From<OpenBlockError> for Failure {
    fn from(error: OpenBlockError) -> Self {
        match error {
            OpenBlockError::Structure => BppErrorReason::StructureError.into(),
            OpenBlockError::Security => BppErrorReason::SecurityError.into(),
        }
    }
}

/// What follows from a segment.
enum Progress {
    /// Something comes behind it.
    More,
    /// A command of the package was carried out, and what stands in the card's state about the load with it.
    Noted,
    /// It was the last one: the profile can be installed.
    Complete,
}

impl Isdr<'_> {
    /// Takes a segment of a package.
    pub(super) fn load(&mut self, segment: &[u8]) -> Result<Outcome, StatusWord> {
        if self.quirks.has(Quirk::LoadRefused) {
            return Err(StatusWord::CONDITIONS_NOT_SATISFIED);
        }
        match std::mem::take(self.session) {
            Session::Prepared(prepared) if store_data::leading_tag(segment) == Some(PACKAGE) => {
                Ok(self.begin_load(prepared, segment))
            }
            Session::Loading(load) => Ok(self.go_on(load, segment)),
            session => {
                *self.session = session;
                Err(StatusWord::CONDITIONS_NOT_SATISFIED)
            }
        }
    }

    fn begin_load(&mut self, prepared: Prepared, segment: &[u8]) -> Outcome {
        let peer = prepared.peer.clone();
        let command = BppCommand::InitialiseSecureChannel;
        let begun = self.balks_at(command).and_then(|()| self.initialise(prepared, segment));
        match begun {
            Ok(load) => {
                self.euicc.loading = Some(StoredLoad {
                    transaction_id: peer.transaction_id,
                    address: peer.address.to_string(),
                    server: peer.oid,
                    command: load.command_id().code(),
                    iccid: None,
                });
                *self.session = Session::Loading(Box::new(load));
                answer(Vec::new(), true)
            }
            Err(failure) => self.fail(&peer, command, None, failure),
        }
    }

    fn initialise(&self, prepared: Prepared, segment: &[u8]) -> Result<Load, Failure> {
        let malformed = BppErrorReason::IncorrectInputValues;
        let (_, length, first) = split_header(segment).map_err(|_| malformed)?;
        let request = InitialiseSecureChannel::decode(first).map_err(|_| malformed)?;
        let package_left = length.checked_sub(first.len()).ok_or(BppErrorReason::StructureError)?;
        let channel = self.secure_channel(&prepared, first, &request)?;
        Ok(Load {
            peer: prepared.peer,
            one_time_key: prepared.one_time_key,
            channel,
            part: Part::Configure,
            open: false,
            part_left: 0,
            package_left,
            blocks: 0,
            command: Vec::new(),
            description: None,
            profile: None,
        })
    }

    fn go_on(&mut self, mut load: Box<Load>, segment: &[u8]) -> Outcome {
        let command = load.awaited(segment);
        let iccid = |load: &Load| load.description.as_ref().map(|description| description.iccid.clone());
        if let Err(failure) = self.balks_at(command) {
            return self.fail(&load.peer, command, iccid(&load), failure);
        }
        let progress = self.take_segment(&mut load, segment);
        let iccid = iccid(&load);
        match progress {
            Ok(Progress::Complete) => self.install(*load),
            Ok(progress) => {
                let noted = matches!(progress, Progress::Noted);
                if let Some(stored) = self.euicc.loading.as_mut().filter(|_| noted) {
                    stored.command = load.command_id().code();
                    stored.iccid = iccid;
                }
                *self.session = Session::Loading(load);
                answer(Vec::new(), noted)
            }
            Err(failure) => self.fail(&load.peer, load.failing(command), iccid, failure),
        }
    }

    /// What a quirk ends the load with.
    fn balks_at(&self, command: BppCommand) -> Result<(), Failure> {
        let wanted = self.quirks.parameter(Quirk::InstallError).and_then(|wanted| wanted.split_once('/'));
        let Some((Ok(at), Ok(reason))) = wanted.map(|(at, reason)| (at.parse::<i64>(), reason.parse())) else {
            return Ok(());
        };
        if at != command.code() {
            return Ok(());
        }
        let reason = BppErrorReason::from_code(reason);
        let sima_response = (reason == BppErrorReason::PeProcessing).then(elements::refusal_of_a_quirk);
        Err(Failure { reason, sima_response })
    }

    fn take_segment(&mut self, load: &mut Load, segment: &[u8]) -> Result<Progress, Failure> {
        let blocks = if load.open {
            segment
        } else {
            let rest = load.open_part(segment)?;
            if load.part.header_comes_alone() {
                return if rest.is_empty() { Ok(Progress::More) } else { Err(BppErrorReason::StructureError.into()) };
            }
            rest
        };
        let mut seen = 0;
        for block in Reader::new("BoundProfilePackage", blocks) {
            seen += 1;
            let block = block.map_err(|_| BppErrorReason::StructureError)?;
            load.take_block(&block)?;
        }
        if seen == 0 || (seen > 1 && load.part.header_comes_alone()) {
            return Err(BppErrorReason::StructureError.into());
        }
        if load.part_left > 0 { Ok(Progress::More) } else { self.close_part(load) }
    }

    /// Carries out the command of a part that is complete.
    fn close_part(&mut self, load: &mut Load) -> Result<Progress, Failure> {
        let command = std::mem::take(&mut load.command);
        match load.part {
            Part::Configure => {
                commands::check_configuration(&command)?;
                load.part = Part::Metadata;
            }
            Part::Metadata => {
                let description = commands::description(&command)?;
                load.description = Some(description.clone());
                self.check_description(&description)?;
                let StoreMetadata { iccid, class, .. } = description;
                load.profile = Some(ProfileStream::new(Expected { iccid, class, room: self.free_memory() }));
                load.part = Part::Keys;
            }
            Part::Keys => {
                load.channel.replace(&commands::session_keys(&command)?);
                load.part = Part::Elements;
            }
            Part::Elements => return Ok(Progress::Complete),
        }
        load.open = false;
        Ok(if load.part == Part::Keys { Progress::Noted } else { Progress::More })
    }
}

impl Load {
    /// The command that this segment should be about.
    fn awaited(&self, segment: &[u8]) -> BppCommand {
        match self.part {
            Part::Metadata if self.open && self.blocks > 0 => BppCommand::StoreMetadata2,
            Part::Keys if store_data::leading_tag(segment) == Some(Part::Keys.tag()) => BppCommand::ReplaceSessionKeys,
            _ => self.command_id(),
        }
    }

    /// The command that is under way, or comes next.
    fn command_id(&self) -> BppCommand {
        match self.part {
            Part::Configure => BppCommand::ConfigureIsdp,
            Part::Metadata if self.blocks < 2 => BppCommand::StoreMetadata,
            Part::Metadata => BppCommand::StoreMetadata2,
            // Behind the metadata keys may come, but need not.
            Part::Keys if self.open => BppCommand::ReplaceSessionKeys,
            Part::Keys | Part::Elements => BppCommand::LoadProfileElements,
        }
    }

    /// The command that failed: the one that the segment turned out to be about, or the one that was waited for.
    fn failing(&self, waited_for: BppCommand) -> BppCommand {
        if self.open { self.command_id() } else { waited_for }
    }

    /// Reads the header of a part; what stands behind it in the segment.
    fn open_part<'s>(&mut self, segment: &'s [u8]) -> Result<&'s [u8], Failure> {
        let disorder = BppErrorReason::StructureError;
        let (tag, length, rest) = split_header(segment).map_err(|_| disorder)?;
        if self.part == Part::Keys && tag == Part::Elements.tag() {
            self.part = Part::Elements;
        }
        let whole = segment.len() - rest.len() + length;
        let fits = tag == self.part.tag() && length > 0 && whole <= self.package_left;
        if !fits {
            return Err(disorder.into());
        }
        self.package_left -= whole;
        if self.part == Part::Elements && self.package_left > 0 {
            return Err(disorder.into());
        }
        (self.open, self.part_left, self.blocks) = (true, length, 0);
        Ok(rest)
    }

    fn take_block(&mut self, block: &Tlv<'_>) -> Result<(), Failure> {
        self.blocks += 1;
        if block.tag != self.part.block_tag() {
            return Err(BppErrorReason::StructureError.into());
        }
        self.part_left = self.part_left.checked_sub(block.raw.len()).ok_or(BppErrorReason::StructureError)?;
        let content = match self.part {
            Part::Metadata => self.channel.verify(block.tag, block.value)?.to_vec(),
            _ => self.channel.decrypt(block.tag, block.value)?,
        };
        if let (Part::Elements, Some(profile)) = (self.part, &mut self.profile) {
            return profile.feed(&content);
        }
        if self.command.len() + content.len() > LONGEST_COMMAND {
            return Err(BppErrorReason::IncorrectInputValues.into());
        }
        self.command.extend(content);
        Ok(())
    }
}

fn answer(answer: Vec<u8>, changed: bool) -> Outcome {
    Outcome { answer, changed, switched: false }
}
