//! What must not be seen, and what happens where nothing can be written.

use std::path::Path;
use std::process::{Command, Stdio};

use data_encoding::{BASE64, HEXLOWER, HEXUPPER};
use sgp22::es9p::{GetBoundProfilePackage, ServerFunction};
use sgp22::id::ConfirmationCode;
use virtual_euicc::smdp::{NewOrder, OrderState};

use crate::bench::{Bench, TOKEN, code, id};

const CODE: &str = "Sesame-4711-Open";

/// A secret in every form in which it could be written down.
fn forms(secret: &[u8]) -> Vec<Vec<u8>> {
    let mut forms = vec![secret.to_vec(), HEXLOWER.encode(secret).into_bytes(), HEXUPPER.encode(secret).into_bytes()];
    for before in 0..3 {
        // The part that does not depend on what stands around it.
        let encoded = BASE64.encode(&[&vec![0; before][..], secret].concat());
        let (from, to) = ((before * 8).div_ceil(6), (before + secret.len()) * 8 / 6);
        forms.push(encoded.as_bytes()[from..to].to_vec());
    }
    forms
}

fn collect(directory: &Path, into: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(directory).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, into);
        } else {
            into.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn secrets_are_written_nowhere() {
    for (given, exit, arguments) in
        [(CODE, 0, &["--yes"][..]), ("Sesame-1234-Wrong", 5, &["--yes"]), (CODE, 4, &[]), (CODE, 0, &["--dry-run"])]
    {
        let order = NewOrder { confirmation_code: Some(CODE.into()), ..NewOrder::new(TOKEN) };
        let bench = Bench::order(order);
        let trace = bench.path("trace.jsonl");
        let mut command = bench.sandbox.command();
        command.env("ESIMCTL_CONFIRMATION_CODE", given).args(["download", &code(TOKEN), "-vv", "--stats"]);
        let run = crate::common::run(command.args(arguments).args(["--trace", trace.to_str().unwrap()]));
        assert_eq!(run.code, exit, "{}", run.err);
        let mut seen = vec![("output".to_owned(), run.out.into_bytes()), ("errors".to_owned(), run.err.into_bytes())];
        seen.push(("trace".into(), std::fs::read(&trace).unwrap()));
        collect(&bench.sandbox.state(), &mut seen);
        assert!(seen.iter().any(|(name, _)| name.ends_with("esimctl.db")), "the journal is among them");
        let mut secrets: Vec<Vec<u8>> = vec![TOKEN.into(), given.into()];
        let confirmation: ConfirmationCode = given.parse().unwrap();
        secrets.push(confirmation.digest().to_vec());
        if bench.served.functions().iter().any(|function| function == GetBoundProfilePackage::ENDPOINT) {
            // With it, and the transaction, a short code can be guessed.
            let body = bench.served.body(GetBoundProfilePackage::ENDPOINT);
            let id = GetBoundProfilePackage::decode(&body).unwrap().transaction_id;
            secrets.push(confirmation.hash(&id).to_vec());
        }
        for (name, bytes) in &seen {
            for form in secrets.iter().flat_map(|secret| forms(secret)) {
                let found = bytes.windows(form.len()).any(|window| window == form);
                assert!(!found, "{exit}: {} is in {name}", String::from_utf8_lossy(&form));
            }
        }
    }
}

/// Runs it with a state directory on a small file system of its own, which is full but for so many kilobytes.
fn on_a_full_disk(bench: &Bench, left: u32) -> Option<std::process::Output> {
    let state = bench.sandbox.state();
    let (state, program) = (state.to_str().unwrap(), bench.sandbox.command());
    let copy = bench.path("copy");
    let copy = copy.to_str().unwrap();
    let script = format!(
        "set -e; cp -a {state} {copy}; mount -t tmpfs -o size=1500k tmpfs {state}; cp -a {copy}/. {state}; \
         dd if=/dev/zero of={state}/filler bs=1k 2>/dev/null || true; \
         truncate -s -{left}k {state}/filler; exec \"$@\""
    );
    let root: &[&str] = if rustix::process::geteuid().is_root() { &[] } else { &["--map-root-user"] };
    let mut command = Command::new("unshare");
    command.args(root).args(["--mount", "sh", "-c", &script, "sh"]).arg(program.get_program()).env_clear();
    for (name, value) in program.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    // The copy knows of no server that runs.
    let ca = format!("{state}/pki/ci.cert.pem");
    command.args(["download", &code(TOKEN), "--yes", "--json", "--connect-to", &bench.served.way(), "--ca", &ca]);
    command.stdin(Stdio::null());
    let output = command.output().ok()?;
    (!String::from_utf8_lossy(&output.stderr).contains("unshare")).then_some(output)
}

#[test]
fn a_full_disk_stops_before_anything_is_begun() {
    let bench = Bench::new();
    // So that the database is there, as it is for everybody but beginners.
    assert_eq!(bench.run(&["rename", "Home", "House"]).code, 0);
    for left in [0, 16] {
        let Some(output) = on_a_full_disk(&bench, left) else {
            assert!(std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "no namespaces");
            return eprintln!("skipped: no namespaces");
        };
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let error = &document["error"];
        assert_eq!((output.status.code(), id(error)), (Some(1), "state_full"), "{document}");
        assert_eq!(error["state"], "unchanged");
        assert!(error["next"].as_str().unwrap().contains("room"), "{error}");
        assert!(bench.served.functions().is_empty(), "nobody was asked");
        std::fs::remove_dir_all(bench.path("copy")).unwrap();
    }
    assert_eq!(bench.state(), OrderState::Released);
    bench.installs(&[]);
}
