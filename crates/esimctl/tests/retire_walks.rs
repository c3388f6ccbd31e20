//! The whole way through `esimctl retire` as a person at a terminal walks it, from the first question to the report, in
//! both languages: for a card, for a card and a phone, for a phone, and for a lost device.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod common;
#[path = "common/server.rs"]
mod server;
#[path = "common/terminal.rs"]
mod terminal;

use common::Sandbox;
use server::Server;
use terminal::Terminal;

/// A walk: after each of these words on the screen, in this order, an answer is typed.
struct Walk {
    terminal: Terminal,
    /// The screen up to here has been read.
    read: usize,
}

impl Walk {
    fn start(sandbox: &Sandbox, language: &str) -> Self {
        let terminal = Terminal::start(sandbox.command().args(["retire", "--lang", language]));
        Self { terminal, read: 0 }
    }

    /// Waits until the screen shows a question, and answers it.
    fn answer(&mut self, question: &str, answer: &str) {
        self.read = self.terminal.expect_after(self.read, question);
        self.terminal.type_line(answer);
    }

    /// Waits for the end, and gives all that was on the screen.
    fn end(mut self) -> String {
        let status = self.terminal.wait();
        let screen = self.terminal.screen();
        assert_eq!(status.code(), Some(0), "{screen}");
        screen
    }
}

/// What the walks wait for, in a language.
struct Phrases {
    language: &'static str,
    begin_where: &'static str,
    begin_elsewhere: &'static str,
    profile: &'static str,
    other_device: &'static str,
    another: &'static str,
    name: &'static str,
    provider: &'static str,
    iccid: &'static str,
    device: &'static str,
    backup: &'static str,
    step: &'static str,
    date: &'static str,
    channel: &'static str,
    reference: &'static str,
    number: &'static str,
    amount: &'static str,
    since: &'static str,
    notice: &'static str,
    file: &'static str,
    reason: &'static str,
    devices_now: &'static str,
    digits: &'static str,
    word: &'static str,
    word_date: &'static str,
    word_file: &'static str,
    report: &'static str,
    written: &'static str,
    guide: &'static str,
    /// How to reach an operator by telephone, as the person may write it.
    telephone: &'static str,
    /// Answers of a person.
    why: &'static str,
    my_phone: &'static str,
    subscription: &'static str,
    operator: &'static str,
    by_word: &'static str,
    may_be_there: &'static str,
    /// What is said of an answer that is no answer.
    wrong: &'static str,
    no_reason: &'static str,
    no_file: &'static str,
}

const ENGLISH: Phrases = Phrases {
    language: "en",
    begin_where: "Where is the eSIM:",
    begin_elsewhere: "Begin for an eSIM that is elsewhere",
    profile: "Which profile:",
    other_device: "Is or was it on another device",
    another: "Another device?",
    name: "What do you call the subscription?",
    provider: "The operator?",
    iccid: "The ICCID, if you know it",
    device: "A device that it is or was on",
    backup: "Save it now [y]",
    step: "Done [d], skip [s]",
    date: "On which day?",
    channel: "By hotline, online",
    reference: "Ticket, customer number",
    number: "The telephone number?",
    amount: "What is owed",
    since: "Since when does the contract run",
    notice: "Until when does it run",
    file: "A file that proves it?",
    reason: "Why?",
    devices_now: "Look at the devices now",
    digits: "Type the last four digits",
    word: "Is the eSIM removed from",
    word_date: "On which day was it removed?",
    word_file: "A file that shows it?",
    report: "Into which file shall the report go",
    written: "The report was written to",
    guide: "Delete eSIM",
    telephone: "hotline",
    why: "not needed",
    my_phone: "my iPhone",
    subscription: "Mobil 30",
    operator: "OpX",
    by_word: "removed, by your word, on 2026-01-31, with evidence",
    may_be_there: "the profile may still be on it. Reason: left in a taxi",
    wrong: "is none of those that were asked for",
    no_reason: "The reason is empty",
    no_file: "so that nothing was recorded",
};

