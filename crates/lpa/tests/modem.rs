//! What a modem makes of a switch: each way in which modems get on with one, by a modem that is played.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

use std::cell::Cell;
use std::time::{Duration, Instant};

use lpa::change::{Expected, ModemReport, Onlooker, Registration, View, Waits, agree, registers};
use lpa::download::{Step, Watch};
use lpa::{Interrupt, NeverInterrupted};
use sgp22::id::Iccid;
use sgp22::transport::{CardSight, Identity, Sight, Terminal, TransportError, TransportErrorKind};

const OLD: &str = "8999934567890120011";
const NEW: &str = "8999934567890120029";

fn iccid(text: &str) -> Iccid {
    text.parse().unwrap()
}

/// A step of the play: what the modem answers to one question.
#[derive(Clone, Copy)]
enum Sees {
    Profile(&'static str),
    Card(CardSight),
    Registered(&'static str, Option<bool>),
    Gone,
}

/// A modem that answers from a list, and with its last item for ever; from another list once its card was powered off and on.
struct Played {
    before: Vec<Sees>,
    after: Option<Vec<Sees>>,
    asked: usize,
    cycles: usize,
    cycle_fails: Option<TransportError>,
}

fn played(before: &[Sees], after: Option<&[Sees]>) -> Played {
    Played { before: before.to_vec(), after: after.map(<[_]>::to_vec), asked: 0, cycles: 0, cycle_fails: None }
}

fn gone() -> TransportError {
    TransportError::not_sent(TransportErrorKind::DeviceGone, "unplugged")
}

impl Terminal for Played {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        let list = self.after.as_ref().filter(|_| self.cycles > 0).unwrap_or(&self.before);
        let sees = list[self.asked.min(list.len() - 1)];
        self.asked += 1;
        let sight = |card, iccid, registered| Ok(Sight { card, iccid, registered });
        match sees {
            Sees::Profile(text) => sight(CardSight::Usable, Some(iccid(text)), None),
            Sees::Card(card) => sight(card, None, None),
            Sees::Registered(text, registered) => sight(CardSight::Usable, Some(iccid(text)), registered),
            Sees::Gone => Err(gone()),
        }
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        self.cycles += 1;
        self.asked = 0;
        self.cycle_fails.clone().map_or(Ok(()), Err)
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        Ok(Identity::default())
    }
}

#[derive(Default)]
struct Steps(Vec<Step>);

impl Watch for Steps {
    fn step(&mut self, step: Step) {
        self.0.push(step);
    }
}

/// Times that a busy machine keeps: nothing here depends on how long they take.
const WAITS: Waits = Waits {
    notice: Duration::from_millis(60),
    naming: Duration::from_millis(60),
    settle: Duration::from_millis(200),
    pause: Duration::from_millis(1),
};

/// For a modem that is sure to come round: no machine is as slow as this.
const PATIENT: Waits = Waits {
    notice: Duration::from_secs(60),
    naming: Duration::from_secs(60),
    settle: Duration::from_secs(60),
    pause: Duration::from_millis(1),
};

fn ask(modem: &mut Played, expected: &Expected, waits: &Waits) -> (ModemReport, Vec<Step>) {
    let mut steps = Steps::default();
    let report = agree(modem, expected, waits, &mut Onlooker { interrupt: &NeverInterrupted, watch: &mut steps });
    (report, steps.0)
}

fn enabled() -> Expected {
    Expected::Profile(iccid(NEW))
}

#[test]
fn one_that_notices_is_left_alone() {
    let mut modem = played(&[Sees::Profile(NEW)], None);
    let (report, steps) = ask(&mut modem, &enabled(), &WAITS);
    assert_eq!((report.view, report.power_cycled, report.was_away), (View::Agrees, false, false));
    assert_eq!(report.sight.unwrap().iccid, Some(iccid(NEW)));
    assert_eq!((modem.asked, modem.cycles), (1, 0));
    assert_eq!(steps, [Step::AwaitingModem]);
}

#[test]
fn one_that_notices_late_is_waited_for() {
    let play = [Sees::Profile(OLD), Sees::Profile(OLD), Sees::Card(CardSight::Starting), Sees::Profile(NEW)];
    let mut modem = played(&play, None);
    let (report, _) = ask(&mut modem, &enabled(), &PATIENT);
    assert_eq!((report.view, report.power_cycled, modem.asked), (View::Agrees, false, 4));
}

#[test]
fn one_that_does_not_notice_is_helped_once() {
    let after = [Sees::Card(CardSight::Absent), Sees::Card(CardSight::Starting), Sees::Profile(NEW)];
    let mut modem = played(&[Sees::Profile(OLD)], Some(&after));
    let (report, steps) = ask(&mut modem, &enabled(), &Waits { notice: WAITS.notice, ..PATIENT });
    assert_eq!((report.view, report.power_cycled, modem.cycles), (View::Agrees, true, 1));
    assert_eq!(steps, [Step::AwaitingModem, Step::PowerCycling]);
}

#[test]
fn one_that_never_notices_disagrees() {
    for fails in [None, Some(gone()), Some(TransportError::unsure(TransportErrorKind::Timeout, ""))] {
        let mut modem = played(&[Sees::Profile(OLD)], None);
        modem.cycle_fails.clone_from(&fails);
        let (report, _) = ask(&mut modem, &enabled(), &WAITS);
        assert_eq!((report.view, report.power_cycled, modem.cycles), (View::Disagrees, true, 1));
        assert_eq!(report.sight.unwrap().iccid, Some(iccid(OLD)));
        assert_eq!(report.trouble, fails);
    }
}

#[test]
fn one_that_refuses_to_power_its_card_off_is_waited_for_no_longer() {
    let refusal = TransportError::not_sent(TransportErrorKind::Lost, "the modem refuses AT+CFUN=0");
    // It would agree at the first question after that, which is not asked.
    let mut modem = played(&[Sees::Profile(OLD)], Some(&[Sees::Profile(NEW)]));
    modem.cycle_fails = Some(refusal.clone());
    let (report, _) = ask(&mut modem, &enabled(), &Waits { notice: WAITS.notice, ..PATIENT });
    assert_eq!((report.view, report.power_cycled, modem.cycles), (View::Disagrees, false, 1));
    assert_eq!((report.trouble, modem.asked), (Some(refusal), 0));
}

#[test]
fn one_that_restarts_is_waited_for_longer_than_one_that_is_there() {
    let mut play = vec![Sees::Gone; 100];
    play.push(Sees::Profile(NEW));
    let mut modem = played(&play, None);
    let (report, _) = ask(&mut modem, &enabled(), &Waits { notice: Duration::ZERO, ..PATIENT });
    assert_eq!((report.view, report.was_away, report.power_cycled), (View::Agrees, true, false));
    assert_eq!(modem.asked, 101);
}

#[test]
fn one_that_never_comes_back_is_away() {
    let mut modem = played(&[Sees::Gone], None);
    let (report, _) = ask(&mut modem, &enabled(), &WAITS);
    assert_eq!((report.view, report.was_away, modem.cycles), (View::Away, true, 0));
    assert_eq!((report.sight, report.trouble), (None, Some(gone())));
}

#[test]
fn one_that_names_no_profile_is_asked_for_a_shorter_time() {
    let mut modem = played(&[Sees::Card(CardSight::Usable)], None);
    let start = Instant::now();
    let (report, _) = ask(&mut modem, &enabled(), &Waits { naming: WAITS.naming, ..PATIENT });
    assert_eq!((report.view, modem.cycles), (View::DoesNotSay, 0));
    assert!(start.elapsed() < Duration::from_secs(30), "not as long as it may take to notice");
    // One that names it a little later is heard.
    let mut modem = played(&[Sees::Card(CardSight::Locked), Sees::Profile(NEW)], None);
    let (report, _) = ask(&mut modem, &enabled(), &Waits { naming: Duration::from_secs(30), ..PATIENT });
    assert_eq!(report.view, View::Agrees);
}

#[test]
fn states_without_a_profile_are_told_apart() {
    for (card, profile, none) in [
        (CardSight::NoProfile, View::Disagrees, View::Agrees),
        (CardSight::Absent, View::Disagrees, View::Agrees),
        (CardSight::Failed, View::Disagrees, View::Agrees),
        (CardSight::Starting, View::Disagrees, View::Disagrees),
        (CardSight::Locked, View::DoesNotSay, View::DoesNotSay),
        (CardSight::PukRequired, View::DoesNotSay, View::DoesNotSay),
        (CardSight::DeviceLocked, View::DoesNotSay, View::DoesNotSay),
    ] {
        for (expected, view) in [(enabled(), profile), (Expected::NoProfile, none)] {
            let (report, _) = ask(&mut played(&[Sees::Card(card)], None), &expected, &WAITS);
            assert_eq!(report.view, view, "{card:?} {expected:?}");
        }
    }
}

#[test]
fn one_that_names_no_profile_is_not_bothered() {
    let mut modem = played(&[Sees::Card(CardSight::Usable)], None);
    let (report, _) = ask(&mut modem, &enabled(), &WAITS);
    assert_eq!((report.view, modem.cycles), (View::DoesNotSay, 0));
}

#[test]
fn one_whose_card_never_starts_is_helped_and_told() {
    let mut modem = played(&[Sees::Card(CardSight::Starting)], None);
    let (report, _) = ask(&mut modem, &enabled(), &WAITS);
    assert_eq!((report.view, modem.cycles), (View::Disagrees, 1));
}

#[test]
fn a_disabled_profile_is_to_be_seen_no_more() {
    for none in [CardSight::NoProfile, CardSight::Absent, CardSight::Failed] {
        let mut modem = played(&[Sees::Card(none)], None);
        assert_eq!(ask(&mut modem, &Expected::NoProfile, &WAITS).0.view, View::Agrees, "{none:?}");
    }
    let mut modem = played(&[Sees::Profile(OLD)], Some(&[Sees::Card(CardSight::NoProfile)]));
    let (report, _) = ask(&mut modem, &Expected::NoProfile, &WAITS);
    assert_eq!((report.view, report.power_cycled), (View::Agrees, true));
    let mut modem = played(&[Sees::Card(CardSight::Usable)], None);
    assert_eq!(ask(&mut modem, &Expected::NoProfile, &WAITS).0.view, View::DoesNotSay);
}

/// Wants to stop once it was asked so often.
struct After(Cell<usize>);

impl Interrupt for After {
    fn requested(&self) -> bool {
        self.0.set(self.0.get().saturating_sub(1));
        self.0.get() == 0
    }
}

#[test]
fn the_wait_can_be_broken_off() {
    let mut modem = played(&[Sees::Profile(OLD)], None);
    let interrupt = After(Cell::new(5));
    let mut steps = Steps::default();
    let report = agree(&mut modem, &enabled(), &PATIENT, &mut Onlooker { interrupt: &interrupt, watch: &mut steps });
    assert_eq!((report.view, modem.cycles), (View::Unawaited, 0));
    let (interrupt, deadline) = (After(Cell::new(5)), Instant::now() + PATIENT.settle);
    let onlooker = &mut Onlooker { interrupt: &interrupt, watch: &mut steps };
    let registration = registers(&mut modem, &enabled(), PATIENT.pause, deadline, onlooker);
    assert_eq!(registration, Registration::Unawaited);
    assert_eq!(steps.0, [Step::AwaitingModem, Step::AwaitingNetwork]);
}

#[test]
fn registration_is_that_with_the_new_profile() {
    let within = |play: &[Sees], time| {
        let mut steps = Steps::default();
        let onlooker = &mut Onlooker { interrupt: &NeverInterrupted, watch: &mut steps };
        registers(&mut played(play, None), &enabled(), WAITS.pause, Instant::now() + time, onlooker)
    };
    let new = |registered| Sees::Registered(NEW, registered);
    let late = [Sees::Gone, Sees::Registered(OLD, Some(true)), new(None), new(Some(false)), new(Some(true))];
    assert_eq!(within(&late, PATIENT.settle), Registration::Registered);
    assert_eq!(within(&[new(Some(false))], WAITS.settle), Registration::Not);
    assert_eq!(within(&[Sees::Registered(OLD, Some(true))], WAITS.settle), Registration::Not);
    assert_eq!(within(&[new(None)], WAITS.settle), Registration::DoesNotSay);
    assert_eq!(within(&[Sees::Gone], WAITS.settle), Registration::DoesNotSay);
}
