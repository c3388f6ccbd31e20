//! The languages of modems, and the lines that each can be spoken on: the one place where a language is plugged in.

use std::io::{Error, ErrorKind};
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::at::AtVoice;
use super::line::{ProxySocket, Pty};
use super::mbim::{MbimModem, MbimVoice};
use super::qmi::QmiModem;
use super::qrtr::QrtrNode;
use super::quirk::ModemQuirk;
use super::sim::Modem;

/// What a modem speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// AT commands on a terminal.
    At,
    /// QMI, framed by QMUX.
    Qmi,
    /// MBIM.
    Mbim,
    /// QMI over QRTR sockets.
    Qrtr,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::At, Self::Qmi, Self::Mbim, Self::Qrtr];

    /// Its name, on the command line and in names of devices.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::At => "at",
            Self::Qmi => "qmi",
            Self::Mbim => "mbim",
            Self::Qrtr => "qrtr",
        }
    }

    /// The abstract socket of the daemon that shares a port of this language.
    #[must_use]
    pub const fn proxy(self) -> Option<&'static str> {
        match self {
            Self::Qmi => Some("qmi-proxy"),
            Self::Mbim => Some("mbim-proxy"),
            Self::At | Self::Qrtr => None,
        }
    }

    /// Whether a quirk is about it.
    #[must_use]
    pub fn has(self, quirk: ModemQuirk) -> bool {
        let speaks = quirk.describe().speaks;
        speaks == "any" || speaks.split(' ').any(|name| name == self.name())
    }
}

/// Where a modem can be talked to.
#[derive(Debug)]
pub enum Line {
    /// At a terminal of its own.
    Pty(Pty),
    /// In place of the proxy: under its name.
    Proxy(ProxySocket, &'static str),
    /// At a node of QRTR.
    Node(QrtrNode),
}

impl Line {
    /// Opens the line that a modem of this language is spoken to on, `as_proxy` or at a port; `link` becomes a symbolic
    /// link to that.
    pub fn open(language: Language, link: Option<&Path>, as_proxy: bool) -> std::io::Result<Self> {
        match (language, language.proxy()) {
            (Language::Qrtr, _) => Ok(Self::Node(QrtrNode::open()?)),
            (_, Some(name)) if as_proxy => Ok(Self::Proxy(ProxySocket::bind(name)?, name)),
            (_, None) if as_proxy => Err(unsupported(format!("there is no proxy for {}", language.name()))),
            _ => Ok(Self::Pty(Pty::open(link)?)),
        }
    }

    /// What a host opens. Clients of a proxy name a device to it; theirs insist that it is one.
    #[must_use]
    pub fn port(&self) -> String {
        match self {
            Self::Pty(pty) => pty.path().display().to_string(),
            Self::Proxy(..) => "/dev/null".into(),
            Self::Node(node) => node.number().map(|number| number.to_string()).unwrap_or_default(),
        }
    }

    /// Lets `modem` speak on it until `stop` is set, or the modem ends it.
    pub fn serve(self, language: Language, modem: Modem, stop: &AtomicBool) -> std::io::Result<()> {
        match (language, self) {
            (Language::Mbim, Self::Pty(pty)) => pty.serve(&mut MbimModem::new(modem).voice(), stop),
            (Language::Mbim, Self::Proxy(socket, _)) => {
                let modem = MbimModem::new(modem).shared();
                socket.serve(&|| MbimVoice::of_proxy(&modem), stop)
            }
            (Language::At, Self::Pty(pty)) => pty.serve(&mut AtVoice::new(modem), stop),
            (Language::Qmi, Self::Pty(pty)) => pty.serve(&mut QmiModem::new(modem).at_port(), stop),
            (Language::Qmi, Self::Proxy(socket, _)) => {
                let modem = QmiModem::new(modem);
                socket.serve(&|| modem.as_proxy(), stop)
            }
            (Language::Qrtr, Self::Node(node)) => node.serve(&QmiModem::new(modem), stop),
            (language, line) => Err(unsupported(format!("{} is not spoken at {}", language.name(), line.port()))),
        }
    }
}

fn unsupported(why: String) -> Error {
    Error::new(ErrorKind::Unsupported, why)
}
