//! From what goes wrong with servers and downloads to entries of the catalogue.

use jiff::Timestamp;
use lpa::download::{Cancellation, Cause, Cost, LoadFailure, Mistrust, Stop, Stopped};
use lpa::smdp::{ServerError, ServerErrorKind, TrustError};
use sgp22::card_limits::CardLimit;
use sgp22::es9p::{ExecutionFailure, StatusCode};
use sgp22::es10b::{BppErrorReason, ProfileInstallationResult, SimaResponse};
use sgp22::id::{ServerAddress, ServerAddressError};
use sgp22::profile::field;
use sgp22::tlv::{DecodeError, DecodeErrorKind};

use super::refusal::{self, Worth};
use super::{CodeState, Error, Id, ServerRefusal, State, card_error};
use crate::words::{self, text};

/// Why a server did not do what was asked.
pub(crate) fn server_error(error: &ServerError) -> Error {
    use ServerErrorKind as K;
    let id = match &error.kind {
        K::Address => {
            let why = error.address.parse::<ServerAddress>().err().unwrap_or(ServerAddressError::Character);
            return Error::new(Id::ServerAddress).with("address", &error.address).with("why", why).cause(error);
        }
        K::Unresolved(_) => Id::ServerUnresolved,
        K::Unreachable(_) => Id::ServerUnreachable,
        K::Proxy(_) => Id::ServerProxy,
        K::Timeout => Id::ServerTimeout,
        K::Interrupted => return Error::new(Id::Interrupted).cause(error),
        K::Cut(_) => Id::ServerCut,
        K::Tls(_) => Id::ServerTls,
        K::NotRunning => Id::ServerNotRunning,
        K::Status(status) => return about(Id::ServerHttp, error).with("status", status),
        K::NotHttp(_) | K::Coding(_) | K::Body(_) => Id::ServerGarbage,
        K::TooLong { longest } => return about(Id::ServerTooLong, error).with("longest", longest),
        K::Trust(trust) => return trust_error(trust, error),
        K::Refused(failure) => return refused(failure, error),
    };
    about(id, error)
}

fn about(id: Id, error: &ServerError) -> Error {
    let function = if error.function.is_empty() { text("the-connection", &[]) } else { error.function.to_owned() };
    Error::new(id).with("server", &error.address).with("function", function).cause(error)
}

fn trust_error(trust: &TrustError, error: &ServerError) -> Error {
    use TrustError as T;
    let clock = |now: &i64| date(*now);
    match trust {
        T::WebIssuer => about(Id::ServerWebCertificate, error),
        T::TestIssuer(issuer) => about(Id::ServerTestCertificate, error).with("issuer", issuer),
        T::UnknownIssuer => about(Id::ServerUnknownIssuer, error),
        T::NotTheCards(issuer) => about(Id::ServerNotTheCards, error).with("issuer", issuer),
        T::IssuerExpired { expired, now, .. } => {
            about(Id::ServerIssuerExpired, error).with("expired", date(*expired)).with("now", clock(now))
        }
        T::Expired { now } => about(Id::ServerExpired, error).with("now", clock(now)),
        T::NotYetValid { now } => about(Id::ServerNotYetValid, error).with("now", clock(now)),
        T::OtherHost { names } => about(Id::ServerOtherHost, error).with("names", names.join(", ")),
        T::Curve => about(Id::ServerCurve, error),
        T::Other(_) => about(Id::ServerUntrusted, error),
    }
}

fn date(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| seconds.to_string(), |time| time.strftime("%Y-%m-%d %H:%M").to_string())
}

fn refused(failure: &ExecutionFailure, error: &ServerError) -> Error {
    let mut told = match &failure.code {
        Some(code) => refused_with(code, failure, error),
        None => about(Id::ServerSilent, error).with("status", &failure.status),
    };
    let mut shown = failure.clone();
    // There may be more of the words than is shown.
    shown.redact(&[]);
    let (subject, reason) = shown.code.map(|code| (code.subject, code.reason)).unwrap_or_default();
    told.refusal = Some(Box::new(ServerRefusal {
        server: error.address.clone(),
        function: error.function,
        subject,
        reason,
        identifier: shown.identifier,
        message: shown.message,
    }));
    told
}

fn refused_with(code: &StatusCode, failure: &ExecutionFailure, error: &ServerError) -> Error {
    let id = refusal::meaning(failure, error.function).id;
    let named = |name: Option<&str>, number: &str| match name {
        Some(name) => words::phrase(words::language(), name),
        None => text("numbered", &[("number", number.into())]),
    };
    let subject = named(code.subject_name(), &code.subject);
    let reason = named(code.reason_name(), &code.reason);
    let why = text("subject-and-reason", &[("subject", subject.as_str().into()), ("reason", reason.as_str().into())]);
    about(id, error).with("subject", subject).with("reason", reason).with("pair", code).with("why", why)
}

