//! The report for a browser or the printer: one file that loads nothing.

use super::Block;
use crate::words;

const STYLE: &str = "\
:root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d0d7de;--soft:#59636e}\
@media (prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--line:#3d444d;--soft:#9198a1}}\
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;padding:0 1rem}\
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem}p{color:var(--soft)}\
table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;padding:.35rem .6rem;border-bottom:1px solid var(--line);overflow-wrap:anywhere}\
th{color:var(--soft);font-weight:600}\
pre{overflow-x:auto;font-size:.8rem;line-height:1.3}\
@media print{:root{--ink:#000;--paper:#fff;--line:#999;--soft:#333}body{max-width:none;margin:0;font-size:10pt}tr{break-inside:avoid}h2{break-after:avoid}}";

pub(super) fn page(title: &str, blocks: &[Block]) -> String {
    let body: String = blocks.iter().map(block).collect();
    let (language, title) = (words::language().tag(), escape(title));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n{body}</body>\n</html>\n"
    )
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("<h1>{}</h1>\n", escape(text)),
        Block::Heading(text) => format!("<h2>{}</h2>\n", escape(text)),
        Block::Text(text) => format!("<p>{}</p>\n", escape(text)),
        Block::Verbatim(text) => {
            let lines: Vec<String> = text.lines().map(escape).collect();
            format!("<pre>\n{}\n</pre>\n", lines.join("\n"))
        }
        Block::Table(header, rows) => {
            let cells = |tag: &str, row: &[String]| -> String {
                row.iter().map(|cell| format!("<{tag}>{}</{tag}>", escape(cell))).collect()
            };
            let body: String = rows.iter().map(|row| format!("<tr>{}</tr>\n", cells("td", row))).collect();
            format!("<table>\n<thead><tr>{}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n", cells("th", header))
        }
    }
}

/// What comes from cards, servers and people is text and never markup; what could turn the direction of writing is
/// replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\'' => escaped += "&#39;",
            '\n' => escaped += "<br>",
            '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => escaped.push('\u{FFFD}'),
            c if c.is_control() => escaped.push('\u{FFFD}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_card_says_is_markup() {
        let nasty = "<script>alert('1')</script> & \"x\"\u{202E}";
        let page = page(nasty, &[Block::Text(nasty.into()), Block::Table(vec!["a".into()], vec![vec![nasty.into()]])]);
        assert!(!page.contains("<script") && !page.contains('\u{202E}'));
        assert_eq!(page.matches("&lt;script&gt;alert(&#39;1&#39;)").count(), 3, "{page}");
    }
}
