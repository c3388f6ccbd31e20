//! A code that was used from this computer before is recognised before the server is asked.

use manager::Paths;
use serde_json::Value;
use virtual_euicc::smdp::NewOrder;

use crate::bench::{Bench, TOKEN, code, id};
use crate::terminal::Terminal;

const SENTENCE: &str = "This code was used from this computer before: it installed Flat 50 GB (";

/// A card on which the code has installed a profile, and the profile's number.
fn used() -> (Bench, String) {
    let bench = Bench::new();
    let iccid = bench.installs(&[])["profile"]["iccid"].as_str().unwrap().to_owned();
    (bench, iccid)
}

/// Lets the server have a new order for the same code, as for one that works more than once.
fn order_again(bench: &mut Bench) {
    std::fs::remove_dir_all(bench.path("smdp")).unwrap();
    bench.behave(&[]);
    let order = NewOrder { iccid: Some("8999900000000000041".parse().unwrap()), ..NewOrder::new(TOKEN) };
    bench.smdp.add_order(&order).unwrap();
}

#[test]
fn a_script_learns_from_the_error_that_the_code_was_used_here() {
    let (bench, iccid) = used();
    let (exit, document) = bench.by_code(&[]);
    let error = &document["error"];
    assert_eq!((exit, id(error), &error["code"]), (5, "code_refused", &"rejected".into()), "{error}");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains(&format!("{SENTENCE}{iccid}) on this card (20")), "{message}");
    // However the server is written.
    let (_, document) = bench.download(&["--server", "SMDP.example.com", "--matching-id", TOKEN, "--yes"]);
    assert!(document["error"]["message"].as_str().unwrap().contains(SENTENCE), "{document}");
    // Another token is another code.
    let (_, document) = bench.download(&[&code("K7Q-TOKEN-93XY"), "--yes"]);
    assert!(!document["error"]["message"].as_str().unwrap().contains(SENTENCE), "{document}");
}

#[test]
fn another_card_is_told_on_which_one_the_code_was_used() {
    let (bench, _) = used();
    let eid = bench.sandbox.data(&["-d", "virtual:card", "info"])["eid"].as_str().unwrap().to_owned();
    bench.sandbox.create("other", &["--eid", "89049032976489740626251734506882"]);
    let (_, document) = bench.download(&["-d", "virtual:other", &code(TOKEN), "--yes"]);
    let message = document["error"]["message"].as_str().unwrap();
    assert!(message.contains(&format!("on the card {eid} (20")), "{message}");
}

#[test]
fn a_code_that_works_more_than_once_goes_on_working() {
    let (mut bench, iccid) = used();
    order_again(&mut bench);
    let (exit, looked) = bench.download(&[&code(TOKEN), "--dry-run"]);
    let concern = &looked["data"]["concerns"][0];
    assert_eq!((exit, &concern["concern"]), (0, &"used_before".into()), "{looked}");
    assert_eq!(
        (&concern["iccid"], &concern["this_card"], &concern["installed"]),
        (&iccid.into(), &true.into(), &true.into())
    );
    let installed = bench.installs(&[]);
    assert_eq!(installed["concerns"][0]["concern"], "used_before", "{installed}");
}

#[test]
fn somebody_at_a_terminal_is_asked_before_the_server_is() {
    let (bench, _) = used();
    let before = bench.served.functions().len();
    for keys in ["\n", "n\n"] {
        let mut command = bench.sandbox.command();
        let mut terminal = Terminal::start(command.args(["download", &code(TOKEN)]));
        terminal.expect("Ask the server anyway? [y/N] ");
        assert!(terminal.screen().contains(SENTENCE), "{}", terminal.screen());
        terminal.press(keys);
        assert_eq!(terminal.wait().code(), Some(1), "{}", terminal.screen());
        assert!(terminal.screen().contains("--again"), "{}", terminal.screen());
        assert_eq!(bench.served.functions().len(), before, "nobody was asked");
    }
    for (arguments, question) in [(&[][..], true), (&["--again"], false)] {
        let mut command = bench.sandbox.command();
        let mut terminal = Terminal::start(command.args(["download", &code(TOKEN)]).args(arguments));
        if question {
            terminal.expect("Ask the server anyway? [y/N] ");
            terminal.press("y\n");
        }
        assert_eq!(terminal.wait().code(), Some(5), "{}", terminal.screen());
        assert_eq!(terminal.screen().contains("anyway?"), question);
    }
    assert!(bench.served.functions().len() > before);
}