/// Why a download from `server` was stopped before anything was loaded.
pub(crate) fn stopped_error(stopped: &Stopped, server: &str) -> Error {
    let error = cause_error(&stopped.cause, server).code(code_after(stopped));
    match stopped.cancellation.as_ref().and_then(untold) {
        Some(aside) => error.aside(aside),
        None => error,
    }
}

/// Why a discovery server told nothing: there is no activation code in this.
pub(crate) fn discovery_error(stopped: &Stopped, server: &str) -> Error {
    let mut error = stopped_error(stopped, server);
    error.code = None;
    if error.id == Id::ServerNotRunning {
        error.id = Id::SmdsNotRunning;
    }
    error
}

fn cause_error(cause: &Cause, server: &str) -> Error {
    match cause {
        Cause::Card(lpa::Error::Refused(refusal)) if is_about_server(refusal) => Error::new(Id::ServerNotForCard)
            .with("server", server)
            .with("why", refusal.meaning)
            .with("name", refusal.name)
            .cause(refusal),
        Cause::Card(error) => card_error(error.clone()),
        Cause::Server(error) => server_error(error),
        Cause::Mistrust(mistrust) => mistrust_error(mistrust, server).cause(mistrust),
        Cause::Unreadable(error) if is_about_iccid(error) => {
            Error::new(Id::OfferWithoutIccid).with("server", server).cause(error)
        }
        Cause::Unreadable(error) => {
            Error::new(Id::ServerGarbage).with("server", server).with("function", text("the-session", &[])).cause(error)
        }
        Cause::Package(error) => Error::new(Id::PackageUnusable).with("why", error),
        Cause::MetadataChanged { what } => Error::new(Id::MetadataChanged).with("what", what),
        Cause::PolicyChanged => Error::new(Id::MetadataChanged).with("what", text("its-policy-rules", &[])),
        Cause::CardLimit(limit) => limit_error(limit),
        Cause::ConfirmationMissing => Error::new(Id::ConfirmationRequired),
    }
}

/// True if a description lacks the number of its profile, or has an impossible one.
fn is_about_iccid(error: &DecodeError) -> bool {
    error.place == "ICCID" || error.kind == DecodeErrorKind::Missing(field::ICCID)
}

/// Converts a limit of the card that rules out downloads from any server.
pub(crate) fn limit_error(limit: &CardLimit) -> Error {
    match limit {
        CardLimit::OldVersion(version) => Error::new(Id::CardTooOld).with("version", version),
        CardLimit::NoVerificationIssuer => Error::new(Id::CardAcceptsNoServer),
        CardLimit::NoCommonIssuer => Error::new(Id::CardIssuersDiffer),
        // Those that block no download never stop one.
        _ => Error::new(Id::CardCannotSign),
    }
}

/// The card does not accept what the server has signed, or by which certificate: nothing is wrong with the card.
fn is_about_server(refusal: &lpa::Refusal) -> bool {
    const ABOUT_SERVERS: [&str; 7] = [
        "invalidCertificate",
        "invalidSignature",
        "unsupportedCurve",
        "invalidOid",
        "euiccChallengeMismatch",
        "ciPKUnknown",
        "invalidTransactionId",
    ];
    let asked = matches!(refusal.function, "ES10b.AuthenticateServer" | "ES10b.PrepareDownload");
    asked && ABOUT_SERVERS.contains(&refusal.name)
}

fn mistrust_error(mistrust: &Mistrust, server: &str) -> Error {
    let not_common = |why: String| Error::new(Id::NoCommonIssuer).with("why", why);
    match mistrust {
        Mistrust::NoCommonIssuer { server } => {
            not_common(text("certified-under", &[("issuer", server.to_string().into())]))
        }
        Mistrust::CannotSignUnder { wanted } => {
            not_common(text("wants-signature-under", &[("issuer", wanted.to_string().into())]))
        }
        Mistrust::OtherServer { expected, found } => {
            Error::new(Id::OtherServer).with("expected", expected).with("found", found)
        }
        other => Error::new(Id::ServerConfused).with("server", server).with("why", other),
    }
}

/// The state of the code after a download that stopped.
fn code_after(stopped: &Stopped) -> CodeState {
    if let Cause::Server(ServerError { kind: ServerErrorKind::Refused(failure), function, .. }) = &stopped.cause {
        match refusal::meaning(failure, function).worth {
            Worth::Good => return CodeState::Good,
            Worth::Rejected => return CodeState::Rejected,
            Worth::OtherCard => return CodeState::OtherCard,
            Worth::Open => return CodeState::Unknown,
            Worth::Kept => {}
        }
    }
    match &stopped.cancellation {
        None => CodeState::Good,
        Some(cancellation) => code_after_cancelling(cancellation, stopped.package_requested),
    }
}

