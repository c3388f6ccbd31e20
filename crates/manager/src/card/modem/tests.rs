//! Switches behind a modem that is played around a virtual card.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sgp22::transport::{
    CardSight, Identity, Nature, Patience, RawCard, Sight, Terminal, TransportError, TransportErrorKind,
};
use virtual_euicc::card::VirtualCard;

use super::*;
use crate::card::{Step, SwitchDone, Unwatched};
use crate::database::Database;
use crate::device::Opened;
use crate::error::Exit;
use crate::virtual_cards::{NewCard, NewProfile, NewProfiles};
use crate::{Manager, ProfileQuery, Session, Settings};

/// How the modem gets on with its card.
#[derive(Default)]
struct Mode {
    /// It goes on with the profile that it knows until its card is powered off and on.
    ignores: bool,
    /// That does not help either.
    stubborn: bool,
    /// The name of the only profile that a network takes.
    network: Option<&'static str>,
    /// It says nothing of networks.
    silent: bool,
    /// It leaves for so many questions and commands when the card is reset after a switch.
    leaves_for: usize,
}

struct Play {
    card: VirtualCard,
    mode: Mode,
    /// Name and ICCID of the profile that the modem uses.
    seen: Option<(String, Iccid)>,
    away: usize,
    cycles: Rc<Cell<usize>>,
}

/// A card behind a modem.
struct Modem(RefCell<Play>);

impl Play {
    fn enabled(&self) -> Option<(String, Iccid)> {
        let profile = self.card.state().euiccs[0].profiles.iter().map(virtual_euicc::card::StoredProfile::info);
        let enabled = profile.into_iter().find(sgp22::profile::ProfileInfo::is_enabled)?;
        Some((enabled.name.clone().unwrap().to_string(), enabled.iccid.unwrap()))
    }

    fn present(&mut self) -> Result<(), TransportError> {
        if self.away == 0 {
            return Ok(());
        }
        self.away -= 1;
        Err(TransportError::unsure(TransportErrorKind::DeviceGone, "re-enumerating"))
    }
}

impl RawCard for Modem {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        let state = self.0.get_mut();
        state.present()?;
        state.card.transmit(command, patience)
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        let state = self.0.get_mut();
        state.present()?;
        state.card.reset()?;
        if !state.mode.ignores {
            state.seen = state.enabled();
        }
        state.away = std::mem::take(&mut state.mode.leaves_for);
        Ok(())
    }

    fn nature(&self) -> Nature {
        Nature { we_are_the_terminal: false, ..self.0.borrow().card.nature() }
    }

    fn terminal(&mut self) -> Option<&mut dyn Terminal> {
        Some(self)
    }
}

impl Terminal for Modem {
    fn sight(&mut self) -> Result<Sight, TransportError> {
        let state = self.0.get_mut();
        state.present()?;
        let (card, iccid, registered) = match &state.seen {
            Some((name, iccid)) => (CardSight::Usable, Some(iccid.clone()), state.mode.network == Some(name.as_str())),
            None => (CardSight::NoProfile, None, false),
        };
        Ok(Sight { card, iccid, registered: (!state.mode.silent).then_some(registered) })
    }

    fn power_cycle(&mut self) -> Result<(), TransportError> {
        let state = self.0.get_mut();
        state.cycles.set(state.cycles.get() + 1);
        state.card.reset()?;
        if !state.mode.stubborn {
            state.seen = state.enabled();
        }
        Ok(())
    }

    fn identity(&mut self) -> Result<Identity, TransportError> {
        Ok(Identity::default())
    }
}

struct Bench {
    _directory: tempfile::TempDir,
    manager: Manager,
    cycles: Rc<Cell<usize>>,
    last: RefCell<Vec<(String, bool)>>,
}

