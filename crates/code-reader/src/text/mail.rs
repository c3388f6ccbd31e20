//! Mails as files: parts that travel in base64.

use data_encoding::BASE64_MIME_PERMISSIVE;
use zeroize::Zeroizing;

use super::decode_text;

/// The most parts of a mail that are decoded: each costs as much room as the mail.
const MAX_PARTS: usize = 16;

/// Decodes the parts of a mail that are text in base64 (RFC 2045 6.8), and appends them to the mail. `None` without any.
pub(super) fn with_decoded_parts(text: &str) -> Option<Zeroizing<String>> {
    let lower = |line: &str| line.chars().take(64).collect::<String>().to_ascii_lowercase();
    let is_header = |line: &str| {
        line.get(..25).is_some_and(|name| name.eq_ignore_ascii_case("content-transfer-encoding"))
            && lower(line).contains("base64")
    };
    let mut all: Option<Zeroizing<String>> = None;
    let mut lines = text.lines();
    for _ in 0..MAX_PARTS {
        // The header, the rest of the headers, and an empty line.
        if !(lines.by_ref().any(is_header) && lines.by_ref().any(|line| line.trim().is_empty())) {
            break;
        }
        let mut body = Zeroizing::new(String::with_capacity(text.len()));
        body.extend(lines.by_ref().take_while(|line| !line.trim().is_empty() && !line.starts_with("--")));
        let bytes = BASE64_MIME_PERMISSIVE.decode(body.as_bytes()).map(Zeroizing::new);
        if let Some(part) = bytes.ok().and_then(|bytes| decode_text(&bytes)) {
            let all = all.get_or_insert_with(|| {
                let mut all = Zeroizing::new(String::with_capacity(3 * text.len() + 64));
                all.push_str(text);
                all
            });
            all.push('\n');
            all.push_str(&part);
        }
    }
    all
}
