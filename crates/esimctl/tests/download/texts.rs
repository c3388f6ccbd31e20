//! Codes in what people have: links, mails and files; what is said of how they were given, and of what is none.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::bench::{Bench, HOST, TOKEN, code, id};
use crate::sources::{picture, typed};

/// A look at an offer: its document, and what was said beside it.
fn looks(bench: &Bench, arguments: &[&str]) -> (serde_json::Value, String) {
    let run = bench.run(&[&["download", "--dry-run", "--json"], arguments].concat());
    assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.out, run.err);
    (run.json()["data"].clone(), run.err)
}

#[test]
fn it_is_said_how_a_code_was_given() {
    let bench = Bench::new();
    let link = format!("https://esimsetup.apple.com/esim_qrcode_provisioning?carddata={}", code(TOKEN));
    let mail = format!("From: a@example.com\r\nSubject: eSIM\r\n\r\nHello,\r\nyour code: {}.\r\nBye\r\n", code(TOKEN));
    let apart = format!("SM-DP+ 地址：{HOST}\n激活码：{TOKEN}\n确认码：4711\n");
    let path = bench.path("mail.eml");
    let file = path.to_str().unwrap();
    for (text, form) in [(&code(TOKEN), "code"), (&link, "link"), (&mail, "mail"), (&apart, "parts")] {
        std::fs::write(&path, text).unwrap();
        for (arguments, origin) in
            [([text.as_str()].as_slice(), "argument"), (&["--code-file", file], "file"), (&[file], "file")]
        {
            let (data, _) = looks(&bench, arguments);
            assert_eq!(data["given"], json!({ "from": origin, "form": form }), "{arguments:?}");
            let warnings = if form == "parts" { 1 } else { 0 };
            assert_eq!(data["warnings"].as_array().unwrap().len(), warnings, "{data}");
        }
        let run = typed(&bench, text, &["--dry-run"]);
        assert_eq!(run.json()["data"]["given"], json!({ "from": "standard_input", "form": form }), "{}", run.out);
        let run = bench.run(&["download", "--dry-run", text]);
        assert_eq!(
            run.err.contains(&format!("Read a code for {HOST} from a {form}")),
            matches!(form, "link" | "mail"),
            "{}",
            run.err
        );
        assert!(!run.err.contains(TOKEN) && !run.out.contains(TOKEN), "{}", run.err);
    }
    // The default server of the card has no code.
    assert_eq!(bench.run(&["server", "set", HOST]).code, 0);
    let (data, _) = looks(&bench, &["--server", HOST, "--matching-id", TOKEN]);
    assert!(data.get("given").is_none() && data.get("warnings").is_none(), "{data}");
}

/// Names and codes alone are in Latin letters beside the offer.
#[test]
fn chinese_is_not_mixed_with_english() {
    let bench = Bench::new();
    let not_a_picture = bench.path("code.png");
    std::fs::write(&not_a_picture, "hello").unwrap();
    let link = format!("https://esimsetup.apple.com/x?carddata={}$4711$9", code(TOKEN));
    for given in
        [&link, &format!("SM-DP+ 地址：{HOST}\n激活码：{TOKEN}\n确认码：4711\n"), &code(&format!("{TOKEN}$word$$$$x"))]
    {
        let run = bench.run(&["download", "--dry-run", "--lang", "zh-CN", given]);
        assert_eq!(run.code, 0, "{}", run.err);
        let english = |line: &&str| {
            let words = line.replace(HOST, "").replace("OID", "");
            words.contains(|c: char| c.is_ascii_alphabetic())
        };
        let mixed: Vec<_> = run.err.lines().filter(english).collect();
        assert!(run.err.contains("警告") && mixed.is_empty(), "{mixed:?}");
        assert!(run.out.ends_with("什么都没有安装。激活码仍然有效。\n"), "{}", run.out);
    }
    let run = bench.run(&["download", "--lang", "zh-CN", not_a_picture.to_str().unwrap()]);
    assert!(run.err.contains("它不是已知格式的图片"), "{}", run.err);
}

