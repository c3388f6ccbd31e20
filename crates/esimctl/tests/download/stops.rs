//! The table of stops, row by row: what the server hears, where the order stands afterwards, and what the user is told
//! that the code is worth.

use manager::card::{Cost, Stage, Stop, Told};
use rustix::process::Signal;
use serde_json::Value;
use sgp22::policy::PprIds;
use virtual_euicc::smdp::{NewOrder, OrderState};

use crate::bench::{Bench, TOKEN, code};
use crate::common::HOME;
use crate::terminal::Terminal;

/// What somebody does at the question.
enum Act {
    Types(&'static str),
    Signals,
    Waits,
}

/// A download that stops.
enum Scene {
    /// Without a terminal, with these arguments behind the code.
    Script(Bench, Vec<&'static str>),
    /// At a terminal, where somebody does this.
    Person(Bench, Act),
}

fn new() -> NewOrder {
    NewOrder::new(TOKEN)
}

fn yes(bench: Bench) -> Scene {
    Scene::Script(bench, vec!["--yes"])
}

fn behaves(behaviour: &str) -> Scene {
    yes(Bench::with(&[], &[behaviour], vec![new()]))
}

fn card(quirk: &str) -> Scene {
    cards(&[quirk])
}

fn cards(quirks: &[&str]) -> Scene {
    let arguments: Vec<&str> = quirks.iter().flat_map(|quirk| ["--quirk", quirk]).collect();
    yes(Bench::with(&arguments, &[], vec![new()]))
}

fn rules(of: &[usize]) -> NewOrder {
    NewOrder { policy_rules: PprIds::of(of), ..new() }
}

/// A server whose answer to its N-th request comes too late.
fn late(number: u8) -> Scene {
    let bench = Bench::with_fault(&[], &format!("delay@{number}"), vec![new()]);
    let directory = bench.path(".config/esimctl");
    std::fs::create_dir_all(&directory).unwrap();
    std::fs::write(directory.join("config.toml"), "[servers]\ntimeout = 1\n").unwrap();
    yes(bench)
}

/// Changes what the card holds.
fn changed(bench: Bench, change: impl FnOnce(&mut Value)) -> Bench {
    let file = bench.sandbox.card_file("card");
    let mut memory: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    change(&mut memory["euiccs"][0]);
    std::fs::write(&file, memory.to_string()).unwrap();
    bench
}

/// The scenes of a row, each with the stage in which it stops. A new row does not compile without one.
fn scenes(stop: Stop) -> Vec<(Stage, Scene)> {
    use Act::{Signals, Types, Waits};
    use Stage::{Offer, Package};
    let person = |act| vec![(Offer, Scene::Person(Bench::new(), act))];
    let script = |bench, arguments: &[&'static str]| vec![(Offer, Scene::Script(bench, arguments.to_vec()))];
    match stop {
        Stop::Refused => [script(Bench::new(), &["--refuse"]), person(Types("r\n"))].into_iter().flatten().collect(),
        Stop::NotNow => person(Types("n\n")),
        Stop::OnlyLooked => script(Bench::new(), &["--dry-run"]),
        Stop::Unanswered => person(Waits),
        Stop::Unasked => script(Bench::new(), &[]),
        Stop::RulesNotAccepted => script(Bench::order(rules(&[2])), &["--yes"]),
        Stop::ConfirmationMissing => {
            script(Bench::order(NewOrder { confirmation_code: Some("1".into()), ..new() }), &["--yes"])
        }
        // The same with the package at hand: `lpa/tests/download.rs`.
        Stop::Interrupted => person(Signals),
        // An icon is wanted, and the profile has none.
        Stop::NotWritten => {
            let bench = Bench::new();
            let icon: &'static str = bench.path("icon").display().to_string().leak();
            script(bench, &["--yes", "--save-icon", icon])
        }
        Stop::ProfilePresent => {
            script(Bench::order(NewOrder { iccid: Some(HOME.parse().unwrap()), ..new() }), &["--yes"])
        }
        Stop::LittleMemory => {
            let full = |card: &mut Value| {
                let sizes = card["profiles"].as_array().unwrap().iter().map(|one| one["size"].as_u64().unwrap());
                card["memory"] = (sizes.sum::<u64>() + 5000).into();
            };
            script(changed(Bench::new(), full), &["--yes"])
        }
        Stop::RuleNotAuthorised => {
            let none = |card: &mut Value| card["rules"] = serde_json::json!([]);
            script(changed(Bench::order(rules(&[2])), none), &["--yes", "--accept-rules"])
        }
        Stop::OtherProfilePresent => script(Bench::order(rules(&[1])), &["--yes", "--accept-rules"]),
        // No virtual card is that old; it is refused before there is a session.
        Stop::OldCard => Vec::new(),
        Stop::UnfitCard => {
            let scene =
                |quirk| (Offer, Scene::Script(Bench::with(&["--quirk", quirk], &[], vec![new()]), vec!["--yes"]));
            ["no-signing-issuer", "issuers-differ"].map(scene).into()
        }
        Stop::CardFailed => vec![(Offer, card("reply-lost=prepare")), (Offer, behaves("binding-wrong-role"))],
        Stop::PackageRefused => vec![(Package, card("load-refused"))],
        Stop::LoadLost => vec![(Package, cards(&["request-lost=load", "no-interruption-result"]))],
        Stop::InstallRefused => vec![(Package, card("install-error")), (Package, behaves("bad-bpp-signature"))],
        Stop::ServerTimeout => vec![(Offer, late(2)), (Package, late(3))],
        Stop::ServerFailed => {
            vec![(Offer, behaves("html=authenticateClient")), (Package, behaves("html=getBoundProfilePackage"))]
        }
        Stop::ServerRefused => vec![
            (Offer, behaves("fail=authenticateClient:8.1/4.8")),
            (Package, behaves("fail=getBoundProfilePackage:8.8/4.2")),
        ],
        Stop::ServerDistrusted => vec![
            (Offer, behaves("other-transaction-id=authenticateClient")),
            (Package, behaves("other-transaction-id=getBoundProfilePackage")),
        ],
        Stop::OfferChanged => vec![(Package, behaves("metadata-changed"))],
        Stop::RulesChanged => vec![(Package, behaves("rules-changed"))],
        Stop::PackageUnusable => vec![(Package, behaves("bpp-truncated"))],
    }
}

/// What the user is told in words that the code is worth.
fn told_of_the_code(scene: Scene) -> (Bench, String) {
    match scene {
        Scene::Script(bench, arguments) => {
            let run = bench.run(&[&["download", &code(TOKEN)[..]], &arguments[..]].concat());
            (bench, format!("{}{}", run.out, run.err))
        }
        Scene::Person(bench, act) => {
            let waits = if matches!(act, Act::Waits) { "1" } else { "60" };
            let mut command = bench.sandbox.command();
            let mut terminal = Terminal::start(command.args(["download", &code(TOKEN), "--answer-within", waits]));
            terminal.expect("[n] ");
            match act {
                Act::Types(keys) => terminal.press(keys),
                Act::Signals => terminal.signal(Signal::INT),
                Act::Waits => {}
            }
            terminal.wait();
            (bench, terminal.screen())
        }
    }
}

#[test]
fn every_row_of_the_table_costs_what_it_says() {
    for stop in Stop::ALL {
        let rule = stop.rule();
        for (stage, scene) in scenes(*stop) {
            assert!(rule.stage == Stage::Any || rule.stage == stage, "{}", rule.name);
            let (bench, told) = told_of_the_code(scene);
            let name = format!("{} {stage:?}: {told}", rule.name);
            assert_eq!(bench.sandbox.profiles("card").len(), 2, "{name}");
            let expected = match rule.told {
                Told::Ending(reason) => vec![reason],
                Told::CardResult | Told::Nothing => Vec::new(),
            };
            assert_eq!(bench.served.cancelled(), expected, "{name}");
            let (states, words): (&[OrderState], &str) = match (rule.cost, stage) {
                (Cost::Spent, _) => (&[OrderState::Error], "likely spent"),
                (Cost::Kept, Stage::Package) => (&[OrderState::Downloaded], "The activation code still works, on this"),
                (Cost::Kept, _) => (&[OrderState::Released], "The activation code still works."),
                (Cost::ServerDecides, _) if *stop == Stop::ServerRefused => {
                    (&[OrderState::Released], "The activation code still works")
                }
                (Cost::ServerDecides, _) => (&[OrderState::Error], "only the operator knows"),
            };
            assert!(states.contains(&bench.state()), "{}: {name}", bench.state());
            assert!(told.contains(words), "{words}: {name}");
        }
    }
}
