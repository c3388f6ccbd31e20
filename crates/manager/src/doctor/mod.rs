//! Why it does not work, and the command that mends it.
//!
//! Looks from the outside inwards: what is kept, what the system has, what the readers hold, what the cards are. Each
//! [`Check`] is a finding with its remedy. Nothing is changed but a file that proves a directory writable.

mod limits;
mod modems;
mod quirks;
mod rollbacks;

use std::path::{Path, PathBuf};

use crate::database::Database;
use crate::device::{DeviceEntry, discover};
use crate::error::{Error, Id};
use crate::state::filesystem::FileSystem;
use crate::state::modes::{self, Openness};
use crate::{Manager, Waiting};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// All is well.
    Good,
    /// Worth knowing.
    Note,
    /// This is why it does not work.
    Bad,
}

impl Finding {
    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "ok",
            Self::Note => "note",
            Self::Bad => "fail",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone)]
pub struct Check {
    /// Its stable name.
    pub name: &'static str,
    /// How it came out.
    pub finding: Finding,
    /// What was found, in a sentence.
    pub message: String,
    /// What mends it.
    pub remedy: Option<String>,
}

impl Check {
    fn good(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, finding: Finding::Good, message: message.into(), remedy: None }
    }

    fn note(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, finding: Finding::Note, message: message.into(), remedy: Some(remedy.into()) }
    }

    /// Something worth knowing that nothing has to be done about.
    fn prose(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, finding: Finding::Note, message: message.into(), remedy: None }
    }

    fn bad(name: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { name, finding: Finding::Bad, message: message.into(), remedy: Some(remedy.into()) }
    }

    fn from_error(name: &'static str, error: &Error) -> Self {
        let message = match error.cause.as_str() {
            "" => error.message(),
            cause => format!("{} ({cause})", error.message()),
        };
        Self::bad(name, message, error.next())
    }
}

/// What lets a user that is not at the machine reach pcscd: polkit asks for a rule there.
const POLKIT_RULE: &str = r#"sudo tee /etc/polkit-1/rules.d/50-esimctl-pcsc.rules <<'EOF'
polkit.addRule(function(action, subject) {
    if (action.id.indexOf("org.debian.pcsc-lite.") == 0 && subject.isInGroup("plugdev")) {
        return polkit.Result.YES;
    }
});
EOF
sudo adduser "$USER" plugdev    # then log in again"#;

/// Looks at everything.
#[must_use]
pub fn examine(manager: &Manager) -> Vec<Check> {
    let state = state_directory(manager);
    let is_writable = state.finding == Finding::Good;
    let mut checks = vec![configuration(manager), state, database(manager, is_writable)];
    checks.extend(open_directory(manager));
    let devices = discover(manager, true);
    let readers = devices.entries.iter().filter(|entry| entry.kind == "pcsc").count();
    if cfg!(feature = "pcsc") {
        checks.push(service(&devices.problems, readers));
        checks.extend(usb_readers(&devices.problems, readers));
    } else {
        checks.push(Check::note(
            "pcsc",
            "This build cannot talk to smart card readers.",
            "Build with the feature 'pcsc'.",
        ));
    }
    checks.extend(modems::examine(manager, &devices.entries));
    checks.extend(devices.entries.iter().filter(|entry| entry.port.is_none()).map(card));
    checks.extend(quirks::examine(&devices.entries));
    checks.extend(quirks::hints(&devices.entries));
    let named = named(manager, &devices.entries);
    let named_works = named.first().is_some_and(|check| check.finding == Finding::Good);
    checks.extend(named);
    checks.extend(devices.entries.iter().flat_map(|entry| read_card(manager, entry)));
    checks.push(notifications(manager));
    // Whoever uses a card goes back first: what is open now could not be undone, or is not due.
    checks.extend(rollbacks::examine(manager));
    if !named_works && !devices.entries.iter().any(DeviceEntry::is_usable) {
        checks.push(Check::bad(
            "usable",
            "No device can be used.",
            "Mend what is said above. To try things out without hardware: esimctl virtual create demo",
        ));
    }
    checks
}

