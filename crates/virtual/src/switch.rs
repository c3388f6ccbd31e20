//! Switches: ways to depart from what is well-behaved, each with a name, and some with a parameter. Cards have quirks,
//! servers have behaviours.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A kind of switches.
pub trait Switch: Copy + Eq + 'static {
    /// What one is called.
    const WHAT: &'static str;
    /// All of them.
    const ALL: &'static [Self];

    /// The name on the command line.
    fn name(self) -> &'static str;
    /// What may follow behind `=`, and what is taken if nothing does.
    fn parameter(self) -> Option<(&'static str, &'static str)>;
    /// Whether a parameter of this kind can be that, and what is wanted.
    fn fits(kind: &str, parameter: &str) -> (bool, &'static str);
}

/// A switch as chosen, with its parameter: `NAME` or `NAME=PARAMETER`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String", bound = "S: Switch")]
pub struct Chosen<S> {
    /// Which one.
    pub which: S,
    /// Its parameter.
    pub parameter: Option<String>,
}

/// Why a text names no switch.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// None has this name.
    #[error("there is no {what} {name:?}")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// What was given.
        name: String,
    },
    /// It takes none.
    #[error("{name} takes no parameter")]
    NoParameter {
        /// Name of the switch.
        name: &'static str,
    },
    /// The parameter is of no use.
    #[error("{name}: {parameter:?} is not {wanted}")]
    Parameter {
        /// Name of the switch.
        name: &'static str,
        /// What was given.
        parameter: String,
        /// What is wanted.
        wanted: &'static str,
    },
}

impl<S: Switch> FromStr for Chosen<S> {
    type Err = SwitchError;

    /// Reads `NAME` or `NAME=PARAMETER`.
    fn from_str(text: &str) -> Result<Self, SwitchError> {
        let (name, given) = text.split_once('=').map_or((text, None), |(name, parameter)| (name, Some(parameter)));
        let which = *S::ALL
            .iter()
            .find(|which| which.name() == name)
            .ok_or_else(|| SwitchError::Unknown { what: S::WHAT, name: name.into() })?;
        let name = which.name();
        match (which.parameter(), given) {
            (None, None) => Ok(Self { which, parameter: None }),
            (None, Some(_)) => Err(SwitchError::NoParameter { name }),
            (Some((kind, default)), given) => {
                let parameter = given.unwrap_or(default);
                let (fits, wanted) = S::fits(kind, parameter);
                if !fits {
                    return Err(SwitchError::Parameter { name, parameter: parameter.into(), wanted });
                }
                Ok(Self { which, parameter: Some(parameter.into()) })
            }
        }
    }
}

impl<S: Switch> TryFrom<String> for Chosen<S> {
    type Error = SwitchError;

    fn try_from(text: String) -> Result<Self, SwitchError> {
        text.parse()
    }
}

impl<S: Switch> From<Chosen<S>> for String {
    fn from(chosen: Chosen<S>) -> Self {
        chosen.to_string()
    }
}

impl<S: Switch> std::fmt::Display for Chosen<S> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.parameter {
            Some(parameter) => write!(f, "{}={parameter}", self.which.name()),
            None => f.write_str(self.which.name()),
        }
    }
}

/// Declares a kind of switches: each with its name, its parameter, and whatever else its `$entry` tells; `$fits` judges
/// parameters, as [`Switch::fits`] has it.
macro_rules! switches {
    (
        $(#[$meta:meta])*
        pub enum $kind:ident, called $what:literal, described by $entry:ident, checked by $fits:ident;
        $( $variant:ident = $name:literal $(($parameter:literal = $default:literal))?, $doc:literal $(, $more:literal)*; )*
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $kind {
            $( #[doc = $doc] $variant, )*
        }

        impl $kind {
            /// All of them, in the order of the table.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )*];

            /// Its description.
            #[must_use]
            pub const fn describe(self) -> &'static $entry {
                match self {
                    $( Self::$variant => const {
                        &$entry::of(
                            $name,
                            $crate::switch::switches!(@parameter $(($parameter = $default))?),
                            $doc $(, $more)*
                        )
                    }, )*
                }
            }
        }

        impl $crate::switch::Switch for $kind {
            const WHAT: &'static str = $what;
            const ALL: &'static [Self] = Self::ALL;

            fn name(self) -> &'static str {
                self.describe().name
            }

            fn parameter(self) -> Option<(&'static str, &'static str)> {
                self.describe().parameter
            }

            fn fits(kind: &str, parameter: &str) -> (bool, &'static str) {
                $fits(kind, parameter)
            }
        }
    };
    (@parameter) => { None };
    (@parameter ($parameter:literal = $default:literal)) => { Some(($parameter, $default)) };
}
pub(crate) use switches;
