//! The file for a bug report.

use manager::error::Id;
use manager::support::BundleWishes;
use manager::{Error, files, words};

use crate::app::App;
use crate::cli::SupportBundle;
use crate::output::{BundleReport, Report, bundle_devices};
use crate::prompt;

pub(super) fn run(app: &App, arguments: &SupportBundle) -> Result<Box<dyn Report>, Error> {
    let existing = app.manager.existing_files();
    files::check_target(&arguments.file, existing)?;
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
    files::write(&arguments.file, report.whole().as_bytes(), existing)?;
    report.written = true;
    Ok(Box::new(report))
}
