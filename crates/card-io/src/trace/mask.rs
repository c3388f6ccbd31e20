//! Keeps secrets out of recordings: follows the TLVs that travel in STORE DATA chains, byte by byte, and blanks the
//! values that nobody else may know.
//!
//! A chain is cut anywhere, also inside a tag or a length, so each has a [`Walker`] that remembers where it stands. What
//! it cannot follow (a malformed TLV, a block out of order) it blanks to the end of the chain.

use sgp22::apdu::{Command, channel_of};

/// Where secrets stand in commands, as tags from the outermost object inwards.
const IN_COMMANDS: &[&[u32]] = &[
    // AuthenticateServer: ctxParams1, with the MatchingID in it.
    &[0xBF38, 0xA0],
    // PrepareDownload: hashCc.
    &[0xBF21, 0x04],
];
/// Where secrets stand in answers.
const IN_ANSWERS: &[&[u32]] = &[
    // AuthenticateServer: euiccSigned1, ctxParams1, matchingId. (Certificates are `30` in the same place, without `A0`.)
    &[0xBF38, 0xA0, 0x30, 0xA0, 0x80],
    // PrepareDownload: euiccSigned2, hashCc.
    &[0xBF21, 0xA0, 0x30, 0x04],
];

const STORE_DATA: u8 = sgp22::store_data::INS;
const GET_RESPONSE: u8 = 0xC0;
/// P1 of STORE DATA without the bit for the last block.
const TLV_BLOCK: u8 = 0x11;
/// P1 of STORE DATA: the bit for the last block.
const LAST: u8 = 0x80;

/// The bytes of a command or answer; `None` for one that is not shown.
pub(crate) type Masked = Vec<Option<u8>>;

/// Follows all traffic with a card, and says which bytes of it may be shown.
#[derive(Debug, Default)]
pub(crate) struct Masker {
    /// By logical channel.
    channels: [Channel; 20],
    /// The channel whose answer comes next, if the answer is part of a chain.
    answering: Option<usize>,
}

#[derive(Debug, Default)]
struct Channel {
    command: Option<CommandChain>,
    answer: Option<Walker>,
}

/// A command that comes in blocks.
#[derive(Debug)]
struct CommandChain {
    walker: Walker,
    /// As it was before the last block: that may be sent again, with another Le.
    before: Walker,
    next_block: u16,
    complete: bool,
}

impl Masker {
    /// The bytes of the next command.
    pub(crate) fn command(&mut self, command: &[u8]) -> Masked {
        self.answering = None;
        let &[class, instruction, p1, p2, ..] = command else { return shown(command) };
        let number = usize::from(channel_of(class)).min(self.channels.len() - 1);
        let channel = &mut self.channels[number];
        match instruction {
            STORE_DATA if class & 0x80 != 0 || p1 & !LAST == TLV_BLOCK => {
                self.answering = Some(number);
                channel.answer = Some(Walker::new(IN_ANSWERS));
                let walker = channel.walker_for(p1, p2);
                let (header, data, le) = split(command).unwrap_or_else(|| {
                    *walker = Walker::lost();
                    (&command[..4], &command[4..], &[])
                });
                let data = data.iter().map(|byte| walker.show(*byte));
                shown(header).into_iter().chain(data).chain(shown(le)).collect()
            }
            GET_RESPONSE => {
                self.answering = channel.answer.is_some().then_some(number);
                shown(command)
            }
            // VERIFY, CHANGE, DISABLE, ENABLE and UNBLOCK PIN (ETSI TS 102 221 11.1.9 ff.): the reader of a recording
            // knows them by `FF`.
            0x20 | 0x24 | 0x26 | 0x28 | 0x2C => {
                channel.answer = None;
                command.iter().enumerate().map(|(at, byte)| Some(if at < 5 { *byte } else { 0xFF })).collect()
            }
            _ => {
                channel.answer = None;
                shown(command)
            }
        }
    }

    /// The bytes of the answer to the last command.
    pub(crate) fn answer(&mut self, answer: &[u8]) -> Masked {
        let walker = self.answering.and_then(|number| self.channels[number].answer.as_mut());
        match (walker, answer.split_last_chunk::<2>()) {
            (Some(walker), Some((data, status))) => {
                data.iter().map(|byte| walker.show(*byte)).chain(shown(status)).collect()
            }
            _ => shown(answer),
        }
    }

