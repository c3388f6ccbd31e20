//! A walk over all that ends a download early: each ending says what the activation code is worth.

use lpa::download::{Cancellation, Cause, Doubt, LoadFailure, Mistrust, Stop, Stopped};
use lpa::smdp::{Reached, ServerError, ServerErrorKind, TrustError};
use sgp22::es9p::{BodyError, ExecutionFailure, InitiateAuthentication, ServerFunction};

use super::refusal::REFUSALS;
use super::*;

fn from_server(function: &'static str, kind: ServerErrorKind) -> ServerError {
    ServerError { address: "smdp.example.com".into(), function, kind, reached: Reached::Yes }
}

/// Each cause that a download is stopped for; the refusals with each pair of codes, and without any.
fn causes() -> Vec<Cause> {
    const FUNCTIONS: [&str; 3] =
        [InitiateAuthentication::NAME, "ES9+.AuthenticateClient", "ES9+.GetBoundProfilePackage"];
    let pairs = REFUSALS.iter().map(|(subject, reason, ..)| ExecutionFailure::failed(subject, reason, ""));
    let mut failures: Vec<ExecutionFailure> = pairs.collect();
    failures.extend([("8.2.1", "3.3"), ("8.99.7", "9.1")].map(|(s, r)| ExecutionFailure::failed(s, r, "")));
    failures.push(ExecutionFailure { status: "Expired".into(), ..ExecutionFailure::default() });
    failures.push(ExecutionFailure::failed("8.2", "1.2", "actual=Error"));
    let refusals = failures.into_iter().flat_map(|failure| {
        FUNCTIONS.map(|function| Cause::Server(from_server(function, ServerErrorKind::Refused(failure.clone()))))
    });
    let kinds = [
        ServerErrorKind::Timeout,
        ServerErrorKind::Interrupted,
        ServerErrorKind::Cut(String::new()),
        ServerErrorKind::Status(503),
        ServerErrorKind::TooLong { longest: 1 },
        ServerErrorKind::Coding(String::new()),
        ServerErrorKind::Body(BodyError::Empty { place: "" }),
        ServerErrorKind::Trust(TrustError::WebIssuer),
        ServerErrorKind::NotRunning,
    ];
    let servers = kinds.map(|kind| Cause::Server(from_server("ES9+.AuthenticateClient", kind)));
    let others = [
        Cause::Card(lpa::Error::Interrupted),
        Cause::Mistrust(Mistrust::Challenge),
        Cause::MetadataChanged { what: "its name" },
        Cause::PolicyChanged,
        Cause::ConfirmationMissing,
    ];
    refusals.chain(servers).chain(others).collect()
}

#[test]
fn every_ending_says_what_the_code_is_worth() {
    for cause in causes() {
        for package_requested in [false, true] {
            let stop = cause.stop();
            let cancellation = |server| Cancellation { stop, reason: stop.reason(), card: Ok(()), server };
            let lost = from_server("ES9+.CancelSession", ServerErrorKind::Timeout);
            for cancellation in [None, Some(cancellation(Some(Ok(())))), Some(cancellation(Some(Err(lost))))] {
                let stopped = Stopped { cause: cause.clone(), cancellation, package_requested };
                let error = stopped_error(&stopped, "smdp.example.com");
                assert!(error.code.is_some() && error.code_sentence().ends_with('.'), "{cause}: {error:?}");
                assert!(error.clone().without_code().code_sentence().ends_with('.'), "{cause}");
                let failed = load_error(&LoadFailure::Stopped(stopped), "smdp.example.com");
                assert_eq!(failed.code, error.code);
            }
        }
    }
    for stop in Stop::ALL {
        for told in [Some(Ok(())), None] {
            let cancellation = Cancellation { stop: *stop, reason: stop.reason(), card: Ok(()), server: told };
            assert!(after_cancelling(Error::new(Id::DownloadDeclined), &cancellation, false).code.is_some());
        }
    }
    let doubt = Doubt { cause: lpa::Error::Interrupted, reread: lpa::Error::Interrupted };
    assert_eq!(load_error(&LoadFailure::Unknown(doubt), "").code, Some(CodeState::Unknown));
}