#[test]
fn pictures_hold_links_too_and_are_known_by_their_contents() {
    let bench = Bench::new();
    let path = bench.path("code.png");
    let link = format!("https://esimsetup.android.com/x?carddata={}", code(TOKEN).replace('$', "%24"));
    picture(&path, &[&link, &code(TOKEN)], false);
    for arguments in [&["--qr", path.to_str().unwrap()][..], &[path.to_str().unwrap()]] {
        let (data, _) = looks(&bench, arguments);
        assert_eq!(data["given"]["from"], "picture");
    }
    let unnamed = bench.path("download");
    std::fs::rename(&path, &unnamed).unwrap();
    assert_eq!(looks(&bench, &[unnamed.to_str().unwrap()]).0["given"]["from"], "picture");
    let (exit, error) = bench.fails(&["no-such-code.png"]);
    assert_eq!((exit, id(&error)), (2, "code_source"), "{error}");
    assert!(error["message"].as_str().unwrap().contains("No such file"), "{error}");
    picture(&path, &["WIFI:S:Home;T:WPA;P:SECRET;;"], false);
    let (exit, error) = bench.fails(&["--qr", path.to_str().unwrap()]);
    assert_eq!((exit, id(&error)), (2, "qr_other"), "{error}");
    assert!(error["message"].as_str().unwrap().contains("Wi-Fi") && !error.to_string().contains("SECRET"), "{error}");
    picture(&path, &[&link, &code("OTHER-1")], false);
    assert_eq!(id(&bench.fails(&["--qr", path.to_str().unwrap()]).1), "qr_several");
}

#[test]
fn parts_that_nobody_needs_are_warned_about() {
    let bench = Bench::new();
    for (parts, warning, words) in [
        ("$4711", "confirmation_code_in_code", "confirmation code"),
        ("$$4711", "confirmation_code_in_code", "confirmation code"),
        ("$null", "oid_unreadable", "OID"),
        ("$$2", "confirmation_flag_unreadable", "confirmation flag"),
        ("$$$x", "surplus_parts", "more parts"),
    ] {
        let (data, err) = looks(&bench, &[&format!("{}{parts}", code(TOKEN))]);
        assert_eq!(data["warnings"][0]["warning"], warning, "{data}");
        assert!(err.contains("warning: ") && err.contains(words) && !err.contains("4711"), "{err}");
    }
    // An OID of any size is compared with that of the server, and this one is another.
    let (exit, error) =
        bench.fails(&[&format!("{}$2.25.329800735698586629295641978511506172918", code(TOKEN)), "--yes"]);
    assert_eq!((exit, id(&error), error["code"].as_str()), (4, "other_server", Some("good")), "{error}");
    assert!(error["message"].as_str().unwrap().contains("2.25.329800735698586629295641978511506172918"), "{error}");
}

