//! What the user was told, and the rules for it.

use std::fmt;

use serde_json::Value;

use crate::books::{Books, CardBook, JournalLine};
use crate::discrepancy::Discrepancy;

/// The state that a command is to bring about on a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Goal {
    /// The profile with this ICCID is on the card.
    Installed(String),
    /// The profile with this ICCID is enabled.
    Enabled(String),
    /// The profile with this ICCID is on the card, and disabled.
    Disabled(String),
    /// The profile with this ICCID is not on the card.
    Deleted(String),
    /// The profile with this ICCID has this name.
    Named(String, String),
    /// No profile is on the card.
    Emptied,
}

impl Goal {
    /// True if the card is as wanted.
    #[must_use]
    pub fn holds(&self, card: &CardBook) -> bool {
        let find = |iccid: &String| card.profiles.iter().find(|profile| profile.iccid == *iccid);
        match self {
            Self::Installed(iccid) => find(iccid).is_some(),
            Self::Enabled(iccid) => find(iccid).is_some_and(|profile| profile.enabled),
            Self::Disabled(iccid) => find(iccid).is_some_and(|profile| !profile.enabled),
            Self::Deleted(iccid) => find(iccid).is_none(),
            Self::Named(iccid, name) => find(iccid).is_some_and(|profile| profile.nickname == *name),
            Self::Emptied => card.profiles.is_empty(),
        }
    }
}

impl Goal {
    /// The kind of change in the journal that brings it about.
    #[must_use]
    pub const fn command(&self) -> &'static str {
        match self {
            Self::Installed(_) => "download",
            Self::Enabled(_) => "enable",
            Self::Disabled(_) => "disable",
            Self::Deleted(_) => "delete",
            Self::Named(..) => "rename",
            Self::Emptied => "reset",
        }
    }

    /// The goal of a step on the way to this one, by its kind of change: a deletion may disable the profile first.
    fn of_step(&self, command: &str) -> Option<Self> {
        match self {
            _ if command == self.command() => Some(self.clone()),
            Self::Deleted(iccid) if command == "disable" => Some(Self::Disabled(iccid.clone())),
            _ => None,
        }
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Installed(iccid) => write!(f, "download of {iccid}"),
            Self::Enabled(iccid) => write!(f, "enable of {iccid}"),
            Self::Disabled(iccid) => write!(f, "disable of {iccid}"),
            Self::Deleted(iccid) => write!(f, "delete of {iccid}"),
            Self::Named(iccid, name) => write!(f, "rename of {iccid} to {name:?}"),
            Self::Emptied => f.write_str("reset"),
        }
    }
}

/// The verdict on a change that the user was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The change was made.
    Done,
    /// The change was not made, and the card is as before.
    NotDone,
    /// The outcome is not known yet; `recover` finds out.
    Unknown,
    /// The process was killed before it could say anything.
    Silent,
}

impl Verdict {
    /// Reads the verdict from exit code and JSON document; `exit` is `None` for a process that was killed. What that one
    /// told before counts: a document is written as a whole, or is null here.
    ///
    /// # Errors
    ///
    /// Gives a text if they say nothing that can be understood, or contradict each other.
    pub fn of(exit: Option<i32>, document: &Value) -> Result<Self, String> {
        let state = document["error"]["state"].as_str();
        match (exit, state) {
            (None, _) if document.is_null() => Ok(Self::Silent),
            (None, None) if document["data"].is_object() => Ok(Self::Done),
            (None, Some("done")) => Ok(Self::Done),
            (None, Some("not_done" | "unchanged")) => Ok(Self::NotDone),
            (None, Some("unknown")) => Ok(Self::Unknown),
            (Some(0), None) => Ok(Self::Done),
            (Some(code), Some("done")) if code != 0 => Ok(Self::Done),
            (Some(code), Some("not_done" | "unchanged")) if code != 0 && code != 6 => Ok(Self::NotDone),
            (Some(6), Some("unknown")) => Ok(Self::Unknown),
            _ => Err(format!("exit {exit:?} with {document} is no verdict")),
        }
    }
}

/// A verdict that was told, with the records before and after the command.
#[derive(Debug, Clone)]
pub struct Statement<'a> {
    /// The state that the command was to bring about.
    pub goal: Goal,
    /// The EID of the card that it was about.
    pub eid: &'a str,
    /// The verdict.
    pub verdict: Verdict,
    /// The records before the command.
    pub before: &'a Books,
    /// The records after it.
    pub after: &'a Books,
}

