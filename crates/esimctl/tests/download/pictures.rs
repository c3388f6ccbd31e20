//! Pictures and documents with codes in them, good and hostile, as the program reads them.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use qrcodegen::{QrCode, QrCodeEcc};
use rustix::process::{Pid, Signal, kill_process};

use crate::bench::{Bench, TOKEN, code, id};
use crate::common::{PATIENCE, Run};
use crate::sources::{finds, picture};

/// A program that stands in for one that draws documents. The shell commands are run with `D` as the sandbox's directory.
fn stand_in(bench: &Bench, name: &str, script: &str) -> PathBuf {
    let bin = bench.path("bin");
    std::fs::create_dir_all(&bin).unwrap();
    let path = bin.join(name);
    let script = format!("#!/bin/sh\nPATH=/usr/bin:/bin\nD={}\n{script}\n", bench.sandbox.path().display());
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    bin
}

/// Downloads with these programs on the path alone.
fn command(bench: &Bench, bin: &Path, arguments: &[&str]) -> Command {
    let mut command = bench.sandbox.command();
    command.env("PATH", bin).args(["download", "--json", "--dry-run"]).args(arguments);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn end(child: Child) -> Run {
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn fails(bench: &Bench, bin: &Path, arguments: &[&str]) -> (String, String) {
    let run = end(command(bench, bin, arguments).spawn().unwrap());
    let document = run.json();
    let error = &document["error"];
    assert_eq!(run.code, 2, "{document}");
    let text = format!("{} {}", error["message"].as_str().unwrap(), error["next"].as_str().unwrap());
    (id(error).to_owned(), text)
}

fn is_installed(program: &str) -> bool {
    let there = Path::new("/usr/bin").join(program).exists();
    assert!(there || std::env::var_os("ESIMCTL_REQUIRE_PCSC").is_none(), "{program} is not installed");
    if !there {
        eprintln!("SKIPPED: {program} is not installed");
    }
    there
}

/// A code as an SVG of one path.
fn svg(text: &str) -> Vec<u8> {
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
    let side = code.size() + 8;
    let mut path = String::new();
    for (x, y) in (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y))) {
        if code.get_module(x, y) {
            write!(path, "M{} {}h1v1h-1z", x + 4, y + 4).unwrap();
        }
    }
    let head = "<?xml version=\"1.0\"?>\n<!-- a code -->\n<svg xmlns=\"http://www.w3.org/2000/svg\"";
    format!("{head} viewBox=\"0 0 {side} {side}\"><path d=\"{path}\"/></svg>").into_bytes()
}

