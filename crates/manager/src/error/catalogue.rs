//! Every error text in one place: what happened, and what to do.
//!
//! `{name}` stands for a particular. A message says what happened in one sentence; the advice names a command where
//! there is one. Neither blames the reader.

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layer {
    /// What was asked for.
    You,
    /// The card.
    Card,
    /// The reader, the modem, or the service that owns them.
    Reader,
    /// The operator's server.
    Server,
    /// The way to the server.
    Network,
    /// This program, or the files that it keeps.
    Esimctl,
}

impl Layer {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::You => "you",
            Self::Card => "card",
            Self::Reader => "reader",
            Self::Server => "server",
            Self::Network => "network",
            Self::Esimctl => "esimctl",
        }
    }
}

/// How a command ends for whoever started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done.
    Done = 0,
    /// Not done.
    NotDone = 1,
    /// The command line makes no sense.
    Usage = 2,
    /// No device or no card.
    NoDevice = 3,
    /// Refused because something could be lost.
    Safety = 4,
    /// Server or network.
    Network = 5,
    /// Nobody knows whether it was done.
    Unknown = 6,
}

/// One entry.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Its stable name.
    pub name: &'static str,
    /// Whose fault it is.
    pub layer: Layer,
    /// How the command ends.
    pub exit: Exit,
    /// What happened.
    pub message: &'static str,
    /// What to do.
    pub next: &'static str,
}

macro_rules! catalogue {
    ($( $id:ident = $name:literal, $layer:ident, $exit:ident, $message:literal, $next:literal; )*) => {
        /// The name of an error: stable, for programs.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Id {
            $( #[doc = $message] $id, )*
        }

        impl Id {
            /// All of them.
            pub const ALL: &'static [Self] = &[$( Self::$id, )*];

            /// Its entry.
            #[must_use]
            pub const fn entry(self) -> &'static Entry {
                match self {
                    $( Self::$id => &Entry {
                        name: $name,
                        layer: Layer::$layer,
                        exit: Exit::$exit,
                        message: $message,
                        next: $next,
                    }, )*
                }
            }
        }
    };
}

