//! Contacts as vCard 4.0 (RFC 6350).

use sim::Contact;

/// The longest line, in bytes without its end (RFC 6350 3.2).
const LINE: usize = 75;

/// All contacts, one card each.
pub(super) fn cards(contacts: &[Contact]) -> String {
    contacts.iter().map(card).collect()
}

fn card(contact: &Contact) -> String {
    let mut lines = vec!["BEGIN:VCARD".to_owned(), "VERSION:4.0".to_owned()];
    // A card must have a name to show.
    let shown = [Some(&contact.name), contact.numbers.first(), contact.emails.first()];
    let name = shown.into_iter().flatten().find(|name| !name.is_empty()).map_or("?", String::as_str);
    lines.push(format!("FN:{}", escape(name)));
    lines.extend(contact.numbers.iter().map(|number| telephone(number)));
    lines.extend(contact.emails.iter().map(|email| format!("EMAIL:{}", escape(email))));
    if !contact.second_names.is_empty() {
        let names: Vec<String> = contact.second_names.iter().map(|name| escape(name)).collect();
        lines.push(format!("NICKNAME:{}", names.join(",")));
    }
    lines.push("END:VCARD".to_owned());
    lines.iter().map(|line| fold(line)).collect()
}

/// A number that is the same everywhere as a URI, any other one as text: it has no URI without its country.
fn telephone(number: &str) -> String {
    let global =
        number.strip_prefix('+').is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|sign| sign.is_ascii_digit()));
    if global { format!("TEL;VALUE=uri:tel:{number}") } else { format!("TEL:{}", escape(number)) }
}

/// A text value (RFC 6350 3.4). Control characters have no place in one.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    for sign in text.chars() {
        match sign {
            '\n' => escaped += "\\n",
            '\\' | ',' | ';' => escaped.extend(['\\', sign]),
            sign if sign.is_control() && sign != '\t' => {}
            sign => escaped.push(sign),
        }
    }
    escaped
}

/// Folds a line, never inside a sign.
fn fold(line: &str) -> String {
    let mut folded = String::new();
    let mut length = 0;
    for sign in line.chars() {
        if length + sign.len_utf8() > LINE {
            folded += "\r\n ";
            length = 1;
        }
        folded.push(sign);
        length += sign.len_utf8();
    }
    folded + "\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use sim::Source;

    fn contact(name: &str, numbers: &[&str]) -> Contact {
        Contact {
            source: Source::Adn,
            record: 1,
            name: name.into(),
            numbers: numbers.iter().map(|number| (*number).to_owned()).collect(),
            emails: Vec::new(),
            second_names: Vec::new(),
            cut: false,
        }
    }

    #[test]
    fn a_card() {
        let mut anna = contact("Beispiel; Anna, \\Dr\\", &["+447700900123", "*100#", "03023125003p1"]);
        anna.emails.push("anna@example.com".into());
        anna.second_names = vec!["Annie".into(), "A,B".into()];
        assert_eq!(
            card(&anna),
            "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Beispiel\\; Anna\\, \\\\Dr\\\\\r\nTEL;VALUE=uri:tel:+447700900123\r\n\
             TEL:*100#\r\nTEL:03023125003p1\r\nEMAIL:anna@example.com\r\nNICKNAME:Annie,A\\,B\r\nEND:VCARD\r\n"
        );
        assert!(card(&contact("", &["110"])).contains("\r\nFN:110\r\n"));
        assert!(card(&contact("", &[])).contains("\r\nFN:?\r\n"));
        // Nothing breaks out of its line.
        let hostile = card(&contact("x\r\nEND:VCARD\nTEL:1\u{0}\u{1B}", &[]));
        assert!(hostile.contains("\r\nFN:x\\nEND:VCARD\\nTEL:1\r\n"), "{hostile}");
    }

    #[test]
    fn long_lines_are_folded_between_signs() {
        let name = "王".repeat(60);
        let card = card(&contact(&name, &[]));
        let lines: Vec<&str> = card.split("\r\n").collect();
        assert!(lines.iter().all(|line| line.len() <= LINE), "{card}");
        assert!(lines.iter().any(|line| line.starts_with(' ')));
        assert!(card.replace("\r\n ", "").contains(&format!("FN:{name}\r\n")));
    }
}
