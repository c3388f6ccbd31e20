//! Every sentence of status and report that claims something, with what proves it, a case in which it is said, and cases
//! in which it must not be. A text that claims something and stands in no row fails a test. What is said of devices by the
//! user's word, and of what was known before a case, stands in `sentences_devices.rs`; what plan and removal say, in
//! `esimctl/tests/retire_truth.rs`.

use super::case::{Case, Step};
use super::event::{Event, Happened};
use super::facts::{Facts, Money};
use super::report::tests_only::report_of;
use super::{Evidence, Reader, Subscription, sentences_devices};
use crate::words::{self, Value};

/// A course of events, after a case was opened on two devices.
pub(super) type Story = fn() -> Vec<Event>;

/// A text that claims something.
pub(super) struct Sentence {
    /// The key in `retire.ftl`.
    key: &'static str,
    /// The step whose state it is, if it is one.
    step: Option<Step>,
    /// What proves it.
    proof: &'static str,
    /// It is said.
    said: &'static [Story],
    /// It must not be said.
    unsaid: &'static [Story],
}

pub(super) const fn of_case(
    key: &'static str,
    proof: &'static str,
    said: &'static [Story],
    unsaid: &'static [Story],
) -> Sentence {
    Sentence { key, step: None, proof, said, unsaid }
}

pub(super) const fn of_step(
    key: &'static str,
    step: Step,
    proof: &'static str,
    said: &'static [Story],
    unsaid: &'static [Story],
) -> Sentence {
    Sentence { key, step: Some(step), proof, said, unsaid }
}

const DONE: &str = "retire-state-done";

