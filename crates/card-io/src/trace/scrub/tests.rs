use data_encoding::HEXUPPER;
use sgp22::apdu::Command;

use super::*;

/// Numbers become nines; texts go.
struct Nines;

impl PersonalData for Nines {
    fn number(&mut self, digits: &str) -> String {
        format!("{}{}", &digits[..6], "9".repeat(digits.len() - 6))
    }

    fn text(&mut self, _: &str) -> String {
        "…".into()
    }

    fn error(&mut self, text: &str) -> String {
        if text == "ok" { text.into() } else { "…".into() }
    }

    fn device(&mut self, _: &str) -> String {
        "virtual:1".into()
    }
}

const EID: &str = "89049032123451234512345678901235";
const ICCID: &str = "8999934567890120011";
const IMEI: &str = "352906112345671";
const IMSI: &str = "999991234567890";
const NUMBER: &str = "4915112345678";
const NAME: &str = "Grandma Canary";

/// Digits in BCD with swapped nibbles, filled up with F.
fn swapped(digits: &str) -> Vec<u8> {
    let digits = if digits.len() % 2 == 1 { format!("{digits}F") } else { digits.into() };
    HEXUPPER.decode(digits.as_bytes()).unwrap().iter().map(|byte| byte.rotate_left(4)).collect()
}

fn tlv(tag: u32, value: &[u8]) -> Vec<u8> {
    sgp22::tlv::Writer::object(sgp22::tlv::Tag(tag), |w| {
        w.raw(value);
    })
}

/// A recording of commands with their answers, each answer in pieces of `cut` bytes.
struct Recording {
    lines: Vec<String>,
    cut: usize,
}

impl Recording {
    fn new(cut: usize) -> Self {
        let header =
            r#"{"esimctl_trace":1,"device":"virtual:NAME8904","le_with_data":true,"we_are_the_terminal":true}"#;
        Self { lines: vec![header.into()], cut }
    }

