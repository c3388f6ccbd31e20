//! Sixteen processes at once, on one state directory.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;

use std::process::{Child, Output, Stdio};

use common::Sandbox;
use serde_json::Value;
use server::Server;

const PROCESSES: usize = 16;

/// With a card for each process; no database is there yet.
fn with_cards() -> Sandbox {
    let sandbox = Sandbox::new();
    for number in 0..PROCESSES {
        let name = format!("c{number}");
        let made = sandbox.run(&["virtual", "create", &name]);
        assert_eq!(made.code, 0, "{}", made.err);
    }
    assert!(!sandbox.state().join("esimctl.db").exists());
    sandbox
}

fn start(sandbox: &Sandbox, arguments: &[&str]) -> Child {
    sandbox.command().args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Starts a command for each card at once, and as many of another that belong to no card; gives the documents.
fn all_at_once(sandbox: &Sandbox, of_card: &[&str], beside: &[&str]) -> Vec<Value> {
    let mut started = Vec::new();
    for number in 0..PROCESSES {
        let device = format!("virtual:c{number}");
        started.push(start(sandbox, &[of_card, &["--device", &device, "--json", "--stats"]].concat()));
        started.push(start(sandbox, &[beside, &["--json", "--stats"]].concat()));
    }
    let document = |child: Child| {
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
        assert!(status.success(), "{out}{err}");
        serde_json::from_str(&out).unwrap()
    };
    started.into_iter().map(document).collect()
}

/// In a new state directory nothing is there yet: neither the directory nor the makers of cards, whom they share.
#[test]
fn first_cards_are_made_together() {
    for _ in 0..3 {
        let sandbox = Sandbox::new();
        let create = |number| start(&sandbox, &["virtual", "create", &format!("c{number}")]);
        for child in (0..PROCESSES).map(create).collect::<Vec<_>>() {
            let made = child.wait_with_output().unwrap();
            assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        }
        assert_eq!(sandbox.data(&["virtual", "list"]).as_array().unwrap().len(), PROCESSES);
    }
}

#[test]
fn first_commands_make_the_database_together() {
    let sandbox = with_cards();
    all_at_once(&sandbox, &["rename", "@1", "Anew"], &["outbox", "list"]);
    all_at_once(&sandbox, &["list"], &["inventory"]);
    assert_eq!(sandbox.data(&["inventory"])["cards"].as_array().unwrap().len(), PROCESSES);
}

#[test]
fn each_notification_is_posted_once() {
    let sandbox = with_cards();
    let _server = Server::start(&sandbox, &["smdp"]);
    let documents = all_at_once(&sandbox, &["enable", "@2"], &["outbox", "send"]);
    let documents = documents.into_iter().chain(all_at_once(&sandbox, &["enable", "@1"], &["outbox", "send"]));
    let posts: u64 = documents.map(|document| document["stats"]["http_requests"].as_u64().unwrap()).sum();
    let kept = sandbox.data(&["outbox", "list", "--all"]);
    let kept = kept.as_array().unwrap();
    assert_eq!((kept.len(), posts), (4 * PROCESSES, 4 * PROCESSES as u64), "two for each switch, one post each");
    for letter in kept {
        assert_eq!((&letter["state"], &letter["attempts"]), (&"delivered".into(), &1.into()), "{letter}");
        let history = letter["history"].as_array().unwrap();
        assert_eq!((history.len(), &history[0]["outcome"]), (1, &"accepted".into()), "{letter}");
    }
}
