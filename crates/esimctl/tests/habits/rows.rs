//! Each row of the table, against a simulated modem that has the quirk.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::path::Path;

use super::common::{HOME, Sandbox, TRAVEL};
use super::server::Server;
use super::smdp::Smdp;

/// How a row is shown to be lived with.
enum Case {
    /// `list` and a switch work with the row, and also without it, or do not.
    Lived(Modem, Without),
    /// No host can help it: it is told, by this error.
    Told(Modem, &'static str),
}

/// What happens where the row is not known.
enum Without {
    Works,
    /// All works, but the answer to the switch is lost, and the card has to be asked.
    LosesAnswer,
    /// This step fails, with this error.
    Fails(&'static str, &'static str),
}

/// What became of the answer to a switch.
#[derive(Debug)]
enum Answer {
    Came,
    Lost,
}

/// A simulated modem.
#[derive(Clone, Copy)]
struct Modem {
    language: &'static str,
    quirks: &'static [&'static str],
    card: &'static [&'static str],
    /// What is in its slots; `card` is the card that is used.
    slots: &'static [&'static str],
    /// Behind the device's name.
    options: &'static str,
    /// What somebody did at its port before.
    before: Option<fn(&Path)>,
    /// A download is part of it.
    download: bool,
}

use Case::{Lived, Told};
use Without::{Fails, LosesAnswer, Works};

const fn modem(language: &'static str, quirks: &'static [&'static str]) -> Modem {
    Modem { language, quirks, card: &["91xx"], slots: &["card"], options: "", before: None, download: false }
}

const fn at(quirks: &'static [&'static str]) -> Modem {
    modem("at", quirks)
}

const fn mbim(quirks: &'static [&'static str]) -> Modem {
    modem("mbim", quirks)
}

const fn qmi(quirks: &'static [&'static str]) -> Modem {
    modem("qmi", quirks)
}

const fn downloading(modem: Modem) -> Modem {
    Modem { download: true, ..modem }
}

const fn with(options: &'static str, modem: Modem) -> Modem {
    Modem { options, ..modem }
}

const fn on_cards(card: &'static [&'static str], modem: Modem) -> Modem {
    Modem { card, ..modem }
}

const CASES: &[(&str, Case)] = &[
    ("bare-session", Lived(at(&["bare-session"]), Works)),
    ("long-session", Lived(at(&["long-session"]), Works)),
    ("no-channel-in-class", Lived(at(&["no-channel-in-class"]), Works)),
    ("no-test-forms", Lived(at(&["no-test-forms"]), Works)),
    ("ccho-parameters", Lived(at(&["ccho-parameters"]), Works)),
    ("no-cchc", Lived(at(&["no-cchc"]), Works)),
    ("last-block-error", Lived(downloading(at(&["last-block-error"])), Fails("download", "modem_lost"))),
    ("only-csim", Lived(at(&["only-csim"]), Works)),
    ("csim-basic-only", Lived(at(&["csim-basic-only"]), Works)),
    ("leftover-session", Lived(at(&["leftover-session"]), Works)),
    ("needs-cfun", Lived(at(&["needs-cfun"]), Works)),
    ("reenumerates", Lived(at(&["reenumerates"]), Works)),
    ("ccho-needs-profile", Lived(at(&["ccho-needs-profile"]), Works)),
    ("upper-hex-only", Lived(at(&["upper-hex-only"]), Works)),
    ("line-limit", Lived(downloading(at(&["line-limit"])), Fails("download", "card_status"))),
    ("small-blocks", Lived(downloading(at(&["long-blocks-fail=12"])), Fails("download", "install_refused"))),
    ("cchc-error", Lived(at(&["cchc-error"]), Works)),
    ("empty-euicc", Lived(at(&["empty-euicc"]), Works)),
    ("returns-91xx", Lived(at(&["returns-91xx"]), Works)),
    ("names-eid", Lived(at(&["names-eid"]), Works)),
    ("no-blank", Lived(at(&["no-blank"]), Works)),
    ("no-channels", Told(at(&["no-channels"]), "modem_opens_no_channel")),
    ("iccid-command", Lived(at(&["iccid-command"]), Works)),
    ("ignores-switch", Lived(at(&["ignores-switch"]), Works)),
    ("fetches-answers", Lived(at(&["fetches-answers"]), Works)),
    (
        "extended-class",
        Lived(downloading(mbim(&["extended-class", "returns-61xx"])), Fails("download", "card_refused")),
    ),
    ("select-p2-0c", Lived(mbim(&["select-p2-0c"]), Fails("list", "not_an_euicc"))),
    (
        "slot-mapping-hangs",
        Lived(with(",slot=1,timeout=3", mbim(&["slot-mapping-hangs"])), Fails("list", "modem_dead")),
    ),
    // As Fibocom L850-GL has these three.
    ("extended-class", Lived(downloading(mbim(&["interindustry-6e00", "returns-61xx"])), Works)),
    ("slot-mapping-hangs", Lived(with(",slot=1", mbim(&["slot-mapping-refused"])), Works)),
    ("needs-le", Lived(mbim(&["empty-without-le"]), Works)),
    ("needs-le", Lived(mbim(&["needs-le"]), Works)),
    ("stale-channels", Lived(Modem { before: Some(open_and_leave), ..mbim(&["stale-channels"]) }, Works)),
    ("select-fails", Told(mbim(&["select-fails"]), "modem_select_failed")),
    ("select-fails-after-switch", Lived(mbim(&["select-fails=after-switch"]), Fails("enable", "modem_select_failed"))),
    ("load-unanswered", Lived(downloading(with(",timeout=2", mbim(&["load-unanswered=serves"]))), Works)),
    ("open-fails", Told(mbim(&["open-fails"]), "modem_opens_no_channel")),
    ("slow-slot", Lived(with(",slot=2", Modem { slots: &["other", "card"], ..mbim(&["slow-slot"]) }), Works)),
    ("wants-terminal-capability", Lived(mbim(&["wants-terminal-capability"]), Works)),
    ("no-slot-mapping", Lived(with(",slot=1", mbim(&["no-slot-mapping"])), Works)),
    ("skip-procedure-bytes", Lived(downloading(with(",timeout=2", qmi(&["procedure-bytes"]))), LosesAnswer)),
    ("isdr-blocked", Told(qmi(&["open-refused=82"]), "modem_denies")),
    ("few-channels", Lived(qmi(&["few-channels=1"]), Works)),
    ("no-slot-status", Lived(with(",slot=1", qmi(&["no-slot-status"])), Works)),
    ("no-le", Lived(on_cards(&["no-le"], at(&[])), Works)),
    ("no-iccid-refresh", Lived(on_cards(&["no-iccid-refresh", "isdr-aid"], at(&[])), Works)),
];

