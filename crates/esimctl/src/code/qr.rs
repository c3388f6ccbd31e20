//! QR codes in pictures: from a file, standard input, or bytes that are there already.

use std::io::Read;
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use code_reader::PictureError;
use code_reader::qr::read_picture;
use manager::Error;
use manager::error::Id;
use sgp22::id::{ActivationCode, ActivationCodeError};
use zeroize::Zeroizing;

use super::{open, unreadable};

/// The largest picture file that is read, in bytes.
const MAX_FILE_LEN: u64 = 40 << 20;

/// The time that a search for codes may take.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the activation code in the picture in this file; `-` is standard input.
pub(super) fn read(path: &Path, interrupt: &AtomicBool) -> Result<ActivationCode, Error> {
    let standard_input = path.as_os_str() == "-";
    let name = if standard_input { "standard input".into() } else { path.display().to_string() };
    let mut bytes = Vec::new();
    let source: Box<dyn Read> = if standard_input { Box::new(std::io::stdin()) } else { Box::new(open(path)?) };
    source.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&name, &error))?;
    choose(&read_bytes(bytes, &name, interrupt)?, &name)
}

/// Reads the texts of the QR codes in a picture, each once. There is at least one.
///
/// The name says to the user which picture it is. A search ends soon after an interrupt.
///
/// # Errors
///
/// `code_source` if it is no picture that can be read, `qr_none` if there is no QR code in it, `interrupted`.
pub(super) fn read_bytes(bytes: Vec<u8>, name: &str, interrupt: &AtomicBool) -> Result<Zeroizing<Vec<String>>, Error> {
    if bytes.len() as u64 > MAX_FILE_LEN {
        return Err(unreadable(name, &format!("it is larger than {} MB", MAX_FILE_LEN >> 20)));
    }
    let texts = read_picture(bytes, SEARCH_TIMEOUT, interrupt).map_err(|error| match error {
        PictureError::Interrupted => Error::new(Id::Interrupted),
        error => unreadable(name, &error),
    })?;
    if texts.is_empty() { Err(Error::new(Id::QrNone).with("path", name)) } else { Ok(texts) }
}

/// Finds the one activation code among the texts of QR codes.
fn choose(texts: &[String], name: &str) -> Result<ActivationCode, Error> {
    let codes: Vec<ActivationCode> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    match (&codes[..], texts) {
        ([code], _) => Ok(code.clone()),
        // It has a code, of another kind.
        ([], [text, ..]) => {
            text.parse().map_err(|why: ActivationCodeError| Error::new(Id::QrOther).with("path", name).with("why", why))
        }
        ([], []) => Err(Error::new(Id::QrNone).with("path", name)),
        (several, _) => Err(Error::new(Id::QrSeveral).with("path", name).with("count", several.len())),
    }
}
