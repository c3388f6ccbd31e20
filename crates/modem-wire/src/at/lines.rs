//! Lines out of bytes that come cut anyhow.

/// The longest line that is taken, in bytes: an answer of 64 kB, which modems that fetch answers themselves may give in
/// one piece, is twice that in hexadecimal.
const LONGEST_LINE: usize = 160 * 1024;

/// A line that does not end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a line has more than {LONGEST_LINE} bytes")]
pub struct TooLong;

/// Cuts bytes into lines. `\r` and `\n` end a line alike, and empty lines are no lines: that serves every framing that
/// is in use, and lost line ends, too.
#[derive(Debug, Default)]
pub struct Lines {
    kept: Vec<u8>,
}

impl Lines {
    /// Takes bytes and gives the lines that they complete, without their ends. Bytes that are no UTF-8 are replaced: such
    /// a line is noise.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut lines = Vec::new();
        for part in bytes.split_inclusive(|byte| matches!(byte, b'\r' | b'\n')) {
            let ends = matches!(part.last(), Some(b'\r' | b'\n'));
            let part = if ends { &part[..part.len() - 1] } else { part };
            if self.kept.len() + part.len() > LONGEST_LINE {
                self.kept = Vec::new();
                return Err(TooLong);
            }
            // Serial lines at rest can give NULs.
            self.kept.extend(part.iter().filter(|byte| **byte != 0));
            if ends {
                let line = std::mem::take(&mut self.kept);
                let text = String::from_utf8_lossy(&line);
                let text = text.trim_ascii();
                if !text.is_empty() {
                    lines.push(text.to_owned());
                }
            }
        }
        Ok(lines)
    }

    /// Forgets the beginning of a line.
    pub fn forget(&mut self) {
        self.kept.clear();
    }
}
