//! Tests of modems' reports on their cards over AT: states, ICCIDs and EIDs in the forms of many vendors.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use modem_wire::at::{
    CardState, Command, EID_COMMANDS, Heard, IccidCommand, Lines, Listener, Malformed, Reply, apdu_in, eids_in,
};

const ICCID: &str = "8999934567890120011";
const EID: &str = "89049032123451234512345678901235";

/// The answer to this command in what comes after it.
fn reply(command: &Command, bytes: &[u8]) -> Reply {
    let (mut lines, mut listener) = (Lines::default(), Listener::new(command));
    for line in lines.take(bytes).unwrap() {
        if let Heard::Done(reply) = listener.hear(&line) {
            return reply;
        }
    }
    panic!("no end in {}", bytes.escape_ascii());
}

fn iccid(command: &str, lines: &str) -> Option<String> {
    let command = IccidCommand::from_text(command).unwrap();
    let bytes = format!("\r\n{}\r\n\r\nOK\r\n", lines.replace('\n', "\r\n\r\n"));
    command.iccid_in(&reply(&command.command(), bytes.as_bytes()))
}

#[test]
fn iccids_in_the_forms_of_many_vendors() {
    let twenty = Some("89860123456789012348");
    let usual = Some(ICCID);
    for (command, lines, expected) in [
        ("AT+CCID", "+CCID: 8999934567890120011", usual),
        ("AT+CCID", "+CCID: 8999934567890120011F", usual),
        ("AT+CCID", "+CCID: \"8999934567890120011f\"", usual),
        ("AT+CCID", "8999934567890120011", usual),
        ("AT+CCID", "8999934567890120011F", usual),
        ("AT+CCID", "\"89999 34567-89012 0011\"", usual),
        ("AT+QCCID", "+QCCID: 89860123456789012348", twenty),
        ("AT+QCCID", "+QCCID: 89860123456789012345", Some("89860123456789012345")),
        ("AT+ICCID", "ICCID: 8999934567890120011", usual),
        ("AT+ICCID", "+ICCID: 898601D3456789012345", Some("898601D3456789012345")),
        ("AT+CCID?", "+CCID: 0,8999934567890120011,1", usual),
        ("AT+CICCID", "+ICCID: 89860123456789012348", twenty),
        ("AT#CCID", "#CCID: 8999934567890120011", usual),
        ("AT^ICCID?", "^ICCID: 989939547698100210F1", usual),
        ("AT^ICCID?", "^ICCID: \"98681032547698103284\"", twenty),
        ("AT!ICCID?", "!ICCID: 8999934567890120011", usual),
        ("AT+SQNCCID?", "+SQNCCID: \"8999934567890120011\",\"89049032123451234512345678901235\"", usual),
        ("AT+MCCID", "+MCCID: 8999934567890120011F", usual),
        ("AT+CCID", "+CCID: 899993456789012001", Some("899993456789012001")),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"989939547698100210F1\"", usual),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 144, 0, 98681032547698103284", twenty),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 145,11,\"989939547698100210f1\"", usual),
        // Unsolicited lines around it, and the same number twice.
        ("AT+CCID", "+QUSIM: 1\n+CCID: 8999934567890120011\n+CPIN: READY", usual),
        ("AT+CCID", "+CREG: 2,\"89A0\",\"8999934567890120\",7\n8999934567890120011", usual),
        ("AT+CCID", "8999934567890120011\n+CCID: 8999934567890120011F", usual),
        // A line that names something else counts with a check digit that is right.
        ("AT+CCID", "+ZSIM: 8999934567890120011", usual),
        ("AT+CCID", "+ZSIM: 8999934567890120012", None),
        // No ICCID: an EID, an IMEI, an IMSI, an error of the card, two numbers, too long, nothing.
        ("AT+CCID", "+CCID: 89049032123451234512345678901235", None),
        ("AT+CCID", "+CCID: 490154203237518", None),
        ("AT+CCID", "001010123456789", None),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 106,130", None),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 106,130,\"989939547698100210F1\"", None),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"989939547698100210F\"", None),
        ("AT+CRSM=176,12258,0,0,10", "+CRSM: 144,0,\"FFFFFFFFFFFFFFFFFFFF\"", None),
        ("AT+CCID", "+CCID: 8999934567890120011,8999934567890120029", None),
        ("AT+CCID", "+CCID: 8999934567890120011\n+CCID: 8999934567890120029", None),
        ("AT+CCID", "+CCID: 89999345678901200110000", None),
        ("AT+CCID", "+CCID: ", None),
        ("AT+CCID", "+CCID: SIM8999934567890120011", None),
    ] {
        assert_eq!(iccid(command, lines).as_deref(), expected, "{command}: {lines}");
    }
    let first = IccidCommand::all().next().unwrap();
    assert_eq!(first.iccid_in(&reply(&first.command(), b"\r\n+CME ERROR: 10\r\n")), None);
    let echoed = b"AT+CCID\r\r\n+CCID: 8999934567890120011\r\n\r\nOK\r\n";
    assert_eq!(first.iccid_in(&reply(&first.command(), echoed)).as_deref(), Some(ICCID));
}

#[test]
fn only_known_commands_are_sent_for_an_iccid() {
    for command in IccidCommand::all() {
        assert_eq!(IccidCommand::from_text(command.text()), Some(command));
        assert_eq!(command.command().as_str(), command.text());
    }
    for text in ["", "AT", "AT+CFUN=0", "AT+CCID;+CFUN=0", "at+ccid"] {
        assert_eq!(IccidCommand::from_text(text), None, "{text}");
    }
    let last = IccidCommand::all().last().unwrap();
    assert_eq!(last.text(), "AT+CRSM=176,12258,0,0,10", "what reads the card itself comes last");
}

