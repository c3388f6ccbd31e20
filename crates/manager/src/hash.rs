//! SHA-256, as files and tables have it.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Computes SHA-256 in lower-case hexadecimal.
pub(crate) fn sha256_hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}