    /// The card was reset: all chains are gone.
    pub(crate) fn reset(&mut self) {
        *self = Self::default();
    }
}

fn shown(bytes: &[u8]) -> Masked {
    bytes.iter().copied().map(Some).collect()
}

/// Header with Lc, data, and Le of a command; `None` if it is no proper APDU.
pub(super) fn split(command: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let length = Command::parse(command).ok()?.data.len();
    let start = match command.get(4) {
        _ if length == 0 => command.len(),
        Some(0) => 7,
        _ => 5,
    };
    let (header, rest) = command.split_at_checked(start)?;
    let (data, le) = rest.split_at_checked(length)?;
    Some((header, data, le))
}

impl Channel {
    /// What follows the block with these parameters.
    fn walker_for(&mut self, p1: u8, p2: u8) -> &mut Walker {
        let block = u16::from(p2);
        let before = match &self.command {
            _ if block == 0 => Walker::new(IN_COMMANDS),
            Some(chain) if block == chain.next_block && !chain.complete => chain.walker.clone(),
            Some(chain) if block + 1 == chain.next_block => chain.before.clone(),
            _ => Walker::lost(),
        };
        let chain = CommandChain { walker: before.clone(), before, next_block: block + 1, complete: p1 & LAST != 0 };
        &mut self.command.insert(chain).walker
    }
}

/// Where a chain of TLVs stands.
#[derive(Debug, Clone)]
struct Walker {
    secrets: &'static [&'static [u32]],
    /// The objects around the place that lead to a secret, outermost first.
    open: Vec<Open>,
    at: At,
}

#[derive(Debug, Clone, Copy)]
struct Open {
    tag: u32,
    /// Bytes of the object that are still to come, those of the elements that have begun not counted.
    left: usize,
}

#[derive(Debug, Clone, Copy)]
enum At {
    /// Before a tag.
    Start,
    /// In a tag that goes on.
    Tag(u32),
    /// Before a length.
    Length(u32),
    /// In a length that goes on for so many digits.
    LongLength(u32, u8, usize),
    /// In a value of so many bytes still to come; shown or not.
    Value(usize, bool),
    /// Nothing can be told any more.
    Lost,
}

