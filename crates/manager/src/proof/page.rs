//! What a report shows to people, read back from HTML, Markdown or JSON.
//!
//! Not a parser of these languages: it reads what the reports are made of, and nothing else.

use serde_json::Value;

use super::claim::one_line;
use super::device::ReportedDevice;

/// The heading of columns with EIDs, and of those with ICCIDs; they are the same in all languages.
const EID: &str = "EID";
const ICCID: &str = "ICCID";
/// Digits of an EID.
const EID_LENGTH: usize = 32;

/// A report as it is shown.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// The ICCIDs by which the report names its profile.
    pub(super) profile: Vec<String>,
    /// The devices.
    pub(super) devices: Vec<ReportedDevice>,
    /// EIDs and ICCIDs of other profiles, which the proof is not about.
    pub(super) others: Vec<String>,
    /// Rows of tables; `None` for JSON, where claims are fields.
    pub(super) rows: Option<Vec<Vec<String>>>,
    /// EIDs and ICCIDs in fields of JSON: what the file claims.
    pub(super) numbers: Vec<String>,
    /// EIDs and ICCIDs anywhere, also in words of people and in sentences: the proof may not be about them.
    pub(super) mentioned: Vec<String>,
}

/// A table: headings, and rows of cells.
#[derive(Debug, Default)]
struct Table {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// A report for people in its parts.
#[derive(Debug, Default)]
pub(super) struct Page {
    tables: Vec<Table>,
    /// The blocks with notifications, one after the other.
    pub(super) blocks: String,
}

/// True for a word that can be an EID or an ICCID.
fn is_number(word: &&str) -> bool {
    let digits = word.bytes().all(|byte| byte.is_ascii_digit());
    digits && (word.len() == EID_LENGTH || ((18..=20).contains(&word.len()) && word.starts_with("89")))
}

fn numbers(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|letter: char| !letter.is_alphanumeric()).filter(is_number).map(str::to_owned)
}

/// The device in a row with the EID in this column. The state stands behind it.
fn device(row: &[String], eid: usize) -> ReportedDevice {
    let cell = |place: usize| row.get(place).map(String::as_str).unwrap_or_default();
    ReportedDevice::shown(cell(eid), cell(eid + 1))
}

impl Shown {
    /// True if one of the devices has this EID.
    pub(super) fn has_device(&self, eid: &str) -> bool {
        self.devices.iter().any(|device| device.eid == eid)
    }
}

impl Page {
    pub(super) fn is_empty(&self) -> bool {
        self.tables.is_empty() && self.blocks.is_empty()
    }

    /// The report as it is shown; `text` is all of it.
    pub(super) fn shown(self, text: &str) -> Shown {
        let mut shown = Shown { mentioned: numbers(text).collect(), ..Shown::default() };
        for table in &self.tables {
            let column = |name: &str| table.header.iter().position(|heading| heading == name);
            let cells = |column: Option<usize>| {
                table.rows.iter().filter_map(move |row| row.get(column?).cloned()).collect::<Vec<_>>()
            };
            match (column(EID), column(ICCID)) {
                (Some(eid), None) => shown.devices.extend(table.rows.iter().map(|row| device(row, eid))),
                (eid, iccid @ Some(_)) => {
                    shown.others.extend(cells(eid));
                    shown.others.extend(cells(iccid));
                }
                (None, None) => {}
            }
            let named = table.rows.iter().filter(|row| row.len() == 2 && row[0] == ICCID);
            shown.profile.extend(named.map(|row| row[1].clone()));
            shown.mentioned.extend(table.rows.iter().flatten().flat_map(|cell| numbers(cell)));
        }
        shown.rows = Some(self.tables.into_iter().flat_map(|table| table.rows).collect());
        shown
    }
}

/// A report as JSON, as it is shown.
pub(super) fn json(report: &Value) -> Shown {
    let list = |path: &str| report.pointer(path).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let texts = |path: &str, name: &str| {
        list(path).iter().filter_map(|item| item.get(name).and_then(Value::as_str).map(one_line)).collect::<Vec<_>>()
    };
    let others = "/other_profiles_of_the_operator";
    let mut shown = Shown {
        profile: report.pointer("/case/iccid").and_then(Value::as_str).map(one_line).into_iter().collect(),
        devices: list("/case/devices").iter().map(ReportedDevice::in_json).collect(),
        others: [texts(others, "eid"), texts(others, "iccid")].concat(),
        ..Shown::default()
    };
    for part in ["case", "history"] {
        collect("", report.get(part).unwrap_or(&Value::Null), &mut shown);
    }
    shown
}

