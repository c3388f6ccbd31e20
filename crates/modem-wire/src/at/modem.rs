//! The modem's side: what a command line asks for, and how results are told.

use super::error::{Failure, cme_words};

/// A command line, as a modem reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is asked for, in order.
    pub wishes: Vec<Wish>,
}

/// One command of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Its name: `E` for `ATE0`, `+CCHO` for `AT+CCHO=…`; empty for `AT` alone.
    pub name: String,
    /// What is to be done.
    pub operation: Operation,
}

/// What is to be done by a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// `AT+NAME`, `ATE1`: it is carried out, with the number behind a basic command.
    Run(Option<u32>),
    /// `AT+NAME?`: what is set is told.
    Read,
    /// `AT+NAME=?`: what can be set is told.
    Test,
    /// `AT+NAME=…`: it is carried out with these.
    Set(Vec<Argument>),
}

/// A parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Without quotation marks.
    pub text: String,
    /// It stood in quotation marks.
    pub quoted: bool,
}

impl Request {
    /// Reads a line without its end; `None` if it is no command. Blanks outside of quotation marks do not count.
    #[must_use]
    pub fn parse(line: &str) -> Option<Self> {
        let line = line.trim();
        let head = line.get(..2).filter(|head| head.eq_ignore_ascii_case("AT"))?;
        let mut rest = &line[head.len()..];
        let mut wishes = Vec::new();
        while !rest.is_empty() {
            let (wish, behind) = match rest.starts_with(['+', '^', '$', '%', '#', '*', '!']) {
                true => extended(rest)?,
                false => basic(rest)?,
            };
            wishes.push(wish);
            rest = behind.trim_start_matches([';', ' ']);
        }
        if wishes.is_empty() {
            wishes.push(Wish { name: String::new(), operation: Operation::Run(None) });
        }
        Some(Self { wishes })
    }
}

/// `E0`, `V1`, `&F`, `Z`, and `I`.
fn basic(text: &str) -> Option<(Wish, &str)> {
    let name_length = if text.starts_with('&') { 2 } else { 1 };
    let name = text.get(..name_length).filter(|name| name.ends_with(|c: char| c.is_ascii_alphabetic()))?;
    let behind = &text[name_length..];
    let digits = behind.bytes().take_while(u8::is_ascii_digit).count();
    let number = match digits {
        0 => None,
        _ => Some(behind[..digits].parse().ok()?),
    };
    Some((Wish { name: name.to_ascii_uppercase(), operation: Operation::Run(number) }, &behind[digits..]))
}

/// `+NAME…`, up to a semicolon outside of quotation marks.
fn extended(text: &str) -> Option<(Wish, &str)> {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        c == ';' && !quoted
    });
    let (one, behind) = text.split_at(end.unwrap_or(text.len()));
    let (name, operation) = if let Some(name) = one.strip_suffix("=?") {
        (name, Operation::Test)
    } else if let Some(name) = one.strip_suffix('?') {
        (name, Operation::Read)
    } else if let Some((name, arguments)) = one.split_once('=') {
        (name, Operation::Set(split(arguments)?))
    } else {
        (one, Operation::Run(None))
    };
    let name = name.trim();
    let fits = name.len() > 1 && name[1..].bytes().all(|byte| byte.is_ascii_alphanumeric());
    fits.then(|| (Wish { name: name.to_ascii_uppercase(), operation }, behind))
}

fn split(arguments: &str) -> Option<Vec<Argument>> {
    arguments
        .split(',')
        .map(|one| {
            let one = one.trim();
            match one.strip_prefix('"') {
                Some(inside) => {
                    let text = inside.strip_suffix('"')?;
                    (!text.contains('"')).then(|| Argument { text: text.into(), quoted: true })
                }
                None => (!one.contains('"')).then(|| Argument { text: one.into(), quoted: false }),
            }
        })
        .collect()
}

/// How a modem tells results.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speech {
    /// Commands are sent back (`ATE1`).
    pub echo: bool,
    /// Results are words (`ATV1`).
    pub verbose: bool,
    /// `+CME ERROR` is told: 0 not at all, 1 in digits, 2 in words (`AT+CMEE`).
    pub errors: u8,
}

impl Default for Speech {
    /// As a modem is after it was switched on.
    fn default() -> Self {
        Self { echo: true, verbose: true, errors: 0 }
    }
}

impl Speech {
    /// A line of an answer.
    #[must_use]
    pub fn line(&self, text: &str) -> String {
        if self.verbose { format!("\r\n{text}\r\n") } else { format!("{text}\r\n") }
    }

    /// The line that ends an answer.
    #[must_use]
    pub fn end(&self, end: &Result<(), Failure>) -> String {
        match (end, self.verbose) {
            (Ok(()), true) => self.line("OK"),
            (Ok(()), false) => "0\r".into(),
            (Err(failure), _) => match self.told(failure) {
                Some(text) => self.line(&format!("+CME ERROR: {text}")),
                None if self.verbose => self.line("ERROR"),
                None => "4\r".into(),
            },
        }
    }

    fn told(&self, failure: &Failure) -> Option<String> {
        match (self.errors, failure) {
            (0, _) | (_, Failure::Plain | Failure::Cms(_)) => None,
            (_, Failure::Words(words)) => Some(words.clone()),
            (1, Failure::Cme(code)) => Some(code.to_string()),
            (_, Failure::Cme(code)) => Some(cme_words(*code).map_or_else(|| code.to_string(), str::to_owned)),
        }
    }
}
