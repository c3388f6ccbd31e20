//! The names that a modem gives itself, whatever it sends as such.
#![allow(clippy::unwrap_used, missing_docs)]

use sgp22::transport::Identity;

#[test]
fn names_are_kept_as_they_are() {
    let identity = Identity::new("Fibocom Wireless Inc.", " FM350-GL ", "高通 <b>1</b> é 🙂");
    assert_eq!(identity.manufacturer, "Fibocom Wireless Inc.");
    assert_eq!((&*identity.model, &*identity.firmware), ("FM350-GL", "高通 <b>1</b> é 🙂"));
    assert_eq!(Identity::new("", "\r\n", "\0"), Identity::default());
}

#[test]
fn names_are_cut() {
    let endless = "é".repeat(1 << 20);
    let identity = Identity::new(&endless, &endless, &endless);
    for name in [identity.manufacturer, identity.model, identity.firmware] {
        assert_eq!(name.chars().count(), Identity::MAX_NAME_LEN);
    }
}

#[test]
fn nothing_steers_the_terminal_or_hides() {
    for (hostile, left) in [
        ("a\u{1b}[2Jb", "a[2Jb"),
        ("a\r\nb\tc\u{0}d\u{7f}e", "abcde"),
        ("a\u{85}b\u{9b}31mc", "ab31mc"),
        ("a\u{202e}b\u{2066}c\u{200f}d\u{61c}e", "abcde"),
        ("a\u{200b}b\u{feff}c\u{ad}d\u{2060}e\u{180e}f", "abcdef"),
        ("a\u{2028}b\u{2029}c", "abc"),
        ("a\u{e0041}b\u{fff9}c", "abc"),
    ] {
        assert_eq!(Identity::new("", hostile, "").model, left, "{hostile:?}");
    }
}