/// A host that opens the device and goes away without a word.
fn open_and_leave(port: &Path) {
    let mut line = std::fs::OpenOptions::new().read(true).write(true).open(port).unwrap();
    let open = [1u32, 16, 1, 4096].map(u32::to_le_bytes).concat();
    line.write_all(&open).unwrap();
    let mut answer = [0; 16];
    line.read_exact(&mut answer).unwrap();
    assert_eq!(answer[..4], 0x8000_0001_u32.to_le_bytes());
}

/// A row may have several: modems show a habit in different ways.
#[test]
fn every_row_has_a_case() {
    let rows = Sandbox::new().data(&["quirks"]);
    let rows: BTreeSet<&str> = rows.as_array().unwrap().iter().map(|row| row["name"].as_str().unwrap()).collect();
    let cases: BTreeSet<&str> = CASES.iter().map(|(name, _)| *name).collect();
    assert_eq!(rows, cases);
}

#[test]
fn at_modems_are_lived_with() {
    try_rows("at");
}

#[test]
fn mbim_modems_are_lived_with() {
    try_rows("mbim");
}

#[test]
fn qmi_modems_are_lived_with() {
    try_rows("qmi");
}

/// All the rows of a language; what is wrong is told of all of them at once.
fn try_rows(language: &str) {
    let quirks = Sandbox::new().data(&["quirks"]);
    let changes = |row: &str| quirks.as_array().unwrap().iter().any(|one| one["name"] == row && one["changes"] == true);
    let mut wrong = Vec::new();
    for (row, case) in CASES {
        let (Lived(modem, _) | Told(modem, _)) = case;
        if modem.language != language {
            continue;
        }
        let without = modem.try_all("");
        let as_told = match (case, &without) {
            (Lived(_, Works), Ok(_)) | (Lived(_, LosesAnswer), Ok(Answer::Lost)) => true,
            (Lived(_, Fails(step, id)), Err(failed)) => (*step, *id) == (failed.0, &failed.1),
            (Told(_, id), Err(failed)) => ("list", *id) == (failed.0, &failed.1),
            _ => false,
        };
        if !as_told {
            wrong.push(format!("{row}, without the row: {without:?}"));
        }
        let with = if changes(row) { modem.try_all(&format!(",quirk={row}")) } else { continue };
        if !matches!((case, &with), (Lived(_, LosesAnswer), Ok(Answer::Came)) | (Lived(_, Works | Fails(..)), Ok(_))) {
            wrong.push(format!("{row}: {with:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

impl Modem {
    /// Lists, switches, and downloads if that is part of it. Whether the answer to the switch came; or else the step that
    /// fails, and its error.
    fn try_all(&self, options: &str) -> Result<Answer, (&'static str, String)> {
        let card: Vec<&str> = self.card.iter().flat_map(|quirk| ["--quirk", quirk]).collect();
        let sandbox = Sandbox::with_card(&card);
        self.slots.iter().filter(|name| **name != "card").for_each(|name| sandbox.create(name, &[]));
        let link = sandbox.path().join("modem");
        let mut arguments = vec!["modem", self.language, self.slots[0], "--link", link.to_str().unwrap(), "--json"];
        self.slots[1..].iter().for_each(|name| arguments.extend(["--slot", name]));
        self.quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        let _modem = Server::start(&sandbox, &arguments);
        if let Some(before) = self.before {
            before(&link);
        }
        // Whatever proxy this machine runs, it is none of ours.
        let proxy = if self.language == "at" { "" } else { ",proxy=no" };
        let device = format!("{}:{}{proxy}{}{options}", self.language, link.display(), self.options);
        let step = |name: &'static str, arguments: &[&str]| {
            let run = sandbox.run(&[arguments, &["-d", &device, "--json"]].concat());
            match run.code {
                0 => Ok(run.json()["data"].clone()),
                _ => Err((name, run.json()["error"]["id"].as_str().unwrap().to_owned())),
            }
        };
        let list = step("list", &["list"])?;
        assert_eq!((&list[0]["iccid"], &list[0]["state"]), (&HOME.into(), &"enabled".into()), "{device}");
        let switched = step("enable", &["enable", TRAVEL])?;
        assert_eq!(switched["changed"], true, "{device}");
        assert_eq!(sandbox.profiles("card"), [(HOME.to_owned(), false), (TRAVEL.to_owned(), true)], "{device}");
        if self.download {
            let smdp = Smdp::start(&sandbox, "A,size=4000");
            step("download", &smdp.download())?;
            assert_eq!(sandbox.profiles("card").len(), 3, "{device}");
        }
        let attempts = switched["attempts"].as_array().unwrap();
        Ok(if attempts.last().unwrap()["error"].is_null() { Answer::Came } else { Answer::Lost })
    }
}