    fn line(&mut self, command: &[u8], answer: &[u8]) {
        let (command, answer) = (HEXUPPER.encode(command), HEXUPPER.encode(answer));
        self.lines.push(format!(r#"{{"command":"{command}","answer":"{answer}","us":1}}"#));
    }

    /// The answer comes by GET RESPONSE, piece by piece.
    fn ask(&mut self, command: &[u8], answer: &[u8]) {
        let mut pieces: Vec<&[u8]> = answer.chunks(self.cut).collect();
        if pieces.is_empty() {
            pieces.push(&[]);
        }
        let last = pieces.len() - 1;
        for (number, piece) in pieces.iter().enumerate() {
            let status: &[u8] = if number == last { b"\x90\x00" } else { b"\x61\x10" };
            let get = [command[0] & 0x0F, 0xC0, 0, 0, 0x10];
            self.line(if number == 0 { command } else { &get }, &[piece, status].concat());
        }
    }

    fn select(&mut self, path: &[u8]) {
        self.ask(&Command::new(0x00, 0xA4, 0x08, 0x04).with_data(path).to_bytes(), b"\x62\x04\x82\x02\x41\x21");
    }

    /// An ES10 function, its command in blocks of `cut` bytes too; the last block twice, as after `6Cxx`.
    fn es10(&mut self, request: &[u8], answer: &[u8]) {
        let blocks: Vec<&[u8]> = request.chunks(self.cut.min(255)).collect();
        for (number, block) in blocks.iter().enumerate() {
            let is_last = number + 1 == blocks.len();
            let p1 = if is_last { 0x91 } else { 0x11 };
            let command = Command::new(0x81, 0xE2, p1, u8::try_from(number).unwrap()).with_data(*block).to_bytes();
            if is_last {
                self.line(&command, b"\x6C\x10");
                self.ask(&command, answer);
            } else {
                self.line(&command, b"\x90\x00");
            }
        }
    }

    fn scrubbed(&self) -> Vec<String> {
        scrub(self.lines.join("\n").as_bytes(), &mut Nines).unwrap()
    }
}

/// A canary in every form in which it could stand in a recording.
fn forms(canary: &str) -> Vec<String> {
    let mut forms = vec![
        HEXUPPER.encode(canary.as_bytes()),
        HEXUPPER.encode(&canary.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()),
        canary.to_owned(),
    ];
    if canary.bytes().all(|digit| digit.is_ascii_digit()) {
        forms.push(HEXUPPER.encode(&swapped(canary)));
    }
    forms
}

/// All data of a recording, put together: a canary that is cut is found, too.
fn all_data(lines: &[String]) -> (String, String) {
    let values: Vec<serde_json::Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |field: &str, from: usize, until: usize| -> String {
        let texts = values.iter().filter_map(|value| value[field].as_str());
        texts.map(|text| text.get(from..text.len() - until).unwrap_or_default()).collect()
    };
    (of("command", 10, 0), of("answer", 0, 4))
}

fn assert_hidden(recording: &Recording, canaries: &[&str], what: &str) {
    let lines = recording.scrubbed();
    let (commands, answers) = all_data(&lines);
    let before = all_data(&recording.lines);
    for canary in canaries {
        let was_there = forms(canary).iter().any(|form| before.0.contains(form) || before.1.contains(form));
        assert!(was_there, "{what}: the canary {canary} is not in the recording");
        for form in forms(canary) {
            let found = commands.contains(&form) || answers.contains(&form) || lines.join("\n").contains(&form);
            assert!(!found, "{what}, cut at {}: {canary} as {form}\n{}", recording.cut, lines.join("\n"));
        }
    }
}

/// A row for each kind of secret: where it stands, and what must be found nowhere.
#[test]
fn no_personal_byte_stays() {
    let eid = HEXUPPER.decode(EID.as_bytes()).unwrap();
    let certificate = tlv(0x30, &tlv(0x30, EID.as_bytes()));
    let imei = swapped(IMEI);
    let device = tlv(0xA1, &[tlv(0x80, &imei[..4]), tlv(0x82, &imei)].concat());
    let context = tlv(0xA0, &[tlv(0x80, b"MATCHING-CANARY"), device].concat());
    let signed = tlv(0x30, &[tlv(0x80, b"TRANSACTION"), tlv(0x83, b"smdp.example.com"), context.clone()].concat());
    let proof = [signed, tlv(0x5F37, &[7; 64]), certificate.clone()].concat();
    let profile = [
        tlv(0x5A, &swapped(ICCID)),
        tlv(0x90, NAME.as_bytes()),
        tlv(0x91, b"Operator"),
        tlv(0x92, b"Product for +4915112345678"),
    ];
    let notification = [tlv(0xBF2F, &tlv(0x5A, &swapped(ICCID))), tlv(0x5F37, &[7; 64]), certificate.clone()].concat();
    type Row<'a> = (&'a str, Vec<u8>, Vec<u8>, &'a [&'a str]);
    let es10: Vec<Row<'_>> = vec![
        ("the EID", tlv(0xBF3E, b"\x5C\x01\x5A"), tlv(0xBF3E, &tlv(0x5A, &eid)), &["123451234512345678901235"]),
        ("a list", tlv(0xBF2D, b""), tlv(0xBF2D, &tlv(0xA0, &tlv(0xE3, &profile.concat()))), &[ICCID, NAME, NUMBER]),
        (
            "a nickname",
            tlv(0xBF29, &[profile[0].clone(), profile[1].clone()].concat()),
            tlv(0xBF29, b""),
            &[ICCID, NAME],
        ),
        ("deviceInfo", tlv(0xBF38, &context), tlv(0xBF38, &tlv(0xA0, &proof)), &[IMEI, EID, "MATCHING-CANARY"]),
        ("a notification", tlv(0xBF2B, b""), tlv(0xBF2B, &tlv(0xA0, &tlv(0x30, &notification))), &[ICCID, EID]),
        ("metadata of a package", tlv(0x88, &tlv(0xBF25, &profile.concat())), Vec::new(), &[ICCID, NAME, NUMBER]),
        ("an unknown function", tlv(0xBF7F, NAME.as_bytes()), tlv(0xBF7F, ICCID.as_bytes()), &[NAME, ICCID]),
    ];
    for cut in [1, 2, 3, 5, 7, 16, 120, 255] {
        for (what, request, answer, canaries) in &es10 {
            let mut recording = Recording::new(cut);
            recording.es10(request, answer);
            assert_hidden(&recording, canaries, what);
        }
    }
}

