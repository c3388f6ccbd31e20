//! Whole downloads in process: the virtual card behind the library's own ISO 7816 layer, and the test SM-DP+ without a
//! network between.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod bench;

use std::sync::Arc;

use bench::{Bench, quirks_of};
use lpa::Isdr;
use lpa::download::Installed;
use lpa::download::{
    self, CancelSessionReason, Cause, LoadFailure, Mistrust, Order, Parties, Stop, Stopped, Unwatched,
};
use lpa::smdp::{Peer, Reached, Reply, RspServer, ServerError, ServerErrorKind};
use sgp22::es10b::DeviceInfo;
use sgp22::id::ConfirmationCode;
use virtual_euicc::card::{NewCard, VirtualCard};
use virtual_euicc::pki::Pki;
use virtual_euicc::server::{Behaviours, Outcome, Server};
use virtual_euicc::smdp::{NewOrder, OrderState, Smdp, SmdpOptions};

const HOST: &str = "smdp.example.test";

/// Servers without a network.
struct Local(Arc<Smdp>);

impl RspServer for Local {
    fn post(&self, peer: Peer<'_>, path: &str, body: Vec<u8>, _: usize) -> Result<Reply, ServerError> {
        let error = |kind, reached| ServerError { address: peer.address.into(), function: "", kind, reached };
        assert_eq!(peer.address, HOST);
        match self.0.exchange(path, &body) {
            Outcome::Answer(answer) => Ok(Reply { status: answer.status, body: answer.body }),
            Outcome::Late(..) => Err(error(ServerErrorKind::Timeout, Reached::Maybe)),
            _ => Err(error(ServerErrorKind::Cut("closed".into()), Reached::Maybe)),
        }
    }

    fn reach(&self, _: &str) -> Result<(), ServerError> {
        Ok(())
    }
}

struct Scene {
    bench: Bench,
    smdp: Arc<Smdp>,
}

impl Scene {
    fn new(card: &NewCard, options: SmdpOptions, orders: &[NewOrder]) -> Self {
        let pki = Pki::in_memory().unwrap();
        let smdp = Smdp::new(&pki, options).unwrap();
        for order in orders {
            smdp.add_order(order).unwrap();
        }
        Self { bench: Bench::of(VirtualCard::in_memory_under(&pki, card).unwrap()), smdp: Arc::new(smdp) }
    }

    fn with(quirks: &[&str], behaviours: &[&str], order: NewOrder) -> Self {
        let card = NewCard { quirks: quirks_of(quirks), ..NewCard::default() };
        let behaviours = Behaviours::parse(behaviours).unwrap();
        Self::new(&card, SmdpOptions { behaviours, ..SmdpOptions::named(HOST) }, &[order])
    }

    fn plain() -> Self {
        Self::with(&[], &[], NewOrder::new("TOKEN"))
    }

    fn order_state(&self) -> OrderState {
        self.smdp.order("TOKEN").unwrap().state
    }

    /// Carries out `work` with the open card and the server.
    fn run<T>(&mut self, work: impl FnOnce(&mut Parties<'_, '_>) -> T) -> T {
        let servers = Local(self.smdp.clone());
        let mut isdr: Isdr<'_> = self.bench.isdr();
        work(&mut Parties { isdr: &mut isdr, servers: &servers, watch: &mut Unwatched })
    }

    fn download(&mut self, order: &Order, code: Option<&str>) -> Result<Installed, LoadFailure> {
        let code: Option<ConfirmationCode> = code.map(|code| code.parse().unwrap());
        self.run(|parties| {
            let offer = download::begin(parties, order)?;
            offer.prepare(parties, code.as_ref())?.fetch(parties)?.load(parties)
        })
    }

    fn stopped(&mut self) -> Stopped {
        match self.download(&order(), None) {
            Err(LoadFailure::Stopped(stopped)) => stopped,
            other => panic!("not stopped: {other:?}"),
        }
    }
}

fn order() -> Order {
    Order {
        address: HOST.into(),
        matching_id: Some("TOKEN".parse().unwrap()),
        smdp_oid: None,
        device: DeviceInfo::new(None),
    }
}

#[test]
fn a_profile_is_downloaded_installed_and_seen() {
    let mut scene = Scene::plain();
    let installed = scene.download(&order(), None).unwrap();
    let expected = scene.smdp.order("TOKEN").unwrap();
    assert_eq!(installed.profile.iccid, Some(expected.iccid.clone()));
    assert!(!installed.profile.is_enabled());
    let result = installed.result.unwrap();
    assert_eq!(result.metadata.iccid, Some(expected.iccid));
    assert!(result.result.is_ok());
    assert_eq!(expected.state, OrderState::Downloaded, "the server has not heard of it yet");
    let state = scene.bench.state();
    assert!(!state.euiccs[0].notifications.is_empty(), "the result waits to be delivered");
}

