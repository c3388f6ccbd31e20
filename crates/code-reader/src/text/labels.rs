//! Address and token apart, each behind its label, as mails and phones' settings have them.

use sgp22::id::{ActivationCode, MatchingId, ServerAddress};
use zeroize::Zeroizing;

use super::piece::{Piece, is_host_byte, is_token_byte};

/// Labels of the server's address, in small letters. They are the same in every language.
const ADDRESS: [&str; 4] = ["sm-dp", "smdp", "sm dp", "sm_dp"];

/// Labels of the token, in small letters.
const TOKEN: [&str; 30] = [
    "activation code",
    "activation-code",
    "activationcode",
    "matching id",
    "matching-id",
    "matchingid",
    "激活码",
    "激活碼",
    "激活代码",
    "启用码",
    "啟用碼",
    "开通码",
    "aktivierungscode",
    "aktivierungs-code",
    "code d'activation",
    "código de activación",
    "codigo de activacion",
    "código de ativação",
    "codigo de ativacao",
    "codice di attivazione",
    "アクティベーションコード",
    "アクティベーション コード",
    "アクティベートコード",
    "有効化コード",
    "활성화 코드",
    "код активации",
    "activeringscode",
    "aktiveringskod",
    "kod aktywacyjny",
    "aktivasyon kodu",
];

/// Labels of the confirmation code, in small letters.
const CONFIRMATION: [&str; 16] = [
    "confirmation code",
    "confirmation-code",
    "确认码",
    "確認碼",
    "確認コード",
    "bestätigungscode",
    "code de confirmation",
    "código de confirmación",
    "codigo de confirmacion",
    "código de confirmação",
    "codice di conferma",
    "확인 코드",
    "код подтверждения",
    "bevestigingscode",
    "kod potwierdzający",
    "onay kodu",
];

/// The most lines after a label in which its value is looked for.
const MAX_LINES_AFTER: usize = 3;

/// The longest line that is searched for labels, in bytes.
const MAX_LINE_LEN: usize = 4096;

/// The first value behind a label, and whether there is another one.
struct Value<T> {
    first: Option<T>,
    is_unique: bool,
}

impl<T: PartialEq> Value<T> {
    const NONE: Self = Self { first: None, is_unique: true };

    fn add(&mut self, value: Option<T>) {
        match (&self.first, value) {
            (Some(first), Some(value)) => self.is_unique &= *first == value,
            (None, value) => self.first = value,
            (Some(_), None) => {}
        }
    }
}

/// Everything that stands behind labels.
pub(super) struct Labelled {
    address: Value<String>,
    token: Value<Zeroizing<String>>,
    /// A label of the server's address, with a value or without.
    names_address: bool,
    /// A label of a confirmation code.
    pub(super) names_confirmation_code: bool,
}

impl Labelled {
    pub(super) fn read(text: &str) -> Self {
        let mut labelled =
            Self { address: Value::NONE, token: Value::NONE, names_address: false, names_confirmation_code: false };
        let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
        for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.len() <= MAX_LINE_LEN) {
            let after = &lines[index + 1..lines.len().min(index + 1 + MAX_LINES_AFTER)];
            let lower = Zeroizing::new(line.to_lowercase());
            // Small letters may have other lengths than capitals: places are looked for where they are the same.
            if lower.len() != line.len() {
                continue;
            }
            for end in label_ends(&lower, &ADDRESS).filter(|end| !is_in_host(line, *end)) {
                let rest = line[end..].trim_start_matches([' ', '+']);
                labelled.names_address = true;
                labelled.address.add(address(rest, after));
            }
            for end in label_ends(&lower, &TOKEN) {
                labelled.token.add(token(&line[end..], after));
            }
            labelled.names_confirmation_code |= label_ends(&lower, &CONFIRMATION).next().is_some();
        }
        labelled
    }

    /// True if the text names a server's address or a token apart.
    pub(super) fn is_apart(&self) -> bool {
        self.names_address && (self.address.first.is_some() || self.token.first.is_some())
    }

    /// The code that address and token make, if there is one of each.
    pub(super) fn code(&self) -> Option<ActivationCode> {
        let (Some(smdp), Some(token)) = (&self.address.first, &self.token.first) else { return None };
        if !(self.address.is_unique && self.token.is_unique) {
            return None;
        }
        let matching_id: MatchingId = token.parse().ok()?;
        let (smdp, smdp_oid) = (smdp.clone(), None);
        Some(ActivationCode { smdp, matching_id, smdp_oid, confirmation_required: false, warnings: Vec::new() })
    }
}

