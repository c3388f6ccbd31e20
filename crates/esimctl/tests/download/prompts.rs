//! A person at a terminal is asked, and answers in every way that there is.

use rustix::process::Signal;
use sgp22::es10b::CancelSessionReason as Reason;
use virtual_euicc::smdp::{NewOrder, OrderState, sample_icon};

use crate::bench::{Bench, TOKEN, code, id};
use crate::common::{HOME, PATIENCE, TRAVEL};
use crate::terminal::Terminal;

const QUESTION: &str = "[i]nstall it, [n]ot now (the code is kept), or [r]efuse it (the code may be lost)? [n] ";
const CODE_QUESTION: &str = "Confirmation code: ";

fn start(bench: &Bench, arguments: &[&str]) -> Terminal {
    let mut command = bench.sandbox.command();
    Terminal::start(command.args(["download", &code(TOKEN)]).args(arguments))
}

fn protected(by: &str) -> NewOrder {
    NewOrder { confirmation_code: Some(by.into()), ..NewOrder::new(TOKEN) }
}

fn exit(terminal: &mut Terminal) -> i32 {
    terminal.wait().code().unwrap()
}

#[test]
fn every_way_to_say_no() {
    /// What somebody does when they are asked.
    enum Act {
        Types(&'static str),
        Signals(Signal),
        Waits,
    }
    use Act::{Signals, Types, Waits};
    for (act, expected, reason, words) in [
        (Types("n\n"), 1, Reason::Postponed, "The activation code still works."),
        (Types("not now\n"), 1, Reason::Postponed, "The activation code still works."),
        (Types("\n"), 1, Reason::Postponed, "The activation code still works."),
        // The end of input.
        (Types("\x04"), 1, Reason::Postponed, "The activation code still works."),
        (Types("r\n"), 1, Reason::EndUserRejection, "the activation code is likely spent."),
        (Types("REFUSE\n"), 1, Reason::EndUserRejection, "ask the operator for a new code."),
        (Signals(Signal::INT), 1, Reason::Postponed, "Stopped."),
        (Signals(Signal::TERM), 1, Reason::Postponed, "The activation code still works."),
        (Signals(Signal::HUP), 1, Reason::Postponed, "The activation code still works."),
        (Waits, 1, Reason::Timeout, "Nobody answered in time"),
    ] {
        let bench = Bench::new();
        let waits = if matches!(act, Waits) { "1" } else { "60" };
        let mut terminal = start(&bench, &["--answer-within", waits]);
        terminal.expect(QUESTION);
        match act {
            Types(keys) => terminal.press(keys),
            Signals(signal) => terminal.signal(signal),
            Waits => {}
        }
        assert_eq!(exit(&mut terminal), expected, "{}", terminal.screen());
        terminal.expect(words);
        bench.was_kept(reason);
        assert_eq!(bench.state() == OrderState::Released, reason.keeps_the_order(), "{words}");
        if reason.keeps_the_order() {
            bench.installs(&[]);
        } else {
            assert_eq!(id(&bench.fails(&[&code(TOKEN), "--yes"]).1), "code_refused");
        }
    }
}

#[test]
fn nonsense_is_asked_about_again_and_yes_installs() {
    let bench = Bench::new();
    let mut terminal = start(&bench, &[]);
    for nonsense in ["y", "yes", "in", "1"] {
        terminal.expect(QUESTION);
        terminal.type_line(nonsense);
    }
    terminal.expect_times(QUESTION, 5);
    assert_eq!(bench.state(), OrderState::Released, "nothing is taken for a yes that is none");
    terminal.type_line(" Install ");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.screen());
    terminal.expect("is installed; the card confirms it.");
    terminal.expect("100 %");
    assert_eq!((bench.state(), bench.served.cancelled().len()), (OrderState::Installed, 0));
}

