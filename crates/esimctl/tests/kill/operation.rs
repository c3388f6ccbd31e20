//! What is done on a bench, and how it is drawn.

use std::fmt;

use ledger::{CardBook, Goal};

use crate::bench::{Bench, SERVERS};
use crate::random::Random;

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Download,
    Enable,
    Disable,
    Delete,
    Rename,
    /// `notifications send --all`: fetched from the card, delivered, removed.
    Send,
    /// `outbox send`, without a card.
    Outbox,
    Recover,
}

impl Kind {
    pub const ALL: [(Self, &'static str); 8] = [
        (Self::Download, "download"),
        (Self::Enable, "enable"),
        (Self::Disable, "disable"),
        (Self::Delete, "delete"),
        (Self::Rename, "rename"),
        (Self::Send, "send"),
        (Self::Outbox, "outbox"),
        (Self::Recover, "recover"),
    ];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }
}

/// A command, and what it is to bring about.
#[derive(Debug, Clone)]
pub struct Operation {
    pub kind: Kind,
    /// The card that it is about.
    pub card: Option<usize>,
    pub arguments: Vec<String>,
    pub goal: Option<Goal>,
}

fn owned(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}

impl Operation {
    /// A change of a card.
    pub fn on(card: usize, kind: Kind, arguments: &[&str], goal: Goal) -> Self {
        Self { kind, card: Some(card), arguments: owned(arguments), goal: Some(goal) }
    }

    /// Everything that a card has for servers is delivered.
    pub fn send(card: usize) -> Self {
        Self { kind: Kind::Send, card: Some(card), arguments: owned(&["notifications", "send", "--all"]), goal: None }
    }

    /// Everything that waits in the outbox is delivered.
    pub fn outbox() -> Self {
        Self { kind: Kind::Outbox, card: None, arguments: owned(&["outbox", "send"]), goal: None }
    }

    /// What became of open changes is found out.
    pub fn recover() -> Self {
        Self { kind: Kind::Recover, card: None, arguments: owned(&["recover"]), goal: None }
    }

    /// Something that can be done on the card as it is.
    pub fn draw(bench: &Bench, card: usize, random: &mut Random, number: u64) -> Self {
        let book = bench.books().card(&bench.eid(card));
        let profiles = book.profiles.len();
        match random.below(10) {
            0..3 if profiles < 7 => bench.download(card, random.below(SERVERS), &format!("C{card}N{number}")),
            3 | 4 if profiles > 2 => Self::delete(card, &book, random),
            5 => Self::rename(card, &book, random, number),
            6 => Self::send(card),
            7 => Self::disable(card, &book).unwrap_or_else(|| Self::enable(card, &book, random)),
            _ => Self::enable(card, &book, random),
        }
    }

    fn enable(card: usize, book: &CardBook, random: &mut Random) -> Self {
        let disabled: Vec<&str> = disabled(book);
        let Some(iccid) = random.one_of(&disabled) else { return Self::send(card) };
        Self::on(card, Kind::Enable, &["enable", iccid], Goal::Enabled((*iccid).into()))
    }

    fn disable(card: usize, book: &CardBook) -> Option<Self> {
        let iccid = &book.profiles.iter().find(|profile| profile.enabled)?.iccid;
        Some(Self::on(card, Kind::Disable, &["disable", iccid], Goal::Disabled(iccid.clone())))
    }

    fn delete(card: usize, book: &CardBook, random: &mut Random) -> Self {
        let Some(profile) = random.one_of(&book.profiles) else { return Self::send(card) };
        let arguments = ["delete", &profile.iccid, "--disable-first", "--yes"];
        Self::on(card, Kind::Delete, &arguments, Goal::Deleted(profile.iccid.clone()))
    }

    fn rename(card: usize, book: &CardBook, random: &mut Random, number: u64) -> Self {
        let Some(profile) = random.one_of(&book.profiles) else { return Self::send(card) };
        let name = format!("Name {number}");
        let goal = Goal::Named(profile.iccid.clone(), name.clone());
        Self::on(card, Kind::Rename, &["rename", &profile.iccid, &name], goal)
    }
}

fn disabled(book: &CardBook) -> Vec<&str> {
    book.profiles.iter().filter(|profile| !profile.enabled).map(|profile| profile.iccid.as_str()).collect()
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let card = self.card.map(|card| format!(" on card {card}")).unwrap_or_default();
        write!(f, "{}{card}", self.arguments.join(" "))
    }
}