/// A PDF with these codes, a page each; an empty text is an empty page.
fn pdf(texts: &[&str]) -> Vec<u8> {
    let kids: Vec<String> = (0..texts.len()).map(|page| format!("{} 0 R", 3 + 2 * page)).collect();
    let mut objects = vec![
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        format!("<</Type/Pages/Kids[{}]/Count {}>>", kids.join(" "), texts.len()),
    ];
    for (page, text) in texts.iter().enumerate() {
        let mut drawing = String::new();
        if !text.is_empty() {
            let code = QrCode::encode_text(text, QrCodeEcc::Medium).unwrap();
            for (x, y) in (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y))) {
                if code.get_module(x, y) {
                    write!(drawing, "{} {} 5 5 re ", 200 + 5 * x, 600 - 5 * y).unwrap();
                }
            }
            drawing += "f";
        }
        objects.push(format!(
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {} 0 R/Resources<<>>>>",
            4 + 2 * page
        ));
        objects.push(format!("<</Length {}>>stream\n{drawing}\nendstream", drawing.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = String::new();
    for (number, object) in objects.iter().enumerate() {
        writeln!(places, "{:010} 00000 n ", file.len()).unwrap();
        writeln!(file, "{} 0 obj{object}endobj", number + 1).unwrap();
    }
    let (start, count) = (file.len(), objects.len() + 1);
    write!(
        file,
        "xref\n0 {count}\n0000000000 65535 f \n{places}trailer<</Size {count}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF"
    )
    .unwrap();
    file.into_bytes()
}

#[test]
fn a_picture_comes_from_standard_input() {
    let bench = Bench::new();
    let path = bench.path("code.png");
    picture(&path, &[&code(TOKEN)], false);
    let mut command = bench.sandbox.command();
    command.args(["download", "--qr", "-", "--dry-run", "--json"]).stdin(std::fs::File::open(&path).unwrap());
    let run = end(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    assert_eq!((run.code, run.json()["data"]["profile"]["name"].as_str()), (0, Some("Flat 50 GB")), "{}", run.out);
}

#[test]
fn documents_are_drawn_by_other_programs() {
    let bench = Bench::new();
    if is_installed("rsvg-convert") {
        let path = bench.path("code");
        std::fs::write(&path, svg(&code(TOKEN))).unwrap();
        finds(&bench, &["--qr", path.to_str().unwrap()]);
        // Understood without an option, too.
        finds(&bench, &[path.to_str().unwrap()]);
    }
    if is_installed("pdftoppm") {
        let path = bench.path("mail attachment.pdf");
        let qr = ["--qr", path.to_str().unwrap()];
        // A bill, the terms, and the code.
        std::fs::write(&path, pdf(&["https://bank.example.com/pay?25", "", &code(TOKEN)])).unwrap();
        finds(&bench, &qr);
        std::fs::write(&path, pdf(&[&code("SECRET-ONE"), &code("SECRET-TWO")])).unwrap();
        assert_eq!(id(&bench.fails(&qr).1), "qr_several");
        std::fs::write(&path, pdf(&["", ""])).unwrap();
        assert_eq!(id(&bench.fails(&qr).1), "qr_none");
        // The sixth page is not looked at.
        std::fs::write(&path, pdf(&["", "", "", "", "", &code(TOKEN)])).unwrap();
        let error = bench.fails(&qr).1;
        assert_eq!(id(&error), "qr_none", "{error}");
        std::fs::write(&path, b"%PDF-1.7\nrubbish").unwrap();
        let (exit, error) = bench.fails(&qr);
        assert_eq!((exit, id(&error)), (2, "code_source"));
        assert!(error["message"].as_str().unwrap().contains("pdftoppm"), "{error}");
    }
}

#[test]
fn what_is_missing_or_cannot_be_read_is_named() {
    let bench = Bench::new();
    let bin = bench.path("empty");
    std::fs::create_dir_all(&bin).unwrap();
    for (bytes, expected, words) in [
        (pdf(&[""]), "picture_drawer", "poppler-utils"),
        (svg("x"), "picture_drawer", "librsvg2-bin"),
        (b"\0\0\0\x18ftypheic\0\0\0\0".to_vec(), "picture_format", "HEIC"),
        (b"\0\0\0\x18ftypavif\0\0\0\0".to_vec(), "picture_format", "AVIF"),
        (b"II*\0\x08\0\0\0".to_vec(), "picture_format", "TIFF"),
    ] {
        let path = bench.path("code");
        std::fs::write(&path, bytes).unwrap();
        let (id, text) = fails(&bench, &bin, &["--qr", path.to_str().unwrap()]);
        assert_eq!(id, expected, "{text}");
        assert!(text.contains(words) && text.contains("screenshot"), "{text}");
    }
}

/// Programs that flood, that give other things than pictures, and that fail: told in a line, with nothing of an escape
/// sequence. They get neither the name of the file nor the confirmation code.
#[test]
fn programs_that_misbehave() {
    let bench = Bench::new();
    let path = bench.path("--help; touch x.pdf");
    std::fs::write(&path, pdf(&[""])).unwrap();
    for (script, words) in [
        ("cat >/dev/null; exec yes", "more than 16 MB"),
        ("cat >/dev/null; echo '<html>'", "no picture"),
        ("exec cat", "no picture"),
        ("printf 'Syntax \\033[2JError\\n' >&2; exit 1", "Syntax"),
        ("env >$D/env; echo \"$@\" >$D/arguments; exit 7", "exit status: 7"),
    ] {
        let bin = stand_in(&bench, "pdftoppm", script);
        let mut command = command(&bench, &bin, &["--qr", path.to_str().unwrap()]);
        let run = end(command.env("ESIMCTL_CONFIRMATION_CODE", "SECRET-4711").spawn().unwrap());
        let document = run.json();
        let message = document["error"]["message"].as_str().unwrap();
        assert_eq!((run.code, id(&document["error"])), (2, "code_source"), "{document}");
        assert!(message.contains(words) && message.contains("pdftoppm") | message.contains("no picture"), "{message}");
        assert!(!message.contains('\u{1b}'), "{message}");
    }
    let read = |name: &str| std::fs::read_to_string(bench.path(name)).unwrap();
    assert!(!read("env").contains("4711"));
    assert!(!read("arguments").contains("touch"), "{}", read("arguments"));
}

/// Ctrl-C ends a program that hangs, with what it has started.
#[test]
fn a_program_that_hangs_is_interrupted() {
    let bench = Bench::new();
    let path = bench.path("code.pdf");
    std::fs::write(&path, pdf(&[""])).unwrap();
    let bin = stand_in(&bench, "pdftoppm", "sleep 1000 & echo $! >$D/pid.new; mv $D/pid.new $D/pid; wait");
    let child = command(&bench, &bin, &["--qr", path.to_str().unwrap()]).spawn().unwrap();
    let pid_file = bench.path("pid");
    wait_for("the program to start", || pid_file.exists());
    let began = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let run = end(child);
    assert_eq!((run.code, run.json()["error"]["id"].as_str()), (1, Some("interrupted")), "{}", run.out);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    let pid = std::fs::read_to_string(pid_file).unwrap();
    let stat = format!("/proc/{}/stat", pid.trim());
    wait_for("its child to end", || std::fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z ")));
}

fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < PATIENCE, "waiting for {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A picture with 2,500 corners of codes: rqrr alone takes minutes for it.
fn corners(path: &Path) {
    const SIDE: usize = 2000;
    let black = |x: usize, y: usize| {
        let (x, y) = (x % 36 / 4, y % 36 / 4);
        x < 7 && y < 7 && (x == 0 || x == 6 || y == 0 || y == 6 || ((2..5).contains(&x) && (2..5).contains(&y)))
    };
    let pixels: Vec<u8> = (0..SIDE * SIDE).map(|at| if black(at % SIDE, at / SIDE) { 0 } else { 255 }).collect();
    let mut encoder = png::Encoder::new(std::fs::File::create(path).unwrap(), 2000, 2000);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
}

#[test]
fn a_search_ends_in_time_and_at_an_interrupt() {
    let bench = Bench::new();
    let path = bench.path("corners.png");
    corners(&path);
    let bin = bench.path("empty");
    let start = || command(&bench, &bin, &["--qr", path.to_str().unwrap()]).spawn().unwrap();
    let began = Instant::now();
    let run = end(start());
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let document = run.json();
    assert!(matches!(id(&document["error"]), "picture_search" | "qr_none"), "{document}");
    let child = start();
    // It has begun by then, or is about to.
    std::thread::sleep(Duration::from_secs(1));
    let began = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let run = end(child);
    assert_eq!((run.code, run.json()["error"]["id"].as_str()), (1, Some("interrupted")), "{}", run.out);
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn files_with_hostile_names() {
    let bench = Bench::new();
    let directory = bench.path("pictures");
    std::fs::create_dir_all(&directory).unwrap();
    for name in ["-rf.png", "--yes", "two\nlines.png", "\u{1b}[2J.png", "$(reboot).png", "'; touch x.png", " "] {
        picture(&directory.join(name), &[&code(TOKEN)], false);
        let run = |argument: &str| {
            let mut command = command(&bench, &directory, &[argument]);
            end(command.current_dir(&directory).spawn().unwrap())
        };
        let found = run(&format!("--qr={name}"));
        assert_eq!(found.code, 0, "{name:?}: {}{}", found.out, found.err);
        std::fs::write(directory.join(name), b"rubbish").unwrap();
        let refused = run(&format!("--qr={name}"));
        assert_eq!((refused.code, id(&refused.json()["error"])), (2, "code_source"), "{name:?}");
        assert!(!refused.err.contains('\u{1b}'), "{name:?}: {}", refused.err);
    }
    let long = "x".repeat(4000);
    let (exit, error) = bench.fails(&["--qr", &long]);
    assert_eq!((exit, id(&error)), (2, "code_source"));
    assert_eq!(id(&bench.fails(&["--qr", ""]).1), "usage");
    let mut child = command(&bench, &directory, &["--qr", "-"]).stdin(Stdio::piped()).spawn().unwrap();
    // It takes 40 MB and not more.
    let mut stdin = child.stdin.take().unwrap();
    while stdin.write_all(&[0; 1 << 20]).is_ok() {}
    drop(stdin);
    let run = end(child);
    let document = run.json();
    assert_eq!((run.code, id(&document["error"])), (2, "code_source"));
    assert!(document["error"]["message"].as_str().unwrap().contains("larger than 40 MB"), "{document}");
}
