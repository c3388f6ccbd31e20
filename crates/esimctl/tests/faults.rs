//! The fault matrix: something goes wrong with every APDU and every HTTP exchange of every operation, and afterwards the
//! journal, the card and the server agree, the user was told the truth, and no notification is lost.
//!
//! The card is played by the program itself, and then by modems of each language.
//!
//! `ESIMCTL_FAULTS` chooses: `all`, or the beginnings of cases with commas between, as in `download/apdu/cut@17,qmi:enable`.
//! Without it 60 cases are drawn without a modem and 15 with each, by `ESIMCTL_FAULT_SEED` if that is set.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "common/carrier.rs"]
mod carrier;
#[path = "faults/case.rs"]
mod case;
mod common;
#[path = "faults/judge.rs"]
mod judge;
#[path = "common/random.rs"]
mod random;
#[path = "common/server.rs"]
mod server;
#[allow(dead_code)]
#[path = "faults/world.rs"]
mod world;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use carrier::Carrier;
use case::{Case, Operation};
use judge::{Judged, judge};
use world::Templates;

/// The ways to the card, and how many cases of each are drawn.
const CARRIERS: [(Carrier, usize); 4] =
    [(Carrier::InProcess, 60), (Carrier::At, 15), (Carrier::Qmi, 15), (Carrier::Mbim, 15)];

#[test]
fn whatever_goes_wrong_card_journal_server_and_user_agree_in_the_end() {
    let templates = Templates::new();
    let cases = chosen(&CARRIERS.map(|(carrier, sampled)| (groups(&templates, carrier), sampled)));
    let judged = run(&templates, &cases);
    eprint!("{}", table(&judged));
    let failed: Vec<String> = judged.iter().filter(|(_, judged)| !judged.wrong.is_empty()).map(failure).collect();
    assert!(failed.is_empty(), "{} of {} cases fail:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// All cases with the card there.
fn groups(templates: &Templates, carrier: Carrier) -> Vec<case::Group> {
    // What needs no card is the same wherever that is.
    let differs = |operation| carrier == Carrier::InProcess || operation != Operation::Outbox;
    let operations = Operation::ALL.into_iter().map(|(operation, _)| operation).filter(|one| differs(*one));
    let baselines: Vec<case::Baseline> =
        operations.map(|operation| judge::baseline(templates, carrier, operation)).collect();
    for baseline in &baselines {
        eprintln!("{carrier:?}, {}: {} APDUs, {} exchanges", baseline.operation, baseline.apdus, baseline.exchanges);
    }
    case::all(&baselines)
}

/// Which are run, of all of them and how many of each kind are drawn.
fn chosen(groups: &[(Vec<case::Group>, usize)]) -> Vec<Case> {
    let all = || groups.iter().flat_map(|(groups, _)| groups.iter().flatten().copied());
    match std::env::var("ESIMCTL_FAULTS") {
        Ok(name) if name == "all" => all().collect(),
        Ok(names) => {
            let wanted = |case: &Case| names.split(',').any(|name| is_meant(name, case));
            let cases: Vec<Case> = all().filter(wanted).collect();
            assert!(!cases.is_empty(), "ESIMCTL_FAULTS={names} means no case");
            cases
        }
        Err(_) => {
            let seed = random::seed("ESIMCTL_FAULT_SEED");
            // Not the same cases at each.
            let seeds = seed..;
            let drawn =
                groups.iter().zip(seeds).map(|((groups, most), seed)| case::sample(groups.clone(), seed, *most));
            drawn.flatten().collect()
        }
    }
}

/// A whole case, or the beginning of some.
fn is_meant(name: &str, case: &Case) -> bool {
    match name.parse::<Case>() {
        Ok(one) => one == *case,
        Err(_) => case.to_string().starts_with(name),
    }
}

/// Runs the cases on all processors there are, two on each: modems are waited for most of the time.
fn run(templates: &Templates, cases: &[Case]) -> Vec<(Case, Judged)> {
    let next = AtomicUsize::new(0);
    let judged = Mutex::new(Vec::new());
    let threads = 2 * std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let result = (*case, one(templates, case));
                    if !result.1.wrong.is_empty() {
                        eprintln!("{}", failure(&result));
                    }
                    let mut judged = judged.lock().unwrap();
                    judged.push(result);
                    if judged.len().is_multiple_of(50) {
                        eprintln!("{} of {}", judged.len(), cases.len());
                    }
                }
            });
        }
    });
    judged.into_inner().unwrap()
}

fn one(templates: &Templates, case: &Case) -> Judged {
    catch_unwind(AssertUnwindSafe(|| judge(templates, case))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map_or("it panicked", String::as_str);
        Judged { told: ledger::Verdict::Silent, code_lost: false, wrong: vec![text.to_owned()] }
    })
}

fn failure((case, judged): &(Case, Judged)) -> String {
    let wrong = judged.wrong.join("\n    ");
    format!("  ESIMCTL_FAULTS='{case}' cargo test --package esimctl --test faults whatever\n    {wrong}")
}

/// What was told, by operation and kind.
fn table(judged: &[(Case, Judged)]) -> String {
    let mut rows: BTreeMap<String, [usize; 7]> = BTreeMap::new();
    for (case, judged) in judged {
        let row = case.to_string();
        let row = rows.entry(row.split('@').next().unwrap().to_owned()).or_default();
        row[0] += 1;
        row[1 + judged.told as usize] += 1;
        row[5] += usize::from(judged.code_lost);
        row[6] += usize::from(!judged.wrong.is_empty());
    }
    let total = rows.values().fold([0; 7], |sum, row| std::array::from_fn(|index| sum[index] + row[index]));
    rows.insert("total".into(), total);
    let mut text = format!("{:<28}", "");
    for head in ["cases", "done", "not done", "unknown", "killed", "code lost", "wrong"] {
        text += &format!("{head:>10}");
    }
    text += "\n";
    for (name, row) in rows {
        let numbers: String = row.iter().map(|number| format!("{number:>10}")).collect();
        text += &format!("{name:<28}{numbers}\n");
    }
    text
}
