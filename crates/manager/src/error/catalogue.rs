//! Every error text in one place: what happened, and what to do.
//!
//! `{name}` stands for a particular. A message says what happened in one sentence; the advice names a command where
//! there is one. Neither blames the reader. Other languages have the same entries in `locales/`; a test insists.

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
    /// Not done: the card, the system or this program could not, or there is nothing to be done.
    NotDone = 1,
    /// The command line, or what it names, cannot be taken as it is.
    Usage = 2,
    /// No device or no card.
    NoDevice = 3,
    /// Refused before anything was tried: something could be lost, or a rule of the operator forbids it.
    Safety = 4,
    /// A server, or the way to it.
    Network = 5,
    /// The outcome is unknown.
    Unknown = 6,
}

impl Exit {
    /// All of them, by their number.
    pub const ALL: [Self; 7] =
        [Self::Done, Self::NotDone, Self::Usage, Self::NoDevice, Self::Safety, Self::Network, Self::Unknown];

    /// The meaning, as the manual has it.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not done: the card, the system or esimctl could not, or there is nothing to be done",
            Self::Usage => "usage error: the command line, or something that it names, cannot be taken as it is",
            Self::NoDevice => "no device, no card, or it went away",
            Self::Safety => {
                "refused before anything was tried: something could be lost, or a rule of the operator forbids it"
            }
            Self::Network => "a server says no, or cannot be reached or trusted",
            Self::Unknown => "the outcome is unknown; `esimctl recover` finds out",
        }
    }
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