const CHINESE: Phrases = Phrases {
    language: "zh-CN",
    begin_where: "eSIM 在哪里",
    begin_elsewhere: "要为在别处的 eSIM",
    profile: "哪个配置文件",
    other_device: "它是否还在或曾在",
    another: "还有其他设备吗",
    name: "您怎样称呼这个套餐",
    provider: "运营商？",
    iccid: "如果知道，请输入 ICCID",
    device: "它在或曾在哪台设备上",
    backup: "现在备份 [y]",
    step: "已完成 [d]",
    date: "日期？",
    channel: "渠道：",
    reference: "工单号、客户编号或姓名",
    number: "手机号码？",
    amount: "应付金额",
    since: "合约从何时开始",
    notice: "合约到何时截止",
    file: "凭证文件？",
    reason: "原因？",
    devices_now: "现在检查各台设备",
    digits: "输入 ICCID 的最后四位数字",
    word: "eSIM 已从",
    word_date: "哪一天删除的？",
    word_file: "能证明这一点的文件？",
    report: "报告写入哪个文件",
    written: "报告已写入",
    guide: "删除 eSIM",
    telephone: "电话",
    why: "不需要",
    my_phone: "我的 iPhone",
    subscription: "畅享套餐",
    operator: "示例电信",
    by_word: "据您的陈述，已于 2026-01-31 删除，凭证：",
    may_be_there: "配置文件可能仍在其中。原因：丢在出租车上了",
    wrong: "不在可选的回答之中",
    no_reason: "没有填写原因",
    no_file: "因此没有记录任何内容",
};

/// Takes the steps that are the operator's, from the first call to the confirmation.
fn operator_steps(walk: &mut Walk, phrases: &Phrases) {
    // Contact.
    walk.answer(phrases.step, "d");
    walk.answer(phrases.date, "2025-05-01");
    walk.answer(phrases.channel, phrases.telephone);
    walk.answer(phrases.reference, "4711");
    walk.answer(phrases.file, "");
    // Account.
    walk.answer(phrases.step, "n");
    walk.answer(phrases.reason, phrases.why);
    // Balance.
    walk.answer(phrases.step, "d");
    walk.answer(phrases.date, "2025-05-01");
    walk.answer(phrases.amount, "");
    walk.answer(phrases.file, "");
    // Contract.
    walk.answer(phrases.step, "d");
    walk.answer(phrases.date, "2025-05-01");
    walk.answer(phrases.amount, "");
    walk.answer(phrases.since, "2024-01-31");
    walk.answer(phrases.notice, "2025-06-30");
    walk.answer(phrases.file, "");
    // Request.
    walk.answer(phrases.step, "d");
    walk.answer(phrases.date, "2025-05-02");
    walk.answer(phrases.channel, "");
    walk.answer(phrases.reference, "");
    walk.answer(phrases.file, "");
    // Confirmation.
    walk.answer(phrases.step, "d");
    walk.answer(phrases.date, "2025-05-09");
    walk.answer(phrases.reference, "AB-1");
    walk.answer(phrases.notice, "");
    walk.answer(phrases.file, "");
}

/// Names the subscription without a card.
fn begin_by_word(walk: &mut Walk, phrases: &Phrases, device: &str) {
    walk.answer(phrases.begin_elsewhere, "e");
    walk.answer(phrases.name, phrases.subscription);
    walk.answer(phrases.provider, phrases.operator);
    walk.answer(phrases.number, "");
    walk.answer(phrases.iccid, "123");
    walk.answer(phrases.iccid, "8999934567890120029");
    walk.answer(phrases.device, device);
    walk.answer(phrases.another, "");
    // The backup is the person's own.
    walk.answer(phrases.step, "s");
    walk.answer(phrases.reason, phrases.why);
}

fn removed_by_word(walk: &mut Walk, phrases: &Phrases, picture: &str) {
    walk.answer(phrases.word, "n");
    walk.answer(phrases.word, "d");
    walk.answer(phrases.word_date, "31.1.2026");
    walk.answer(phrases.word_date, "2026-01-31");
    walk.answer(phrases.word_file, picture);
}

fn picture(sandbox: &Sandbox) -> String {
    let path = sandbox.path().join("1.png");
    std::fs::write(&path, "a picture").unwrap();
    path.to_str().unwrap().to_owned()
}

/// Has the report written, and gives the screen and the report.
fn finish(sandbox: &Sandbox, mut walk: Walk, phrases: &Phrases) -> (String, String) {
    let path = sandbox.path().join("1.md");
    walk.answer(phrases.report, "/0/1.md");
    walk.answer(phrases.report, path.to_str().unwrap());
    let screen = walk.end();
    assert!(screen.contains(phrases.written), "{screen}");
    let report = std::fs::read_to_string(path).unwrap();
    one_language(phrases, sandbox, &screen);
    one_language(phrases, sandbox, &report);
    (screen, report)
}

