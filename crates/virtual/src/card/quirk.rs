//! How a virtual card departs from a well-behaved one: what has been seen in the field, and what a hostile card may do.

use serde::{Deserialize, Serialize};

use super::fault::Fault;
use crate::switch::{Chosen, switches};

/// What is to be known about a quirk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuirkEntry {
    /// The name on the command line.
    pub name: &'static str,
    /// What may follow behind `=`, and what is taken if nothing does.
    pub parameter: Option<(&'static str, &'static str)>,
    /// What the card does.
    pub effect: &'static str,
    /// The devices that do it.
    pub seen_on: &'static str,
}

impl QuirkEntry {
    const fn of(
        name: &'static str,
        parameter: Option<(&'static str, &'static str)>,
        effect: &'static str,
        seen_on: &'static str,
    ) -> Self {
        Self { name, parameter, effect, seen_on }
    }
}

switches! {
    /// A way to depart from a well-behaved card.
    pub enum Quirk, called "quirk", described by QuirkEntry, checked by fits;
    OnlyGetResponse = "61xx", "never gives data with an answer: all of it must be fetched by GET RESPONSE (and the ATR offers T=0 alone)", "cards over T=0";
    NoLe = "no-le", "refuses a command that has both data and Le with 6700", "some removable cards";
    LeRequired = "le-required", "refuses STORE DATA without Le with 6700", "cards behind MBIM modems (lpac PR 438)";
    GetResponseClass = "get-response-class", "takes GET RESPONSE only in the class of the command, else 6E00", "seen with lpac and euicc-rs";
    BasicChannelOnly = "basic-channel-only", "lets the ISD-R be selected on the basic channel only (6881 elsewhere)", "removable cards (ATR 3B9F96801FC78031E073FE211B57AA866016010001BA)";
    NoManageChannel = "no-manage-channel", "does not know MANAGE CHANNEL (6D00)", "old cards";
    HighChannels = "high-channels", "gives logical channels from 4 up, which need another class byte", "cards with many applications";
    NoTerminalCapability = "no-terminal-capability", "does not know TERMINAL CAPABILITY (6D00)", "most removable cards";
    TerminalCapabilityRequired = "terminal-capability-required", "hides the ISD-R (6A82) until TERMINAL CAPABILITY was sent after the reset", "Surface Pro X and others (linux-surface 2272)";
    IsdrAid = "isdr-aid" ("HEX" = "A0000005591010FFFFFFFF8900050500"), "has its ISD-R under another AID", "5ber, eSIM.me, Xesim, LinksField, eSTK.me";
    TwoSecureElements = "two-se", "holds two eUICCs with an EID each, as eSTK.me SE0 and SE1", "eSTK.me";
    PartialAid = "partial-aid", "lets the ISD-R be selected by a first part of its AID, as ISO/IEC 7816-4 allows", "a removable card (an AID of 15 bytes)";
    MaxBlock = "max-block" ("BYTES" = "64"), "refuses command data longer than this with 6700", "Xperia 10 IV, several readers (lpac 185)";
    NoIccidRefresh = "no-iccid-refresh", "refuses to enable or disable by ICCID with the refresh flag (127)", "5ber, eSIM.me, Eastcompeace (lpac 13)";
    OnlyAidRefresh = "only-aid-refresh", "enables and disables by AID with the refresh flag only (127 else)", "Eastcompeace";
    LiesAboutSwitch = "lies-about-switch", "answers ok to the first enable or disable after power-up and does nothing", "a hostile card";
    HalfDone = "half-done", "does half of an enable (the old profile is disabled) or of a reset (one profile is deleted) and answers undefinedError", "a card that ran out of memory in the middle";
    ResetAfterSwitch = "reset-after-switch", "answers 6985 to everything after a switch until it is reset", "two vendors' cards (onomondo-ipa Iapyx 3)";
    ChannelLost = "channel-lost", "closes all logical channels at a switch (6881)", "cards that refresh by themselves";
    RefreshPending = "91xx", "answers 910B after a switch and waits for FETCH and TERMINAL RESPONSE", "cards that expect a terminal";
    ReplyLost = "reply-lost" ("COMMAND" = "enable"), "carries the command out and loses the answer", "modems that reset the SIM meanwhile";
    RequestLost = "request-lost" ("COMMAND" = "enable"), "loses the command before carrying it out", "a loose contact";
    RemovedBefore = "removed-before" ("N" = "1"), "is taken out of the reader before its N-th command after it was put in", "a pulled cable";
    RemovedAfter = "removed-after" ("N" = "1"), "is taken out of the reader after the N-th command since it was put in, carried out but not answered", "a pulled cable";
    CatBusy = "cat-busy" ("TIMES" = "1"), "answers catBusy to this many switches after power-up", "cards with an open proactive session (openpilot 37779)";
    SeqFromZero = "seq-from-0", "numbers its notifications from 0", "seen in traces (lpac 429)";
    NoResultError = "no-result-error", "answers noResultAvailable where no notification fits", "cards of v2.0 to v2.5";
    NoResultEmpty = "no-result-empty", "answers an empty body where no notification fits", "old cards";
    SpacedAddress = "spaced-address", "holds notification addresses with blanks, capitals and a final dot", "a carrier's profiles (euicc-go)";
    OddAddress = "odd-address" ("KIND" = "empty"), "holds notification addresses that name no server, by KIND: empty, blank (inside), control (character), not-ascii, port (99999), scheme (http)", "carriers' profiles, makers' test profiles";
    LongIcons = "long-icons", "gives icons of 4,096 bytes and always, asked for or not", "beyond the standard's 1,024 bytes";
    NoTagList = "no-tag-list", "refuses GetProfilesInfo with a tag list (incorrectInputValues)", "old cards";
    NoSearch = "no-search", "refuses GetProfilesInfo with search criteria (incorrectInputValues)", "old cards";
    NoClass = "no-class", "never says what a profile is for", "seen in the field: optional fields are missing everywhere";
    NoState = "no-state", "never says whether a profile is enabled", "a broken card";
    WrappedList = "wrapped-list", "puts one more wrapper (30) around the rows of its profile list", "seen in traces";
    NoIccid = "no-iccid" ("PROFILES" = "2"), "gives its profiles without their ICCIDs while it holds this many", "a broken card";
    NoNames = "no-names", "gives its profiles without names of operator and product, class and icon", "cards whose profiles came without them";
    OddMembers = "odd-members", "writes optional elements of profiles, notifications and its own description against the rules: empty, or twice", "test profiles, seen in traces";
    NameEncoding = "name-encoding" ("ENCODING" = "utf-16be"), "writes the names of profiles in utf-16be, utf-16le (both without a mark), utf-16 (with one), ucs-2 (as SIM files have it), latin-1, or utf-8 with zeros behind (zeros)", "profiles by operators in China and Europe";
    NoNotificationSearch = "no-notification-search", "refuses RetrieveNotificationsList with search criteria (127)", "cards by Eastcompeace";
    NoNotificationList = "no-notification-list", "refuses ListNotification (127)", "a broken card";
    NoSigningIssuer = "no-signing-issuer", "names no issuer that it could sign under", "cards with an ST33G1M2 (lpac 128)";
    Info2NoSigningIssuer = "info2-no-signing-issuer", "names no issuer that it could sign under in EUICCInfo2; its EUICCInfo1 is right", "a broken card";
    IssuersDiffer = "issuers-differ", "signs under another issuer than those that it verifies servers under", "cards for tests that were given production keys";
    NoIssuerLists = "no-issuer-lists", "leaves its lists of issuers out", "a broken card";
    TestRoot = "test-root", "names the GSMA's SM-DS for tests as its root SM-DS", "cards by Eastcompeace (Saily, ClubSIM)";
    NoAddresses = "no-addresses", "does not know GetEuiccConfiguredAddresses (6A88)", "old cards";
    UnknownTags = "unknown-tags", "adds elements that no version defines to its answers", "cards of newer versions";
    LongBitStrings = "long-bit-strings", "pads its bit strings with zeros", "seen in traces";
    ChangeOngoing = "change-ongoing" ("TIMES" = "1"), "answers profileChangeOngoing to this many GetProfilesInfo after power-up", "v3 cards";
    Garbage = "garbage", "answers ES10 commands with bytes that are no TLV", "a broken or hostile card";
    Truncated = "truncated", "cuts its ES10 answers short by one byte", "a broken or hostile card";
    Overlong = "overlong", "adds a byte to its ES10 answers", "a broken or hostile card";
    DeepNesting = "deep-nesting", "answers ES10 commands with 40,000 nested elements", "a hostile card";
    Endless = "endless", "announces more bytes for ever (61xx)", "a broken or hostile card";
    Trickle = "trickle", "gives its answers byte by byte, and never comes to an end", "a hostile card";
    EmptyAnswers = "empty-answers", "announces more bytes and never gives any (61xx)", "a broken or hostile card";
    NoStatusWord = "no-status-word", "answers single bytes", "a broken or hostile card";
    Silent = "silent" ("COMMAND" = "everything"), "does not answer the command", "a card that hangs";
    InstallError = "install-error" ("COMMAND/REASON" = "5/12"), "refuses every package at this command of it (BppCommandId) for this reason (ErrorReason), at once", "cards that answer before the last segment (openpilot)";
    LoadRefused = "load-refused", "refuses every package with 6985 and signs nothing", "a card in a state that only a reset ends";
    MemoryFull = "memory-full", "has no room for another profile", "full cards";
    NoTestProfiles = "no-test-profiles", "takes no test profiles", "cards for consumers";
    NewKeys = "new-keys", "makes a new one-time key for every download, also where the server has a package for an older one", "SGP.22 leaves it to the card";
    NoInterruptionResult = "no-interruption-result", "says nothing of a load that was interrupted", "SGP.22 leaves it to the card";
    NoPhoneBook = "no-phone-book", "has no phone book: neither DF.PHONEBOOK nor EF.ADN", "SIMs of machines";
    GarbageRecords = "garbage-records", "holds random bytes in every other record of phone book, messages and last numbers", "worn out or hostile SIMs";
    PinBlocked = "pin-blocked", "has the PIN of its SIM blocked from the start", "a SIM after three wrong tries";
    NoPathSelect = "no-path-select", "refuses to select files by path (6A86), step by step alone", "old SIMs";
    Fault = "fault" ("KIND@N" = "reply-lost@1"), "fails once, at the N-th command from now on, by KIND: request-lost, reply-lost, cut (also loses power), garbage, duplicate, delay, kill (ends the process, the command done), kill-before (not done), unplugged", "loose contacts, pulled cables, crashes";
    Latency = "latency" ("MILLISECONDS" = "10"), "takes this long for every command", "real cards";
}

