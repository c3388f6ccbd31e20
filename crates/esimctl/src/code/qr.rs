//! QR codes in pictures.

use std::io::Read;
use std::path::Path;

use code_reader::{Picture, qr};
use manager::Error;
use manager::error::Id;
use sgp22::id::{ActivationCode, ActivationCodeError};

use super::{open, unreadable};

/// The largest picture file that is read, in bytes.
const LARGEST_FILE: u64 = 64 << 20;

/// The activation code in the picture in this file.
pub(super) fn read(path: &Path) -> Result<ActivationCode, Error> {
    let name = path.display().to_string();
    let mut bytes = Vec::new();
    open(path)?.take(LARGEST_FILE).read_to_end(&mut bytes).map_err(|error| unreadable(&name, &error))?;
    let picture = Picture::decode(&bytes).map_err(|why| unreadable(&name, &why))?;
    let texts = qr::texts(&picture);
    let codes: Vec<ActivationCode> = texts.iter().filter_map(|text| text.parse().ok()).collect();
    match (&codes[..], &texts[..]) {
        ([code], _) => Ok(code.clone()),
        ([], []) => Err(Error::new(Id::QrNone).with("path", name)),
        // It has a code, of another kind.
        ([], [text, ..]) => {
            text.parse().map_err(|why: ActivationCodeError| Error::new(Id::QrOther).with("path", name).with("why", why))
        }
        (several, _) => Err(Error::new(Id::QrSeveral).with("path", name).with("count", several.len())),
    }
}