#[test]
fn the_confirmation_code_is_asked_for_last_and_only_if_it_is_wanted() {
    let bench = Bench::order(protected("00 42"));
    let mut terminal = start(&bench, &[]);
    terminal.expect(QUESTION);
    assert!(!terminal.screen().contains(CODE_QUESTION), "consent comes first");
    terminal.type_line("i");
    terminal.expect(CODE_QUESTION);
    // A blank within is a part of it, one behind it a slip of the finger.
    terminal.type_line("00 42 ");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.screen());
    assert_eq!((bench.state(), bench.the_order().wrong_codes), (OrderState::Installed, 0));

    // With --yes it is the only question.
    let bench = Bench::order(protected("0042"));
    let mut terminal = start(&bench, &["--yes"]);
    terminal.expect(CODE_QUESTION);
    assert!(!terminal.screen().contains(QUESTION));
    terminal.type_line("0042");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.screen());
    // Given before, it is not asked for.
    let bench = Bench::order(protected("0042"));
    let mut command = bench.sandbox.command();
    command.env("ESIMCTL_CONFIRMATION_CODE", "0042");
    let mut terminal = Terminal::start(command.args(["download", &code(TOKEN)]));
    terminal.expect(QUESTION);
    terminal.type_line("i");
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.screen());
    // Given without need, it does no harm.
    Bench::new().installs(&["--confirmation-code", "0042"]);
}

#[test]
fn every_way_not_to_give_a_confirmation_code_costs_no_try() {
    for (keys, signal, expected, reason) in [
        ("\n", None, 4, Reason::Postponed),
        ("\x04", None, 4, Reason::Postponed),
        ("", Some(Signal::INT), 1, Reason::Postponed),
        ("", None, 1, Reason::Timeout),
    ] {
        let bench = Bench::order(protected("0042"));
        let waits = if keys.is_empty() && signal.is_none() { "1" } else { "60" };
        let mut terminal = start(&bench, &["--yes", "--answer-within", waits]);
        terminal.expect(CODE_QUESTION);
        terminal.press(keys);
        signal.inspect(|signal| terminal.signal(*signal));
        assert_eq!(exit(&mut terminal), expected, "{}", terminal.screen());
        terminal.expect("The activation code still works.");
        bench.was_kept(reason);
        assert_eq!(bench.the_order().wrong_codes, 0);
        bench.installs(&["--confirmation-code", "0042"]);
    }
    let bench = Bench::order(protected("0042"));
    let (exit, document) = bench.by_code(&[]);
    assert_eq!((exit, id(&document["error"])), (4, "confirmation_required"));
    bench.was_kept(Reason::Postponed);
    let (exit, error) = bench.fails(&[&code(TOKEN), "--yes", "--confirmation-code", &"1".repeat(256)]);
    assert_eq!((exit, id(&error)), (2, "confirmation_invalid"));
    assert_eq!(bench.served.cancelled().len(), 1, "a code that can be none is refused before anything is begun");
}

#[test]
fn wrong_confirmation_codes_are_counted_by_the_server() {
    let bench = Bench::order(protected("0042"));
    for (wrong, expected, state, code_state) in [
        (1, "confirmation_refused", OrderState::Released, Some("good")),
        (2, "confirmation_refused", OrderState::Released, Some("good")),
        (3, "confirmation_exhausted", OrderState::Error, Some("rejected")),
    ] {
        let (exit, document) = bench.by_code(&["--confirmation-code", "4200"]);
        let error = &document["error"];
        assert_eq!((exit, id(error), error["code"].as_str()), (5, expected, code_state), "{error}");
        assert_eq!((bench.state(), bench.the_order().wrong_codes), (state, wrong));
        assert!(!document.to_string().contains("4200"));
        assert_eq!(bench.served.cancelled().len(), wrong as usize, "the card's session is ended, too");
    }
    assert_eq!(bench.sandbox.profiles("card").len(), 2);
}

#[test]
fn nobody_there_is_no_consent() {
    let bench = Bench::new();
    let (exit, error) = bench.fails(&[&code(TOKEN)]);
    assert_eq!((exit, id(&error), error["code"].as_str()), (4, "download_unasked", Some("good")));
    assert_eq!(error["state"], "unchanged");
    bench.was_kept(Reason::Postponed);
}

#[test]
fn what_is_offered_is_shown_before_the_question() {
    let order = NewOrder {
        icon: Some(sample_icon()),
        provider: "Évil\u{1b}]0;owned\u{7} Telecom".into(),
        class: sgp22::profile::ProfileClass::Test,
        policy_rules: sgp22::policy::PprIds::of(&[2]),
        confirmation_code: Some("1".into()),
        ..NewOrder::new(TOKEN)
    };
    let bench = Bench::order(order);
    let mut terminal = start(&bench, &["--color", "always"]);
    terminal.expect(QUESTION);
    let screen = terminal.screen();
    for words in [
        "▀",
        "Évil",
        "Flat 50 GB",
        &bench.the_order().iccid.digits(),
        "test",
        "reaches no real network",
        "smdp.example.com",
        "(PPR2)",
        "can not be deleted again",
        "The card wants you to agree to that.",
        "a confirmation code is needed",
        "1024 bytes",
    ] {
        assert!(screen.contains(words), "{words}: {screen}");
    }
    assert!(!screen.contains("\u{1b}]0"), "a name cannot steer the terminal: {screen:?}");
    assert!(!screen.contains(TOKEN));
    terminal.type_line("n");
    assert_eq!(exit(&mut terminal), 1);
    // Without colours there is no picture, which would be a wall of blocks.
    let mut terminal = start(&bench, &["--color", "never"]);
    terminal.expect(QUESTION);
    assert!(!terminal.screen().contains('▀'), "{}", terminal.screen());
    terminal.press("\x04");
    exit(&mut terminal);
}

