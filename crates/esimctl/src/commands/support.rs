//! The file for a bug report.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;

use manager::Error;
use manager::error::Id;
use manager::support::BundleWishes;
use manager::words;

use crate::app::App;
use crate::cli::SupportBundle;
use crate::output::{BundleReport, Report, bundle_devices};
use crate::prompt;

pub(super) fn run(app: &App, arguments: &SupportBundle) -> Result<Box<dyn Report>, Error> {
    let wishes = BundleWishes {
        recordings: arguments.recording.clone(),
        full: arguments.full,
        devices: bundle_devices(&app.manager.devices(false)),
        version: env!("CARGO_PKG_VERSION"),
    };
    let bundle = app.manager.support_bundle(&wishes)?;
    let mut report = BundleReport::new(arguments.file.display().to_string(), bundle);
    if arguments.consent.dry_run {
        return Ok(Box::new(report));
    }
    if !arguments.consent.yes {
        if !prompt::is_possible() {
            let (why, hint) = (words::text("bundle-unseen", &[]), words::text("bundle-unseen.next", &[]));
            return Err(Error::new(Id::Usage).with("why", why).with("hint", hint));
        }
        let question = format!("Type yes to write it to {}", arguments.file.display());
        prompt::confirm(|| report.shown(), &question, "yes", &app.interrupt)?;
    }
    let text = report.whole();
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&arguments.file)
        .and_then(|mut out| out.write_all(text.as_bytes()))
        .map_err(|error| Error::new(Id::OutputFile).with("path", arguments.file.display()).cause(error))?;
    report.written = true;
    Ok(Box::new(report))
}
