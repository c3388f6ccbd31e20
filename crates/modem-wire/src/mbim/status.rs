//! What a command's answer and a protocol error say.

/// How a command ended (MBIM 1.0 table 9-15, and those of Microsoft's UICC service).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Status(pub u32);

macro_rules! codes {
    ($kind:ident: $( $code:literal $name:ident $meaning:literal; )*) => {
        impl $kind {
            $( #[doc = concat!("`", stringify!($code), "`: ", $meaning, ".")] pub const $name: Self = Self($code); )*

            /// What the code says, in a few words.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $( Self::$name => $meaning, )*
                    _ => "a code without a known meaning",
                }
            }
        }
    };
}

codes! { Status:
    0 OK "done";
    1 BUSY "busy";
    2 FAILURE "failure";
    3 SIM_NOT_INSERTED "no SIM is inserted";
    4 BAD_SIM "the SIM cannot be used";
    5 PIN_REQUIRED "a PIN is wanted";
    9 NO_DEVICE_SUPPORT "the device does not support this";
    14 NOT_INITIALIZED "the SIM is not initialised";
    17 SERVICE_NOT_ACTIVATED "the service is not activated";
    20 RADIO_POWER_OFF "the radio is off";
    21 INVALID_PARAMETERS "invalid parameters";
    26 PARAMETER_TOO_LONG "a parameter is too long";
    27 STK_BUSY "busy with a proactive command of the card";
    28 OPERATION_NOT_ALLOWED "the operation is not allowed";
    34 INVALID_DEVICE_SERVICE_OPERATION "the service has no such operation";
    0x8743_0001 NO_LOGICAL_CHANNELS "the card has no logical channel left";
    0x8743_0002 SELECT_FAILED "SelectFailed: the application was not selected";
    0x8743_0003 INVALID_LOGICAL_CHANNEL "no such logical channel is open";
}

impl std::fmt::Debug for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            code @ 0x1_0000.. => write!(f, "MBIM status {code:08X}: {}", self.meaning()),
            code => write!(f, "MBIM status {code}: {}", self.meaning()),
        }
    }
}

/// What one side has against the messages of the other (MBIM 1.0 9.3.4).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ProtocolError(pub u32);

codes! { ProtocolError:
    0 INVALID "no error was told";
    1 TIMEOUT_FRAGMENT "a fragment did not come in time";
    2 FRAGMENT_OUT_OF_SEQUENCE "a fragment is out of sequence";
    3 LENGTH_MISMATCH "the length does not fit";
    4 DUPLICATED_TID "the transaction is under way already";
    5 NOT_OPENED "the device was not opened";
    6 UNKNOWN "the message is unknown";
    7 CANCEL "the operation is to be cancelled";
    8 MAX_TRANSFER "the longest transfer cannot be served";
}

impl std::fmt::Debug for ProtocolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl std::fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MBIM error {}: {}", self.0, self.meaning())
    }
}
