//! PDF and SVG: documents that another program draws as pictures, if it is installed.

use std::ffi::OsStr;
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use code_reader::Format;
use manager::Error;
use manager::error::Id;

use super::program::{self, Limits, ProgramError};
use super::unreadable;

/// The largest document, in bytes. Each page is drawn from a copy of it.
pub(super) const MAX_DOCUMENT_LEN: usize = 20 << 20;

/// The most pages that are drawn. The code is on the first one, or on one behind the terms.
const MAX_PAGES: usize = 5;

/// The time that drawing all pages may take.
const DRAWING_TIMEOUT: Duration = Duration::from_secs(20);

/// The largest picture of a page, in bytes.
const MAX_PAGE_LEN: usize = 16 << 20;

/// A program that draws documents. It reads standard input and writes a PNG to standard output, so that no name of a file
/// reaches it, and its arguments limit the picture to 2,000 pixels a side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Drawer {
    Pdf,
    Svg,
}

impl Drawer {
    /// The drawer for a format that needs one.
    pub(super) fn for_format(format: Format) -> Option<Self> {
        match format {
            Format::Pdf => Some(Self::Pdf),
            Format::Svg => Some(Self::Svg),
            _ => None,
        }
    }

    const fn format(self) -> Format {
        match self {
            Self::Pdf => Format::Pdf,
            Self::Svg => Format::Svg,
        }
    }

    const fn program(self) -> &'static str {
        match self {
            Self::Pdf => "pdftoppm",
            Self::Svg => "rsvg-convert",
        }
    }

    /// The package that has it, by Debian's name.
    const fn package(self) -> &'static str {
        match self {
            Self::Pdf => "poppler-utils",
            Self::Svg => "librsvg2-bin",
        }
    }

    const fn pages(self) -> usize {
        match self {
            Self::Pdf => MAX_PAGES,
            Self::Svg => 1,
        }
    }

    fn arguments(self, page: &str) -> Vec<&str> {
        match self {
            Self::Pdf => vec!["-png", "-gray", "-scale-to", "2000", "-singlefile", "-f", page, "-l", page, "-"],
            // It fetches nothing: a document from standard input has no place that its references could begin at.
            Self::Svg => {
                vec!["--format=png", "--width=2000", "--height=2000", "--keep-aspect-ratio", "--background-color=white"]
            }
        }
    }

    /// Draws the first pages and gives each of them, as a PNG, to `visit`.
    ///
    /// # Errors
    ///
    /// `picture_drawer` if the program is not installed, `code_source` if it cannot draw the document, `interrupted`, and
    /// the errors of `visit`.
    pub(super) fn draw(
        self,
        document: &[u8],
        name: &str,
        interrupt: &AtomicBool,
        mut visit: impl FnMut(Vec<u8>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut time = DRAWING_TIMEOUT;
        for page in 1..=self.pages() {
            let number = page.to_string();
            let arguments: Vec<&OsStr> = self.arguments(&number).into_iter().map(OsStr::new).collect();
            let (limits, began) = (Limits { time, output_len: MAX_PAGE_LEN }, Instant::now());
            let drawn = program::run(OsStr::new(self.program()), &arguments, document.to_vec(), limits, interrupt);
            time = time.saturating_sub(began.elapsed());
            match drawn {
                Ok(mut picture) => visit(std::mem::take(&mut picture))?,
                Err(ProgramError::Interrupted) => return Err(Error::new(Id::Interrupted)),
                Err(ProgramError::Missing) => {
                    let missing = Error::new(Id::PictureDrawer).with("path", name).with("format", self.format().name());
                    return Err(missing.with("program", self.program()).with("package", self.package()));
                }
                // There is no such page.
                Err(ProgramError::Failed(_)) if page > 1 => break,
                Err(why) => return Err(unreadable(name, &why.sentence(self.program()))),
            }
        }
        Ok(())
    }
}
