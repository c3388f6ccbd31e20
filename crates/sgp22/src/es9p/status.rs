//! How a server says that it did not do what was asked (SGP.22 5.2.6, 6.5.1.4).

use serde_json::{Value, json};

use crate::invisible::is_invisible;

/// A function that a server did not carry out. HTTP says 200 all the same.
///
/// The server's words are safe to show: one line, without control characters and marks that turn the direction of writing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionFailure {
    /// `Failed` or `Expired`, as the server wrote it; empty if it gave codes alone.
    pub status: String,
    /// Subject and reason; some servers do not say.
    pub code: Option<StatusCode>,
    /// `subjectIdentifier`: the thing that the subject is about, in the server's words.
    pub identifier: Option<String>,
    /// `message`: the server's explanation, in its own words.
    pub message: Option<String>,
}

/// Subject and reason: what something is wrong with, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusCode {
    /// As in `8.2.6`, the MatchingID.
    pub subject: String,
    /// As in `3.8`, refused.
    pub reason: String,
}

impl StatusCode {
    /// The code of this subject and reason.
    #[must_use]
    pub fn new(subject: &str, reason: &str) -> Self {
        Self { subject: subject.trim().into(), reason: reason.trim().into() }
    }

    /// Reads the codes of an answer, as servers write them: with a text behind the digits, as numbers, both in one member
    /// (`8.2.6/3.8`), or in each other's place. `None` unless both are there.
    fn read(subject: &Value, reason: &Value) -> Option<Self> {
        let (subject, reason) = (code_text(subject), code_text(reason));
        let (subject, reason) = match (subject.as_str(), reason.as_str()) {
            (both, "") | ("", both) => both.split_once('/').map(|(subject, reason)| (subject.into(), reason.into()))?,
            _ => (subject, reason),
        };
        let (subject, reason) = (leading_code(&subject), leading_code(&reason));
        // Subjects begin with 1 or 8, and reasons with 1 to 6.
        let are_swapped = reason.starts_with("8.") && !subject.starts_with("8.");
        let code = if are_swapped { Self::new(&reason, &subject) } else { Self::new(&subject, &reason) };
        (!code.subject.is_empty() && !code.reason.is_empty()).then_some(code)
    }

    /// What the subject is; `None` for one that the standard does not have.
    #[must_use]
    pub fn subject_name(&self) -> Option<&'static str> {
        find(SUBJECTS, &self.subject)
    }

    /// What the reason says; `None` for one that the standard does not have.
    #[must_use]
    pub fn reason_name(&self) -> Option<&'static str> {
        find(REASONS, &self.reason)
    }
}

impl std::fmt::Display for StatusCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.subject, self.reason)
    }
}

/// A code as text. As a number 3.10 is 3.1, which means the same wherever both are in use.
fn code_text(code: &Value) -> String {
    match code {
        Value::String(text) => clean_words(text).map(|text| shorten(&text, MAX_SHOWN_LEN)).unwrap_or_default(),
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    }
}

/// The digits and dots at the beginning of a text; all of a text that does not begin with a code.
fn leading_code(text: &str) -> String {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (code, rest) = text.split_at(end);
    let code = code.trim_end_matches('.');
    let is_code = !code.is_empty() && !rest.starts_with(char::is_alphanumeric);
    if is_code { code.into() } else { text.into() }
}