/// The positions at which labels end in a line, in bytes.
fn label_ends<'a>(lower: &'a str, labels: &'a [&'a str]) -> impl Iterator<Item = usize> + 'a {
    labels.iter().flat_map(move |label| lower.match_indices(label).map(move |(at, _)| at + label.len()))
}

/// True if the word in which a label ends is a host itself, such as smdp.example.com.
fn is_in_host(line: &str, end: usize) -> bool {
    let before = line[..end].bytes().rev().take_while(|byte| is_token_byte(*byte)).count();
    let after = line[end..].bytes().take_while(|byte| is_token_byte(*byte)).count();
    server(&line[end - before..end + after]).is_some()
}

/// The address behind its label, in its line or alone in one of the next.
fn address(rest: &str, after: &[&str]) -> Option<String> {
    let words = |line: &str| -> Vec<String> {
        let words = line.split(|c: char| !c.is_ascii() || !is_host_byte(c as u8));
        words.filter_map(server).collect()
    };
    if let Some(address) = words(rest).into_iter().next() {
        return Some(address);
    }
    let alone = |line: &&&str| !line.trim().contains(char::is_whitespace);
    after.iter().filter(alone).find_map(|line| words(line).into_iter().next())
}

/// A host of the internet: with dots, and with letters at its end.
pub(super) fn server(word: &str) -> Option<String> {
    let address: ServerAddress = word.trim_matches(['.', ':', '-', '/']).parse().ok()?;
    let name = address.name();
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_server = name.contains('.') && last.len() >= 2 && last.chars().all(|c| c.is_ascii_alphabetic());
    is_server.then(|| address.to_string())
}

/// The token behind its label: the first word after it, or one that is alone in one of the next lines.
fn token(rest: &str, after: &[&str]) -> Option<Zeroizing<String>> {
    // As in "Activation Code (Matching ID): K2".
    let rest = rest.trim_start();
    let rest = match rest.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((_, rest)) => rest,
        None => rest,
    };
    let separated = rest.trim_start_matches(|c: char| c.is_whitespace() || ":=|-*_\"'`>#~：".contains(c));
    for verb in ["is ", "lautet ", "ist ", "est ", "es ", "è ", "é ", "は", "为", "是", ""] {
        let Some(value) = separated.strip_prefix(verb) else { continue };
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || ":\"'`".contains(c));
        if let Some(token) = first_token(value) {
            return Some(token);
        }
    }
    if !separated.is_empty() {
        return None;
    }
    let alone = |line: &&&str| !line.trim().contains(char::is_whitespace);
    after
        .iter()
        .take(1)
        .filter(alone)
        .find_map(|line| first_token(line.trim().trim_matches(['*', '`', '"', '\'', '>'])))
}

/// The token that a text begins with.
fn first_token(text: &str) -> Option<Zeroizing<String>> {
    const MIN_TOKEN_LEN: usize = 4;
    let length = text.bytes().position(|byte| !is_token_byte(byte)).unwrap_or(text.len());
    let token = text[..length].trim_end_matches(['.', '_']);
    let ends =
        text[length..].chars().next().is_none_or(|c| c.is_whitespace() || !c.is_ascii() || "\"'`*|<>),;".contains(c));
    let is_token =
        ends && token.len() >= MIN_TOKEN_LEN && Piece::classify(token) != Piece::Word && server(token).is_none();
    is_token.then(|| Zeroizing::new(token.to_owned()))
}
