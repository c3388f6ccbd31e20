//! An open ISD-R: typed call and answer.

use sgp22::apdu::StatusWord;
use sgp22::es10c::{GetEid, GetProfilesInfo};
use sgp22::fci::IsdrFci;
use sgp22::id::{Aid, Eid};
use sgp22::store_data;
use sgp22::tlv::{self, Tag, Writer};
use sgp22::transport::{
    Channel, OpenChannel, OpenError, Patience, Terminal, Transport, TransportError, TransportErrorKind,
};
use sgp22::{Function, apdu::Response};

use crate::Error;

/// Block sizes to fall back to, in bytes, when a card or reader refuses longer ones.
const SMALLER_BLOCKS: [u8; 4] = [120, 60, 32, 16];

/// Data of this length fits into every modem's lines (field reports, modem-reference 1.3): what a modem loses for its
/// length is longer.
const SHORT: usize = 60;

/// Says whether the user wants to stop.
///
/// It is asked before every command that only reads, and never once a command that changes something is on its way:
/// what was begun is finished and proved.
pub trait Interrupt {
    /// True once the user wants to stop.
    fn requested(&self) -> bool;
}

/// For those who cannot be interrupted.
#[derive(Debug, Clone, Copy)]
pub struct NeverInterrupted;

impl Interrupt for NeverInterrupted {
    fn requested(&self) -> bool {
        false
    }
}

/// The ISD-R of one eUICC, selected on a channel of its own. The channel is closed when this is dropped.
pub struct Isdr<'t> {
    transport: &'t mut dyn Transport,
    interrupt: &'t dyn Interrupt,
    channel: Channel,
    application: Aid,
    fci: IsdrFci,
    block: u8,
    /// The length of the block that was sent last.
    sent: usize,
    /// A change is under way: interrupting would leave it unproved.
    busy: bool,
    /// How often the ISD-R was selected.
    openings: u32,
    /// The card takes tag lists in GetProfilesInfo.
    pub(crate) takes_tag_lists: bool,
    /// The card takes search criteria in RetrieveNotificationsList.
    pub(crate) searches_notifications: bool,
    /// EUICCInfo1 as it came, once it was asked for: a download needs it twice.
    pub(crate) info1: Option<Vec<u8>>,
}

/// Why there is no ISD-R to talk to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenIsdrError {
    /// The card has none, or the way to it failed.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The card has fewer secure elements than asked for.
    #[error("the card has {present} secure elements, numbered from 0")]
    NoSuchElement {
        /// How many it has.
        present: usize,
    },
    /// A secure element could not be asked who it is.
    #[error(transparent)]
    Ask(#[from] Error),
}

impl<'t> Isdr<'t> {
    /// Opens the first of these applications that the card has.
    pub fn open(
        transport: &'t mut dyn Transport,
        applications: &[Aid],
        interrupt: &'t dyn Interrupt,
    ) -> Result<Self, OpenError> {
        let opened = transport.open_channel(applications)?;
        Ok(Self::with_channel(transport, interrupt, opened))
    }

    /// Opens the secure element with this index: the `index`-th distinct EID among these applications.
    pub fn open_element(
        transport: &'t mut dyn Transport,
        applications: &[Aid],
        index: usize,
        interrupt: &'t dyn Interrupt,
    ) -> Result<Self, OpenIsdrError> {
        let elements = elements(transport, applications, interrupt)?;
        let (application, _) = elements.get(index).ok_or(OpenIsdrError::NoSuchElement { present: elements.len() })?;
        Ok(Self::open(transport, std::slice::from_ref(application), interrupt)?)
    }

    /// An ISD-R on a channel that has been opened to it.
    pub fn with_channel(transport: &'t mut dyn Transport, interrupt: &'t dyn Interrupt, opened: OpenChannel) -> Self {
        let fci = IsdrFci::decode(&opened.fci).unwrap_or_else(|error| {
            log::info!("the answer to SELECT says nothing useful: {error}");
            IsdrFci::default()
        });
        let block = transport.longest_data();
        Self {
            transport,
            interrupt,
            channel: opened.channel,
            application: opened.application,
            fci,
            block,
            sent: 0,
            busy: false,
            openings: 1,
            takes_tag_lists: true,
            searches_notifications: true,
            info1: None,
        }
    }

    /// The AID that it was found under.
    #[must_use]
    pub fn application(&self) -> &Aid {
        &self.application
    }

    /// What it said when it was selected.
    #[must_use]
    pub fn fci(&self) -> &IsdrFci {
        &self.fci
    }

    /// The longest block that is sent, in bytes; smaller than at first if the card refused longer ones.
    #[must_use]
    pub fn block(&self) -> u8 {
        self.block
    }

    /// Carries a function out.
    pub fn call<F: Function>(&mut self, function: &F) -> Result<F::Answer, Error> {
        self.call_patiently(function, Patience::Normal)
    }