fn find(table: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

const SUBJECTS: &[(&str, &str)] = &[
    ("1", "generic"),
    ("1.1", "function requester"),
    ("1.2", "function provider"),
    ("1.6", "function"),
    ("8.1", "eUICC"),
    ("8.1.1", "EID"),
    ("8.1.2", "EUM certificate"),
    ("8.1.3", "eUICC certificate"),
    ("8.2", "profile"),
    ("8.2.1", "ICCID"),
    ("8.2.5", "profile type"),
    ("8.2.6", "MatchingID"),
    ("8.2.7", "confirmation code"),
    ("8.2.8", "profile policy rules"),
    ("8.2.9", "profile metadata"),
    ("8.2.10", "Bound Profile Package"),
    ("8.8", "SM-DP+"),
    ("8.8.1", "SM-DP+ address"),
    ("8.8.2", "security configuration of the SM-DP+"),
    ("8.8.3", "version of SGP.22"),
    ("8.8.4", "SM-DP+ certificate"),
    ("8.8.5", "download order"),
    ("8.9", "SM-DS"),
    ("8.9.1", "SM-DS address"),
    ("8.9.2", "security configuration of the SM-DS"),
    ("8.9.3", "version of SGP.22"),
    ("8.9.4", "SM-DS certificate"),
    ("8.9.5", "event record"),
    ("8.10.1", "transaction id"),
    ("8.11.1", "CI public key"),
];

const REASONS: &[(&str, &str)] = &[
    ("1.1", "unknown"),
    ("1.2", "not allowed"),
    ("2.1", "invalid"),
    ("2.2", "mandatory element missing"),
    ("2.3", "conditional element missing"),
    ("3.1", "unsupported"),
    ("3.3", "already in use"),
    ("3.5", "invalid transition"),
    ("3.7", "unavailable"),
    ("3.8", "refused"),
    ("3.9", "unknown"),
    ("3.10", "invalid association"),
    ("4.2", "execution error"),
    ("4.3", "stopped on warning"),
    ("4.4", "busy"),
    ("4.8", "insufficient memory"),
    ("4.10", "time to live expired"),
    ("5.1", "inaccessible"),
    ("5.3", "time to live expired"),
    ("5.4", "delivered with no response"),
    ("6.1", "verification failed"),
    ("6.3", "expired"),
    ("6.4", "maximum number of retries exceeded"),
];

impl ExecutionFailure {
    /// A failure with this code, as a server of ours tells it.
    #[must_use]
    pub fn failed(subject: &str, reason: &str, message: &str) -> Self {
        Self {
            status: "Failed".into(),
            code: Some(StatusCode::new(subject, reason)),
            identifier: None,
            message: (!message.is_empty()).then(|| message.into()),
        }
    }

    /// Reads the execution status of an answer: that in its header, or `bare`, where the header was left out around it.
    /// `None` if the function was carried out, or nothing is said of it.
    ///
    /// A status is compared by its letters alone, so that `executed-success` is one. Codes without a status are a refusal.
    pub(crate) fn from_header(header: Option<&Value>, bare: Option<&Value>) -> Option<Self> {
        let execution = header.map(|header| &header["functionExecutionStatus"]).filter(|status| status.is_object());
        let execution = execution.or(bare)?;
        let data = &execution["statusCodeData"];
        let code = StatusCode::read(&data["subjectCode"], &data["reasonCode"]);
        let status = match execution["status"].as_str() {
            Some(status) if is_success(status) => return None,
            Some(status) => shorten(&clean_words(status).unwrap_or_default(), MAX_SHOWN_LEN),
            None if code.is_some() => String::new(),
            None => return None,
        };
        let text = |field: &str| data[field].as_str().and_then(clean_words);
        Some(Self { status, code, identifier: text("subjectIdentifier"), message: text("message") })
    }

    /// Removes secrets from all that the server wrote, in whatever form they stand there, and shortens its words to what is
    /// shown. Servers like to repeat what they were asked for.
    pub fn redact(&mut self, secrets: &[&str]) {
        let code = self.code.iter_mut().flat_map(|code| [&mut code.subject, &mut code.reason]);
        // A short secret can look like a code, and a code is none.
        let is_code = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let words = [&mut self.status].into_iter().chain(code.filter(|code| !is_code(code)));
        for words in words.chain(self.identifier.as_mut()).chain(self.message.as_mut()) {
            *words = shorten(&without_secrets(words, secrets), MAX_SHOWN_LEN);
        }
    }

    /// The body of an answer that says so.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut execution = json!({ "status": self.status });
        if let Some(code) = &self.code {
            let mut data = json!({ "subjectCode": code.subject, "reasonCode": code.reason });
            for (field, text) in [("subjectIdentifier", &self.identifier), ("message", &self.message)] {
                if let Some(text) = text {
                    data[field] = text.as_str().into();
                }
            }
            execution["statusCodeData"] = data;
        }
        super::body::request(&json!({ "header": { "functionExecutionStatus": execution } }))
    }
}

/// The most that is kept of a server's words, in characters: enough for a secret that begins in what is shown to end
/// before the cut, so that it is recognised as a whole.
const MAX_KEPT_LEN: usize = 1000;
/// The most that is shown of a server's words, in characters.
const MAX_SHOWN_LEN: usize = 200;

