//! From the typed errors of the crates below to entries of the catalogue.

use lpa::change::Verdict;
use lpa::{OpenIsdrError, Refusal};
use sgp22::es10c::{DeleteProfileResult, EnableProfileResult};
use sgp22::transport::{
    CardSight, Delivery, ModemRefusal, OpenError, RefusalReason, TransportError, TransportErrorKind,
};
use virtual_euicc::card::StoreError;

use super::{Error, Id, State};
use crate::words::text;

fn transport_error(error: &TransportError) -> Error {
    let id = match error.kind {
        TransportErrorKind::DeviceGone if error.in_modem => Id::ModemLeft,
        TransportErrorKind::Timeout if error.in_modem => Id::ModemSilent,
        TransportErrorKind::Refused if error.delivery == Delivery::NotSent => Id::ModemRefuses,
        TransportErrorKind::Lost | TransportErrorKind::Refused if error.in_modem => Id::ModemLost,
        TransportErrorKind::ResetByOther if error.in_modem => Id::CardRestarted,
        TransportErrorKind::CardRemoved if error.in_modem => Id::ModemNoCard,
        TransportErrorKind::CardRemoved => Id::CardRemoved,
        TransportErrorKind::DeviceGone => Id::ReaderGone,
        TransportErrorKind::Timeout => Id::CardTimeout,
        TransportErrorKind::ResetByOther => Id::CardResetByOther,
        TransportErrorKind::Garbage => Id::CardGarbage,
        TransportErrorKind::NotInRecording => Id::ReplayDeparts,
        _ => Id::CardLost,
    };
    Error::new(id).cause(error)
}

/// Why there is no ISD-R to talk to; `asked` is the secure element that was wanted.
pub(crate) fn open_error(error: OpenIsdrError, asked: Option<usize>) -> Error {
    match error {
        OpenIsdrError::Open(OpenError::Transport(error)) => transport_error(&error),
        OpenIsdrError::Open(error @ OpenError::NotFound(_)) => Error::new(Id::NotAnEuicc).cause(error),
        OpenIsdrError::Open(error @ OpenError::NoChannel(_)) => Error::new(Id::NoChannel).cause(error),
        OpenIsdrError::Open(error @ OpenError::Refused(_)) => Error::new(Id::ModemOpensNoChannel).cause(error),
        OpenIsdrError::Open(OpenError::Unusable(card, why)) => Error::new(unusable_card(card)).cause(why),
        OpenIsdrError::Open(OpenError::RefusedByModem(refusal)) => refused_by_modem(&refusal),
        OpenIsdrError::NoSuchElement { present } => {
            Error::new(Id::NoSuchElement).with("present", present).with("asked", asked.unwrap_or(0))
        }
        OpenIsdrError::Ask(error) => card_error(error),
    }
}

/// The error for a channel that a modem does not open because of the state of its card.
const fn unusable_card(card: CardSight) -> Id {
    match card {
        CardSight::Absent => Id::ModemNoCard,
        CardSight::Starting => Id::ModemCardStarting,
        CardSight::Failed => Id::ModemCardBroken,
        CardSight::Locked => Id::ModemCardPin,
        CardSight::PukRequired => Id::ModemCardPuk,
        CardSight::DeviceLocked => Id::ModemLocked,
        CardSight::NoProfile => Id::ModemHidesEuicc,
        CardSight::Usable | CardSight::NotActivated => Id::ModemOpensNoChannel,
    }
}

/// A modem's own refusal to open a channel. The card had no say in it, so that nothing is said of the card.
fn refused_by_modem(refusal: &ModemRefusal) -> Error {
    let error = Error::new(match refusal.reason {
        RefusalReason::SelectFailed => Id::ModemSelectFailed,
        RefusalReason::NoChannel => Id::ModemNoChannel,
        RefusalReason::Denied => Id::ModemDenies,
        RefusalReason::Unsupported => Id::ModemCarriesNothing,
    });
    error.with("words", &refusal.words).cause(refusal)
}