impl Bench {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let config = directory.path().join("state");
        let settings = Settings { state_dir: Some(config), ..Settings::default() };
        let mut manager = Manager::new(settings).unwrap();
        manager.config.modem_wait = Some(1);
        Self { _directory: directory, manager, cycles: Rc::default(), last: RefCell::default() }
    }

    /// Enables or disables a profile; rolls back after a second if that is wanted. Notes what the card holds afterwards.
    fn switch(
        &self,
        mode: Mode,
        first_enabled: bool,
        profile: &str,
        goal: Goal,
        rollback: bool,
    ) -> Result<SwitchDone, Error> {
        self.switch_watched(mode, first_enabled, profile, goal, rollback, &mut Unwatched)
    }

    fn switch_watched(
        &self,
        mode: Mode,
        first_enabled: bool,
        profile: &str,
        goal: Goal,
        rollback: bool,
        watch: &mut dyn Watch,
    ) -> Result<SwitchDone, Error> {
        let first = NewProfile { enabled: first_enabled, ..NewProfile::named("Example Mobile", "First") };
        let profiles = NewProfiles::These(vec![first, NewProfile::named("Example Mobile", "Second")]);
        let card = VirtualCard::in_memory(&NewCard { profiles, ..NewCard::default() }).unwrap();
        let mut state = Play { card, mode, seen: None, away: 0, cycles: self.cycles.clone() };
        state.seen = state.enabled();
        let card: Box<dyn RawCard> = Box::new(Modem(RefCell::new(state)));
        let opened = Opened::of_test(&self.manager, card, "at:/dev/played");
        let mut session = Session::new(&self.manager, crate::device::DeviceOptions::default(), opened);
        let mut card = session.card().unwrap();
        let plan = card.plan_switch(&ProfileQuery::new(profile), goal).unwrap();
        let done = card.switch(plan, rollback.then(|| Duration::from_secs(1)), watch);
        self.manager.interrupt().0.store(false, Ordering::Relaxed);
        let now = card.profiles(crate::card::Detail::Row).unwrap();
        *self.last.borrow_mut() =
            now.iter().map(|one| (one.name.clone().unwrap().to_string(), one.is_enabled())).collect();
        done
    }

    fn enabled(&self) -> Vec<String> {
        self.last.borrow().iter().filter(|(_, enabled)| *enabled).map(|(name, _)| name.clone()).collect()
    }

    /// The journal: each command and how it ended.
    fn journal(&self) -> Vec<(String, Option<String>)> {
        let entries = Database::open(self.manager.paths()).unwrap().journal(10).unwrap();
        entries.into_iter().rev().map(|entry| (entry.command, entry.outcome)).collect()
    }
}

#[test]
fn a_modem_that_notices_is_told_to_agree() {
    let bench = Bench::new();
    let done = bench.switch(Mode::default(), true, "Second", Goal::Enabled, false).unwrap();
    let modem = done.modem.unwrap();
    assert_eq!((modem.view, modem.power_cycled, bench.cycles.get()), (View::Agrees, false, 0));
    assert_eq!(bench.enabled(), ["Second"]);
    let done = bench.switch(Mode::default(), true, "First", Goal::Disabled, false).unwrap();
    assert_eq!(done.modem.unwrap().view, View::Agrees);
}

#[test]
fn one_that_does_not_is_helped_and_the_notifications_are_kept_all_the_same() {
    let bench = Bench::new();
    let done = bench.switch(Mode { ignores: true, ..Mode::default() }, true, "Second", Goal::Enabled, false).unwrap();
    let modem = done.modem.unwrap();
    assert_eq!((modem.view, modem.power_cycled, bench.cycles.get()), (View::Agrees, true, 1));
    assert!(!done.notifications.failed.is_empty(), "{:?}", done.notifications);
}

#[test]
fn the_cards_truth_stands_against_a_stubborn_modem() {
    let bench = Bench::new();
    let mode = Mode { ignores: true, stubborn: true, ..Mode::default() };
    let done = bench.switch(mode, true, "Second", Goal::Enabled, false).unwrap();
    let modem = done.modem.unwrap();
    assert_eq!((modem.view, bench.cycles.get()), (View::Disagrees, 1));
    assert_ne!(seen_iccid(&modem), done.plan.profile.iccid.as_ref().map(Iccid::digits));
    assert_eq!(bench.enabled(), ["Second"]);
    assert_eq!(bench.journal(), [("enable".into(), Some("done".into()))]);
}

#[test]
fn a_modem_that_leaves_at_the_switch_and_comes_back_loses_nothing() {
    let bench = Bench::new();
    let done = bench.switch(Mode { leaves_for: 1, ..Mode::default() }, true, "Second", Goal::Enabled, false).unwrap();
    assert_eq!((done.modem.unwrap().view, bench.enabled()), (View::Agrees, vec!["Second".into()]));
}

#[test]
fn a_profile_that_a_network_takes_stays() {
    let bench = Bench::new();
    let mode = Mode { network: Some("Second"), ..Mode::default() };
    bench.switch(mode, true, "Second", Goal::Enabled, true).unwrap();
    assert_eq!(bench.enabled(), ["Second"]);
}

#[test]
fn one_that_no_network_takes_is_undone_and_both_changes_are_on_record() {
    for silent in [false, true] {
        let bench = Bench::new();
        let mode = Mode { network: Some("First"), silent, ..Mode::default() };
        let error = bench.switch(mode, true, "Second", Goal::Enabled, true).unwrap_err();
        assert_eq!((error.id, error.state, error.exit()), (Id::RolledBack, State::NotDone, Exit::NotDone));
        let message = error.message();
        assert!(message.contains("is enabled again") && message.contains("The modem uses it."), "{message}");
        assert_eq!(message.contains("says nothing of networks"), silent, "{message}");
        assert_eq!(bench.enabled(), ["First"]);
        assert_eq!(bench.journal(), [("enable".into(), Some("done".into())), ("enable".into(), Some("done".into()))]);
        let letters = Database::open(bench.manager.paths()).unwrap().letters(true).unwrap();
        assert_eq!(letters.len(), 4, "two of each switch wait for their servers");
    }
}

