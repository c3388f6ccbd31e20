//! Numbers of people, cards and customers, made short enough that they tell nobody anything new.

use serde_json::Value;

use super::super::case::Case;
use super::super::event::{Event, Happened};

/// What stands in for what.
#[derive(Debug, Clone, Default)]
pub(super) struct Mask(Vec<(String, String)>);

/// Shorter numbers are left out wholly.
const SHORTEST: usize = 8;

fn short(text: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    if letters.len() < SHORTEST {
        return "…".into();
    }
    let text = |letters: &[char]| letters.iter().collect::<String>();
    format!("{}…{}", text(&letters[..2]), text(&letters[letters.len() - 3..]))
}

impl Mask {
    /// For all that the case and its history hold.
    pub(super) fn of(case: &Case, history: &[Happened], others: &[(String, String, String)]) -> Self {
        let mut known: Vec<String> = vec![case.subscription.iccid.clone(), case.subscription.eid.clone()];
        known.extend(case.number.clone());
        known.extend(case.devices.iter().map(|item| item.eid.clone()));
        known.extend(others.iter().flat_map(|(eid, _, iccid)| [eid.clone(), iccid.clone()]));
        for happened in history {
            match &happened.event {
                Event::Recorded { facts, .. } => {
                    known.extend(facts.reference.clone().into_iter().chain(facts.number.clone()));
                }
                Event::BackedUp { number, .. } => known.extend(number.clone()),
                _ => {}
            }
        }
        known.retain(|text| !text.trim().is_empty());
        // The longest first: one may be a part of another.
        known.sort_by_key(|text| std::cmp::Reverse(text.len()));
        known.dedup();
        Self(known.into_iter().map(|text| (text.clone(), short(&text))).collect())
    }

    pub(super) fn apply(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (number, short)| text.replace(number, short))
    }

    /// In all texts of a document.
    pub(super) fn apply_to(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.apply(text),
            Value::Array(list) => list.iter_mut().for_each(|value| self.apply_to(value)),
            Value::Object(map) => map.values_mut().for_each(|value| self.apply_to(value)),
            _ => {}
        }
    }
}
