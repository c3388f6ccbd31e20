//! Which cases there are, what they are called, and which of them are run.

use std::fmt;
use std::str::FromStr;

use crate::carrier::Carrier;
use crate::random::Random;

/// What the user asks for while something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// A download, up to the delivery of the installation's result.
    Download,
    Enable,
    Disable,
    Rename,
    Delete,
    /// `delete --disable-first` of the profile that is enabled.
    DeleteEnabled,
    /// `reset --operational`.
    Reset,
    /// `notifications send --all`: fetched from the card, delivered, removed.
    Send,
    /// `outbox send`, without a card.
    Outbox,
    /// `recover`, after the program was killed when it had enabled a profile.
    Recover,
}

impl Operation {
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Download, "download"),
        (Self::Enable, "enable"),
        (Self::Disable, "disable"),
        (Self::Rename, "rename"),
        (Self::Delete, "delete"),
        (Self::DeleteEnabled, "delete-enabled"),
        (Self::Reset, "reset"),
        (Self::Send, "send"),
        (Self::Outbox, "outbox"),
        (Self::Recover, "recover"),
    ];
}

/// Where it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Channel {
    /// Between the program and the card.
    Apdu,
    /// Between the program and the server.
    Http,
}

impl Channel {
    const ALL: [(Self, &'static str); 2] = [(Self::Apdu, "apdu"), (Self::Http, "http")];

    /// What can go wrong there. `kill` strikes when the command or request was carried out, `kill-before` before that. A
    /// card that is unplugged during an HTTP exchange is one that is unplugged before the next APDU.
    pub const fn kinds(self) -> &'static [&'static str] {
        match self {
            Self::Apdu => &[
                "request-lost",
                "reply-lost",
                "cut",
                "garbage",
                "duplicate",
                "delay",
                "kill",
                "kill-before",
                "unplugged",
            ],
            Self::Http => {
                &["request-lost", "reply-lost", "cut", "garbage", "duplicate", "delay", "kill", "kill-before"]
            }
        }
    }
}

/// How many commands and requests an operation takes when nothing goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Baseline {
    pub carrier: Carrier,
    pub operation: Operation,
    pub apdus: u64,
    pub exchanges: u64,
}

/// One case, written as `download/apdu/cut@17`, or `qmi:download/apdu/cut@17` with the card behind a modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Case {
    pub carrier: Carrier,
    pub operation: Operation,
    pub channel: Channel,
    pub kind: &'static str,
    /// Number of the APDU or exchange, from 1.
    pub at: u64,
}

fn name<T: PartialEq + Copy>(table: &[(T, &'static str)], wanted: T) -> &'static str {
    table.iter().find(|(known, _)| *known == wanted).map_or("", |(_, name)| name)
}

fn named<T: Copy>(table: &[(T, &'static str)], name: &str) -> Option<T> {
    table.iter().find(|(_, known)| *known == name).map(|(value, _)| *value)
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(name(&Self::ALL, *self))
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let carrier = name(&Carrier::OUTSIDE, self.carrier);
        write!(f, "{carrier}{}", if carrier.is_empty() { "" } else { ":" })?;
        write!(f, "{}/{}/{}@{}", self.operation, name(&Channel::ALL, self.channel), self.kind, self.at)
    }
}

impl FromStr for Case {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = || {
            let (carrier, text) = match text.split_once(':') {
                Some((carrier, text)) => (named(&Carrier::OUTSIDE, carrier)?, text),
                None => (Carrier::InProcess, text),
            };
            let (path, at) = text.split_once('@')?;
            let [operation, channel, kind] = path.split('/').collect::<Vec<_>>()[..] else { return None };
            let channel = named(&Channel::ALL, channel)?;
            let kind = *channel.kinds().iter().find(|known| **known == kind)?;
            Some(Self { carrier, operation: named(&Operation::ALL, operation)?, channel, kind, at: at.parse().ok()? })
        };
        read().ok_or_else(|| format!("{text:?} is no case; one is written download/apdu/cut@17"))
    }
}

/// The positions of one kind of fault in one operation, as cases.
pub type Group = Vec<Case>;

/// All cases, grouped by operation, channel and kind.
pub fn all(baselines: &[Baseline]) -> Vec<Group> {
    let mut groups = Vec::new();
    for baseline in baselines {
        for (channel, count) in [(Channel::Apdu, baseline.apdus), (Channel::Http, baseline.exchanges)] {
            for kind in channel.kinds() {
                let case = |at| Case { carrier: baseline.carrier, operation: baseline.operation, channel, kind, at };
                groups.push((1..=count).map(case).collect());
            }
        }
    }
    groups.retain(|group: &Group| !group.is_empty());
    groups
}

/// `most` cases, no two of them from one group as long as there are others.
pub fn sample(mut groups: Vec<Group>, seed: u64, most: usize) -> Vec<Case> {
    let mut random = Random::new(seed);
    let mut chosen = Vec::new();
    while chosen.len() < most && !groups.is_empty() {
        for index in (1..groups.len()).rev() {
            groups.swap(index, random.below(index + 1));
        }
        for group in groups.iter_mut().take(most - chosen.len()) {
            chosen.push(group.swap_remove(random.below(group.len())));
        }
        groups.retain(|group| !group.is_empty());
    }
    chosen
}

#[test]
fn cases_are_written_and_read() {
    let baseline = Baseline { carrier: Carrier::Qmi, operation: Operation::Download, apdus: 3, exchanges: 2 };
    let beside = all(&[baseline]);
    assert_eq!(beside[0][0].to_string(), "qmi:download/apdu/request-lost@1");
    assert_eq!(beside[0][0].to_string().parse(), Ok(beside[0][0]));
    let groups = all(&[Baseline { carrier: Carrier::InProcess, ..baseline }]);
    assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), 3 * 9 + 2 * 8);
    for case in groups.iter().flatten() {
        assert_eq!(case.to_string().parse(), Ok(*case));
    }
    for wrong in [
        "",
        "download/apdu/cut",
        "download/http/unplugged@1",
        "download/apdu/cut@x",
        "a/apdu/cut@1",
        "a:enable/apdu/cut@1",
    ] {
        assert!(wrong.parse::<Case>().is_err(), "{wrong}");
    }
    let of = |seed| sample(groups.clone(), seed, 20).iter().map(Case::to_string).collect::<Vec<_>>();
    assert_eq!((of(1), of(1).len()), (of(1), 20));
    assert_ne!(of(1), of(2));
    assert_eq!(sample(groups, 1, 999).len(), 43);
}
