//! The ways from the program to the virtual card called `card`: by itself, behind a modem, behind another program.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use manager::virtual_modems::{Language, ModemQuirk};
use rustix::fs::{Mode, OFlags, open};

use crate::common::{PATIENCE, Sandbox};
use crate::server::Server;

/// How the card is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Carrier {
    /// The program plays the card itself.
    InProcess,
    /// A modem that speaks AT, by AT+CGLA.
    At,
    /// The same, by AT+CSIM.
    AtCsim,
    Qmi,
    Mbim,
    /// A program that carries lines of JSON.
    Stdio,
}

impl Carrier {
    /// All but the program itself.
    pub const OUTSIDE: [(Self, &'static str); 5] =
        [(Self::At, "at"), (Self::AtCsim, "at-csim"), (Self::Qmi, "qmi"), (Self::Mbim, "mbim"), (Self::Stdio, "stdio")];

    /// What the modem speaks, if there is one.
    pub fn language(self) -> Option<Language> {
        match self {
            Self::InProcess | Self::Stdio => None,
            Self::At | Self::AtCsim => Some(Language::At),
            Self::Qmi => Some(Language::Qmi),
            Self::Mbim => Some(Language::Mbim),
        }
    }

    /// Whether a quirk is about it.
    pub fn has(self, quirk: ModemQuirk) -> bool {
        self.language().is_some_and(|language| language.has(quirk))
    }

    /// Puts the card there. `patience`: the seconds that anything between may take.
    pub fn carry(self, sandbox: &Sandbox, quirks: &[&str], patience: u32) -> Carried {
        let Some(language) = self.language() else {
            let device = match self {
                Self::Stdio => {
                    format!("stdio:'{}' virtual stdio card,timeout={patience}", env!("CARGO_BIN_EXE_esimctl"))
                }
                _ => "virtual:card".into(),
            };
            return Carried { device, modem: None, held: Vec::new() };
        };
        let link = sandbox.path().join("modem");
        let mut arguments = vec!["modem", language.name(), "card", "--link", link.to_str().unwrap(), "--json"];
        quirks.iter().for_each(|quirk| arguments.extend(["--quirk", quirk]));
        let modem = Server::start(sandbox, &arguments);
        // Whatever proxy this machine runs, it is none of ours.
        let options = if language.proxy().is_some() { ",proxy=no" } else { "" };
        let form = if self == Self::AtCsim { "at-csim" } else { language.name() };
        let device = format!("{form}:{},timeout={patience}{options}", link.display());
        let mut carried = Carried { device, modem: Some((modem, link)), held: Vec::new() };
        carried.settle();
        carried
    }
}

/// The card where it was put; it is taken away with this.
pub struct Carried {
    /// What the program calls it.
    pub device: String,
    modem: Option<(Server, PathBuf)>,
    /// The terminals that it was at. None of them is given to the modem of another test as long as a program may hold the
    /// lock of that port.
    held: Vec<OwnedFd>,
}

impl Carried {
    /// Waits until a modem that left its bus is back, unless it left for good.
    pub fn settle(&mut self) {
        let Some((server, link)) = &mut self.modem else { return };
        let end = Instant::now() + PATIENCE;
        while !link.exists() && server.process.try_wait().unwrap().is_none() {
            assert!(Instant::now() < end, "the modem stays away");
            std::thread::sleep(Duration::from_millis(20));
        }
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
        self.held.extend(open(&*link, flags, Mode::empty()));
    }
}
