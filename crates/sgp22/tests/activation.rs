//! What a person types or scans: activation codes, confirmation codes and IMEIs. Every form that the field has is
//! understood, and none is ever shown again.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod common;

use common::{bytes, hides, tid};
use sgp22::id::{
    ActivationCode, ActivationCodeError, ActivationCodeWarning, ConfirmationCode, Imei, MatchingId, Oid, Tac,
};

/// Host, token, OID and confirmation flag of a code.
type Parts<'a> = (&'a str, &'a str, Option<&'a str>, bool);

fn code(text: &str) -> ActivationCode {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> ActivationCodeError {
    text.parse::<ActivationCode>().expect_err(text)
}

#[track_caller]
fn reads(text: &str, parts: Parts<'_>) {
    reads_with(text, parts, &[]);
}

#[track_caller]
fn reads_with(text: &str, (smdp, token, oid, confirmation_required): Parts<'_>, warnings: &[ActivationCodeWarning]) {
    let expected = ActivationCode {
        smdp: smdp.into(),
        matching_id: token.parse().unwrap(),
        smdp_oid: oid.map(|oid| oid.parse().unwrap()),
        confirmation_required,
        warnings: warnings.to_vec(),
    };
    assert_eq!(code(text), expected, "{text}");
}

#[test]
fn the_worked_examples() {
    let host = "smdp.example.com";
    let oid = Some("1.3.6.1.4.1.31746");
    reads("LPA:1$SMDP.EXAMPLE.COM$04386-AGYFT-A74Y8-3F815", (host, "04386-AGYFT-A74Y8-3F815", None, false));
    reads("1$SMDP.EXAMPLE.COM$TOKEN$$1", (host, "TOKEN", None, true));
    reads("1$SMDP.EXAMPLE.COM$TOKEN$1.3.6.1.4.1.31746$1", (host, "TOKEN", oid, true));
    reads("1$SMDP.EXAMPLE.COM$TOKEN$1.3.6.1.4.1.31746", (host, "TOKEN", oid, false));
    reads("1$SMDP.EXAMPLE.COM$$1.3.6.1.4.1.31746", (host, "", oid, false));
    reads("1$SMDP.EXAMPLE.COM$", (host, "", None, false));
}

#[test]
fn forms_of_the_field() {
    let plain = ("smdp.example.com", "ToKeN-1", None, false);
    for text in [
        "lpa:1$smdp.example.com$ToKeN-1",
        "Lpa:1$SMDP.example.COM$ToKeN-1",
        "  LPA:1$smdp.example.com$ToKeN-1\r\n",
        "LPA: 1$smdp.example.com$ToKeN-1",
        "LPA:1$smdp.exam\nple.com$ToKeN-1",
        "LPA:1 $ smdp.example.com $ ToKeN-1 ",
        "LPA:1$https://smdp.example.com/$ToKeN-1",
        "LPA:1$HTTPS://smdp.example.com/gsma/rsp2$ToKeN-1",
        "LPA:1$smdp.example.com.$ToKeN-1",
        "LPA:1$smdp.example.com$ToKeN-1$",
        "LPA:1$smdp.example.com$ToKeN-1$$",
    ] {
        reads(text, plain);
    }
    // Profiles for tests, named after files.
    reads("1$a.example$TS48v4_SAIP2.3_BERTLV", ("a.example", "TS48v4_SAIP2.3_BERTLV", None, false));
    reads("1$smdp.example.com", ("smdp.example.com", "", None, false));
    reads("1$smdp.example.com:8443$T", ("smdp.example.com:8443", "T", None, false));
    reads("1$localhost:443$T", ("localhost", "T", None, false));
    // Fields of newer versions follow.
    reads("1$a.example$T$2.999.10$1$810F$1", ("a.example", "T", Some("2.999.10"), true));
    reads("1$a.example$T$2.999.10$$810F", ("a.example", "T", Some("2.999.10"), false));
}

#[test]
fn what_is_no_activation_code() {
    use ActivationCodeError as E;
    for text in ["", " \n\t"] {
        assert_eq!(refused(text), E::Empty);
    }
    for text in ["1", "LPA:1", "smdp.example.com", "LPA:", "ß"] {
        assert_eq!(refused(text), E::NoDollar, "{text}");
    }
    for text in ["$", "$smdp.example.com$T", "2$smdp.example.com$T", "LPA:$a$T", "LPA:LPA:1$a$T", "01$a$T", "äöü:1$a$T"]
    {
        assert_eq!(refused(text), E::Format, "{text}");
    }
    for host in
        ["", "http://a", "a..b", ".a", "a b,c", "ä.example", "a:", "a:0", "a:65536", "a:x", "a:+443", "user@a", "[::1"]
    {
        assert_eq!(refused(&format!("1${host}$T")), E::Host, "{host}");
    }
    assert_eq!(refused(&format!("1${}$T", "a".repeat(64))), E::Host, "a label of 64 characters");
    for token in ["T/1", "T:1", "T+1", "Tä", "T\u{0}", "T%20", "<T>"] {
        assert_eq!(refused(&format!("1$a.example${token}")), E::Token, "{token}");
    }
}

/// Nobody needs the optional parts to use a code: what cannot be read of them is left out, and said.
#[test]
fn optional_parts_that_cannot_be_read_are_warned_about() {
    use ActivationCodeWarning as W;
    for (parts, confirmation_required, warnings) in [
        ("$1234", false, &[W::ConfirmationCode][..]),
        ("$12345678$1", true, &[W::ConfirmationCode]),
        ("$$4711", false, &[W::ConfirmationCode]),
        ("$$1$4711", true, &[W::ConfirmationCode]),
        ("$1234$5678", false, &[W::ConfirmationCode]),
        ("$99999999999999999999.1", false, &[W::Oid]),
        ("$null", false, &[W::Oid]),
        ("$undefined$undefined", false, &[W::Oid, W::Flag]),
        ("$1", false, &[W::Oid]),
        ("$3.1", false, &[W::Oid]),
        ("$1.40", false, &[W::Oid]),
        ("$1..2", false, &[W::Oid]),
        ("$-1.2", false, &[W::Oid]),
        ("$1.2.\u{e4}", false, &[W::Oid]),
        ("$$0", false, &[W::Flag]),
        ("$$2", false, &[W::Flag]),
        ("$$11", false, &[W::Flag]),
        ("$$yes", false, &[W::Flag]),
        ("$$$xyz", false, &[W::Surplus]),
        ("$$$$2", false, &[W::Surplus]),
        ("$$$$$x$y", false, &[W::Surplus]),
        ("$null$$$$x", false, &[W::Oid, W::Surplus]),
        ("$$$$$$", false, &[]),
        ("$$$810F$0", false, &[]),
    ] {
        reads_with(&format!("1$a.example$T{parts}"), ("a.example", "T", None, confirmation_required), warnings);
    }
    for warning in [W::ConfirmationCode, W::Oid, W::Flag, W::Surplus] {
        assert!(!warning.name().is_empty() && !warning.to_string().is_empty());
    }
}

#[test]
fn no_more_than_255_characters() {
    let longest = format!("1$a.example${}", "T".repeat(255 - 12));
    assert_eq!(code(&longest).matching_id.expose().len(), 243);
    assert_eq!(refused(&format!("{longest}T")), ActivationCodeError::TooLong);
    // Blanks are not part of it.
    assert_eq!(code(&format!(" {longest}\n")), code(&longest));
}

#[test]
fn a_code_is_never_shown() {
    let secret = "SECRET-TOKEN-42";
    let code = code(&format!("LPA:1$smdp.example.com${secret}$2.999.10$1"));
    hides(&code, secret.as_bytes());
    hides(&code.matching_id, secret.as_bytes());
    assert!(format!("{code:?}").contains("smdp.example.com"));
    assert_eq!(format!("{:?}", MatchingId::default()), "MatchingId(empty)");
    for wrong in ["1$smdp.example.com$SECRET+TOKEN", "SECRET+TOKEN", "2$h$SECRET+TOKEN", "1$SECRET+TOKEN!$x"] {
        let error = refused(wrong);
        assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
    }
    let error = "SECRET+TOKEN".parse::<MatchingId>().unwrap_err();
    assert!(!format!("{error} {error:?}").contains("SECRET"), "{error}");
}

#[test]
fn matching_ids() {
    assert!("".parse::<MatchingId>().unwrap().is_empty());
    assert_eq!("aB-9".parse::<MatchingId>().unwrap().expose(), "aB-9");
    assert!("x".repeat(255).parse::<MatchingId>().is_ok());
    assert!("x".repeat(256).parse::<MatchingId>().is_err());
}

#[test]
fn object_identifiers() {
    for (text, wire) in [
        ("2.999.10", "88370A"),
        ("1.3.6.1.4.1.31746", "2B0601040181F802"),
        ("2.23.146.1.2.1.4", "67811201020104"),
        ("0.0", "00"),
        ("1.39", "4F"),
        ("2.0", "50"),
        ("2.47", "7F"),
        ("2.48", "8100"),
        ("2.100.3", "813403"),
        // UUIDs under 2.25 (ITU-T X.667) have 128 bits; the next three stand on either side of 64 bits.
        ("2.25.329800735698586629295641978511506172918", "6983F09DA7EBCFDEE0C7A1A7B2C0948CC8F9D776"),
        ("2.999.18446744073709551615", "883781FFFFFFFFFFFFFFFF7F"),
        ("2.999.18446744073709551616", "883782808080808080808000"),
        ("2.18446744073709551616", "82808080808080808050"),
    ] {
        let oid: Oid = text.parse().unwrap();
        assert_eq!(oid.as_bytes(), bytes(wire), "{text}");
        assert_eq!(Oid::decode(&bytes(wire)).unwrap().to_string(), text);
    }
    let arc = format!("2.999.{}", "9".repeat(140));
    assert!(arc.parse::<Oid>().is_err(), "more than 64 bytes");
    for wrong in ["", ".", "1", "x", "3.1", "1.40", "1..2", "1.2.", ".1.2", "-1.2", "1.+2", "1.2.x", "10.1", "2.1 "] {
        assert!(wrong.parse::<Oid>().is_err(), "{wrong}");
    }
    for broken in ["", "88", "8837", "8080"] {
        let result = Oid::decode(&bytes(broken));
        assert!(result.is_err() == (broken != "8837"), "{broken}");
    }
}

#[test]
fn imei_and_tac() {
    let imei: Imei = "352906112345678".parse().unwrap();
    assert_eq!(imei.as_bytes()[..], bytes("539260113254768F"));
    assert_eq!(imei.tac(), Tac([0x53, 0x92, 0x60, 0x11]));
    assert_eq!(Tac::GENERIC, imei.tac());
    assert_eq!("35-290611-234567-8".parse(), Ok(imei));
    // The check digit is computed: Luhn of 35290611234567 is 5.
    assert_eq!("35290611234567".parse::<Imei>().unwrap().as_bytes()[..], bytes("539260113254765F"));
    for wrong in ["", "3529061123456", "3529061123456789", "35290611234567A"] {
        assert!(wrong.parse::<Imei>().is_err(), "{wrong}");
    }
    assert!(!format!("{imei:?}").contains("5678"));
}

#[test]
fn the_hash_of_a_confirmation_code() {
    let code: ConfirmationCode = "12345678".parse().unwrap();
    assert_eq!(code.digest()[..], bytes("EF797C8118F02DFB649607DD5D3F8C7623048C9C063D532CC95C5ED7A898A64F"));
    let hash_cc = bytes("87B0215C5D8F952804B1C92D5F2AE9966568B47CD659519536D862E7A9470D2D");
    assert_eq!(code.hash(&tid())[..], hash_cc);
    assert_eq!(ConfirmationCode::hash_of_digest(&code.digest(), &tid())[..], hash_cc);
    hides(&code, b"12345678");
    hides(&code, &code.digest());
}

#[test]
fn a_confirmation_code_is_kept_as_typed() {
    let plain: ConfirmationCode = "12345678".parse().unwrap();
    for text in ["12345678\n", "12345678\r\n"] {
        assert_eq!(text.parse(), Ok(plain.clone()), "the end of a line is none of it");
    }
    for text in [" 12345678", "12345678 ", "1234 5678", "12345678\n\n", "１２３４５６７８"] {
        assert_ne!(text.parse::<ConfirmationCode>().unwrap(), plain, "{text:?}");
    }
    assert_eq!(
        "é".parse::<ConfirmationCode>().unwrap().digest(),
        "\u{E9}".parse::<ConfirmationCode>().unwrap().digest()
    );
    for text in ["", "\n", "\r\n"] {
        assert!(text.parse::<ConfirmationCode>().is_err(), "{text:?}");
    }
    assert!("x".repeat(255).parse::<ConfirmationCode>().is_ok());
    let error = "x".repeat(256).parse::<ConfirmationCode>().unwrap_err();
    assert!(!error.to_string().contains("xx"), "{error}");
}
