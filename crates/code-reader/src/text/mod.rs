//! Activation codes in texts: bare, in links, in mails, or with their parts apart.

mod decode;
mod kind;
mod labels;
mod mail;
mod markup;
mod piece;
mod plain;
mod scan;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

pub use decode::decode_text;
pub use kind::NoCode;
use sgp22::id::ActivationCode;
use zeroize::Zeroizing;

use labels::Labelled;
use scan::{Candidates, Flaw};

/// An activation code that was found in a text.
#[derive(Debug, Clone)]
pub struct Reading {
    /// The code.
    pub code: ActivationCode,
    /// The form that the code had.
    pub form: Form,
    /// The text names a confirmation code beside the activation code.
    pub names_confirmation_code: bool,
}

/// The form in which a code was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The code and nothing else.
    Code,
    /// In the address of a web page, as phones are set up by.
    Link,
    /// In a mail with its headers, or a web page.
    Mail,
    /// Among other words.
    Text,
    /// The server's address and the token apart, each behind its label.
    Apart,
}

impl Form {
    /// The name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Link => "link",
            Self::Mail => "mail",
            Self::Text => "text",
            Self::Apart => "parts",
        }
    }
}

/// Finds the one activation code in a text. The same code given several times is one.
///
/// Address and token that stand apart are put together where there is one of each behind its label: that is how operators
/// write to those who type a code in, and there is nothing to guess.
///
/// # Errors
///
/// Returns why there is no code, or none that is meant without doubt.
pub fn read_text(text: &str) -> Result<Reading, NoCode> {
    if text.trim().is_empty() {
        return Err(NoCode::Empty);
    }
    let decoded = mail::with_decoded_parts(text);
    let text = decoded.as_ref().map_or(text, |decoded| decoded.as_str());
    let is_mail = has_mail_headers(text) || markup::has_tags(text);
    let plain = plain::plain(text);
    if let Some(whole) = scan::parse_whole_text(&plain) {
        let form = if is_mail { Form::Mail } else { Form::Code };
        return whole.map(|code| Reading { code, form, names_confirmation_code: false }).map_err(no_code);
    }
    let labelled = Labelled::read(&plain);
    let names_confirmation_code = labelled.names_confirmation_code;
    if let Some((code, form)) = read_codes(&plain, is_mail)? {
        return Ok(Reading { code, form, names_confirmation_code });
    }
    match labelled.code() {
        Some(code) => Ok(Reading { code, form: Form::Apart, names_confirmation_code }),
        None if labelled.is_apart() => Err(NoCode::Apart),
        None => Err(NoCode::explain(&plain, is_mail)),
    }
}

fn no_code(flaw: Flaw) -> NoCode {
    match flaw {
        Flaw::Invalid(error) => NoCode::Invalid(error),
        Flaw::Unclear => NoCode::Unclear,
    }
}

/// Reads the codes that stand in a text as codes: the one, if there is one.
fn read_codes(text: &str, is_mail: bool) -> Result<Option<(ActivationCode, Form)>, NoCode> {
    // Codes are counted by a hash, so that no more than one of them is kept.
    let (state, mut seen) = (RandomState::new(), HashSet::new());
    let mut first: Option<(ActivationCode, Form)> = None;
    let mut flaw = None;
    for candidate in Candidates::new(text) {
        let code = match candidate.result {
            Ok(code) => code,
            Err(why) => {
                flaw = if why == Flaw::Unclear { Some(why) } else { flaw.or(Some(why)) };
                continue;
            }
        };
        seen.insert(state.hash_one((&code.smdp, code.matching_id.expose())));
        match &mut first {
            // The same code with its optional parts says more.
            Some((known, _)) if known.smdp_oid.is_none() && code.smdp_oid.is_some() && seen.len() == 1 => *known = code,
            Some(_) => {}
            None => {
                let form = match (scan::is_in_link(text, candidate.start), is_mail) {
                    (true, _) => Form::Link,
                    (false, true) => Form::Mail,
                    (false, false) => Form::Text,
                };
                let all = |rest: &str| rest.trim_matches(|c: char| !c.is_alphanumeric()).is_empty();
                let alone = all(&text[..candidate.start]) && all(&text[candidate.end..]);
                first = Some((code, if form == Form::Text && alone { Form::Code } else { form }));
            }
        }
    }
    match (seen.len(), flaw) {
        (2.., _) => Err(NoCode::Several(seen.len())),
        // It may be the code that was read, or another one.
        (_, Some(Flaw::Unclear)) => Err(NoCode::Unclear),
        // Beside a good code, what only begins as one is an example, or prose.
        (0, Some(flaw)) => Err(no_code(flaw)),
        _ => Ok(first),
    }
}

/// True for a mail as a file: two headers of mails at its beginning.
fn has_mail_headers(text: &str) -> bool {
    const MAX_HEADER_LINES: usize = 200;
    const HEADERS: [&str; 8] =
        ["from:", "to:", "subject:", "date:", "mime-version:", "content-type:", "received:", "message-id:"];
    let is_header = |line: &&str| {
        let start: Zeroizing<String> = Zeroizing::new(line.chars().take(16).collect::<String>().to_ascii_lowercase());
        HEADERS.iter().any(|header| start.starts_with(header))
    };
    text.lines().take(MAX_HEADER_LINES).filter(is_header).count() >= 2
}
