//! The secrets of an order, kept out of what the server says.

use data_encoding::{BASE64, HEXLOWER};
use sgp22::id::{ConfirmationCode, MatchingId, TransactionId};

use crate::smdp::{ServerError, ServerErrorKind};

/// The secrets that belong to an order. Servers like to repeat them in their words, which go to the user and into logs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Secrets {
    matching_id: Option<MatchingId>,
    /// The confirmation code, and the session that it is hashed for.
    confirmation: Option<(ConfirmationCode, TransactionId)>,
}

impl Secrets {
    /// The token or event id that the server knows the order by.
    pub(crate) fn new(matching_id: Option<&MatchingId>) -> Self {
        Self { matching_id: matching_id.cloned(), confirmation: None }
    }

    /// Adds the confirmation code that is given in this session.
    pub(crate) fn add_confirmation(&mut self, code: &ConfirmationCode, session: &TransactionId) {
        self.confirmation = Some((code.clone(), session.clone()));
    }

    /// Takes the secrets out of the server's words.
    pub(crate) fn redact(&self, mut error: ServerError) -> ServerError {
        if let ServerErrorKind::Refused(failure) = &mut error.kind {
            let hashes = self.confirmation.iter().flat_map(|(code, session)| {
                // A short code can be guessed by them.
                [code.digest(), code.hash(session)].map(|hash| [HEXLOWER.encode(&hash), BASE64.encode(&hash)])
            });
            let hashes: Vec<String> = hashes.flatten().collect();
            let code = self.confirmation.as_ref().map(|(code, _)| code.expose());
            let token = self.matching_id.as_ref().map(MatchingId::expose);
            let secrets: Vec<&str> = hashes.iter().map(String::as_str).chain(code).chain(token).collect();
            failure.redact(&secrets);
        }
        error
    }
}

#[cfg(test)]
mod tests {
    use sgp22::es9p::ExecutionFailure;

    use super::*;
    use crate::smdp::Reached;

    #[test]
    fn all_secrets_of_an_order_are_taken_out() {
        let session: TransactionId = "0102".parse().unwrap();
        let code: ConfirmationCode = "Sesame-4711".parse().unwrap();
        let mut secrets = Secrets::new(Some(&"K7Q-TOKEN".parse().unwrap()));
        secrets.add_confirmation(&code, &session);
        let words = format!(
            "order K7Q-TOKEN, code sesame-4711, {}, {}",
            BASE64.encode(&code.hash(&session)),
            data_encoding::HEXUPPER.encode(&code.digest())
        );
        let kind = ServerErrorKind::Refused(ExecutionFailure::failed("8.2.7", "3.8", &words));
        let error = ServerError { address: String::new(), function: "", kind, reached: Reached::Yes };
        let told = secrets.redact(error).refusal().unwrap().message.clone();
        assert_eq!(told.as_deref(), Some("order …, code …, …=, …"));
        let shown = format!("{secrets:?}");
        assert!(!shown.contains("4711") && !shown.contains("K7Q"), "{shown}");
    }
}
