//! Writing the story of a case.

use std::path::Path;

use manager::error::Id;
use manager::retire::Format;
use manager::{Error, files, words};

use crate::app::App;
use crate::output::{Report, WrittenReport, print_raw};

/// The form that is named; else what the file's ending says; else JSON with `--json`, and Markdown.
pub(super) fn format(file: &Path, html: bool, md: bool, json: bool) -> Result<Format, Error> {
    if html || md {
        return Ok(if html { Format::Html } else { Format::Markdown });
    }
    let ending = file.extension().map(|ending| ending.to_string_lossy().to_lowercase());
    match ending.as_deref() {
        Some("html" | "htm") => Ok(Format::Html),
        Some("json") => Ok(Format::Json),
        Some("md" | "markdown" | "txt") => Ok(Format::Markdown),
        None if json => Ok(Format::Json),
        None => Ok(Format::Markdown),
        Some(ending) => {
            let why = words::text("report-form", &[("ending", ending.into())]);
            Err(Error::new(Id::Usage).with("why", why).with("hint", words::text("report-form.next", &[])))
        }
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
        files::write(file, report.text(format).as_bytes(), app.manager.existing_files())?;
    }
    let path = (!to_screen).then(|| file.display().to_string());
    let document = to_screen.then(|| report.json());
    Ok(Some(Box::new(WrittenReport { case: case.name(), path, document })))
}
