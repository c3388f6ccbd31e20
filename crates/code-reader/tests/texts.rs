//! Codes as people have them in hand. Each row names the kind of source that it stands for.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use code_reader::{Form, NoCode, Reading, decode_text, read_text};
use sgp22::id::{ActivationCodeError as E, ActivationCodeWarning};

const HOST: &str = "smdp.example.com";
const TOKEN: &str = "K2-ABC-DEF";

#[track_caller]
fn reads(source: &str, text: &str, form: Form) -> Reading {
    let reading = read_text(text).unwrap_or_else(|why| panic!("{source}: {why}\n{text}"));
    assert_eq!((reading.code.smdp.as_str(), reading.code.matching_id.expose()), (HOST, TOKEN), "{source}: {text}");
    assert_eq!(reading.form, form, "{source}: {text}");
    reading
}

#[test]
fn bare_codes() {
    for (source, text) in [
        ("SGP.22 4.1", "LPA:1$smdp.example.com$K2-ABC-DEF"),
        ("SGP.22 4.1, as typed by hand", "1$smdp.example.com$K2-ABC-DEF"),
        ("web pages of operators", "lpa:1$smdp.example.com$K2-ABC-DEF"),
        ("links in apps, with the slashes of a link", "lpa://1$smdp.example.com$K2-ABC-DEF"),
        ("typed without the colon", "LPA1$smdp.example.com$K2-ABC-DEF"),
        ("typed with a blank", "LPA: 1$smdp.example.com$K2-ABC-DEF"),
        ("copied with its line end", "LPA:1$smdp.example.com$K2-ABC-DEF\r\n"),
        ("a byte order mark", "\u{feff}LPA:1$smdp.example.com$K2-ABC-DEF"),
        ("percent-encoding", "LPA%3A1%24smdp.example.com%24K2-ABC-DEF"),
        ("percent-encoding, twice", "LPA%253A1%2524smdp.example.com%2524K2-ABC-DEF"),
        ("percent-encoding, in small letters", "lpa%3a1%24smdp%2eexample.com%24K2-ABC-DEF"),
        ("a quoted string", "\"LPA:1$smdp.example.com$K2-ABC-DEF\""),
        ("a quoted string of a shell", "'LPA:1$smdp.example.com$K2-ABC-DEF'"),
        ("quotes of a word processor", "\u{201c}LPA:1$smdp.example.com$K2-ABC-DEF\u{201d}"),
        ("German quotes", "\u{201e}LPA:1$smdp.example.com$K2-ABC-DEF\u{201c}"),
        ("French quotes", "\u{ab}\u{a0}LPA:1$smdp.example.com$K2-ABC-DEF\u{a0}\u{bb}"),
        ("Japanese brackets", "「LPA:1$smdp.example.com$K2-ABC-DEF」"),
        ("Markdown code", "`LPA:1$smdp.example.com$K2-ABC-DEF`"),
        ("Markdown code block", "```\nLPA:1$smdp.example.com$K2-ABC-DEF\n```"),
        ("Markdown emphasis", "**LPA:1$smdp.example.com$K2-ABC-DEF**"),
        ("Markdown emphasis with underscores", "_LPA:1$smdp.example.com$K2-ABC-DEF_"),
        ("angle brackets of mails", "<LPA:1$smdp.example.com$K2-ABC-DEF>"),
        ("full-width keyboards", "ＬＰＡ：１＄ｓｍｄｐ．ｅｘａｍｐｌｅ．ｃｏｍ＄Ｋ２－ＡＢＣ－ＤＥＦ"),
        ("full-width punctuation alone", "LPA：1＄smdp.example.com＄K2-ABC-DEF"),
        ("a sentence's full stop", "LPA:1$smdp.example.com$K2-ABC-DEF."),
        ("a list's comma", "LPA:1$smdp.example.com$K2-ABC-DEF,"),
        ("a Chinese full stop", "LPA:1$smdp.example.com$K2-ABC-DEF。"),
        ("escapes of Markdown and shells", "LPA:1\\$smdp.example.com\\$K2-ABC-DEF"),
        ("escapes, twice", "LPA:1\\\\$smdp.example.com\\\\$K2-ABC-DEF"),
        ("escapes of JSON", "\"LPA:1\\u0024smdp.example.com\\u0024K2-ABC-DEF\""),
        ("no-break spaces", "\u{a0}LPA:1$\u{a0}smdp.example.com$\u{202f}K2-ABC-DEF\u{a0}"),
        ("soft hyphens", "LPA:1$smdp.exam\u{ad}ple.com$K2-\u{ad}ABC-DEF"),
        ("joiners of no width", "LPA:1$\u{200b}smdp.example.com$\u{2060}K2-ABC-DEF\u{200c}"),
        ("marks of direction", "\u{200e}LPA:1$smdp.example.com$K2-ABC-DEF\u{202c}"),
        ("hyphens that do not break", "LPA:1$smdp.example.com$K2\u{2011}ABC\u{2011}DEF"),
        ("dashes of a word processor", "LPA:1$smdp.example.com$K2\u{2013}ABC\u{2013}DEF"),
        ("HTML entities", "LPA&#58;1&#36;smdp.example.com&#x24;K2-ABC-DEF"),
        ("HTML entities, escaped again", "LPA:1&amp;#36;smdp.example.com&amp;dollar;K2-ABC-DEF"),
        ("broken after a dollar sign", "LPA:1$smdp.example.com$\nK2-ABC-DEF"),
        ("broken before a dollar sign", "LPA:1$smdp.example.com\r\n$K2-ABC-DEF"),
        ("broken after a hyphen", "LPA:1$smdp.example.com$K2-ABC-\n  DEF"),
        ("broken before a hyphen", "LPA:1$smdp.example.com$K2-ABC\n-DEF"),
        ("broken in the host", "LPA:1$smdp.exam\nple.com$K2-ABC-DEF"),
        ("printed in groups", "LPA: 1 $ smdp.example.com $ K2-AB C-DEF"),
    ] {
        reads(source, text, Form::Code);
    }
}