#[test]
fn cards_and_servers_of_all_kinds_get_along() {
    for (quirks, behaviours) in [
        (&["61xx"][..], &[][..]),
        (&["max-block=120"], &[]),
        (&["unknown-tags"], &["newer-version"]),
        (&[], &["broken-base64", "lower-case", "null-fields", "unknown-keys"]),
        (&[], &["random-keys"]),
        (&[], &["no-header"]),
        (&["new-keys"], &["rebind"]),
    ] {
        let mut scene = Scene::with(quirks, behaviours, NewOrder::new("TOKEN"));
        let installed = scene.download(&order(), None);
        assert!(installed.is_ok(), "{quirks:?} {behaviours:?}: {installed:?}");
    }
}

#[test]
fn a_confirmation_code_goes_to_the_server_as_a_hash_and_only_when_it_is_wanted() {
    let new = NewOrder { confirmation_code: Some("12345678".into()), ..NewOrder::new("TOKEN") };
    let mut scene = Scene::with(&[], &[], new.clone());
    assert!(scene.download(&order(), Some("12345678")).is_ok());

    let mut scene = Scene::with(&[], &[], new.clone());
    let stopped = scene.stopped();
    assert_eq!(stopped.cause, Cause::ConfirmationMissing);
    assert!(!stopped.package_requested, "no attempt was used up");
    assert_eq!(scene.smdp.order("TOKEN").unwrap().wrong_codes, 0);

    let mut scene = Scene::with(&[], &[], new);
    let Err(LoadFailure::Stopped(stopped)) = scene.download(&order(), Some("wrong")) else { panic!() };
    let Cause::Server(error) = &stopped.cause else { panic!("{stopped:?}") };
    assert_eq!(error.refusal().unwrap().code.as_ref().unwrap().to_string(), "8.2.7/3.8");
    assert_eq!(scene.smdp.order("TOKEN").unwrap().wrong_codes, 1);
    assert!(scene.download(&order(), Some("12345678")).is_ok(), "the order can still be had");
}

#[test]
fn stopping_keeps_the_order_unless_it_is_refused() {
    for stop in Stop::ALL.iter().copied() {
        let keeps = stop != Stop::Refused;
        let state = if keeps { OrderState::Released } else { OrderState::Error };
        let mut scene = Scene::plain();
        let cancellation = scene.run(|parties| {
            let offer = download::begin(parties, &order()).unwrap();
            offer.cancel(parties, stop)
        });
        assert_eq!(cancellation.card, Ok(()));
        assert_eq!(cancellation.server, Some(Ok(())));
        assert_eq!(scene.order_state(), state, "{stop:?}");
        assert_eq!(scene.download(&order(), None).is_ok(), keeps, "{stop:?}");
    }
}

#[test]
fn another_server_than_the_code_names_is_not_shown_to_the_card() {
    let mut scene = Scene::plain();
    let order = Order { smdp_oid: Some("2.999.11".parse().unwrap()), ..order() };
    let before = scene.bench.apdus();
    let Err(LoadFailure::Stopped(stopped)) = scene.download(&order, None) else { panic!() };
    assert!(matches!(stopped.cause, Cause::Mistrust(Mistrust::OtherServer { .. })), "{stopped:?}");
    assert!(stopped.cancellation.is_none(), "there is no session to end");
    assert!(scene.bench.apdus() - before <= 6, "challenge and description, and the channel");
}

#[test]
fn a_package_for_another_profile_is_not_loaded() {
    for (behaviour, stop) in [("metadata-changed", Stop::OfferChanged), ("rules-changed", Stop::RulesChanged)] {
        let mut scene = Scene::with(&[], &[behaviour], NewOrder::new("TOKEN"));
        let stopped = scene.stopped();
        assert_eq!(stopped.cancellation.as_ref().map(|told| told.stop), Some(stop), "{stopped:?}");
        assert_eq!(scene.order_state(), OrderState::Downloaded, "{behaviour}: the order is kept");
        assert_eq!(scene.bench.state().euiccs[0].profiles.len(), 2);
    }
}

