//! Tables as RFC 4180 has them, safe to open in a spreadsheet.

use sim::Contact;
use sim::sms::Message;

/// A table of rows; the first one names the columns.
fn table(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let line = |row: Vec<String>| row.iter().map(|cell| field(cell)).collect::<Vec<_>>().join(",") + "\r\n";
    rows.into_iter().map(line).collect()
}

/// A field. What a spreadsheet would take for a formula gets an apostrophe before it; a plain number in international
/// form stays as it is, since nothing can be done with it.
fn field(text: &str) -> String {
    let text = if is_formula(text) { format!("'{text}") } else { text.to_owned() };
    let plain = !text.contains(['"', ',', '\r', '\n']) && text.trim() == text;
    if plain { text } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}

fn is_formula(text: &str) -> bool {
    let number = text.strip_prefix('+').is_some_and(|rest| {
        !rest.is_empty() && rest.split(' ').all(|one| !one.is_empty() && one.bytes().all(|sign| sign.is_ascii_digit()))
    });
    // Some skip blanks, and take the wide forms, too.
    !number && text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n'])
}

fn row<const N: usize>(cells: [&str; N]) -> Vec<String> {
    cells.map(str::to_owned).to_vec()
}

pub(super) fn contacts(contacts: &[Contact]) -> String {
    let header = row(["name", "number", "further_numbers", "emails", "second_names", "record"]);
    let rows = contacts.iter().map(|contact| {
        let (first, further) = contact.numbers.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
        vec![
            contact.name.clone(),
            first.to_owned(),
            further.join(" "),
            contact.emails.join(" "),
            contact.second_names.join(", "),
            contact.record.to_string(),
        ]
    });
    table([header].into_iter().chain(rows))
}

pub(super) fn messages(messages: &[Message]) -> String {
    let header = row(["records", "status", "party", "time", "text", "data", "missing_parts", "notes"]);
    let numbers = |numbers: &[u8]| numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(" ");
    let rows = messages.iter().map(|message| {
        vec![
            numbers(&message.records),
            message.status.name().to_owned(),
            message.party.clone(),
            message.time.clone().unwrap_or_default(),
            message.text.clone().unwrap_or_default(),
            message.data.clone(),
            numbers(&message.missing),
            message.notes.join("; "),
        ]
    });
    table([header].into_iter().chain(rows))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_it_takes_it() {
        for (text, expected) in [
            ("plain", "plain"),
            ("", ""),
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("two\nlines", "\"two\nlines\""),
            (" blank ", "\" blank \""),
            ("王小明", "王小明"),
        ] {
            assert_eq!(field(text), expected);
        }
    }

    #[test]
    fn nothing_is_a_formula() {
        for (text, expected) in [
            ("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("+2-3", "'+2-3"),
            ("+", "'+"),
            ("+1 +2", "'+1 +2"),
            ("\t=1", "'\t=1"),
            ("  =1", "'  =1"),
            ("＝1", "'＝1"),
            ("+447700900123", "+447700900123"),
            ("+447700900123 +1", "'+447700900123 +1"),
            ("*100#", "*100#"),
        ] {
            assert_eq!(field(text), expected);
        }
    }
}