/// Leaves the journal as a process does that was killed, or could not read the card afterwards, at this step.
fn reopen(bench: &Bench, outcome: &str, last_step: &str) {
    let database = rusqlite::Connection::open(Paths::new(Some(bench.sandbox.state())).unwrap().database()).unwrap();
    let outcome = (!outcome.is_empty()).then_some(outcome);
    database.execute("UPDATE journal SET outcome = ?1 WHERE command = 'download'", [outcome]).unwrap();
    database
        .execute("DELETE FROM journal_step WHERE id > (SELECT max(id) FROM journal_step WHERE step = ?1)", [last_step])
        .unwrap();
}

#[test]
fn an_install_without_a_result_is_to_be_recovered_first() {
    for outcome in ["", "unknown"] {
        let (bench, _) = used();
        reopen(&bench, outcome, "loading");
        let before = bench.served.functions().len();
        for arguments in [&["--yes"][..], &[], &["--refuse"]] {
            let (exit, error) = bench.fails(&[&[&code(TOKEN)[..]], arguments].concat());
            assert_eq!((exit, id(&error), &error["code"]), (4, "code_unsettled", &"unknown".into()), "{error}");
            assert!(error["next"].as_str().unwrap().contains("esimctl recover"), "{error}");
            assert!(error["message"].as_str().unwrap().contains("on this card ("), "{error}");
        }
        assert_eq!(bench.served.functions().len(), before, "nobody was asked");
        // By the user's word it is tried, and after a recovery it is known.
        let (exit, again) = bench.fails(&[&code(TOKEN), "--yes", "--again"]);
        let message = again["message"].as_str().unwrap();
        assert!(exit == 5 && message.contains(" An earlier download with this code, of "), "{again}");
        assert_eq!(bench.run(&["recover"]).code, 0);
        assert_eq!(id(&bench.fails(&[&code(TOKEN), "--yes"]).1), "code_refused");
    }
    // Before the package went to the card, nothing can have been installed.
    let (bench, _) = used();
    reopen(&bench, "", "requesting package");
    assert_eq!(id(&bench.fails(&[&code(TOKEN), "--yes"]).1), "code_refused");
}

/// A file holds the key, and neither the database nor a bundle holds what a token could be tried by without it.
#[test]
fn the_key_is_nowhere_but_in_its_file() {
    let (bench, _) = used();
    let state = bench.sandbox.state();
    let key = std::fs::read(state.join("code.key")).unwrap();
    assert_eq!(key.len(), 32);
    let database = rusqlite::Connection::open(state.join("esimctl.db")).unwrap();
    let hash: String =
        database.query_row("SELECT code FROM journal WHERE command = 'download'", [], |row| row.get(0)).unwrap();
    let bundle = bench.path("bundle.json");
    bench.sandbox.data(&["support-bundle", bundle.to_str().unwrap(), "--yes"]);
    let bundle = std::fs::read_to_string(bundle).unwrap();
    assert!(bundle.contains("download"), "the journal is in it");
    for secret in [hash.as_str(), &hash[..16], TOKEN, &data_encoding::HEXLOWER.encode(&key)] {
        assert!(!bundle.contains(secret), "{secret}");
    }
    // Another key recognises nothing.
    std::fs::write(state.join("code.key"), [7; 32]).unwrap();
    let document: Value = bench.by_code(&[]).1;
    assert!(!document["error"]["message"].as_str().unwrap().contains(SENTENCE), "{document}");
}
