//! Backups of virtual cards in process.

use std::os::unix::fs::PermissionsExt;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::*;
use crate::files::{Access, Existing};
use crate::virtual_cards::{NewCard, NewProfile, NewProfiles, Quirks};
use crate::{Manager, Settings};

struct Bench {
    directory: tempfile::TempDir,
    manager: Manager,
    iccids: Vec<String>,
}

impl Bench {
    /// Two profiles, the first one enabled; the second one's SIM has a PIN.
    fn new(quirks: &[&str], pin: &str) -> Self {
        let profiles = vec![
            NewProfile { enabled: true, pin: pin.into(), ..NewProfile::named("Example Mobile", "Flat 20 GB") },
            NewProfile { pin: "5678".into(), ..NewProfile::named("Wanderer", "Europe 30 days") },
        ];
        Self::with(quirks, profiles)
    }

    fn with(quirks: &[&str], profiles: Vec<NewProfile>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let state_dir = Some(directory.path().join("state"));
        let manager = Manager::new(Settings { state_dir, ..Settings::default() }).unwrap();
        let quirks = Quirks::of(quirks.iter().map(|quirk| quirk.parse().unwrap()).collect());
        let new = NewCard { profiles: NewProfiles::These(profiles), icons: true, quirks, ..NewCard::default() };
        let card = manager.create_virtual("card", &new).unwrap();
        let iccids = card.state.euiccs[0].profiles.iter().map(|profile| profile.iccid.digits()).collect();
        Self { directory, manager, iccids }
    }

    fn backup(&self, index: usize, ask: &mut dyn AskPin, options: &BackupOptions) -> Result<Backup, Error> {
        self.manager.session().unwrap().backup(&ProfileQuery::new(&self.iccids[index]), ask, options)
    }

    fn enabled(&self) -> Vec<bool> {
        let card = self.manager.virtual_card("card").unwrap();
        card.state.euiccs[0].profiles.iter().map(|profile| profile.enabled).collect()
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }
}

const ENABLE: BackupOptions = BackupOptions { mask_imsi: true, enable_if_needed: true, lose_connection: false };

struct Knows(&'static str, usize);

impl AskPin for Knows {
    fn ask(&mut self, _: &PinRequest) -> Option<Pin> {
        self.1 += 1;
        Some(self.0.parse().unwrap())
    }
}

fn told(backup: &Backup) -> String {
    backup.notes().iter().map(|note| format!("{note}\n")).collect()
}

fn json(path: &std::path::Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn an_enabled_profile_is_written_in_full() {
    let bench = Bench::new(&[], "");
    let backup = bench.backup(0, &mut NoPin, &BackupOptions::default()).unwrap();
    assert!(backup.is_complete() && backup.switched.is_none() && backup.notes().is_empty(), "{}", told(&backup));
    let directory = bench.path("deep/er/backup");
    let files = backup.write(&directory, Access::Owner, Existing::Refuse).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.name).collect();
    assert_eq!(
        names,
        ["profile.json", "icon.png", "sim.json", "contacts.vcf", "contacts.csv", "messages.json", "messages.csv"]
    );
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for file in &files {
        let content = std::fs::read(&file.path).unwrap();
        assert_eq!((mode(&file.path), file.bytes), (0o600, content.len()), "{}", file.name);
        assert_eq!(file.sha256, data_encoding::HEXLOWER.encode(&Sha256::digest(&content)), "{}", file.name);
    }
    let profile = json(&directory.join("profile.json"));
    assert_eq!(profile["profile"]["iccid"], bench.iccids[0]);
    assert_eq!(profile["profile"]["provider"], "Example Mobile");
    assert_eq!(profile["profile"]["notify"][0]["server"], "smdp.example.com");
    assert_eq!(profile["servers"]["root_smds"], "lpa.ds.example.com");
    assert_eq!((&profile["complete"], &profile["sim"]), (&true.into(), &"read".into()));
    let sim = json(&directory.join("sim.json"));
    assert_eq!(sim["sim"]["provider"]["value"], "Example Mobile");
    let cards = std::fs::read_to_string(directory.join("contacts.vcf")).unwrap();
    assert_eq!(cards.matches("BEGIN:VCARD\r\nVERSION:4.0\r\n").count(), 5);
    assert!(cards.contains("FN:王小明\r\nTEL;VALUE=uri:tel:+442079460456\r\n"), "{cards}");
    assert!(cards.contains("FN:Müller & Söhne\r\nTEL:03023125003\r\n"), "{cards}");
    let table = std::fs::read_to_string(directory.join("contacts.csv")).unwrap();
    assert!(table.contains("Anna Beispiel,+447700900123,+493023125002,anna@example.com,Annie,1\r\n"), "{table}");
    let messages = json(&directory.join("messages.json"));
    assert_eq!(messages["messages"][1]["text"], "您好！余额 ¥100。");
    let table = std::fs::read_to_string(directory.join("messages.csv")).unwrap();
    assert!(table.contains("\r\n4 3,read,+447700900123,2024-06-03T09:15:00+01:00,\"Your balance"), "{table}");
}

#[test]
fn the_imsi_is_masked_unless_it_is_wanted() {
    let bench = Bench::new(&[], "");
    let imsi = |mask_imsi| {
        let options = BackupOptions { mask_imsi, ..BackupOptions::default() };
        let backup = bench.backup(0, &mut NoPin, &options).unwrap();
        backup.contents().unwrap().imsi.value().unwrap().clone()
    };
    let (masked, whole) = (imsi(true), imsi(false));
    assert!(whole.len() == 15 && whole.starts_with("99901") && whole.bytes().all(|digit| digit.is_ascii_digit()));
    assert_eq!(masked, format!("99901********{}", &whole[13..]));
    let directory = bench.path("masked");
    let files = bench
        .backup(0, &mut NoPin, &BackupOptions::default())
        .unwrap()
        .write(&directory, Access::Owner, Existing::Refuse)
        .unwrap();
    for file in files {
        let content = std::fs::read(&file.path).unwrap();
        assert!(!String::from_utf8_lossy(&content).contains(&whole), "{}", file.name);
    }
}

#[test]
fn nothing_is_replaced() {
    let bench = Bench::new(&[], "");
    let backup = bench.backup(0, &mut NoPin, &BackupOptions::default()).unwrap();
    let directory = bench.path("backup");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("messages.csv"), "mine").unwrap();
    let error = backup.write(&directory, Access::Owner, Existing::Refuse).unwrap_err();
    assert_eq!(error.id, Id::BackupExists);
    assert!(error.message().contains("messages.csv"), "{error}");
    assert_eq!(std::fs::read_dir(&directory).unwrap().count(), 1, "nothing was written beside it");
    assert_eq!(std::fs::read(directory.join("messages.csv")).unwrap(), b"mine");
    std::fs::remove_file(directory.join("messages.csv")).unwrap();
    std::os::unix::fs::symlink("/nowhere", directory.join("sim.json")).unwrap();
    assert_eq!(backup.write(&directory, Access::Owner, Existing::Refuse).unwrap_err().id, Id::BackupExists);
    // A file where the directory should be.
    std::fs::write(bench.path("file"), "").unwrap();
    assert_eq!(backup.write(&bench.path("file"), Access::Owner, Existing::Refuse).unwrap_err().id, Id::OutputFile);
}

