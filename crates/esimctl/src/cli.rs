//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// Manages the profiles of an eUICC, and proves what it did.
#[derive(Debug, Parser)]
#[command(name = "esimctl", version, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = "PROFILE is an ICCID, its beginning or end, an AID, a nickname or name, or @n of the list.\n\
    DEVICE is virtual:NAME, pcsc, pcsc:READER or replay:FILE; options follow behind commas (aid=, mss=, se=, timeout=).\n\n\
    Exit codes: 0 done, 1 not done, 2 usage, 3 no device or card, 4 refused for safety, 5 server or network, 6 outcome unknown.")]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct Global {
    /// The device to use; without it the one in config.toml, or else the only usable one
    #[arg(long, short, global = true, env = "ESIMCTL_DEVICE", value_name = "DEVICE", hide_env_values = true)]
    pub(crate) device: Option<String>,
    /// Print one JSON document (docs/schema/) instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Keep virtual cards, the database and all that is remembered here
    #[arg(long, global = true, env = "ESIMCTL_STATE_DIR", value_name = "DIR", hide_env_values = true)]
    pub(crate) state_dir: Option<PathBuf>,
    /// Record the APDUs in a file that replay: plays back (PINs masked; EID and ICCIDs are in it)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Print what the command cost: APDUs, bytes and time on the card
    #[arg(long, global = true)]
    pub(crate) stats: bool,
    /// Explain what happens; twice for even more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Colour,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the readers and virtual cards, and why one cannot be used
    Devices {
        /// Also ask each free one what it is
        #[arg(long)]
        probe: bool,
    },
    /// Describe the eUICC: EID, maker, versions, memory, issuers, capabilities, policy, servers
    Info,
    /// List the profiles
    List {
        /// Everything about each of them
        #[arg(long)]
        all_fields: bool,
    },
    /// Show everything about one profile
    Show {
        profile: String,
        /// Save its icon
        #[arg(long, value_name = "FILE")]
        save_icon: Option<PathBuf>,
    },
    /// Enable a profile; the one that is enabled is disabled with it
    Enable { profile: String },
    /// Disable a profile
    Disable { profile: String },
    /// Give a profile a name of your own
    Rename {
        profile: String,
        /// Up to 64 bytes; empty to clear it
        name: String,
    },
    /// Delete a profile for good
    Delete(Delete),
    /// What the card has waiting for the operators' servers
    #[command(arg_required_else_help = true)]
    Notifications {
        #[command(subcommand)]
        command: Notifications,
    },
    /// The default SM-DP+ and the root SM-DS
    #[command(arg_required_else_help = true)]
    Server {
        #[command(subcommand)]
        command: Server,
    },
    /// Delete whole kinds of profiles, with no regard to their rules
    Reset(Reset),
    /// Virtual cards, to try things out and to test
    #[command(arg_required_else_help = true)]
    Virtual {
        #[command(subcommand)]
        command: Virtual,
    },
    /// Send APDUs as they are
    Apdu {
        /// One command each, in hexadecimal
        #[arg(required = true, value_name = "HEX")]
        commands: Vec<String>,
        /// Each HEX is the TLV of an ES10 function, sent to the ISD-R in STORE DATA blocks
        #[arg(long)]
        isdr: bool,
    },
    /// Find out why it does not work, and the command that mends it (exit code 0 whatever it finds)
    Doctor,
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Write the man pages into a directory
    Man { directory: PathBuf },
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// A whole ICCID, an AID or an exact name
    pub(crate) profile: String,
    /// Disable the profile first if it is enabled
    #[arg(long)]
    pub(crate) disable_first: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// How a command that cannot be undone gets its consent.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Do not ask
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Notifications {
    /// List them
    List,
    /// Show one with its signed payload
    Show {
        /// Its number
        seq: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Server {
    /// Show the addresses
    Show,
    /// Set the default SM-DP+
    Set {
        /// Host name
        address: String,
    },
    /// Clear the default SM-DP+
    Clear,
}

#[derive(Debug, Args)]
pub(crate) struct Reset {
    #[command(flatten)]
    pub(crate) choice: Choice,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// What a reset is to delete; nothing by default.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Choice {
    /// All operational profiles
    #[arg(long)]
    pub(crate) operational: bool,
    /// The test profiles that were loaded later
    #[arg(long)]
    pub(crate) test: bool,
    /// The default SM-DP+: back to what the card was made with
    #[arg(long)]
    pub(crate) server: bool,
    /// All three
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Virtual {
    /// Make a virtual card
    Create(Create),
    /// List the virtual cards
    List,
    /// Show all that is in a virtual card's memory
    Show { name: String },
    /// Remove a virtual card for good
    Remove { name: String },
    /// Put a virtual card into a real PC/SC reader (vsmartcard's vpcd) until stopped
    Plug {
        name: String,
        /// Where vpcd listens
        #[arg(long, value_name = "HOST:PORT", default_value = manager::virtual_cards::DEFAULT_ADDRESS)]
        vpcd: String,
    },
    /// List the ways in which a virtual card can depart from a well-behaved one
    Quirks,
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    pub(crate) name: String,
    /// So many profiles, the first one enabled; without it two
    #[arg(long, value_name = "N", conflicts_with = "profile", value_parser = clap::value_parser!(u16).range(0..=999))]
    pub(crate) profiles: Option<u16>,
    /// A profile with these properties: name=, provider=, nickname=, iccid=, server=, class=test|provisioning|operational,
    /// and the words enabled, ppr1, ppr2, with commas between
    #[arg(long, value_name = "PROPERTIES")]
    pub(crate) profile: Vec<String>,
    /// Give every profile an icon of 1 kB
    #[arg(long)]
    pub(crate) icons: bool,
    /// Its EID; without it a random one
    #[arg(long)]
    pub(crate) eid: Option<String>,
    /// Depart from a well-behaved card ('esimctl virtual quirks' lists how)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) quirk: Vec<String>,
}

impl Command {
    /// Its name in JSON.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Devices { .. } => "devices",
            Self::Info => "info",
            Self::List { .. } => "list",
            Self::Show { .. } => "show",
            Self::Enable { .. } => "enable",
            Self::Disable { .. } => "disable",
            Self::Rename { .. } => "rename",
            Self::Delete(_) => "delete",
            Self::Notifications { command: Notifications::List } => "notifications list",
            Self::Notifications { command: Notifications::Show { .. } } => "notifications show",
            Self::Server { command: Server::Show } => "server show",
            Self::Server { command: Server::Set { .. } } => "server set",
            Self::Server { command: Server::Clear } => "server clear",
            Self::Reset(_) => "reset",
            Self::Virtual { command: Virtual::Create(_) } => "virtual create",
            Self::Virtual { command: Virtual::List } => "virtual list",
            Self::Virtual { command: Virtual::Show { .. } } => "virtual show",
            Self::Virtual { command: Virtual::Remove { .. } } => "virtual remove",
            Self::Virtual { command: Virtual::Plug { .. } } => "virtual plug",
            Self::Virtual { command: Virtual::Quirks } => "virtual quirks",
            Self::Apdu { .. } => "apdu",
            Self::Doctor => "doctor",
            Self::Completions { .. } => "completions",
            Self::Man { .. } => "man",
        }
    }
}