const SENTENCES: &[Sentence] = &[
    of_step(
        DONE,
        Step::Backup,
        "the SIM was read, and no part of it is missing",
        &[whole],
        &[nothing, partly, described, skipped, gone_without_backup],
    ),
    of_step(DONE, Step::Contact, "somebody recorded it", &[told], &[nothing, skipped, withdrawn]),
    of_step(DONE, Step::Account, "somebody recorded it", &[told], &[nothing, skipped]),
    of_step(DONE, Step::Balance, "somebody recorded it, and nothing is owed", &[told], &[nothing, owed, skipped]),
    of_step(DONE, Step::Contract, "somebody recorded it, and no fee is owed", &[told], &[nothing, owed, skipped]),
    of_step(DONE, Step::Request, "somebody recorded it", &[told], &[nothing, skipped]),
    of_step(
        DONE,
        Step::Confirmation,
        "somebody recorded it, with a file, a reference or a note",
        &[told],
        &[nothing, skipped, withdrawn, said_alone],
    ),
    of_step(
        "retire-state-unproved",
        Step::Confirmation,
        "somebody recorded it, and gave nothing",
        &[said_alone],
        &[nothing, told, skipped, withdrawn],
    ),
    of_step(
        DONE,
        Step::Clean,
        "each known device was seen without the profile, and no report of that waits",
        &[finished, quiet],
        &[
            nameless,
            nothing,
            one_left,
            unheard,
            lost,
            seen_elsewhere,
            seen_again,
            seen_after_the_end,
            sentences_devices::no_device,
            sentences_devices::phone_removed,
            sentences_devices::card_and_phone_removed,
        ],
    ),
    of_step(
        "retire-state-missed",
        Step::Backup,
        "no device is left that may hold the profile",
        &[gone_without_backup],
        &[nothing, one_left, whole, seen_elsewhere],
    ),
    of_case(
        "retire-device-done",
        "the outbox has each notification of the deletion as accepted",
        &[finished],
        &[nameless, given_up_nameless, nothing, unheard, given_up, quiet, lost, seen_again_everywhere, vanished],
    ),
    of_case(
        "retire-device-done-quietly",
        "the deletion is proved, and left no notification",
        &[quiet],
        &[nameless, given_up_nameless, nothing, finished, unheard, given_up, lost],
    ),
    of_case(
        "retire-device-deleted",
        "the journal has the deletion as done; a notification waits",
        &[unheard],
        &[nameless, given_up_nameless, nothing, finished, quiet, given_up, lost],
    ),
    of_case(
        "retire-device-unreported",
        "the outbox has a notification as given up",
        &[given_up_after_attempts, given_up_by_half],
        &[nothing, finished, unheard, quiet, nameless],
    ),
    of_case(
        "retire-device-untold",
        "the outbox has each notification as given up, and no attempt that can have reached a server",
        &[given_up, given_up_nameless],
        &[nothing, finished, unheard, quiet, nameless, given_up_after_attempts, given_up_by_half],
    ),
    of_case(
        "retire-device-nameless",
        "each notification that is left in the outbox has an address that is none",
        &[nameless],
        &[nothing, finished, unheard, quiet, given_up, given_up_nameless, nameless_by_half],
    ),
    of_case(
        "retire-device-gone",
        "the card was read, and the profile is not on it",
        &[vanished],
        &[nothing, finished, unheard, lost],
    ),
    of_case(
        "retire-case-completed",
        "no step is left to do, and the profile was not seen since",
        &[all_done, lost_at_the_end],
        &[nothing, one_left, unheard, owed, reopened, seen_after_the_end],
    ),
    of_case(
        "retire-case-seen-again",
        "the profile was seen on a card after the end",
        &[seen_after_the_end],
        &[nothing, all_done, reopened],
    ),
    of_case(
        "retire-case-cancelled",
        "the owner closed it, and the profile was removed nowhere",
        &[cancelled],
        &[nothing, all_done, cancelled_too_late],
    ),
    of_case(
        "retire-case-closed",
        "the owner closed it, and each card was seen without the profile",
        &[removed_and_cancelled],
        &[
            nothing,
            all_done,
            cancelled,
            cancelled_too_late,
            cancelled_and_seen_elsewhere,
            sentences_devices::phone_left_at_the_end,
            sentences_devices::phone_removed_and_cancelled,
        ],
    ),
    of_case(
        "retire-case-closed-partly",
        "the owner closed it, and the profile was removed from a device",
        &[
            cancelled_too_late,
            cancelled_and_seen_elsewhere,
            sentences_devices::phone_left_at_the_end,
            sentences_devices::phone_removed_and_cancelled,
        ],
        &[nothing, all_done, cancelled, removed_and_cancelled],
    ),
    of_case(
        "retire-stays",
        "the owner closed it, and the profile was removed nowhere",
        &[cancelled],
        &[nothing, all_done, cancelled_too_late, seen_after_the_end],
    ),
    of_case(
        "retire-closed",
        "the owner closed it, and the profile was removed from a device",
        &[cancelled_too_late],
        &[nothing, cancelled, all_done],
    ),
    of_case(
        "retire-all-done",
        "each step is done or not needed, each device proved, each report accepted",
        &[all_done],
        &[
            given_up_nameless_at_the_end,
            nothing,
            one_left,
            unheard,
            given_up_at_the_end,
            lost_at_the_end,
            said_alone_at_the_end,
            reopened,
            seen_after_the_end,
            cancelled,
            cancelled_too_late,
            sentences_devices::phone_removed_at_the_end,
        ],
    ),
    of_case(
        "retire-nothing-left",
        "no step is left to do",
        &[given_up_nameless_at_the_end, lost_at_the_end, given_up_at_the_end, said_alone_at_the_end],
        &[nothing, all_done, unheard, reopened, seen_after_the_end],
    ),
    of_case(
        "retire-reopened",
        "no step is left to do, and the case is open",
        &[reopened],
        &[nothing, all_done, cancelled],
    ),
    of_case(
        "retire-came-back",
        "the profile was seen on a card after the end",
        &[seen_after_the_end],
        &[nothing, all_done, reopened],
    ),
    of_case(
        "retire-report-summary-completed",
        "no step is left to do",
        &[all_done],
        &[nothing, one_left, reopened, cancelled],
    ),
    of_case(
        "retire-report-summary-cancelled",
        "the owner closed it, and the profile was removed nowhere",
        &[cancelled],
        &[nothing, all_done, cancelled_too_late],
    ),
    of_case(
        "retire-report-summary-closed",
        "the owner closed it, and the profile was removed from a device",
        &[cancelled_too_late],
        &[nothing, all_done, cancelled],
    ),
    of_case(
        "retire-report-devices-none",
        "each known device was seen without the profile",
        &[finished, unheard, quiet],
        &[
            nothing,
            one_left,
            lost,
            seen_elsewhere,
            seen_again,
            seen_after_the_end,
            sentences_devices::no_device,
            sentences_devices::phone_removed,
            sentences_devices::card_and_phone_removed,
        ],
    ),
    of_case(
        "retire-report-proof-none-wanted",
        "the deletion is proved, and the profile asks for no notification of it",
        &[quiet],
        &[nothing, finished, unheard, lost, vanished],
    ),
    of_case(
        "retire-report-proof-none-found",
        "the deletion is proved, and the outbox has no notification of it",
        &[finished, unheard],
        &[nothing, quiet, lost, vanished],
    ),
    of_case("retire-report-full", "nothing is shortened", &[], &[nothing, all_done]),
    of_case("retire-event-recorded", "somebody recorded it, and nothing is owed", &[told], &[nothing, owed, skipped]),
    of_case(
        "retire-event-recorded-bare",
        "the confirmation was recorded, and nothing was given",
        &[said_alone],
        &[nothing, told, owed, skipped],
    ),
    of_case(
        "retire-event-backed-up",
        "the SIM was read, and no part of it is missing",
        &[whole],
        &[nothing, partly, described, skipped],
    ),
    of_case("retire-event-backed-up-partly", "the SIM was read in part", &[partly], &[nothing, whole, described]),
    of_case("retire-event-described", "the SIM was not read", &[described], &[nothing, whole, partly]),
    of_case(
        "retire-event-cleaned",
        "the journal has the deletion as done",
        &[finished, unheard],
        &[nothing, lost, vanished],
    ),
    of_case(
        "retire-event-cleaned-quietly",
        "the journal has the deletion as done, and it left no notification",
        &[quiet],
        &[nothing, finished, unheard, vanished],
    ),
    of_case("retire-event-not-cleaned", "the card has the profile after a try", &[failed], &[nothing, finished]),
    of_case("retire-event-posted", "the outbox has the notification", &[posted], &[nothing, quiet]),
    of_case(
        "retire-event-accepted",
        "the outbox has the notification as accepted",
        &[finished],
        &[nameless, given_up_nameless, nothing, unheard, given_up, quiet],
    ),
    of_case(
        "retire-event-given-up",
        "the outbox has the notification as given up, and no attempt that can have reached its server",
        &[given_up],
        &[nothing, finished, nameless, given_up_nameless, given_up_after_attempts],
    ),
    of_case(
        "retire-event-given-up-tried",
        "the outbox has the notification as given up, and an attempt that can have reached its server",
        &[given_up_after_attempts],
        &[nothing, finished, given_up, given_up_nameless],
    ),
    of_case(
        "retire-event-given-up-nameless",
        "the outbox has the notification as given up, and its address is none",
        &[given_up_nameless],
        &[nothing, finished, given_up, nameless],
    ),
    of_case(
        "retire-event-nameless",
        "the outbox has the notification, and its address is none",
        &[nameless, given_up_nameless],
        &[nothing, finished, unheard, given_up],
    ),
    of_case(
        "retire-reminder-nameless",
        "each notification that is left in the outbox has an address that is none",
        &[nameless],
        &[nothing, finished, unheard, given_up_nameless, nameless_by_half],
    ),
    of_case(
        "retire-event-gone",
        "the card was read, and the profile is not on it",
        &[vanished],
        &[nothing, finished, removed_by],
    ),
    of_case(
        "retire-event-gone-by",
        "the same, and the journal has a removal",
        &[removed_by],
        &[nothing, finished, vanished],
    ),
    of_case("retire-event-traces-gone", "NetworkManager or the inventory forgot", &[forgotten], &[nothing, kept]),
    of_case(
        "retire-event-traces",
        "NetworkManager or the inventory forgot, and kept others",
        &[kept],
        &[nothing, forgotten],
    ),
    of_case("retire-event-completed", "no step was left to do", &[all_done], &[nothing, one_left, unheard]),
];