/// The device that was named, where it is none of those that are found by themselves: a port that no driver made, a program.
fn named(manager: &Manager, entries: &[DeviceEntry]) -> Vec<Check> {
    let Some(device) = manager.named_device() else { return Vec::new() };
    if entries.iter().any(|entry| device.split(',').next() == Some(&entry.device)) {
        return Vec::new();
    }
    match manager.session().and_then(|mut session| session.card()?.eid()) {
        Ok(eid) => {
            let mut checks = vec![Check::good("device", format!("{device}: eUICC with EID {eid}."))];
            checks.extend(limits::read(manager, manager.session(), device));
            checks
        }
        Err(error) => vec![Check::from_error("device", &error)],
    }
}

/// Reads the eUICCs of a device that answered: what waits on them, and what they say against downloads.
fn read_card(manager: &Manager, entry: &DeviceEntry) -> Vec<Check> {
    let count = entry.elements.as_ref().filter(|_| entry.problem.is_none()).map_or(0, Vec::len);
    let read = |index: usize| {
        let device = if index == 0 { entry.device.clone() } else { format!("{},se={index}", entry.device) };
        limits::read(manager, device.parse().and_then(|spec| manager.session_at(spec)), &device)
    };
    (0..count).flat_map(read).collect()
}

/// The notifications that wait for the operators' servers. The cards that can be read were asked before.
fn notifications(manager: &Manager) -> Check {
    let waiting = manager.waiting();
    let Waiting { outbox, cards, nameless, nameless_on_cards } = waiting;
    let waits = format!("Notifications wait for operators' servers: {outbox} in the outbox, {cards} only on a card.");
    let nobody = format!(
        "Notifications that name no server and cannot be sent: {nameless} in the outbox, {nameless_on_cards} only on a card."
    );
    match (waiting.total(), nameless + nameless_on_cards) {
        (0, 0) => Check::good("notifications", "No notification waits for an operator's server."),
        (0, _) if nameless > 0 => Check::note("notifications", nobody, "esimctl outbox list"),
        (0, _) => Check::note("notifications", nobody, "esimctl notifications list"),
        (_, 0) => Check::note("notifications", waits, "esimctl notifications send --all"),
        (..) => Check::note("notifications", format!("{waits} {nobody}"), "esimctl notifications send --all"),
    }
}

/// A card remembers by itself what it listed; one that cannot be read is told of by another check.
fn note_what_waits<T>(listed: Result<T, Error>) {
    if let Err(error) = listed {
        log::info!("the card does not say what waits on it: {error}");
    }
}

fn configuration(manager: &Manager) -> Check {
    // An invalid one has been refused before it came to this.
    let files = manager.paths().config_files();
    let valid: Vec<String> = files.iter().filter(|file| file.exists()).map(|file| file.display().to_string()).collect();
    Check::good(
        "configuration",
        match (&valid[..], files.last()) {
            ([], Some(file)) => format!("{} does not exist; the defaults hold.", file.display()),
            ([one], _) => format!("{one} is valid."),
            (several, _) => format!("{} are valid.", several.join(" and ")),
        },
    )
}

fn state_directory(manager: &Manager) -> Check {
    let directory = manager.paths().state();
    let written = manager.paths().make_state().and_then(|()| {
        private_files::probe_directory(directory)
            .map_err(|error| Error::new(Id::StateDirectory).with("path", directory.display()).cause(error))
    });
    match written {
        Ok(()) => Check::good(
            "state_directory",
            match FileSystem::of(directory) {
                FileSystem::Remote(name) => format!(
                    "{} can be written. It is on a disk of another machine or program ({name}): use it from one machine at \
                     a time.",
                    directory.display()
                ),
                _ => format!("{} can be written.", directory.display()),
            },
        ),
        Err(error) => Check::from_error("state_directory", &error),
    }
}

/// A state directory that other things are in, so that its permissions are not put right by themselves.
fn open_directory(manager: &Manager) -> Option<Check> {
    let directory = manager.paths().state();
    let path = directory.display();
    let check = |message: String, remedy: String| Some(Check::note("state_directory_open", message, remedy));
    match modes::openness(directory)? {
        Openness::Readable => check(
            format!("Other users can see which files are in {path}. What is in the files stays private."),
            format!("chmod 700 '{path}'"),
        ),
        // Such are shared on purpose.
        Openness::Sticky => check(
            format!(
                "Other users can see which files are in {path}, and can create files there. What is in esimctl's files \
                 stays private."
            ),
            "Move esimctl's files to a directory of their own, and name it with --state-dir.".to_owned(),
        ),
        Openness::Writable => check(
            format!(
                "Other users can create files in {path}, and can remove esimctl's files or put others in their place."
            ),
            format!("chmod 700 '{path}'"),
        ),
    }
}