/// A quirk as chosen, with its parameter.
pub type ChosenQuirk = Chosen<Quirk>;

/// What `COMMAND` can be: a command that changes something, any such, or really every one.
const COMMANDS: [&str; 12] = [
    "enable",
    "disable",
    "delete",
    "rename",
    "reset",
    "server",
    "authenticate",
    "prepare",
    "load",
    "cancel",
    "any",
    "everything",
];

/// The ways in which an address names no server.
const ODD_ADDRESSES: [&str; 6] = ["empty", "blank", "control", "not-ascii", "port", "scheme"];

/// Values of the parameter `ENCODING`.
const ENCODINGS: [&str; 6] = ["utf-16be", "utf-16le", "utf-16", "ucs-2", "latin-1", "zeros"];

/// Whether a parameter of this kind can be that, and what is wanted.
fn fits(kind: &str, parameter: &str) -> (bool, &'static str) {
    match kind {
        "HEX" => (parameter.parse::<sgp22::id::Aid>().is_ok(), "an AID of 5 to 16 bytes"),
        "COMMAND" => (
            COMMANDS.contains(&parameter),
            "enable, disable, delete, rename, reset, server, authenticate, prepare, load, cancel, any (of these) or \
             everything",
        ),
        "KIND" => (ODD_ADDRESSES.contains(&parameter), "empty, blank, control, not-ascii, port or scheme"),
        "BYTES" => (matches!(parameter.parse(), Ok(1..=255u16)), "a number from 1 to 255"),
        "COMMAND/REASON" => (is_pair(parameter), "two numbers with a slash between"),
        "ENCODING" => (ENCODINGS.contains(&parameter), "utf-16be, utf-16le, utf-16, ucs-2, latin-1 or zeros"),
        "KIND@N" => (parameter.parse::<Fault>().is_ok(), Fault::WANTED),
        _ => (parameter.parse::<u16>().is_ok(), "a number"),
    }
}

