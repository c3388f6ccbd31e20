//! QR codes in pictures: from a file, standard input, or bytes that are there already.

use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use code_reader::qr::read_picture;
use code_reader::{Format, NoCode, PictureError, Reading, read_text};
use manager::Error;
use manager::error::Id;
use zeroize::Zeroizing;

use super::document::{Drawer, MAX_DOCUMENT_LEN};
use super::{check_path, input, input_error, unreadable};

/// The largest picture file that is read, in bytes.
pub(super) const MAX_FILE_LEN: usize = 40 << 20;

/// The time that a search for codes may take.
const SEARCH_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads the activation code in the picture in this file; `-` is standard input.
pub(super) fn read(path: &Path, interrupt: &AtomicBool) -> Result<Reading, Error> {
    let standard_input = path.as_os_str() == "-";
    let name = if standard_input { "standard input".into() } else { path.display().to_string() };
    let bytes = if standard_input {
        input::read_standard_input(MAX_FILE_LEN, interrupt)
    } else {
        check_path(path)?;
        input::read_file(path, MAX_FILE_LEN, interrupt)
    };
    let mut bytes = bytes.map_err(|error| input_error(&name, error))?;
    choose(&read_bytes(std::mem::take(&mut bytes), &name, interrupt)?, &name)
}

/// Reads the texts of the QR codes in a picture, each once. There is at least one.
///
/// The name says to the user which picture it is. A search ends soon after an interrupt.
///
/// # Errors
///
/// `code_source` if it is no picture that can be read, `qr_none` if there is no QR code in it, `interrupted`.
pub(super) fn read_bytes(bytes: Vec<u8>, name: &str, interrupt: &AtomicBool) -> Result<Zeroizing<Vec<String>>, Error> {
    if bytes.len() > MAX_FILE_LEN {
        return Err(unreadable(name, &format!("it is larger than {} MB", MAX_FILE_LEN >> 20)));
    }
    let format = Format::recognize(&bytes);
    let texts = match format.and_then(Drawer::for_format) {
        Some(drawer) => read_document(drawer, &bytes, name, interrupt)?,
        None => search(bytes, name, interrupt)?,
    };
    if texts.is_empty() { Err(Error::new(Id::QrNone).with("path", name)) } else { Ok(texts) }
}

/// Reads the QR codes on the first pages of a document.
fn read_document(
    drawer: Drawer,
    document: &[u8],
    name: &str,
    interrupt: &AtomicBool,
) -> Result<Zeroizing<Vec<String>>, Error> {
    if document.len() > MAX_DOCUMENT_LEN {
        return Err(unreadable(name, &format!("it is larger than {} MB", MAX_DOCUMENT_LEN >> 20)));
    }
    let mut texts = Zeroizing::new(Vec::new());
    drawer.draw(document, name, interrupt, |page| {
        // What the drawer gave may be another document.
        let is_page = Format::recognize(&page) == Some(Format::Png);
        let page = if is_page { page } else { return Err(unreadable(name, &"it gave no picture")) };
        let mut found = search(page, name, interrupt)?;
        texts.append(&mut found);
        Ok(())
    })?;
    texts.sort();
    texts.dedup();
    Ok(texts)
}

fn search(picture: Vec<u8>, name: &str, interrupt: &AtomicBool) -> Result<Zeroizing<Vec<String>>, Error> {
    read_picture(picture, SEARCH_TIMEOUT, interrupt).map_err(|error| match error {
        PictureError::Interrupted => Error::new(Id::Interrupted),
        PictureError::TimedOut => {
            Error::new(Id::PictureSearch).with("path", name).with("seconds", SEARCH_TIMEOUT.as_secs())
        }
        PictureError::Unsupported(format) => {
            Error::new(Id::PictureFormat).with("path", name).with("format", format.name())
        }
        error => unreadable(name, &error),
    })
}

/// Finds the one activation code among the texts of QR codes. Each text is read as any other: it may be a link.
pub(super) fn choose(texts: &[String], name: &str) -> Result<Reading, Error> {
    let readings: Vec<Result<Reading, NoCode>> = texts.iter().map(|text| read_text(text)).collect();
    let mut codes: Vec<&Reading> = Vec::new();
    for reading in readings.iter().flatten() {
        let is_known = |known: &&Reading| {
            known.code.smdp == reading.code.smdp && known.code.matching_id == reading.code.matching_id
        };
        if !codes.iter().any(is_known) {
            codes.push(reading);
        }
    }
    match (&codes[..], readings.iter().find_map(|reading| reading.as_ref().err())) {
        ([code], _) => Ok((*code).clone()),
        // It has a code, of another kind.
        ([], Some(why)) => Err(Error::new(Id::QrOther).with("path", name).with("why", why)),
        ([], None) => Err(Error::new(Id::QrNone).with("path", name)),
        (several, _) => Err(Error::new(Id::QrSeveral).with("path", name).with("count", several.len())),
    }
}