#[test]
fn an_interrupt_keeps_the_order() {
    struct Now(std::cell::Cell<bool>);
    impl lpa::Interrupt for Now {
        fn requested(&self) -> bool {
            self.0.get()
        }
    }
    let mut scene = Scene::plain();
    let servers = Local(scene.smdp.clone());
    let now = Now(std::cell::Cell::new(false));
    let aids = ["A0000005591010FFFFFFFF8900000100".parse().unwrap()];
    let mut isdr = Isdr::open(&mut scene.bench.link, &aids, &now).unwrap();
    let mut parties = Parties { isdr: &mut isdr, servers: &servers, watch: &mut Unwatched };
    let offer = download::begin(&mut parties, &order()).unwrap();
    now.0.set(true);
    let stopped = offer.prepare(&mut parties, None).unwrap_err();
    assert_eq!(stopped.cause, Cause::Card(lpa::Error::Interrupted));
    let cancellation = stopped.cancellation.unwrap();
    assert_eq!((cancellation.reason, cancellation.server), (CancelSessionReason::Postponed, Some(Ok(()))));
    // The same once the package is here: the order is kept for this card.
    now.0.set(false);
    let prepared = download::begin(&mut parties, &order()).unwrap().prepare(&mut parties, None).unwrap();
    let package = prepared.fetch(&mut parties).unwrap();
    now.0.set(true);
    let Err(LoadFailure::Stopped(stopped)) = package.load(&mut parties) else { panic!() };
    let told = stopped.cancellation.unwrap();
    assert_eq!((told.stop, told.server, stopped.package_requested), (Stop::Interrupted, Some(Ok(())), true));
    drop(isdr);
    assert_eq!(scene.order_state(), OrderState::Downloaded);
    scene.download(&order(), None).unwrap();
}

/// Whatever goes wrong with whichever command, what is said afterwards is what the card holds.
#[test]
fn the_truth_is_told_whatever_goes_wrong_with_whichever_command() {
    let mut scene = Scene::plain();
    drop(scene.bench.isdr());
    // Without the ISD-R there is no download to speak of: all but the command that closes its channel open it.
    let opening = scene.bench.apdus() - 1;
    let before = scene.bench.apdus();
    scene.download(&order(), None).unwrap();
    let commands = scene.bench.apdus() - before;
    for kind in ["reply-lost", "request-lost", "cut", "garbage", "duplicate", "delay", "unplugged"] {
        for number in opening + 1..=commands {
            let fault = format!("fault={kind}@{number}");
            let mut scene = Scene::with(&[&fault], &[], NewOrder::new("TOKEN"));
            let told = scene.download(&order(), None);
            let there = scene.bench.state().euiccs[0].profiles.len() == 3;
            match &told {
                Ok(_) => assert!(there, "{fault}: installed?"),
                Err(LoadFailure::Unknown(_)) => assert_eq!(kind, "unplugged", "{fault}: {told:?}"),
                Err(_) => assert!(!there, "{fault}: {told:?}"),
            }
        }
    }
}

/// Whatever goes wrong with whichever request, nothing is lost: the next try gets the profile.
#[test]
fn the_next_try_succeeds_whatever_went_wrong_with_whichever_request() {
    for kind in ["request-lost", "reply-lost", "cut", "garbage", "duplicate", "delay"] {
        for number in 1..=3 {
            let fault = format!("{kind}@{number}").parse().unwrap();
            let options = SmdpOptions { faults: vec![fault], ..SmdpOptions::named(HOST) };
            let mut scene = Scene::new(&NewCard::default(), options, &[NewOrder::new("TOKEN")]);
            match scene.download(&order(), None) {
                Ok(_) => {}
                Err(LoadFailure::Stopped(stopped)) => {
                    let ended = stopped.cancellation.is_none_or(|told| told.reason.keeps_the_order());
                    assert!(ended, "{kind}@{number}: the order is not given up");
                    scene.download(&order(), None).unwrap_or_else(|error| panic!("{kind}@{number}: {error:?}"));
                }
                Err(other) => panic!("{kind}@{number}: {other:?}"),
            }
        }
    }
}

/// A server that refuses one function, and repeats a secret of the order in its words.
struct Talkative(Local, &'static str, &'static str);

impl RspServer for Talkative {
    fn post(&self, peer: Peer<'_>, path: &str, body: Vec<u8>, longest: usize) -> Result<Reply, ServerError> {
        if path.ends_with(self.1) {
            let mut failure = sgp22::es9p::ExecutionFailure::failed("8.2.6", "3.8", self.2);
            failure.identifier = Some("secret_token".into());
            return Ok(Reply { status: 200, body: failure.encode() });
        }
        self.0.post(peer, path, body, longest)
    }

    fn reach(&self, address: &str) -> Result<(), ServerError> {
        self.0.reach(address)
    }
}