fn is_pair(parameter: &str) -> bool {
    parameter.split_once('/').is_some_and(|(one, other)| one.parse::<u8>().is_ok() && other.parse::<u8>().is_ok())
}

/// The quirks of one card.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Quirks(Vec<ChosenQuirk>);

impl Quirks {
    /// These quirks.
    #[must_use]
    pub fn of(chosen: Vec<ChosenQuirk>) -> Self {
        Self(chosen)
    }

    /// True if the card has it.
    #[must_use]
    pub fn has(&self, quirk: Quirk) -> bool {
        self.0.iter().any(|chosen| chosen.which == quirk)
    }

    /// Its parameter, if the card has it.
    #[must_use]
    pub fn parameter(&self, quirk: Quirk) -> Option<&str> {
        self.0.iter().find(|chosen| chosen.which == quirk)?.parameter.as_deref()
    }

    /// Its parameter as a number, if the card has it.
    #[must_use]
    pub fn number(&self, quirk: Quirk) -> Option<u16> {
        self.parameter(quirk)?.parse().ok()
    }

    /// True if the card has it and it is about this command; `None` for a command that changes nothing.
    #[must_use]
    pub fn concerns(&self, quirk: Quirk, command: Option<&str>) -> bool {
        match (self.parameter(quirk), command) {
            (Some("everything"), _) | (Some("any"), Some(_)) => true,
            (about, command) => about.is_some() && about == command,
        }
    }

    /// Puts another choice in the place of the first one of this kind, or nothing.
    pub(super) fn replace_first(&mut self, quirk: Quirk, by: Option<ChosenQuirk>) {
        if let Some(index) = self.0.iter().position(|chosen| chosen.which == quirk) {
            self.0.splice(index..=index, by);
        }
    }

    /// The quirks as they were chosen.
    pub fn iter(&self) -> impl Iterator<Item = &ChosenQuirk> {
        self.0.iter()
    }
}
