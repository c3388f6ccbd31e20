//! Activation codes: where their text comes from. What is read is never printed.
//!
//! `code-reader` finds the code in it, whether it was an argument, a file, standard input, the clipboard or a QR code.

mod clipboard;
mod conceal;
mod document;
mod given;
mod input;
mod program;
mod qr;

use std::io::ErrorKind;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use code_reader::{Format, NoCode, Reading, decode_text, read_text};
use manager::Error;
use manager::card::{Source, server_address};
use manager::error::Id;
use sgp22::id::{ActivationCodeError, MatchingId};
use zeroize::Zeroizing;

use crate::cli::CodeSource;
use clipboard::Clipboard;
pub(crate) use conceal::{conceal, conceal_in_json, remember};
pub(crate) use given::{GivenCode, GivenReport, Origin};

/// The most text that a code is looked for in, in bytes. A code has 255 characters, a mail around it some kilobytes.
const MAX_TEXT_LEN: usize = 1 << 20;

/// Reads where the profile is to come from, and how the code was given, if there is one. The search for a code in a
/// picture ends soon after an interrupt.
pub(crate) fn source(arguments: &CodeSource, interrupt: &AtomicBool) -> Result<(Source, Option<GivenCode>), Error> {
    if let Some(server) = &arguments.server {
        return Ok((at_server(server, arguments.matching_id.as_deref())?, None));
    }
    let (reading, origin) = match (&arguments.code, &arguments.code_file, &arguments.qr) {
        (Some(code), _, _) if code == "-" => {
            let bytes = input::read_standard_input(MAX_TEXT_LEN, interrupt);
            (
                from_bytes(&bytes.map_err(|error| input_error("standard input", error))?, "standard input")?,
                Origin::StandardInput,
            )
        }
        (Some(code), _, _) => from_argument(code, interrupt)?,
        (_, Some(path), _) => (from_file(path, interrupt)?, Origin::File),
        (_, _, Some(path)) => (qr::read(path, interrupt)?, Origin::Picture),
        (None, None, None) if arguments.clipboard => (from_clipboard(interrupt)?, Origin::Clipboard),
        (None, None, None) => return Ok((Source::Default, None)),
    };
    let given = GivenCode::new(origin, &reading);
    Ok((Source::Code(reading.code), Some(given)))
}

/// True for what may be an activation code, also a mistyped one.
pub(crate) fn looks_like_code(text: &str) -> bool {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    ["$", "lpa:", "%24", "&#36;", "\u{FF04}", "carddata="].iter().any(|sign| lower.contains(sign))
}

fn at_server(server: &str, matching_id: Option<&str>) -> Result<Source, Error> {
    if looks_like_code(server) {
        return Err(misplaced("--server takes a host name"));
    }
    let address = server_address(server)?.to_string();
    let matching_id = matching_id.map(str::parse::<MatchingId>).transpose();
    let matching_id = matching_id.map_err(|error| Error::new(Id::MatchingIdInvalid).with("why", error.why))?;
    Ok(Source::Server { address, matching_id })
}

/// Reads a code; the error does not repeat the text.
fn from_bytes(bytes: &[u8], name: &str) -> Result<Reading, Error> {
    let text = if Format::recognize(bytes).is_some() { None } else { decode_text(bytes) };
    let text = text.ok_or_else(|| unreadable(name, &"it is not text; to read a picture, use --qr"))?;
    read_text(&text).map_err(no_code)
}

fn from_file(path: &Path, interrupt: &AtomicBool) -> Result<Reading, Error> {
    let name = path.display().to_string();
    check_path(path)?;
    let bytes = input::read_file(path, MAX_TEXT_LEN, interrupt).map_err(|error| input_error(&name, error))?;
    from_bytes(&bytes, &name)
}

/// Reads a code that was typed: a shell may have had its hands on it, and it may be the name of a file.
fn from_argument(text: &str, interrupt: &AtomicBool) -> Result<(Reading, Origin), Error> {
    let why = match read_text(text) {
        Ok(reading) => return Ok((reading, Origin::Argument)),
        Err(why) => why,
    };
    let path = Path::new(text);
    let is_picture_name = why == NoCode::PictureName;
    if !looks_like_code(text) && (path.is_file() || is_picture_name) {
        return if is_picture_name || is_picture(path, interrupt) {
            Ok((qr::read(path, interrupt)?, Origin::Picture))
        } else {
            Ok((from_file(path, interrupt)?, Origin::File))
        };
    }
    Err(match why {
        NoCode::Invalid(ActivationCodeError::NoDollar) | NoCode::DollarsLost => Error::new(Id::CodeInvalid)
            .with("why", "there is no '$' in it; without single quotes around the code, the shell removes the $ parts"),
        why => no_code(why),
    })
}

/// True if a file begins as a picture does, whatever its name.
fn is_picture(path: &Path, interrupt: &AtomicBool) -> bool {
    let bytes = input::read_beginning(path, Format::RECOGNITION_LEN, interrupt);
    bytes.is_ok_and(|bytes| Format::recognize(&bytes).is_some())
}

/// Reads the text of the clipboard, or the picture if there is no code in the text.
fn from_clipboard(interrupt: &AtomicBool) -> Result<Reading, Error> {
    let clipboard = Clipboard::open(interrupt)?;
    let text = clipboard.text()?.map(|text| from_bytes(&text, "the clipboard"));
    if let Some(Ok(reading)) = text {
        return Ok(reading);
    }
    if let Some(picture) = clipboard.picture()? {
        return qr::choose(&qr::read_bytes(picture.to_vec(), "the clipboard", interrupt)?, "the clipboard");
    }
    text.unwrap_or_else(|| Err(Error::new(Id::Clipboard).with("why", "it holds neither text nor a picture")))
}

/// The error for a text without a code that could be used.
fn no_code(why: NoCode) -> Error {
    match why {
        NoCode::Several(count) => Error::new(Id::CodeSeveral).with("count", count),
        NoCode::Unclear => Error::new(Id::CodeUnclear),
        NoCode::Apart => Error::new(Id::CodeApart),
        NoCode::ServerName => Error::new(Id::CodeServerAlone),
        why => Error::new(Id::CodeInvalid).with("why", why),
    }
}

/// The error never repeats a code that was given where something else was wanted.
fn misplaced(taken: &str) -> Error {
    Error::new(Id::CodeMisplaced).with("taken", taken)
}

/// Checks that a path is none that nobody would give a file, but a code.
fn check_path(path: &Path) -> Result<(), Error> {
    if looks_like_code(&path.to_string_lossy()) && !path.exists() {
        return Err(misplaced("--qr and --code-file take the name of a file"));
    }
    Ok(())
}

fn input_error(what: &str, error: std::io::Error) -> Error {
    if error.kind() == ErrorKind::Interrupted { Error::new(Id::Interrupted) } else { unreadable(what, &error) }
}

fn unreadable(what: &str, why: &dyn ToString) -> Error {
    Error::new(Id::CodeSource).with("what", what).with("why", why.to_string())
}
