//! In what one modem differs from others: data, so that a new modem is a line in a table.

use std::time::Duration;

use modem_wire::at::IccidCommand;
use sgp22::transport::{ChannelKeeper, Nature};

/// By which commands APDUs travel over AT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApduForm {
    /// Found out: `+CCHO` and `+CGLA`, or else `+CSIM`.
    #[default]
    Probe,
    /// `+CCHO`, `+CGLA`, `+CCHC`: the modem keeps the channels.
    Cgla,
    /// `+CSIM`: the channels are ours.
    Csim,
}

/// What MBIM is told of the class byte, which the modem rebuilds from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClassByte {
    /// What the command has.
    #[default]
    ByCommand,
    /// Always that of extended classes.
    Extended,
    /// Always that of interindustry classes.
    Interindustry,
}

/// In what a modem differs from others. The default suits one without peculiarities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Habits {
    /// The form of APDUs over AT.
    pub apdu_form: ApduForm,
    /// AT: the class byte of `+CGLA` names the channel, or must not; `None`: it does, and the other form is tried where a
    /// read command is refused.
    pub channel_in_class: Option<bool>,
    /// AT: the command for the ICCID that it knows; `None`: found out.
    pub iccid_command: Option<IccidCommand>,
    /// The longest command data that it is given at first, in bytes; the language's usual if `None`.
    pub block: Option<u8>,
    /// A session that another program left must be closed before one can be opened (`AT+CCHC=1`).
    pub close_leftover: bool,
    /// MBIM: the class byte type.
    pub class_byte: ClassByte,
    /// MBIM: P2 of the SELECT by which a channel is opened.
    pub select_p2: u8,
    /// MBIM: the slot mapping is asked for and set.
    pub slot_mapping: bool,
    /// A command with data must carry an Le.
    pub le_with_data: bool,
    /// MBIM: TERMINAL CAPABILITY is set before a channel is opened, or never; `None`: where none can be opened without.
    pub terminal_capability: Option<bool>,
    /// QMI: procedure bytes are skipped while a profile is switched.
    pub skip_procedure_bytes: bool,
    /// How long the modem needs after a switch of slots before its card can be used.
    pub slot_settle: Duration,
    /// The modem notices by itself that a profile was switched.
    pub refreshes_itself: bool,
}

impl Habits {
    /// How a modem with these habits, which keeps the channels, wants its commands.
    pub(crate) fn nature(&self) -> Nature {
        Nature {
            le_with_data: self.le_with_data,
            we_are_the_terminal: false,
            channels: ChannelKeeper::Modem,
            longest_data: self.block,
        }
    }
}

impl Default for Habits {
    fn default() -> Self {
        Self {
            apdu_form: ApduForm::Probe,
            channel_in_class: None,
            iccid_command: None,
            block: None,
            close_leftover: false,
            class_byte: ClassByte::ByCommand,
            select_p2: 0x00,
            slot_mapping: true,
            le_with_data: true,
            terminal_capability: None,
            skip_procedure_bytes: false,
            slot_settle: Duration::ZERO,
            refreshes_itself: true,
        }
    }
}
