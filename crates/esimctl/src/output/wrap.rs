//! Prose in lines that fit the terminal.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of lines that go to no terminal, in columns.
const DEFAULT_WIDTH: usize = 80;
/// Narrower terminals are written to as if they had this many columns.
const MIN_WIDTH: usize = 24;
/// Chinese punctuation that must not begin a line.
const CLOSING: &str = "，。、；：？！）”’》】…";
/// Chinese punctuation that must not end a line.
const OPENING: &str = "（“‘《【";

/// The width of the terminal, in columns.
pub(super) fn terminal_width() -> usize {
    let width = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    width.filter(|width| *width > 0).unwrap_or(DEFAULT_WIDTH).max(MIN_WIDTH)
}

/// Breaks a paragraph into lines of at most `width` columns. What follows a list's mark is indented like its first line.
/// A word that is longer than a line stays whole.
pub(super) fn wrap(paragraph: &str, width: usize) -> String {
    let indent = " ".repeat(mark_width(paragraph));
    let (mut lines, mut line) = (Vec::new(), String::new());
    for piece in pieces(paragraph) {
        if !line.trim().is_empty() && line.width() + piece.trim_end().width() > width {
            lines.push(std::mem::replace(&mut line, indent.clone()));
        }
        line += &piece;
    }
    lines.push(line);
    lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
}

/// The width of `- ` or `1. ` at the beginning.
fn mark_width(paragraph: &str) -> usize {
    let Some((mark, _)) = paragraph.split_once(' ') else { return 0 };
    let number = mark.strip_suffix('.').is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    if mark == "-" || number { mark.width() + 1 } else { 0 }
}

/// Cuts a text at each place where a line may end.
fn pieces(text: &str) -> Vec<String> {
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        piece.push(letter);
        if letters.peek().is_none_or(|next| may_break(letter, *next)) {
            pieces.push(std::mem::take(&mut piece));
        }
    }
    pieces
}

/// Chinese may be broken between any two letters, other text at blanks.
fn may_break(before: char, after: char) -> bool {
    let wide = |letter: char| letter.width().unwrap_or(0) > 1;
    if after == ' ' {
        return false;
    }
    before == ' ' || ((wide(before) || wide(after)) && !CLOSING.contains(after) && !OPENING.contains(before))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_words_stay_whole() {
        let text = "- The contract runs until the operator has confirmed that it ends.";
        for width in [24, 40, 80] {
            let wrapped = wrap(text, width);
            assert!(wrapped.lines().all(|line| line.width() <= width), "{wrapped}");
            assert!(
                wrapped.lines().skip(1).all(|line| line.starts_with("  ") && !line.starts_with("   ")),
                "{wrapped}"
            );
            let words: Vec<&str> = wrapped.split_whitespace().collect();
            assert_eq!(words, text.split_whitespace().collect::<Vec<_>>());
        }
        assert_eq!(wrap("short", 80), "short\n");
        assert_eq!(wrap("", 80), "\n");
        assert_eq!(wrap("averyveryverylongword and more", 10), "averyveryverylongword\nand more\n");
    }

    #[test]
    fn chinese_is_broken_between_letters_but_not_before_a_comma() {
        let text = "1. 打开“设置”，进入“蜂窝网络”（也称“移动网络”），再选择 SIM 列表中的号码。";
        for width in [24, 25, 26, 27, 40] {
            let wrapped = wrap(text, width);
            assert!(wrapped.lines().all(|line| line.width() <= width + 2), "{wrapped}");
            assert!(wrapped.lines().all(|line| !line.trim().starts_with(['，', '”', '）', '。'])), "{wrapped}");
            assert!(
                wrapped.lines().count() > 1 && wrapped.lines().skip(1).all(|line| line.starts_with("   ")),
                "{wrapped}"
            );
        }
    }
}
