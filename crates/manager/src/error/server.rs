//! From what goes wrong with servers and downloads to entries of the catalogue.

use jiff::Timestamp;
use lpa::download::{Cancellation, Cause, Cost, LoadFailure, Mistrust, Stop, Stopped};
use lpa::smdp::{ServerError, ServerErrorKind, TrustError};
use sgp22::es9p::{ExecutionFailure, StatusCode};
use sgp22::es10b::{BppErrorReason, ProfileInstallationResult, SimaResponse};
use sgp22::id::{ServerAddress, ServerAddressError};

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
        K::NotHttp(_) | K::Body(_) => Id::ServerGarbage,
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

/// What an order is worth after a server's refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Worth {
    /// As much as before, wherever the download was.
    Good,
    /// What it was at that point of the download.
    Kept,
    /// The refusal says it by itself: nothing is added to it.
    Said,
}

/// The pairs of subject and reason that an LPA meets, what each means, and what the order is worth after it. Several
/// servers write 3.1 and 4.1 for 3.10 and 4.10.
const REFUSALS: &[(&str, &str, Id, Worth)] = &[
    ("8.1", "4.8", Id::ServerNoMemory, Worth::Kept),
    ("8.1", "6.1", Id::CardRejected, Worth::Kept),
    ("8.1.1", "2.2", Id::NoOrderForCard, Worth::Said),
    ("8.1.1", "3.1", Id::OrderOtherCard, Worth::Said),
    ("8.1.1", "3.8", Id::OrderOtherCard, Worth::Said),
    ("8.1.1", "3.10", Id::OrderOtherCard, Worth::Said),
    ("8.1.2", "6.1", Id::CardRejected, Worth::Kept),
    ("8.1.2", "6.3", Id::CardCertificateExpired, Worth::Kept),
    ("8.1.3", "6.1", Id::CardRejected, Worth::Kept),
    ("8.1.3", "6.3", Id::CardCertificateExpired, Worth::Kept),
    ("8.1.4", "6.1", Id::CardRejected, Worth::Kept),
    ("8.2", "1.2", Id::OrderNotReleased, Worth::Good),
    ("8.2", "3.7", Id::PackageNotRebound, Worth::Said),
    ("8.2.5", "3.7", Id::NoEligibleProfile, Worth::Said),
    ("8.2.5", "4.3", Id::NoEligibleProfile, Worth::Said),
    ("8.2.6", "3.1", Id::CodeRefused, Worth::Said),
    ("8.2.6", "3.3", Id::CodeRefused, Worth::Said),
    ("8.2.6", "3.8", Id::CodeRefused, Worth::Said),
    ("8.2.6", "3.9", Id::CodeRefused, Worth::Said),
    ("8.2.6", "3.10", Id::CodeRefused, Worth::Said),
    ("8.2.7", "2.2", Id::ConfirmationRequired, Worth::Good),
    ("8.2.7", "3.8", Id::ConfirmationRefused, Worth::Good),
    ("8.2.7", "6.4", Id::ConfirmationExhausted, Worth::Said),
    ("8.8", "4.4", Id::ServerBusy, Worth::Kept),
    ("8.8.1", "3.8", Id::ServerAddressRefused, Worth::Kept),
    ("8.8.2", "3.1", Id::ServerIssuers, Worth::Kept),
    ("8.8.3", "3.1", Id::ServerVersion, Worth::Kept),
    ("8.8.4", "3.7", Id::ServerIssuers, Worth::Kept),
    ("8.8.5", "4.1", Id::OrderExpired, Worth::Said),
    ("8.8.5", "4.10", Id::OrderExpired, Worth::Said),
    ("8.8.5", "6.4", Id::OrderExhausted, Worth::Said),
    ("8.9.1", "3.8", Id::ServerAddressRefused, Worth::Kept),
    ("8.9.2", "3.1", Id::ServerIssuers, Worth::Kept),
    ("8.9.3", "3.1", Id::ServerVersion, Worth::Kept),
    ("8.9.4", "3.7", Id::ServerIssuers, Worth::Kept),
    ("8.9.5", "3.9", Id::NoEvent, Worth::Kept),
    ("8.10.1", "3.9", Id::SessionUnknown, Worth::Kept),
    ("8.11.1", "3.9", Id::CardRejected, Worth::Kept),
];

/// The subjects whose refusals are about the order itself, also for reasons that the table does not have.
const ABOUT_THE_ORDER: [&str; 6] = ["8.2.6", "8.8.5", "8.2.7", "8.1.1", "8.2", "8.2.5"];

fn known_refusal(subject: &str, reason: &str) -> Option<(Id, Worth)> {
    let row = REFUSALS.iter().find(|(known, why, ..)| *known == subject && *why == reason)?;
    Some((row.2, row.3))
}

fn worth_after(failure: &ExecutionFailure) -> Worth {
    let Some(code) = &failure.code else { return Worth::Kept };
    match known_refusal(&code.subject, &code.reason) {
        Some((_, worth)) => worth,
        None if ABOUT_THE_ORDER.contains(&code.subject.as_str()) => Worth::Said,
        None => Worth::Kept,
    }
}

fn refused(failure: &ExecutionFailure, error: &ServerError) -> Error {
    let mut told = match &failure.code {
        Some(code) => refused_with(code, error),
        None => about(Id::ServerSilent, error).with("status", &failure.status),
    };
    let (subject, reason) = failure.code.clone().map(|code| (code.subject, code.reason)).unwrap_or_default();
    told.refusal = Some(Box::new(ServerRefusal {
        server: error.address.clone(),
        function: error.function,
        subject,
        reason,
        message: failure.message.clone(),
    }));
    told
}

fn refused_with(code: &StatusCode, error: &ServerError) -> Error {
    let id = match known_refusal(&code.subject, &code.reason) {
        Some((id, _)) => id,
        None if code.reason == "4.4" => Id::ServerBusy,
        None => Id::ServerRefused,
    };
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
    let error = cause_error(&stopped.cause, server);
    let error = match code_after(stopped) {
        Some(code) => error.code(code),
        None => error,
    };
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
        Cause::Unreadable(error) => {
            Error::new(Id::ServerGarbage).with("server", server).with("function", text("the-session", &[])).cause(error)
        }
        Cause::Package(error) => Error::new(Id::PackageUnusable).with("why", error),
        Cause::MetadataChanged { what } => Error::new(Id::MetadataChanged).with("what", what),
        Cause::PolicyChanged => Error::new(Id::MetadataChanged).with("what", text("its-policy-rules", &[])),
        Cause::OldCard { version } => Error::new(Id::CardTooOld).with("version", version),
        Cause::ConfirmationMissing => Error::new(Id::ConfirmationRequired),
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

/// What has become of the code; `None` where the server's answer says it already.
fn code_after(stopped: &Stopped) -> Option<CodeState> {
    if let Cause::Server(ServerError { kind: ServerErrorKind::Refused(failure), .. }) = &stopped.cause {
        match worth_after(failure) {
            Worth::Good => return Some(CodeState::Good),
            Worth::Said => return None,
            Worth::Kept => {}
        }
    }
    Some(match &stopped.cancellation {
        None => CodeState::Good,
        Some(cancellation) => code_after_cancelling(cancellation, stopped.package_requested),
    })
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
    let Err(refusal) = &result.result else { return Error::new(Id::CardUntrue) };
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
