//! Small pieces of text.

use anstyle::{AnsiColor, Style};
use sgp22::tlv::Text;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

pub(super) const BOLD: Style = Style::new().bold();
pub(super) const DIM: Style = Style::new().dimmed();
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
pub(super) const RED: Style = AnsiColor::Red.on_default();

/// Text of a card or server, safe for a terminal: what could move the cursor or turn the direction of writing is
/// replaced.
pub(crate) fn clean(text: &str) -> String {
    let hostile = |c: char| c.is_control() || matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if hostile(c) { '\u{FFFD}' } else { c }).collect()
}

/// Like [`clean`], but for an optional text; empty where there is nothing to read in it.
pub(super) fn clean_text(text: Option<&Text>) -> String {
    filled(text).map(|text| clean(&text)).unwrap_or_default()
}

/// An optional text as JSON has it: `None` where there is nothing to read in it.
pub(super) fn filled(text: Option<&Text>) -> Option<String> {
    text.and_then(Text::readable)
}

/// A count with its noun: `1 profile`, `2 profiles`.
pub(super) fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A number of bytes for people.
pub(super) fn bytes(number: u64) -> String {
    match number {
        0..10_000 => format!("{number} bytes"),
        _ => format!("{} kB", number / 1024),
    }
}

/// A list with commas, or a word for an empty one.
pub(super) fn list(items: &[String], none: &str) -> String {
    if items.is_empty() { none.to_owned() } else { items.join(", ") }
}

/// A label with spaces behind it up to so many columns: Chinese letters take two.
pub(super) fn padded(label: &str, columns: usize) -> String {
    format!("{label}{}", " ".repeat(columns.saturating_sub(label.width())))
}

/// Columns of a line of prose.
const PROSE_WIDTH: usize = 80;

/// Prose in lines of 80 columns at most, broken at spaces and between Chinese letters; a longer word stays whole.
pub(super) fn wrap(text: &str) -> String {
    let (mut lines, mut line) = (Vec::new(), String::new());
    for piece in pieces(text) {
        if !line.is_empty() && line.width() + piece.trim_end().width() > PROSE_WIDTH {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        line += piece;
    }
    lines.push(line.trim_end().to_owned());
    lines.join("\n")
}

/// The pieces between which a line may be broken: words with the space behind them, and single wide letters.
fn pieces(text: &str) -> Vec<&str> {
    // No line begins with these.
    let closing = |c: char| "。，、；：！？）”》".contains(c);
    let wide = |c: char| c.width().is_some_and(|width| width > 1);
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, c)) = letters.next() {
        let end = at + c.len_utf8();
        let before_closing = letters.peek().is_some_and(|(_, next)| closing(*next));
        let before_wide = letters.peek().is_some_and(|(_, next)| wide(*next) && c != '“' && c != '（');
        if c == ' ' || (wide(c) && c != '“' && c != '（' && !before_closing) || (before_wide && !before_closing) {
            pieces.push(&text[start..end]);
            start = end;
        }
    }
    pieces.push(&text[start..]);
    pieces
}

/// Lines of `label  value`, the values aligned; entries without a value are left out.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn add(&mut self, label: impl Into<String>, value: impl Into<String>) -> &mut Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.push((label.into(), value));
        }
        self
    }

    pub(super) fn text(&self) -> String {
        let width = self.0.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        self.0
            .iter()
            .map(|(label, value)| {
                let indented = value.replace('\n', &format!("\n{}", " ".repeat(width + 2)));
                format!("{DIM}{}{DIM:#}  {indented}\n", padded(label, width))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_aligned_by_columns() {
        let mut fields = Fields::default();
        fields.add("状态", "a").add("ICCID", "b");
        let lines: Vec<_> = fields.text().lines().map(|line| anstream::adapter::strip_str(line).to_string()).collect();
        assert_eq!(lines, ["状态   a", "ICCID  b"]);
    }

    #[test]
    fn prose_is_wrapped_by_columns() {
        let english = "word ".repeat(30);
        let chinese = "证书彼此不符，".repeat(20);
        let long = format!("see {} now", "x".repeat(100));
        assert_eq!(wrap(&long).lines().count(), 3);
        for text in [&*english, &*chinese] {
            let wrapped = wrap(text);
            assert!(wrapped.lines().count() > 1, "{wrapped}");
            assert!(wrapped.lines().all(|line| line.width() <= PROSE_WIDTH && !line.starts_with('，')), "{wrapped}");
            assert_eq!(wrapped.replace(['\n', ' '], ""), text.replace(' ', ""));
        }
    }

    #[test]
    fn hostile_names_cannot_steer_the_terminal() {
        assert_eq!(clean("a\x1b[2Jb\u{202E}c\n"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}");
        assert_eq!(clean("旅行 ✈ Ünï"), "旅行 ✈ Ünï");
    }
}
