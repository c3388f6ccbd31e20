//! Confirmation codes.

use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::{ParseIdError, TransactionId};

/// What a person types to release a download that the operator protected with it (SGP.22 3.1.3, 5.7.5).
///
/// It never leaves the device: card and server get a hash of it for this session alone. `Debug` hides it, and it is
/// wiped from memory.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfirmationCode(String);

impl ConfirmationCode {
    /// The code itself, to keep it out of what others say. It is sent to nobody.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `SHA256(code)`: what a server keeps instead of the code.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }

    /// `hashCc`: `SHA256(SHA256(code) || transactionId)`. As good as the code for this session.
    #[must_use]
    pub fn hash(&self, transaction_id: &TransactionId) -> [u8; 32] {
        let mut digest = self.digest();
        let hash = Self::hash_of_digest(&digest, transaction_id);
        digest.zeroize();
        hash
    }

    /// `hashCc` of a code of which only `SHA256(code)` is known: the server's side.
    #[must_use]
    pub fn hash_of_digest(digest: &[u8; 32], transaction_id: &TransactionId) -> [u8; 32] {
        Sha256::new().chain_update(digest).chain_update(transaction_id.as_bytes()).finalize().into()
    }
}

impl std::str::FromStr for ConfirmationCode {
    type Err = ParseIdError;

    /// Kept as it was typed: blanks count, since the server hashes what the operator wrote. Only the end of the line
    /// that a file or a pipe leaves behind it is none of the code.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = |why| ParseIdError { what: "confirmation code", why };
        let code = text.strip_suffix('\n').unwrap_or(text);
        let code = code.strip_suffix('\r').unwrap_or(code);
        match code.len() {
            0 => Err(error("it is empty")),
            1..=255 => Ok(Self(code.to_owned())),
            _ => Err(error("it has at most 255 bytes")),
        }
    }
}

impl Drop for ConfirmationCode {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for ConfirmationCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ConfirmationCode(…)")
    }
}