    /// The same, for a function that may take long.
    pub fn call_patiently<F: Function>(&mut self, function: &F, patience: Patience) -> Result<F::Answer, Error> {
        let answer = self.call_raw(F::NAME, &function.encode(), patience)?;
        F::decode_answer(&answer).map_err(|source| Error::Decode { function: F::NAME, source })
    }

    /// Sends a command TLV and returns the answer as it comes; `function` names it in errors.
    pub fn call_raw(&mut self, function: &'static str, tlv: &[u8], patience: Patience) -> Result<Vec<u8>, Error> {
        self.checkpoint()?;
        // A smaller block counts as found out only if it did help: other things are refused in the same words.
        let usual = self.block;
        let answer = self.adapt(function, tlv, patience);
        if answer.is_err() {
            self.block = usual;
        }
        answer
    }

    /// Sends a command TLV exactly once: for those that must not be repeated, not even in smaller blocks.
    pub(crate) fn call_once(
        &mut self,
        function: &'static str,
        tlv: &[u8],
        patience: Patience,
    ) -> Result<Vec<u8>, Error> {
        match self.send(function, tlv, patience) {
            Ok(Sent::Done(response)) => Ok(response.data),
            Ok(Sent::Refused { status, length, last }) => {
                // The next try begins with smaller ones.
                self.block = self.smaller_block(status, length, last).unwrap_or(self.block);
                Err(Error::Status { function, status })
            }
            Err(error) => {
                self.block = self.block_after(&error).unwrap_or(self.block);
                Err(error)
            }
        }
    }