/// True for the two statuses of a function that was carried out (SGP.22 5.2.6), in whatever case and with whatever
/// between the words.
fn is_success(status: &str) -> bool {
    let letters: String = status.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    matches!(letters.as_str(), "executedsuccess" | "executedwithwarning")
}

/// A server's words as one line: control characters and line breaks become blanks, blanks are joined, and marks that
/// turn the direction of writing or are not seen are left out. `None` if nothing is left.
fn clean_words(text: &str) -> Option<String> {
    let mut line = String::new();
    let mut length = 0;
    for c in text.chars().filter(|c| !is_invisible(*c)) {
        if length == MAX_KEPT_LEN {
            break;
        }
        let is_blank = c.is_whitespace() || c.is_control();
        if !is_blank {
            line.push(c);
        } else if line.is_empty() || line.ends_with(' ') {
            continue;
        } else {
            line.push(' ');
        }
        length += 1;
    }
    line.truncate(line.trim_end().len());
    (!line.is_empty()).then_some(line)
}

/// The beginning of a text, with an ellipsis where something was cut.
fn shorten(text: &str, length: usize) -> String {
    if text.chars().count() <= length {
        return text.to_owned();
    }
    text.chars().take(length - 1).chain(['…']).collect()
}

/// Puts `…` for each secret in a text: as it is, in hexadecimal and in base64, in either case, and with other marks
/// between its letters and digits.
fn without_secrets(text: &str, secrets: &[&str]) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut is_secret = vec![false; characters.len()];
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        mark(&characters, &form, &mut is_secret);
    }
    let mut cleaned = String::new();
    for (index, character) in characters.iter().enumerate() {
        if !is_secret[index] {
            cleaned.push(*character);
        } else if index == 0 || !is_secret[index - 1] {
            cleaned.push('…');
        }
    }
    cleaned
}

/// The shortest form of a secret that is also looked for inside words: a shorter one would make holes in all words.
const MIN_EMBEDDED_LEN: usize = 5;

/// The letters and digits of a secret, in each form in which it may stand in a text.
fn forms(secret: &str) -> Vec<Vec<char>> {
    let bytes = secret.as_bytes();
    let mut texts = vec![secret.to_owned(), data_encoding::HEXLOWER.encode(bytes)];
    for before in 0..3 {
        // The digits that do not depend on what stands around the secret.
        let digits = data_encoding::BASE64_NOPAD.encode(&[&vec![0; before], bytes].concat());
        let (from, to) = ((before * 8).div_ceil(6), (before + bytes.len()) * 8 / 6);
        texts.extend(digits.get(from..to).filter(|digits| digits.len() >= MIN_EMBEDDED_LEN).map(str::to_owned));
    }
    let fold = |text: &String| text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect();
    texts.iter().map(fold).filter(|form: &Vec<char>| !form.is_empty()).collect()
}

/// Marks each place of `characters` where `form` stands.
fn mark(characters: &[char], form: &[char], is_secret: &mut [bool]) {
    let is_part = |index: usize| characters.get(index).is_some_and(|c| c.is_alphanumeric());
    let significant: Vec<usize> = (0..characters.len()).filter(|index| is_part(*index)).collect();
    for window in significant.windows(form.len()) {
        let (Some(first), Some(last)) = (window.first().copied(), window.last().copied()) else { continue };
        let fits = window.iter().zip(form).all(|(index, c)| characters[*index].to_ascii_lowercase() == *c);
        let stands_alone = !is_part(first.wrapping_sub(1)) && !is_part(last + 1);
        // Words in a row are a token only if it has digits: `NO-SUCH` does not stand in "no such order".
        let is_in_words = characters[first..=last].contains(&' ') && !form.iter().any(char::is_ascii_digit);
        if fits && !is_in_words && (form.len() >= MIN_EMBEDDED_LEN || stands_alone) {
            is_secret[first..=last].fill(true);
        }
    }
}

impl std::fmt::Display for ExecutionFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.status)?;
        if let Some(code) = &self.code {
            let name = |name: Option<&'static str>| name.unwrap_or("not in the standard");
            write!(f, " {code} ({}: {})", name(code.subject_name()), name(code.reason_name()))?;
        }
        for text in [&self.identifier, &self.message].into_iter().flatten() {
            write!(f, ", {}", shorten(text, MAX_SHOWN_LEN))?;
        }
        Ok(())
    }
}