/// The server's own words go to the user; the token that they repeat does not, whatever function is refused.
#[test]
fn what_a_server_says_is_told_without_the_token() {
    for refused in ["initiateAuthentication", "authenticateClient", "getBoundProfilePackage", "cancelSession"] {
        let mut scene = Scene::with(&[], &[], NewOrder::new("SECRET-TOKEN"));
        let order = Order { matching_id: Some("SECRET-TOKEN".parse().unwrap()), ..order() };
        let servers = Talkative(Local(scene.smdp.clone()), refused, "no order SECRET-TOKEN");
        let mut isdr: Isdr<'_> = scene.bench.isdr();
        let mut parties = Parties { isdr: &mut isdr, servers: &servers, watch: &mut Unwatched };
        let begun = download::begin(&mut parties, &order);
        let error = match refused {
            "cancelSession" => {
                let cancellation = begun.unwrap().cancel(&mut parties, Stop::NotNow);
                cancellation.server.unwrap().unwrap_err()
            }
            "getBoundProfilePackage" => {
                let prepared = begun.unwrap().prepare(&mut parties, None).unwrap();
                let Cause::Server(error) = prepared.fetch(&mut parties).unwrap_err().cause else { panic!("{refused}") };
                error
            }
            _ => {
                let Cause::Server(error) = begun.unwrap_err().cause else { panic!("{refused}") };
                error
            }
        };
        assert!(!format!("{error:?} {error}").to_uppercase().contains("SECRET"), "{refused}: {error:?}");
        assert_eq!(error.refusal().unwrap().message.as_deref(), Some("no order …"), "{refused}");
    }
}

/// The confirmation code is a secret from the moment it is given: the refusal of the package does not repeat it.
#[test]
fn what_a_server_says_is_told_without_the_confirmation_code() {
    let new = NewOrder { confirmation_code: Some("SESAME-4711".into()), ..NewOrder::new("TOKEN") };
    let mut scene = Scene::with(&[], &[], new);
    let servers = Talkative(Local(scene.smdp.clone()), "getBoundProfilePackage", "wrong code sesame-4711");
    let mut isdr: Isdr<'_> = scene.bench.isdr();
    let mut parties = Parties { isdr: &mut isdr, servers: &servers, watch: &mut Unwatched };
    let offer = download::begin(&mut parties, &order()).unwrap();
    let prepared = offer.prepare(&mut parties, Some(&"Sesame-4711".parse().unwrap())).unwrap();
    let stopped = prepared.fetch(&mut parties).unwrap_err();
    let Cause::Server(error) = &stopped.cause else { panic!("{stopped:?}") };
    assert_eq!(error.refusal().unwrap().message.as_deref(), Some("wrong code …"));
    assert!(!format!("{stopped:?} {stopped}").contains("4711"), "{stopped:?}");
}

/// The card has signed that it installed the profile, and its list cannot be read: the signature counts.
#[test]
fn a_list_that_cannot_be_read_takes_nothing_from_what_the_card_signed() {
    let mut scene = Scene::with(&["no-iccid=3"], &[], NewOrder::new("TOKEN"));
    let installed = scene.download(&order(), None).unwrap();
    assert_eq!(installed.profile.iccid, Some(scene.smdp.order("TOKEN").unwrap().iccid));
    assert!(installed.unlisted.is_some_and(|why| why.is_unreadable()));
    assert!(installed.result.unwrap().result.is_ok());
    assert_eq!(scene.bench.state().euiccs[0].profiles.len(), 3);
    // It has signed that it did not: that counts as well.
    let mut scene = Scene::with(&["no-iccid=2", "reply-lost=load"], &[], NewOrder::new("TOKEN"));
    let told = scene.download(&order(), None);
    assert!(matches!(told, Err(LoadFailure::Refused(_))), "{told:?}");
    // It has signed nothing.
    for silent in ["request-lost=load", "load-refused"] {
        let mut scene = Scene::with(&[silent, "no-iccid=2"], &[], NewOrder::new("TOKEN"));
        let told = scene.download(&order(), None);
        assert!(matches!(told, Err(LoadFailure::Unknown(_))), "{silent}: {told:?}");
    }
}

#[test]
fn a_package_that_the_card_refuses_as_a_whole_is_kept_for_another_try() {
    let mut scene = Scene::with(&["load-refused"], &[], NewOrder::new("TOKEN"));
    let Err(LoadFailure::NotInstalled { cancellation, .. }) = scene.download(&order(), None) else { panic!() };
    let told = cancellation.unwrap();
    assert_eq!(
        (told.stop, told.reason, told.server),
        (Stop::PackageRefused, CancelSessionReason::Postponed, Some(Ok(())))
    );
    assert_eq!(scene.order_state(), OrderState::Downloaded);
}