/// Files of the SIM, as `retire backup` reads them.
#[test]
fn no_file_of_the_sim_stays() {
    let read = Command::new(0x00, 0xB0, 0, 0).with_le(sgp22::apdu::Le::Max).to_bytes();
    let record = Command::new(0x00, 0xB2, 1, 4).with_le(sgp22::apdu::Le::Max).to_bytes();
    let short = Command::new(0x00, 0xB0, 0x87, 0).with_le(sgp22::apdu::Le::Max).to_bytes();
    let imsi = [&[8][..], &swapped(&format!("9{IMSI}"))].concat();
    let entry = [NAME.as_bytes(), b"\x07\x91", &swapped(NUMBER)].concat();
    let wide: Vec<u8> = [&[0x80][..], &NAME.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()].concat();
    type Row<'a> = (&'a str, &'a [u8], &'a [u8], Vec<u8>, &'a [&'a str]);
    let rows: [Row<'_>; 7] = [
        ("EF.ICCID", b"\x2F\xE2", &read, swapped(&format!("{ICCID}F")), &[ICCID]),
        ("EF.IMSI", b"\x7F\xFF\x6F\x07", &read, imsi, &["99991234567890"]),
        ("EF.MSISDN", b"\x7F\xFF\x6F\x40", &record, entry.clone(), &[NUMBER]),
        ("EF.ADN", b"\x7F\x10\x6F\x3A", &record, wide, &[NAME]),
        ("EF.SMS", b"\x7F\x10\x6F\x3C", &record, entry, &[NAME, NUMBER]),
        ("a file that nobody knows", b"\x7F\x10\x4F\x99", &read, ICCID.into(), &[ICCID]),
        // The list of applications is selected, and another file is read.
        ("a short identifier", b"\x2F\x00", &short, NAME.into(), &[NAME]),
    ];
    for cut in [1, 2, 3, 7, 255] {
        for (what, path, command, answer, canaries) in &rows {
            let mut recording = Recording::new(cut);
            recording.select(path);
            recording.ask(command, answer);
            let canaries: Vec<&str> = canaries.to_vec();
            assert_hidden(&recording, &canaries, what);
        }
    }
    // What is written, authenticated or said to the SIM goes, too.
    for instruction in [0xD6, 0xDC, 0x88, 0xC2, 0x14, 0xA2, 0x12, 0xCB] {
        let mut recording = Recording::new(255);
        let command = Command::new(0x00, instruction, 0, 0).with_data(NAME.as_bytes()).to_bytes();
        recording.ask(&command, NUMBER.as_bytes());
        assert_hidden(&recording, &[NAME, NUMBER], &format!("instruction {instruction:02X}"));
    }
    // The identifier of the list of applications, somewhere else.
    let by_identifier = |file: &[u8]| Command::new(0x00, 0xA4, 0x00, 0x04).with_data(file).to_bytes();
    for before in [&b"\x7F\x10"[..], b"\x7F\xFF"] {
        let mut recording = Recording::new(255);
        recording.ask(&by_identifier(b"\x3F\x00"), b"");
        recording.ask(&by_identifier(before), b"");
        recording.ask(&by_identifier(b"\x2F\x00"), b"");
        recording.ask(&record, NAME.as_bytes());
        assert_hidden(&recording, &[NAME], "in another directory");
    }
    let mut recording = Recording::new(255);
    recording.select(b"\x7F\x10\x2F\x00");
    recording.ask(&record, NAME.as_bytes());
    assert_hidden(&recording, &[NAME], "by a path");
    // A channel that was closed and opened again.
    let mut recording = Recording::new(255);
    recording.select(b"\x2F\x00");
    recording.line(b"\x00\x70\x80\x01\x00", b"\x90\x00");
    recording.ask(&record, NAME.as_bytes());
    assert_hidden(&recording, &[NAME], "after channels were changed");
    // A selection that failed leaves nobody sure what is read.
    let mut recording = Recording::new(255);
    recording.select(b"\x2F\x00");
    recording.line(&Command::new(0x00, 0xA4, 0x08, 0x04).with_data(b"\x2F\x00").to_bytes(), b"\x6A\x82");
    recording.ask(&record, NAME.as_bytes());
    assert_hidden(&recording, &[NAME], "after a failed selection");
}

