//! Reminders as calendar entries (RFC 5545).

use super::case::Case;
use super::rules::{Reminder, reminders};
use super::tell::say;
use crate::hash::sha256_hex;
use jiff::ToSpan;
use jiff::civil::Date;

/// The longest line, in bytes, without its end (3.1).
const LONGEST_LINE: usize = 75;

/// A calendar with what is to be thought of in these cases.
#[must_use]
pub fn calendar(cases: &[Case], today: Date) -> String {
    let mut text = String::new();
    for line in ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//esimctl//retire//EN", "CALSCALE:GREGORIAN"] {
        fold(line, &mut text);
    }
    for case in cases {
        for reminder in reminders(case, today) {
            entry(case, &reminder, &mut text);
        }
    }
    fold("END:VCALENDAR", &mut text);
    text
}

fn entry(case: &Case, reminder: &Reminder, text: &mut String) {
    let compact = |date: Date| date.strftime("%Y%m%d").to_string();
    let moment = |at: &str| at.chars().filter(|c| !matches!(c, '-' | ':')).collect::<String>();
    let changed = case.steps.iter().filter_map(|record| record.at.as_deref()).max().unwrap_or(&case.created);
    // The same reminder is the same entry, however often it is exported: a calendar then moves it.
    let number =
        &sha256_hex(format!("{} {} {}", case.subscription.iccid, case.created, reminder.about_key()).as_bytes())[..16];
    let uid = format!("{}-{}-{number}@esimctl.invalid", case.name().to_lowercase(), reminder.kind.name());
    let summary = say("retire-calendar-summary", &[("title", &case.subscription.title()), ("what", &reminder.tell())]);
    let description = say("retire-calendar-description", &[("case", &case.name())]);
    let next_day = reminder.due.saturating_add(1.day());
    for line in [
        "BEGIN:VEVENT".to_owned(),
        format!("UID:{uid}"),
        format!("DTSTAMP:{}", moment(changed)),
        format!("DTSTART;VALUE=DATE:{}", compact(reminder.due)),
        format!("DTEND;VALUE=DATE:{}", compact(next_day)),
        format!("SUMMARY:{}", escape(&summary)),
        format!("DESCRIPTION:{}", escape(&description)),
        "TRANSP:TRANSPARENT".to_owned(),
        "BEGIN:VALARM".to_owned(),
        "ACTION:DISPLAY".to_owned(),
        format!("DESCRIPTION:{}", escape(&summary)),
        "TRIGGER:PT9H".to_owned(),
        "END:VALARM".to_owned(),
        "END:VEVENT".to_owned(),
    ] {
        fold(&line, text);
    }
}

/// 3.3.11. Other control characters cannot be written at all.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' | ';' | ',' => escaped.extend(['\\', c]),
            '\n' => escaped += "\\n",
            c if c.is_control() => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// 3.1: lines end with CR LF; a long one goes on behind a blank, and no character is cut in two.
fn fold(line: &str, text: &mut String) {
    let mut length = 0;
    for c in line.chars() {
        if length + c.len_utf8() > LONGEST_LINE {
            *text += "\r\n ";
            length = 1;
        }
        text.push(c);
        length += c.len_utf8();
    }
    *text += "\r\n";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_folded_between_characters() {
        let mut text = String::new();
        fold(&format!("SUMMARY:{}", "注销套餐".repeat(20)), &mut text);
        assert!(text.ends_with("\r\n"));
        assert!(text.split("\r\n").all(|line| line.len() <= LONGEST_LINE), "{text}");
        let unfolded = text.replace("\r\n ", "");
        assert_eq!(unfolded, format!("SUMMARY:{}\r\n", "注销套餐".repeat(20)));
    }

    #[test]
    fn what_has_a_meaning_is_escaped() {
        assert_eq!(escape("a;b,c\\d\ne\r\u{7}"), "a\\;b\\,c\\\\d\\ne  ");
    }
}