#[test]
fn a_pin_that_is_right_wrong_missing_blocked() {
    let bench = Bench::new(&[], "1234");
    let mut ask = Knows("1234", 0);
    let backup = bench.backup(0, &mut ask, &BackupOptions::default()).unwrap();
    assert!(backup.is_complete() && ask.1 == 1);

    let backup = bench.backup(0, &mut NoPin, &BackupOptions::default()).unwrap();
    assert_eq!(
        told(&backup),
        "No PIN was given; 3 tries left.\n\
         Without the PIN these were not read: the IMSI, the SIM's own number, phone book, messages, numbers dialled last.\n"
    );
    assert!(!backup.is_complete());

    for left in ["2 tries left.", "1 try left.", "blocked now"] {
        let mut ask = Knows("9999", 0);
        let backup = bench.backup(0, &mut ask, &BackupOptions::default()).unwrap();
        assert!(told(&backup).contains(left) && ask.1 == 1, "{}", told(&backup));
    }
    let mut ask = Knows("1234", 0);
    let backup = bench.backup(0, &mut ask, &BackupOptions::default()).unwrap();
    assert_eq!(ask.1, 0, "nobody is asked for a PIN that is blocked");
    assert!(told(&backup).starts_with("The PIN is blocked: only the PUK"), "{}", told(&backup));
    // What is free is written all the same.
    let files = backup.write(&bench.path("locked"), Access::Owner, Existing::Refuse).unwrap();
    let names: Vec<_> = files.iter().map(|file| file.name).collect();
    assert_eq!(names, ["profile.json", "icon.png", "sim.json"]);
    let sim = json(&files[2].path);
    assert_eq!(sim["sim"]["contacts"]["state"], "needs_pin");
    assert_eq!(sim["sim"]["contacts"]["tries_left"], 0);
    assert_eq!(sim["sim"]["pin"]["state"], "blocked");
}