/// Why a function of the card has no result. Nothing was changed: the caller says so if that is not sure.
pub(crate) fn card_error(error: lpa::Error) -> Error {
    use lpa::Error as E;
    let cause = error.to_string();
    match error {
        E::Transport { source, .. } => transport_error(&source).cause(cause),
        E::Reopen(source) => open_error(source.into(), None).cause(cause),
        E::Status { function, status } => Error::new(Id::CardStatus)
            .with("function", function)
            .with("meaning", status.meaning())
            .with("status", status),
        E::Decode { .. } => Error::new(Id::CardGarbage).cause(cause),
        E::TooLong { .. } => Error::new(Id::CommandTooLong).cause(cause),
        E::Untrue { .. } => Error::new(Id::CardUntrue).cause(cause),
        E::Refused(refusal) => refused(&refusal),
        E::Interrupted => Error::new(Id::Interrupted),
    }
}

/// A result code, as far as it says something that the user can act upon.
fn refused(refusal: &Refusal) -> Error {
    let words = refusal.to_string();
    let is_switch = matches!(refusal.function, "ES10c.EnableProfile" | "ES10c.DisableProfile");
    let is_reset_or_switch = is_switch || refusal.function == "ES10c.eUICCMemoryReset";
    if is_reset_or_switch && refusal.code == EnableProfileResult::CatBusy.code() {
        return Error::new(Id::CardBusy).cause(words);
    }
    if refusal.function == "ES10c.EnableProfile" && refusal.code == EnableProfileResult::WrongProfileReenabling.code() {
        return Error::new(Id::TestModeOrder).cause(words);
    }
    if is_switch && refusal.code == EnableProfileResult::DisallowedByPolicy.code() {
        return Error::new(Id::ProfileStays).with("profile", text("the-enabled-profile", &[])).cause(words);
    }
    if refusal.function == "ES10c.DeleteProfile" && refusal.code == DeleteProfileResult::DisallowedByPolicy.code() {
        return Error::new(Id::ProfileKept).with("profile", text("the-profile", &[])).cause(words);
    }
    Error::new(Id::CardRefused)
        .with("function", refusal.function)
        .with("meaning", refusal.meaning)
        .with("name", refusal.name)
        .with("code", refusal.code)
}

/// Why the SIM was not read to its end.
pub(crate) fn sim_error(error: sim::ReadError) -> Error {
    match error {
        sim::ReadError::Open(OpenError::Transport(source)) | sim::ReadError::Transport(source) => {
            transport_error(&source)
        }
        sim::ReadError::Open(error) => Error::new(Id::NoSim).cause(error),
        sim::ReadError::Stopped => Error::new(Id::Interrupted),
    }
}

/// How a change ended that did not end well.
pub(crate) fn change_error(verdict: Verdict) -> Error {
    match verdict {
        Verdict::NotDone(lpa::Error::Interrupted) => Error::new(Id::Interrupted),
        Verdict::NotDone(error) => card_error(error).state(State::NotDone),
        Verdict::Unknown { ref cause, ref reread } => {
            let told = if cause.transport().is_some() { cause } else { reread };
            card_error(told.clone()).state(State::Unknown).cause(&verdict)
        }
    }
}

/// Why a virtual card cannot be made, read or kept.
pub(crate) fn store_error(error: StoreError) -> Error {
    let cause = error.to_string();
    match error {
        StoreError::BadName(name) => Error::new(Id::VirtualName).with("name", name),
        StoreError::NotFound(name) => Error::new(Id::VirtualNotFound).with("name", name),
        StoreError::Exists(name) => Error::new(Id::VirtualExists).with("name", name),
        StoreError::Damaged { path, .. } => Error::new(Id::VirtualDamaged).with("path", path.display()).cause(cause),
        StoreError::Newer { path, version } => {
            Error::new(Id::VirtualNewer).with("path", path.display()).with("version", version)
        }
        StoreError::Io { .. } | StoreError::Pki(_) | StoreError::NewCard(_) => {
            Error::new(Id::VirtualFailed).cause(cause)
        }
    }
}
