//! What became of a download that was begun.

use sgp22::es10b::{BppErrorReason, CancelSessionReason, ProfileInstallationResult};
use sgp22::id::{Iccid, TransactionId};

use super::{Decision, Finding, Seen, decide};
use crate::card::describe;
use crate::database::{Entry, Step};

/// The steps of a download in the journal, each written before what it names is begun. Their detail has, as soon as
/// they are known, `server`, `transaction_id` and `iccid`.
pub(crate) mod step {
    /// The server is asked to prove itself.
    pub(crate) const AUTHENTICATING: &str = "authenticating";
    /// Card and server know each other, and the server has said what it offers.
    pub(crate) const AUTHENTICATED: &str = "authenticated";
    /// The package is asked for: from here on the server counts the code as used by this card.
    pub(crate) const REQUESTING_PACKAGE: &str = "requesting package";
    /// The package goes into the card.
    pub(crate) const LOADING: &str = "loading";
    /// The card has signed its result.
    pub(crate) const INSTALLED: &str = "installed";
    /// The session is about to be ended; the detail has the `reason`, as SGP.22 numbers it.
    pub(crate) const ENDING: &str = "ending session";
}

/// The last word of the steps on something.
fn known<'a>(steps: &'a [Step], name: &str) -> Option<&'a str> {
    steps.iter().rev().find_map(|step| step.detail[name].as_str())
}

/// True if the result is that of this download: by its transaction, and where that is not known by its profile.
fn belongs(result: &ProfileInstallationResult, steps: &[Step], iccid: Option<&str>) -> bool {
    match known(steps, "transaction_id").and_then(|text| text.parse::<TransactionId>().ok()) {
        Some(id) => result.transaction_id == id,
        None => iccid.is_some() && result.metadata.iccid.as_ref().map(Iccid::digits).as_deref() == iccid,
    }
}

/// What became of a download, by its steps and what the card says now.
pub(super) fn decide(entry: &Entry, steps: &[Step], seen: &Seen) -> Decision {
    let iccid = known(steps, "iccid").or(entry.iccid.as_deref());
    let profile = iccid.and_then(|iccid| {
        let has = |profile: &&_| digits(profile).as_deref() == Some(iccid);
        seen.profiles.iter().flatten().find(has)
    });
    let result = seen.results.iter().find(|result| belongs(result, steps, iccid));
    let asked = steps
        .iter()
        .any(|step| matches!(step.name.as_str(), step::REQUESTING_PACKAGE | step::LOADING | step::INSTALLED));
    let has = |name: &str| steps.iter().any(|step| step.name == name);
    match (result.map(|result| &result.result), profile) {
        (Some(Err(error)), _) => refused(error.reason, steps),
        // Before the package was asked for, a profile with this ICCID was there already.
        (_, Some(profile)) if asked => Decision::new(Finding::Done, format!("{} is installed.", describe(profile))),
        (Some(Ok(_)), _) => was_installed(seen),
        (None, _) if has(step::INSTALLED) => was_installed(seen),
        // Nothing went to the card before this step.
        (None, _) if has(step::LOADING) && seen.profiles.is_err() => {
            decide::unreadable(seen.profiles.as_ref().err().map_or("", String::as_str))
        }
        (None, _) if gave_up(steps) => given_up(steps),
        (None, _) if has(step::LOADING) && seen.may_have_other_results() => unread(steps),
        (None, _) if asked => again(steps),
        (None, _) => Decision::new(Finding::NotDone, "Nothing was loaded, and the activation code was not used.")
            .next("The code is as good as before: esimctl download"),
    }
}

/// The card has signed that it installed the profile, and the profile was not found in its list.
fn was_installed(seen: &Seen) -> Decision {
    let what = match &seen.profiles {
        Ok(_) => "The profile was installed, and deleted since.".into(),
        Err(why) => format!("The card has signed that it installed the profile. Its list cannot be read now: {why}"),
    };
    Decision::new(Finding::Done, what)
}

fn digits(profile: &sgp22::profile::ProfileInfo) -> Option<String> {
    profile.iccid.as_ref().map(Iccid::digits)
}

/// The card has signed that it did not install it; the server learns that from the outbox.
fn refused(reason: BppErrorReason, steps: &[Step]) -> Decision {
    let server = known(steps, "server").unwrap_or("the server");
    let next = match reason {
        // Nothing is wrong with the profile: servers that know their business give it to the same card again.
        BppErrorReason::Interruption => {
            format!(
                "Try the same code again, on this card: esimctl download. If {server} refuses it, ask the operator."
            )
        }
        BppErrorReason::InsufficientMemory => format!(
            "Make room on the card, then try the same code again: esimctl download. If {server} refuses it, ask the operator."
        ),
        _ => format!("Most servers give no code twice after that. Ask the operator of {server} for a new one."),
    };
    Decision::new(Finding::NotDone, format!("The card did not install the profile: {}.", reason.meaning())).next(next)
}

/// True if the server was told, or was about to be told, something after which it gives the order up.
fn gave_up(steps: &[Step]) -> bool {
    steps
        .iter()
        .filter(|step| step.name == step::ENDING)
        .filter_map(|step| step.detail["reason"].as_i64())
        .any(|reason| !CancelSessionReason::from_code(reason).keeps_the_order())
}

fn given_up(steps: &[Step]) -> Decision {
    let server = known(steps, "server").unwrap_or("the server");
    Decision::new(Finding::NotDone, "The profile was refused, or could not be used, and the server may have been told.")
        .next(format!(
            "Try the same code again: esimctl download. If {server} refuses it, ask the operator for a new one."
        ))
}

/// The package was asked for, and is not on the card: servers keep it for the same card.
fn again(steps: &[Step]) -> Decision {
    let server = known(steps, "server").unwrap_or("the server");
    Decision::new(Finding::NotDone, "The profile is not on the card, and the card has signed no result.")
        .next(format!("The code works again, on this card alone: {server} keeps the package for it. esimctl download"))
}

/// The package went to the card and is not on it, and nobody can say what the card made of it.
fn unread(steps: &[Step]) -> Decision {
    let server = known(steps, "server").unwrap_or("the server");
    let what = "The profile is not on the card. What the card has signed of it, if anything, cannot be read here.";
    Decision::new(Finding::NotDone, what).next(format!(
        "Try the same code again, on this card: esimctl download. If {server} refuses it, ask the operator."
    ))
}