/// A line of its own, whatever bar stood on the terminal before.
fn has_line(terminal: &Terminal, beginning: &str) -> bool {
    terminal.screen().lines().any(|line| line.trim_start_matches('\r').starts_with(beginning))
}

const GOES_ON: &str = "The card is loading the profile, which cannot be stopped: it goes on.";
const ENDED: &str = "Ended at once. If a change had begun, its outcome is unknown; find out: esimctl recover";

#[test]
fn a_load_says_at_once_that_it_goes_on_and_does() {
    let bench = Bench::with(&["--quirk", "latency=40"], &[], vec![NewOrder::new(TOKEN)]);
    let mut terminal = start(&bench, &["--yes"]);
    terminal.expect("Installing [");
    terminal.signal(Signal::INT);
    terminal.expect(GOES_ON);
    assert!(has_line(&terminal, GOES_ON) && !terminal.screen().contains("is installed"), "{}", terminal.screen());
    assert_eq!(exit(&mut terminal), 0, "{}", terminal.screen());
    terminal.expect("is installed; the card confirms it.");
    assert_eq!(bench.sandbox.profiles("card").len(), 3);
}

#[test]
fn the_second_signal_ends_a_load_with_a_sentence_and_recover_finds_out() {
    let bench = Bench::with(&["--quirk", "latency=40"], &[], vec![NewOrder::new(TOKEN)]);
    let mut terminal = start(&bench, &["--yes"]);
    terminal.expect("Installing [");
    terminal.signal(Signal::INT);
    terminal.expect(GOES_ON);
    terminal.signal(Signal::INT);
    assert_eq!(exit(&mut terminal), 6, "{}", terminal.screen());
    assert!(has_line(&terminal, ENDED) && terminal.screen().ends_with('\n'), "{:?}", terminal.screen());
    let recovered = bench.run(&["recover", "--json"]);
    let there = bench.sandbox.profiles("card").len() == 3;
    assert_eq!(recovered.code, 0, "{}", recovered.out);
    let finding = &recovered.json()["data"]["entries"][0]["finding"];
    assert_eq!(finding, if there { "done" } else { "not_done" }, "{}", recovered.out);
}

#[test]
fn a_wait_for_the_server_says_what_stopping_does() {
    let bench = Bench::with_fault(&[], "delay=5000@2", vec![NewOrder::new(TOKEN)]);
    let mut terminal = start(&bench, &["--yes"]);
    terminal.expect("Asking the server what it has");
    terminal.signal(Signal::INT);
    terminal.expect("Card and server are told that the download is postponed.");
    assert_eq!(exit(&mut terminal), 1, "{}", terminal.screen());
    terminal.expect("The activation code still works.");
    assert_eq!(bench.state(), OrderState::Released);
}

#[test]
fn a_delivery_says_what_stopping_does() {
    let mut bench = Bench::with(&[], &["http-500=handleNotification"], vec![NewOrder::new(TOKEN)]);
    bench.run(&["rename", HOME, "Home"]);
    bench.run(&["enable", TRAVEL]);
    bench.break_once("delay=5000@1");
    let mut terminal = Terminal::start(bench.sandbox.command().args(["outbox", "send"]));
    let end = std::time::Instant::now() + PATIENCE;
    while bench.served.functions().is_empty() {
        assert!(std::time::Instant::now() < end, "nothing is sent: {}", terminal.screen());
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    terminal.signal(Signal::INT);
    terminal.expect("What is not delivered yet waits in the outbox.");
    terminal.wait();
    let waiting = bench.sandbox.data(&["outbox", "list"]);
    assert!(!waiting.as_array().unwrap().is_empty(), "{waiting}");
}