impl Statement<'_> {
    /// Compares the verdict with the card and with the journal.
    #[must_use]
    pub fn audit(&self) -> Vec<Discrepancy> {
        let (before, after) = (self.before.card(self.eid), self.after.card(self.eid));
        let (held, holds) = (self.goal.holds(&before), self.goal.holds(&after));
        let entries = self.entries();
        let changed = before.profiles != after.profiles;
        let mut found = Vec::new();
        let is_false = match self.verdict {
            Verdict::Done => !holds,
            Verdict::NotDone => (holds && !held) || (changed && !self.has_prior_step(&entries)),
            Verdict::Unknown | Verdict::Silent => false,
        };
        if is_false {
            found.push(Discrepancy::FalseVerdict { goal: self.goal.clone(), verdict: self.verdict, holds });
        }
        found.extend(self.other_than_journal(&entries, held));
        found.extend(entries.last().and_then(|line| self.false_entry(line, &after)));
        if changed && entries.is_empty() {
            found.push(Discrepancy::Unjournalled(self.goal.clone()));
        }
        found
    }

    /// The entries that were made by the command.
    fn entries(&self) -> Vec<&JournalLine> {
        let last = self.before.last_entry();
        self.after.journal.iter().filter(|line| line.id > last && line.eid == self.eid).collect()
    }

    /// A verdict and the outcome on record are one, and a verdict that is open leaves an entry that is open. Only a
    /// command that had nothing to do, or that ended before it began a change, makes no entry.
    fn other_than_journal(&self, entries: &[&JournalLine], held: bool) -> Option<Discrepancy> {
        let prior = &entries[..entries.len().saturating_sub(1)];
        let is = |line: &JournalLine, outcome| self.is_on_record(line, outcome);
        // A step that was left open is moot once the one after it is done.
        let is_past = |line: &JournalLine| is(line, "done") || line.outcome.as_deref() == Some("closed");
        let agrees = prior.iter().all(|line| is_past(line))
            && match (self.verdict, entries.last()) {
                (Verdict::Done, None) => held,
                (Verdict::Done, Some(last)) => is(last, "done") && last.command == self.goal.command(),
                (Verdict::NotDone, None) | (Verdict::Silent, _) => true,
                (Verdict::NotDone, Some(last)) if last.command == self.goal.command() => is(last, "not_done"),
                (Verdict::NotDone, Some(last)) => is(last, "done") || is(last, "not_done"),
                (Verdict::Unknown, last) => last.is_some_and(|line| line.is_open()),
            };
        (!agrees).then(|| Discrepancy::OtherThanJournal {
            goal: self.goal.clone(),
            verdict: self.verdict,
            outcomes: entries.iter().map(|line| line.outcome.clone()).collect(),
        })
    }

    /// True if the journal has this outcome. An entry stays open while the card holds what the change left for servers and
    /// nobody has fetched: `recover` does that.
    fn is_on_record(&self, line: &JournalLine, outcome: &str) -> bool {
        match &line.outcome {
            Some(known) => known == outcome,
            None => self.after.is_owed(self.eid),
        }
    }

    /// True if a command did something on the way to what it is for, as a deletion disables the profile first.
    fn has_prior_step(&self, entries: &[&JournalLine]) -> bool {
        entries.first().is_some_and(|line| line.command != self.goal.command() && self.is_on_record(line, "done"))
    }

    /// The newest entry is what the card shows; what an earlier one says can have been superseded by it.
    fn false_entry(&self, line: &JournalLine, after: &CardBook) -> Option<Discrepancy> {
        let goal = self.goal.of_step(&line.command)?;
        let (outcome, holds) = (line.outcome.as_deref()?, goal.holds(after));
        let is_false = (outcome == "done" && !holds) || (outcome == "not_done" && holds);
        is_false.then(|| Discrepancy::FalseEntry { goal, id: line.id, outcome: outcome.to_owned(), holds })
    }
}

/// Compares what `recover` told in its JSON document with the journal after it.
#[must_use]
pub fn audit_recovery(document: &Value, after: &Books) -> Vec<Discrepancy> {
    let entries = document["data"]["entries"].as_array().map(Vec::as_slice).unwrap_or_default();
    entries.iter().filter_map(|entry| audit_finding(entry, after)).collect()
}

fn audit_finding(entry: &Value, after: &Books) -> Option<Discrepancy> {
    let id = entry["id"].as_i64().unwrap_or_default();
    let finding = entry["finding"].as_str().unwrap_or_default();
    let line = after.journal.iter().find(|line| line.id == id);
    let outcome = line.and_then(|line| line.outcome.clone());
    let agrees = line.is_some_and(|line| match finding {
        "done" | "not_done" => outcome.as_deref() == Some(finding),
        "unknown" => line.is_open(),
        "superseded" | "nobody_knows" => outcome.as_deref() == Some("closed"),
        _ => false,
    });
    (!agrees).then(|| Discrepancy::FalseFinding { id, finding: finding.to_owned(), outcome })
}