/// English words that are names, formats or commands, and may stand in Chinese.
const NAMES: &[&str] = &[
    "esim",
    "sim",
    "iccid",
    "eid",
    "mcc",
    "mnc",
    "pin",
    "sha",
    "iphone",
    "wi",
    "fi",
    "watch",
    "whatsapp",
    "signal",
    "telegram",
    "networkmanager",
    "esimctl",
    "html",
    "md",
    "png",
    "file",
    "virtual",
    "card",
    "smdp",
    "example",
    "com",
    "wanderer",
    "europe",
    "days",
    "home",
    "mobile",
    "cny",
    "utc",
    "isd",
    "ab",
    "d",
    "s",
    "n",
    "y",
    "l",
    "e",
    "c",
    "r",
    "z",
    "t",
    // As people may name a device to the program.
    "ipad",
    "pixel",
    "samsung",
    "android",
    "windows",
    "json",
    "csv",
    "vcf",
    "profile",
    "sim",
    "contacts",
    "messages",
];

/// Nothing but names of the other language is on the screen. Commands are left out: they are the same in both.
fn one_language(phrases: &Phrases, sandbox: &Sandbox, text: &str) {
    let path = sandbox.path().to_str().unwrap();
    let plain = without_colours(text).replace(path, "");
    if phrases.language == "en" {
        let chinese = plain.chars().find(|letter| ('\u{3000}'..='\u{9FFF}').contains(letter));
        assert!(chinese.is_none(), "{chinese:?} in {plain}");
        return;
    }
    for line in plain.lines() {
        let prose = line.split("esimctl ").next().unwrap();
        // An option is a piece of a command, too, and a hash is no word.
        let prose: Vec<&str> = prose.split(' ').filter(|piece| !piece.starts_with("--") && !is_hash(piece)).collect();
        let words = prose.iter().flat_map(|piece| piece.split(|letter: char| !letter.is_ascii_alphabetic()));
        let words = words.filter(|word| !word.is_empty());
        for word in words {
            assert!(NAMES.contains(&&*word.to_lowercase()), "{word:?} in {line:?}\n{plain}");
        }
    }
}

fn is_hash(piece: &str) -> bool {
    piece.bytes().filter(u8::is_ascii_hexdigit).count() >= 64
}

fn without_colours(text: &str) -> String {
    let mut plain = String::new();
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        if letter == '\u{1b}' {
            letters.by_ref().find(char::is_ascii_alphabetic);
        } else {
            plain.push(letter);
        }
    }
    plain
}

/// From the choice of the profile on the card to its removal; `other_device` has it too, unless it is empty.
fn until_the_card_is_clean(walk: &mut Walk, phrases: &Phrases, other_device: &str) {
    walk.answer(phrases.profile, "@2");
    walk.answer(phrases.other_device, other_device);
    if !other_device.is_empty() {
        walk.answer(phrases.another, "");
    }
    walk.answer(phrases.backup, "s");
    walk.answer(phrases.reason, phrases.why);
    operator_steps(walk, phrases);
    walk.answer(phrases.devices_now, "y");
    walk.answer(phrases.digits, "0029");
}

#[test]
fn a_card_from_start_to_report() {
    for phrases in [&ENGLISH, &CHINESE] {
        let sandbox = Sandbox::with_card(&[]);
        let _server = Server::start(&sandbox, &["smdp"]);
        let mut walk = Walk::start(&sandbox, phrases.language);
        walk.answer(phrases.begin_where, "c");
        walk.answer(phrases.profile, "@9");
        until_the_card_is_clean(&mut walk, phrases, "");
        let (_, report) = finish(&sandbox, walk, phrases);
        assert!(!report.contains(phrases.by_word));
        assert_eq!(sandbox.profiles("card").len(), 1);
    }
}