#[test]
fn what_is_not_personal_stays() {
    let mut recording = Recording::new(7);
    recording.ask(&Command::new(0x00, 0xA4, 0x00, 0x04).with_data(b"\x3F\x00").to_bytes(), b"");
    recording.ask(&Command::new(0x00, 0xA4, 0x00, 0x04).with_data(b"\x2F\x00").to_bytes(), b"");
    let applications = b"\x61\x0A\x4F\x08\xA0\x00\x00\x00\x87\x10\x02\xFF";
    recording.ask(&Command::new(0x00, 0xB2, 1, 4).with_le(sgp22::apdu::Le::Max).to_bytes(), applications);
    let info = tlv(0xBF22, &[0x81, 0x03, 2, 2, 2]);
    recording.es10(&tlv(0xBF22, b""), &info);
    let profile = [tlv(0x5A, &swapped(ICCID)), tlv(0x90, b"Home"), tlv(0x9F70, b"\x01")].concat();
    recording.es10(&tlv(0xBF2D, b""), &tlv(0xBF2D, &tlv(0xA0, &tlv(0xE3, &profile))));
    let (commands, answers) = all_data(&recording.scrubbed());
    assert!(answers.contains(&HEXUPPER.encode(applications)) && answers.contains(&HEXUPPER.encode(&info)), "{answers}");
    // Another number, of the same maker, in the same form; the nickname is gone, its place is not.
    assert!(answers.contains("5A0A989939999999999999F99004********9F700101"), "{answers}");
    assert!(commands.contains("BF2D00"), "{commands}");
    let lines = recording.scrubbed();
    assert!(lines[0].contains(r#""device":"virtual:1""#), "{}", lines[0]);
    let again = scrub(lines.join("\n").as_bytes(), &mut Nines).unwrap();
    assert_eq!(again.len(), lines.len());
    assert!(crate::Replay::read(lines.join("\n").as_bytes()).is_ok());
}

/// What a modem said beside APDUs: its errors can quote any of its answers.
#[test]
fn no_words_of_a_modem_stay() {
    let mut recording = Recording::new(255);
    let said = format!(r#"+CNUM: \"{NAME}\",\"+{NUMBER}\" +CIMI: {IMSI} +CCID: {ICCID}"#);
    for line in [
        format!(r#"{{"command":"00A4000400","error":"{said}","us":1}}"#),
        format!(r#"{{"reset":"{said}"}}"#),
        format!(r#"{{"open":"A0000005591010FFFFFFFF8900000100","ok":{{"refused":"{said}"}},"us":1}}"#),
        format!(r#"{{"open":"A0000005591010FFFFFFFF8900000100","error":"{said}","us":1}}"#),
        format!(r#"{{"close":1,"error":"{said}","us":1}}"#),
        format!(r#"{{"sight":{{"error":"{said}"}}}}"#),
        format!(r#"{{"sight":{{"ok":{{"card":"usable","iccid":"{ICCID}","registered":true}}}}}}"#),
        format!(r#"{{"power_cycle":{{"error":"{said}"}}}}"#),
        format!(r#"{{"identity":{{"ok":{{"manufacturer":"{said}","model":"","firmware":""}}}}}}"#),
        format!(r#"{{"close":1,"ok":null,"us":1,"transcript":"{said}"}}"#),
    ] {
        recording.lines.push(line);
    }
    let text = recording.scrubbed().join("\n");
    for canary in [NAME, NUMBER, IMSI, ICCID] {
        assert!(recording.lines.join("").contains(canary) && !text.contains(canary), "{canary}: {text}");
    }
    assert!(text.contains(r#""iccid":"8999939999999999999""#), "{text}");
}

#[test]
fn hostile_recordings_are_no_panic() {
    for line in [
        r#"{"command":"","answer":"","us":1}"#,
        r#"{"command":"80","answer":"9","us":1}"#,
        r#"{"command":"80E291","answer":"90","us":1}"#,
        r#"{"command":"80E29100FF**","answer":"**","us":1}"#,
        r#"{"command":"80E2910003BFFFFF","answer":"BF2D83FFFFFF9000","us":1}"#,
        r#"{"command":"éé","answer":"ééé","us":1}"#,
        r#"{"command":"00C0000000","answer":"0102039000","us":1}"#,
    ] {
        let header = r#"{"esimctl_trace":1,"device":"x","le_with_data":true,"we_are_the_terminal":true}"#;
        let _ = scrub(format!("{header}\n{line}\n{line}").as_bytes(), &mut Nines);
    }
}
