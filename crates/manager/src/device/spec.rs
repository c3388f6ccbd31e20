//! How a device is named on the command line: `KIND:NAME,option=value,...`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use card_io::modem::{Learnt, ModemAddress, Proxy};
use sgp22::id::Aid;

use super::program::ProgramCommand;
use crate::error::{Error, Id};

/// A device as the user names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceSpec {
    /// Which one.
    pub kind: DeviceKind,
    /// How to talk to it.
    pub options: DeviceOptions,
}

/// The kinds of device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeviceKind {
    /// A virtual card of the state directory.
    Virtual(String),
    /// A card in a PC/SC reader: by a part of its name or its index, or the only one with a card.
    Pcsc(Option<String>),
    /// A recording.
    Replay(PathBuf),
    /// A card behind a modem.
    Modem(ModemAddress),
    /// A program that carries APDUs as JSON lines over its standard input and output.
    Stdio(ProgramCommand),
}

/// Options behind the name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceOptions {
    /// The AID of the ISD-R.
    pub aid: Option<Aid>,
    /// The longest command data, in bytes.
    pub mss: Option<u8>,
    /// The secure element, from 0.
    pub se: Option<usize>,
    /// How long the card may take for an ordinary command.
    pub timeout: Option<Duration>,
    /// The modem's card slot, from 1.
    pub slot: Option<u8>,
    /// Whether a control port is shared with other programs through a proxy.
    pub proxy: Proxy,
    /// Names of modem quirks to go by, whatever the modem is.
    pub quirks: Vec<String>,
    /// How to treat it, in place of what was learnt about it.
    pub(crate) learnt: Option<Learnt>,
}

impl FromStr for DeviceSpec {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let (name, given) = split_options(text);
        // A command line may hold secrets: it is in no error.
        let told = name.strip_prefix("stdio:").map(|command| ProgramCommand::from(command).to_string());
        let told = told.as_deref().unwrap_or(text);
        let error = |why: &str| Error::new(Id::DeviceSyntax).with("device", told).with("why", why);
        let kind = match name.split_once(':') {
            Some(("virtual", "")) => return Err(error("the name of the virtual card is missing")),
            Some(("virtual", name)) => DeviceKind::Virtual(name.into()),
            Some(("pcsc", "")) => DeviceKind::Pcsc(None),
            Some(("pcsc", reader)) => DeviceKind::Pcsc(Some(reader.into())),
            Some(("replay", "")) => return Err(error("the name of the recording is missing")),
            Some(("replay", path)) => DeviceKind::Replay(path.into()),
            Some(("stdio", "")) => return Err(error("the command line of the program is missing")),
            Some(("stdio", command)) => DeviceKind::Stdio(command.into()),
            Some(("at" | "at-csim" | "qmi" | "mbim", "")) => return Err(error("the port is missing")),
            Some(("at", port)) => DeviceKind::Modem(ModemAddress::At(port.into())),
            Some(("at-csim", port)) => DeviceKind::Modem(ModemAddress::AtCsim(port.into())),
            Some(("qmi", port)) => DeviceKind::Modem(ModemAddress::Qmi(port.into())),
            Some(("mbim", port)) => DeviceKind::Modem(ModemAddress::Mbim(port.into())),
            Some(("qrtr", "")) => DeviceKind::Modem(ModemAddress::Qrtr(None)),
            Some(("qrtr", node)) => DeviceKind::Modem(ModemAddress::Qrtr(Some(
                node.parse().map_err(|_| error("the node of a qrtr: device is a number"))?,
            ))),
            None if name == "pcsc" => DeviceKind::Pcsc(None),
            None if name == "qrtr" => DeviceKind::Modem(ModemAddress::Qrtr(None)),
            Some((kind, _)) => return Err(error(&format!("there is no kind of device '{kind}'"))),
            None => {
                return Err(error(
                    "it has to begin with virtual:, pcsc, at:, at-csim:, qmi:, qrtr:, mbim:, stdio: or replay:",
                ));
            }
        };
        let mut options = DeviceOptions::default();
        for (name, value) in given {
            match name {
                "aid" => {
                    options.aid = Some(value.parse().map_err(|_| error("aid= takes 10 to 32 hexadecimal digits"))?);
                }
                "mss" => match value.parse() {
                    Ok(mss @ 16..=255) => options.mss = Some(mss),
                    _ => return Err(error("mss= takes a number of bytes from 16 to 255")),
                },
                "se" => options.se = Some(value.parse().map_err(|_| error("se= takes a number, from 0"))?),
                "timeout" => match value.parse() {
                    Ok(seconds @ 1..=3600) => options.timeout = Some(Duration::from_secs(seconds)),
                    _ => return Err(error("timeout= takes a number of seconds from 1 to 3600")),
                },
                "slot" => match value.parse() {
                    Ok(slot @ 1..=8) => options.slot = Some(slot),
                    _ => return Err(error("slot= takes a number from 1 to 8")),
                },
                "proxy" => {
                    options.proxy = match value {
                        "auto" => Proxy::Auto,
                        "yes" => Proxy::Yes,
                        "no" => Proxy::No,
                        _ => return Err(error("proxy= takes auto, yes or no")),
                    }
                }
                "quirk" => options.quirks.push(value.into()),
                name => return Err(error(&format!("there is no option '{name}'"))),
            }
        }
        Ok(Self { kind, options })
    }
}

/// All options. A word of a command line can look like one, so that only these are taken from behind `stdio:`.
const OPTIONS: [&str; 7] = ["aid", "mss", "se", "timeout", "slot", "proxy", "quirk"];

