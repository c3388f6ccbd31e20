//! Switching off what this machine reaches the internet by: asked about, refused, told.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/terminal.rs"]
mod terminal;

use common::{HOME, Sandbox, TRAVEL};
use serde_json::Value;
use terminal::Terminal;

const HEAD: &str = "Iface Destination Gateway Flags RefCnt Use Metric Mask\n";

/// A card, on a machine whose default routes lead over these interfaces.
fn machine(interfaces: &[&str]) -> Sandbox {
    let sandbox = Sandbox::with_card(&[]);
    let routes = interfaces.iter().map(|name| format!("{name} 00000000 0101A8C0 0003 0 0 100 00000000\n"));
    let proc = sandbox.sysroot().join("proc/net");
    std::fs::create_dir_all(&proc).unwrap();
    std::fs::write(proc.join("route"), HEAD.to_owned() + &routes.collect::<String>()).unwrap();
    sandbox
}

/// The commands that switch the enabled profile off, in a script, and what is lost by each elsewhere.
const COMMANDS: [(&[&str], Option<&str>); 4] = [
    (&["disable", HOME], Some("last_enabled")),
    (&["enable", TRAVEL], None),
    (&["delete", HOME, "--disable-first", "--yes"], Some("last_enabled")),
    (&["reset", "--operational", "--yes"], Some("last_enabled")),
];

fn risk(data: &Value) -> Option<String> {
    let told = if data["plan"].is_object() { &data["plan"]["connection_risk"] } else { &data["connection_risk"] };
    told.as_str().map(str::to_owned)
}

#[test]
fn a_script_needs_an_option_of_its_own_to_lose_the_way_to_the_internet() {
    for (command, _) in COMMANDS {
        let sandbox = machine(&["wwan0"]);
        let before = sandbox.profiles("card");
        let (code, error) = sandbox.error(command);
        assert_eq!((code, error["id"].as_str()), (4, Some("link_in_use")), "{command:?}: {error}");
        assert_eq!((error["state"].as_str(), sandbox.profiles("card")), (Some("unchanged"), before), "{command:?}");
        let agreed = sandbox.run(&[command, &["--lose-connection", "--json"]].concat());
        assert_eq!(agreed.code, 0, "{command:?}: {}", agreed.out);
        assert_eq!(risk(&agreed.json()["data"]).as_deref(), Some("internet_link"), "{command:?}: {}", agreed.out);
        assert!(agreed.err.contains("by a mobile network alone"), "{command:?}: {}", agreed.err);
    }
}

#[test]
fn with_another_way_to_the_internet_it_is_a_warning_that_no_profile_is_enabled() {
    for interfaces in [&["wwan0", "eth0"][..], &["eth0"], &[]] {
        for (command, lost) in COMMANDS {
            let sandbox = machine(interfaces);
            let run = sandbox.run(&[command, &["--json"]].concat());
            assert_eq!(run.code, 0, "{command:?}: {}{}", run.out, run.err);
            assert_eq!(risk(&run.json()["data"]).as_deref(), lost, "{command:?}: {}", run.out);
            assert_eq!(run.err.contains("No profile of this card is enabled now"), lost.is_some(), "{}", run.err);
        }
    }
}

#[test]
fn what_switches_nothing_off_is_neither_asked_nor_told() {
    let sandbox = machine(&["wwan0"]);
    for command in
        [&["disable", TRAVEL][..], &["enable", HOME], &["delete", TRAVEL, "--yes"], &["reset", "--server", "--yes"]]
    {
        let run = sandbox.run(&[command, &["--json"]].concat());
        assert_eq!(run.code, 0, "{command:?}: {}", run.out);
        assert_eq!(risk(&run.json()["data"]), None, "{command:?}: {}", run.out);
    }
}

