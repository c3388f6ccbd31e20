//! The clipboard of the desktop, read by a program that is installed for it.

use std::env;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use manager::Error;
use manager::error::Id;
use zeroize::Zeroizing;

use super::program::{self, Limits, ProgramError};
use super::{MAX_TEXT_LEN, qr};

/// The time limit for the owner of the clipboard to hand over its contents.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// A program that reads the clipboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    WlPaste,
    Xclip,
    Xsel,
    Pbpaste,
}

impl Reader {
    const fn name(self) -> &'static str {
        match self {
            Self::WlPaste => "wl-paste",
            Self::Xclip => "xclip",
            Self::Xsel => "xsel",
            Self::Pbpaste => "pbpaste",
        }
    }

    /// The arguments that list what the clipboard holds. `None`: it reads text alone.
    const fn list(self) -> Option<&'static [&'static str]> {
        match self {
            Self::WlPaste => Some(&["--list-types"]),
            Self::Xclip => Some(&["-selection", "clipboard", "-out", "-target", "TARGETS"]),
            Self::Xsel | Self::Pbpaste => None,
        }
    }

    const fn text(self) -> &'static [&'static str] {
        match self {
            Self::WlPaste => &["--no-newline", "--type", "text"],
            Self::Xclip => &["-selection", "clipboard", "-out", "-target", "UTF8_STRING"],
            Self::Xsel => &["--clipboard", "--output"],
            Self::Pbpaste => &[],
        }
    }

    fn picture(self, media_type: &str) -> Vec<&str> {
        match self {
            Self::WlPaste => vec!["--type", media_type],
            _ => vec!["-selection", "clipboard", "-out", "-target", media_type],
        }
    }

    /// Finds the reader for the desktop that runs, by what is on the path.
    fn find() -> Result<Self, Error> {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        let (wayland, x11) = (set("WAYLAND_DISPLAY"), set("DISPLAY"));
        let mut readers = Vec::new();
        if wayland {
            readers.push(Self::WlPaste);
        }
        if x11 {
            readers.extend([Self::Xclip, Self::Xsel]);
        }
        readers.push(Self::Pbpaste);
        match readers.into_iter().find(|reader| is_on_path(reader.name())) {
            Some(reader) => Ok(reader),
            None if wayland => Err(Error::new(Id::ClipboardReader).with("package", "wl-clipboard")),
            None if x11 => Err(Error::new(Id::ClipboardReader).with("package", "xclip")),
            None => Err(unreadable("no desktop runs here (WAYLAND_DISPLAY and DISPLAY are not set)")),
        }
    }

    fn run(self, arguments: &[&str], output_len: usize, interrupt: &AtomicBool) -> Result<Zeroizing<Vec<u8>>, Error> {
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
        let limits = Limits { time: TIME_LIMIT, output_len };
        let output = program::run(OsStr::new(self.name()), &arguments, Vec::new(), limits, interrupt);
        output.map_err(|error| match error {
            ProgramError::Interrupted => Error::new(Id::Interrupted),
            error => unreadable(&error.sentence(self.name())),
        })
    }
}

fn unreadable(why: &str) -> Error {
    Error::new(Id::Clipboard).with("why", why)
}

fn is_on_path(name: &str) -> bool {
    let path: OsString = env::var_os("PATH").unwrap_or_default();
    let is_program = |file: std::path::PathBuf| {
        file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
    };
    env::split_paths(&path)
        .filter(|directory| directory.is_absolute())
        .any(|directory| is_program(directory.join(name)))
}

/// The contents of the clipboard: the text first, then a picture, as far as they are there.
pub(super) struct Clipboard<'a> {
    reader: Reader,
    types: Option<Vec<String>>,
    interrupt: &'a AtomicBool,
}

impl<'a> Clipboard<'a> {
    pub(super) fn open(interrupt: &'a AtomicBool) -> Result<Self, Error> {
        const MAX_LIST_LEN: usize = 64 << 10;
        let reader = Reader::find()?;
        let list = reader.list().map(|arguments| reader.run(arguments, MAX_LIST_LEN, interrupt)).transpose()?;
        let types =
            list.map(|list| String::from_utf8_lossy(&list).lines().map(|line| line.trim().to_owned()).collect());
        Ok(Self { reader, types, interrupt })
    }

    /// The text, if the clipboard has one.
    pub(super) fn text(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let is_text =
            |name: &String| name.starts_with("text/") || matches!(name.as_str(), "UTF8_STRING" | "STRING" | "TEXT");
        if self.types.as_ref().is_some_and(|types| !types.iter().any(is_text)) {
            return Ok(None);
        }
        self.reader.run(self.reader.text(), MAX_TEXT_LEN, self.interrupt).map(Some)
    }

    /// The picture, if the clipboard has one.
    pub(super) fn picture(&self) -> Result<Option<Zeroizing<Vec<u8>>>, Error> {
        let wanted = ["image/png", "image/jpeg", "image/webp", "image/bmp", "image/gif"];
        let has = |wanted: &&&str| self.types.iter().flatten().any(|name| name == *wanted);
        let Some(media_type) = wanted.iter().find(has) else { return Ok(None) };
        self.reader.run(&self.reader.picture(media_type), qr::MAX_FILE_LEN, self.interrupt).map(Some)
    }
}
