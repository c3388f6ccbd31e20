//! Why a modem refuses: `ERROR`, `+CME ERROR:` in digits or words, `+CMS ERROR:`.

/// The codes of 3GPP TS 27.007 9.2.1 to 9.2.5 that have to do with cards and command lines.
const WORDS: [(u16, &str); 29] = [
    (0, "phone failure"),
    (3, "operation not allowed"),
    (4, "operation not supported"),
    (5, "PH-SIM PIN required"),
    (10, "SIM not inserted"),
    (11, "SIM PIN required"),
    (12, "SIM PUK required"),
    (13, "SIM failure"),
    (14, "SIM busy"),
    (15, "SIM wrong"),
    (16, "incorrect password"),
    (17, "SIM PIN2 required"),
    (18, "SIM PUK2 required"),
    (20, "memory full"),
    (21, "invalid index"),
    (22, "not found"),
    (23, "memory failure"),
    (24, "text string too long"),
    (25, "invalid characters in text string"),
    (26, "dial string too long"),
    (27, "invalid characters in dial string"),
    (30, "no network service"),
    (40, "network personalization PIN required"),
    (42, "network subset personalization PIN required"),
    (44, "service provider personalization PIN required"),
    (46, "corporate personalization PIN required"),
    (50, "Incorrect parameters"),
    (52, "operation temporary not allowed"),
    (100, "unknown"),
];

/// The longest words of a refusal that are kept, in characters: they are shown to people.
const MAX_WORDS_LEN: usize = 80;

/// What a code of `+CME ERROR` means.
#[must_use]
pub fn cme_words(code: u16) -> Option<&'static str> {
    WORDS.iter().find(|(known, _)| *known == code).map(|(_, words)| *words)
}

/// Why a modem refuses a command, in its own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// `ERROR`, or `4` where results are numbers.
    Plain,
    /// `+CME ERROR: 13`.
    Cme(u16),
    /// `+CME ERROR: Parameters error`.
    Words(String),
    /// `+CMS ERROR: 310`.
    Cms(String),
}

impl Failure {
    /// Reads the line that ends a refused command; `None` if it is none.
    pub(super) fn read(line: &str) -> Option<Self> {
        let start = |prefix: &str| {
            let head = line.get(..prefix.len())?;
            head.eq_ignore_ascii_case(prefix).then(|| line[prefix.len()..].trim())
        };
        if line.eq_ignore_ascii_case("ERROR") {
            return Some(Self::Plain);
        }
        if let Some(told) = start("+CME ERROR:") {
            let digits = !told.is_empty() && told.bytes().all(|byte| byte.is_ascii_digit());
            return Some(match told.parse() {
                Ok(code) if digits => Self::Cme(code),
                _ => Self::Words(shorten_words(told)),
            });
        }
        start("+CMS ERROR:").map(|told| Self::Cms(shorten_words(told)))
    }

    /// The code, also of those that are told in words.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        match self {
            Self::Cme(code) => Some(*code),
            Self::Words(words) => {
                let same = |known: &str| known.eq_ignore_ascii_case(words);
                let field = match &words.to_ascii_lowercase()[..] {
                    "parameters error" | "incorrect parameter" | "invalid parameters" | "invalid parameter" => Some(50),
                    "sim not insert" | "sim card not inserted" => Some(10),
                    _ => None,
                };
                field.or_else(|| WORDS.iter().find(|(_, known)| same(known)).map(|(code, _)| *code))
            }
            Self::Plain | Self::Cms(_) => None,
        }
    }

    /// The modem has no card.
    #[must_use]
    pub fn is_no_card(&self) -> bool {
        self.code() == Some(10)
    }

    /// The card is being started: worth another try.
    #[must_use]
    pub fn is_busy(&self) -> bool {
        self.code() == Some(14)
    }

    /// The modem did not take the line itself, so that nothing of it reached the card.
    #[must_use]
    pub fn is_about_the_line(&self) -> bool {
        matches!(self.code(), Some(4 | 24 | 25 | 50))
    }
}

/// Words of a modem as they can be shown: short, and without control characters.
fn shorten_words(words: &str) -> String {
    words.chars().filter(|c| !c.is_control()).take(MAX_WORDS_LEN).collect()
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Plain => f.write_str("ERROR"),
            Self::Cme(code) => match cme_words(*code) {
                Some(words) => write!(f, "+CME ERROR: {code}, {words}"),
                None => write!(f, "+CME ERROR: {code}"),
            },
            Self::Words(words) => write!(f, "+CME ERROR: {words}"),
            Self::Cms(words) => write!(f, "+CMS ERROR: {words}"),
        }
    }
}