#[test]
fn what_cannot_be_used_is_said_in_both_languages() {
    let bench = Bench::new();
    for (text, expected) in [
        (format!("{} {}", code("SECRET-A1"), code("SECRET-A2")), "code_several"),
        (format!("LPA:1${HOST}$SECRETA1 4711"), "code_unclear"),
        (format!("SM-DP+ Address: {HOST}\nActivation Code: SECRET-A1\nActivation Code: SECRET-A2"), "code_apart"),
        (HOST.to_owned(), "code_server_alone"),
        (String::new(), "code_invalid"),
        ("SECRET".into(), "code_invalid"),
        ("https://secret.example.com/".into(), "code_invalid"),
        ("From: a@example.com\nTo: b@example.com\n\nSECRET\n".into(), "code_invalid"),
        ("Hello SECRET".into(), "code_invalid"),
        ("+86 138 0013 8000".into(), "code_invalid"),
        ("8944500102198304826".into(), "code_invalid"),
        ("89049032000000000000000000000000".into(), "code_invalid"),
        ("352906112345678".into(), "code_invalid"),
        ("WIFI:S:SECRET;;".into(), "code_invalid"),
        ("MECARD:N:SECRET;;".into(), "code_invalid"),
        ("otpauth://SECRET".into(), "code_invalid"),
    ] {
        let (exit, error) = bench.fails(&[&text]);
        assert_eq!((exit, id(&error)), (2, expected), "{text}: {error}");
        let run = typed(&bench, &text, &["--lang", "zh-CN"]);
        let error = &run.json()["error"];
        assert_eq!(id(error), expected, "{text}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(!message.contains("it is") && !message.contains("The ") && message.ends_with('。'), "{message}");
        assert!(
            !run.out.to_lowercase().contains("secret") && !run.err.to_lowercase().contains("secret"),
            "{}",
            run.out
        );
    }
    assert!(bench.served.functions().is_empty(), "nobody was asked");
}

#[test]
fn files_of_every_kind_are_read_or_refused() {
    let bench = Bench::new();
    let path = bench.path("code.txt");
    let file = path.to_str().unwrap();
    let utf16: Vec<u8> = format!("\u{feff}{}\r\n", code(TOKEN)).encode_utf16().flat_map(u16::to_le_bytes).collect();
    let large = format!("{}\n{}", "Lorem ipsum, for 5$ a day.\n".repeat(30_000), code(TOKEN));
    for bytes in [&utf16[..], large.as_bytes(), format!("\u{feff}{}", code(TOKEN)).as_bytes()] {
        std::fs::write(&path, bytes).unwrap();
        looks(&bench, &["--code-file", file]);
    }
    for (bytes, expected, words) in [
        ("Lorem ipsum\n".repeat(900_000).into_bytes(), "code_source", "larger than 1 MB"),
        (vec![0; 100], "code_source", "--qr"),
        (format!("{}\0", code("SECRET")).into_bytes(), "code_source", "--qr"),
        (vec![b'%'; 1 << 20], "code_invalid", "$"),
        (b"%2525252525252524".repeat(60_000).to_vec(), "code_invalid", "$"),
        ((0..10_000).flat_map(|n| format!("LPA:1${HOST}$T{n}\n").into_bytes()).collect(), "code_several", "10000"),
        (format!("LPA:1${HOST}${}", "SECRET".repeat(2000)).into_bytes(), "code_invalid", "255"),
    ] {
        std::fs::write(&path, &bytes).unwrap();
        let began = Instant::now();
        let (exit, error) = bench.fails(&["--code-file", file]);
        assert_eq!((exit, id(&error)), (2, expected), "{error}");
        assert!(error["message"].as_str().unwrap().contains(words), "{words}: {error}");
        assert!(began.elapsed() < Duration::from_secs(30), "{words}: {:?}", began.elapsed());
        assert!(!error.to_string().contains("SECRET"), "{error}");
    }
    let directory = bench.sandbox.path().to_str().unwrap().to_owned();
    let (exit, error) = bench.fails(&["--code-file", &directory]);
    assert_eq!((exit, id(&error)), (2, "code_source"));
    assert!(error["message"].as_str().unwrap().contains("directory"), "{error}");
    let (_, error) = bench.fails(&["--code-file", "/dev/zero"]);
    assert!(error["message"].as_str().unwrap().contains("larger than 1 MB"), "{error}");
}

/// A pipe that nobody writes to is given up; one that somebody writes to is read.
#[test]
fn a_named_pipe_is_read_or_given_up() {
    let bench = Bench::new();
    let pipe = bench.path("pipe");
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
    let (exit, error) = bench.fails(&["--code-file", pipe.to_str().unwrap()]);
    assert_eq!((exit, id(&error)), (2, "code_source"));
    assert!(error["message"].as_str().unwrap().contains("10 seconds"), "{error}");
    let writer = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::write(pipe, code(TOKEN)).unwrap()
    });
    looks(&bench, &["--code-file", pipe.to_str().unwrap()]);
    writer.join().unwrap();
}