#[test]
fn a_card_and_a_phone_from_start_to_report() {
    for phrases in [&ENGLISH, &CHINESE] {
        let sandbox = Sandbox::with_card(&[]);
        let _server = Server::start(&sandbox, &["smdp"]);
        let mut walk = Walk::start(&sandbox, phrases.language);
        walk.answer(phrases.begin_where, "c");
        until_the_card_is_clean(&mut walk, phrases, phrases.my_phone);
        removed_by_word(&mut walk, phrases, &picture(&sandbox));
        let (screen, report) = finish(&sandbox, walk, phrases);
        assert!(without_colours(&screen).contains(phrases.guide), "{screen}");
        assert!(report.contains("2026-01-31") && report.contains("1.png"), "{report}");
        assert_eq!(sandbox.profiles("card").len(), 1);
    }
}

#[test]
fn a_phone_from_start_to_report() {
    for phrases in [&ENGLISH, &CHINESE] {
        let sandbox = Sandbox::new();
        let mut walk = Walk::start(&sandbox, phrases.language);
        begin_by_word(&mut walk, phrases, phrases.my_phone);
        operator_steps(&mut walk, phrases);
        walk.answer(phrases.devices_now, "y");
        removed_by_word(&mut walk, phrases, &picture(&sandbox));
        let (screen, report) = finish(&sandbox, walk, phrases);
        let unwrapped = without_colours(&screen).replace("\r\n  ", "").replace(' ', "");
        assert!(unwrapped.contains(&phrases.by_word.replace(' ', "")), "{screen}");
        assert!(unwrapped.contains(&phrases.guide.replace(' ', "")), "{screen}");
        assert!(report.contains("2026-01-31") && report.contains("1.png"), "{report}");
    }
}

#[test]
fn a_lost_device_from_start_to_report() {
    for phrases in [&ENGLISH, &CHINESE] {
        let sandbox = Sandbox::new();
        let mut walk = Walk::start(&sandbox, phrases.language);
        begin_by_word(&mut walk, phrases, phrases.my_phone);
        operator_steps(&mut walk, phrases);
        walk.answer(phrases.devices_now, "y");
        walk.answer(phrases.word, "l");
        walk.answer(phrases.reason, "");
        walk.answer(phrases.reason, phrases.may_be_there.rsplit([':', '：']).next().unwrap().trim());
        let (_, report) = finish(&sandbox, walk, phrases);
        assert!(report.contains(phrases.may_be_there), "{report}");
    }
}

#[test]
fn later_is_always_an_answer() {
    let sandbox = Sandbox::new();
    for answers in [&[("Begin for an eSIM", "")][..], &[("Begin for an eSIM", "e"), ("What do you call", "")]] {
        let mut walk = Walk::start(&sandbox, "en");
        answers.iter().for_each(|(question, answer)| walk.answer(question, answer));
        walk.end();
    }
    assert_eq!(sandbox.data(&["retire", "list"])["cases"], serde_json::json!([]));
}

#[test]
fn an_answer_that_is_none_is_asked_for_again() {
    for phrases in [&ENGLISH, &CHINESE] {
        let sandbox = Sandbox::with_card(&[]);
        sandbox.data(&["retire", "start", "@2"]);
        let mut walk = Walk::start(&sandbox, phrases.language);
        walk.answer(phrases.backup, "d");
        walk.read = walk.terminal.expect_after(walk.read, phrases.wrong);
        walk.answer(phrases.backup, "s");
        walk.answer(phrases.reason, "");
        walk.read = walk.terminal.expect_after(walk.read, phrases.no_reason);
        walk.answer(phrases.backup, "S");
        walk.answer(phrases.reason, phrases.why);
        walk.answer(phrases.step, "done");
        walk.read = walk.terminal.expect_after(walk.read, phrases.wrong);
        // What cannot be recorded is asked for again, too.
        walk.answer(phrases.step, "d");
        walk.answer(phrases.date, "");
        walk.answer(phrases.channel, "");
        walk.answer(phrases.reference, "");
        walk.answer(phrases.file, "/no/such/file");
        walk.read = walk.terminal.expect_after(walk.read, phrases.no_file);
        walk.answer(phrases.step, "n");
        walk.answer(phrases.reason, phrases.why);
        walk.answer(phrases.step, "");
        walk.end();
        let steps = sandbox.data(&["retire", "R1"])["case"]["steps"].clone();
        let states: Vec<_> = (0..3).map(|number| steps[number]["state"].as_str().unwrap().to_owned()).collect();
        assert_eq!(states, ["skipped", "not_applicable", "pending"]);
    }
}