/// Texts that have a word of a claim in them and claim nothing: questions, advice, headings, obstacles, and what is said
/// by commands that have just seen it (their end-to-end tests are in `esimctl/tests/retire*.rs`).
const NO_CLAIMS: &[&str] = &[
    "retire-report-title",
    "retire-report-masked",
    "retire-report-devices-left",
    "retire-report-devices-lost",
    "retire-report-heading-notifications",
    "retire-report-heading-others",
    "retire-report-heading-open",
    "retire-report-despite",
    // Beside the signed bytes, or their hash: what esimctl/tests/proof.rs verifies.
    "retire-report-proof-bytes",
    "retire-report-proof-masked",
    "retire-report-summary-open",
    "retire-none",
    // Advice for a case that has no device.
    "retire-word-none",
    "retire-letter-delivered",
];

pub(super) fn nothing() -> Vec<Event> {
    Vec::new()
}

fn recorded(step: Step, facts: Facts) -> Event {
    Event::Recorded { step, facts, evidence: Vec::new() }
}

fn money(paid: bool) -> Facts {
    Facts { money: Money::parse("12.30", "EUR").ok(), paid, ..Facts::default() }
}

pub(super) fn told() -> Vec<Event> {
    let steps = [Step::Contact, Step::Account, Step::Request];
    let money = [Step::Balance, Step::Contract].map(|step| recorded(step, money(true)));
    let confirmed = recorded(Step::Confirmation, Facts { reference: Some("AB-1".into()), ..Facts::default() });
    steps.iter().map(|step| recorded(*step, Facts::default())).chain(money).chain([confirmed]).collect()
}

