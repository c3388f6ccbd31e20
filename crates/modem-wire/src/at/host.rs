//! The host's side: commands out, and what the lines that come mean for the command in flight.

use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};

use super::error::Failure;

/// How many lines may come before the last one of an answer: unsolicited ones are a few.
const MOST_LINES: usize = 2_000;

/// The most that the lines of one answer may hold together, in bytes: twice what the longest APDU needs.
const MAX_REPLY_LEN: usize = 320 * 1024;

/// The longest handle of a session; 16 digits have been seen.
const LONGEST_SESSION: usize = 32;

/// What a modem calls a channel: to be sent back byte for byte, whatever it looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session(String);

impl Session {
    /// The handle that this text is. Letters and digits alone: anything else could end the command that it stands in.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let fits = (1..=LONGEST_SESSION).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        fits.then(|| Self(text.to_owned()))
    }

    /// The logical channel that the handle names: a number from 1 to 19 (TS 27.007 8.45). `None` for any other handle.
    #[must_use]
    pub fn channel(&self) -> Option<u8> {
        let is_decimal = self.0.bytes().all(|byte| byte.is_ascii_digit());
        self.0.parse().ok().filter(|number| is_decimal && self.0.len() <= 2 && (1..=19).contains(number))
    }

    /// The handle as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What an answer to a command looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// Nothing but its end.
    Nothing,
    /// Lines that begin with this and a colon.
    Prefixed(&'static str),
    /// The same, or a number alone.
    PrefixedOrBare(&'static str),
    /// Any line that is not evidently unsolicited.
    Text,
    /// Any line, with its prefix.
    Any,
}

/// A command.
#[derive(Clone, PartialEq, Eq)]
pub struct Command {
    text: String,
    expect: Expect,
}

impl Command {
    /// A command that is answered by its result alone.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self { text: text.into(), expect: Expect::Nothing }
    }

    /// A command that is answered by lines with this prefix.
    #[must_use]
    pub fn asking(text: &str, prefix: &'static str) -> Self {
        Self { text: text.into(), expect: Expect::Prefixed(prefix) }
    }

    /// A command that is answered by text without a prefix.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self { text: text.into(), expect: Expect::Text }
    }

    /// A command that is answered in a form that each vendor chooses: every line is kept, with its prefix.
    #[must_use]
    pub fn any(text: &str) -> Self {
        Self { text: text.into(), expect: Expect::Any }
    }

    /// Opens a channel to an application (8.45).
    #[must_use]
    pub fn open(application: &[u8]) -> Self {
        let text = format!("AT+CCHO=\"{}\"", HEXUPPER.encode(application));
        Self { text, expect: Expect::PrefixedOrBare("+CCHO") }
    }

    /// Sends an APDU on a channel (8.43).
    #[must_use]
    pub fn transmit(session: &Session, apdu: &[u8]) -> Self {
        let text = format!("AT+CGLA={},{},\"{}\"", session.0, 2 * apdu.len(), HEXUPPER.encode(apdu));
        Self { text, expect: Expect::Prefixed("+CGLA") }
    }

    /// Closes a channel (8.46).
    #[must_use]
    pub fn close(session: &Session) -> Self {
        Self { text: format!("AT+CCHC={}", session.0), expect: Expect::Nothing }
    }

    /// Sends an APDU to the card as it is (8.17).
    #[must_use]
    pub fn csim(apdu: &[u8]) -> Self {
        let text = format!("AT+CSIM={},\"{}\"", 2 * apdu.len(), HEXUPPER.encode(apdu));
        Self { text, expect: Expect::Prefixed("+CSIM") }
    }

    /// The command without its end.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Data may hold secrets: only the command's name is shown.
impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text.split(['=', '"']).next().unwrap_or_default())
    }
}

/// What a line is to the command in flight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// More is to come: it was part of the answer, an echo, or not about this command at all.
    More,
    /// The answer is complete.
    Done(Reply),
    /// More lines than any answer has.
    Flood,
}

/// How a command ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The lines of the answer, without the prefix.
    pub lines: Vec<String>,
    /// Whether it was carried out.
    pub end: Result<(), Failure>,
}

