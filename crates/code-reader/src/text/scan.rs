//! Finds codes in a text whose characters are plain.

use sgp22::id::{ActivationCode, ActivationCodeError, ServerAddress};
use zeroize::Zeroizing;

use super::piece::{Piece, is_host_byte, is_token_byte};

/// A place in a text that begins as a code does.
pub(super) struct Candidate {
    /// The position of the first byte, including the scheme.
    pub(super) start: usize,
    /// The position of the first byte after the candidate.
    pub(super) end: usize,
    /// The code, or the reason why there is none.
    pub(super) result: Result<ActivationCode, Flaw>,
}

/// A reason why a candidate is not a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// A part cannot be read.
    Invalid(ActivationCodeError),
    /// Text after a blank or line end may or may not belong to the token.
    Unclear,
}

/// The longest part of a code that is looked at, in bytes. A whole code has at most 255 characters.
const MAX_PART_LEN: usize = 320;

/// The most that is collected of one code, in bytes.
const MAX_CODE_LEN: usize = 4 * MAX_PART_LEN;

/// The longest text that is tried as a code in pieces, in bytes.
const MAX_WHOLE_LEN: usize = 1024;

/// The longest address of a web page before a code, in bytes.
const MAX_LINK_LEN: usize = 512;

/// The most blanks and line ends between two parts.
const MAX_BLANKS: usize = 16;

/// Everything in a text that begins as a code does, in its order.
pub(super) struct Candidates<'a> {
    text: &'a str,
    from: usize,
}

impl<'a> Candidates<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, from: 0 }
    }
}

impl Iterator for Candidates<'_> {
    type Item = Candidate;

    fn next(&mut self) -> Option<Candidate> {
        while let Some(at) = self.text[self.from..].find('$') {
            let dollar = self.from + at;
            let beginning = beginning(self.text, self.from, dollar);
            self.from = dollar + 1;
            if let Some(candidate) = beginning.and_then(|(start, scheme)| read(self.text, start, dollar, scheme)) {
                self.from = self.from.max(candidate.end);
                return Some(candidate);
            }
        }
        None
    }
}

/// Reads a text that is one code and nothing else, however many blanks and line ends stand in it. `None` for others.
pub(super) fn parse_whole_text(text: &str) -> Option<Result<ActivationCode, Flaw>> {
    let text = text.trim_matches(|c: char| c.is_whitespace() || "\"'`<>()[]{},;*".contains(c));
    let code = without_scheme(text).unwrap_or(text);
    let rest = code.strip_prefix('1')?.trim_start().strip_prefix('$')?;
    if text.len() > MAX_WHOLE_LEN
        || !rest.bytes().all(|byte| is_host_byte(byte) || is_blank(byte) || b"$[]".contains(&byte))
    {
        return None;
    }
    let (host, after_host) = rest.split_once('$')?;
    // Mails break lines inside a word. What stands around a blank is two words, which would make the name of another host.
    if host.trim().lines().any(|line| line.trim().contains(|c: char| c.is_ascii_whitespace())) {
        return Some(Err(Flaw::Invalid(ActivationCodeError::Host)));
    }
    // The first piece is the token, or begins with one. What follows has to look like the rest of it.
    let mut pieces = after_host.split_ascii_whitespace();
    let mut before = pieces.next().unwrap_or_default();
    let is_apart = after_host.starts_with(|c: char| c.is_ascii_whitespace()) && !before.contains('$');
    if is_apart && Piece::classify(before) == Piece::Word {
        return None;
    }
    let mut unclear = false;
    for piece in pieces {
        let joined = before.ends_with(['$', '-']) || piece.starts_with(['$', '-']);
        let first_part = piece.trim_start_matches(['$', '-']).split('$').next().unwrap_or_default();
        match Piece::classify(first_part) {
            // Another code.
            _ if piece.starts_with("1$") && !piece.starts_with("1$$") => return None,
            _ if joined => {}
            Piece::Word => return None,
            Piece::Digits => unclear = true,
            Piece::Token => {}
        }
        before = piece;
    }
    if unclear {
        return Some(Err(Flaw::Unclear));
    }
    let code = code.trim_end_matches('.');
    Some(code.parse().map_err(Flaw::Invalid))
}

/// The text after the scheme, `LPA:` or `lpa://`. The colon may be missing.
fn without_scheme(text: &str) -> Option<&str> {
    let scheme = text.get(..3).filter(|scheme| scheme.eq_ignore_ascii_case("lpa"))?;
    Some(text[scheme.len()..].trim_start_matches([':', ';', '/', ' ', '\t', '\n']))
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n')
}

