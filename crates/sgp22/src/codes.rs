//! Result codes: integers that may be unknown.
//!
//! A card of next year answers codes that nobody here has heard of. They are kept and printed, never an error of
//! decoding, so every code type has an `Unknown` arm.

/// Declares a result code type: its codes by SGP.22's identifier, each with a sentence for a person.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $( $variant:ident = $code:literal, $identifier:literal, $meaning:literal; )*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $( #[doc = concat!("`", $identifier, "` (", stringify!($code), "): ", $meaning, ".")] $variant, )*
            /// A code that this version does not know.
            Unknown(i64),
        }

        impl $name {
            /// The code's meaning by its number.
            #[must_use]
            pub const fn from_code(code: i64) -> Self {
                match code {
                    $( $code => Self::$variant, )*
                    other => Self::Unknown(other),
                }
            }

            /// The number on the wire.
            #[must_use]
            pub const fn code(self) -> i64 {
                match self {
                    $( Self::$variant => $code, )*
                    Self::Unknown(code) => code,
                }
            }

            /// The identifier that SGP.22 gives it; `unknown` if it has none here.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $( Self::$variant => $identifier, )*
                    Self::Unknown(_) => "unknown",
                }
            }

            /// What it says, for a person.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self {
                    $( Self::$variant => $meaning, )*
                    Self::Unknown(_) => "a result that this version does not know",
                }
            }

            /// Reads the INTEGER of an answer.
            pub fn decode(value: &[u8]) -> Result<Self, $crate::tlv::DecodeError> {
                $crate::tlv::decode_int(stringify!($name), value).map(Self::from_code)
            }

            /// The INTEGER of an answer.
            #[must_use]
            pub fn encode(self) -> Vec<u8> {
                $crate::tlv::encode_int(self.code())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{} ({})", self.name(), self.code())
            }
        }
    };
}
pub(crate) use codes;