impl Walker {
    fn new(secrets: &'static [&'static [u32]]) -> Self {
        Self { secrets, open: Vec::new(), at: At::Start }
    }

    fn lost() -> Self {
        Self { secrets: &[], open: Vec::new(), at: At::Lost }
    }

    /// Takes the next byte of the chain; gives it if it may be shown.
    fn show(&mut self, byte: u8) -> Option<u8> {
        if let At::Value(left, show) = self.at {
            self.at = if left > 1 { At::Value(left - 1, show) } else { At::Start };
            return show.then_some(byte);
        }
        self.at = self.after_header(byte).unwrap_or(At::Lost);
        (!matches!(self.at, At::Lost)).then_some(byte)
    }

    /// Takes a byte of a tag or length. `None`: this is no TLV.
    fn after_header(&mut self, byte: u8) -> Option<At> {
        if matches!(self.at, At::Start) {
            while self.open.last().is_some_and(|open| open.left == 0) {
                self.open.pop();
            }
        }
        if let Some(open) = self.open.last_mut() {
            open.left = open.left.checked_sub(1)?;
        }
        match self.at {
            At::Start if byte & 0x1F == 0x1F => Some(At::Tag(u32::from(byte))),
            At::Start => Some(At::Length(u32::from(byte))),
            At::Tag(tag) if tag > 0xFFFF => None,
            At::Tag(tag) => {
                let tag = (tag << 8) | u32::from(byte);
                Some(if byte & 0x80 == 0 { At::Length(tag) } else { At::Tag(tag) })
            }
            At::Length(tag) => match byte {
                0..=0x7F => self.enter(tag, usize::from(byte)),
                0x81..=0x83 => Some(At::LongLength(tag, byte & 0x0F, 0)),
                _ => None,
            },
            At::LongLength(tag, digits, length) => {
                let length = (length << 8) | usize::from(byte);
                if digits > 1 { Some(At::LongLength(tag, digits - 1, length)) } else { self.enter(tag, length) }
            }
            At::Value(..) | At::Lost => None,
        }
    }

    /// A value of `length` bytes begins. `None`: it is longer than the object that it stands in.
    fn enter(&mut self, tag: u32, length: usize) -> Option<At> {
        if let Some(open) = self.open.last_mut() {
            open.left = open.left.checked_sub(length)?;
        }
        let path: Vec<u32> = self.open.iter().map(|open| open.tag).chain([tag]).collect();
        let on_the_way = self.secrets.iter().any(|secret| secret.starts_with(&path));
        if on_the_way && !self.secrets.contains(&&path[..]) {
            self.open.push(Open { tag, left: length });
            return Some(At::Start);
        }
        Some(if length == 0 { At::Start } else { At::Value(length, !on_the_way) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of `chain` as a recording has them, two characters each.
    fn walked(secrets: &'static [&'static [u32]], chain: &[u8]) -> String {
        let mut walker = Walker::new(secrets);
        chain.iter().map(|byte| walker.show(*byte).map_or("**".to_owned(), |byte| format!("{byte:02X}"))).collect()
    }

    #[test]
    fn values_are_blanked_by_their_path_alone() {
        for (chain, expected) in [
            // The same tags elsewhere are no secrets.
            (&b"\x04\x01\x2A\xA0\x01\x2A"[..], "04012AA0012A"),
            (b"\xBF\x38\x04\x04\x02\x2A\x2A\xA0\x01\x2A", "BF380404022A2AA0012A"),
            (b"\xBF\x38\x05\xA0\x03\x2A\x2A\x2A\xA0\x01\x2A", "BF3805A003******A0012A"),
            (b"\xBF\x21\x06\xA0\x01\x2A\x04\x01\x2A\x04\x01\x2A", "BF2106A0012A0401**04012A"),
            // Twice, and with long lengths.
            (b"\xBF\x38\x06\xA0\x01\x2A\xA0\x01\x2A", "BF3806A001**A001**"),
            (b"\xBF\x38\x82\x00\x07\xA0\x83\x00\x00\x02\x2A\x2A\xA0\x00", "BF38820007A083000002****A000"),
            // An empty one.
            (b"\xBF\x38\x02\xA0\x00\xA0\x01\x2A", "BF3802A000A0012A"),
        ] {
            assert_eq!(walked(IN_COMMANDS, chain), expected);
        }
        let answer = b"\xBF\x38\x0D\xA0\x0B\x30\x07\xA0\x05\x80\x01\x2A\x82\x00\x30\x00";
        assert_eq!(walked(IN_ANSWERS, answer), "BF380DA00B3007A0058001**82003000");
    }

    #[test]
    fn what_cannot_be_followed_is_blanked_to_its_end() {
        for (chain, shown) in [
            // Indefinite length, a length of four bytes, a tag of four.
            (&b"\xBF\x38\x80\xA0\x01\x2A\x00\x00"[..], "BF38"),
            (b"\xBF\x38\x84\x00\x00\x00\x01\x2A", "BF38"),
            (b"\xBF\xFF\xFF\xFF\x01\x2A", "BFFFFF"),
            // An element longer than the object around it, and a header that crosses its end.
            (b"\xBF\x38\x03\xA0\x02\x2A\x2A", "BF3803A0"),
            (b"\xBF\x38\x01\xA0\x01\x2A", "BF3801A0"),
            (b"\xBF\x38\x02\x9F\x20\x01\x2A", "BF38029F20"),
        ] {
            assert_eq!(walked(IN_COMMANDS, chain), format!("{shown:*<width$}", width = chain.len() * 2));
        }
    }

    fn text(masked: Masked) -> String {
        masked.iter().map(|byte| byte.map_or("**".to_owned(), |byte| format!("{byte:02X}"))).collect()
    }

    #[test]
    fn pins_are_masked_and_nothing_else() {
        let mut masker = Masker::default();
        assert_eq!(text(masker.command(b"\x00\x20\x00\x01\x081234\xFF\xFF\xFF\xFF")), "0020000108FFFFFFFFFFFFFFFF");
        assert_eq!(text(masker.command(b"\x00\xA4\x04\x00\x02\x3F\x00")), "00A40400023F00");
        assert_eq!(text(masker.command(b"\x00\xE2\x00\x04\x02\xBF\x38")), "00E2000402BF38", "APPEND RECORD");
    }

    #[test]
    fn blocks_again_out_of_order_and_on_other_channels() {
        let mut masker = Masker::default();
        let mut block = |class: u8, p1: u8, p2: u8, data: &[u8]| {
            let command = Command::new(class, 0xE2, p1, p2).with_data(data);
            text(masker.command(&command.to_bytes())).split_off(10)
        };
        assert_eq!(block(0x81, 0x11, 0, b"\xBF\x38\x09\xA0"), "BF3809A0");
        assert_eq!(block(0x81, 0x11, 1, b"\x02\x2A"), "02**");
        // Again, since the card wanted another Le; in between on another channel.
        assert_eq!(block(0xC0, 0x91, 0, b"\x2A\x01\x2A"), "2A012A");
        assert_eq!(block(0x81, 0x11, 1, b"\x02\x2A"), "02**");
        assert_eq!(block(0x81, 0x91, 2, b"\x2A\x2A\x01\x2A"), "**2A012A");
        assert_eq!(block(0x81, 0x91, 2, b"\x2A\x2A\x01\x2A"), "**2A012A");
        // After the last block, out of order, or without a beginning.
        assert_eq!(block(0x81, 0x91, 3, b"\x2A"), "**");
        assert_eq!(block(0x81, 0x91, 9, b"\x2A"), "**");
        assert_eq!(block(0x82, 0x11, 1, b"\x2A"), "**");
        assert_eq!(block(0x82, 0x91, 2, b"\x2A"), "**");
        // A new chain begins anew; the class does not matter.
        assert_eq!(block(0x01, 0x91, 0, b"\xBF\x38\x03\xA0\x01\x2A"), "BF3803A001**");
    }

    #[test]
    fn extended_and_broken_commands() {
        let mut masker = Masker::default();
        let secret = b"\xBF\x38\x03\xA0\x01\x2A";
        let extended = [&b"\x80\xE2\x91\x00\x00\x00\x06"[..], secret, b"\x00\x00"].concat();
        assert_eq!(text(masker.command(&extended)), "80E29100000006BF3803A001**0000");
        assert_eq!(text(masker.command(b"\x80\xE2\x91\x00\x00")), "80E2910000");
        assert_eq!(text(masker.command(b"\x80\xE2\x91")), "80E291");
        // Lc is wrong: who knows where the data are.
        let broken = [&b"\x80\xE2\x11\x00\x09"[..], secret].concat();
        assert_eq!(text(masker.command(&broken)), "80E21100**************");
        assert_eq!(text(masker.command(b"\x80\xE2\x91\x01\x01\x2A")), "80E2910101**");
    }

    #[test]
    fn answers_go_on_with_get_response_until_another_command() {
        let mut masker = Masker::default();
        let store = b"\x81\xE2\x91\x00\x00";
        let get = b"\x01\xC0\x00\x00\x10";
        masker.command(store);
        assert_eq!(text(masker.answer(b"\xBF\x21\x08\xA0\x06\x30\x61\x05")), "BF2108A006306105");
        masker.command(get);
        assert_eq!(text(masker.answer(b"\x6C\x05")), "6C05");
        masker.command(get);
        assert_eq!(text(masker.answer(b"\x04\x04\x02\x2A\x2A\x90\x00")), "040402****9000");
        // Another application's GET RESPONSE is not touched.
        masker.command(b"\x01\xA4\x04\x00\x00");
        masker.answer(b"\x61\x02");
        masker.command(get);
        assert_eq!(text(masker.answer(b"\x6F\x80\x90\x00")), "6F809000");
        // A reset ends all chains.
        masker.command(store);
        masker.answer(b"\xBF\x21\x08\xA0\x06\x30\x04\x04\x02\x61\x02");
        masker.reset();
        masker.command(get);
        assert_eq!(text(masker.answer(b"\x2A\x2A\x90\x00")), "2A2A9000");
    }
}