/// Finds the `1` before a dollar sign, and the scheme before that: where the code begins, and true if it has a scheme.
fn beginning(text: &str, from: usize, dollar: usize) -> Option<(usize, bool)> {
    let back = |end: usize, skipped: &[u8]| {
        let bytes = text.as_bytes()[from..end].iter().rev().take(MAX_BLANKS);
        end - bytes.take_while(|byte| skipped.contains(byte)).count()
    };
    let one = back(dollar, b" \t\n").checked_sub(1).filter(|at| *at >= from && text.as_bytes()[*at] == b'1')?;
    let scheme = back(one, b" \t\n:;/");
    if let Some(start) = scheme.checked_sub(3).filter(|start| *start >= from) {
        let named = text.get(start..scheme).is_some_and(|scheme| scheme.eq_ignore_ascii_case("lpa"));
        if named {
            return Some((start, true));
        }
    }
    let before = one.checked_sub(1).filter(|at| *at >= from).map(|at| text.as_bytes()[at]);
    let alone = before.is_none_or(|byte| !is_token_byte(byte) && byte != b'$');
    alone.then_some((one, false))
}

/// Reads the parts of a code after its first dollar sign. `None` if there is none: a text has dollar signs of its own.
fn read(text: &str, start: usize, dollar: usize, scheme: bool) -> Option<Candidate> {
    use ActivationCodeError as E;
    let invalid = |error, end| Some(Candidate { start, end, result: Err(Flaw::Invalid(error)) });
    let mut reader = Reader { text, start, at: dollar + 1, code: Zeroizing::new(String::with_capacity(MAX_CODE_LEN)) };
    let ended = reader.host();
    if reader.code.len() >= MAX_PART_LEN {
        return if scheme { invalid(E::TooLong, reader.at) } else { None };
    }
    let host = reader.code.parse::<ServerAddress>().ok();
    let has_dot = host.as_ref().is_some_and(|host| host.name().contains('.'));
    let is_host = host.is_some_and(|host| scheme || has_dot || host.name() == "localhost");
    if !is_host {
        return if scheme { invalid(E::Host, reader.at) } else { None };
    }
    if !ended {
        // A host alone is a code if it is called one.
        let is_code = has_dot && reader.ends(false, false);
        return match scheme {
            true if is_code => Some(reader.finish()),
            true => invalid(E::Host, reader.at),
            false => None,
        };
    }
    let in_link = is_in_link(text, start);
    match reader.token(in_link) {
        Ok(()) => Some(reader.finish()),
        Err(flaw) => Some(Candidate { start, end: reader.at, result: Err(flaw) }),
    }
}

/// True if the word that a code stands in is the address of a web page.
pub(super) fn is_in_link(text: &str, start: usize) -> bool {
    let before = text.as_bytes()[..start].iter().rev().take(MAX_LINK_LEN);
    let word = before.take_while(|byte| !is_blank(**byte) && !b"\"'`<>()[]{}".contains(byte)).count();
    text.as_bytes()[start - word..start].windows(3).any(|window| window == b"://")
}

/// True for what ends a code: quotes, brackets, signs of tables and links, and letters that no code can have.
fn is_terminator(c: char) -> bool {
    "\"'`<>()[]{}|*~&#\\,;:!?.".contains(c)
        || (!c.is_ascii() && !is_european_letter(c) && c != char::REPLACEMENT_CHARACTER)
}

/// Letters that may be a mistyped part of a token. Chinese and Japanese follow a code without a blank.
fn is_european_letter(c: char) -> bool {
    c.is_alphabetic() && c < '\u{530}'
}

