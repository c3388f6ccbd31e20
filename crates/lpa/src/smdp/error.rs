//! Why a server did not do what was asked.

use sgp22::ci::CiKeyId;
use sgp22::es9p::{BodyError, ExecutionFailure};

/// Whether the server has seen the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    /// It has not: nothing was sent.
    No,
    /// It may have: the request was on its way, and no answer came.
    Maybe,
    /// It has, and answered.
    Yes,
}

/// Why a server did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{function} at {address}: {kind}")]
pub struct ServerError {
    /// Who was asked.
    pub address: String,
    /// Name of the function; empty while a connection is made.
    pub function: &'static str,
    /// What went wrong.
    pub kind: ServerErrorKind,
    /// Whether the server has seen the request.
    pub reached: Reached,
}

impl ServerError {
    /// What the server said, if it is the server that refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&ExecutionFailure> {
        match &self.kind {
            ServerErrorKind::Refused(failure) => Some(failure),
            _ => None,
        }
    }
}

/// The beginning of the text of [`ServerErrorKind::Unresolved`].
pub const UNRESOLVED: &str = "the name cannot be resolved";

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ServerErrorKind {
    /// The address is none.
    #[error("the address is no host name")]
    Address,
    /// Nobody knows the name.
    #[error("{unresolved}: {0}", unresolved = UNRESOLVED)]
    Unresolved(String),
    /// No connection.
    #[error("no connection: {0}")]
    Unreachable(String),
    /// The proxy cannot be used.
    #[error("the proxy cannot be used: {0}")]
    Proxy(String),
    /// No answer in time.
    #[error("no answer in time")]
    Timeout,
    /// The user did not want to wait for it.
    #[error("stopped while waiting for the answer")]
    Interrupted,
    /// The connection broke while something was under way.
    #[error("the connection broke: {0}")]
    Cut(String),
    /// TLS cannot be spoken with the server.
    #[error("no TLS with the server: {0}")]
    Tls(String),
    /// What came back is no HTTP.
    #[error("the answer is no HTTP: {0}")]
    NotHttp(String),
    /// The server does not prove who it is.
    #[error("{0}")]
    Trust(TrustError),
    /// HTTP says that it did not work.
    #[error("HTTP status {0}")]
    Status(u16),
    /// The answer is longer than one can be.
    #[error("the answer is longer than {longest} bytes")]
    TooLong {
        /// How long one may be, in bytes.
        longest: usize,
    },
    /// The answer is compressed in a way that cannot be read.
    #[error("the answer cannot be read: {0}")]
    Coding(String),
    /// The answer cannot be read.
    #[error("{0}")]
    Body(BodyError),
    /// The server says why it does not do it.
    #[error("{}", told(.0))]
    Refused(ExecutionFailure),
    /// A virtual card is served by virtual servers alone, and none of this name runs.
    #[error("no virtual server of this name runs")]
    NotRunning,
}

/// Why a server's certificate is not accepted (SGP.22 2.6.6).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// From an issuer of the web, and none of the GSMA's.
    #[error("the certificate is one of the web, from an issuer that the GSMA does not name")]
    WebIssuer,
    /// From a test issuer, which is not accepted unless asked for.
    #[error("the certificate comes from a test issuer, {0}")]
    TestIssuer(CiKeyId),
    /// From nobody that is known.
    #[error("the certificate comes from an issuer that is not known")]
    UnknownIssuer,
    /// From an issuer that this card does not verify servers under.
    #[error("the certificate comes from {0}, which this card does not accept")]
    NotTheCards(CiKeyId),
    /// The issuer's own certificate has expired.
    #[error("the issuer {issuer} expired at {expired} (seconds since 1970), the clock here says {now}")]
    IssuerExpired {
        /// The issuer.
        issuer: CiKeyId,
        /// When, in seconds since 1970.
        expired: i64,
        /// What the clock here says.
        now: i64,
    },
    /// The certificate has expired.
    #[error("the certificate has expired; the clock here says {now} (seconds since 1970)")]
    Expired {
        /// What the clock here says, in seconds since 1970.
        now: i64,
    },
    /// The certificate is not valid yet: most often the clock here is wrong.
    #[error("the certificate is not valid yet; the clock here says {now} (seconds since 1970)")]
    NotYetValid {
        /// What the clock here says, in seconds since 1970.
        now: i64,
    },
    /// The certificate is for another host.
    #[error("the certificate is for {}", whom(.names))]
    OtherHost {
        /// Whom it is for.
        names: Vec<String>,
    },
    /// Keys on a curve that TLS cannot be spoken with here.
    #[error("the certificate's key is on a curve that is not supported")]
    Curve,
    /// Something else.
    #[error("{0}")]
    Other(String),
}

fn whom(names: &[String]) -> String {
    if names.is_empty() { "no host at all".into() } else { names.join(", ") }
}

fn told(failure: &ExecutionFailure) -> String {
    match &failure.code {
        Some(code) => format!(
            "the server refuses: {}, {} ({code})",
            code.subject_name().unwrap_or("unknown subject"),
            code.reason_name().unwrap_or("unknown reason")
        ),
        None => format!("the server refuses without saying why (status {:?})", failure.status),
    }
}