/// The confirmation is recorded, and nothing proves it.
fn said_alone() -> Vec<Event> {
    vec![recorded(Step::Confirmation, Facts::default())]
}

fn said_alone_at_the_end() -> Vec<Event> {
    let taken_back = Event::Corrected { step: Step::Confirmation, reason: "no letter".into() };
    whole()
        .into_iter()
        .chain(told())
        .chain([taken_back])
        .chain(said_alone())
        .chain(removed())
        .chain([Event::Completed])
        .collect()
}

fn owed() -> Vec<Event> {
    [Step::Balance, Step::Contract, Step::Confirmation].map(|step| recorded(step, money(false))).into()
}

fn skipped() -> Vec<Event> {
    let before = Step::ALL.iter().filter(|step| **step != Step::Clean);
    before.map(|step| Event::Skipped { step: *step, reason: "because".into() }).collect()
}

fn withdrawn() -> Vec<Event> {
    let back = [Step::Contact, Step::Confirmation].map(|step| Event::Corrected { step, reason: "wrong".into() });
    told().into_iter().chain(back).collect()
}

fn saved(sim: bool, missing: &[&str]) -> Vec<Event> {
    let missing = missing.iter().map(ToString::to_string).collect();
    vec![Event::BackedUp { directory: "/x".into(), files: Vec::new(), sim, number: None, missing }]
}

pub(super) fn whole() -> Vec<Event> {
    saved(true, &[])
}

fn partly() -> Vec<Event> {
    saved(true, &["contacts", "messages"])
}

fn described() -> Vec<Event> {
    saved(false, &["sim"])
}

pub(super) fn cleaned(eid: &str, letters: &[i64]) -> Event {
    Event::Cleaned { eid: eid.into(), journal: Some(3), letters: letters.to_vec(), reports: !letters.is_empty() }
}

fn accepted(eid: &str, letter: i64) -> Event {
    Event::Accepted {
        eid: eid.into(),
        letter,
        server: "a.example".into(),
        seq: 1,
        sha256: "00".into(),
        accepted: "2026-01-02T00:00:00Z".into(),
    }
}

fn dropped(eid: &str, letter: i64) -> Event {
    let server = "a.example".into();
    Event::GivenUp { eid: eid.into(), letter, server, nameless: false, tried: false, reason: None }
}

/// Given up after an attempt whose answer was lost.
fn dropped_after_attempts(eid: &str, letter: i64) -> Event {
    let (server, reason) = ("a.example".into(), Some("closed".into()));
    Event::GivenUp { eid: eid.into(), letter, server, nameless: false, tried: true, reason }
}

fn given_up_after_attempts() -> Vec<Event> {
    unheard().into_iter().chain([dropped_after_attempts("E1", 1), dropped_after_attempts("E2", 2)]).collect()
}