catalogue! {
    // --- finding a device ---
    NoDevice = "no_device", Reader, NoDevice,
        "No eUICC was found that can be used.",
        "Plug in a reader with a card and run 'esimctl doctor'. To try things out: esimctl virtual create demo";
    DeviceAmbiguous = "device_ambiguous", You, Usage,
        "There are {count} devices to choose from.",
        "Name one with --device, or put it into config.toml as 'device'.";
    DeviceSyntax = "device_syntax", You, Usage,
        "'{device}' does not name a device: {why}.",
        "A device is virtual:NAME, pcsc, pcsc:READER or replay:FILE, with options behind commas: aid=HEX, mss=BYTES, se=NUMBER, timeout=SECONDS. 'esimctl devices' lists them.";
    ReaderNotFound = "reader_not_found", Reader, NoDevice,
        "No reader is called '{reader}'.",
        "'esimctl devices' lists the readers there are. A reader that is missing there: esimctl doctor";
    NoReader = "no_reader", Reader, NoDevice,
        "The PC/SC service runs but knows no smart card reader.",
        "Plug the reader in. If it is plugged in: esimctl doctor";
    PcscNotRunning = "pcsc_not_running", Reader, NoDevice,
        "The PC/SC service (pcscd) is not running, so no smart card reader can be reached.",
        "Start it with 'sudo systemctl start pcscd.socket', or install it with 'sudo apt install pcscd'. Then: esimctl doctor";
    PcscNoAccess = "pcsc_no_access", Reader, NoDevice,
        "The PC/SC service (pcscd) refuses access to this user.",
        "Over SSH or in a service, polkit asks for a rule: 'esimctl doctor' prints one. As root it works without.";
    PcscHangs = "pcsc_hangs", Reader, NoDevice,
        "The PC/SC service (pcscd) does not answer.",
        "Unplug the reader and plug it in again; if that does not help: sudo systemctl restart pcscd";
    PcscFailed = "pcsc_failed", Reader, NoDevice,
        "The PC/SC service reports an error.",
        "Unplug the reader and plug it in again. If it stays: esimctl doctor";
    PcscNotBuilt = "pcsc_not_built", Esimctl, NoDevice,
        "This build of esimctl cannot talk to smart card readers.",
        "Build it with the cargo feature 'pcsc', which is on by default.";
    ReaderEmpty = "reader_empty", Reader, NoDevice,
        "There is no card in the reader '{reader}'.",
        "Put the card in, contacts down, and try again.";
    CardMute = "card_mute", Card, NoDevice,
        "The card in the reader '{reader}' does not respond.",
        "Take it out, clean its contacts, check which way round it goes in, and try again.";
    ReaderBusy = "reader_busy", Reader, NoDevice,
        "Another program holds the reader '{reader}'.",
        "Close it and try again. Often it is GnuPG: gpgconf --kill scdaemon. If no program uses it, an earlier command hangs in the card: unplug the reader and plug it in again.";
    DeviceLocked = "device_locked", Reader, NoDevice,
        "{device} is in use by another esimctl: {command} (process {pid}, since {since}).",
        "Wait until it has ended. A virtual card that is plugged in is reached through its reader: esimctl devices";
    LockFailed = "lock_failed", Esimctl, NotDone,
        "The lock for {device} cannot be made, so another program could use the card at the same time.",
        "See that {path} can be written, then try again.";
    NotAnEuicc = "not_an_euicc", Card, NoDevice,
        "The card is not an eUICC, or hides that it is one: no ISD-R answers.",
        "An ordinary SIM card cannot hold eSIM profiles. If the card is an eUICC with an AID of its own, name that: --device pcsc,aid=HEX";
    NoSuchElement = "no_such_element", You, NoDevice,
        "The card has {present} secure element(s), numbered from 0; there is no {asked}.",
        "'esimctl devices --probe' lists them.";
    NoChannel = "no_channel", Card, NoDevice,
        "The card opens no logical channel.",
        "Another program may hold them all: close it, or take the card out and put it in again.";
    ReplayFile = "replay_file", You, Usage,
        "'{path}' cannot be played back: {why}.",
        "Give a file that --trace has written.";

    // --- talking to a card ---
    CardRemoved = "card_removed", Reader, NoDevice,
        "The card was removed.",
        "Put it back and look: esimctl list";
    ReaderGone = "reader_gone", Reader, NoDevice,
        "The reader is gone.",
        "Plug it in again and look: esimctl list";
    CardTimeout = "card_timeout", Card, NoDevice,
        "The card does not answer any more.",
        "Unplug the reader (or take the card out), plug it in again, then look: esimctl list";
    CardLost = "card_lost", Reader, NotDone,
        "The card's answer was lost on the way.",
        "Look at the card: esimctl list. If it happens again, clean the contacts or try another reader.";
    CardResetByOther = "card_reset_by_other", Reader, NotDone,
        "Another program reset the card in the middle.",
        "Close the other program and try again.";
    CardGarbage = "card_garbage", Card, NotDone,
        "The card's answer makes no sense.",
        "Try again. If it stays, record it for a bug report: --trace FILE";
    CardStatus = "card_status", Card, NotDone,
        "The card refuses the command {function}: {meaning} (status {status}).",
        "Take the card out and put it in again, then retry. If it stays, record it for a bug report: --trace FILE";
    CardRefused = "card_refused", Card, NotDone,
        "The card refuses {function}: {meaning} ({name}, code {code}).",
        "If it stays after taking the card out and putting it in again, record it for a bug report: --trace FILE";
    CardUntrue = "card_untrue", Card, NotDone,
        "The card says that it is done, and reading it again shows that nothing has changed.",
        "Take the card out and put it in again, then retry. If it stays, record it for a bug report: --trace FILE";
    CommandTooLong = "command_too_long", Card, NotDone,
        "The command does not fit into the blocks that the card takes.",
        "Allow longer blocks: --device pcsc,mss=255";
    ReplayDeparts = "replay_departs", You, NotDone,
        "The recording does not go on like this.",
        "Run the command that was recorded, with the same options.";
    Interrupted = "interrupted", You, NotDone,
        "Stopped.",
        "Nothing needs to be mended.";

    // --- profiles ---
    ProfileNotFound = "profile_not_found", You, NotDone,
        "The card has no profile '{profile}'.",
        "'esimctl list' shows what is there.";
    ProfileAmbiguous = "profile_ambiguous", You, Usage,
        "'{profile}' fits {count} profiles.",
        "Give the whole ICCID of the one that is meant.";
    ProfileUnsure = "profile_unsure", You, Safety,
        "'{profile}' is not enough to delete a profile: it takes a whole ICCID, an AID or an exact name.",
        "If {found} is meant: esimctl delete {iccid}";
    ProfileUnnamed = "profile_unnamed", Card, NotDone,
        "The card gives this profile no ICCID, so that it cannot be named.",
        "Use its AID, from 'esimctl list --all-fields'.";
    ProfileEnabled = "profile_enabled", You, Safety,
        "{profile} is enabled, and an enabled profile is not deleted.",
        "Disable it first: esimctl disable {iccid}. Or in one go: --disable-first";
    ProfileKept = "profile_kept", Card, Safety,
        "By a rule of its operator (PPR2), {profile} must not be deleted.",
        "Only the operator can lift the rule. Ask them.";
    ProfileStays = "profile_stays", Card, NotDone,
        "By a rule of its operator (PPR1), {profile} must not be disabled.",
        "Only the operator can lift the rule. Ask them.";
    TestModeOrder = "test_mode_order", Card, NotDone,
        "After a test profile only the profile that was enabled before it may be enabled.",
        "Disable the test profile first, or enable the former one.";
    CardBusy = "card_busy", Card, NotDone,
        "The card is busy with a command to its modem.",
        "Wait a moment and try again. If it stays, reset the modem or take the card out and put it in again.";
    NicknameTooLong = "nickname_too_long", You, Usage,
        "The name has {bytes} bytes; a card takes 64 (a letter beyond ASCII counts 2 to 4).",
        "Choose a shorter one.";
    IconMissing = "icon_missing", Card, NotDone,
        "{profile} has no icon.",
        "Leave --save-icon out.";
    ServerAddress = "server_address", You, Usage,
        "'{address}' is not a server's host name: {why}.",
        "Give the bare host name, as in smdp.example.com, without https:// and without a path.";
    NotificationNotFound = "notification_not_found", You, NotDone,
        "No notification with number {seq} waits on the card.",
        "'esimctl notifications list' shows what waits.";

    // --- asking first ---
    ConfirmationNeeded = "confirmation_needed", You, Safety,
        "This cannot be undone, and nobody is here to be asked: there is no terminal.",
        "Look at the plan with --dry-run. If it is right: --yes";
    ConfirmationWrong = "confirmation_wrong", You, Safety,
        "That was not what was asked for.",
        "Start again if you still want it.";

    CardChanged = "card_changed", You, Safety,
        "The card is not as it was when the question was asked.",
        "Look at it again, and start anew if you still want it: esimctl list";

    // --- other input ---
    Usage = "usage", You, Usage,
        "{why}",
        "{hint}";
    ApduSyntax = "apdu_syntax", You, Usage,
        "'{text}' is not an APDU: {why}.",
        "An APDU is 4 bytes or more in hexadecimal, as in 80E2910006BF3E035C015A00.";
    OutputFile = "output_file", You, NotDone,
        "'{path}' cannot be written.",
        "Choose another place.";
    ConfigInvalid = "config_invalid", You, Usage,
        "{path} is not valid: {why}.",
        "docs/config.toml describes every option.";

    // --- what is kept ---
    StateDirectory = "state_directory", Esimctl, NotDone,
        "{path} cannot be used.",
        "See that the directory can be written and the disk has room, or name another one: --state-dir DIR";
    StateNewer = "state_newer", Esimctl, NotDone,
        "{path} was written by a newer version of esimctl (format {version}).",
        "Use that version, or another directory: --state-dir DIR";
    StateDamaged = "state_damaged", Esimctl, NotDone,
        "{path} is damaged.",
        "Move the file away to start anew, or restore it from a backup. It holds what was done to which card and what was learnt about devices.";
    StateFull = "state_full", Esimctl, NotDone,
        "{path} cannot be written, so the change could not be recorded before it was made.",
        "Make room on the disk, then try again.";

    // --- virtual cards ---
    VirtualName = "virtual_name", You, Usage,
        "'{name}' is not a name for a card: it takes 1 to 40 letters, digits, '-' and '_'.",
        "Choose another name.";
    VirtualNotFound = "virtual_not_found", You, NoDevice,
        "There is no virtual card '{name}'.",
        "'esimctl virtual list' shows what is there. To make it: esimctl virtual create {name}";
    VirtualExists = "virtual_exists", You, NotDone,
        "There is a virtual card '{name}' already.",
        "Choose another name, or remove it: esimctl virtual remove {name}";
    VirtualDamaged = "virtual_damaged", Esimctl, NotDone,
        "The virtual card's file {path} is damaged.",
        "Restore it, or remove the card: esimctl virtual remove NAME";
    VirtualNewer = "virtual_newer", Esimctl, NotDone,
        "The virtual card's file {path} was written by a newer version of esimctl (format {version}).",
        "Use that version, or make another card.";
    VirtualFailed = "virtual_failed", Esimctl, NotDone,
        "The virtual card cannot be made or kept.",
        "See that the state directory can be written and the disk has room.";
    QuirkUnknown = "quirk_unknown", You, Usage,
        "{why}.",
        "'esimctl virtual quirks' lists them.";
    VpcdUnreachable = "vpcd_unreachable", Reader, NoDevice,
        "Nothing listens at {address}: there is no virtual reader to put the card into.",
        "Install vsmartcard-vpcd and start pcscd ('sudo apt install vsmartcard-vpcd', 'sudo systemctl restart pcscd'), or name the port: --vpcd HOST:PORT";
    VpcdFailed = "vpcd_failed", Reader, NotDone,
        "The connection to the virtual reader broke.",
        "See that pcscd still runs, and plug the card in again.";
    EidInvalid = "eid_invalid", You, Usage,
        "{eid} is not a valid EID: its check digits are wrong.",
        "With the right ones it is {right}.";
}
