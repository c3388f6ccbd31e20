//! What hosts say to the daemon that shares a port among them (libmbim's mbim-proxy).

use super::buffer::{Reader, Writer};
use super::{BufferError, Command, Uuid};

/// The service.
pub const SERVICE: Uuid =
    Uuid([0x83, 0x8c, 0xf7, 0xfb, 0x8d, 0x0d, 0x4d, 0x7f, 0x87, 0x1e, 0xd7, 0x1d, 0xbe, 0xfb, 0xb3, 0x9b]);

/// The command that says which port is meant.
pub const CONFIGURATION: u32 = 1;

/// Which port is meant; the first thing that a host says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The device, without symbolic links.
    pub path: String,
    /// How long opening it may take, in seconds.
    pub timeout: u32,
}

impl Configuration {
    /// The command.
    #[must_use]
    pub fn command(&self) -> Command {
        Command::set(SERVICE, CONFIGURATION, Writer::new(12).text(&self.path).u32(self.timeout).finish())
    }

    /// Reads it.
    pub fn decode(buffer: &[u8]) -> Result<Self, BufferError> {
        let mut reader = Reader::new(buffer);
        // The time-out stands behind the reference.
        let mut behind = reader.clone();
        behind.take(8)?;
        let timeout = behind.u32()?;
        Ok(Self { path: reader.text()?, timeout })
    }
}
