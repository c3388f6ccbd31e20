//! The command line.

mod retire;

use std::path::PathBuf;
use std::time::Duration;

pub(crate) use retire::{
    Backup, ChannelName, Clean, Device, GuideName, Inventory, InventoryCommand, Record, Retire, RetireCommand, Start,
    StepName,
};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use manager::virtual_modems::Language;

/// Manages the profiles of an eUICC, and proves what it did.
#[derive(Debug, Parser)]
#[command(name = "esimctl", version, disable_help_subcommand = true, arg_required_else_help = true)]
#[command(after_help = "PROFILE is an ICCID, its beginning or end, an AID, a nickname or name, or @n of the list.\n\
    DEVICE is virtual:NAME, pcsc, pcsc:READER, at:PORT, at-csim:PORT, qmi:PORT, mbim:PORT, qrtr:NODE, stdio:COMMAND or \
    replay:FILE; options follow behind commas (aid=, mss=, se=, timeout=, slot=, proxy=, quirk=).\n\n\
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
    /// The device to use; without it the one in config.toml, or else the only usable one; a modem only if nothing else is
    /// there
    #[arg(long, short, global = true, env = "ESIMCTL_DEVICE", value_name = "DEVICE", hide_env_values = true)]
    pub(crate) device: Option<String>,
    /// Print one JSON document (docs/schema/) instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Keep virtual cards, the database and all that is remembered here
    #[arg(long, global = true, env = "ESIMCTL_STATE_DIR", value_name = "DIR", hide_env_values = true)]
    pub(crate) state_dir: Option<PathBuf>,
    /// Record the APDUs in a file that replay: plays back (PINs, tokens and confirmation codes are
    /// masked; EID, ICCIDs, IMEI and what was read from the SIM are in it)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) trace: Option<PathBuf>,
    /// Replace files that are there already by those that the command writes; without it they are left alone
    #[arg(long, global = true)]
    pub(crate) overwrite: bool,
    /// Print what the command cost: APDUs and bytes, requests and connections, and the time of each
    #[arg(long, global = true)]
    pub(crate) stats: bool,
    /// Explain what happens; twice for even more
    #[arg(long, short, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// The language of errors and of `retire`; without it that of LC_ALL, LC_MESSAGES or LANG
    #[arg(
        long,
        global = true,
        env = "ESIMCTL_LANG",
        value_name = "LANGUAGE",
        hide_env_values = true,
        ignore_case = true
    )]
    pub(crate) lang: Option<Lang>,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Colour,
    #[command(flatten)]
    pub(crate) servers: Servers,
}

