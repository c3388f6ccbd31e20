//! Where codes come from, and what is said about those that are none.

use std::io::Write;
use std::path::Path;
use std::process::Stdio;

use qrcodegen::{QrCode, QrCodeEcc};
use virtual_euicc::smdp::{NewOrder, OrderState};

use crate::bench::{Bench, HOST, TOKEN, code, id};
use crate::common::{EID, Run};

/// A picture of QR codes side by side, as a PNG.
pub fn picture(path: &Path, texts: &[&str], light_on_dark: bool) {
    const SCALE: i32 = 5;
    const BORDER: i32 = 4;
    let codes: Vec<QrCode> = texts.iter().map(|text| QrCode::encode_text(text, QrCodeEcc::Medium).unwrap()).collect();
    let side = codes.iter().map(QrCode::size).max().unwrap_or(21) + 2 * BORDER;
    let (width, height) = (side * SCALE * i32::try_from(codes.len().max(1)).unwrap(), side * SCALE);
    let mut pixels = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (x, y) = (x / SCALE, y / SCALE);
            let dark = codes.get(usize::try_from(x / side).unwrap());
            let dark = dark.is_some_and(|code| code.get_module(x % side - BORDER, y - BORDER));
            pixels.push(if dark == light_on_dark { 255 } else { 0 });
        }
    }
    let file = std::fs::File::create(path).unwrap();
    let mut encoder = png::Encoder::new(file, width.try_into().unwrap(), height.try_into().unwrap());
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