/// Collects the answer to one command out of all that comes.
#[derive(Debug)]
pub struct Listener<'c> {
    command: &'c Command,
    lines: Vec<String>,
    heard: usize,
    /// The number of bytes kept in `lines`.
    kept: usize,
}

impl<'c> Listener<'c> {
    /// Waits for the answer to this command.
    #[must_use]
    pub fn new(command: &'c Command) -> Self {
        Self { command, lines: Vec::new(), heard: 0, kept: 0 }
    }

    /// Takes a line.
    pub fn hear(&mut self, line: &str) -> Heard {
        self.heard += 1;
        if self.heard > MOST_LINES {
            return Heard::Flood;
        }
        if let Some(end) = self.end(line) {
            return Heard::Done(Reply { lines: std::mem::take(&mut self.lines), end });
        }
        if let Some(told) = self.answer(line) {
            self.kept += told.len();
            if self.kept > MAX_REPLY_LEN {
                return Heard::Flood;
            }
            self.lines.push(told.to_owned());
        }
        Heard::More
    }

    fn end(&self, line: &str) -> Option<Result<(), Failure>> {
        // With results as numbers (ATV0). Where a number may be the answer itself, it is that first.
        let numbers = !matches!(self.command.expect, Expect::PrefixedOrBare(_)) || !self.lines.is_empty();
        match line {
            "OK" => Some(Ok(())),
            "0" if numbers => Some(Ok(())),
            "4" if numbers => Some(Err(Failure::Plain)),
            _ => Failure::read(line).map(Err),
        }
    }

    fn answer<'l>(&self, line: &'l str) -> Option<&'l str> {
        // An echo, of this command or of one before it.
        if line == self.command.text || line.starts_with("AT") {
            return None;
        }
        let behind = |prefix: &str| line.strip_prefix(prefix)?.strip_prefix(':').map(str::trim);
        match self.command.expect {
            Expect::Nothing => None,
            Expect::Prefixed(prefix) => behind(prefix),
            Expect::PrefixedOrBare(prefix) => {
                let bare = line.bytes().all(|byte| byte.is_ascii_digit());
                behind(prefix).or_else(|| Some(line).filter(|_| bare))
            }
            Expect::Text if line.starts_with(['+', '^', '*', '$', '%', '#', '!']) => {
                // `+CGMM: EG25` happens; so does `+CREG: 1` by itself.
                let name = self.command.text.get(2..)?;
                behind(name)
            }
            Expect::Text | Expect::Any => Some(line),
        }
    }
}

/// Why an answer is of no use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The modem says OK and nothing else.
    #[error("the modem says OK and gives no answer")]
    Missing,
    /// What stands there is something else.
    #[error("the modem's answer cannot be read")]
    Unreadable,
    /// The length does not fit.
    #[error("the modem's answer is cut")]
    Cut,
    /// Two answers came, and they differ: one of them is to an earlier command.
    #[error("the modem gives two different answers")]
    Ambiguous,
}

/// The handle of the channel that `+CCHO` opened.
pub fn session_in(reply: &Reply) -> Result<Session, Malformed> {
    let told = reply.lines.first().ok_or(Malformed::Missing)?;
    Session::new(told.trim_matches('"')).ok_or(Malformed::Unreadable)
}

/// The answer APDU in what `+CGLA` or `+CSIM` gave: `LENGTH,"HEX"`, the length in hexadecimal digits. A length in
/// bytes is taken as well, and so are digits without quotation marks or with blanks between them.
pub fn apdu_in(reply: &Reply) -> Result<Vec<u8>, Malformed> {
    let told = reply.lines.first().ok_or(Malformed::Missing)?;
    if reply.lines.iter().any(|line| line != told) {
        return Err(Malformed::Ambiguous);
    }
    let (length, hex) = told.split_once(',').ok_or(Malformed::Unreadable)?;
    let length: usize = length.trim().parse().map_err(|_| Malformed::Unreadable)?;
    let hex: String = hex.chars().filter(|c| !c.is_ascii_whitespace() && *c != '"').collect();
    if length != hex.len() && length.checked_mul(2) != Some(hex.len()) {
        return Err(Malformed::Cut);
    }
    HEXUPPER_PERMISSIVE.decode(hex.as_bytes()).map_err(|_| Malformed::Unreadable)
}