#[test]
fn a_disabled_profile_is_left_alone_unless_it_is_wanted() {
    let bench = Bench::new(&[], "");
    let backup = bench.backup(1, &mut NoPin, &BackupOptions::default()).unwrap();
    assert!(matches!(backup.sim, SimResult::NotEnabled) && !backup.is_complete());
    assert_eq!(told(&backup), "The profile is disabled, so its SIM was not read.\n");
    assert_eq!(bench.enabled(), [true, false]);
    let names: Vec<_> = backup
        .write(&bench.path("described"), Access::Owner, Existing::Refuse)
        .unwrap()
        .iter()
        .map(|file| file.name)
        .collect();
    assert_eq!(names, ["profile.json", "icon.png"]);

    let backup = bench.backup(1, &mut Knows("5678", 0), &ENABLE).unwrap();
    assert!(backup.is_complete(), "{}", told(&backup));
    assert_eq!(backup.contents().unwrap().provider.value().unwrap(), "Wanderer");
    let switched = backup.switched.as_ref().unwrap();
    assert!(switched.restored.is_ok());
    let (first, second) = (&bench.iccids[0], &bench.iccids[1]);
    assert_eq!(
        told(&backup),
        format!("Europe 30 days ({second}) was enabled for the backup.\nFlat 20 GB ({first}) is enabled again.\n")
    );
    assert_eq!(bench.enabled(), [true, false]);
    // Each switch is on record.
    let database = crate::Database::open(bench.manager.paths()).unwrap();
    let commands: Vec<String> = database.journal(10).unwrap().into_iter().map(|entry| entry.command).collect();
    assert_eq!(commands, ["enable", "enable"]);
}

#[test]
fn where_none_was_enabled_none_is_afterwards() {
    let bench = Bench::with(&[], vec![NewProfile::named("Wanderer", "Europe 30 days")]);
    let backup = bench.backup(0, &mut NoPin, &ENABLE).unwrap();
    assert!(backup.is_complete(), "{}", told(&backup));
    assert!(told(&backup).ends_with("is disabled again.\n"), "{}", told(&backup));
    assert_eq!(bench.enabled(), [false]);
}

#[test]
fn the_former_state_comes_back_after_a_failure_too() {
    let bench = Bench::new(&[], "");
    let backup = bench.backup(1, &mut Knows("9999", 0), &ENABLE).unwrap();
    assert!(!backup.is_complete() && backup.switched.unwrap().restored.is_ok());
    assert_eq!(bench.enabled(), [true, false]);

    // A card that does not enable it, and one that then does not enable the former one either.
    let bench = Bench::new(&["lies-about-switch"], "");
    let error = bench.backup(1, &mut NoPin, &ENABLE).unwrap_err();
    assert_eq!((error.id, error.state), (Id::CardUntrue, State::NotDone));
    assert_eq!(bench.enabled(), [true, false]);
    let bench = Bench::new(&["half-done"], "");
    let error = bench.backup(1, &mut NoPin, &ENABLE).unwrap_err();
    assert_eq!(bench.enabled(), [false, false]);
    assert!(error.message().contains("The former state could not be restored: "), "{}", error.message());

    // Stopped by the user while it was enabled.
    let bench = Bench::new(&[], "");
    let stop = bench.manager.interrupt().0.clone();
    struct Stops(std::sync::Arc<std::sync::atomic::AtomicBool>);
    impl AskPin for Stops {
        fn ask(&mut self, _: &PinRequest) -> Option<Pin> {
            self.0.store(true, std::sync::atomic::Ordering::Relaxed);
            None
        }
    }
    let backup = bench.backup(1, &mut Stops(stop), &ENABLE).unwrap();
    assert!(matches!(&backup.sim, SimResult::Failed(error) if error.id == Id::Interrupted), "{}", told(&backup));
    assert!(backup.switched.as_ref().unwrap().restored.is_ok(), "{}", told(&backup));
    assert_eq!(bench.enabled(), [true, false]);
}

#[test]
fn a_profile_that_could_not_be_disabled_again_is_not_enabled() {
    let one_way = NewProfile { policy_rules: vec![PprIds::PPR1], ..NewProfile::named("Sticky", "For ever") };
    let bench = Bench::with(&[], vec![one_way]);
    let error = bench.backup(0, &mut NoPin, &ENABLE).unwrap_err();
    assert_eq!((error.id, error.state), (Id::BackupOneWay, State::Unchanged));
    assert_eq!(bench.enabled(), [false]);
}

#[test]
fn sims_without_phone_book_and_with_garbage() {
    let bench = Bench::new(&["no-phone-book"], "");
    let backup = bench.backup(0, &mut NoPin, &BackupOptions::default()).unwrap();
    assert!(backup.is_complete(), "{}", told(&backup));
    let names: Vec<_> = backup
        .write(&bench.path("backup"), Access::Owner, Existing::Refuse)
        .unwrap()
        .iter()
        .map(|file| file.name)
        .collect();
    assert!(!names.contains(&"contacts.vcf") && names.contains(&"messages.csv"), "{names:?}");

    let bench = Bench::new(&["garbage-records"], "");
    let backup = bench.backup(0, &mut NoPin, &BackupOptions::default()).unwrap();
    assert!(told(&backup).contains("messages: 5 records without a meaning, kept as they are."), "{}", told(&backup));
    backup.write(&bench.path("backup"), Access::Owner, Existing::Refuse).unwrap();
    let sim = json(&bench.path("backup/sim.json"));
    assert_eq!(sim["sim"]["messages"]["value"]["damaged"][0]["raw"].as_str().unwrap().len(), 352);
}
