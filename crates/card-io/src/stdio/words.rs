//! The words of a command line, without a shell.

/// Splits a command line at blanks. `'…'` is taken as it stands; within `"…"` and outside of quotes a `\` takes the next
/// character as it stands. Nothing is expanded. `None` if a quote is not closed, or nothing follows a `\`.
#[must_use]
pub fn split(line: &str) -> Option<Vec<String>> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if letter == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None | Some('"'), '\\') => word.get_or_insert_default().push(letters.next()?),
            (None, ' ' | '\t') => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_split_as_a_shell_does_it() {
        for (line, words) in [
            ("", &[][..]),
            ("  ", &[]),
            ("card", &["card"]),
            (" card  -v\t2 ", &["card", "-v", "2"]),
            ("'a b' \"c d\" e\\ f", &["a b", "c d", "e f"]),
            (r#"a'b c'd "x\"y\\z" 'n\o'"#, &["ab cd", "x\"y\\z", "n\\o"]),
            ("'' \"\" x", &["", "", "x"]),
            ("sh -c 'echo $HOME; exit'", &["sh", "-c", "echo $HOME; exit"]),
            ("é'ü ß'", &["éü ß"]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        for broken in ["'a", "a \"b", "a\\", "\"a'"] {
            assert_eq!(split(broken), None, "{broken}");
        }
    }
}