pub fn typed(bench: &Bench, text: &str, arguments: &[&str]) -> Run {
    let mut command = bench.sandbox.command();
    command.args(["download", "-", "--json"]).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A program that has read enough closes its end.
    let _ = child.stdin.take().unwrap().write_all(text.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// A look that finds the profile, and keeps the order.
pub fn finds(bench: &Bench, arguments: &[&str]) {
    let (exit, document) = bench.download(&[arguments, &["--dry-run"]].concat());
    assert_eq!(exit, 0, "{arguments:?}: {document}");
    assert_eq!(document["data"]["profile"]["name"], "Flat 50 GB");
    assert_eq!((document["data"]["code"].as_str(), bench.state()), (Some("good"), OrderState::Released));
}

#[test]
fn codes_are_read_as_people_write_them() {
    let bench = Bench::new();
    for text in [
        code(TOKEN),
        format!("lpa:1${HOST}${TOKEN}"),
        format!("1${HOST}${TOKEN}"),
        format!("LPA:1${HOST}${TOKEN}$$"),
        format!("LPA:1${HOST}${TOKEN}$2.999.10"),
        format!("LPA:1${}${TOKEN}", HOST.to_uppercase()),
        format!("LPA:1$https://{HOST}/${TOKEN}"),
        format!("LPA:1${HOST}:443${TOKEN}"),
        format!("LPA:1${HOST}.${TOKEN}"),
        format!("  LPA:1$ {HOST} $\n {} {}\r\n", &TOKEN[..4], &TOKEN[4..]),
    ] {
        finds(&bench, &[&text]);
    }
    let run = typed(&bench, &format!("{}\n", code(TOKEN)), &["--dry-run"]);
    assert_eq!(run.code, 0, "{}", run.out);
    let file = bench.path("code.txt");
    std::fs::write(&file, format!("\u{feff}\n{}\n\n", code(TOKEN))).unwrap();
    finds(&bench, &["--code-file", file.to_str().unwrap()]);
    finds(&bench, &["--server", HOST, "--matching-id", TOKEN]);
}

#[test]
fn pictures_are_read() {
    let bench = Bench::new();
    let path = bench.path("code.png");
    let qr = ["--qr", path.to_str().unwrap()];
    picture(&path, &[&code(TOKEN)], false);
    finds(&bench, &qr);
    picture(&path, &[&code(TOKEN)], true);
    finds(&bench, &qr);
    // The same code twice is one; a link beside it is none.
    picture(&path, &[&code(TOKEN), &code(TOKEN)], false);
    finds(&bench, &qr);
    picture(&path, &["https://www.example.com/help", &code(TOKEN)], false);
    finds(&bench, &qr);
    // As other programs draw it (segno 1.6), in a JPEG of Pillow's, turned and grey.
    finds(&bench, &["--qr", "tests/download/code.jpg"]);
    for (texts, expected) in [
        (&[][..], "qr_none"),
        (&["https://www.example.com/help"][..], "qr_other"),
        (&[&code("SECRET-ONE"), &code("SECRET-TWO")], "qr_several"),
        (&["LPA:2$secret.example.com$SECRET"], "qr_other"),
    ] {
        picture(&path, texts, false);
        let (exit, error) = bench.fails(&qr);
        assert_eq!((exit, id(&error)), (2, expected), "{error}");
        assert!(!error.to_string().to_lowercase().contains("secret"), "{error}");
    }
    for (bytes, expected) in
        [(&b""[..], "code_source"), (b"GIF89a", "code_source"), (b"\x89PNG\r\n\x1a\n", "code_source")]
    {
        std::fs::write(&path, bytes).unwrap();
        let (exit, error) = bench.fails(&qr);
        assert_eq!((exit, id(&error)), (2, expected), "{error}");
    }
    assert_eq!(id(&bench.fails(&["--qr", "/no/such/file"]).1), "code_source");
    assert_eq!(id(&bench.fails(&["--qr", bench.sandbox.path().to_str().unwrap()]).1), "code_source");
}

/// Nothing of it may come back on a screen that others see, or in a log.
#[test]
fn what_is_no_code_is_never_repeated() {
    let bench = Bench::new();
    let long = format!("LPA:1${HOST}${}", "SECRET".repeat(50));
    for (text, words) in [
        ("", "it is empty"),
        ("SECRET", "'$'"),
        ("LPA:1smdp.example.com.SECRET", "$"),
        ("https://secret.example.com/esim", "link without a code"),
        ("WIFI:S:Home;T:WPA;P:SECRET;;", "Wi-Fi"),
        ("+86 138 0013 8000", "telephone number"),
        ("8944500102198304826", "ICCID"),
        ("Your eSIM is ready, see secret.example.com", "text without a code"),
        ("LPA:2$smdp.example.com$SECRET", "begin with '1$'"),
        ("LPA:1$$SECRET", "host name"),
        ("LPA:1$secret!host$SECRET", "host name"),
        ("LPA:1$smdp.example.com:99999$SECRET", "host name"),
        ("LPA:1$smdp.example.com$SECRET+", "token"),
        (&long, "255"),
    ] {
        let (exit, error) = bench.fails(&[text]);
        assert_eq!((exit, id(&error)), (2, "code_invalid"), "{text}: {error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{text}: {error}");
        assert!(!error.to_string().to_lowercase().contains("secret"), "{error}");
        let run = typed(&bench, text, &[]);
        assert_eq!((run.code, run.json()["error"]["id"].as_str()), (2, Some("code_invalid")), "{text}");
        assert!(!run.out.contains("shell takes"), "nothing was typed into a shell: {}", run.out);
    }
    for arguments in [
        &["--qr", "LPA:1$smdp.example.com$SECRET-4711"][..],
        &["--code-file", "LPA:1$smdp.example.com$SECRET-4711"],
        &["--server", "LPA:1$smdp.example.com$SECRET-4711"],
        &["--server", HOST, "--matching-id", "SECRET-4711?"],
        &["LPA:1$smdp.example.com$", "SECRET-4711"],
        &["LPA:1$smdp.example.com$TOKEN", "--confirmation-code", ""],
        &["--enabel", "LPA:1$smdp.example.com$SECRET-4711"],
        &["LPA:1$smdp.example.com$SECRET-4711", "--server", HOST],
    ] {
        for form in [&["download"][..], &["download", "--json"]] {
            let run = bench.run(&[form, arguments].concat());
            assert_eq!(run.code, 2, "{arguments:?}: {}{}", run.out, run.err);
            assert!(!run.out.contains("4711") && !run.err.contains("4711"), "{arguments:?}: {}{}", run.out, run.err);
        }
    }
    assert!(bench.served.functions().is_empty(), "nobody was asked");
}

#[test]
fn a_file_or_standard_input_that_is_no_text() {
    let bench = Bench::new();
    let path = bench.path("code");
    std::fs::write(&path, b"\x89PNG\xFF\xFE").unwrap();
    let (exit, error) = bench.fails(&["--code-file", path.to_str().unwrap()]);
    assert_eq!((exit, id(&error)), (2, "code_source"));
    assert!(error["message"].as_str().unwrap().contains("--qr"), "{error}");
    assert_eq!(bench.fails(&["-"]).1["message"], "This is no activation code: it is empty.");
    let run = typed(&bench, &"x".repeat(1 << 20), &[]);
    assert_eq!(run.json()["error"]["id"], "code_invalid");
}

#[test]
fn servers_that_are_none() {
    let bench = Bench::new();
    for server in ["", "no host", "host_with/", "a..b", "http://x", "host:0", "ünï.example.com"] {
        let (exit, error) = bench.fails(&["--server", server]);
        assert_eq!(
            (exit, id(&error)),
            if server == "host_with/" { (5, "server_not_running") } else { (2, "server_address") }
        );
    }
    let (exit, error) = bench.fails(&["LPA:1$other.example.com$TOKEN", "--yes"]);
    assert_eq!((exit, id(&error), error["code"].as_str()), (5, "server_not_running", Some("good")));
    assert!(error["next"].as_str().unwrap().ends_with("esimctl virtual smdp --host other.example.com"), "{error}");
    let (exit, error) = bench.sandbox.error(&["discover"]);
    assert_eq!((exit, id(&error)), (5, "smds_not_running"));
    assert!(error["next"].as_str().unwrap().contains("esimctl virtual smds --host lpa.ds.example.com"), "{error}");
    assert!(error["code"].is_null(), "a discovery has no code: {error}");
}

/// Without a token the server looks for an order by the EID.
#[test]
fn an_order_can_go_by_the_card() {
    let order = NewOrder { eid: Some(EID.parse().unwrap()), ..NewOrder::new("") };
    let bench = Bench::order(order);
    let (exit, error) = bench.fails(&["--yes"]);
    assert_eq!((exit, id(&error)), (2, "no_default_server"));
    assert_eq!(bench.run(&["server", "set", HOST]).code, 0);
    let looks = |arguments: &[&str]| {
        let run = bench.run(&[&["download", "--dry-run"], arguments].concat());
        assert_eq!(run.code, 0, "{}", run.err);
        assert!(run.out.contains("The order stands as before."), "{}", run.out);
    };
    looks(&[]);
    looks(&["--server", HOST]);
    looks(&[&format!("LPA:1${HOST}$")]);
    assert_eq!(bench.download(&["--yes"]).0, 0);
    // There was no code to be wrong.
    let run = bench.run(&["download", "--yes"]);
    assert_eq!(run.code, 5);
    assert!(run.err.contains("nothing for this card") && !run.err.contains("code"), "{}", run.err);
}
