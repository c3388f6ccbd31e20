//! Every deviation of every kind of modem: list, enable, download and delete behind it, one after the other. They work, or
//! fail as the table says; what the user is told is so, nothing hangs, no notification is lost, and once the modem
//! behaves, `recover` finds out what was open.
//!
//! `ESIMCTL_DEVIATIONS` chooses cases by their beginnings, with commas between, as in `at/urcs,qmi`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

#[path = "common/carrier.rs"]
mod carrier;
#[allow(dead_code)]
#[path = "faults/case.rs"]
mod case;
mod common;
#[path = "deviations/expected.rs"]
mod expected;
#[path = "common/random.rs"]
mod random;
#[path = "common/server.rs"]
mod server;
#[path = "deviations/trial.rs"]
mod trial;
#[allow(dead_code)]
#[path = "faults/world.rs"]
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use carrier::Carrier;
use expected::parameters;
use manager::virtual_modems::ModemQuirk;
use trial::Trial;
use world::Templates;

/// More than there are processors: modems are waited for most of the time.
const THREADS: usize = 12;

/// A way to the card, and what is wrong with it.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    pub carrier: Carrier,
    pub quirk: Option<ModemQuirk>,
    /// The parameter, if it is not the usual one.
    pub parameter: Option<&'static str>,
}

impl Case {
    /// The quirk as it is chosen on the command line.
    pub fn chosen(&self) -> Option<String> {
        let name = self.quirk?.describe().name;
        Some(self.parameter.map_or(name.into(), |parameter| format!("{name}={parameter}")))
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (_, carrier) = Carrier::OUTSIDE.iter().find(|(one, _)| *one == self.carrier).unwrap();
        write!(f, "{carrier}/{}", self.chosen().as_deref().unwrap_or("none"))
    }
}

fn cases() -> Vec<Case> {
    let with = |(carrier, _): (Carrier, &str)| {
        let quirks = ModemQuirk::ALL.iter().copied().filter(move |quirk| carrier.has(*quirk));
        let with = move |quirk| {
            parameters(quirk).iter().map(move |parameter| Case { carrier, quirk: Some(quirk), parameter: *parameter })
        };
        std::iter::once(Case { carrier, quirk: None, parameter: None }).chain(quirks.flat_map(with))
    };
    let chosen = std::env::var("ESIMCTL_DEVIATIONS").unwrap_or_default();
    let is_meant = |case: &Case| chosen.split(',').any(|beginning| case.to_string().starts_with(beginning));
    let mut cases: Vec<Case> = Carrier::OUTSIDE.into_iter().flat_map(with).filter(is_meant).collect();
    // Those that wait long begin first, beside the others: at the end nothing would be left to run beside them.
    cases.sort_by_key(|case| !case.quirk.is_some_and(waits_long));
    cases
}

/// True for modems that are given up only after a time.
fn waits_long(quirk: ModemQuirk) -> bool {
    matches!(quirk, ModemQuirk::Unplugged | ModemQuirk::SilentFrom | ModemQuirk::Dead | ModemQuirk::Garbage)
}

#[test]
fn every_deviation_is_lived_with_or_told() {
    let (templates, cases) = (Templates::new(), cases());
    assert!(!cases.is_empty(), "ESIMCTL_DEVIATIONS means no case");
    let (next, failed, start) = (AtomicUsize::new(0), Mutex::new(Vec::new()), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let wrong = one(&templates, case);
                    if !wrong.is_empty() {
                        failed.lock().unwrap().push(format!("{case}\n    {}", wrong.join("\n    ")));
                    }
                }
            });
        }
    });
    eprintln!("{} cases in {} s", cases.len(), start.elapsed().as_secs());
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {} cases fail:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// What must not be; nothing if all is well.
fn one(templates: &Templates, case: &Case) -> Vec<String> {
    let start = Instant::now();
    let tried = catch_unwind(AssertUnwindSafe(|| Trial::new(templates, case).run()));
    let wrong = tried.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref::<&str>().copied());
        vec![text.unwrap_or("it panicked").to_owned()]
    });
    eprintln!("{case}: {} ms, {}", start.elapsed().as_millis(), if wrong.is_empty() { "as expected" } else { "wrong" });
    wrong
}
