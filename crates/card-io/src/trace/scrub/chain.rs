//! Bytes that belong together, from however many lines, judged as a whole.

use std::ops::Range;

use data_encoding::HEXUPPER;

use super::PersonalData;
use super::fields::{ANSWERS, COMMANDS, Rule, rule};
use crate::trace::{BLANK, event::TraceEvent};

/// The content of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Contents {
    /// A command to the ISD-R.
    Es10Command,
    /// An answer of the ISD-R.
    Es10Answer,
    /// The ICCID, ten bytes.
    Iccid,
    /// Nothing personal.
    Seen,
    /// Anything else.
    Personal,
}

/// Which text of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Command,
    Answer,
}

/// A byte of a recording: line, text, and the number of the byte in it.
type Place = (usize, Part, usize);

/// The fate of a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Show,
    Hide,
    Become(u8),
}

/// A chain that grows line by line.
#[derive(Debug)]
pub(super) struct Chain {
    contents: Contents,
    /// `None` for what the recording blanked already.
    bytes: Vec<Option<u8>>,
    /// All places of each byte: a block can come twice.
    places: Vec<Vec<Place>>,
    /// Places of what came again and differs.
    odd: Vec<Place>,
}

impl Chain {
    pub(super) fn new(contents: Contents) -> Self {
        Self { contents, bytes: Vec::new(), places: Vec::new(), odd: Vec::new() }
    }

    /// A chain of these bytes, which are to be hidden.
    pub(super) fn hiding(events: &[TraceEvent], part: Part, line: usize, range: Range<usize>) -> Self {
        let mut chain = Self::new(Contents::Personal);
        chain.push(events, part, line, range);
        chain
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds these bytes of a line.
    pub(super) fn push(&mut self, events: &[TraceEvent], part: Part, line: usize, range: Range<usize>) {
        for (at, byte) in bytes_of(events, part, line, range) {
            self.bytes.push(byte);
            self.places.push(vec![(line, part, at)]);
        }
    }

    /// Adds bytes that were sent already, from `start` of the chain on.
    pub(super) fn push_again(
        &mut self,
        events: &[TraceEvent],
        part: Part,
        line: usize,
        range: Range<usize>,
        start: usize,
    ) {
        for (offset, (at, byte)) in bytes_of(events, part, line, range).into_iter().enumerate() {
            match self.bytes.get(start + offset) {
                Some(former) if *former == byte => self.places[start + offset].push((line, part, at)),
                _ => self.odd.push((line, part, at)),
            }
        }
    }

    /// Judges the chain, and changes the lines.
    pub(super) fn apply(self, events: &mut [TraceEvent], personal: &mut dyn PersonalData) {
        let verdicts = self.verdicts(personal);
        for (places, verdict) in self.places.iter().zip(verdicts) {
            places.iter().for_each(|place| put(events, *place, verdict));
        }
        self.odd.iter().for_each(|place| put(events, *place, Verdict::Hide));
    }

    fn verdicts(&self, personal: &mut dyn PersonalData) -> Vec<Verdict> {
        let mut verdicts = vec![Verdict::Hide; self.bytes.len()];
        let whole = 0..self.bytes.len();
        match self.contents {
            Contents::Personal => {}
            Contents::Seen => verdicts.fill(Verdict::Show),
            Contents::Iccid if self.bytes.len() == 10 => self.number(whole, Rule::Iccid, &mut verdicts, personal),
            Contents::Iccid => {}
            Contents::Es10Command => self.judge(whole, &mut Vec::new(), COMMANDS, &mut verdicts, personal),
            Contents::Es10Answer => self.judge(whole, &mut Vec::new(), ANSWERS, &mut verdicts, personal),
        }
        verdicts
    }

    /// Judges the TLVs in a range. It recurses only into what the rules name.
    fn judge(
        &self,
        range: Range<usize>,
        path: &mut Vec<u32>,
        rules: &[(&[u32], Rule)],
        verdicts: &mut [Verdict],
        personal: &mut dyn PersonalData,
    ) {
        let mut at = range.start;
        while at < range.end {
            let Some((tag, value)) = self.header(at, range.end) else { return };
            verdicts[at..value.start].fill(Verdict::Show);
            path.push(tag);
            match rule(rules, path) {
                Rule::Open => self.judge(value.clone(), path, rules, verdicts, personal),
                Rule::Show => verdicts[value.clone()].fill(Verdict::Show),
                Rule::Hide => {}
                number => self.number(value.clone(), number, verdicts, personal),
            }
            path.pop();
            at = value.end;
        }
    }

    /// Tag and value of the element at `at`; of one that is cut short, what there is of the value.
    fn header(&self, at: usize, end: usize) -> Option<(u32, Range<usize>)> {
        let bytes: Vec<u8> = self.bytes[at..end].iter().take(8).map_while(|byte| *byte).collect();
        let (tag, length, rest) = sgp22::tlv::split_header(&bytes).ok()?;
        let start = at + bytes.len() - rest.len();
        Some((tag.0, start..(start + length).min(end)))
    }

    /// Has a number become another one; what is no number is hidden.
    fn number(&self, range: Range<usize>, kind: Rule, verdicts: &mut [Verdict], personal: &mut dyn PersonalData) {
        let Some(bytes) = self.bytes[range.clone()].iter().copied().collect::<Option<Vec<u8>>>() else { return };
        let swap = |bytes: Vec<u8>| match kind {
            Rule::Iccid => bytes.into_iter().map(|byte| byte.rotate_left(4)).collect(),
            _ => bytes,
        };
        let text = HEXUPPER.encode(&swap(bytes.clone()));
        let digits = text.trim_end_matches('F');
        let long_enough = digits.len() >= if kind == Rule::Eid { 32 } else { 18 };
        if !long_enough || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            return;
        }
        let masked = personal.number(digits) + &text[digits.len()..];
        let Ok(masked) = HEXUPPER.decode(masked.as_bytes()) else { return };
        if masked.len() == bytes.len() {
            for (verdict, byte) in verdicts[range].iter_mut().zip(swap(masked)) {
                *verdict = Verdict::Become(byte);
            }
        }
    }
}

fn text_of(event: &mut TraceEvent, part: Part) -> Option<&mut String> {
    match (event, part) {
        (TraceEvent::Answered { command, .. } | TraceEvent::Failed { command, .. }, Part::Command) => Some(command),
        (TraceEvent::Answered { answer, .. }, Part::Answer) => Some(answer),
        _ => None,
    }
}

/// Bytes of a line with their numbers in it.
fn bytes_of(events: &[TraceEvent], part: Part, line: usize, range: Range<usize>) -> Vec<(usize, Option<u8>)> {
    let text = match (&events[line], part) {
        (TraceEvent::Answered { command, .. } | TraceEvent::Failed { command, .. }, Part::Command) => command,
        (TraceEvent::Answered { answer, .. }, Part::Answer) => answer,
        _ => return Vec::new(),
    };
    let range = range.start..range.end.min(text.len() / 2);
    let byte = |at: usize| text.get(2 * at..2 * at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    range.map(|at| (at, byte(at))).collect()
}

fn put(events: &mut [TraceEvent], (line, part, at): Place, verdict: Verdict) {
    let shown = match verdict {
        Verdict::Show => return,
        Verdict::Hide => BLANK.to_owned(),
        Verdict::Become(byte) => HEXUPPER.encode(&[byte]),
    };
    if let Some(text) = text_of(&mut events[line], part)
        && text.is_char_boundary(2 * at)
        && text.is_char_boundary(2 * at + 2)
    {
        text.replace_range(2 * at..2 * at + 2, &shown);
    }
}
