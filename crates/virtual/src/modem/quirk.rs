//! How a virtual modem departs from a well-behaved one: what has been seen in the field, and what a broken one may do.

use modem_wire::at::IccidCommand;

use crate::switch::{Chosen, switches};

/// What is to be known about a quirk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModemQuirkEntry {
    /// The name on the command line.
    pub name: &'static str,
    /// What may follow behind `=`, and what is taken if nothing does.
    pub parameter: Option<(&'static str, &'static str)>,
    /// The languages that it is about: `at`, `qmi`, `mbim`, `qrtr`, with blanks between; or `any`.
    pub speaks: &'static str,
    /// What the modem does.
    pub effect: &'static str,
    /// The devices that do it.
    pub seen_on: &'static str,
}

impl ModemQuirkEntry {
    const fn of(
        name: &'static str,
        parameter: Option<(&'static str, &'static str)>,
        speaks: &'static str,
        effect: &'static str,
        seen_on: &'static str,
    ) -> Self {
        Self { name, parameter, speaks, effect, seen_on }
    }
}

switches! {
    /// A way to depart from a well-behaved modem.
    pub enum ModemQuirk, called "modem quirk", described by ModemQuirkEntry, checked by fits;
    // --- whatever it speaks ---
    IgnoresSwitch = "ignores-switch" ("TIMES" = "1"), "any", "goes on with the former profile after a switch until its card is powered off and on so many times", "lpac 236, openwrt PR 24883";
    NeverRegisters = "never-registers", "any", "finds no network with any profile but the one enabled at its start", "a profile without coverage";
    Dead = "dead", "any", "answers nothing at all", "a crashed modem";
    FetchesAnswers = "fetches-answers", "any", "does GET RESPONSE itself: answers come whole with 9000", "MBIM by its standard; several firmwares";
    NoEuicc = "no-euicc", "any", "has an ordinary SIM: no application answers to the ISD-R's AID", "most modems";
    StartsInSlot = "starts-in-slot" ("NUMBER" = "1"), "any", "starts with this slot in use, also if it is empty and another has a card", "laptops with an eUICC beside a tray for a card";
    Latency = "latency" ("MILLISECONDS" = "10"), "any", "takes this long for every APDU", "300 ms are usual";
    Identity = "identity" ("NAMES" = "esimctl/virtual modem/1"), "any", "says that it is this modem: MANUFACTURER/MODEL/FIRMWARE; MBIM tells no manufacturer", "any";
    // --- MBIM ---
    ExtendedClass = "extended-class", "mbim", "takes only APDUs that are said to be of an extended class, and leaves their class byte alone", "Fibocom L850-GL, Foxconn T99W175, Dell DW5821e (lpac PR 438)";
    SelectP2 = "select-p2-0c", "mbim", "opens channels only with 0C as P2 of the SELECT", "Fibocom L850-GL, Foxconn T99W175, Dell DW5821e (lpac PR 438)";
    NeedsLe = "needs-le", "mbim", "refuses commands with data and without Le", "Fibocom L850-GL, Foxconn T99W175, Dell DW5821e (lpac PR 438)";
    MappingHangs = "slot-mapping-hangs", "mbim", "answers nothing to commands about slot mappings", "Fibocom L850-GL, Foxconn T99W175, Dell DW5821e, where they must be left out (lpac PR 438)";
    NoMapping = "no-slot-mapping", "mbim", "does not support slot mappings, and does not say so before", "modems with one slot";
    NoSlots = "no-slots", "mbim", "has nothing of the extensions that tell of slots", "modems before Microsoft's extensions";
    StaleChannels = "stale-channels", "mbim", "has only invalid channels for a host that comes after one that did not close the device, until it is closed", "Fibocom L860-GL (lpac 114)";
    MappingRefused = "slot-mapping-refused", "mbim", "refuses commands about slot mappings as not allowed", "Fibocom L850-GL (lpac PR 438)";
    InterindustryRefused = "interindustry-6e00", "mbim", "answers 6E00 to APDUs that are said to be of an interindustry class", "Fibocom L850-GL (lpac PR 438)";
    EmptyWithoutLe = "empty-without-le", "mbim", "answers 9000 and no data to commands with data and without Le", "Fibocom L850-GL (lpac PR 438)";
    SelectFails = "select-fails" ("WHEN" = "always"), "mbim", "refuses to select any application: always, or only after-switch, once a profile or the slot was switched, until it starts anew", "Intel XMM7560 (lpac 434); Foxconn DW5934e after a switch";
    LoadUnanswered = "load-unanswered" ("THEN" = "hangs"), "mbim", "answers nothing to the last block of a download, which the card has installed; it hangs then, or serves", "Foxconn DW5934e";
    OpenFails = "open-fails", "mbim", "fails to open a channel without saying why", "Quectel EM05-G (lpac 300)";
    SlowSlot = "slow-slot" ("MILLISECONDS" = "1500"), "mbim qmi qrtr", "needs this long after a switch of slots before the card can be used", "Snapdragon X55 (lpac 241)";
    WantsCapability = "wants-terminal-capability", "mbim", "selects no application before TERMINAL CAPABILITY was set", "Microsoft Surface (linux-surface 2272)";
    SwitchRefused = "slot-switch-refused" ("ERROR" = "82"), "mbim qmi qrtr", "refuses to switch to another slot: QMI by this error, MBIM as not allowed", "modems whose firmware chooses the slot";
    CommandRefused = "command-refused" ("N" = "4"), "mbim qmi qrtr", "refuses its N-th command for the card as not allowed, and the card gets nothing", "firmwares that filter APDUs";
    Returns61xx = "returns-61xx", "mbim", "leaves GET RESPONSE to the host", "several firmwares";
    SlotIds = "slot-ids", "mbim", "speaks MBIMEx 4.0, where commands to a card name its slot", "modems for Windows 11";
    StatusZero = "status-zero", "mbim", "says 0 where a card says 9000 to opening and closing of channels", "as wwan-go expects it";
    NoReset = "no-reset", "mbim", "cannot reset the card", "older firmwares";
    NoUicc = "no-uicc-access", "mbim qmi qrtr", "carries no APDUs", "modems before Microsoft's UICC service";
    NeedsClose = "needs-close", "mbim", "says that it is not opened to a host that opens it, until one closes it", "modems whose host crashed";
    BusyOnce = "busy-once", "mbim", "is busy when it gets its second APDU", "any, while it reads the card itself";
    Subscriber = "subscriber" ("STATE" = "6"), "mbim", "tells this state of its card: 0 starting, 1 ready, 2 none, 3 bad, 4 failed, 5 not activated, 6 locked, 7 no profile", "any";
    Fragments = "fragments" ("BYTES" = "64"), "mbim", "sends frames of at most this many bytes", "any may, from 64";
    DisorderedFragments = "disordered-fragments", "mbim", "sends the second fragment of an answer last, in frames of 64 bytes", "a broken modem";
    ForeignAnswers = "foreign-answers", "mbim qmi", "sends answers to commands of nobody before each answer", "a port that two programs read";
    Chatty = "chatty", "mbim qmi", "tells something by itself before each answer", "any, while its signal changes";
    CarriesQmi = "carries-qmi", "mbim", "has a service that carries QMI", "Sierra Wireless, many Quectel and Foxconn";
    Endless = "endless", "mbim qmi", "tells things by itself for ever where it should answer its third APDU", "a broken modem";
    HalfFrame = "half-frame", "mbim qmi", "sends half of the answer to its third APDU", "a modem that crashes";
    HugeFrame = "huge-frame", "mbim qmi", "announces a frame as long as can be, with MBIM of 4 GB, in place of the answer to its third APDU", "a hostile device";
    // --- AT: the commands ---
    BareSession = "bare-session", "at", "answers AT+CCHO by a number alone, without +CCHO:", "Fibocom FM350-GL (lpac 209, PR 445)";
    LongSession = "long-session", "at", "names a session by 16 digits instead of a small number", "Sierra MC7455, EM7590 (lpac 138, 139)";
    NoTestForms = "no-test-forms", "at", "answers ERROR to every command with =?, also to those that it knows", "Fibocom FG132-GL, Quectel EM05-G, Sierra EM7590 (lpac 300, 139)";
    CchoParameters = "ccho-parameters", "at", "refuses AT+CCHO with '+CME ERROR: Parameters error'", "Sierra EM9191 (lpac 187)";
    NoCchc = "no-cchc", "at", "does not know AT+CCHC: sessions stay open", "Sierra EM9191 (lpac 187)";
    CchcLine = "cchc-line", "at", "answers AT+CCHC by a line +CCHC before OK", "seen in traces (lpac 143)";
    LastBlockError = "last-block-error", "at", "answers ERROR to the last of several STORE DATA by AT+CGLA, after the card has it", "Quectel EC20F, EG25-G (lpac 186, 173)";
    LongBlocksFail = "long-blocks-fail" ("N" = "20"), "at", "answers ERROR to APDUs with more than 120 bytes of data, from the N-th such on, and the card gets nothing", "Fibocom FM350-GL, Sony Xperia 10 IV (lpac 394, 185)";
    OnlyCsim = "only-csim", "at", "knows AT+CSIM and none of AT+CCHO, AT+CGLA, AT+CCHC", "Dell DW5821e, Alcatel IK41 (lpac 164)";
    NoCsim = "no-csim", "at", "does not know AT+CSIM", "modems that keep the basic channel for themselves";
    CsimBasicOnly = "csim-basic-only", "at", "AT+CSIM opens and closes channels, and refuses APDUs on them", "Quectel EG25 (lpac 164)";
    NoChannelInClass = "no-channel-in-class" ("SW" = "6E00"), "at", "takes no channel in the class byte of AT+CGLA, which it writes itself: answers this status, or refuses with 'error'", "Sierra MC7455, EM7590 (lpac 138, 139)";
    ClassAsSent = "class-as-sent", "at", "sends the command of AT+CGLA as it is: without a channel in the class byte it is for the basic one", "as TS 27.007 8.43 allows it";
    Returns91xx = "returns-91xx", "at", "leaves 91xx in the answer to the host, and starts the card anew by itself", "Fibocom FM350-GL (71395089918)";
    NoBlank = "no-blank", "at", "writes no blank after the colon of an answer", "SIMCom A7908E (lpac PR 238)";
    IccidCommand = "iccid-command" ("COMMAND" = "AT+CRSM"), "at", "knows this command for the ICCID alone; with 'none' none, with 'silent' none is answered", "Sequans, ML307, SIM7600, Telit, Huawei";
    EmptyEuicc = "empty-euicc", "at", "says EMPTY_EUICC of a card without an enabled profile, and 'no SIM' to commands for the ICCID", "Fibocom FM350-GL (lpac 209, 179)";
    NamesEid = "names-eid", "at", "knows AT+EID? and AT+ESLOTSINFO?", "Fibocom FM350-GL (60255598350)";
    CardStateWords = "card-state" ("WORDS" = "SIM PUK"), "at", "says this of its card to AT+CPIN?, whatever is so", "a profile with a blocked PIN; modems that are locked";
    NotReady = "not-ready" ("TIMES" = "3"), "at", "says NOT READY of its card so many times after the card was started, and opens no session before", "most, shortly after a refresh";
    NoChannels = "no-channels", "at", "refuses AT+CCHO, and MANAGE CHANNEL by AT+CSIM", "Huawei MS2372h-517 (lpac 164)";
    CchcError = "cchc-error", "at", "answers ERROR to AT+CCHC of a session that is not open", "Fibocom FM350-GL (lpac 179)";
    LeftoverSession = "leftover-session", "at", "begins with session 1 open, and opens none before it is closed", "Quectel EG916Q, EG25 (openpilot 37271, agnos 556)";
    CchoNeedsProfile = "ccho-needs-profile", "at", "refuses AT+CCHO as long as no profile is enabled", "Quectel EM061K-GL (lpac 242)";
    NeedsCfun = "needs-cfun", "at", "opens no session after the card asked for a refresh until AT+CFUN=0 and AT+CFUN=1", "Quectel EG916Q (openpilot 37779)";
    Reenumerates = "reenumerates" ("MILLISECONDS" = "500"), "any", "leaves USB for this long when the card asks for a refresh, and the answer with it", "Quectel EG25 (openpilot 37779)";
    NoCfun = "no-cfun", "at", "refuses AT+CFUN", "modems that a host may not switch off";
    SimBusy = "sim-busy" ("TIMES" = "3"), "any", "refuses to open a channel so many times, as busy, after its card was started", "most, shortly after a refresh";
    PinLocked = "pin-locked", "any", "wants the PIN of the profile", "a profile with a PIN";
    // --- AT: the lines ---
    LowerHexRefused = "upper-hex-only", "at", "refuses hexadecimal digits in lower case", "several firmwares";
    ErrorWords = "error-words", "at", "tells errors in words, whatever AT+CMEE wants", "Sierra EM9191 (lpac 187)";
    PlainErrors = "plain-errors", "at", "tells errors by ERROR alone, whatever AT+CMEE wants", "Quectel EC20F (lpac 186)";
    NumericResults = "numeric-results", "at", "begins with results as numbers, as after ATV0", "modems that another program has set up";
    EchoReturns = "echo-returns", "at", "has echo and all other settings as at first after AT+CFUN", "modems that start anew then";
    NewlinesOnly = "newlines-only", "at", "ends lines by a single line feed", "serial servers and terminal drivers between";
    Urcs = "urcs", "at", "says unsolicited lines before the answer, inside of it and behind it", "every modem, at the wrong moment";
    EndlessUrcs = "endless-urcs" ("N" = "1"), "at", "says unsolicited lines for ever instead of the answer to its N-th command for the card", "a broken modem";
    EndlessLine = "endless-line" ("N" = "3"), "at", "says a line of a megabyte instead of the answer to its N-th command for the card", "a hostile device";
    LineLimit = "line-limit" ("CHARACTERS" = "127"), "at", "gives its last answer again if the command is longer than this; hangs if it is so by one", "Sequans Monarch (pycom 411, 544)";
    LateAnswer = "late-answer" ("N" = "3"), "at", "answers its N-th command for the card only when the next command comes", "a modem that was busy";
    HalfAnswer = "half-answer" ("N" = "3"), "at", "says half the answer to its N-th command for the card", "an overrun on the serial line";
    SilentFrom = "silent-from" ("N" = "3"), "any", "answers nothing from its N-th command for the card on", "a modem that crashes";
    VanishesBefore = "vanishes-before" ("N" = "3"), "any", "leaves USB at its N-th command for the card instead of carrying it out, and comes back", "a modem that crashes";
    VanishesAfter = "vanishes-after" ("N" = "3"), "any", "leaves USB after its N-th command for the card, carried out and not answered, and comes back", "a modem that crashes";
    Unplugged = "unplugged" ("N" = "3"), "any", "leaves USB at its N-th command for the card, and never comes back", "a pulled cable";
    Garbage = "garbage", "at", "is no modem: it talks all the time, and answers something else", "GNSS and debug ports of modems";
    // --- QMI ---
    ProcedureBytes = "procedure-bytes", "qmi qrtr", "loses the answer to a switch to the refresh that follows, unless it is to skip procedure bytes", "Qualcomm modems of Chromebooks (ChromiumOS hermes)";
    NoSlotStatus = "no-slot-status" ("ERROR" = "94"), "qmi qrtr", "knows no physical slots: answers this error", "modems with one slot (lpac PR 416)";
    LogicalSlots = "logical-slots", "qmi qrtr", "uses all slots at once, each under its own number", "phones with two modems in one";
    OpenRefused = "open-refused" ("ERROR" = "82"), "qmi qrtr", "refuses to open a channel with this error: 82 is AccessDenied, 3 is Internal", "SIM7600G-H, Telit LE910C4 (lpac 221); SDM670 (lpac 135)";
    FewChannels = "few-channels" ("N" = "3"), "qmi qrtr", "opens so many channels, then none until its card service is reset, by error 68", "SM7225 (libqmi MR 376)";
    OldOpen = "old-open", "qmi qrtr", "knows the older message for opening channels alone", "older firmwares";
    LeakedChannels = "leaked-channels", "qmi qrtr", "begins with all channels open, as a program left them that died", "any";
    LongAnswers = "long-answers" ("BYTES" = "100"), "qmi qrtr", "gives longer answers in parts, announced by error 68", "Qualcomm firmwares, from 1024 bytes";
    PowersDown = "powers-down", "qmi qrtr", "has no power on the card until it is asked for", "modems that save power";
    NoClientIds = "no-client-ids", "qmi", "gives no client id: they leaked", "any, after some twenty programs that died";
    ForgetsClients = "forgets-clients", "qmi", "forgets its clients when the card asks for a refresh", "modems that start anew then";
    CutFrames = "cut-frames", "qmi", "sends its frames in pieces of 7 bytes", "a stream: pseudo-terminals, sockets";
    JoinedFrames = "joined-frames", "qmi", "sends each answer in one piece with indications around it", "a stream: pseudo-terminals, sockets";
    Noise = "noise", "qmi", "sends other bytes before the answer to its third APDU", "a port that loses bytes";
}

