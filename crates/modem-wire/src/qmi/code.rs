//! Error codes of QMI.

/// Why a modem refuses a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ErrorCode(pub u16);

macro_rules! codes {
    ($( $number:literal $name:ident $text:literal, $doc:literal; )*) => {
        impl ErrorCode {
            $( #[doc = $doc] pub const $name: Self = Self($number); )*

            /// Its name, as libqmi has it; empty if it is not known.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self.0 {
                    $( $number => $text, )*
                    _ => "",
                }
            }
        }
    };
}

codes! {
    1 MALFORMED_MESSAGE "MalformedMessage", "The request cannot be read.";
    2 NO_MEMORY "NoMemory", "The modem has no memory for it.";
    3 INTERNAL "Internal", "Something went wrong in the modem.";
    4 ABORTED "Aborted", "It was cut short.";
    5 CLIENT_IDS_EXHAUSTED "ClientIdsExhausted", "There is no client id left.";
    7 INVALID_CLIENT_ID "InvalidClientId", "The modem does not know this client.";
    9 INVALID_HANDLE "InvalidHandle", "The modem does not know this handle or channel.";
    17 MISSING_ARGUMENT "MissingArgument", "An element is missing.";
    19 ARGUMENT_TOO_LONG "ArgumentTooLong", "An element is too long.";
    23 DEVICE_IN_USE "DeviceInUse", "Somebody else uses it.";
    25 DEVICE_NOT_SUPPORTED "DeviceUnsupported", "This modem does not do that.";
    26 NO_EFFECT "NoEffect", "It is like that already.";
    31 INVALID_SERVICE "InvalidServiceType", "There is no such service.";
    37 UIM_UNINITIALIZED "UimUninitialized", "The card is not started yet.";
    46 GENERAL "General", "No reason is given.";
    48 INVALID_ARGUMENT "InvalidArgument", "An element has a value that it cannot have.";
    52 DEVICE_NOT_READY "DeviceNotReady", "The modem is not ready yet.";
    68 INSUFFICIENT_RESOURCES "InsufficientResources", "The modem has no channel, memory or room in a message left for it.";
    69 DISABLED "Disabled", "It is switched off.";
    70 INVALID_OPERATION "InvalidOperation", "It cannot be done now.";
    71 INVALID_QMI_COMMAND "InvalidQmiCommand", "The message is unknown.";
    74 INFORMATION_UNAVAILABLE "InformationUnavailable", "There is nothing to tell.";
    80 SIM_FILE_NOT_FOUND "SimFileNotFound", "The card has no such file.";
    81 EXTENDED_INTERNAL "ExtendedInternal", "Something went wrong in the modem.";
    82 ACCESS_DENIED "AccessDenied", "The modem or the card does not allow it.";
    83 HARDWARE_RESTRICTED "HardwareRestricted", "The modem's hardware does not allow it.";
    90 INCOMPATIBLE_STATE "IncompatibleState", "It cannot be done in this state.";
    94 NOT_SUPPORTED "NotSupported", "The modem does not do that.";
    96 CARD_CALL_CONTROL_FAILED "CardCallControlFailed", "The card did not allow it.";
    98 MESSAGE_BLOCKED "MsgBlocked", "The modem blocks such requests.";
    102 NO_SIM "NoSim", "There is no card.";
    104 PIN_RESTRICTION "PinRestriction", "The PIN of the SIM is wanted first.";
    106 PUK_RESTRICTION "PukRestriction", "The PUK of the SIM is wanted first.";
    118 OPERATION_IN_PROGRESS "OperationInProgress", "Something else is going on.";
}

impl ErrorCode {
    /// True if the modem has no such message.
    #[must_use]
    pub const fn is_unknown_message(self) -> bool {
        matches!(self, Self::INVALID_QMI_COMMAND | Self::NOT_SUPPORTED | Self::DEVICE_NOT_SUPPORTED)
    }

    /// True if the card or the modem is not ready yet, so that it is worth asking again.
    #[must_use]
    pub const fn is_not_yet(self) -> bool {
        matches!(
            self,
            Self::DEVICE_NOT_READY | Self::UIM_UNINITIALIZED | Self::OPERATION_IN_PROGRESS | Self::INCOMPATIBLE_STATE
        )
    }
}

impl std::fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "QMI error {}", self.0)?;
        if self.name().is_empty() { Ok(()) } else { write!(f, " {}", self.name()) }
    }
}
