//! Writing the story of a case.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use manager::Error;
use manager::error::Id;
use manager::retire::Format;

use crate::app::App;
use crate::output::{Report, WrittenReport, print_raw};

/// What is named counts; then `--json` by itself; then how the file is called.
pub(super) fn format(file: &Path, html: bool, md: bool, json: bool) -> Format {
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
    match (html, md, json, &*ending) {
        (true, ..) => Format::Html,
        (_, true, ..) => Format::Markdown,
        (_, _, true, _) | (_, _, _, "json") => Format::Json,
        (_, _, _, "html" | "htm") => Format::Html,
        _ => Format::Markdown,
    }
}

pub(super) fn run(
    app: &App,
    case: &str,
    file: &Path,
    format: Format,
    full: bool,
) -> Result<Option<Box<dyn Report>>, Error> {
    let retirements = app.manager.retirements()?;
    let case = retirements.find(case)?;
    let report = retirements.report(&case, full)?;
    let to_screen = file == Path::new("-");
    if to_screen && !app.screen.json {
        print_raw(&report.text(format));
        return Ok(None);
    }
    if !to_screen {
        write(file, &report.text(format), false)?;
    }
    let path = (!to_screen).then(|| file.display().to_string());
    let document = to_screen.then(|| report.json());
    Ok(Some(Box::new(WrittenReport { case: case.name(), path, document })))
}

/// Writes a file for its owner alone; one that is there is left as it is unless it is to be written `over`.
pub(super) fn write(path: &Path, text: &str, over: bool) -> Result<(), Error> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).mode(0o600).create_new(!over).create(over).truncate(over);
    options
        .open(path)
        .and_then(|mut out| out.write_all(text.as_bytes()))
        .map_err(|error| Error::new(Id::OutputFile).with("path", path.display()).cause(error))
}