/// A quirk as chosen, with its parameter.
pub type ChosenModemQuirk = Chosen<ModemQuirk>;

/// Whether a parameter of this kind can be that, and what is wanted.
fn fits(kind: &str, parameter: &str) -> (bool, &'static str) {
    match kind {
        WHEN => (matches!(parameter, "always" | AFTER_SWITCH), "always or after-switch"),
        THEN => (matches!(parameter, HANGS | "serves"), "hangs or serves"),
        NAMES => (names(parameter).is_some(), "three names of at most 60 letters with / between"),
        "SW" => (parameter == "error" || status_word(parameter).is_some(), "'error' or a status of four digits"),
        "COMMAND" => {
            let known = ["none", "silent"].contains(&parameter) || iccid_command(parameter).is_some();
            (known, "a command for the ICCID, such as AT+CICCID, or 'none' or 'silent'")
        }
        "WORDS" => {
            let fits = parameter.bytes().all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b' ' | b'-' | b'_'));
            (fits && (1..=40).contains(&parameter.len()), "words in upper case")
        }
        _ => (parameter.parse::<u32>().is_ok(), "a number"),
    }
}

fn status_word(parameter: &str) -> Option<u16> {
    u16::from_str_radix(parameter, 16).ok().filter(|_| parameter.len() == 4)
}

