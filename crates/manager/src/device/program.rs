//! The command line of a `stdio:` device, which may hold a password.

use crate::hash::sha256_hex;

/// The longest name of a program that is kept, in characters.
const MAX_NAME_LENGTH: usize = 32;
/// Digits of the hash that tells command lines apart.
const HASH_LENGTH: usize = 6;

/// A command line. Shown, recorded and stored is only the name of the program with a short hash of the whole, as in
/// `stdio:ssh#1f9a03`: enough to know the device again when it is named again, and nothing to read a password from.
#[derive(Clone, PartialEq, Eq)]
pub struct ProgramCommand(String);

impl From<&str> for ProgramCommand {
    fn from(line: &str) -> Self {
        Self(line.to_owned())
    }
}

impl ProgramCommand {
    /// The command line as the user gave it: to start the program, and for nothing else.
    pub(crate) fn line(&self) -> &str {
        &self.0
    }

    /// True if this is a name that was stored, and no command line that could be started.
    pub(crate) fn is_stored_name(&self) -> bool {
        self.0.rsplit_once('#').is_some_and(|(name, hash)| {
            safe_name(name) == name
                && hash.len() == HASH_LENGTH
                && hash.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
        })
    }

    fn stored_name(&self) -> String {
        if self.is_stored_name() {
            return self.0.clone();
        }
        let words = card_io::stdio::words(&self.0).unwrap_or_default();
        let path = words.first().map_or("", String::as_str);
        let hash = sha256_hex(self.0.as_bytes());
        format!("{}#{}", safe_name(path), &hash[..HASH_LENGTH])
    }
}

/// The file name of a program; `program` for what does not look like one, as an assignment in front of it.
fn safe_name(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or_default();
    let letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let plain = !name.is_empty() && name.len() <= MAX_NAME_LENGTH && name.chars().all(letter);
    if plain { name.to_owned() } else { "program".to_owned() }
}

impl std::fmt::Display for ProgramCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "stdio:{}", self.stored_name())
    }
}

impl std::fmt::Debug for ProgramCommand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ProgramCommand({})", self.stored_name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_never_shown() {
        for (line, name) in [
            ("/usr/bin/ssh -p hunter2 host", "stdio:ssh#"),
            ("'my card' --password hunter2", "stdio:program#"),
            ("PASSWORD=hunter2 card", "stdio:program#"),
            ("card", "stdio:card#"),
            ("'hunter2", "stdio:program#"),
        ] {
            let command = ProgramCommand::from(line);
            let shown = format!("{command} {command:?}");
            assert!(shown.starts_with(name) && !shown.contains("hunter2"), "{shown}");
            assert!(!command.is_stored_name());
            // Read again it is the same name, and can be told from a command line.
            let stored = command.to_string();
            let again = ProgramCommand::from(stored.trim_start_matches("stdio:"));
            assert_eq!((again.to_string(), again.is_stored_name()), (stored, true));
        }
        let other = |line: &str| ProgramCommand::from(line).to_string();
        assert_ne!(other("card -s 1"), other("card -s 2"));
    }
}