#[test]
fn without_a_former_profile_the_new_one_is_disabled_again() {
    let bench = Bench::new();
    let error = bench.switch(Mode::default(), false, "Second", Goal::Enabled, true).unwrap_err();
    assert_eq!(error.id, Id::RolledBack);
    assert!(error.message().contains("disabled again"), "{}", error.message());
    assert_eq!(bench.enabled(), [""; 0]);
    assert_eq!(bench.journal().last().unwrap().0, "disable");
}

/// Looks at what is on record, and wants to stop, at each step of the wait from this one on.
struct Impatient<'b> {
    bench: &'b Bench,
    from: Step,
    wants: bool,
    open: Vec<(Step, usize)>,
}

impl Watch for Impatient<'_> {
    fn step(&mut self, step: Step) {
        let pending = Database::open(self.bench.manager.paths()).unwrap().pending_rollbacks().unwrap();
        self.open.push((step, pending.len()));
        self.wants |= step == self.from;
        self.bench.manager.interrupt().0.store(self.wants, Ordering::Relaxed);
    }
}

#[test]
fn going_back_is_not_interrupted_and_the_promise_is_on_record_as_long_as_it_lasts() {
    for from in [Step::AwaitingModem, Step::AwaitingNetwork, Step::GoingBack] {
        let bench = Bench::new();
        let mut watch = Impatient { bench: &bench, from, wants: false, open: Vec::new() };
        let mode = Mode { network: Some("First"), ..Mode::default() };
        let error = bench.switch_watched(mode, true, "Second", Goal::Enabled, true, &mut watch).unwrap_err();
        let expected = if from == Step::GoingBack { Id::RolledBack } else { Id::RegistrationUnawaited };
        assert_eq!((error.id, error.state), (expected, State::NotDone), "{from:?}");
        let message = error.message();
        assert!(message.contains("is enabled again") && message.contains("The modem uses it."), "{message}");
        assert_eq!(bench.enabled(), ["First"], "{from:?}");
        let steps = [Step::AwaitingModem, Step::AwaitingNetwork, Step::GoingBack, Step::AwaitingModem];
        assert_eq!(watch.open, steps.map(|step| (step, 1)), "{from:?}");
        assert!(bench.manager.rollbacks().unwrap().is_empty(), "{from:?}");
    }
}

#[test]
fn a_promise_ends_with_the_network_that_takes_the_profile() {
    let bench = Bench::new();
    let mut watch = Impatient { bench: &bench, from: Step::Asking, wants: false, open: Vec::new() };
    let mode = Mode { network: Some("Second"), ..Mode::default() };
    bench.switch_watched(mode, true, "Second", Goal::Enabled, true, &mut watch).unwrap();
    assert_eq!(watch.open, [(Step::AwaitingModem, 1), (Step::AwaitingNetwork, 1)]);
    assert!(bench.manager.rollbacks().unwrap().is_empty());
}

/// Says that the profile stays while the network is waited for.
struct Word<'b>(&'b Bench);

impl Watch for Word<'_> {
    fn step(&mut self, step: Step) {
        if step == Step::AwaitingNetwork {
            assert_eq!(self.0.manager.keep_rollbacks(&[]).unwrap().len(), 1);
        }
    }
}

#[test]
fn the_users_word_outweighs_the_deadline() {
    let bench = Bench::new();
    let mode = Mode { network: Some("First"), ..Mode::default() };
    bench.switch_watched(mode, true, "Second", Goal::Enabled, true, &mut Word(&bench)).unwrap();
    assert_eq!(bench.enabled(), ["Second"]);
}

#[test]
fn going_back_is_refused_beforehand_where_it_cannot_be() {
    let bench = Bench::new();
    let settings = Settings {
        device: Some("virtual:card".into()),
        state_dir: Some(bench.manager.paths().state().into()),
        ..Settings::default()
    };
    let manager = Manager::new(settings).unwrap();
    manager.create_virtual("card", &NewCard::default()).unwrap();
    let mut session = manager.session().unwrap();
    let mut card = session.card().unwrap();
    let plan = card.plan_switch(&ProfileQuery::new("@2"), Goal::Enabled).unwrap();
    let error = card.switch(plan, Some(Duration::from_secs(1)), &mut Unwatched).unwrap_err();
    assert_eq!((error.id, error.state), (Id::NoModem, State::Unchanged));
}
