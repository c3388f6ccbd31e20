//! The report as Markdown.

use super::Block;

pub(super) fn text(blocks: &[Block]) -> String {
    blocks.iter().map(block).collect::<Vec<_>>().join("\n")
}

fn block(block: &Block) -> String {
    match block {
        Block::Title(text) => format!("# {}\n", escape(text)),
        Block::Heading(text) => format!("## {}\n", escape(text)),
        Block::Text(text) => format!("{}\n", escape(text)),
        Block::Verbatim(text) => format!("```text\n{text}```\n"),
        Block::Table(header, rows) => {
            let line = |row: &[String]| {
                let cells: Vec<String> = row.iter().map(|cell| escape(cell)).collect();
                format!("| {} |\n", cells.join(" | "))
            };
            let rule = vec!["---"; header.len()].join(" | ");
            format!("{}| {rule} |\n{}", line(header), rows.iter().map(|row| line(row)).collect::<String>())
        }
    }
}

/// What comes from cards, servers and people is text and never markup.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' => escaped.extend(['\\', c]),
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '&' => escaped += "&amp;",
            '\n' => escaped.push(' '),
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
        let told = text(&[Block::Table(vec!["a".into()], vec![vec!["<b>|[x](y)\n# z".into()]])]);
        assert_eq!(told, "| a |\n| --- |\n| &lt;b&gt;\\|\\[x\\](y) \\# z |\n");
    }
}