/// One server has accepted its notification on each card, and that for another one was given up.
fn given_up_by_half() -> Vec<Event> {
    let removed = [cleaned("E1", &[1, 3]), accepted("E1", 1), cleaned("E2", &[2, 4]), accepted("E2", 2)];
    removed.into_iter().chain([dropped("E1", 3), dropped("E2", 4)]).collect()
}

fn nameless() -> Vec<Event> {
    let no_address = |eid: &str, letter| Event::Nameless { eid: eid.into(), letter, address: String::new() };
    unheard().into_iter().chain([no_address("E1", 1), no_address("E2", 2)]).collect()
}

/// Another notification of the same deletion waits for a server that there is.
fn nameless_by_half() -> Vec<Event> {
    let more = ["E1", "E2"].map(|eid| Event::Posted { eid: eid.into(), letters: vec![7] });
    nameless().into_iter().chain(more).collect()
}

fn given_up_nameless() -> Vec<Event> {
    let drop = |eid: &str, letter| Event::GivenUp {
        eid: eid.into(),
        letter,
        server: String::new(),
        nameless: true,
        tried: false,
        reason: Some("no address".into()),
    };
    nameless().into_iter().chain([drop("E1", 1), drop("E2", 2)]).collect()
}

fn removed() -> [Event; 4] {
    [cleaned("E1", &[1]), accepted("E1", 1), cleaned("E2", &[2]), accepted("E2", 2)]
}

pub(super) fn finished() -> Vec<Event> {
    removed().into()
}

pub(super) fn quiet() -> Vec<Event> {
    vec![cleaned("E1", &[]), cleaned("E2", &[])]
}

pub(super) fn unheard() -> Vec<Event> {
    vec![cleaned("E1", &[1]), cleaned("E2", &[2])]
}

fn posted() -> Vec<Event> {
    let late = Event::Posted { eid: "E1".into(), letters: vec![7] };
    vec![cleaned("E1", &[]), late]
}

fn given_up() -> Vec<Event> {
    unheard().into_iter().chain([dropped("E1", 1), dropped("E2", 2)]).collect()
}

fn one_left() -> Vec<Event> {
    vec![cleaned("E1", &[1]), accepted("E1", 1)]
}

fn failed() -> Vec<Event> {
    vec![Event::NotCleaned { eid: "E1".into(), why: "journal 3".into() }]
}

fn vanished() -> Vec<Event> {
    ["E1", "E2"].map(|eid| Event::FoundGone { eid: eid.into(), journal: None }).into()
}

fn removed_by() -> Vec<Event> {
    ["E1", "E2"].map(|eid| Event::FoundGone { eid: eid.into(), journal: Some(3) }).into()
}

pub(super) fn lost() -> Vec<Event> {
    ["E1", "E2"].map(|eid| Event::WrittenOff { eid: eid.into(), reason: "lost".into() }).into()
}

fn gone_without_backup() -> Vec<Event> {
    finished()
}

fn third() -> Event {
    Event::DeviceAdded { eid: "E3".into(), device: "virtual:c".into() }
}

fn back(eid: &str) -> Event {
    Event::SeenAgain { eid: eid.into(), device: "virtual:a".into(), journal: None, journal_before: 9, outbox_before: 9 }
}

fn seen_elsewhere() -> Vec<Event> {
    removed().into_iter().chain([third()]).collect()
}

fn seen_again() -> Vec<Event> {
    removed().into_iter().chain([back("E1")]).collect()
}

fn seen_again_everywhere() -> Vec<Event> {
    removed().into_iter().chain([back("E1"), back("E2")]).collect()
}

fn all_done() -> Vec<Event> {
    whole().into_iter().chain(told()).chain(removed()).chain([Event::Completed]).collect()
}

fn lost_at_the_end() -> Vec<Event> {
    whole().into_iter().chain(told()).chain(lost()).chain([Event::Completed]).collect()
}

fn given_up_at_the_end() -> Vec<Event> {
    whole().into_iter().chain(told()).chain(given_up()).chain([Event::Completed]).collect()
}