#[test]
fn a_person_is_asked_and_only_a_yes_goes_on() {
    for (command, answers) in [("disable", HOME), ("enable", TRAVEL)] {
        for (answer, code) in [("", 4), ("n", 4), ("0011", 4), ("y", 0)] {
            let sandbox = machine(&["wwan0"]);
            let mut terminal = Terminal::start(sandbox.command().args([command, answers]));
            terminal.expect("Go on? [y/N]");
            assert!(terminal.screen().contains("by a mobile network alone"), "{}", terminal.screen());
            terminal.type_line(answer);
            assert_eq!(terminal.wait().code(), Some(code), "{command} {answer:?}: {}", terminal.screen());
            assert_eq!(sandbox.profiles("card")[0].1, code != 0, "{command} {answer:?}");
        }
    }
    // Nobody is asked where nothing is lost, or where it was agreed to before.
    for (interfaces, option) in [(&["eth0"][..], &[][..]), (&["wwan0"], &["--lose-connection"])] {
        let sandbox = machine(interfaces);
        let mut terminal = Terminal::start(sandbox.command().args(["disable", HOME]).args(option));
        assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
        assert!(!terminal.screen().contains("Go on?"), "{}", terminal.screen());
    }
}

#[test]
fn the_question_of_a_deletion_tells_what_is_lost_and_its_answer_covers_it() {
    let sandbox = machine(&["wwan0"]);
    let delete = ["delete", HOME, "--disable-first"];
    let planned = sandbox.data(&[&delete[..], &["--dry-run"]].concat());
    assert_eq!(planned["connection_risk"], "internet_link");
    let mut terminal = Terminal::start(sandbox.command().args(delete));
    terminal.expect("Type the last four digits of the ICCID");
    assert!(terminal.screen().contains("the connection will be lost"), "{}", terminal.screen());
    terminal.type_line("0011");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
    assert_eq!(sandbox.profiles("card").len(), 1);
}

#[test]
fn a_download_that_enables_is_stopped_before_anything_is_asked_of_the_server() {
    let sandbox = machine(&["wwan0"]);
    let code = "LPA:1$smdp.example.com$TOKEN";
    let (exit, error) = sandbox.error(&["download", code, "--yes", "--enable"]);
    assert_eq!((exit, error["id"].as_str(), error["code"].as_str()), (4, Some("link_in_use"), Some("good")), "{error}");
    // With the word it goes on, as far as there is a server.
    let (_, error) = sandbox.error(&["download", code, "--yes", "--enable", "--lose-connection"]);
    assert_eq!(error["id"], "server_not_running");
    let (_, error) = sandbox.error(&["download", code, "--yes"]);
    assert_eq!(error["id"], "server_not_running", "it enables nothing");
}

#[test]
fn the_question_is_asked_in_chinese_too() {
    let sandbox = machine(&["wwan0"]);
    let mut terminal = Terminal::start(sandbox.command().args(["disable", HOME, "--lang", "zh-CN"]));
    terminal.expect("继续吗？[y/N]");
    assert!(terminal.screen().contains("只能通过移动网络上网"), "{}", terminal.screen());
    terminal.type_line("是");
    assert_eq!(terminal.wait().code(), Some(0), "{}", terminal.screen());
}

#[test]
fn a_retirement_cuts_the_connection_at_a_word_for_it_alone() {
    for instead in [&[][..], &["--enable-instead", TRAVEL]] {
        let sandbox = machine(&["wwan0"]);
        sandbox.data(&["retire", "start", HOME]);
        let clean = [&["retire", "clean", "R1", "--yes", "--despite", "a test"], instead].concat();
        let (code, error) = sandbox.error(&clean);
        assert_eq!((code, error["id"].as_str()), (4, Some("link_in_use")), "{instead:?}: {error}");
        assert_eq!(sandbox.profiles("card").len(), 2, "{instead:?}");
        let cleaned = sandbox.data(&[&clean[..], &["--lose-connection"]].concat());
        assert_eq!(cleaned["devices"][0]["outcome"], "deleted", "{instead:?}: {cleaned}");
    }
}