/// The command for the ICCID of this name, which may lack its parameters.
fn iccid_command(name: &str) -> Option<IccidCommand> {
    IccidCommand::all().find(|command| command.text().split('=').next() == Some(name))
}

/// The kind of the parameter that tells when a modem misbehaves.
const WHEN: &str = "WHEN";

/// The parameter for a modem that misbehaves once a profile or its slot was switched.
pub(super) const AFTER_SWITCH: &str = "after-switch";

/// The kind of the parameter that tells how a modem goes on after it has left a command without an answer.
const THEN: &str = "THEN";

/// The parameter for a modem that answers nothing for its card from then on.
pub(super) const HANGS: &str = "hangs";

/// The kind of the parameter that tells who a modem is.
const NAMES: &str = "NAMES";

/// Manufacturer, model and firmware in such a parameter.
fn names(parameter: &str) -> Option<[&str; 3]> {
    let fits = |name: &&str| (1..=60).contains(&name.len()) && name.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    let names: Vec<&str> = parameter.split('/').collect();
    <[&str; 3]>::try_from(names).ok().filter(|names| names.iter().all(fits))
}

/// The quirks of one modem.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ModemQuirks(Vec<ChosenModemQuirk>);

impl ModemQuirks {
    /// These quirks.
    #[must_use]
    pub fn of(chosen: Vec<ChosenModemQuirk>) -> Self {
        Self(chosen)
    }