fn collect(field: &str, value: &Value, shown: &mut Shown) {
    match value {
        Value::String(text) if matches!(field, "eid" | "iccid") => shown.numbers.push(one_line(text)),
        Value::String(text) => shown.mentioned.extend(numbers(text)),
        Value::Array(list) => list.iter().for_each(|value| collect(field, value, shown)),
        Value::Object(fields) => fields.iter().for_each(|(field, value)| collect(field, value, shown)),
        _ => {}
    }
}

/// The parts of `text` between `open` and `close`.
fn between<'a>(text: &'a str, open: &'a str, close: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(open).skip(1).map(move |part| part.split(close).next().unwrap_or_default())
}

/// Reads a report as HTML.
pub(super) fn html(text: &str) -> Page {
    let cells = |row: &str, open: &str, close: &str| -> Vec<String> {
        let parts = row.split(open).skip(1).filter_map(|part| part.split_once('>'));
        parts.map(|(_, cell)| unescape_html(cell.split(close).next().unwrap_or_default())).collect()
    };
    let table = |part: &str| {
        let mut table = Table::default();
        for row in between(part, "<tr", "</tr>") {
            let headings = cells(row, "<th", "</th>");
            let row = cells(row, "<td", "</td>");
            table.header.extend(headings);
            table.rows.extend((!row.is_empty()).then_some(row));
        }
        table
    };
    let tables = between(text, "<table", "</table>").map(table).collect();
    let blocks = between(text, "<pre>", "</pre>").map(|block| format!("\n{}\n", unescape_html(block))).collect();
    Page { tables, blocks }
}

fn unescape_html(text: &str) -> String {
    let mut plain = text.replace("<br>", "\n");
    for (entity, c) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
        plain = plain.replace(entity, c);
    }
    plain
}

/// Reads a report as Markdown.
pub(super) fn markdown(text: &str) -> Page {
    let mut page = Page::default();
    let (mut in_block, mut in_table) = (false, false);
    for line in text.lines() {
        let fence = line.starts_with("```");
        let row = if in_block || fence { None } else { markdown_row(line, in_table) };
        let starts = row.is_some() && !in_table;
        in_table = row.is_some();
        match row {
            Some(cells) => match page.tables.last_mut() {
                Some(table) if !starts => {
                    let is_rule = cells.iter().all(|cell| cell == "---");
                    table.rows.extend((!is_rule).then_some(cells));
                }
                _ => page.tables.push(Table { header: cells, rows: Vec::new() }),
            },
            None if fence => {
                in_block = !in_block;
                page.blocks.push('\n');
            }
            None if in_block => page.blocks += &format!("{line}\n"),
            None => {}
        }
    }
    page
}

/// The cells of a line of a table. Inside a table, a line is one also without a bar at its ends.
fn markdown_row(line: &str, in_table: bool) -> Option<Vec<String>> {
    let line = line.trim();
    if line.is_empty() || !(in_table || line.starts_with('|')) {
        return None;
    }
    let mut cells = vec![String::new()];
    let mut letters = line.strip_prefix('|').unwrap_or(line).chars();
    while let Some(c) = letters.next() {
        match (c, cells.last_mut()) {
            ('|', _) => cells.push(String::new()),
            (c, Some(cell)) => {
                cell.push(c);
                if c == '\\' {
                    cell.extend(letters.next());
                }
            }
            _ => {}
        }
    }
    // Behind the bar at the end there is no cell.
    if cells.len() > 1 && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
        cells.pop();
    }
    Some(cells.iter().map(|cell| unescape_markdown(cell.trim())).collect())
}

fn unescape_markdown(cell: &str) -> String {
    let mut plain = String::new();
    let mut letters = cell.chars();
    while let Some(c) = letters.next() {
        plain.push(if c == '\\' { letters.next().unwrap_or(c) } else { c });
    }
    unescape_html(&plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read_back() {
        let page = html(
            "<table>\n<thead><tr><th>EID</th><th>b</th></tr></thead>\n<tbody><tr><td>x &amp; y</td><td class=\"n\">2</td></tr>\
             </tbody></table><pre>\na: b\n</pre>",
        );
        assert_eq!((page.tables.len(), page.blocks.trim()), (1, "a: b"));
        assert!(page.shown("").has_device("x & y"));
        let page = markdown("| EID | b |\n| --- | --- |\n| a\\_b | 2 |\n\n| c |\n\n```text\na: b\n```\n");
        assert_eq!((page.tables.len(), page.blocks.trim()), (2, "a: b"));
        assert!(page.shown("").has_device("a_b"));
    }

    #[test]
    fn what_is_cut_short_is_no_panic() {
        for text in ["<table><tr><td", "<table><tr><td>&am", "<pre>", "| a\\", "```", "| |", "|  |"] {
            let _ = (html(text).shown(text), markdown(text).shown(text));
        }
    }
}
