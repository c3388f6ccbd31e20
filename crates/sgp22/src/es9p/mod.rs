//! ES9+: what an LPA says to an SM-DP+ over HTTPS, as JSON (SGP.22 5.6, 6.5.2). One file a function.
//!
//! Bodies carry objects of the card as they are, in base64. Servers are read leniently where there is one way to
//! understand them: a byte order mark, line breaks inside base64, its URL-safe alphabet and missing padding, small letters
//! in hexadecimal and in the status, unknown keys and `null`s, a missing header. Members that contradict each other are
//! refused, and what is signed is handed on byte for byte.

mod authenticate_client;
pub(crate) mod body;
mod cancel_session;
mod get_bound_profile_package;
mod handle_notification;
mod initiate_authentication;
mod json;
mod status;

pub use authenticate_client::{AuthenticateClient, ProfileOffer};
pub use body::BodyError;
pub use cancel_session::CancelSession;
pub use get_bound_profile_package::{BoundPackage, GetBoundProfilePackage};
pub use handle_notification::HandleNotification;
pub use initiate_authentication::{InitiateAuthentication, ServerAuthentication};
pub use status::{ExecutionFailure, StatusCode};

/// Where the functions of a server are found, below its host name; those of an SM-DS, too.
pub const PATH: &str = "/gsma/rsp2/es9plus/";

/// One function of a server: the request that goes there, and the answer that comes back, in both directions, since the
/// test servers read what the LPA writes.
pub trait ServerFunction: Sized {
    /// What the server answers.
    type Answer;
    /// Interface and name, as in `ES9+.InitiateAuthentication`.
    const NAME: &'static str;
    /// The last part of the path, below [`PATH`].
    const ENDPOINT: &'static str;

    /// The body of the request.
    fn encode(&self) -> Vec<u8>;
    /// Reads the body of a request.
    fn decode(body: &[u8]) -> Result<Self, BodyError>;
    /// The body of an answer; empty for one that has none.
    fn encode_answer(answer: &Self::Answer) -> Vec<u8>;
    /// Reads the body of an answer: what was asked for, or the server's reason why not. The body is taken, since it may
    /// be long.
    fn decode_answer(body: Vec<u8>) -> Result<Result<Self::Answer, ExecutionFailure>, BodyError>;
}