fn given_up_nameless_at_the_end() -> Vec<Event> {
    whole().into_iter().chain(told()).chain(given_up_nameless()).chain([Event::Completed]).collect()
}

fn seen_after_the_end() -> Vec<Event> {
    all_done().into_iter().chain([third()]).collect()
}

fn reopened() -> Vec<Event> {
    all_done().into_iter().chain([Event::Reopened { reason: String::new() }]).collect()
}

fn cancelled() -> Vec<Event> {
    vec![Event::Cancelled { reason: String::new() }]
}

fn cancelled_too_late() -> Vec<Event> {
    one_left().into_iter().chain(cancelled()).collect()
}

fn removed_and_cancelled() -> Vec<Event> {
    finished().into_iter().chain(cancelled()).collect()
}

fn cancelled_and_seen_elsewhere() -> Vec<Event> {
    removed_and_cancelled().into_iter().chain([third()]).collect()
}

fn forgotten() -> Vec<Event> {
    vec![Event::Traces { removed: vec!["inventory".into()], kept: Vec::new() }]
}

fn kept() -> Vec<Event> {
    vec![Event::Traces { removed: vec!["inventory".into()], kept: vec!["x".into()] }]
}

/// All that is told of a case: status and report.
fn told_of(story: Story) -> String {
    let subscription = Subscription { iccid: "8999".into(), servers: vec!["a.example".into()], ..Default::default() };
    let devices = vec![("E1".to_owned(), "virtual:a".to_owned()), ("E2".to_owned(), "virtual:b".to_owned())];
    let start = Event::Started { subscription, devices, journal_before: 0, outbox_before: Some(0) };
    let at = "2026-01-01T00:00:00Z";
    let mut case = Case::new(1, at);
    let mut events = story();
    if !matches!(events.first(), Some(Event::Started { .. })) {
        events.insert(0, start);
    }
    events.iter().for_each(|event| case.apply(at, event));
    let history = events.into_iter().map(|event| Happened { at: at.into(), event }).collect();
    let state = |record| case.state_word(record, Reader::User);
    let steps = case.steps.iter().map(|record| format!("{}: {}\n", record.step.title(), state(record)));
    let devices = case.devices.iter().map(|item| format!("{}\n", item.tell()));
    let by_word = case.by_word.iter().map(|item| format!("{}\n", item.tell(Reader::User)));
    let lines: String = steps.chain(devices).chain(by_word).collect();
    let ending = case.ending().unwrap_or_default();
    format!("{lines}{}\n{ending}\n{}\n{}", case.standing(), case.welcome(), report_of(&case, history))
}