/// Splits the options off the end. Names of readers can have commas, too, so only what has a `=` is an option.
fn split_options(text: &str) -> (&str, Vec<(&str, &str)>) {
    let (mut name, mut options) = (text, Vec::new());
    while let Some((before, option)) = name.rsplit_once(',')
        && let Some(option) = option.split_once('=')
        && (!text.starts_with("stdio:") || OPTIONS.contains(&option.0))
    {
        name = before;
        options.push(option);
    }
    options.reverse();
    (name, options)
}

impl std::fmt::Display for DeviceKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Virtual(name) => write!(f, "virtual:{name}"),
            Self::Pcsc(None) => f.write_str("pcsc"),
            Self::Pcsc(Some(reader)) => write!(f, "pcsc:{reader}"),
            Self::Replay(path) => write!(f, "replay:{}", path.display()),
            Self::Stdio(command) => write!(f, "{command}"),
            Self::Modem(ModemAddress::At(port)) => write!(f, "at:{}", port.display()),
            Self::Modem(ModemAddress::AtCsim(port)) => write!(f, "at-csim:{}", port.display()),
            Self::Modem(ModemAddress::Qmi(port)) => write!(f, "qmi:{}", port.display()),
            Self::Modem(ModemAddress::Qrtr(None)) => f.write_str("qrtr:"),
            Self::Modem(ModemAddress::Qrtr(Some(node))) => write!(f, "qrtr:{node}"),
            Self::Modem(ModemAddress::Mbim(port)) => write!(f, "mbim:{}", port.display()),
        }
    }
}

impl std::fmt::Display for DeviceOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { aid, mss, se, timeout, slot, proxy, quirks, learnt: _ } = self;
        let mut option = |name: &str, value: Option<String>| match value {
            Some(value) => write!(f, ",{name}={value}"),
            None => Ok(()),
        };
        option("aid", aid.as_ref().map(ToString::to_string))?;
        option("mss", mss.map(|mss| mss.to_string()))?;
        option("se", se.map(|index| index.to_string()))?;
        option("timeout", timeout.map(|time| time.as_secs().to_string()))?;
        option("slot", slot.map(|slot| slot.to_string()))?;
        let proxy = match proxy {
            Proxy::Auto => None,
            Proxy::Yes => Some("yes".to_owned()),
            Proxy::No => Some("no".to_owned()),
        };
        option("proxy", proxy)?;
        quirks.iter().try_for_each(|quirk| option("quirk", Some(quirk.clone())))
    }
}

impl std::fmt::Display for DeviceSpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", self.kind, self.options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_options() {
        let spec: DeviceSpec =
            "pcsc:Virtual PCD 00 01,aid=A0000005591010FFFFFFFF8900050500,mss=120,se=1,timeout=5".parse().unwrap();
        assert_eq!(spec.kind, DeviceKind::Pcsc(Some("Virtual PCD 00 01".into())));
        assert_eq!((spec.options.mss, spec.options.se), (Some(120), Some(1)));
        assert_eq!(spec.options.timeout, Some(Duration::from_secs(5)));
        let comma: DeviceSpec = "pcsc:Purism, SPC Librem Key 00 00,se=1".parse().unwrap();
        assert_eq!(comma.kind, DeviceKind::Pcsc(Some("Purism, SPC Librem Key 00 00".into())));
        assert_eq!(comma.options.se, Some(1));
        assert_eq!("pcsc".parse::<DeviceSpec>().unwrap().kind, DeviceKind::Pcsc(None));
        assert_eq!("virtual:demo".parse::<DeviceSpec>().unwrap().kind.to_string(), "virtual:demo");
        let program: DeviceSpec = "stdio:card --set a,b=c -x 'y z',mss=120,se=1".parse().unwrap();
        assert_eq!(program.kind, DeviceKind::Stdio("card --set a,b=c -x 'y z'".into()));
        assert_eq!((program.options.mss, program.options.se), (Some(120), Some(1)));
        assert_eq!("replay:a/b.jsonl".parse::<DeviceSpec>().unwrap().kind, DeviceKind::Replay("a/b.jsonl".into()));
    }

    #[test]
    fn what_is_written_is_read_as_the_same() {
        for text in [
            "virtual:demo",
            "pcsc:Purism, SPC Librem Key 00 00,se=1",
            "at:/dev/ttyUSB2",
            "qmi:/dev/cdc-wdm0,aid=A0000005591010FFFFFFFF8900050500,mss=120,se=1,timeout=5,slot=2,proxy=no,quirk=a,quirk=b",
            "mbim:/dev/cdc-wdm0,proxy=yes",
        ] {
            let spec: DeviceSpec = text.parse().unwrap();
            assert_eq!(spec.to_string(), text);
            assert_eq!(spec.to_string().parse::<DeviceSpec>().unwrap(), spec);
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("", "begin with"),
            ("demo", "begin with"),
            ("virtual:", "missing"),
            ("usb:1", "'usb'"),
            ("pcsc,speed=1", "'speed'"),
            ("pcsc,mss=0", "mss="),
            ("pcsc,mss=300", "mss="),
            ("pcsc,aid=XY", "aid="),
            ("pcsc,se=x", "se="),
            ("pcsc,timeout=0", "timeout="),
        ] {
            let error = text.parse::<DeviceSpec>().unwrap_err();
            assert!(error.message().contains(word), "{text}: {}", error.message());
        }
    }
}
