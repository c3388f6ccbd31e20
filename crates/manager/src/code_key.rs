//! Activation codes that were used here before, recognised without keeping them.
//!
//! The journal has a keyed hash (HMAC-SHA-256) of each download's server and token. A token can be short enough to be
//! found by trying, so the hash has a random key of this state directory. The key is a file of its own, for whoever may use
//! the directory alone: neither the database nor a support bundle holds it.

use std::io::Read;

use data_encoding::HEXLOWER;
use hmac::{Hmac, KeyInit, Mac};
use private_files::{Access, Existing};
use sgp22::id::{MatchingId, ServerAddress};
use sha2::Sha256;

use crate::paths::Paths;

/// The length of the key, in bytes.
const KEY_LEN: usize = 32;

/// Computes the fingerprint of an order: 64 hexadecimal digits. `None` where it names nothing, or where there is no key and
/// none can be made: then codes are not recognised, and nothing else is lost.
pub(crate) fn fingerprint(paths: &Paths, server: &str, matching_id: Option<&MatchingId>) -> Option<String> {
    let matching_id = matching_id.filter(|id| !id.is_empty())?;
    // The one form that all spellings of an address have.
    let server: ServerAddress = server.parse().ok()?;
    let key = read(paths).or_else(|| make(paths))?;
    let mut hash = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    hash.update(server.to_string().as_bytes());
    hash.update(b"\0");
    hash.update(matching_id.expose().as_bytes());
    Some(HEXLOWER.encode(&hash.finalize().into_bytes()))
}

fn read(paths: &Paths) -> Option<[u8; KEY_LEN]> {
    let file = private_files::open_untrusted(&paths.code_key()).ok()?;
    let mut bytes = Vec::new();
    file.take(KEY_LEN as u64 + 1).read_to_end(&mut bytes).ok()?;
    bytes.try_into().ok()
}

/// Makes the key. If another process was quicker, the key is that one's.
fn make(paths: &Paths) -> Option<[u8; KEY_LEN]> {
    let mut key = [0; KEY_LEN];
    getrandom::fill(&mut key).ok()?;
    paths.make_state().ok()?;
    match private_files::write(&paths.code_key(), &key, Access::Directory, Existing::Refuse) {
        Ok(()) => Some(key),
        Err(error) => {
            log::info!("the key for codes is not new: {error}");
            read(paths)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn sandbox() -> (tempfile::TempDir, Paths) {
        let directory = tempfile::tempdir().unwrap();
        let paths = Paths::new(Some(directory.path().join("state"))).unwrap();
        (directory, paths)
    }

    fn code_fingerprint(paths: &Paths, server: &str, id: &str) -> Option<String> {
        fingerprint(paths, server, Some(&id.parse().unwrap()))
    }

    #[test]
    fn an_order_is_recognised_by_server_and_token_and_the_key_of_the_directory() {
        let (_directory, paths) = sandbox();
        let first = code_fingerprint(&paths, "smdp.example.com", "K7Q-TOKEN").unwrap();
        assert_eq!(first.len(), 64);
        for spelling in
            ["SMDP.example.com", " smdp.example.com. ", "smdp.example.com.:443", "https://smdp.example.com/"]
        {
            assert_eq!(code_fingerprint(&paths, spelling, "K7Q-TOKEN").as_ref(), Some(&first), "{spelling}");
        }
        for (server, id) in [
            ("smdp.example.org", "K7Q-TOKEN"),
            ("smdp.example.com", "K7Q-TOKEM"),
            ("smdp.example.com:8443", "K7Q-TOKEN"),
        ] {
            assert_ne!(code_fingerprint(&paths, server, id).as_ref(), Some(&first), "{server} {id}");
        }
        assert_eq!(
            (code_fingerprint(&paths, "smdp.example.com", ""), fingerprint(&paths, "smdp.example.com", None)),
            (None, None)
        );
        let (_other, elsewhere) = sandbox();
        assert_ne!(code_fingerprint(&elsewhere, "smdp.example.com", "K7Q-TOKEN").unwrap(), first, "another key");
        let mode = std::fs::metadata(paths.code_key()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn a_key_that_cannot_be_used_recognises_nothing() {
        for bytes in [&b""[..], b"short", &[7; 33]] {
            let (_directory, paths) = sandbox();
            paths.make_state().unwrap();
            std::fs::write(paths.code_key(), bytes).unwrap();
            assert_eq!(code_fingerprint(&paths, "a.example", "A"), None);
            assert_eq!(std::fs::read(paths.code_key()).unwrap(), bytes, "it is left alone");
        }
    }

    #[test]
    fn many_that_make_the_key_at_once_have_the_same() {
        let (_directory, paths) = sandbox();
        let all: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> =
                (0..8).map(|_| scope.spawn(|| code_fingerprint(&paths, "a.example", "A").unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(all.iter().all(|one| *one == all[0]), "{all:?}");
    }
}
