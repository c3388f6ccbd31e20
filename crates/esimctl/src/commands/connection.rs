//! The user's word on losing this machine's way to the internet.

use std::time::Duration;

use manager::Error;
use manager::card::ConnectionLoss;
use manager::words;
use sgp22::profile::ProfileInfo;

use crate::app::App;
use crate::cli::LinkConsent;
use crate::prompt::{self, Answer};

/// How long an answer is waited for.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(300);

/// True if somebody has to be asked before this profile is switched off: the option was not given, and there is a
/// terminal.
pub(super) fn must_ask(loss: &ConnectionLoss, consent: &LinkConsent) -> bool {
    loss.takes_consent() && !consent.lose_connection && prompt::is_possible()
}

/// Asks whether the connection may be lost. Anything but a yes leaves it.
///
/// # Errors
///
/// The refusal that a script gets, unless the answer is yes.
pub(super) fn ask(app: &App, loss: &ConnectionLoss, profile: &ProfileInfo) -> Result<(), Error> {
    let Err(refusal) = loss.check(profile) else { return Ok(()) };
    let question = format!("{} {} ", refusal.message(), words::text("ask-lose-connection", &[]));
    match prompt::ask(&question, ANSWER_TIMEOUT, &app.interrupt)? {
        Answer::Text(text) if matches!(&*text.to_lowercase(), "y" | "yes" | "是") => Ok(()),
        _ => Err(refusal),
    }
}
