//! Takes the markup of web pages, mails and Markdown out of a text, and moves its links to the end.

use zeroize::Zeroizing;

/// The longest tag or link that is looked for, in bytes.
const MAX_MARKUP_LEN: usize = 8192;

/// Elements that stand inside a line: nothing takes their place.
const INLINE: [&str; 26] = [
    "a", "abbr", "b", "big", "bdi", "bdo", "cite", "code", "em", "font", "i", "img", "ins", "kbd", "mark", "q", "s",
    "samp", "small", "span", "strong", "sub", "sup", "tt", "u", "wbr",
];

/// Elements that end a line.
const BLOCK: [&str; 44] = [
    "article",
    "blockquote",
    "body",
    "br",
    "button",
    "caption",
    "center",
    "dd",
    "div",
    "dl",
    "dt",
    "fieldset",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "input",
    "label",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "pre",
    "script",
    "section",
    "style",
    "table",
    "tbody",
    "td",
    "th",
    "title",
    "tr",
    "ul",
];

/// True if there are tags in the text, as in the body of a mail or a saved page.
pub(super) fn has_tags(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if element(rest).is_some() {
            return true;
        }
    }
    false
}

/// Strips the markup. What stands in it, such as the address of a link, comes after the text, a line each.
pub(super) fn strip(text: &str) -> Zeroizing<String> {
    if !text.contains(['<', '[']) {
        return Zeroizing::new(text.to_owned());
    }
    let mut plain = Zeroizing::new(String::with_capacity(2 * text.len() + 1));
    let mut aside = Zeroizing::new(String::with_capacity(2 * text.len() + 1));
    let mut rest = text;
    while let Some(at) = rest.find(['<', '[']) {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with('<') {
            strip_tag(rest, &mut plain, &mut aside)
        } else {
            strip_link(rest, &mut plain, &mut aside)
        };
        rest = match length {
            Some(length) => &rest[length..],
            None => {
                plain.push_str(&rest[..1]);
                &rest[1..]
            }
        };
    }
    plain.push_str(rest);
    if !aside.is_empty() {
        plain.push('\n');
        plain.push_str(&aside);
    }
    plain
}

/// Up to which byte something may be looked for.
fn window(text: &str) -> &str {
    let mut end = text.len().min(MAX_MARKUP_LEN);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Finds the tag of an element after a `<`: what stands in it, and true if it ends a line.
fn element(after: &str) -> Option<(&str, bool)> {
    // Another '<' is none of this tag: each byte is looked at for one '<' alone.
    let end = window(after).find(['<', '>']).filter(|end| after.as_bytes()[*end] == b'>')?;
    let inside = &after[..end];
    let name = inside.strip_prefix('/').unwrap_or(inside);
    let length = name.bytes().position(|byte| !byte.is_ascii_alphanumeric()).unwrap_or(name.len());
    if !name[length..].is_empty() && !name[length..].starts_with([' ', '\t', '\n', '/']) {
        return None;
    }
    let name = name[..length].to_ascii_lowercase();
    let block = BLOCK.contains(&name.as_str());
    (block || INLINE.contains(&name.as_str())).then_some((inside, block))
}

/// Strips a tag, a comment, or an address in angle brackets at the beginning: its length.
fn strip_tag(text: &str, plain: &mut String, aside: &mut String) -> Option<usize> {
    let after = &text[1..];
    if let Some((inside, block)) = element(after) {
        if block {
            plain.push('\n');
        }
        move_aside(inside, aside);
        return Some(inside.len() + 2);
    }
    let end = window(after).find(['<', '>', ' ', '\n']).filter(|end| after.as_bytes()[*end] == b'>')?;
    let inside = &after[..end];
    // As mail programs write a link after its text: smdp.example.com<http://smdp.example.com>
    let is_link = ["http://", "https://", "mailto:"].iter().any(|scheme| inside.starts_with(scheme));
    is_link.then(|| {
        move_aside(inside, aside);
        end + 2
    })
}

/// Strips a link of Markdown at the beginning, `[text](address)`: its length. The text stays.
fn strip_link(text: &str, plain: &mut String, aside: &mut String) -> Option<usize> {
    let after = &text[1..];
    let middle = window(after).find(['[', ']', '\n']).filter(|at| after[*at..].starts_with("]("))?;
    let address = &after[middle + 2..];
    let end = window(address).find(['[', '(', ')', '\n']).filter(|end| address.as_bytes()[*end] == b')')?;
    plain.push_str(&after[..middle]);
    move_aside(&address[..end], aside);
    Some(1 + middle + 2 + end + 1)
}

/// Keeps what stood in markup, unless no code can be in it.
fn move_aside(inside: &str, aside: &mut String) {
    if inside.contains(['$', '%', '&', '\u{FF04}']) {
        aside.push_str(inside);
        aside.push('\n');
    }
}
