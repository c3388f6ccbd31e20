//! AT by the characters that pass on the wire, as 3GPP TS 27.007 has them and as modems in the field send them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use modem_wire::at::{
    Argument, Command, Failure, Heard, Lines, Listener, Malformed, Operation, Reply, Request, Session, Speech, TooLong,
    apdu_in, session_in,
};

const ISD_R: [u8; 16] = *b"\xA0\x00\x00\x05\x59\x10\x10\xFF\xFF\xFF\xFF\x89\x00\x00\x01\x00";

/// What a host makes of all that comes after a command; the lines behind its end are left.
fn hear(command: &Command, bytes: &[u8]) -> Option<Reply> {
    let mut lines = Lines::default();
    let mut listener = Listener::new(command);
    // A byte at a time: serial lines cut anywhere.
    for byte in bytes {
        for line in lines.take(&[*byte]).unwrap() {
            if let Heard::Done(reply) = listener.hear(&line) {
                return Some(reply);
            }
        }
    }
    None
}

fn ok(lines: &[&str]) -> Reply {
    Reply { lines: lines.iter().map(|line| (*line).to_owned()).collect(), end: Ok(()) }
}

#[test]
fn commands_as_they_go_out() {
    let session = Session::new("000000000385a7cf").unwrap();
    for (command, text) in [
        (Command::open(&ISD_R), r#"AT+CCHO="A0000005591010FFFFFFFF8900000100""#),
        (Command::transmit(&Session::new("1").unwrap(), b"\x80\xE2\x91\x00\x00"), r#"AT+CGLA=1,10,"80E2910000""#),
        (Command::transmit(&session, &[0x80, 0xCA, 0, 0]), r#"AT+CGLA=000000000385a7cf,8,"80CA0000""#),
        (Command::close(&session), "AT+CCHC=000000000385a7cf"),
        (Command::csim(&[0x00, 0x70, 0x00, 0x00, 0x01]), r#"AT+CSIM=10,"0070000001""#),
    ] {
        assert_eq!(command.as_str(), text);
        let shown = format!("{command:?}");
        assert!(!shown.contains("80E2") && !shown.contains('"'), "no data in {shown}");
    }
    for handle in ["", "1\r", "1;+CFUN=0", "\"1\"", &"1".repeat(33)] {
        assert_eq!(Session::new(handle), None, "{handle:?}");
    }
}

#[test]
fn answers_as_they_come() {
    let open = Command::open(&ISD_R);
    let transmit = Command::transmit(&Session::new("1").unwrap(), &[0x80, 0xE2, 0x91, 0, 0]);
    for (command, bytes, lines) in [
        (&open, &b"\r\n+CCHO: 1\r\n\r\nOK\r\n"[..], &["1"][..]),
        (&open, b"AT+CCHO=\"A0000005591010FFFFFFFF8900000100\"\r\r\n+CCHO: 1\r\n\r\nOK\r\n", &["1"]),
        (&open, b"\r\n1\r\n\r\nOK\r\n", &["1"]),
        (&open, b"\r\n+CCHO: 000000000385a7cf\r\n\r\nOK\r\n", &["000000000385a7cf"]),
        (&open, b"+CCHO: 1\r\n0\r", &["1"]),
        (&open, b"+CCHO: 1\nOK\n", &["1"]),
        (&open, b"\r\nRING\r\n\r\n+CREG: 1\r\n\r\n+CCHO: 2\r\n\r\n+QIND: \"csq\",20,99\r\n\r\nOK\r\n", &["2"]),
        (&transmit, b"\r\n+CGLA: 4,\"9000\"\r\n\r\nOK\r\n", &["4,\"9000\""]),
        (&transmit, b"\r\n+CGLA: 4,\"9000\"\r\n\r\n+CREG: 2\r\n\r\nOK\r\n", &["4,\"9000\""]),
        (&transmit, b"\0\xFF\xFE\r\n+CGLA: 4,\"6A82\"\r\n\r\nOK\r\n", &["4,\"6A82\""]),
        (&Command::close(&Session::new("1").unwrap()), b"\r\n+CCHC\r\n\r\nOK\r\n", &[]),
        (&Command::plain("AT"), b"0\r", &[]),
        (&Command::text("AT+CGMM"), b"\r\nEM7590\r\n\r\n+CREG: 1\r\n\r\nOK\r\n", &["EM7590"]),
        (&Command::text("AT+CGMM"), b"\r\n+CGMM: \"EG25\"\r\n\r\nOK\r\n", &["\"EG25\""]),
        (&Command::asking("AT+CPIN?", "+CPIN"), b"\r\n+CPIN: READY\r\n\r\nOK\r\n", &["READY"]),
    ] {
        assert_eq!(hear(command, bytes), Some(ok(lines)), "{}", bytes.escape_ascii());
    }
    // Not an end: what is unsolicited, the answer alone, the number of a session.
    for bytes in [&b"\r\n+CREG: 1\r\n"[..], b"\r\n+CCHO: 1\r\n", b"\r\n4\r\n", b"\r\nOK", b"\r\n+CME: 4\r\n"] {
        assert_eq!(hear(&open, bytes), None, "{}", bytes.escape_ascii());
    }
}

#[test]
fn refusals_in_all_their_words() {
    let command = Command::open(&ISD_R);
    for (bytes, failure, code) in [
        (&b"\r\nERROR\r\n"[..], Failure::Plain, None),
        (b"\r\n+CME ERROR: 13\r\n", Failure::Cme(13), Some(13)),
        (b"\r\n+CME ERROR:10\r\n", Failure::Cme(10), Some(10)),
        (b"\r\n+CME ERROR: Parameters error\r\n", Failure::Words("Parameters error".into()), Some(50)),
        (b"\r\n+CME ERROR: SIM busy\r\n", Failure::Words("SIM busy".into()), Some(14)),
        (b"\r\n+CME ERROR: SIM not inserted\r\n", Failure::Words("SIM not inserted".into()), Some(10)),
        (b"\r\n+CME ERROR: whatever\r\n", Failure::Words("whatever".into()), None),
        (b"\r\n+CME ERROR: 70000\r\n", Failure::Words("70000".into()), None),
        (b"\r\n+CMS ERROR: 310\r\n", Failure::Cms("310".into()), None),
    ] {
        let reply = hear(&command, bytes).unwrap();
        assert_eq!((reply.end.as_ref().unwrap_err(), failure.code()), (&failure, code), "{}", bytes.escape_ascii());
    }
    assert_eq!(hear(&Command::plain("AT"), b"4\r").unwrap().end, Err(Failure::Plain));
    assert_eq!(Failure::Cme(13).to_string(), "+CME ERROR: 13, SIM failure");
}

#[test]
fn what_answers_hold() {
    let apdu = |line: &str| apdu_in(&ok(&[line]));
    assert_eq!(apdu("4,\"9000\""), Ok(vec![0x90, 0x00]));
    assert_eq!(apdu("4, 6a82"), Ok(vec![0x6A, 0x82]), "without quotation marks, in lower case");
    assert_eq!(apdu("2,\"9000\""), Ok(vec![0x90, 0x00]), "counted in bytes");
    let whole = format!("516,\"{}9000\"", "AB".repeat(256));
    assert_eq!(apdu(&whole).unwrap().len(), 258);
    assert_eq!(apdu("44,\"9000\""), Err(Malformed::Cut));
    assert_eq!(apdu("99999999999999999999,\"9000\""), Err(Malformed::Unreadable));
    assert_eq!(apdu("18446744073709551615,\"9000\""), Err(Malformed::Cut));
    assert_eq!(apdu("4,\"90G0\""), Err(Malformed::Unreadable));
    assert_eq!(apdu("3,\"900\""), Err(Malformed::Unreadable));
    assert_eq!(apdu("9000"), Err(Malformed::Unreadable));
    assert_eq!(apdu_in(&ok(&[])), Err(Malformed::Missing));
    assert_eq!(session_in(&ok(&["\"1\""])).unwrap().as_str(), "1");
    assert_eq!(session_in(&ok(&[])), Err(Malformed::Missing));
    assert_eq!(session_in(&ok(&["1,2"])), Err(Malformed::Unreadable));
}

#[test]
fn nothing_grows_without_end() {
    let mut lines = Lines::default();
    let chunk = [b'A'; 4096];
    let taken = (0..1000).find_map(|_| lines.take(&chunk).err());
    assert_eq!(taken, Some(TooLong));
    assert_eq!(lines.take(b"\r\nOK\r\n").unwrap(), ["OK"], "goes on behind it");
    let command = Command::open(&ISD_R);
    let mut listener = Listener::new(&command);
    let flood = (0..10_000).find(|_| listener.hear("+CREG: 1") == Heard::Flood).unwrap();
    assert!(flood < 5_000, "{flood}");
}

#[test]
fn command_lines_as_modems_read_them() {
    let one = |line: &str| {
        let mut wishes = Request::parse(line).unwrap().wishes;
        assert_eq!(wishes.len(), 1, "{line}");
        let wish = wishes.remove(0);
        (wish.name, wish.operation)
    };
    let quoted = |text: &str| Argument { text: text.into(), quoted: true };
    let bare = |text: &str| Argument { text: text.into(), quoted: false };
    for (line, name, operation) in [
        ("AT", "", Operation::Run(None)),
        ("at", "", Operation::Run(None)),
        ("ATE0", "E", Operation::Run(Some(0))),
        ("AT&F", "&F", Operation::Run(None)),
        ("AT+CPIN?", "+CPIN", Operation::Read),
        ("AT+CCHO=?", "+CCHO", Operation::Test),
        ("AT+CGMI", "+CGMI", Operation::Run(None)),
        ("at+ccho=\"A000\"", "+CCHO", Operation::Set(vec![quoted("A000")])),
        ("AT+CGLA=1, 8 ,\"80CA0000\"", "+CGLA", Operation::Set(vec![bare("1"), bare("8"), quoted("80CA0000")])),
    ] {
        assert_eq!(one(line), (name.to_owned(), operation), "{line}");
    }
    let names = |line: &str| -> Vec<String> {
        Request::parse(line).unwrap().wishes.into_iter().map(|wish| wish.name).collect()
    };
    assert_eq!(names("ATE0V1"), ["E", "V"]);
    assert_eq!(names("ATE0+CMEE=1;+CPIN?"), ["E", "+CMEE", "+CPIN"]);
    for line in ["", "A", "XT", "AT\"", "AT+", "AT+CGLA=\"1", "AT?", "AT+CCHO=\"A\"B\"", "äöü"] {
        assert_eq!(Request::parse(line), None, "{line:?}");
    }
}

#[test]
fn results_as_modems_tell_them() {
    let words = Speech { errors: 2, ..Speech::default() };
    let digits = Speech { errors: 1, ..Speech::default() };
    let numeric = Speech { verbose: false, ..digits };
    let failed = || Err(Failure::Cme(13));
    assert_eq!(words.line("+CCHO: 1"), "\r\n+CCHO: 1\r\n");
    assert_eq!(words.end(&Ok(())), "\r\nOK\r\n");
    assert_eq!(words.end(&failed()), "\r\n+CME ERROR: SIM failure\r\n");
    assert_eq!(digits.end(&failed()), "\r\n+CME ERROR: 13\r\n");
    assert_eq!(Speech::default().end(&failed()), "\r\nERROR\r\n");
    assert_eq!(numeric.line("+CCHO: 1"), "+CCHO: 1\r\n");
    assert_eq!(numeric.end(&Ok(())), "0\r");
    assert_eq!(numeric.end(&Err(Failure::Plain)), "4\r");
    assert_eq!(numeric.end(&failed()), "+CME ERROR: 13\r\n");
}