/// The pieces of a text between its particulars, each of which has to be found, in order and in one line.
fn pieces(sentence: &Sentence) -> Vec<String> {
    let hole = "\u{1}";
    let names = ["case", "created", "ended", "devices", "count", "undone", "made", "step", "details", "files", "parts"];
    let more = [
        "about", "address", "eid", "journal", "server", "seq", "at", "sha256", "why", "removed", "kept", "device",
        "reason",
    ];
    let by_word = ["whose", "against", "date", "state", "title", "proved", "told", "given_up"];
    let holes: Vec<(&str, Value<'_>)> =
        names.iter().chain(&more).chain(&by_word).map(|name| (*name, Value::from(hole))).collect();
    let text = words::text(sentence.key, &holes);
    let whole = match sentence.step {
        Some(step) => format!("{}: {text}", step.title()),
        None => text,
    };
    whole.split(hole).map(|piece| piece.replace(['\u{2068}', '\u{2069}'], "")).collect()
}

fn is_said(sentence: &Sentence, told: &str) -> bool {
    let pieces = pieces(sentence);
    // A sentence without particulars is a line of its own, or a cell of a table.
    let found_in = |line: &str| {
        if pieces.len() == 1
            && (sentence.key.contains("-case-") || sentence.key.contains("-device-") || sentence.step.is_some())
        {
            return line == pieces[0] || line.split(" | ").any(|cell| cell == pieces[0]);
        }
        let mut rest = line;
        pieces.iter().all(|piece| match rest.find(piece.as_str()) {
            Some(place) => {
                rest = &rest[place + piece.len()..];
                true
            }
            None => false,
        })
    };
    told.lines().any(found_in)
}

#[test]
fn each_claim_is_said_where_it_is_proved_and_nowhere_else() {
    for sentence in SENTENCES.iter().chain(sentences_devices::SENTENCES) {
        let about = (sentence.key, sentence.step, sentence.proof);
        for story in sentence.said {
            let told = told_of(*story);
            assert!(is_said(sentence, &told), "not said: {about:?}\n{told}");
        }
        for (number, story) in sentence.unsaid.iter().enumerate() {
            let told = told_of(*story);
            assert!(!is_said(sentence, &told), "said without proof ({number}): {about:?}\n{told}");
        }
        assert!(!sentence.unsaid.is_empty(), "{about:?}");
    }
}

/// The words by which a text claims something.
const CLAIMS: [&str; 18] = [
    "every",
    "all ",
    "done",
    "none",
    "deleted",
    "accepted",
    "removed",
    "completed",
    "no server",
    "no step",
    "no device",
    "no card",
    "proved",
    "confirmed it",
    "signed",
    "reached",
    "any more",
    "nothing was",
];

/// The beginnings of the keys of what is told of a case.
const TOLD: [&str; 17] = [
    "retire-state-",
    "retire-case-",
    "retire-device-",
    "retire-report-",
    "retire-event-",
    "retire-word-",
    "retire-adopted-",
    "retire-welcome",
    "retire-all",
    "retire-stays",
    "retire-closed",
    "retire-nothing-left",
    "retire-plan",
    "retire-cleaned",
    "retire-found-gone",
    "retire-absent",
    "retire-dry-run",
];

/// The keys of all texts in a file that claim something.
fn claims(source: &str) -> impl Iterator<Item = &str> {
    let told = |key: &&str| TOLD.iter().any(|start| key.starts_with(start));
    let texts = source.lines().filter_map(|line| line.split_once(" = ")).filter(|(key, _)| !key.starts_with(' '));
    texts
        .filter(|(_, text)| CLAIMS.iter().any(|word| text.to_lowercase().contains(word)))
        .map(|(key, _)| key)
        .filter(told)
}

#[test]
fn no_claim_stands_beside_the_table() {
    let of_removals = include_str!("../../../esimctl/tests/retire_truth.rs");
    let files =
        [include_str!("../../locales/en/retire.ftl"), include_str!("../../locales/en/retire_devices.ftl")].map(claims);
    for key in files.into_iter().flatten() {
        let mut rows = SENTENCES.iter().chain(sentences_devices::SENTENCES);
        let known = rows.any(|one| one.key == key)
            || NO_CLAIMS.contains(&key)
            || of_removals.contains(&format!("(\"{key}\", "))
            || key.starts_with("retire-report-heading-")
            || key.starts_with("retire-event-cleaning");
        assert!(known, "{key} claims something: what proves it?");
    }
}

#[test]
fn a_file_that_is_kept_is_the_one_that_was_recorded() {
    let evidence = Evidence { name: "letter.pdf".into(), sha256: "00".into(), bytes: 3 };
    let story = Event::Recorded { step: Step::Request, facts: Facts::default(), evidence: vec![evidence] };
    let mut case = Case::new(1, "2026-01-01T00:00:00Z");
    case.apply("2026-01-01T00:00:00Z", &story);
    let told = report_of(&case, vec![Happened { at: "2026-01-01T00:00:00Z".into(), event: story }]);
    assert!(told.contains("letter.pdf | missing |") && !told.contains("| kept |"), "{told}");
}

#[test]
fn a_report_says_that_the_clock_was_changed() {
    let case = Case::new(1, "2026-01-01T00:00:00Z");
    let at = |at: &str| Happened { at: at.into(), event: Event::Completed };
    let told = report_of(&case, vec![at("2026-02-01T00:00:00Z"), at("2026-01-01T00:00:00Z")]);
    assert!(told.contains("2026-02-01T00:00:00Z is followed by 2026-01-01T00:00:00Z"), "{told}");
    assert!(report_of(&case, vec![at("2998-01-01T00:00:00Z")]).contains("The clock of this computer was changed"));
    assert!(!report_of(&case, vec![at("2026-01-01T00:00:00Z")]).contains("clock"));
}
