//! How long cards may take.

use std::time::Duration;

use sgp22::transport::Patience;

/// How long a card and what it is in may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// To power the card up, and to get the reader or port from a program that has it.
    pub connect: Duration,
    /// To answer an ordinary command.
    pub normal: Duration,
    /// To answer a command that works long.
    pub long: Duration,
}

impl Timeouts {
    /// These with `normal` for an ordinary command, and the others to fit.
    #[must_use]
    pub fn with_normal(normal: Duration) -> Self {
        Self { connect: normal.min(Self::default().connect), normal, long: normal.saturating_mul(4) }
    }

    /// How long a command of this kind may take.
    #[must_use]
    pub fn of(&self, patience: Patience) -> Duration {
        match patience {
            Patience::Normal => self.normal,
            Patience::Long => self.long,
        }
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), normal: Duration::from_secs(30), long: Duration::from_secs(120) }
    }
}