/// Which servers are trusted, and how they are reached. Every command that changes a card talks to some.
#[derive(Debug, Args)]
#[command(next_help_heading = "Servers")]
pub(crate) struct Servers {
    /// Trust the certificate issuers in this file too (PEM or DER)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Vec<PathBuf>,
    /// Trust the test issuers of SGP.26: for laboratories
    #[arg(long, global = true)]
    pub(crate) trust_test_ci: bool,
    /// Trust the issuers that this system trusts for the web: some operators' servers have no other certificate
    #[arg(long, global = true)]
    pub(crate) trust_web_ca: bool,
    /// Connect to ADDR:PORT2 for HOST:PORT, as curl does; empty parts stand for any and for the same
    #[arg(long, global = true, value_name = "HOST:PORT:ADDR:PORT2")]
    pub(crate) connect_to: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Lang {
    En,
    #[value(name = "zh-CN", alias = "zh_CN", alias = "zh")]
    ZhCn,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List the readers, modems and virtual cards, and why one cannot be used
    Devices {
        /// Also ask each free one what it is, all at once; those in use by other programs are left alone
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
        /// An ICCID, its beginning or end, an AID, a nickname or name, or @n of the list
        profile: String,
        /// Save its icon
        #[arg(long, value_name = "FILE")]
        save_icon: Option<PathBuf>,
    },
    /// Download a profile and install it
    Download(Download),
    /// Ask a discovery server (SM-DS) what waits for this card
    Discover(Discover),
    /// Enable a profile; the one that is enabled is disabled with it
    Enable(Enable),
    /// Disable a profile
    Disable(Switch),
    /// Give a profile a name of your own
    Rename {
        /// An ICCID, its beginning or end, an AID, a nickname or name, or @n of the list
        profile: String,
        /// Up to 64 bytes; empty to clear it
        name: String,
    },
    /// Delete a profile for good
    Delete(Delete),
    /// End a subscription: from "I want to cancel" to proof that it is gone everywhere
    Retire(Retire),
    /// The cards that were seen, and the profiles on them
    Inventory(Inventory),
    /// What the card has waiting for the operators' servers
    #[command(arg_required_else_help = true)]
    Notifications {
        #[command(subcommand)]
        command: Notifications,
    },
    /// What is kept here for the operators' servers until they take it
    #[command(arg_required_else_help = true)]
    Outbox {
        #[command(subcommand)]
        command: Outbox,
    },
    /// Find out what became of changes that were begun and never finished
    Recover {
        /// Close those, too, whose card is not at hand: nobody will ever know what became of them
        #[arg(long)]
        close: bool,
    },
    /// Switches that are undone if no network takes them (enable --rollback-after): those that are still open
    Rollback(Rollback),
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
    Doctor {
        /// Find out by harmless reads how the device wants to be treated, and remember it
        #[arg(long)]
        learn: bool,
        /// Forget what is remembered about the device
        #[arg(long, conflicts_with = "learn")]
        forget: bool,
    },
    /// List the quirks of modems and cards that are known, what is done about each, and who told
    Quirks,
    /// Put all that a bug report needs into one file that can be read: versions, devices, quirks, journal, recordings
    SupportBundle(SupportBundle),
    /// Print a completion script for a shell
    Completions { shell: clap_complete::Shell },
    /// Write the man pages into a directory
    Man { directory: PathBuf },
}

#[derive(Debug, Args)]
pub(crate) struct SupportBundle {
    /// A new file
    pub(crate) file: PathBuf,
    /// Put in what --trace has recorded; replay:FILE plays the first one back out of the bundle
    #[arg(long, value_name = "FILE")]
    pub(crate) recording: Vec<PathBuf>,
    /// Leave out nothing: EIDs, ICCIDs, IMEI, names and what was read from the SIM stay; without it EIDs and ICCIDs
    /// become other numbers, and everything else that may be personal is left out
    #[arg(long)]
    pub(crate) full: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// Consent to what takes this machine its way to the internet; nothing else stands for it, --yes least of all.
#[derive(Debug, Args)]
pub(crate) struct LinkConsent {
    /// Go on although this machine reaches the internet by the profile that is switched off; --yes does not stand for it
    #[arg(long)]
    pub(crate) lose_connection: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Switch {
    /// An ICCID, its beginning or end, an AID, a nickname or name, or @n of the list
    pub(crate) profile: String,
    #[command(flatten)]
    pub(crate) link: LinkConsent,
    /// With --json: a line for each step of waiting for a modem before the document
    #[arg(long, requires = "json")]
    pub(crate) progress: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Enable {
    #[command(flatten)]
    pub(crate) switch: Switch,
    /// Behind a modem: enable the former profile again if the new one finds no network in this time (for example 120, 120s
    /// or 2m); on record before the switch, so that a kill or a reboot does not end it: esimctl rollback --help
    #[arg(long, value_name = "TIME", value_parser = waiting_time)]
    pub(crate) rollback_after: Option<Duration>,
}

/// Without options, lists the switches that are still to be kept or undone.
///
/// `enable --rollback-after` records the switch with its deadline before it is made. While its process waits, that process
/// ends it: a network has taken the new profile, or the former one is enabled again. Should the process end too early (a
/// kill, a power cut, a reboot), the switch is due at once: the next command that uses a card goes back first, and so does
/// `rollback --due`, which the unit esimctl-rollback of dist/ runs at boot. A network that has taken the modem meanwhile,
/// or takes it in what is left of the time (30 seconds at most; after a reboot the time begins anew), keeps the new profile.
/// The clock on the wall decides nothing, so that it may jump. Going back is interrupted by nothing.
#[derive(Debug, Args)]
pub(crate) struct Rollback {
    /// Go back where a switch is due; without one, nothing is touched
    #[arg(long)]
    pub(crate) due: bool,
    /// With --due: wait so long for a modem that is not there yet, or that another program uses
    #[arg(long, requires = "due", value_name = "TIME", default_value = "60s", value_parser = waiting_time_or_none)]
    pub(crate) wait: Duration,
    /// Keep the new profile enabled: the switch with this number is not undone any more; without a number, none of them is
    #[arg(long, alias = "cancel", value_name = "NUMBER", num_args = 0.., conflicts_with = "due")]
    pub(crate) keep: Option<Vec<i64>>,
}

/// A time as in 120, 120s or 2m, or 0.
fn waiting_time_or_none(text: &str) -> Result<Duration, String> {
    if matches!(text, "0" | "0s") { Ok(Duration::ZERO) } else { waiting_time(text) }
}

/// A time as in 120, 120s or 2m.
fn waiting_time(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix('m') {
        Some(minutes) => (minutes, 60),
        None => (text.strip_suffix('s').unwrap_or(text), 1),
    };
    let seconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit));
    match seconds.filter(|seconds| (1..=86_400).contains(seconds)) {
        Some(seconds) => Ok(Duration::from_secs(seconds)),
        None => Err("a time is a number of seconds, or one with s or m behind it, up to a day".into()),
    }
}

#[derive(Debug, Args)]
pub(crate) struct Download {
    #[command(flatten)]
    pub(crate) source: CodeSource,
    /// Wait for Enter before exiting, if at a terminal: keeps a new window open
    #[arg(long)]
    pub(crate) hold: bool,
    #[command(flatten)]
    pub(crate) wishes: Wishes,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// Where the profile is to come from; without any of these, from the default SM-DP+ on the card.
#[derive(Debug, Args)]
pub(crate) struct CodeSource {
    /// The activation code, in single quotes; '-' reads it from standard input; without one, and without the options
    /// that stand for one, the default SM-DP+ of the card is asked
    #[arg(group = "source", hide_env_values = true)]
    pub(crate) code: Option<String>,
    /// A picture of its QR code; '-' reads it from standard input
    #[arg(long, value_name = "IMAGE", group = "source")]
    pub(crate) qr: Option<PathBuf>,
    /// A text with the code in it: a mail, a link, or the code alone
    #[arg(long, value_name = "FILE", group = "source")]
    pub(crate) code_file: Option<PathBuf>,
    /// The clipboard, with the code as text or a picture of its QR code (by wl-paste, xclip, xsel or pbpaste)
    #[arg(long, group = "source")]
    pub(crate) clipboard: bool,
    /// An SM-DP+, which looks for an order by the EID, or by --matching-id
    #[arg(long, value_name = "HOST", group = "source")]
    pub(crate) server: Option<String>,
    /// The MatchingID or event id that the server there knows the order by
    #[arg(long, value_name = "ID", requires = "server")]
    pub(crate) matching_id: Option<String>,
}

/// What else is wanted of a download.
#[derive(Debug, Args)]
pub(crate) struct Wishes {
    /// The confirmation code; asked for if the server wants one
    #[arg(long, value_name = "CODE", env = "ESIMCTL_CONFIRMATION_CODE", hide_env_values = true)]
    pub(crate) confirmation_code: Option<String>,
    /// The IMEI of the device, for operators who want to know
    #[arg(long)]
    pub(crate) imei: Option<String>,
    /// Enable the profile afterwards
    #[arg(long)]
    pub(crate) enable: bool,
    #[command(flatten)]
    pub(crate) link: LinkConsent,
    /// Save the icon of what is offered
    #[arg(long, value_name = "FILE")]
    pub(crate) save_icon: Option<PathBuf>,
    /// With --yes: agree to rules of the operator that the card wants agreed to by name
    #[arg(long)]
    pub(crate) accept_rules: bool,
    /// Go on with next to no memory on the card
    #[arg(long)]
    pub(crate) despite_memory: bool,
    /// Use a code that this computer has used before, without asking
    #[arg(long)]
    pub(crate) again: bool,
    /// Install nothing, and tell the server that the profile is not wanted: most servers then want a new order, so that
    /// the code is spent
    #[arg(long, conflicts_with_all = ["yes", "dry_run", "enable", "accept_rules"])]
    pub(crate) refuse: bool,
    /// Stop if nobody answers the question for so long; the code is kept
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) answer_within: u64,
    /// With --json: a line for each step before the document
    #[arg(long, requires = "json")]
    pub(crate) progress: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Discover {
    /// The SM-DS to ask; without it the one that the card names
    #[arg(long, value_name = "HOST")]
    pub(crate) server: Option<String>,
    /// Download what waits, if it is one profile
    #[arg(long)]
    pub(crate) download: bool,
    #[command(flatten)]
    pub(crate) wishes: Wishes,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Args)]
pub(crate) struct Delete {
    /// A whole ICCID, an AID or an exact name
    pub(crate) profile: String,
    /// Disable the profile first if it is enabled
    #[arg(long)]
    pub(crate) disable_first: bool,
    #[command(flatten)]
    pub(crate) link: LinkConsent,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// How a command that cannot be undone gets its consent.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Do not ask
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) yes: bool,
    /// Show what would be done, and change nothing
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
    /// Send some to their servers, or with --all everything that waits, on the card and in the outbox; remove from the
    /// card what is accepted
    Send(Chosen),
    /// Give some up: the card forgets them unsent, the outbox keeps a copy
    Drop {
        /// Their numbers
        #[arg(value_name = "SEQ", required = true)]
        seqs: Vec<u64>,
        /// Reason for the record: the outbox keeps it, and a case of 'retire' shows it
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        consent: Consent,
    },
    /// Write all with their signed payloads into a new file; the card is left as it is
    Export { file: PathBuf },
    /// Take those of such a file into the outbox
    Import { file: PathBuf },
    /// Check that the card signed what a file says: certificates, signature, and every number (exit code 1 if not)
    Verify {
        /// What 'notifications export' has written, a report, or a signed notification as the card gave it
        file: PathBuf,
    },
}

/// Which of the notifications on the card; none by default.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct Chosen {
    /// Their numbers
    #[arg(value_name = "SEQ")]
    pub(crate) seqs: Vec<u64>,
    /// All that wait, on the card and in the outbox
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Outbox {
    /// List what waits
    List {
        /// What was delivered or given up, too
        #[arg(long)]
        all: bool,
    },
    /// Try to deliver now; without numbers all of it
    Send {
        /// Their numbers in the outbox
        #[arg(value_name = "ID")]
        ids: Vec<i64>,
    },
    /// Give some up: they are never sent, the archive keeps them
    Drop {
        /// Their numbers in the outbox
        #[arg(value_name = "ID", required = true)]
        ids: Vec<i64>,
        /// Reason for the record: the archive keeps it, and a case of 'retire' shows it
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        #[command(flatten)]
        consent: Consent,
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
    pub(crate) link: LinkConsent,
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
    /// Answer for a virtual card on standard input and output, in the lines of JSON of lpac's stdio driver, until the end
    /// of input: for programs that ask so, and for --device 'stdio:esimctl virtual stdio NAME'
    Stdio { name: String },
    /// Put virtual cards into a modem, which programs for modems can use, until stopped
    Modem(Modem),
    /// List the ways in which a virtual card, or a virtual modem, can depart from a well-behaved one
    Quirks {
        /// Those of modems
        #[arg(value_enum, default_value_t = QuirksOf::Card, hide_default_value = true)]
        of: QuirksOf,
    },
    /// Run a virtual SM-DP+, which gives out profiles, until stopped
    Smdp(Smdp),
    /// Run a virtual SM-DS, which tells cards where profiles wait, until stopped
    Smds(Smds),
    /// List the ways in which a virtual server can depart from a well-behaved one, and what can go wrong once
    Behaviours,
    /// Certificates for virtual cards and servers
    #[command(arg_required_else_help = true)]
    Pki {
        #[command(subcommand)]
        command: Pki,
    },
}

/// What quirks are about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum QuirksOf {
    /// Cards
    Card,
    /// Modems
    Modem,
}

#[derive(Debug, Args)]
pub(crate) struct Modem {
    /// What it speaks
    #[arg(value_parser = languages())]
    pub(crate) language: Language,
    /// The virtual card in its first slot, or 'empty'
    pub(crate) card: String,
    /// What is in its next slot: a virtual card, or 'empty'
    #[arg(long, value_name = "CARD")]
    pub(crate) slot: Vec<String>,
    /// Make a symbolic link to its port, which stays the same when the port comes back under another name
    #[arg(long, value_name = "PATH")]
    pub(crate) link: Option<PathBuf>,
    /// Depart from a well-behaved modem ('esimctl virtual quirks modem' lists how)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) quirk: Vec<String>,
    /// Listen in place of qmi-proxy or mbim-proxy instead of at a port
    #[arg(long, conflicts_with = "link")]
    pub(crate) as_proxy: bool,
}

fn languages() -> impl clap::builder::TypedValueParser<Value = Language> {
    use clap::builder::TypedValueParser;
    clap::builder::PossibleValuesParser::new(Language::ALL.map(Language::name))
        .try_map(|name| Language::ALL.into_iter().find(|language| language.name() == name).ok_or("no such language"))
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Smdp {
    #[command(flatten)]
    pub(crate) serve: Serve,
    /// An order: its MatchingID (may be empty), then upp=FILE, size=BYTES, cc=CODE, eid=, iccid=, provider=, name=,
    /// class=test|provisioning|operational, owner=MCC-MNC, icon=FILE, expires=SECONDS, downloads=N, codes=N,
    /// notify=HOST|none, state=, and the words icon, ppr1, ppr2, with commas between
    #[arg(long, value_name = "MATCHINGID[,…]")]
    pub(crate) order: Vec<String>,
    #[command(subcommand)]
    pub(crate) command: Option<SmdpCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SmdpCommand {
    /// Show where each order stands, while the server runs or after
    Orders {
        /// The server's name
        #[arg(default_value = "default")]
        name: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Smds {
    #[command(flatten)]
    pub(crate) serve: Serve,
    /// Something that waits for a card
    #[arg(long, value_name = "EID,EVENTID,SERVER")]
    pub(crate) event: Vec<String>,
}

/// How a virtual server is run.
#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// What it is called; what it keeps goes by that name
    #[arg(default_value = "default")]
    pub(crate) name: String,
    /// Where it listens
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    pub(crate) listen: String,
    /// A host that it answers for; without it the one that virtual cards name
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Vec<String>,
    /// Its certificates and keys; without it those of the virtual cards
    #[arg(long, value_name = "DIR")]
    pub(crate) pki: Option<PathBuf>,
    /// Depart from a well-behaved server ('esimctl virtual behaviours' lists how)
    #[arg(long, value_name = "NAME[=VALUE]")]
    pub(crate) behaviour: Vec<String>,
    /// Let something go wrong with the N-th request
    #[arg(long, value_name = "KIND@N")]
    pub(crate) fault: Vec<String>,
    /// How long the network takes there and back, in milliseconds: once to connect, once for the TLS handshake (twice
    /// in TLS 1.2), once for each request
    #[arg(long, value_name = "MS", default_value_t = 0)]
    pub(crate) latency: u64,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Pki {
    /// Make a whole set: issuer, maker of eUICCs, SM-DP+ and SM-DS
    New {
        directory: PathBuf,
        /// The first eight digits of the EIDs that the maker may give
        #[arg(long, default_value = "89049032")]
        ein: String,
        /// Host of the SM-DP+
        #[arg(long, value_name = "HOST", default_value = manager::virtual_servers::DEFAULT_SMDP)]
        smdp: String,
        /// Host of the SM-DS
        #[arg(long, value_name = "HOST", default_value = manager::virtual_servers::DEFAULT_SMDS)]
        smds: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Create {
    pub(crate) name: String,
    /// So many profiles, the first one enabled; without it two
    #[arg(long, value_name = "N", conflicts_with = "profile", value_parser = clap::value_parser!(u16).range(0..=999))]
    pub(crate) profiles: Option<u16>,
    /// A profile with these properties: name=, provider=, nickname=, iccid=, server=, class=test|provisioning|operational,
    /// pin=, and the words enabled, ppr1, ppr2, with commas between
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
    /// Certify it by the issuer in this directory; without it by the one of the state directory
    #[arg(long, value_name = "DIR")]
    pub(crate) pki: Option<PathBuf>,
}

impl Command {
    /// Its name in JSON.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Devices { .. } => "devices",
            Self::Info => "info",
            Self::List { .. } => "list",
            Self::Show { .. } => "show",
            Self::Download(_) => "download",
            Self::Discover(_) => "discover",
            Self::Enable { .. } => "enable",
            Self::Disable { .. } => "disable",
            Self::Rename { .. } => "rename",
            Self::Delete(_) => "delete",
            Self::Retire(retire) => retire.name(),
            Self::Inventory(Inventory { command: None }) => "inventory",
            Self::Inventory(Inventory { command: Some(_) }) => "inventory forget",
            Self::Notifications { command: Notifications::List } => "notifications list",
            Self::Notifications { command: Notifications::Show { .. } } => "notifications show",
            Self::Notifications { command: Notifications::Send(_) } => "notifications send",
            Self::Notifications { command: Notifications::Drop { .. } } => "notifications drop",
            Self::Notifications { command: Notifications::Export { .. } } => "notifications export",
            Self::Notifications { command: Notifications::Import { .. } } => "notifications import",
            Self::Notifications { command: Notifications::Verify { .. } } => "notifications verify",
            Self::Outbox { command: Outbox::List { .. } } => "outbox list",
            Self::Outbox { command: Outbox::Send { .. } } => "outbox send",
            Self::Outbox { command: Outbox::Drop { .. } } => "outbox drop",
            Self::Recover { .. } => "recover",
            Self::Rollback(Rollback { due: true, .. }) => "rollback due",
            Self::Rollback(Rollback { keep: Some(_), .. }) => "rollback keep",
            Self::Rollback(_) => "rollback",
            Self::Server { command: Server::Show } => "server show",
            Self::Server { command: Server::Set { .. } } => "server set",
            Self::Server { command: Server::Clear } => "server clear",
            Self::Reset(_) => "reset",
            Self::Virtual { command: Virtual::Create(_) } => "virtual create",
            Self::Virtual { command: Virtual::List } => "virtual list",
            Self::Virtual { command: Virtual::Show { .. } } => "virtual show",
            Self::Virtual { command: Virtual::Remove { .. } } => "virtual remove",
            Self::Virtual { command: Virtual::Plug { .. } } => "virtual plug",
            Self::Virtual { command: Virtual::Stdio { .. } } => "virtual stdio",
            Self::Virtual { command: Virtual::Modem(_) } => "virtual modem",
            Self::Virtual { command: Virtual::Quirks { of: QuirksOf::Card } } => "virtual quirks",
            Self::Virtual { command: Virtual::Quirks { of: QuirksOf::Modem } } => "virtual quirks modem",
            Self::Virtual { command: Virtual::Smdp(Smdp { command: None, .. }) } => "virtual smdp",
            Self::Virtual { command: Virtual::Smdp(Smdp { command: Some(_), .. }) } => "virtual smdp orders",
            Self::Virtual { command: Virtual::Smds(_) } => "virtual smds",
            Self::Virtual { command: Virtual::Behaviours } => "virtual behaviours",
            Self::Virtual { command: Virtual::Pki { command: Pki::New { .. } } } => "virtual pki new",
            Self::Apdu { .. } => "apdu",
            Self::Doctor { learn: true, .. } => "doctor learn",
            Self::Doctor { forget: true, .. } => "doctor forget",
            Self::Doctor { .. } => "doctor",
            Self::Quirks => "quirks",
            Self::SupportBundle(_) => "support-bundle",
            Self::Completions { .. } => "completions",
            Self::Man { .. } => "man",
        }
    }
}