#[test]
fn eids_that_a_modem_names() {
    let eids = |lines: &str| {
        let bytes = format!("\r\n{lines}\r\n\r\nOK\r\n");
        eids_in(&reply(&Command::any(EID_COMMANDS[0]), bytes.as_bytes()))
    };
    assert_eq!(eids(&format!("+EID: {EID}")), [EID]);
    assert_eq!(eids(&format!("+EID: \"{EID}\"\r\n{EID}")), [EID]);
    let slots = format!("+ESLOTSINFO: 1,0,\"3B9F96801FC78031E073FE211B57\",\"{EID}\",\"8999934567890120011\"");
    assert_eq!(eids(&slots), [EID]);
    for none in ["+EID: ", "+EID: 0", "+EID: 8904903212345123451234567890123", "+EID: FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"]
    {
        assert!(eids(none).is_empty(), "{none}");
    }
}

#[test]
fn states_of_a_card() {
    use CardState as State;
    for (text, state) in [
        ("+CPIN: READY\r\n\r\nOK", State::Ready),
        ("+CPIN:READY\r\n\r\nOK", State::Ready),
        ("+CPIN: \"ready\"\r\n\r\nOK", State::Ready),
        ("+CPIN: SIM PIN\r\n\r\nOK", State::PinRequired),
        ("+CPIN: SIM PUK\r\n\r\nOK", State::PukRequired),
        ("+CPIN: SIM PIN2\r\n\r\nOK", State::Ready),
        ("+CPIN: SIM PUK2\r\n\r\nOK", State::Ready),
        ("+CPIN: PH-SIM PIN\r\n\r\nOK", State::DeviceLocked),
        ("+CPIN: PH-NET PUK\r\n\r\nOK", State::DeviceLocked),
        ("+CPIN: PH-NETSUB PIN\r\n\r\nOK", State::DeviceLocked),
        ("+CPIN: EMPTY_EUICC\r\n\r\nOK", State::NoProfile),
        ("+CPIN: NOT READY\r\n\r\nOK", State::Starting),
        ("+CPIN: SIM BUSY\r\n\r\nOK", State::Starting),
        ("+CPIN: NOT INSERTED\r\n\r\nOK", State::NotInserted),
        ("+CPIN: SIM FAILURE\r\n\r\nOK", State::Failed),
        ("+CPIN: SOMETHING NEW\r\n\r\nOK", State::Unknown),
        ("OK", State::Unknown),
        ("+CPIN: NOT READY\r\n\r\n+CPIN: READY\r\n\r\nOK", State::Ready),
        ("+CME ERROR: 5", State::DeviceLocked),
        ("+CME ERROR: 10", State::NotInserted),
        ("+CME ERROR: SIM not inserted", State::NotInserted),
        ("+CME ERROR: 11", State::PinRequired),
        ("+CME ERROR: 12", State::PukRequired),
        ("+CME ERROR: 13", State::Failed),
        ("+CME ERROR: 14", State::Starting),
        ("+CME ERROR: SIM busy", State::Starting),
        ("+CME ERROR: 18", State::Ready),
        ("+CME ERROR: 40", State::DeviceLocked),
        ("ERROR", State::Refused),
    ] {
        let reply = reply(&CardState::command(), format!("\r\n{text}\r\n").as_bytes());
        assert_eq!(CardState::in_reply(&reply), state, "{text}");
    }
}

#[test]
fn answers_that_are_odd_or_hostile() {
    let command = Command::csim(&[0x80, 0xF2, 0, 0x0C, 0]);
    let apdu = |text: &str| apdu_in(&reply(&command, format!("\r\n{text}\r\n\r\nOK\r\n").as_bytes()));
    assert_eq!(apdu("+CSIM:4,\"611A\""), Ok(vec![0x61, 0x1A]), "SIMCom A7908E");
    assert_eq!(apdu("+CSIM: 4,\"90 00\""), Ok(vec![0x90, 0x00]));
    assert_eq!(apdu("+CSIM: 4,\"9\x00000\""), Ok(vec![0x90, 0x00]), "NULs of a line at rest");
    assert_eq!(apdu("+CSIM: 4,\"6a82\""), Ok(vec![0x6A, 0x82]));
    assert_eq!(apdu("+CSIM: 3,\"900\""), Err(Malformed::Unreadable));
    assert_eq!(apdu("+CSIM: 8,\"9000\""), Err(Malformed::Cut));
    // An answer to an earlier command beside that to this one.
    assert_eq!(apdu("+CSIM: 4,\"9000\"\r\n+CSIM: 4,\"6A82\""), Err(Malformed::Ambiguous));
    assert_eq!(apdu("+CSIM: 8,\"9000\"\r\n+CSIM: 4,\"9000\""), Err(Malformed::Ambiguous));
    assert_eq!(apdu("+CSIM: 4,\"9000\"\r\n+CSIM: 4,\"9000\""), Ok(vec![0x90, 0x00]));
    // Words of a refusal are shown to people.
    let refused = reply(&command, format!("\r\n+CME ERROR: \x1B[2J{}\r\n", "no ".repeat(50_000)).as_bytes());
    let words = refused.end.unwrap_err().to_string();
    assert!(words.starts_with("+CME ERROR: [2Jno no") && words.len() < 100, "{words}");
    // Few lines, and each as long as may be.
    let mut listener = Listener::new(&command);
    let long = format!("+CSIM: 4,\"{}\"", "9".repeat(150_000));
    let heard: Vec<Heard> = (0..3).map(|_| listener.hear(&long)).collect();
    assert_eq!(heard, [Heard::More, Heard::More, Heard::Flood]);
}