fn database(manager: &Manager, is_writable: bool) -> Check {
    let path = manager.paths().database();
    if !path.exists() {
        return Check::good("database", "There is no database yet; the first change makes one.");
    }
    // The database can be opened where nothing can be added to it.
    if !is_writable && Database::peek(manager.paths()).is_some() {
        let message = format!("{} can be read, but not written.", path.display());
        return Check::note("database", message, "See what is said of the state directory.");
    }
    match Database::open(manager.paths()) {
        Ok(_) => Check::good("database", format!("{} can be read and written.", path.display())),
        Err(error) => Check::from_error("database", &error),
    }
}

fn service(problems: &[Error], readers: usize) -> Check {
    let problem = problems
        .iter()
        .find(|error| matches!(error.id, Id::PcscNotRunning | Id::PcscNoAccess | Id::PcscHangs | Id::PcscFailed));
    let Some(error) = problem else {
        return Check::good("pcsc", format!("The PC/SC service runs and knows {readers} reader(s)."));
    };
    let mut check = Check::from_error("pcsc", error);
    check.remedy = Some(match error.id {
        Id::PcscNotRunning if !Path::new("/usr/sbin/pcscd").exists() => "sudo apt install pcscd".into(),
        Id::PcscNotRunning => "sudo systemctl enable --now pcscd.socket".into(),
        Id::PcscNoAccess => POLKIT_RULE.into(),
        _ => error.next(),
    });
    // Without readers at all, the service may well be missing on purpose: a laptop with a modem, a test machine.
    if error.id == Id::PcscNotRunning && usb_interfaces().is_empty() {
        check.finding = Finding::Note;
    }
    check
}

/// Smart card readers that are plugged in but not known to the service lack their driver.
fn usb_readers(problems: &[Error], readers: usize) -> Option<Check> {
    let plugged = usb_interfaces();
    if plugged.is_empty() {
        return (readers == 0).then(|| {
            Check::note("usb", "No smart card reader is plugged in by USB.", "Plug one in, if there is to be one.")
        });
    }
    let names = plugged.join(", ");
    if readers == 0 && problems.is_empty() {
        let message = format!("Plugged in by USB, but not known to the PC/SC service: {names}.");
        return Some(Check::bad("usb", message, "sudo apt install libccid && sudo systemctl restart pcscd"));
    }
    Some(Check::good("usb", format!("Plugged in by USB: {names}.")))
}

/// The USB devices with an interface of the class of smart card readers (CCID, 0B).
fn usb_interfaces() -> Vec<String> {
    let Ok(entries) = std::fs::read_dir("/sys/bus/usb/devices") else { return Vec::new() };
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let mut names: Vec<String> = entries
        .flatten()
        .filter(|interface| read(interface.path().join("bInterfaceClass")) == "0b")
        .map(|interface| {
            let device = interface.path().join("..");
            let [maker, product] = ["manufacturer", "product"].map(|file| read(device.join(file)));
            let name = format!("{maker} {product}").trim().to_owned();
            if name.is_empty() { interface.file_name().to_string_lossy().into_owned() } else { name }
        })
        .collect();
    names.sort();
    names.dedup();
    names
}

fn card(entry: &DeviceEntry) -> Check {
    match (&entry.problem, &entry.elements) {
        (Some(error), _) if matches!(error.id, Id::ReaderEmpty | Id::DeviceLocked) => {
            Check::note("card", format!("{}: {}", entry.device, error.message()), error.next())
        }
        (Some(error), _) => {
            let mut check = Check::from_error("card", error);
            check.message = format!("{}: {}", entry.device, check.message);
            check
        }
        (None, elements) => {
            let eids: Vec<String> = elements.iter().flatten().map(|element| element.eid.to_string()).collect();
            let others: Vec<String> =
                (1..eids.len()).map(|index| format!("--device {},se={index}", entry.device)).collect();
            let message = match &others[..] {
                [] => format!("{}: an eUICC, EID {}.", entry.device, eids.join(" and ")),
                others => format!(
                    "{}: {} eUICCs, EID {}. Commands use the first one, unless told: {}",
                    entry.device,
                    eids.len(),
                    eids.join(" and "),
                    others.join(" ")
                ),
            };
            Check::good("card", message)
        }
    }
}
