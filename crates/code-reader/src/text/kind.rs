//! Kinds of text that hold no activation code.

use sgp22::id::ActivationCodeError;

use super::labels::server;

/// The reason why there is no code in a text. The text is never repeated: it may be a part of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCode {
    /// Empty, or only blanks.
    #[error("it is empty")]
    Empty,
    /// Control characters: a file of another kind.
    #[error("it is not text")]
    NotText,
    /// Begins as a code does, but a part cannot be read.
    #[error(transparent)]
    Invalid(#[from] ActivationCodeError),
    /// More than one code, with the number of different ones.
    #[error("there are {0} different codes in it")]
    Several(usize),
    /// A token with a blank or a line end in it, or something else after the code.
    #[error("it is unclear where the code ends")]
    Unclear,
    /// Address and token each by itself, and not one of each.
    #[error("it has the server's address and the token apart")]
    Apart,
    /// `LPA:1` without any dollar sign.
    #[error("the $ signs and what follows them are missing")]
    DollarsLost,
    /// A host name.
    #[error("it is a server's name alone")]
    ServerName,
    /// The address of a web page.
    #[error("it is a link without a code in it")]
    Link,
    /// A mail or a web page.
    #[error("it is a mail or a web page without a code in it")]
    Mail,
    /// Sentences.
    #[error("it is text without a code in it")]
    Text,
    /// The name of a picture.
    #[error("it is the name of a picture")]
    PictureName,
    /// Digits, with the signs of telephone numbers.
    #[error("it is a telephone number")]
    TelephoneNumber,
    /// The number of a profile.
    #[error("it is an ICCID, the number of a profile")]
    Iccid,
    /// The number of a card.
    #[error("it is an EID, the number of a card")]
    Eid,
    /// The number of a device.
    #[error("it is an IMEI, the number of a device")]
    Imei,
    /// The settings of a wireless network.
    #[error("it is the key to a Wi-Fi network")]
    Wifi,
    /// An address book entry.
    #[error("it is a contact")]
    Contact,
    /// An address of another kind: `tel:`, `otpauth:` and the like.
    #[error("it is an address for another program")]
    OtherAddress,
}

/// Extensions of pictures, also of those that cannot be read.
const PICTURES: [&str; 14] =
    ["png", "jpg", "jpeg", "webp", "gif", "bmp", "pdf", "svg", "heic", "heif", "avif", "tif", "tiff", "ico"];

impl NoCode {
    /// Judges a text, in plain characters, that has no code in it.
    pub(super) fn explain(text: &str, is_mail: bool) -> Self {
        let text = text.trim();
        let lower = |length: usize| text.chars().take(length).collect::<String>().to_ascii_lowercase();
        let start = lower(12);
        if text.is_empty() {
            return Self::Empty;
        }
        if let Some(number) = number(text) {
            return number;
        }
        if start.starts_with("wifi:") {
            return Self::Wifi;
        }
        if start.starts_with("begin:vcard") || start.starts_with("mecard:") {
            return Self::Contact;
        }
        if is_mail {
            return Self::Mail;
        }
        if text.contains(char::is_whitespace) {
            return Self::judge_sentences(text);
        }
        if start.starts_with("http://") || start.starts_with("https://") {
            return if text.contains('$') { Self::invalid(text) } else { Self::Link };
        }
        if start.starts_with("lpa") && !text.contains('$') && text.chars().nth(3).is_some_and(|c| !c.is_alphabetic()) {
            return Self::DollarsLost;
        }
        if !text.contains('$') {
            let extension = text.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
            if extension.is_some_and(|extension| PICTURES.contains(&extension.as_str())) {
                return Self::PictureName;
            }
            if server(text).is_some() {
                return Self::ServerName;
            }
            if is_other_address(&start) {
                return Self::OtherAddress;
            }
            return Self::Invalid(ActivationCodeError::NoDollar);
        }
        Self::invalid(text)
    }

    fn judge_sentences(text: &str) -> Self {
        match Self::invalid(text) {
            // A mistyped code, and no amount of money.
            invalid if text.len() <= 255 && text.to_ascii_lowercase().starts_with("lpa:") => invalid,
            invalid if text.len() <= 255 && text.contains('$') && text.split_whitespace().count() < 4 => invalid,
            _ => Self::Text,
        }
    }

    /// The reason why a text that looks like a code is none.
    fn invalid(text: &str) -> Self {
        match text.parse::<sgp22::id::ActivationCode>() {
            Err(error) => Self::Invalid(error),
            // With blanks, a code that the search did not take for one.
            Ok(_) => Self::Unclear,
        }
    }
}

/// Numbers that stand on the same papers as a code.
fn number(text: &str) -> Option<NoCode> {
    const MAX_NUMBER_LEN: usize = 64;
    let is_sign = |c: char| " -./()".contains(c);
    let digits = text.strip_prefix('+').unwrap_or(text);
    let fits = text.len() <= MAX_NUMBER_LEN && digits.chars().all(|c| c.is_ascii_digit() || is_sign(c));
    let count = digits.chars().filter(char::is_ascii_digit).count();
    if !fits || count < 3 {
        return None;
    }
    Some(match count {
        32 => NoCode::Eid,
        18..=20 if digits.starts_with("89") => NoCode::Iccid,
        15 if !text.starts_with('+') => NoCode::Imei,
        3..=15 => NoCode::TelephoneNumber,
        _ => return None,
    })
}

/// True for addresses that QR codes carry for other programs.
fn is_other_address(start: &str) -> bool {
    let schemes = [
        "tel:", "mailto:", "sms:", "smsto:", "mmsto:", "geo:", "otpauth:", "bitcoin:", "upi:", "market:", "matmsg:",
        "dpp:",
    ];
    schemes.iter().any(|scheme| start.starts_with(scheme))
}