    /// Finds out whether a block of this size passes, by a read that finds nothing: a search for a profile that nobody has.
    pub fn takes(&mut self, block: u8) -> Result<bool, Error> {
        self.checkpoint()?;
        if self.transport.terminal().is_some() {
            // Some modems drop a line that is too long and give the answer before it again: that must be another one.
            self.eid()?;
        }
        let usual = std::mem::replace(&mut self.block, block);
        let sent = self.send("probe", &probe(block), Patience::Normal);
        self.block = usual;
        match sent {
            Ok(Sent::Done(response)) => Ok(tlv::open("probe", &response.data, GetProfilesInfo::TAG).is_ok()),
            Ok(Sent::Refused { status, .. }) => {
                log::info!("a block of {block} bytes is refused ({status})");
                Ok(false)
            }
            Err(error) if self.block_after(&error).is_some() => {
                log::info!("a block of {block} bytes is lost: {error}");
                self.renew()?;
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// Goes over to the longest blocks if they pass.
    pub fn stretch(&mut self) -> Result<(), Error> {
        if self.block < u8::MAX && self.takes(u8::MAX)? {
            self.block = u8::MAX;
        }
        Ok(())
    }

    /// Closes the channel and opens another.
    fn renew(&mut self) -> Result<(), Error> {
        if let Err(error) = self.close() {
            log::info!("the channel could not be closed: {error}");
        }
        self.reopen()
    }

    /// The block size to go on with if a modem may have lost a block for its length: modems say no more than that it failed.
    fn block_after(&mut self, error: &Error) -> Option<u8> {
        use TransportErrorKind::{Garbage, Lost, Refused};
        let lost = error.transport().is_some_and(|error| matches!(error.kind, Lost | Garbage | Refused));
        let sent = self.sent;
        let smaller = || SMALLER_BLOCKS.into_iter().find(|size| usize::from(*size) < sent);
        if lost && sent > SHORT && self.transport.terminal().is_some() { smaller() } else { None }
    }

    /// Sends the TLV in blocks that get smaller as long as the card refuses them for their length.
    fn adapt(&mut self, function: &'static str, tlv: &[u8], patience: Patience) -> Result<Vec<u8>, Error> {
        loop {
            let sent = match self.send(function, tlv, patience) {
                // What changes the card is short, and goes once.
                Err(error) if !self.busy => match self.block_after(&error) {
                    Some(block) => {
                        log::info!("{error}: now {block} bytes a block");
                        self.renew()?;
                        self.block = block;
                        continue;
                    }
                    None => return Err(error),
                },
                sent => sent?,
            };
            match sent {
                Sent::Done(response) => {
                    log::info!("{function}: {} bytes, answer {} bytes", tlv.len(), response.data.len());
                    return Ok(response.data);
                }
                Sent::Refused { status, length, last } => match self.smaller_block(status, length, last) {
                    Some(block) => {
                        log::info!("{function}: the card refuses {length} bytes ({status}), now {block} a block");
                        self.block = block;
                    }
                    None => return Err(Error::Status { function, status }),
                },
            }
        }
    }

    /// Sends the blocks; the command is carried out with the last one, so a refused chain has done nothing.
    fn send(&mut self, function: &'static str, tlv: &[u8], patience: Patience) -> Result<Sent, Error> {
        let blocks = store_data::blocks(tlv, self.block).map_err(|source| Error::TooLong { function, source })?;
        let count = blocks.len();
        for (command, number) in blocks.into_iter().zip(1..) {
            let length = command.data.len();
            self.sent = length;
            let last = number == count;
            let patience = if last { patience } else { Patience::Normal };
            let response = self
                .transport
                .transmit(self.channel, command, patience)
                .map_err(|source| Error::Transport { function, source })?;
            if !response.status.is_ok() {
                return Ok(Sent::Refused { status: response.status, length, last });
            }
            if last {
                return Ok(Sent::Done(response));
            }
        }
        // A TLV has at least a tag and a length, hence a block.
        Ok(Sent::Done(Response::ok(Vec::new())))
    }

    /// The block size to try next if the refusal was for the length of a block.
    fn smaller_block(&self, status: StatusWord, length: usize, last: bool) -> Option<u8> {
        let for_length = status == StatusWord::WRONG_LENGTH || (status == StatusWord::WRONG_DATA && !last);
        SMALLER_BLOCKS.into_iter().find(|size| for_length && usize::from(*size) < length)
    }

    /// Resets the card and selects the ISD-R anew: after a switch, and to find out the truth after an error.
    pub fn reset(&mut self) -> Result<(), Error> {
        log::info!("resetting the card");
        self.transport.reset().map_err(|source| Error::Transport { function: "reset", source })?;
        self.reopen()
    }

    /// How often the ISD-R was selected: once, and again after each reset. What was read before a reset need not be what the
    /// card holds now, and in a reader it need not even be the same card.
    #[must_use]
    pub fn openings(&self) -> u32 {
        self.openings
    }

    /// The modem that uses the card by itself, if there is one.
    pub fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        self.transport.terminal()
    }

    /// Selects the ISD-R anew after the modem took the card's power: the channel is gone.
    pub fn reopen(&mut self) -> Result<(), Error> {
        let opened = self.transport.open_channel(std::slice::from_ref(&self.application)).map_err(Error::Reopen)?;
        self.channel = opened.channel;
        self.openings += 1;
        self.info1 = None;
        Ok(())
    }

    /// Returns early if the user wants to stop and may.
    pub(crate) fn checkpoint(&self) -> Result<(), Error> {
        if !self.busy && self.interrupt.requested() { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// Lets nobody stop what follows: used to put a card back into its former state.
    pub fn ignore_interrupts(&mut self) {
        self.interrupt = &NeverInterrupted;
    }

    /// From here to the end of `work` nothing is interrupted.
    pub(crate) fn uninterrupted<T>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.set_busy(true);
        let result = work(self);
        self.set_busy(before);
        result
    }

    /// Says whether something is under way that must be finished; gives what was said before.
    pub(crate) fn set_busy(&mut self, busy: bool) -> bool {
        std::mem::replace(&mut self.busy, busy)
    }

    /// Asks for the EID.
    pub fn eid(&mut self) -> Result<Eid, Error> {
        self.call(&GetEid)
    }

    fn close(&mut self) -> Result<(), TransportError> {
        self.transport.close_channel(self.channel)
    }
}

impl Drop for Isdr<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.close() {
            log::info!("the channel could not be closed: {error}");
        }
    }
}

enum Sent {
    Done(Response),
    Refused { status: StatusWord, length: usize, last: bool },
}

/// A command of this length that asks for a profile with an ICCID that nobody has: GetProfilesInfo with a list of tags that
/// is as long as it takes.
fn probe(length: u8) -> Vec<u8> {
    const TAGS: [u8; 6] = [0x5A, 0x4F, 0x90, 0x91, 0x92, 0x95];
    let with = |tags: usize| {
        Writer::object(GetProfilesInfo::TAG, |w| {
            w.nest(Tag(0xA0), |w| {
                w.put(Tag(0x5A), &[0x98; 10]);
            });
            w.put(Tag(0x5C), &TAGS.iter().copied().cycle().take(tags).collect::<Vec<_>>());
        })
    };
    // Where lengths get a byte more there is none of just this length; one that is a byte shorter shows the same.
    let fitting = (0..usize::from(length)).map(with).take_while(|tlv| tlv.len() <= length.into()).last();
    fitting.unwrap_or_else(|| with(0))
}

/// All eUICCs on the card, by EID, under the first AID that each was found under.
pub fn elements(
    transport: &mut dyn Transport,
    applications: &[Aid],
    interrupt: &dyn Interrupt,
) -> Result<Vec<(Aid, Eid)>, OpenIsdrError> {
    let mut found: Vec<(Aid, Eid)> = Vec::new();
    let mut last = OpenError::NotFound(StatusWord::NOT_FOUND);
    for application in applications {
        match Isdr::open(transport, std::slice::from_ref(application), interrupt) {
            Ok(mut isdr) => {
                let eid = isdr.eid()?;
                if found.iter().all(|(_, known)| *known != eid) {
                    found.push((application.clone(), eid));
                }
            }
            Err(error @ (OpenError::Transport(_) | OpenError::Unusable(..))) => return Err(error.into()),
            Err(error) => last = error,
        }
    }
    if found.is_empty() { Err(last.into()) } else { Ok(found) }
}
