//! Activation codes: from an argument, a file, standard input or a picture. What is read is never printed.

mod qr;

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use manager::Error;
use manager::card::{Source, server_address};
use manager::error::Id;
use sgp22::id::{ActivationCode, ActivationCodeError, MatchingId};
use zeroize::Zeroizing;

use crate::cli::CodeSource;

/// The most that is read of a file with a code in it, in bytes; a code has 255 characters.
const LONGEST_TEXT: usize = 4096;

/// Reads where the profile is to come from. The search for a code in a picture ends soon after an interrupt.
pub(crate) fn source(arguments: &CodeSource, interrupt: &AtomicBool) -> Result<Source, Error> {
    if let Some(server) = &arguments.server {
        return at_server(server, arguments.matching_id.as_deref());
    }
    let code = match (&arguments.code, &arguments.code_file, &arguments.qr) {
        (Some(code), _, _) if code == "-" => from_text(&read(std::io::stdin(), "standard input")?)?,
        (Some(code), _, _) => from_argument(code)?,
        (_, Some(path), _) => from_text(&read(open(path)?, &path.display().to_string())?)?,
        (_, _, Some(path)) => qr::read(path, interrupt)?,
        (None, None, None) => return Ok(Source::Default),
    };
    Ok(Source::Code(code))
}

/// True for what may be an activation code, also a mistyped one.
pub(crate) fn looks_like_code(text: &str) -> bool {
    text.contains('$') || text.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("lpa:"))
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

/// Reads a code; the error does not repeat it.
fn from_text(text: &str) -> Result<ActivationCode, Error> {
    text.parse().map_err(|error| Error::new(Id::CodeInvalid).with("why", error))
}

/// The same, where a shell may have had its hands on it.
fn from_argument(text: &str) -> Result<ActivationCode, Error> {
    text.parse().map_err(|error| {
        let why = match error {
            ActivationCodeError::NoDollar => {
                format!("{error}; a shell takes that for itself unless the code stands in single quotes")
            }
            _ => error.to_string(),
        };
        Error::new(Id::CodeInvalid).with("why", why)
    })
}

/// The error never repeats a code that was given where something else was wanted.
fn misplaced(taken: &str) -> Error {
    Error::new(Id::CodeMisplaced).with("taken", taken)
}

fn open(path: &Path) -> Result<File, Error> {
    if looks_like_code(&path.to_string_lossy()) && !path.exists() {
        return Err(misplaced("--qr and --code-file take the name of a file"));
    }
    File::open(path).map_err(|error| unreadable(&path.display().to_string(), &error))
}

fn unreadable(what: &str, why: &dyn ToString) -> Error {
    Error::new(Id::CodeSource).with("what", what).with("why", why.to_string())
}

/// The text of a file, wiped from memory when it is done with.
fn read(from: impl Read, what: &str) -> Result<Zeroizing<String>, Error> {
    // With all its room from the start: growing would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(LONGEST_TEXT));
    from.take(LONGEST_TEXT as u64).read_to_string(&mut text).map_err(|error| {
        if error.kind() == std::io::ErrorKind::InvalidData {
            unreadable(what, &"it is no text; a picture is read with --qr")
        } else {
            unreadable(what, &error)
        }
    })?;
    Ok(text)
}
