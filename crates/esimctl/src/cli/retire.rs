//! The command line of `retire` and `inventory`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Consent, LinkConsent};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Retire {
    /// A case: R1, or the ICCID; without it the only one that is open
    #[arg(value_name = "CASE")]
    pub(crate) case: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<RetireCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RetireCommand {
    /// Open a case for a profile: what to do, and why; nothing is changed
    Start(Start),
    /// Give a case that was opened by name the ICCID of its profile
    Describe {
        /// A case: R1
        case: String,
        /// The ICCID, as the settings of the device or the operator's letter have it
        #[arg(long)]
        iccid: String,
    },
    /// Name a device that esimctl cannot read: a phone, a watch, one that is lost
    Device(Device),
    /// Tell how an eSIM is removed on a phone, a watch or a laptop
    Guide {
        /// The kind of device; without it all
        #[arg(value_name = "KIND")]
        kind: Option<GuideName>,
    },
    /// Record what was done at a step, with its proof
    Record(Box<Record>),
    /// Save the description of the profile, and what its SIM holds
    Backup(Backup),
    /// Remove the profile from each device, and have its server told
    Clean(Clean),
    /// Write the story of a case, for a person or a machine
    Report {
        /// A case: R1, or the ICCID
        case: String,
        /// A new file; '-' for standard output; with --json alone it is JSON
        file: PathBuf,
        /// As one HTML file (the default for FILE.html)
        #[arg(long, conflicts_with = "md")]
        html: bool,
        /// As Markdown (the default)
        #[arg(long)]
        md: bool,
        /// With all personal numbers; without it they are shortened
        #[arg(long)]
        full: bool,
    },
    /// Check a report: that the card signed that it deleted the profile (exit code 1 if that is not proved)
    Verify {
        /// A report with --full, in any form
        file: PathBuf,
    },
    /// List the cases, and what is overdue
    List {
        /// Those that are closed, too
        #[arg(long)]
        all: bool,
        /// Write the reminders into this file as calendar entries
        #[arg(long, value_name = "FILE")]
        ics: Option<PathBuf>,
    },
    /// Close a case; no profile that was removed comes back by that
    Cancel {
        /// A case: R1, or the ICCID
        case: String,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// Go on with a case that was closed
    Reopen {
        /// A case: R1
        case: String,
        /// Why
        #[arg(long, default_value = "")]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Start {
    /// An ICCID, its beginning or end, an AID, a nickname or name, or @n of the list
    #[arg(required_unless_present_any = ["iccid", "name"], conflicts_with_all = ["iccid", "name", "provider", "number"])]
    pub(crate) profile: Option<String>,
    /// The ICCID of a profile that no card at hand has; no device is opened
    #[arg(long)]
    pub(crate) iccid: Option<String>,
    /// Your name for a subscription whose profile no card at hand has
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Its operator
    #[arg(long)]
    pub(crate) provider: Option<String>,
    /// Its telephone number
    #[arg(long)]
    pub(crate) number: Option<String>,
    /// A device that has or had it and that esimctl cannot read, for example "my iPhone"
    #[arg(long, value_name = "NAME")]
    pub(crate) device_note: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Device {
    /// A case: R1, or the ICCID
    pub(crate) case: String,
    /// Add a device that esimctl cannot read, by your name for it
    #[arg(long, value_name = "NAME", required = true)]
    pub(crate) add: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum GuideName {
    Iphone,
    Ipad,
    Pixel,
    Samsung,
    Android,
    Watch,
    Windows,
}

#[derive(Debug, Args)]
pub(crate) struct Record {
    /// A case: R1, or the ICCID
    pub(crate) case: String,
    /// The step
    pub(crate) step: StepName,
    /// When it was done, as in 2026-11-22; without it today
    #[arg(long)]
    pub(crate) date: Option<String>,
    /// How the operator was reached
    #[arg(long)]
    pub(crate) channel: Option<ChannelName>,
    /// Ticket, customer number or name
    #[arg(long, value_name = "TEXT")]
    pub(crate) reference: Option<String>,
    /// What is owed, or what leaving costs, as in 12.30
    #[arg(long, allow_hyphen_values = true)]
    pub(crate) amount: Option<String>,
    /// In which currency, as in EUR
    #[arg(long)]
    pub(crate) currency: Option<String>,
    /// It is paid
    #[arg(long)]
    pub(crate) paid: bool,
    /// The telephone number
    #[arg(long)]
    pub(crate) number: Option<String>,
    /// Since when the contract runs
    #[arg(long, value_name = "DATE")]
    pub(crate) since: Option<String>,
    /// Until when the contract runs after notice is given
    #[arg(long, value_name = "DATE")]
    pub(crate) notice_until: Option<String>,
    /// Remind of the operator's answer after so many days (14)
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub(crate) answer_within: Option<u16>,
    /// Anything else
    #[arg(long, value_name = "TEXT")]
    pub(crate) note: Option<String>,
    /// A file that proves it; a copy is kept
    #[arg(long, value_name = "PROOF")]
    pub(crate) file: Vec<PathBuf>,
    /// Leave the step out, for this reason
    #[arg(long, value_name = "REASON", conflicts_with = "not_applicable")]
    pub(crate) skip: Option<String>,
    /// There is nothing to do at this step, for this reason
    #[arg(long, value_name = "REASON")]
    pub(crate) not_applicable: Option<String>,
    /// What was recorded before is wrong, for this reason; this takes its place, and the history keeps both
    #[arg(long, value_name = "REASON")]
    pub(crate) correct: Option<String>,
    /// What was recorded before is wrong, for this reason; the step is open again, and the history keeps it
    #[arg(long, value_name = "REASON", conflicts_with_all = [
        "correct", "skip", "not_applicable", "date", "channel", "reference", "amount", "currency", "paid", "number",
        "since", "notice_until", "answer_within", "note", "file",
    ])]
    pub(crate) withdraw: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// A case: R1, or the ICCID
    pub(crate) case: String,
    /// Write the files into this directory; without it into one of their own in the state directory
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    /// Enable the profile for it if it is disabled, and restore the former state afterwards
    #[arg(long)]
    pub(crate) enable: bool,
    #[command(flatten)]
    pub(crate) link: LinkConsent,
    /// Of a profile that is disabled, save the description alone
    #[arg(long, conflicts_with = "enable")]
    pub(crate) description_only: bool,
    /// With the whole IMSI; without it, it is masked
    #[arg(long)]
    pub(crate) full: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Clean {
    /// A case: R1, or the ICCID
    pub(crate) case: String,
    /// Do it whatever speaks against it, for this reason, which is recorded
    #[arg(long, value_name = "REASON")]
    pub(crate) despite: Option<String>,
    /// Enable this profile first, if the one that goes is enabled
    #[arg(long, value_name = "PROFILE")]
    pub(crate) enable_instead: Option<String>,
    /// Have NetworkManager forget the connections that are for this SIM alone, too
    #[arg(long)]
    pub(crate) forget_connections: bool,
    #[command(flatten)]
    pub(crate) link: LinkConsent,
    /// Record that you removed the profile from a device that esimctl cannot read
    #[arg(long, value_name = "NAME", conflicts_with_all = ["despite", "enable_instead", "forget_connections", "one"])]
    pub(crate) removed: Option<String>,
    /// The day of that removal, for example 2026-11-22; without it today
    #[arg(long, requires = "removed")]
    pub(crate) date: Option<String>,
    /// A file that shows it; a copy is kept
    #[arg(long, value_name = "PROOF", requires = "removed")]
    pub(crate) file: Vec<PathBuf>,
    /// Anything else about it
    #[arg(long, value_name = "TEXT", requires = "removed")]
    pub(crate) note: Option<String>,
    /// Give up a card by its EID, or a device that you named: it is lost, broken or sold
    #[arg(long, value_name = "EID|NAME", group = "one", requires = "reason", conflicts_with_all = ["despite", "enable_instead"])]
    pub(crate) write_off: Option<String>,
    /// Take back what was recorded of a card, or of a device that you named: the profile may be on it
    #[arg(long, value_name = "EID|NAME", group = "one", requires = "reason", conflicts_with_all = ["despite", "enable_instead"])]
    pub(crate) take_back: Option<String>,
    /// The reason for giving a card up, or for taking that back
    #[arg(long, requires = "one")]
    pub(crate) reason: Option<String>,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StepName {
    Backup,
    Contact,
    Account,
    Balance,
    Contract,
    Request,
    Confirmation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ChannelName {
    Hotline,
    Online,
    Store,
    Letter,
}

#[derive(Debug, Args)]
pub(crate) struct Inventory {
    #[command(subcommand)]
    pub(crate) command: Option<InventoryCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum InventoryCommand {
    /// Forget a card
    Forget {
        /// Its EID, or how it was reached
        #[arg(value_name = "EID|DEVICE")]
        card: String,
    },
}

impl Retire {
    /// Its name in JSON.
    pub(crate) const fn name(&self) -> &'static str {
        match &self.command {
            None => "retire",
            Some(RetireCommand::Start(_)) => "retire start",
            Some(RetireCommand::Describe { .. }) => "retire describe",
            Some(RetireCommand::Device(_)) => "retire device",
            Some(RetireCommand::Guide { .. }) => "retire guide",
            Some(RetireCommand::Record(_)) => "retire record",
            Some(RetireCommand::Backup(_)) => "retire backup",
            Some(RetireCommand::Clean(_)) => "retire clean",
            Some(RetireCommand::Report { .. }) => "retire report",
            Some(RetireCommand::Verify { .. }) => "retire verify",
            Some(RetireCommand::List { .. }) => "retire list",
            Some(RetireCommand::Cancel { .. }) => "retire cancel",
            Some(RetireCommand::Reopen { .. }) => "retire reopen",
        }
    }
}
