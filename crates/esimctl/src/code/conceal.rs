//! Keeps activation codes that were given as arguments off the screen, wherever they were given.
//!
//! A code may be typed after the wrong command or option, whose error then names its argument. Whoever looks at the
//! screen, at a log or at a pasted bug report could use the code before its owner.

use std::borrow::Cow;
use std::ffi::OsString;
use std::sync::OnceLock;

use code_reader::read_text;
use serde_json::Value;
use sgp22::id::{Oid, ServerAddress};
use zeroize::Zeroizing;

use super::looks_like_code;

/// The shortest part of a code that is hidden by itself, in bytes: shorter ones are a part of any other word.
const MIN_PART_LEN: usize = 5;

/// The text shown in place of a code.
const HIDDEN: &str = "…";

/// The codes among the arguments, and their parts, the longest first.
#[derive(Default)]
struct Concealed {
    codes: Vec<Zeroizing<String>>,
    parts: Vec<Zeroizing<String>>,
}

static CONCEALED: OnceLock<Concealed> = OnceLock::new();

/// Remembers the codes among the arguments of the program.
pub(crate) fn remember(arguments: &[OsString]) {
    let mut concealed = Concealed::default();
    for argument in arguments.iter().skip(1) {
        let argument = Zeroizing::new(argument.to_string_lossy().into_owned());
        if looks_like_code(&argument) {
            concealed.add(&argument);
        }
    }
    concealed.codes.sort_by_key(|code| std::cmp::Reverse(code.len()));
    concealed.parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    // The arguments are remembered once.
    let _ = CONCEALED.set(concealed);
}

impl Concealed {
    fn add(&mut self, argument: &str) {
        self.add_code(argument);
        // The value of an option: --server=LPA:…, -dLPA:…
        if let Some((_, value)) = argument.split_once('=').filter(|_| argument.starts_with('-')) {
            self.add_code(value);
        }
        if let Some(value) = argument.get(2..).filter(|_| argument.starts_with('-')) {
            self.add_code(value);
        }
        let lower = Zeroizing::new(argument.to_ascii_lowercase());
        for sign in ["lpa:", "lpa%3a", "1$", "carddata="] {
            if let Some(at) = lower.find(sign) {
                self.add_code(&argument[at..]);
                let rest = &argument[at + sign.len()..];
                if sign != "1$" || !is_host(rest) {
                    self.add_code(rest);
                }
            }
        }
        if let Ok(reading) = read_text(argument) {
            self.add_part(reading.code.matching_id.expose());
        }
        // Neither a host nor the number of a server is a secret.
        for part in argument.split('$').skip(2).filter(|part| part.parse::<Oid>().is_err()) {
            part.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').for_each(|piece| self.add_part(piece));
        }
    }

    fn add_code(&mut self, code: &str) {
        // The beginning of every code hides nothing, and stands in the advice that follows.
        if code.len() >= MIN_PART_LEN && !"lpa:1$".starts_with(&code.to_ascii_lowercase()) {
            self.codes.push(Zeroizing::new(code.to_owned()));
        }
    }

    /// A token of letters alone may be a word of a message.
    fn add_part(&mut self, part: &str) {
        if part.len() >= MIN_PART_LEN && part.contains(|c: char| !c.is_ascii_alphabetic()) {
            self.parts.push(Zeroizing::new(part.to_owned()));
        }
    }
}

/// True for a host with a dot in its name: it is no secret, and a code may consist of nothing else. A token alone is none.
fn is_host(text: &str) -> bool {
    text.parse::<ServerAddress>().is_ok_and(|address| address.name().contains('.'))
}

/// Hides the codes that were given, and their parts, in what is said about a failure.
pub(crate) fn conceal(text: &str) -> Cow<'_, str> {
    let Some(concealed) = CONCEALED.get() else { return Cow::Borrowed(text) };
    let secrets = concealed.codes.iter().chain(&concealed.parts);
    secrets.fold(Cow::Borrowed(text), |text, secret| {
        if text.contains(secret.as_str()) { Cow::Owned(text.replace(secret.as_str(), HIDDEN)) } else { text }
    })
}

/// Like [`conceal`], in each text of a document.
pub(crate) fn conceal_in_json(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(hidden) = conceal(text) {
                *text = hidden;
            }
        }
        Value::Array(values) => values.iter_mut().for_each(conceal_in_json),
        Value::Object(members) => members.values_mut().for_each(conceal_in_json),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