struct Reader<'a> {
    text: &'a str,
    /// The position of the code's first byte.
    start: usize,
    at: usize,
    /// The parts so far, from the host on.
    code: Zeroizing<String>,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn next(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The bytes of a kind that come next.
    fn run(&self, at: usize, is_kind: fn(u8) -> bool) -> usize {
        self.text.as_bytes()[at..].iter().take(MAX_PART_LEN).take_while(|byte| is_kind(**byte)).count()
    }

    fn blanks(&self) -> usize {
        self.run(self.at, is_blank).min(MAX_BLANKS)
    }

    fn take(&mut self, length: usize) {
        let end = self.at + length;
        self.code.push_str(&self.text[self.at..end]);
        self.at = end;
    }

    /// Reads the host. True if a dollar sign follows, which is read as well. A host may go on in the next line.
    fn host(&mut self) -> bool {
        self.at += self.blanks();
        self.take(self.run(self.at, is_host_byte));
        if self.dollar() {
            return true;
        }
        let next = self.at + self.blanks();
        let length = self.run(next, is_host_byte);
        let broken = self.text[self.at..next].contains('\n') && length > 0;
        if broken && self.text.as_bytes().get(next + length) == Some(&b'$') {
            self.at = next;
            self.take(length);
            return self.dollar();
        }
        self.trim_end(&['.', ':']);
        false
    }

    /// Reads a dollar sign and the blanks before it.
    fn dollar(&mut self) -> bool {
        let at = self.at + self.blanks();
        let is_there = self.text.as_bytes().get(at) == Some(&b'$');
        if is_there {
            self.at = at + 1;
        }
        is_there
    }

    /// Takes punctuation off the end: that of the sentence, not of the code.
    fn trim_end(&mut self, punctuation: &[char]) {
        let length = self.code.trim_end_matches(punctuation).len();
        self.code.truncate(length);
    }

    /// Reads the token, and the optional parts after it.
    fn token(&mut self, in_link: bool) -> Result<(), Flaw> {
        self.code.push('$');
        let blanks = self.blanks();
        let length = self.run(self.at + blanks, is_token_byte);
        let token = &self.text[self.at + blanks..self.at + blanks + length];
        let is_next_line = self.text[self.at..self.at + blanks].contains('\n');
        match Piece::classify(token) {
            // A word after a blank: the token, or a sentence about a code without one.
            Piece::Word if blanks > 0 && length > 0 && !is_next_line => return Err(Flaw::Unclear),
            Piece::Word if blanks > 0 => {}
            _ => {
                self.at += blanks;
                self.take(length);
                if length == MAX_PART_LEN {
                    return Err(Flaw::Invalid(ActivationCodeError::TooLong));
                }
                self.wrapped_lines()?;
            }
        }
        if self.next() == Some('$') {
            self.optional_parts();
            return Ok(());
        }
        let ends = self.ends(length == 0, in_link);
        self.trim_end(&['.']);
        // As Markdown emphasises: _LPA:1$…_
        if self.start.checked_sub(1).is_some_and(|before| self.text.as_bytes()[before] == b'_') {
            self.trim_end(&['_']);
        }
        if ends { Ok(()) } else { Err(Flaw::Invalid(ActivationCodeError::Token)) }
    }

    /// Goes on in the next line if the token does.
    fn wrapped_lines(&mut self) -> Result<(), Flaw> {
        const MAX_LINES: usize = 4;
        for _ in 0..MAX_LINES {
            let next = self.at + 1;
            if self.next() != Some('\n') {
                break;
            }
            let length = self.run(next, is_token_byte);
            let piece = &self.text[next..next + length];
            let after = self.text[next + length..].chars().next();
            if length == 0 || after.is_some_and(|c| !c.is_whitespace() && c != '$' && !is_terminator(c)) {
                break;
            }
            let hyphen = self.code.ends_with('-') || piece.starts_with('-');
            match Piece::classify(piece) {
                Piece::Word if !hyphen => break,
                Piece::Word | Piece::Token | Piece::Digits if hyphen || self.line_is_long() => {
                    self.at = next;
                    self.take(length);
                }
                // A line of its own that looks like a token may be the rest of this one, or a number of another kind.
                Piece::Token if after.is_none_or(|c| c == '\n') && piece.contains(|c: char| c.is_ascii_digit()) => {
                    return Err(Flaw::Unclear);
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// True if the line that ends here is as long as mail programs make lines.
    fn line_is_long(&self) -> bool {
        const MIN_WRAPPED_LEN: usize = 60;
        let line =
            self.text.as_bytes()[..self.at].iter().rev().take(MIN_WRAPPED_LEN).take_while(|byte| **byte != b'\n');
        line.count() == MIN_WRAPPED_LEN
    }

    /// True if a token ends here, and not amid characters that it cannot have. A sign with more of a token after it may be
    /// a slip of the pen: such a token is not cut there.
    fn ends(&self, is_empty: bool, in_link: bool) -> bool {
        let rest = self.rest();
        let Some(next) = rest.chars().next() else { return true };
        let after = &rest[next.len_utf8()..];
        let goes_on = after.bytes().next().is_some_and(is_token_byte);
        let begins_code = after.get(..2) == Some("1$") || after.get(..3).is_some_and(|s| s.eq_ignore_ascii_case("lpa"));
        match next {
            c if c.is_whitespace() => true,
            // A place holder, as in LPA:1$host$<token>.
            '<' | '[' | '{' | '(' if is_empty => !goes_on,
            '/' => in_link && !goes_on,
            '&' | '#' | '?' if in_link => true,
            // Remarks in brackets, and the line ends of JSON.
            '(' => true,
            '\\' => after.starts_with(['n', 'r', 't']) || !goes_on,
            // Tables with a row a line: the field before it ends as this one does.
            ',' | ';' | '|' => !goes_on || begins_code || self.text[..self.start].ends_with(next),
            c if c.is_ascii() => is_terminator(c) && !goes_on,
            c => is_terminator(c),
        }
    }

    /// Reads what follows the token, `$` by `$`. What it is worth is judged by who reads the code.
    fn optional_parts(&mut self) {
        const MAX_PARTS: usize = 8;
        for _ in 0..MAX_PARTS {
            if self.next() != Some('$') || self.code.len() > MAX_CODE_LEN - MAX_PART_LEN {
                break;
            }
            let part = self.text[self.at + 1..].char_indices().take(MAX_PART_LEN / 4);
            let ends = |c: char| c.is_whitespace() || c == '$' || (is_terminator(c) && c != '.');
            let length = part.take_while(|(_, c)| !ends(*c)).last().map_or(0, |(at, c)| at + c.len_utf8());
            self.take(1 + length);
        }
        self.trim_end(&['.']);
    }

    fn finish(self) -> Candidate {
        let mut code = Zeroizing::new(String::with_capacity(self.code.len() + 2));
        code.push_str("1$");
        code.push_str(&self.code);
        Candidate { start: self.start, end: self.at, result: code.parse().map_err(Flaw::Invalid) }
    }
}