/// What a code is worth after a session was ended like this.
pub(crate) fn code_after_cancelling(cancellation: &Cancellation, package_requested: bool) -> CodeState {
    let told = matches!(cancellation.server, Some(Ok(())));
    code_after_stop(cancellation.stop, package_requested, told)
}

/// What a code is worth after a stop; `told` says whether the server has heard of it.
pub(crate) fn code_after_stop(stop: Stop, package_requested: bool, told: bool) -> CodeState {
    match (stop.rule().cost, stop) {
        // Where the reason says more than the table, the caller has looked at it.
        (Cost::Kept, _) | (Cost::ServerDecides, Stop::ServerRefused) => {
            if package_requested {
                CodeState::ThisCard
            } else {
                CodeState::Good
            }
        }
        (Cost::Spent, _) if told => CodeState::Spent,
        (Cost::Spent | Cost::ServerDecides, _) => CodeState::Unknown,
    }
}

/// A sentence on a server that does not know that the session is over.
fn untold(cancellation: &Cancellation) -> Option<String> {
    match cancellation {
        Cancellation { server: Some(Ok(())), .. } => None,
        Cancellation { card: Err(_), .. } => Some(text("card-cannot-sign-end", &[])),
        // It has ended the session by itself: that is why nothing works.
        Cancellation { server: Some(Err(error)), .. } if error.refusal().is_some() => None,
        Cancellation { .. } => Some(text("server-not-told-end", &[])),
    }
}

/// How a load ended that did not end well.
pub(crate) fn load_error(failure: &LoadFailure, server: &str) -> Error {
    match failure {
        LoadFailure::Stopped(stopped) => stopped_error(stopped, server),
        LoadFailure::Refused(result) => install_refused(result),
        LoadFailure::NotInstalled { cause, cancellation } => {
            let code = match cancellation {
                // The card has signed that it was installed, and the server will believe that.
                None if matches!(cause, lpa::Error::Untrue { .. }) => CodeState::Unknown,
                None => code_after_stop(Stop::LoadLost, true, false),
                Some(told) => code_after_cancelling(told, true),
            };
            let again = match code {
                CodeState::ThisCard => text("again-same-code", &[]),
                _ => text("again-new-code", &[]),
            };
            Error::new(Id::InstallFailed).state(State::NotDone).cause(cause).with("again", again).code(code)
        }
        LoadFailure::Unknown(doubt) => {
            Error::new(Id::InstallUnknown).state(State::Unknown).cause(doubt).code(CodeState::Unknown)
        }
    }
}

fn install_refused(result: &ProfileInstallationResult) -> Error {
    let Err(refusal) = &result.result else { return Error::new(Id::CardUntrue).code(CodeState::Unknown) };
    let response = refusal.sima_response.as_deref().map(SimaResponse::decode);
    let elements = match response {
        Some(Ok(response)) => response
            .elements
            .iter()
            .map(|element| {
                format!("profile element {}: {}", element.identification.unwrap_or(0), element.status.meaning())
            })
            .chain(response.message)
            .collect::<Vec<_>>()
            .join("; "),
        _ => String::new(),
    };
    let again = match refusal.reason {
        // Nothing is wrong with the profile: servers that know their business give it to the same card again.
        BppErrorReason::Interruption => "again-same-code-or-ask",
        BppErrorReason::InsufficientMemory => "again-after-making-room",
        _ => "again-ask",
    };
    Error::new(Id::InstallRefused)
        .state(State::NotDone)
        .with("again", text(again, &[]))
        .with("why", refusal.reason.meaning())
        .with("name", refusal.reason.name())
        .with("command", refusal.command.meaning())
        .cause(elements)
        .code(code_after_stop(Stop::InstallRefused, true, true))
}

/// The error that a session was ended for, with what that means for the code.
pub(crate) fn after_cancelling(error: Error, cancellation: &Cancellation, package_requested: bool) -> Error {
    let error = error.code(code_after_cancelling(cancellation, package_requested));
    match untold(cancellation) {
        Some(aside) => error.aside(aside),
        None => error,
    }
}

/// The error that an offer was declined for, with what that means for the code.
pub(super) fn after_declining(error: Error, cancellation: &Cancellation) -> Error {
    let how = match cancellation.stop.rule().cost {
        Cost::Spent => "declined-for-good",
        _ => "declined-for-now",
    };
    after_cancelling(error.with("how", text(how, &[])), cancellation, false)
}

/// How a download that was declined stands in the journal.
pub(crate) fn declined(cancellation: &Cancellation) -> Error {
    after_declining(Error::new(Id::DownloadDeclined).cause(cancellation.stop.rule().name), cancellation)
}