    /// True if it has this quirk.
    #[must_use]
    pub fn has(&self, quirk: ModemQuirk) -> bool {
        self.0.iter().any(|chosen| chosen.which == quirk)
    }

    /// The parameter of this quirk, as a number.
    #[must_use]
    pub fn number(&self, quirk: ModemQuirk) -> Option<u32> {
        self.parameter(quirk)?.parse().ok()
    }

    /// Who the modem says that it is, if that was chosen: manufacturer, model, firmware.
    #[must_use]
    pub fn identity(&self) -> Option<[&str; 3]> {
        names(self.parameter(ModemQuirk::Identity)?)
    }

    /// The parameter of this quirk, as a status word.
    #[must_use]
    pub fn status(&self, quirk: ModemQuirk) -> Option<u16> {
        status_word(self.parameter(quirk)?)
    }

    /// The only command for the ICCID that the modem knows, if that was chosen and is one.
    #[must_use]
    pub fn only_iccid_command(&self) -> Option<IccidCommand> {
        iccid_command(self.parameter(ModemQuirk::IccidCommand)?)
    }

    /// The parameter of this quirk.
    #[must_use]
    pub fn parameter(&self, quirk: ModemQuirk) -> Option<&str> {
        self.0.iter().find(|chosen| chosen.which == quirk)?.parameter.as_deref()
    }
}