/// The names of the particulars in a text.
pub(crate) fn particulars(template: &str) -> impl Iterator<Item = &str> {
    template.split('{').skip(1).filter_map(|piece| piece.split_once('}').map(|(name, _)| name))
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
        "A device is virtual:NAME, pcsc, pcsc:READER, at:PORT, at-csim:PORT, qmi:PORT, qrtr:NODE, mbim:PORT, stdio:COMMAND or replay:FILE, with options behind commas: aid=HEX, mss=BYTES, se=NUMBER, timeout=SECONDS, slot=NUMBER, proxy=yes, quirk=NAME. 'esimctl devices' lists them.";
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
    // --- modems ---
    PortNotFound = "port_not_found", Reader, NoDevice,
        "There is no port for {device}.",
        "'esimctl devices' lists the ports there are. A modem that was just plugged in needs some seconds.";
    PortNoAccess = "port_no_access", Reader, NoDevice,
        "This user may not open the port of {device}.",
        "Try as root, or have the rule installed that 'esimctl doctor' names.";
    PortBusy = "port_busy", Reader, NoDevice,
        "Another program holds the port of {device}.",
        "'esimctl doctor' tells which. A port that programs share takes ,proxy=yes behind the device.";
    NotAModem = "not_a_modem", Reader, NoDevice,
        "What is at {device} does not speak this language.",
        "Modems have several ports, and each speaks one: 'esimctl devices --probe' finds out which.";
    ModemDead = "modem_dead", Reader, NoDevice,
        "The modem at {device} does not answer.",
        "Unplug it, or restart the machine if it is built in. If another port of it answers, use that: esimctl devices --probe";
    ModemGone = "modem_gone", Reader, NoDevice,
        "The modem at {device} went away.",
        "It may come back by itself in some seconds: esimctl devices";
    SlotEmpty = "slot_empty", Reader, NoDevice,
        "There is no card in the slot of {device}.{elsewhere}",
        "For a modem with several slots, append ,slot=2 to the device. To see what is in them: esimctl devices --probe";
    ModemCardFailed = "modem_card_failed", Card, NoDevice,
        "The modem cannot use its card.",
        "Take the card out and put it in again; if the card is built in, switch the modem off and on.";
    NoSuchSlot = "no_such_slot", You, NoDevice,
        "The modem at {device} cannot use the slot that was asked for.",
        "'esimctl devices --probe' shows its slots. Without slot= the one in use is taken.";
    ModemCarriesNothing = "modem_carries_nothing", Reader, NoDevice,
        "The modem has no commands for eUICCs.",
        "Another port of it may have them: esimctl devices --probe. Otherwise its firmware keeps the card for itself.";
    ModemClientIds = "modem_client_ids", Reader, NoDevice,
        "The modem at {device} serves no further program: others have ended without signing off.",
        "Switch the modem off and on, or restart ModemManager: that gives them back.";
    ProxyFailed = "proxy_failed", Reader, NoDevice,
        "The proxy that shares the port of {device} does not serve.",
        "It takes root, and the packages libqmi-proxy or libmbim-proxy. If no other program uses the modem: ,proxy=no behind the device.";
    ModemUnsupported = "modem_unsupported", Esimctl, NoDevice,
        "This system cannot reach {device}.",
        "'esimctl doctor' tells what is missing.";
    ModemFailed = "modem_failed", Reader, NoDevice,
        "The modem at {device} reports an error.",
        "Try again in some seconds. If it stays: esimctl doctor";
    ModemOpensNoChannel = "modem_opens_no_channel", Reader, NoDevice,
        "The modem opens no channel to an eUICC.{known}{elsewhere}",
        "It does not say why. Its card may be an ordinary SIM. If it is an eUICC, the firmware keeps it to itself, or a channel is stuck: switch the modem off and on.";
    ModemSelectFailed = "modem_select_failed", Reader, NoDevice,
        "The modem refused to select the eUICC ({words}).{known}{elsewhere}",
        "Some modems refuse after a switch until they are restarted: switch the modem off and on, or rebind its driver. Otherwise try another slot or port: esimctl devices --probe.";
    ModemDenies = "modem_denies", Reader, NoDevice,
        "The modem gives no access to the eUICC ({words}).{known}{elsewhere}",
        "Its firmware decides that. Another port of the modem, or its radio switched on, may help: esimctl devices --probe.";
    ModemNoChannel = "modem_no_channel", Reader, NoDevice,
        "The modem has no channel to its card left ({words}).",
        "Programs that ended without closing their channels still hold them. Switch the modem off and on to free them.";
    SlotSwitchRefused = "slot_switch_refused", Reader, NoDevice,
        "The modem at {device} refuses to switch to another slot.",
        "It stays on the slot in use, which commands without slot= use too. To see which one it is: esimctl devices --probe";
    ModemNoCard = "modem_no_card", Reader, NoDevice,
        "The modem says that it has no card.",
        "Put a card in. For a modem with several slots, append ,slot=2 to the device. To see what is in them: esimctl devices --probe";
    ModemCardStarting = "modem_card_starting", Reader, NoDevice,
        "The modem is still starting its card.",
        "Wait half a minute and try again. If it still starts then, switch the modem off and on.";
    ModemCardBroken = "modem_card_broken", Reader, NoDevice,
        "The modem opens no channel, and says that its card has failed.",
        "Take the card out and put it in again, or switch the modem off and on. Some modems say the same of an eUICC without a profile: a reader or another port may reach it.";
    ModemCardPin = "modem_card_pin", Reader, NoDevice,
        "The modem opens no channel to the card, which wants its PIN.",
        "Unlock the card where the modem is managed, or switch the PIN off there. Then try again.";
    ModemCardPuk = "modem_card_puk", Reader, NoDevice,
        "The modem opens no channel to the card, which wants its PUK: the PIN is blocked.",
        "The operator gives the PUK. Enter it where the modem is managed: after ten wrong ones the profile is lost.";
    ModemLocked = "modem_locked", Reader, NoDevice,
        "The modem opens no channel: it is locked to another card or operator.",
        "Whoever sold the modem can unlock it. Until then, use the card in a reader.";
    ModemHidesEuicc = "modem_hides_euicc", Reader, NoDevice,
        "The modem says that it has an eUICC{eid}, but gives no access to it.",
        "Another port of the modem may give access: esimctl devices --probe. Otherwise its firmware reserves the eUICC; newer firmware may not.";
    ProgramSyntax = "program_syntax", You, Usage,
        "{device} cannot be read: a quote is not closed, or there is no program.",
        "Words are split at blanks; quotes and backslashes are as in a shell, nothing else is.";
    ProgramNotStarted = "program_not_started", You, NoDevice,
        "The program of {device} cannot be started.",
        "Its first word is the program, by its path or found on PATH. To try it out: esimctl --device 'stdio:esimctl virtual stdio NAME' info";
    ProgramForgotten = "program_forgotten", You, NoDevice,
        "The card was last reached through {device}. The command line is not kept, because it may hold a password.",
        "Name the device again: --device 'stdio:COMMAND', or device = in config.toml";
    ProgramNoCard = "program_no_card", Reader, NoDevice,
        "The program of {device} gives no card.",
        "Start it by itself: it has to answer lines of JSON as lpac's stdio driver asks them. 'esimctl -v' shows what it says.";
    NoModem = "no_modem", You, Usage,
        "{device} is not a modem, so esimctl cannot see whether a profile finds a network there.",
        "--rollback-after is for cards behind modems: leave it out.";
    RolledBack = "rolled_back", Reader, NotDone,
        "{profile} found no network within {seconds} seconds{why}. So {back}.{modem}",
        "See that the profile is active and has coverage here: ask its operator. To enable it for as long as it may take: esimctl enable {iccid}";
    RegistrationUnawaited = "registration_unawaited", You, NotDone,
        "Stopped before a network took {profile}. So {back}.{modem}",
        "To enable it for as long as it may take: esimctl enable {iccid}";
    RollbackNotFound = "rollback_not_found", You, NotDone,
        "No switch with the number {id} waits to be undone.",
        "'esimctl rollback' lists those that do.";
    RollbackRunning = "rollback_running", You, NotDone,
        "Switch {id} is being undone at this moment.",
        "Wait until that has ended, then look: esimctl list";
    RollbackOtherCard = "rollback_other_card", Reader, NoDevice,
        "The card at {device} is another one.",
        "Put the card with the EID {eid} back, then: esimctl rollback --due. If it will not come back: esimctl rollback --keep";
    RollbackOpen = "rollback_open", Reader, NotDone,
        "Switches that are due and could not be undone: {count}.",
        "'esimctl rollback' says why of each. Once the cause is fixed: esimctl rollback --due";
    RollbackElsewhere = "rollback_elsewhere", Reader, NotDone,
        "What is due in the state directory {path} of the user {user} could not be undone.",
        "As that user: esimctl --state-dir {path} rollback --due";
    ModemManagerRefuses = "modem_manager_refuses", Reader, NoDevice,
        "ModemManager uses the modem of {device} and does not let this user take it.",
        "Try as root. Or use a control port of the modem through its proxy, beside ModemManager: 'esimctl devices' lists qmi: and mbim: ports, and ,proxy=yes goes behind one.";
    ModemManagerFailed = "modem_manager_failed", Reader, NoDevice,
        "ModemManager uses the modem of {device} and does not let go of it.",
        "Another program may have the modem now: wait, and try again. If it stays: sudo systemctl restart ModemManager";
    ReaderBusy = "reader_busy", Reader, NoDevice,
        "Another program holds the reader '{reader}'.",
        "Close it and try again. Often it is GnuPG: gpgconf --kill scdaemon. If no program uses it, an earlier command hangs in the card: unplug the reader and plug it in again.";
    DeviceLocked = "device_locked", Reader, NoDevice,
        "{device} is in use by another esimctl: {command} (process {pid}, since {since}).",
        "Wait until it has ended. A virtual card that is plugged in is reached through its reader or modem: esimctl devices";
    LockFailed = "lock_failed", Esimctl, NotDone,
        "The lock for {device} cannot be made, so another program could use the card at the same time.",
        "See that {path} can be written, then try again.";
    NotAnEuicc = "not_an_euicc", Card, NoDevice,
        "The card is not an eUICC, or hides that it is one: no ISD-R answers.{known}{elsewhere}",
        "An ordinary SIM card cannot hold eSIM profiles. If the card is an eUICC with an AID of its own, put that after the device: ,aid=HEX";
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
    ModemLeft = "modem_left", Reader, NoDevice,
        "The modem went away.",
        "It may come back by itself in some seconds. Then look: esimctl list";
    ModemSilent = "modem_silent", Reader, NoDevice,
        "The modem does not answer any more.",
        "Wait half a minute, then look: esimctl list. If it stays silent, unplug the modem or restart the machine.";
    ModemLost = "modem_lost", Reader, NotDone,
        "The modem did not bring the card's answer.",
        "Look at the card: esimctl list. If it happens again, try smaller blocks (,mss=60 behind the device) or another port: esimctl devices --probe";
    ModemRefuses = "modem_refuses", Reader, NotDone,
        "The modem refuses the command, and the card has not seen it.",
        "Another port of the modem may take it: esimctl devices --probe. To find out what this one takes: esimctl doctor --learn";
    CardRestarted = "card_restarted", Reader, NotDone,
        "The modem started the card anew in the middle.",
        "Try again. If it stays, another program uses the modem: 'esimctl doctor' tells which.";
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
        "The operator's policy (PPR2) does not allow deleting {profile}.",
        "Only the operator can lift the rule. Ask them.";
    ProfileStays = "profile_stays", Card, Safety,
        "The operator's policy (PPR1) does not allow disabling {profile}.",
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
    IconInvalid = "icon_invalid", Card, NotDone,
        "The icon of {profile} is not a picture: {why}. It was not saved.",
        "Leave --save-icon out. The eSIM works without an icon.";
    ServerAddress = "server_address", You, Usage,
        "'{address}' is not the address of a server: {why}.",
        "Give the host name, for example smdp.example.com. To clear the card's default server: esimctl server clear";
    CardAddress = "card_address", Card, NotDone,
        "The card's {name} is '{address}', which is not the address of a server: {why}.",
        "Give the right server with --server HOST. To replace or clear the card's default server: esimctl server set HOST, esimctl server clear";
    NamesNoServer = "names_no_server", Card, NotDone,
        "Notification {id} of the outbox names no server: '{address}' is not an address ({why}). It cannot be sent.",
        "To give it up, with the reason on record: esimctl outbox drop {id} --reason TEXT";
    NotificationNotFound = "notification_not_found", You, NotDone,
        "No notification with number {seq} waits on the card.",
        "'esimctl notifications list' shows what waits.";

    NotDelivered = "not_delivered", Network, Network,
        "{what} could not be delivered.",
        "They are kept and tried again after later changes. 'esimctl outbox list' shows them; to try now: esimctl outbox send";
    NotAccepted = "not_accepted", Server, Network,
        "{what} found no acceptance at the server.",
        "They are kept and tried again after later changes. If a server never takes one, ask the operator; to give it up: esimctl outbox drop";
    LetterNotFound = "letter_not_found", You, NotDone,
        "The outbox has nothing with the number {id}.",
        "'esimctl outbox list --all' shows what it has.";
    LetterSettled = "letter_settled", You, NotDone,
        "Number {id} of the outbox waits no more: it is {state}.",
        "'esimctl outbox list' shows what waits.";
    LetterBeingSent = "letter_being_sent", You, NotDone,
        "Number {id} of the outbox is being sent by another process at this moment. Nothing was given up.",
        "See in a moment what became of it: esimctl outbox list --all";
    ImportFile = "import_file", You, Usage,
        "'{path}' cannot be imported: {why}.",
        "Give a file that 'esimctl notifications export' has written.";
    ProofFile = "proof_file", You, Usage,
        "'{path}' holds nothing that can be verified: {why}.",
        "Give a report of 'esimctl retire report CASE FILE --full', or a file of 'esimctl notifications export'.";
    RecordingOnly = "recording_only", You, Usage,
        "A recording is no card: it has nothing to be sent or given up.",
        "Name the card itself with --device.";

    // --- asking first ---
    ConfirmationNeeded = "confirmation_needed", You, Safety,
        "This cannot be undone, and nobody is here to be asked: there is no terminal.",
        "Look at the plan with --dry-run. If it is right: --yes";
    ConfirmationWrong = "confirmation_wrong", You, Safety,
        "That was not what was asked for.",
        "Start again if you still want it.";

    CardChanged = "card_changed", You, Safety,
        "The card is not as it was when this was planned.",
        "Look at it again, and start anew if you still want it: esimctl list";

    PlanOfOtherCard = "plan_of_other_card", You, Safety,
        "This was planned for the card {eid}, and the card here is {here}.",
        "Put the card in for which it was planned, or start anew with this one: esimctl list";
    LinkInUse = "link_in_use", You, Safety,
        "This machine reaches the internet by a mobile network alone, most likely with {profile}, which would be switched off: the connection would be lost.",
        "If you can reach the machine in another way, or it needs no connection: --lose-connection. Behind a modem, 'esimctl enable PROFILE --rollback-after 2m' goes back by itself if the new profile finds no network.";

    // --- backups ---
    NoSim = "no_sim", Card, NotDone,
        "The SIM of the enabled profile cannot be reached.",
        "Another program may hold it: close it and try again. If it stays, record it for a bug report: --trace FILE";
    SimOther = "sim_other", Card, NotDone,
        "The SIM on the card is {found}, and not that of {profile}.",
        "Enable the profile that is meant, and look: esimctl list";
    BackupOneWay = "backup_one_way", You, Safety,
        "{profile} could not be disabled again afterwards, so it is not enabled for a backup.",
        "If it is to stay enabled, enable it first: esimctl enable {iccid}";
    BackupExists = "backup_exists", You, NotDone,
        "'{path}' is there already, so no backup was written.",
        "Name another directory, or replace the files in it: --overwrite";

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
    OutputExists = "output_exists", You, NotDone,
        "'{path}' is there already, and was left as it is.",
        "Choose another name, or replace the file: --overwrite";
    StandardOutput = "standard_output", You, NotDone,
        "What the command has to say could not be written to standard output.",
        "What it did before that stays done. See that the output has room; commands that only read can be repeated.";
    ConfigInvalid = "config_invalid", You, Usage,
        "{path} is not valid: {why}.",
        "The file docs/config.toml describes every option.";

    // --- what is kept ---
    StateDirectory = "state_directory", Esimctl, NotDone,
        "{path} cannot be used.",
        "See that the directory can be written and the disk has room, or name another one: --state-dir DIR";
    StateInTwoPlaces = "state_in_two_places", Esimctl, NotDone,
        "Root's state is in two places: {from}, where older versions kept it, and {to}.",
        "Keep one of them: look into each with --state-dir DIR, then move the other one away. Nothing was changed.";
    StateInUse = "state_in_use", Esimctl, NotDone,
        "Root's state is to move from {from} to {to}, but another esimctl is using it.",
        "Wait until that has ended, then try again. Nothing was changed.";
    StateNotMoved = "state_not_moved", Esimctl, NotDone,
        "Root's state cannot be moved from {from} to {to}.",
        "Nothing was lost: it is as it was. Make room or see to the permissions and try again, or go on with it where it is: --state-dir {from}";
    StateNewer = "state_newer", Esimctl, NotDone,
        "{path} was written by a newer version of esimctl (format {version}).",
        "Use that version, or another directory: --state-dir DIR";
    StateDamaged = "state_damaged", Esimctl, NotDone,
        "{path} is damaged.",
        "Move the file away to start anew, or restore it from a backup. It holds what was done to which card and what was learnt about devices.";
    StateReadOnly = "state_read_only", Esimctl, NotDone,
        "{path} cannot be written: the disk or the directory is read-only for this user.",
        "Commands that only read go on. For the others see to the permissions, or name another directory: --state-dir DIR";
    StateFull = "state_full", Esimctl, NotDone,
        "{path} cannot be written, so the change could not be recorded before it was made.",
        "Make room on the disk, then try again.";

    // --- what the system keeps ---
    NetworkManagerAbsent = "network_manager_absent", Reader, NotDone,
        "NetworkManager does not run here, so that no connection of it uses the SIM.",
        "Nothing has to be done, unless another program connects this machine: then look at its settings.";
    NetworkManagerDenied = "network_manager_denied", Reader, NotDone,
        "NetworkManager does not let this user delete the connection '{name}'.",
        "As root it works: sudo nmcli connection delete {uuid}";
    NetworkManagerFailed = "network_manager_failed", Reader, NotDone,
        "NetworkManager did not do what it was asked for.",
        "Look at it: systemctl status NetworkManager. The connections themselves: nmcli connection show";
    ConnectionGone = "connection_gone", You, NotDone,
        "The connection '{name}' is not as it was when it was found.",
        "Look at it again: nmcli connection show {uuid}";

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
    LinesFailed = "lines_failed", You, NotDone,
        "Standard input or output of the virtual card failed.",
        "It is to be started by the program that asks it.";
    VpcdUnreachable = "vpcd_unreachable", Reader, NoDevice,
        "Nothing listens at {address}: there is no virtual reader to put the card into.",
        "Install vsmartcard-vpcd and start pcscd ('sudo apt install vsmartcard-vpcd', 'sudo systemctl restart pcscd'), or name the port: --vpcd HOST:PORT";
    VpcdFailed = "vpcd_failed", Reader, NotDone,
        "The connection to the virtual reader broke.",
        "See that pcscd still runs, and plug the card in again.";
    ModemQuirkUnknown = "modem_quirk_unknown", You, Usage,
        "{why}.",
        "'esimctl virtual quirks modem' lists them.";
    VirtualModemFailed = "virtual_modem_failed", You, NotDone,
        "The virtual modem cannot do its work.",
        "See that the place of the link can be written and holds nothing but a link, and that no other program has its name.";
    ServerName = "virtual_server_name", You, Usage,
        "'{name}' is not a name for a server: it takes 1 to 40 letters, digits, '-' and '_'.",
        "Choose another name.";
    ServerRuns = "virtual_server_runs", You, NotDone,
        "A virtual server '{name}' runs already.",
        "Stop it first, or give this one a name of its own behind the options.";
    ServerFailed = "virtual_server_failed", You, NotDone,
        "The virtual server cannot do its work.",
        "See that the address is free and the state directory can be written.";
    BehaviourUnknown = "behaviour_unknown", You, Usage,
        "{why}.",
        "'esimctl virtual behaviours' lists behaviours and faults.";
    PkiFailed = "pki_failed", You, NotDone,
        "The certificates cannot be used or made.",
        "'esimctl virtual pki new DIR' makes a whole set; the file names are in docs/virtual-servers.md.";
    PkiExists = "pki_exists", You, NotDone,
        "There is something in {path} already.",
        "Name a directory that does not exist yet.";
    EidInvalid = "eid_invalid", You, Usage,
        "{eid} is not a valid EID: its check digits are wrong.",
        "With the right ones it is {right}.";

    // --- the way to a server ---
    ServerUnresolved = "server_unresolved", Network, Network,
        "Nobody knows the server {server}: its name cannot be resolved.",
        "Check the spelling, and that this machine is on the internet.";
    ServerUnreachable = "server_unreachable", Network, Network,
        "The server {server} cannot be reached.",
        "Check the internet connection, and try again.";
    ServerProxy = "server_proxy", Network, Network,
        "The proxy on the way to {server} does not work.",
        "Check HTTPS_PROXY, or add the server to NO_PROXY.";
    ServerTimeout = "server_timeout", Network, Network,
        "The server {server} did not answer {function} in time.",
        "Try again in a while.";
    ServerCut = "server_cut", Network, Network,
        "The connection to {server} broke during {function}.",
        "Try again.";
    ServerTls = "server_tls", Server, Network,
        "No secure connection to {server} comes about.",
        "Something on the way may be no eSIM server, or the server wants a kind of key that esimctl does not have (only NIST curves, no CBC). Try another network; if it stays, tell the operator.";
    CaFile = "ca_file", You, Usage,
        "'{path}' holds no certificate that can be used: {why}.",
        "Give a file with certificates in PEM, or one in DER.";
    ServerNotRunning = "server_not_running", You, Network,
        "No virtual server is {server}, and a virtual card talks to no others.",
        "Start one beside: esimctl virtual smdp --host {server}";
    SmdsNotRunning = "smds_not_running", You, Network,
        "No virtual discovery server is {server}, and a virtual card talks to no others.",
        "Start one beside: esimctl virtual smds --host {server}";
    ServerHttp = "server_http", Server, Network,
        "The server {server} answers {function} with HTTP status {status}, which is none of the protocol's.",
        "Try again in a while. If it stays, tell the operator, or check that it is the right server.";
    ServerGarbage = "server_garbage", Server, Network,
        "What the server {server} answers to {function} makes no sense.",
        "Check that it is the right server. If it is, try again in a while, then tell the operator.";
    ServerTooLong = "server_too_long", Server, Network,
        "The server {server} answers {function} with more than the {longest} bytes that an answer can have.",
        "Check that it is the right server; if it is, tell the operator.";

    // --- who the server is ---
    ServerWebCertificate = "server_web_certificate", Server, Network,
        "{server} shows a certificate of the web, not one of the GSMA's, which eSIM servers have.",
        "Most often a mistyped host name or a proxy that looks into connections is behind it. Some operators' servers are like this: if you are sure of this one, add --trust-web-ca";
    ServerTestCertificate = "server_test_certificate", Server, Network,
        "{server} shows a certificate of a test issuer ({issuer}).",
        "On purpose, in a laboratory: --trust-test-ci. Otherwise do not go on.";
    ServerUnknownIssuer = "server_unknown_issuer", Server, Network,
        "{server} shows a certificate of an issuer that nobody here knows.",
        "Do not go on, unless you know the issuer: then give its certificate with --ca FILE";
    ServerNotTheCards = "server_not_the_cards", Server, Network,
        "{server} shows a certificate of an issuer that this card does not accept ({issuer}).",
        "The operator's server and this card belong to different worlds. Ask the operator for a server that your card accepts ('esimctl info' lists the issuers).";
    ServerIssuerExpired = "server_issuer_expired", Server, Network,
        "The issuer of {server}'s certificate expired on {expired}; the clock here says {now}.",
        "Check the clock of this machine: 'date'. If it is right, ask the operator.";
    ServerExpired = "server_expired", Server, Network,
        "The certificate of {server} has expired; the clock here says {now}.",
        "Check the clock of this machine: 'date'. If it is right, tell the operator.";
    ServerNotYetValid = "server_not_yet_valid", You, Network,
        "The certificate of {server} is not valid yet; the clock here says {now}.",
        "Most likely the clock of this machine is wrong: set it, and try again.";
    ServerOtherHost = "server_other_host", Server, Network,
        "The server that answers as {server} is {names}.",
        "Check the host name. Something on the way may redirect connections: try another network.";
    ServerCurve = "server_curve", Server, Network,
        "{server} has a kind of key that esimctl cannot use in TLS (only NIST curves).",
        "Ask the operator for another server.";
    ServerUntrusted = "server_untrusted", Server, Network,
        "{server} does not prove who it is.",
        "Try another network. If it stays, tell the operator.";
    NoCommonIssuer = "no_common_issuer", Server, Network,
        "Card and server have no certificate issuer in common: {why}.",
        "The operator's server and this card belong to different worlds. Ask the operator for a server that your card accepts ('esimctl info' lists the issuers).";
    OtherServer = "other_server", Server, Safety,
        "The code is for the server with the number {expected}; the one that answered is {found}.",
        "Do not go on. Check that the code is complete; if it is, ask the operator.";
    ServerNotForCard = "server_not_for_card", Server, Network,
        "The card does not accept the server {server}: {why} ({name}).",
        "Try again. If it stays, do not go on with this server, and tell the operator.";
    ServerConfused = "server_confused", Server, Network,
        "The server mixes things up: {why}.",
        "Try again. If it stays, tell the operator.";

    // --- what a server says ---
    CodeRefused = "code_refused", Server, Network,
        "The server knows no order for this code: it was used already, never released, or mistyped.",
        "Check the code, letter by letter. A code that worked once does not work again: ask the operator for a new one.";
    NoOrderForCard = "no_order_for_card", Server, Network,
        "The server has nothing for this card.",
        "Ask the operator whether the order is for this EID, which 'esimctl info' shows.";
    OrderOtherCard = "order_other_card", Server, Network,
        "The order belongs to another card.",
        "A code that another card has used, or that was ordered for one, works on that card alone. Ask the operator to move it to this EID, which 'esimctl info' shows.";
    OrderExpired = "order_expired", Server, Network,
        "The order has expired.",
        "Ask the operator for a new code.";
    OrderExhausted = "order_exhausted", Server, Network,
        "The profile was asked for too often; the server gives it out no more.",
        "Ask the operator for a new code.";
    OrderNotReleased = "order_not_released", Server, Network,
        "The operator has not released the profile yet.",
        "Wait, then try again; if it takes longer than the operator said, ask them.";
    NoEligibleProfile = "no_eligible_profile", Server, Network,
        "The operator has no profile that fits this card or device.",
        "Ask the operator whether they support removable eUICCs. Some check the IMEI: --imei gives one.";
    ServerNoMemory = "server_no_memory", Server, Network,
        "The server says that the card has not enough memory for the profile.",
        "'esimctl info' shows what is free. Delete a profile that you no longer need, then try again.";
    ConfirmationRequired = "confirmation_required", You, Safety,
        "The server wants a confirmation code.",
        "The operator gives it out apart from the activation code. Give it at the prompt, in ESIMCTL_CONFIRMATION_CODE, or with --confirmation-code.";
    ConfirmationRefused = "confirmation_refused", Server, Network,
        "The server does not accept the confirmation code.",
        "Check it. The server counts wrong ones, and after a few the order is blocked.";
    ConfirmationExhausted = "confirmation_exhausted", Server, Network,
        "The confirmation code was wrong too often; the server has blocked the order.",
        "Ask the operator for a new code.";
    PackageNotRebound = "package_not_rebound", Server, Network,
        "The profile was bound to this card in an earlier try, and the server does not do it again.",
        "Ask the operator to reset the order.";
    CardRejected = "card_rejected", Server, Network,
        "The server does not accept the card: {why}.",
        "The operator's server does not know this maker of cards, or the card is damaged. Ask the operator.";
    CardCertificateExpired = "card_certificate_expired", Server, Network,
        "The server says that the card's certificate has expired.",
        "A card like that gets no profiles any more. Ask its maker.";
    ServerVersion = "server_version", Server, Network,
        "The server does not support the version of SGP.22 that the card speaks.",
        "Ask the operator for another server.";
    CardTooOld = "card_too_old", Card, NotDone,
        "The card speaks version {version} of SGP.22, which no server does any more.",
        "Profiles can be managed on this card, and none downloaded. Use a newer card.";
    CardCannotSign = "card_cannot_sign", Card, NotDone,
        "This card cannot download profiles: its list of issuers for signing is empty.",
        "No server was contacted. Profiles on the card can be managed. Use another card to download.";
    CardAcceptsNoServer = "card_accepts_no_server", Card, NotDone,
        "This card cannot download profiles: its list of issuers for verifying servers is empty.",
        "No server was contacted. Profiles on the card can be managed. Use another card to download.";
    CardIssuersDiffer = "card_issuers_differ", Card, NotDone,
        "This card cannot download profiles: its issuers for signing and for verifying servers have none in common.",
        "No server was contacted. Profiles on the card can be managed. Use another card to download.";
    CardMemoryFull = "card_memory_full", Card, Safety,
        "The card reports that it has no free memory.",
        "No server was contacted. Delete a profile that you no longer need. To try anyway: --despite-memory";
    OfferWithoutIccid = "offer_without_iccid", Server, Network,
        "{server} offers a profile without a usable ICCID, the number that names it.",
        "No card can install such a profile. Report it to the operator.";
    ServerIssuers = "server_issuers", Server, Network,
        "The server has no certificate under an issuer that the card knows.",
        "The operator's server and this card belong to different worlds. Ask the operator for a server that your card accepts ('esimctl info' lists the issuers).";
    ServerAddressRefused = "server_address_refused", Server, Network,
        "The server says that it is not {server}.",
        "Check the host name. Some servers compare it letter by letter.";
    SessionUnknown = "session_unknown", Server, Network,
        "The server has forgotten the session.",
        "Try again, and answer questions faster: servers wait a few minutes.";
    ServerBusy = "server_busy", Server, Network,
        "The server is busy.",
        "Try again in a while.";
    NoEvent = "no_event", Server, Network,
        "The discovery server knows of nothing for this card.",
        "If the operator has announced a profile, it may take some minutes. Otherwise download it by its code.";
    ServerRefused = "server_refused", Server, Network,
        "The server refuses {function}: {subject}: {reason}.",
        "Ask the operator, and give them the numbers {pair}.";
    ServerSilent = "server_silent", Server, Network,
        "The server {server} refuses {function} without a reason code (status {status}).",
        "Try again in a while. If it stays, ask the operator.";
    ServerContradictory = "server_contradictory", Server, Network,
        "The server refuses {function}, but its reason code and its words contradict each other: {why} ({pair}).",
        "Only the operator can say which is right. Tell them the code and the server's words.";

    // --- downloads ---
    CodeInvalid = "code_invalid", You, Usage,
        "This is no activation code: {why}.",
        "A code looks like LPA:1$smdp.example.com$TOKEN. In a shell it needs single quotes: 'LPA:1$…'. Or give its picture with --qr IMAGE, or a text with the code in it with --code-file FILE.";
    CodeSeveral = "code_several", You, Usage,
        "There are {count} different activation codes in the text.",
        "Give one of them by itself.";
    CodeUnclear = "code_unclear", You, Usage,
        "It is unclear where the activation code ends: something follows it that may belong to it.",
        "Give the code by itself, without blanks: esimctl download 'LPA:1$…'";
    CodeApart = "code_apart", You, Usage,
        "The text has addresses and tokens separately, but not exactly one of each.",
        "Give them separately: esimctl download --server HOST --matching-id TOKEN";
    CodeServerAlone = "code_server_alone", You, Usage,
        "This is the name of a server, not an activation code.",
        "For an order that the server knows by the card's EID: esimctl download --server HOST. With the token that the operator gave you: --matching-id TOKEN";
    Clipboard = "clipboard", You, Usage,
        "The clipboard cannot be read: {why}.",
        "Copy the code again. Or give it in single quotes: esimctl download 'LPA:1$…'";
    ClipboardReader = "clipboard_reader", You, Usage,
        "No program is installed here that reads the clipboard.",
        "Install {package}: sudo apt install {package}. Or give the code in single quotes: esimctl download 'LPA:1$…'";
    MatchingIdInvalid = "matching_id_invalid", You, Usage,
        "What --matching-id was given is none: {why}.",
        "Give it as the operator, or 'esimctl discover', shows it.";
    ConfirmationInvalid = "confirmation_invalid", You, Usage,
        "This is no confirmation code: {why}.",
        "Give it as the operator wrote it; it is not the activation code.";
    CodeMisplaced = "code_misplaced", You, Usage,
        "{taken}, and what was given looks like an activation code.",
        "Give the code by itself: esimctl download 'LPA:1$…'. Or the server with --server HOST, and the token with --matching-id.";
    CodeSource = "code_source", You, Usage,
        "{what} cannot be read: {why}.",
        "Give the code as text, as an image with --qr, in a file with --code-file, or on standard input with '-'.";
    PictureDrawer = "picture_drawer", You, Usage,
        "{path} is a {format} document, and {program}, which draws it, is not installed.",
        "Install it (the package {package} of Debian has it), or make a screenshot of the code and give that.";
    PictureFormat = "picture_format", You, Usage,
        "{path} is a {format} picture. This format cannot be read.",
        "Make a screenshot of it and give that, or save it as PNG or JPEG.";
    PictureSearch = "picture_search", You, Usage,
        "The search for a QR code in {path} was given up after {seconds} seconds.",
        "Cut the picture so that little more than the code is in it.";
    QrNone = "qr_none", You, Usage,
        "There is no QR code in {path} that can be read.",
        "Take the picture again, straight and sharp, with the whole code and its white border. A screenshot is better than a photo of the screen.";
    QrOther = "qr_other", You, Usage,
        "The QR code in {path} is another one, no activation code: {why}.",
        "Look for one whose text begins with LPA:1$. Some operators' pages show it only behind a link.";
    QrSeveral = "qr_several", You, Usage,
        "There are {count} activation codes in {path}.",
        "Cut the picture so that only one is in it.";
    NoDefaultServer = "no_default_server", You, Usage,
        "No code is given, and the card has no default SM-DP+.",
        "Give a code, or a server with --server HOST.";
    NoRootServer = "no_root_server", You, Usage,
        "The card names no discovery server (root SM-DS).",
        "Give one with --server HOST.";
    TestRootServer = "test_root_server", You, Usage,
        "The card names {server} as its discovery server (root SM-DS), which is for tests and has no profiles of operators.",
        "Ask the GSMA's: esimctl discover --server lpa.ds.gsma.com. To ask the one for tests: esimctl discover --server {server}";
    NoDiscoveryServer = "no_discovery_server", Server, Network,
        "{server} is no discovery server (SM-DS).",
        "If it is an SM-DP+: esimctl download --server {server}";
    CodeUsedBefore = "code_used_before", You, NotDone,
        "The server was not contacted. {sentence}",
        "If the operator says that the code works more than once: --again. Otherwise ask the operator for a new one.";
    CodeUnsettled = "code_unsettled", You, Safety,
        "The server was not contacted. {sentence}",
        "First find out the result: esimctl recover. To try the code anyway: --again";
    EventsSeveral = "events_several", You, Usage,
        "{count} profiles wait for this card.",
        "'esimctl discover' lists them. To download one: esimctl download --server SERVER --matching-id EVENT";
    ImeiInvalid = "imei_invalid", You, Usage,
        "'{imei}' is no IMEI: {why}.",
        "Dial *#06# on the device to see its IMEI.";
    ProfilePresent = "profile_present", You, NotDone,
        "{profile} is on the card already.",
        "Enable it: esimctl enable {iccid}. To get it anew, delete it first, if the operator allows another download.";
    LittleMemory = "little_memory", Card, Safety,
        "The card has {free} bytes free, which is too little for any profile.",
        "Delete a profile that you no longer need. To try anyway: --despite-memory";
    PolicyNotAuthorised = "policy_not_authorised", Card, Safety,
        "The profile comes with a rule ({rule}) that this card does not let its operator use.",
        "Use another card: the same code works there. Or ask the operator for a profile without the rule. To give the order up, which spends the code: --refuse";
    PolicyNotAlone = "policy_not_alone", Card, Safety,
        "The profile comes with a rule (PPR1) by which it can never be disabled. It may only go on a card without another operational profile, and this card has {others}.",
        "Use another card, or delete what is there with 'esimctl delete': then the same code works. To give the order up, which spends the code: --refuse";
    DownloadDeclined = "download_declined", You, NotDone,
        "The profile was not installed.",
        "{how}";
    DownloadUnasked = "download_unasked", You, Safety,
        "Nobody is here to be asked whether the profile is to be installed: there is no terminal.",
        "Look at what the server offers with --dry-run. If it is right: --yes";
    DownloadUnanswered = "download_unanswered", You, NotDone,
        "Nobody answered in time whether the profile is to be installed.",
        "Start again when you are there. To be waited for longer: --answer-within SECONDS";
    PolicyConsent = "policy_consent", You, Safety,
        "The profile comes with rules of its operator that the card wants you to agree to.",
        "Look at them with --dry-run. If you agree: --yes --accept-rules";
    MetadataChanged = "metadata_changed", Server, Network,
        "The package is not what the server offered. The difference: {what}.",
        "Ask the operator before you try again. To give the order up, which spends the code: --refuse";
    PackageUnusable = "package_unusable", Server, Network,
        "The package that the server sent cannot be loaded: {why}.",
        "Ask the operator: the profile has to be prepared anew. Then try the same code again. To give the order up, which spends the code: --refuse";
    InstallRefused = "install_refused", Card, NotDone,
        "The card did not install the profile: {why} ({name}, while {command}).",
        "{again}";
    InstallFailed = "install_failed", Card, NotDone,
        "The profile could not be loaded; the card has been read, and it is not there.",
        "{again}";
    InstallUnknown = "install_unknown", Card, Unknown,
        "The card or its modem stopped answering while the profile was being loaded.",
        "Put the card back, or restart the modem, then: esimctl recover\nIt reads the card and says whether the profile is there.";

    // --- retiring a subscription ---
    CaseNotFound = "case_not_found", You, NotDone,
        "There is no case '{case}'.",
        "'esimctl retire list --all' shows those there are. To open one: esimctl retire start PROFILE";
    CaseOpen = "case_open", You, NotDone,
        "{profile} is being retired already: {case}, since {created}.",
        "Go on with it: esimctl retire {case}";
    CaseClosed = "case_closed", You, NotDone,
        "The case {case} is closed since {since}.",
        "To go on with it after all: esimctl retire reopen {case}";
    CaseNotClosed = "case_not_closed", You, NotDone,
        "The case {case} is open.",
        "See where it stands: esimctl retire {case}";
    StepIsNotTold = "step_is_not_told", You, Usage,
        "The step '{step}' is done by esimctl itself, and not recorded by hand.",
        "Do it: esimctl retire {step} {case}";
    ContractFirst = "contract_first", You, Safety,
        "A confirmation is needed as long as there may be a contract.",
        "If there is none, as with prepaid cards, say so first: esimctl retire record {case} contract --not-applicable REASON";
    DateInvalid = "date_invalid", You, Usage,
        "'{date}' is no date.",
        "Write it as in 2026-11-22.";
    DateInFuture = "date_in_future", You, Usage,
        "{date} is in the future: by this computer's clock, today is {today}. Only what has happened can be recorded.",
        "Give the day on which it happened, or leave --date out for today. If the clock is wrong, set it first.";
    DateTooFar = "date_too_far", You, Usage,
        "{date} is more than {years} years ahead; no notice period is that long.",
        "Check the year in the contract or in the operator's letter.";
    DateBeforeContract = "date_before_contract", You, Usage,
        "{date} is before the contract began, which was on {since}.",
        "Check the year. If the beginning is wrong: esimctl retire record CASE contract --since DATE";
    DateBeforeRequest = "date_before_request", You, Usage,
        "{date} is before the cancellation was requested, which was on {requested}.",
        "Check the year. If the date of the request is wrong, record that again.";
    AmountInvalid = "amount_invalid", You, Usage,
        "'{amount}' is no amount of {currency}.",
        "Write digits, with at most one comma or point, and no more than {places} digits behind it: no blanks, no signs, and nothing between thousands.";
    CurrencyInvalid = "currency_invalid", You, Usage,
        "'{currency}' is no currency.",
        "Give its three letters, as in EUR, CNY or USD.";
    CurrencyMissing = "currency_missing", You, Usage,
        "An amount needs a currency.",
        "Add it, as in --currency EUR.";
    ReasonMissing = "reason_missing", You, Usage,
        "The reason is empty.",
        "Write in some words why: the report tells it.";
    TextTooLong = "text_too_long", You, Usage,
        "The text is longer than {longest} characters.",
        "Put it into a file and add that: --file FILE";
    EvidenceFile = "evidence_file", You, Usage,
        "The file {path} cannot be read, so that nothing was recorded.",
        "See that it is there and that this user may read it, then try again.";
    EvidenceTooLong = "evidence_too_long", You, Usage,
        "The file {path} is longer than {megabytes} MiB, so that nothing was recorded.",
        "Save the letter or the page in a smaller form, as a PDF or a picture.";
    NotConfirmed = "not_confirmed", You, Safety,
        "The operator has not confirmed the cancellation yet, as far as {case} tells.",
        "A deleted profile ends no contract, and you may need it until then. Once they have confirmed: esimctl retire record {case} confirmation --file LETTER. To remove it all the same: --despite REASON";
    NotProved = "not_proved", You, Safety,
        "{case} says that the operator has confirmed, but nothing proves it: no file, no reference, no note.",
        "Add the letter: esimctl retire record {case} confirmation --file LETTER. Where there is none, note a number or who said it, and when: --reference NUMBER or --note TEXT. To remove the profile all the same: --despite REASON";
    BalanceUnpaid = "balance_unpaid", You, Safety,
        "{amount} is not paid yet, as far as {case} tells.",
        "Once it is paid, record that: esimctl retire record {case} {step} --paid. To remove the profile all the same: --despite REASON";
    NoticeRuns = "notice_runs", You, Safety,
        "The contract runs until {date}.",
        "Until then you pay for it and can be reached by it. Remove it afterwards: esimctl retire clean {case}. To remove it all the same: --despite REASON";
    NotBackedUp = "not_backed_up", You, Safety,
        "No backup was made in {case}; what the SIM holds goes with the profile.",
        "Make it: esimctl retire backup {case}. If nothing on it matters: esimctl retire record {case} backup --skip REASON. To remove the profile all the same: --despite REASON";
    PartlyBackedUp = "partly_backed_up", You, Safety,
        "The backup of {case} is not complete. Not read: {parts}.",
        "Make it again, with the PIN of the SIM if it asks for one: esimctl retire backup {case}. If what is missing does not matter: esimctl retire record {case} backup --skip REASON. To remove the profile all the same: --despite REASON";
    EvidenceLost = "evidence_lost", You, Safety,
        "The file {file}, which {case} relies on, is not what was recorded: {state}.",
        "Put it back, or record it again: 'esimctl retire {case}' names the step. To remove the profile all the same: --despite REASON";
    BackupTooLate = "backup_too_late", You, NotDone,
        "{profile} is deleted, so a backup of it can no longer be made.",
        "Nothing brings back what its SIM held. What else is left to do: esimctl retire {case}";
    BackupOutOfReach = "backup_out_of_reach", You, NotDone,
        "No card that may still hold {profile} is expected back, so a backup of it cannot be made.",
        "If a card was given up by mistake: esimctl retire clean {case} --take-back EID --reason REASON";
    NothingToCorrect = "nothing_to_correct", You, NotDone,
        "Nothing is recorded of the step '{step}' in {case} that could be corrected.",
        "See what is recorded: esimctl retire {case}";
    ServerNotReached = "server_not_reached", Network, Safety,
        "The server {server}, which has to learn of the deletion, cannot be reached now.",
        "Go online and try again. To delete all the same: --despite REASON. Then the notification waits in the outbox, and {case} stays open until the server has accepted it.";
    DeletionNamesNoServer = "deletion_names_no_server", Card, Safety,
        "The card will sign the deletion for '{address}', which is not the address of a server: {why}. The report of it cannot be sent.",
        "To delete anyway: --despite REASON. Then {case} says that the report could not be sent, and stays open until you give the notification up: esimctl outbox drop";
    NotOfThisCase = "not_of_this_case", You, NotDone,
        "The profile of {case} was never seen on the card {eid}.",
        "'esimctl retire {case}' names its devices.";
    OtherCard = "other_card", You, NoDevice,
        "The card that is there has the EID {found}, not {eid}.",
        "Put the right one in, or name its device with --device. If it is the same card and reports another EID now, nothing here can prove that: give the old one up with 'esimctl retire clean CASE --write-off EID --reason REASON'.";
    SameProfile = "same_profile", You, Usage,
        "The profile that is to be enabled instead is the one that is to be removed.",
        "Name another one: esimctl list";
    BackupDisabled = "backup_disabled", You, Safety,
        "{profile} is disabled, and the SIM of a disabled profile cannot be read.",
        "To have it enabled for the backup, and disabled again afterwards: --enable. To save its description alone: --description-only";
    CaseAnswer = "case_answer", You, Usage,
        "The answer '{answer}' is none of those that were asked for.",
        "Nothing was recorded. Try again: esimctl retire {case}";
    NotAtHand = "not_at_hand", You, NoDevice,
        "None of the devices with this profile is at hand.",
        "They stay open in {case}. Plug one in, then: esimctl retire clean {case}. One that will never come back: esimctl retire clean {case} --write-off EID --reason REASON";
    NothingToClean = "nothing_to_clean", You, NotDone,
        "{case} has no device left from which the profile could be removed.",
        "See where it stands: esimctl retire {case}";
    SubscriptionUnnamed = "subscription_unnamed", You, Usage,
        "A case needs the ICCID of the profile, or a name for the subscription.",
        "Give what you know: --iccid ICCID, --name NAME, or both.";
    IccidInvalid = "iccid_invalid", You, Usage,
        "'{iccid}' is not an ICCID, which has 18 to 20 digits.",
        "Copy it from the settings of the device. A case can begin without it: esimctl retire start --name NAME";
    IccidKnown = "iccid_known", You, NotDone,
        "{case} is about the profile {iccid}, and a card of the case is known to have it or to have had it.",
        "Another profile takes a case of its own: esimctl retire start --iccid ICCID";
    DeviceNameInvalid = "device_name_invalid", You, Usage,
        "The name of a device has 1 to {longest} characters, all of them printable.",
        "Choose a name that you will recognise, for example: my iPhone";
    DeviceNamedTwice = "device_named_twice", You, Usage,
        "{case} already has a device '{device}'.",
        "Choose another name. 'esimctl retire {case}' lists its devices.";
    DeviceNotNamed = "device_not_named", You, NotDone,
        "{case} has no device '{device}' of which you could say this.",
        "'esimctl retire {case}' lists its devices. To add one: esimctl retire device {case} --add NAME";
    NoDeviceNamed = "no_device_named", You, NotDone,
        "{case} has no device yet.",
        "Name each that had the profile: esimctl retire device {case} --add NAME";
    DevicesByWord = "devices_by_word", You, NotDone,
        "esimctl cannot read {devices}. Only you can remove the eSIM there.",
        "The steps: esimctl retire guide. Then record it: esimctl retire clean {case} --removed NAME --file PROOF\nA device that is lost: esimctl retire clean {case} --write-off NAME --reason REASON";
    BackupByHand = "backup_by_hand", You, NotDone,
        "{case} has no card whose SIM esimctl could read.",
        "Save what is on the device there, then record that: esimctl retire record {case} backup --note TEXT\nTo leave it out: esimctl retire record {case} backup --skip REASON";
    CardNotSeen = "card_not_seen", You, NotDone,
        "No card '{card}' was ever seen.",
        "'esimctl inventory' shows those that were.";
    CardSeenTwice = "card_seen_twice", You, Usage,
        "Several cards were seen as '{card}'.",
        "Name the one by its EID: esimctl inventory";
}