#[test]
fn links() {
    let code = "LPA:1$smdp.example.com$K2-ABC-DEF";
    for (source, text) in [
        ("Apple's universal link", format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={code}")),
        ("Google's link", format!("https://esimsetup.android.com/esim_qrcode_provisioning?carddata={code}")),
        (
            "Apple's link, encoded",
            "https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=LPA%3A1%24smdp.example.com%24K2-ABC-DEF".into(),
        ),
        (
            "a link behind another site's redirection",
            "https://links.example.org/?u=https%3A%2F%2Fesimsetup.apple.com%2Fx%3Fcarddata%3DLPA%253A1%2524smdp.example.com%2524K2-ABC-DEF%26a%3Db".into(),
        ),
        ("the short link of QR codes", "https://qr.esim.tf/1$smdp.example.com$K2-ABC-DEF".into()),
        ("a link with more parameters", format!("https://example.org/esim?lang=de&carddata={code}&utm_source=mail#top")),
        ("a link with a final slash", "https://qr.esim.tf/1$smdp.example.com$K2-ABC-DEF/".into()),
        ("a link with a query after the code", "https://qr.esim.tf/1$smdp.example.com$K2-ABC-DEF?utm=x".into()),
        ("a Markdown link", format!("[Install]({})", "https://qr.esim.tf/1$smdp.example.com$K2-ABC-DEF")),
        ("a link in words", format!("Tap https://esimsetup.apple.com/x?carddata={code} to install your eSIM.")),
        ("the links of both systems", format!("iPhone: https://esimsetup.apple.com/x?carddata={code}\nAndroid: https://esimsetup.android.com/x?carddata={code}\n")),
        (
            "the button of an HTML mail",
            "<p>Hello</p><a style=\"color:red\" href=\"https://esimsetup.apple.com/x?carddata=LPA:1$smdp.example.com$K2-ABC-DEF&amp;x=1\">Install</a>".into(),
        ),
        (
            "the picture of an HTML mail",
            "<div><img src='https://chart.example.org/qr?size=300&data=LPA%3A1%24smdp.example.com%24K2-ABC-DEF' alt=''></div>".into(),
        ),
    ] {
        reads(source, &text, Form::Link);
    }
}

#[test]
fn codes_among_words() {
    for (source, text) in [
        ("a message", "Your eSIM code is LPA:1$smdp.example.com$K2-ABC-DEF, valid for 30 days."),
        ("a message without a blank", "激活码：LPA:1$smdp.example.com$K2-ABC-DEF请在7天内扫描"),
        ("a question", "Did you scan 1$smdp.example.com$K2-ABC-DEF?"),
        ("a sentence about money", "It costs 1$ a day, 5$ a week. LPA:1$smdp.example.com$K2-ABC-DEF and $3 back."),
        ("a line of a mail", "Hello,\n\nLPA:1$smdp.example.com$K2-ABC-DEF\nICCID: 8944500102198304826\nThanks\n"),
        ("a line of a mail before a signature", "Hello,\n\nLPA:1$smdp.example.com$K2-ABC-DEF\n\nREGARDS\n"),
        ("a quoted mail", "> Code:\n> LPA:1$smdp.example.com$K2-ABC-DEF\n> Bye"),
        (
            "an operator's page with both forms",
            "SM-DP+ Address: smdp.example.com\nActivation Code: LPA:1$smdp.example.com$K2-ABC-DEF\n",
        ),
        ("the code twice", "LPA:1$smdp.example.com$K2-ABC-DEF or 1$SMDP.example.com$K2-ABC-DEF"),
        ("an example beside the code", "Codes look like LPA:1$...; yours is LPA:1$smdp.example.com$K2-ABC-DEF"),
        ("a host as a Markdown link", "Use `LPA:1$[smdp.example.com](http://smdp.example.com)$K2-ABC-DEF` now"),
        ("a Markdown link by its code", "See [LPA:1$smdp.example.com$K2-ABC-DEF](https://operator.example.com/help)"),
        ("a host that Outlook linked", "Code LPA:1$smdp.example.com<http://smdp.example.com/>$K2-ABC-DEF"),
        (
            "a line of 70 characters that goes on",
            "Please install this in the settings: LPA:1$smdp.example.com$K2-ABC\n-DEF\n",
        ),
        ("a table of Markdown", "| code | LPA:1$smdp.example.com$K2-ABC-DEF |\n"),
        ("JSON of an API", "{\"id\":7,\"ac\":\"LPA:1$smdp.example.com$K2-ABC-DEF\",\"n\":1}"),
        ("CSV of an API", "8944500102198304826,LPA:1$smdp.example.com$K2-ABC-DEF,active"),
        ("a terminal's prompt", "$ esimctl download 'LPA:1$smdp.example.com$K2-ABC-DEF'"),
    ] {
        reads(source, text, Form::Text);
    }
    for (source, text) in [
        (
            "a mail in quoted-printable",
            "From: a@example.com\r\nSubject: eSIM\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nIhr Code: LPA:1$smdp.exam=\r\nple.com$K2-ABC=2DDEF\r\n",
        ),
        (
            "a mail with a part in base64",
            "From: a@example.com\r\nSubject: eSIM\r\nContent-Transfer-Encoding: base64\r\nContent-Type: text/plain\r\n\r\nSGFsbG8sCklociBDb2RlOiBMUEE6MSRzbWRwLmV4YW1wbGUuY29tJEsyLUFCQy1ERUYKR3LDvMOf\r\nZQo=\r\n\r\n",
        ),
        (
            "a mail with two parts in base64",
            "Subject: eSIM\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-transfer-encoding: BASE64\r\n\r\nSGFsbG8sCklociBDb2RlOiBMUEE6MSRzbWRwLmV4YW1wbGUuY29tJEsyLUFCQy1ERUYKR3LDvMOf\r\nZQo=\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\nPHA+Q29kZTogPGI+TFBBOjEkc21kcC5leGFtcGxlLmNvbSRLMi1BQkMtREVGPC9iPjwvcD4=\r\n--b--\r\n",
        ),
        (
            "a mail with headers",
            "From: a@example.com\nTo: b@example.com\nSubject: eSIM\n\nLPA:1$smdp.example.com$K2-ABC-DEF\n",
        ),
        ("a page with tags in the code", "<td>LPA:1$<wbr>smdp.example.com<wbr/>$<b>K2-ABC-DEF</b><br>Bye</td>"),
        (
            "a page whose host is linked",
            "<p>LPA:1$<a href=\"http://smdp.example.com\">smdp.example.com</a>$K2-ABC-DEF</p>",
        ),
        ("a page with entities", "<html><body>LPA:1&#36;smdp.example.com&#36;K2-ABC-DEF&nbsp;&lt;- scan</body></html>"),
    ] {
        reads(source, text, Form::Mail);
    }
    let line = format!("{}LPA:1$smdp.example.com$K2-ABC\nX7\n", "a ".repeat(20));
    assert_eq!(read_text(&line).unwrap().code.matching_id.expose(), "K2-ABCX7", "a long line goes on");
}

#[test]
fn address_and_token_apart() {
    for (source, text) in [
        ("iPhone's settings", "SM-DP+ Address: smdp.example.com\nActivation Code: K2-ABC-DEF\n"),
        ("Android's settings", "SM-DP+ address smdp.example.com\nActivation code K2-ABC-DEF"),
        ("values on lines of their own", "SM-DP+ Address\nsmdp.example.com\n\nActivation Code\nK2-ABC-DEF\n"),
        ("with the standard's word", "SMDP: https://SMDP.example.com/\nMatching ID = K2-ABC-DEF"),
        ("one line", "SM-DP+ Address: smdp.example.com, Activation Code: K2-ABC-DEF."),
        ("with a remark", "Activation code (Matching ID): \"K2-ABC-DEF\"\nSM-DP+ Server: smdp.example.com"),
        ("in words", "The SM-DP+ address is smdp.example.com and the activation code is K2-ABC-DEF."),
        ("Chinese", "SM-DP+ 地址：smdp.example.com\n激活码：K2-ABC-DEF\n"),
        ("traditional Chinese", "SM-DP+位址：smdp.example.com\n啟用碼：K2-ABC-DEF\n"),
        ("German", "SM-DP+-Adresse: smdp.example.com\nAktivierungscode: K2-ABC-DEF"),
        ("French", "Adresse SM-DP+ : smdp.example.com\nCode d\u{2019}activation : K2-ABC-DEF"),
        ("Spanish", "Dirección SM-DP+: smdp.example.com\nCódigo de activación: K2-ABC-DEF"),
        ("Portuguese", "Endereço SM-DP+: smdp.example.com\nCódigo de ativação: K2-ABC-DEF"),
        ("Italian", "Indirizzo SM-DP+: smdp.example.com\nCodice di attivazione: K2-ABC-DEF"),
        ("Japanese", "SM-DP+アドレス：smdp.example.com\nアクティベーションコード：K2-ABC-DEF"),
        ("Korean", "SM-DP+ 주소: smdp.example.com\n활성화 코드: K2-ABC-DEF"),
        ("Russian", "Адрес SM-DP+: smdp.example.com\nКод активации: K2-ABC-DEF"),
        ("Markdown", "**SM-DP+ Address:** `smdp.example.com`\n**Activation Code:** `K2-ABC-DEF`"),
        ("a table", "| SM-DP+ Address | smdp.example.com |\n| Activation Code | K2-ABC-DEF |"),
        (
            "a web page",
            "<tr><td>SM-DP+ Address</td><td>smdp.example.com</td></tr><tr><td>Activation Code</td><td>K2-ABC-DEF</td></tr>",
        ),
        (
            "said twice",
            "SM-DP+ Address: smdp.example.com\nActivation Code: K2-ABC-DEF\nSM-DP+: smdp.example.com\nMatching ID: K2-ABC-DEF",
        ),
    ] {
        reads(source, text, Form::Apart);
    }
    for (source, text) in [
        ("two tokens", "SM-DP+ Address: smdp.example.com\nActivation Code: K2-ABC-DEF\nActivation Code: K3-ABC-DEF"),
        ("two servers", "SM-DP+ Address: a.example.com\nSM-DP+ Address: b.example.com\nActivation Code: K2-ABC-DEF"),
        ("no token", "SM-DP+ Address: smdp.example.com\nActivation Code: you will get it by SMS\n"),
        ("no address", "SM-DP+ Address: see below\nActivation Code: K2-ABC-DEF\n"),
    ] {
        assert_eq!(read_text(text).unwrap_err(), NoCode::Apart, "{source}");
    }
    let text = "SM-DP+ Address: smdp.example.com\nActivation Code: K2-ABC-DEF\nConfirmation Code: 4711\n";
    assert!(reads("with a confirmation code", text, Form::Apart).names_confirmation_code);
    let text = "Code: LPA:1$smdp.example.com$K2-ABC-DEF$$1\n确认码：4711\n";
    assert!(reads("with a confirmation code", text, Form::Text).names_confirmation_code);
}

#[test]
fn two_codes_are_never_guessed_at() {
    for (count, text) in [
        (2, "LPA:1$smdp.example.com$A1 LPA:1$smdp.example.com$A2".to_owned()),
        (2, "1$smdp.example.com$A1\n1$smdp.example.com$A2\n".to_owned()),
        (2, "https://esimsetup.apple.com/x?carddata=LPA:1$a.example.com$A&carddata=LPA:1$b.example.com$A".to_owned()),
        (3, "LPA:1$a.example.com$A,LPA:1$a.example.com$B;LPA:1$a.example.com$C".to_owned()),
        (10_000, (0..10_000).map(|n| format!("LPA:1$smdp.example.com$T{n}\n")).collect()),
    ] {
        assert_eq!(read_text(&text).unwrap_err(), NoCode::Several(count), "{}", &text[..40]);
    }
}

/// A blank in a token, or a number after it, is the difference between one code and another.
#[test]
fn what_may_belong_to_the_token_is_not_guessed_at() {
    for text in [
        "LPA:1$smdp.example.com$K2ABC 4711",
        "LPA:1$smdp.example.com$K2ABC\n4711\n",
        "My code:\nLPA:1$smdp.example.com$K2ABC\nX7YZ\nBye\n",
    ] {
        assert_eq!(read_text(text).unwrap_err(), NoCode::Unclear, "{text}");
    }
    // A sentence goes on in words.
    let token = |text: &str| read_text(text).unwrap().code.matching_id.expose().to_owned();
    assert_eq!(token("LPA:1$smdp.example.com$K2ABC thanks"), "K2ABC");
    assert_eq!(token("LPA:1$smdp.example.com$K2ABC\nThanks"), "K2ABC");
    // Neither is a host made of words.
    for code in ["LPA:1$smdp example com$K2", "LPA:1$smdp.example.com foo$K2", "1$smdp.\texample.com$K2"] {
        assert!(matches!(read_text(code), Err(NoCode::Invalid(E::Host))), "{code}");
    }
    assert_eq!(token("LPA:1$smdp.example.com$\nThanks"), "");
    assert_eq!(read_text("LPA:1$smdp.example.com$ thanks").unwrap_err(), NoCode::Unclear);
    assert_eq!(token("LPA:1$smdp.example.com"), "");
}

#[test]
fn optional_parts() {
    let code = |text: &str| read_text(text).unwrap_or_else(|why| panic!("{text}: {why}")).code;
    let whole = code("Code: LPA:1$smdp.example.com$K2$2.999.10$1.");
    assert_eq!(
        (whole.smdp_oid.map(|oid| oid.to_string()).as_deref(), whole.confirmation_required),
        (Some("2.999.10"), true)
    );
    assert_eq!(code("LPA:1$smdp.example.com$K2$$4711").warnings, [ActivationCodeWarning::ConfirmationCode]);
    assert_eq!(code("Code: LPA:1$smdp.example.com$K2$null, hello").warnings, [ActivationCodeWarning::Oid]);
    // The form that says more is used.
    let both = code("LPA:1$smdp.example.com$K2 is short for LPA:1$smdp.example.com$K2$2.999.10");
    assert!(both.smdp_oid.is_some());
}

#[test]
fn what_is_no_code_is_named() {
    use NoCode as N;
    for (text, expected) in [
        ("", N::Empty),
        (" \u{feff}\n\t", N::Empty),
        ("\u{200b}", N::Empty),
        ("LPA:1smdp.example.com", N::DollarsLost),
        ("LPA:1", N::DollarsLost),
        ("lpa:", N::DollarsLost),
        ("SECRET", N::Invalid(E::NoDollar)),
        ("LPA:2$smdp.example.com$T", N::Invalid(E::Format)),
        ("$smdp.example.com$T", N::Invalid(E::Format)),
        ("LPA:1$$T", N::Invalid(E::Host)),
        ("LPA:1$secret!host$T", N::Invalid(E::Host)),
        ("LPA:1$smdp.example.com:99999$T", N::Invalid(E::Host)),
        ("LPA:1$ünï.example.com$T", N::Invalid(E::Host)),
        ("LPA:1$smdp.example.com$T+1", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T/1", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T;1", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T,1", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T*1", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T?1", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T&1", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T\u{e4}", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$T%ZZ", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$<token>", N::Invalid(E::Token)),
        ("LPA:1$smdp.example.com$[TOKEN]", N::Invalid(E::Token)),
        ("smdp.example.com", N::ServerName),
        ("https://operator.example.com/esim/help", N::Link),
        ("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata=", N::Link),
        ("Your eSIM is ready. Open https://operator.example.com to install it.", N::Text),
        ("From: a@example.com\nSubject: eSIM\n\nIt is attached.\n", N::Mail),
        ("<html><body><p>It is attached.</p></body></html>", N::Mail),
        ("code.png", N::PictureName),
        ("my code.JPEG", N::Text),
        ("/home/me/code.pdf", N::PictureName),
        ("+86 138 0013 8000", N::TelephoneNumber),
        ("8944500102198304826", N::Iccid),
        ("8944 5001 0219 8304 826", N::Iccid),
        ("89049032000000000000000000000000", N::Eid),
        ("35-290611-234567-8", N::Imei),
        ("WIFI:S:Home;T:WPA;P:secret;;", N::Wifi),
        ("BEGIN:VCARD\nFN:A\nEND:VCARD", N::Contact),
        ("tel:+8613800138000", N::OtherAddress),
        ("otpauth://totp/x?secret=y", N::OtherAddress),
    ] {
        assert_eq!(read_text(text).unwrap_err(), expected, "{text}");
        let said = expected.to_string();
        assert!(said.len() <= 120 && !said.contains("secret"), "{said}");
    }
    let long = format!("LPA:1$smdp.example.com${}", "T".repeat(10_000));
    assert_eq!(read_text(&long).unwrap_err(), N::Invalid(E::TooLong));
}

#[test]
fn encodings_of_files() {
    let code = "LPA:1$smdp.example.com$K2-ABC-DEF\r\n";
    let utf16 = |order: fn(u16) -> [u8; 2], mark: &[u8]| {
        [mark.to_vec(), code.encode_utf16().flat_map(order).collect::<Vec<u8>>()].concat()
    };
    for (source, bytes) in [
        ("UTF-8", code.as_bytes().to_vec()),
        ("UTF-8 with its mark", [b"\xEF\xBB\xBF", code.as_bytes()].concat()),
        ("UTF-16 of Windows", utf16(u16::to_le_bytes, b"\xFF\xFE")),
        ("UTF-16, big endian", utf16(u16::to_be_bytes, b"\xFE\xFF")),
        ("UTF-16 without a mark", utf16(u16::to_le_bytes, b"")),
        ("Latin-1", [b"F\xFCr Sie: ", code.as_bytes()].concat()),
    ] {
        let text = decode_text(&bytes).unwrap_or_else(|| panic!("{source}"));
        let reading = read_text(&text).unwrap_or_else(|why| panic!("{source}: {why}"));
        assert_eq!(reading.code.matching_id.expose(), TOKEN, "{source}");
    }
    for (source, bytes) in [
        ("a picture", &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..]),
        ("zeros", &[0; 4096]),
        ("a zero in a text", b"LPA:1$smdp.example.com$K2\0-ABC-DEF"),
        ("noise", &[0x07, 0x90, 0xFF, 0x01, 0x33]),
        ("noise in UTF-16", b"\xFF\xFE\x01\x00\x02\x00"),
    ] {
        assert!(decode_text(bytes).is_none(), "{source}");
    }
}

/// Work that grows with the square of the length would take minutes.
#[test]
fn time_grows_with_the_length_alone() {
    let fill = |piece: &str| piece.repeat((1 << 17) / piece.len());
    for piece in [
        "$",
        "1$",
        " 1$",
        "LPA:1$",
        "LPA:1$a.b$",
        "lpa:",
        "%",
        "%2",
        "%25",
        "%2525",
        "&",
        "&#36;",
        "&amp;",
        "\\",
        "\\\\$",
        "<",
        "<a ",
        "<a>",
        "[",
        "[](",
        "](",
        "[a](b)",
        "=\n",
        "=3D",
        "\n",
        " ",
        "a",
        "sm-dp ",
        "sm-dp\n",
        "activation code: ",
        "一",
        "1$a.b$T\n",
        "Content-Transfer-Encoding: base64\n\nQQ==\n\n",
        "Content-Transfer-Encoding: base64\n",
        "LPA:1$a.b$T-\n",
        "1 $ ",
        "://",
        "-",
        ".",
        "LPA:1$a\n",
        "LPA:1$a.b$T$$$$$$$$$$ ",
    ] {
        let text = fill(piece) + " LPA:1$smdp.example.com$K2-ABC-DEF";
        let began = std::time::Instant::now();
        let _ = read_text(&text);
        // A second without optimisation; the rest is for busy machines.
        assert!(began.elapsed().as_secs() < 15, "{piece:?}: {:?}", began.elapsed());
    }
}

/// Any text is read without a panic: each row of the tables, cut and joined at every place.
#[test]
fn cut_texts_do_no_harm() {
    let text = "„LPA％3A1\\$[smdp.example.com](http://a)&#36;K2<wbr>-ABC=\r\n激活码：SM-DP+ İ é";
    let places: Vec<usize> = (0..=text.len()).filter(|at| text.is_char_boundary(*at)).collect();
    for from in &places {
        for to in places.iter().filter(|to| *to >= from) {
            let _ = read_text(&text[*from..*to]);
            let _ = read_text(&format!("{}{}", &text[*from..], &text[..*to]));
        }
    }
    for length in 0..256usize {
        let _ = decode_text(&text.as_bytes()[..length.min(text.len())]);
        let _ = decode_text(&vec![u8::try_from(length).unwrap(); length]);
    }
}

#[test]
fn nothing_of_a_text_is_shown() {
    for text in ["LPA:1$smdp.example.com$SECRET+", "SECRET", "WIFI:SECRET", "LPA:1$SECRET!$x", "https://SECRET.example"]
    {
        let why = read_text(text).unwrap_err();
        assert!(!format!("{why} {why:?}").contains("SECRET"), "{why}");
    }
    let reading = read_text("LPA:1$smdp.example.com$SECRET-42").unwrap();
    assert!(!format!("{reading:?}").contains("SECRET"));
}
