//! MBIM by golden bytes, and hostile input.
//!
//! The bytes of hosts are those that mbimcli 1.28.2 sends, taken off the line; those of devices were read by it. So
//! neither side can be wrong in a way that the other shares.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

use data_encoding::{HEXLOWER_PERMISSIVE, HEXUPPER};
use modem_wire::mbim::basic::{self, DeviceCaps, DeviceServices, ReadyState, RegisterState, SubscriberReady};
use modem_wire::mbim::extensions::{self, SlotInfo, SlotMappings, SlotState, SysCaps, Version};
use modem_wire::mbim::uicc::{
    self, Apdu, ApduDone, Atr, CardStatus, ChannelOpened, CloseChannel, OpenChannel, Reset, TerminalCapability,
};
use modem_wire::mbim::{
    Body, BufferError, CollectError, Collector, Command, CommandDone, Deframer, Frame, FrameError, Indication,
    LONGEST_FRAME, LONGEST_MESSAGE, Message, ProtocolError, Status, USUAL_TRANSFER, Uuid, proxy,
};

fn hex(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap()
}

/// Reads bytes as they come on a line.
fn read(bytes: &[u8]) -> Vec<Result<Message, CollectError>> {
    let (mut deframer, mut collector) = (Deframer::default(), Collector::default());
    deframer.push(bytes);
    let mut read = Vec::new();
    loop {
        match deframer.next_frame() {
            Ok(Some(frame)) => read.extend(collector.take(&frame).transpose()),
            Ok(None) => return read,
            Err(error) => {
                read.push(Err(error.into()));
                return read;
            }
        }
    }
}

/// These bytes are this message, in both directions.
#[track_caller]
fn golden(bytes: &str, transaction: u32, body: Body) {
    let message = Message { transaction, body };
    assert_eq!(HEXUPPER.encode(&message.to_bytes(USUAL_TRANSFER)), HEXUPPER.encode(&hex(bytes)));
    assert_eq!(read(&hex(bytes)), [Ok(message)]);
}

const UICC: &str = "C2F6588EF0374BC98665F4D44BD09367";
const EXTENSIONS: &str = "3D01DCC5FEF54D050D3ABEF7058E9AAF";
const ISD_R: &str = "A0000005591010FFFFFFFF8900000100";

fn done(service: Uuid, command: u32, buffer: Vec<u8>) -> Body {
    Body::CommandDone(CommandDone { service, command, status: Status::OK, buffer })
}

#[test]
fn opening_and_closing() {
    golden("01000000 10000000 01000000 00100000", 1, Body::Open { longest: 4096 });
    golden("01000080 10000000 01000000 00000000", 1, Body::OpenDone(Status::OK));
    golden("02000000 0C000000 03000000", 3, Body::Close);
    golden("02000080 10000000 03000000 00000000", 3, Body::CloseDone(Status::OK));
    golden("04000080 10000000 00000000 05000000", 0, Body::FunctionError(ProtocolError::NOT_OPENED));
    golden("04000000 10000000 07000000 02000000", 7, Body::HostError(ProtocolError::FRAGMENT_OUT_OF_SEQUENCE));
}

#[test]
fn a_channel_is_opened() {
    let request = OpenChannel { aid: hex(ISD_R), select_p2: 12, group: 1, slot: None };
    golden(
        &format!(
            "03000000 50000000 02000000 01000000 00000000 {UICC} 02000000 01000000 20000000
             10000000 10000000 0C000000 01000000 {ISD_R}"
        ),
        2,
        Body::Command(request.command()),
    );
    assert_eq!(OpenChannel::decode(&request.command().buffer, false), Ok(request));

    let opened = ChannelOpened { status: CardStatus::of(0x90, 0), channel: 1, answer: vec![0x6F; 20] };
    golden(
        &format!(
            "03000080 54000000 02000000 01000000 00000000 {UICC} 02000000 00000000 24000000
             90000000 01000000 14000000 10000000 {}",
            "6F".repeat(20)
        ),
        2,
        done(uicc::SERVICE, uicc::OPEN_CHANNEL, opened.encode()),
    );
    assert_eq!(ChannelOpened::decode(&opened.encode()), Ok(opened));
}

#[test]
fn an_apdu() {
    let command = hex("80E2910006BF3E035C015A00");
    let request = Apdu { channel: 1, secure_messaging: false, extended_class: true, slot: None, command };
    golden(
        &format!(
            "03000000 50000000 32000000 01000000 00000000 {UICC} 04000000 01000000 20000000
             01000000 00000000 01000000 0C000000 14000000 80E2910006BF3E035C015A00"
        ),
        0x32,
        Body::Command(request.command()),
    );
    assert_eq!(Apdu::decode(&request.command().buffer, false), Ok(request));

    let answer =
        ApduDone { status: CardStatus::of(0x90, 0), answer: hex("BF3E125A1089049032123451234512345678901235") };
    golden(
        &format!(
            "03000080 54000000 32000000 01000000 00000000 {UICC} 04000000 00000000 24000000
             90000000 15000000 0C000000 BF3E125A1089049032123451234512345678901235 000000"
        ),
        0x32,
        done(uicc::SERVICE, uicc::APDU, answer.encode()),
    );
    assert_eq!(ApduDone::decode(&answer.encode()), Ok(answer));
}

/// SW1 is the low byte: 9000 is 144, and 6115 is 5473.
#[test]
fn status_words() {
    assert_eq!(CardStatus::of(0x90, 0x00).0, 144);
    assert_eq!(CardStatus::of(0x61, 0x15).0, 5473);
    assert_eq!(CardStatus(5473).words(), [0x61, 0x15]);
    assert_eq!(CardStatus(0).words(), [0x90, 0x00]);
}

#[test]
fn the_other_commands_to_a_card() {
    golden(
        &format!("03000000 38000000 3C000000 01000000 00000000 {UICC} 03000000 01000000 08000000 01000000 01000000"),
        0x3C,
        Body::Command(CloseChannel { channel: 1, group: 1, slot: None }.command()),
    );
    golden(
        &format!("03000000 34000000 02000000 01000000 00000000 {UICC} 06000000 01000000 04000000 00000000"),
        2,
        Body::Command(Reset { pass_through: false, slot: None }.command()),
    );
    golden(
        &format!("03000000 30000000 02000000 01000000 00000000 {UICC} 01000000 00000000 00000000"),
        2,
        Body::Command(Atr::query(None)),
    );
    let atr = Atr(hex("3B87016573696D63746CEF"));
    golden(
        &format!(
            "03000080 44000000 02000000 01000000 00000000 {UICC} 01000000 00000000 14000000
             0B000000 08000000 3B87016573696D63746CEF 00"
        ),
        2,
        done(uicc::SERVICE, uicc::ATR, atr.encode()),
    );
    assert_eq!(Atr::decode(&atr.encode()), Ok(atr));
}

/// mbimcli 1.28.2 says 12 of an object of 10 bytes, which counts the padding; later ones say 10. The object knows.
#[test]
fn terminal_capability() {
    let ours = TerminalCapability(vec![hex("A9088100820101830107")]);
    let counting = hex("01000000 0C000000 0C000000 A9088100820101830107 0000");
    let proper = hex("01000000 0C000000 0A000000 A9088100820101830107 0000");
    assert_eq!(TerminalCapability::decode(&counting, false), Ok(ours.clone()));
    assert_eq!(TerminalCapability::decode(&proper, false), Ok(ours.clone()));
    assert_eq!(ours.set(None).buffer, proper);
    assert_eq!(ours.encode(), proper);
    let slotted = hex("01000000 01000000 10000000 0A000000 A9088100820101830107 0000");
    assert_eq!(ours.set(Some(1)).buffer, slotted);
    assert_eq!(TerminalCapability::decode(&slotted, true), Ok(ours));
    let short = hex("01000000 0C000000 04000000 A9088100");
    assert!(TerminalCapability::decode(&short, false).is_err());
}

/// From MBIMEx 4.0 the slot stands before the data, so that these begin four bytes later.
#[test]
fn slots_are_named() {
    let open = OpenChannel { aid: hex("A000"), select_p2: 0, group: 1, slot: Some(1) };
    assert_eq!(open.command().buffer, hex("02000000 14000000 00000000 01000000 01000000 A000 0000"));
    assert_eq!(OpenChannel::decode(&open.command().buffer, true), Ok(open));
    let close = CloseChannel { channel: 2, group: 1, slot: Some(1) };
    assert_eq!(close.command().buffer, hex("02000000 01000000 01000000"));
    assert_eq!(CloseChannel::decode(&close.command().buffer, true), Ok(close));
    let command = hex("80CA");
    let apdu = Apdu { channel: 1, secure_messaging: false, extended_class: true, slot: Some(1), command };
    let bytes = "01000000 00000000 01000000 02000000 18000000 01000000 80CA 0000";
    assert_eq!(apdu.command().buffer, hex(bytes));
    assert_eq!(Apdu::decode(&hex(bytes), true), Ok(apdu));
    let reset = Reset { pass_through: true, slot: Some(1) };
    assert_eq!(reset.command().buffer, hex("01000000 01000000"));
    assert_eq!(Reset::decode(&reset.command().buffer, true), Ok(reset));
    assert_eq!(Atr::query(Some(1)).buffer, hex("01000000"));
}

#[test]
fn slots_and_versions() {
    golden(
        &format!(
            "03000000 40000000 02000000 01000000 00000000 {EXTENSIONS} 07000000 01000000 10000000
             01000000 0C000000 04000000 00000000"
        ),
        2,
        Body::Command(SlotMappings(vec![0]).set()),
    );
    assert_eq!(SlotMappings::decode(&hex("01000000 0c000000 04000000 01000000")), Ok(SlotMappings(vec![1])));
    let two = SlotMappings(vec![1, 0]);
    assert_eq!(two.encode(), hex("02000000 14000000 04000000 18000000 04000000 01000000 00000000"));
    assert_eq!(SlotMappings::decode(&two.encode()), Ok(two));
    golden(
        &format!("03000000 34000000 02000000 01000000 00000000 {EXTENSIONS} 08000000 00000000 04000000 01000000"),
        2,
        Body::Command(SlotInfo::query(1)),
    );
    let info = SlotInfo { slot: 1, state: SlotState::OFF_EMPTY };
    golden(
        &format!(
            "03000080 38000000 02000000 01000000 00000000 {EXTENSIONS} 08000000 00000000 08000000 01000000 01000000"
        ),
        2,
        done(extensions::SERVICE, extensions::SLOT_INFO_STATUS, info.encode()),
    );
    let version = Version { mbim: 0x0100, extensions: 0x0300 };
    golden(
        &format!("03000000 34000000 02000000 01000000 00000000 {EXTENSIONS} 0F000000 00000000 04000000 00010003"),
        2,
        Body::Command(version.query()),
    );
    assert_eq!(Version::decode(&version.encode()), Ok(version));
    let caps = SysCaps { executors: 1, slots: 2, concurrency: 1, modem: 0x1_0000_0002 };
    assert_eq!(caps.encode(), hex("01000000 02000000 01000000 02000000 01000000"));
    assert_eq!(SysCaps::decode(&caps.encode()), Ok(caps));
}

#[test]
fn the_card_as_the_device_sees_it() {
    let iccid = "38003900390039003900330034003500360037003800390030003100320030003000310031 00";
    let ready =
        SubscriberReady { state: ReadyState::INITIALIZED, imsi: String::new(), iccid: "8999934567890120011".into() };
    let told =
        Indication { service: basic::SERVICE, command: basic::SUBSCRIBER_READY_STATUS, buffer: ready.encode(None) };
    golden(
        &format!(
            "07000080 70000000 00000000 01000000 00000000 A289CC33BCBB8B4FB6B0133EC2AAE6DF 02000000 44000000
             01000000 00000000 00000000 1C000000 26000000 00000000 00000000 {iccid} 0000"
        ),
        0,
        Body::Indication(told),
    );
    // With and without flags behind the state, whatever else is known.
    for (imsi, iccid) in [("", ""), ("", "8999934567890120011"), ("999340000000001", ""), ("999340000000001", "89")] {
        let ready = SubscriberReady { state: ReadyState::DEVICE_LOCKED, imsi: imsi.into(), iccid: iccid.into() };
        for flags in [None, Some(0), Some(1), Some(3)] {
            assert_eq!(SubscriberReady::decode(&ready.encode(flags)), Ok(ready.clone()), "{flags:?}");
        }
    }
}

#[test]
fn what_devices_tell_of_themselves() {
    let caps = DeviceCaps { device_id: "99".into(), firmware: "1.0".into(), hardware: "Modem".into() };
    for executor in [None, Some(0)] {
        assert_eq!(DeviceCaps::decode(&caps.encode(executor)), Ok(caps.clone()));
    }
    let register = RegisterState { state: 3, provider_id: "99934".into(), provider: "Example".into() };
    for preferred in [None, Some(0x20)] {
        assert_eq!(RegisterState::decode(&register.encode(preferred)), Ok(register.clone()));
    }
    assert_eq!(register.registered(), Some(true));
    assert_eq!(RegisterState { state: 2, ..register.clone() }.registered(), Some(false));
    assert_eq!(RegisterState { state: 0, ..register }.registered(), None);
    // One service with two commands, another that does not say.
    let services = hex(&format!(
        "02000000 00000000 18000000 24000000 3C000000 1C000000
         {UICC} 00000000 00000000 02000000 01000000 04000000 {EXTENSIONS} 00000000 00000000 00000000"
    ));
    let read = DeviceServices::decode(&services).unwrap();
    assert_eq!(read.encode(), services);
    assert!(read.has(uicc::SERVICE, uicc::APDU) && !read.has(uicc::SERVICE, uicc::RESET));
    assert!(read.has(extensions::SERVICE, extensions::VERSION) && !read.has(basic::SERVICE, basic::DEVICE_CAPS));
}

/// As mbimcli names `/dev/null` to its proxy.
#[test]
fn the_proxy_is_told_of_a_port() {
    let configuration = proxy::Configuration { path: "/dev/null".into(), timeout: 30 };
    golden(
        "03000000 50000000 01000000 01000000 00000000 838CF7FB8D0D4D7F871ED71DBEFBB39B 01000000 01000000 20000000
         0C000000 12000000 1E000000 2F006400650076002F006E0075006C006C00 0000",
        1,
        Body::Command(configuration.command()),
    );
    assert_eq!(proxy::Configuration::decode(&configuration.command().buffer), Ok(configuration));
}

/// A message of 300 bytes for a command.
fn long() -> Message {
    let buffer = (0..=255).chain(0..44).collect();
    let command = Command::set(uicc::SERVICE, uicc::APDU, buffer);
    Message { transaction: 9, body: Body::Command(command) }
}

#[test]
fn fragments_go_both_ways() {
    for longest in [64, 65, 100, 4096] {
        let frames = long().to_frames(longest);
        assert!(frames.iter().all(|frame| frame.to_bytes().len() <= longest as usize));
        assert_eq!(read(&long().to_bytes(longest)), [Ok(long())], "{longest}");
    }
    let frames = long().to_frames(64);
    assert_eq!(frames.len(), 8, "28 bytes and 300, 44 at a time");
    // Only the first says what it is about.
    assert_eq!(
        frames[0].to_bytes()[..32],
        hex(&format!("03000000 40000000 09000000 08000000 00000000 {}", &UICC[..24]))
    );
    assert_eq!(frames[7].to_bytes()[..20], hex("03000000 28000000 09000000 08000000 07000000"));
    // Cut anywhere.
    let bytes = long().to_bytes(64);
    let (mut deframer, mut collector) = (Deframer::default(), Collector::default());
    let mut messages = Vec::new();
    for byte in &bytes {
        deframer.push(&[*byte]);
        while let Some(frame) = deframer.next_frame().unwrap() {
            messages.extend(collector.take(&frame).unwrap());
        }
    }
    assert_eq!(messages, [long()]);
    assert!(!deframer.is_amid());
}

#[test]
fn fragments_of_several_messages_may_mix() {
    let other = Message { transaction: 10, ..long() };
    let mixed = long().to_frames(64).into_iter().zip(other.to_frames(64));
    let bytes: Vec<u8> = mixed.flat_map(|(one, two)| [one.to_bytes(), two.to_bytes()].concat()).collect();
    assert_eq!(read(&bytes), [Ok(long()), Ok(other)]);
}

#[test]
fn fragments_out_of_sequence() {
    let frames = long().to_frames(64);
    for order in [&[1usize][..], &[0, 2], &[0, 0], &[0, 1, 1], &[0, 1, 3]] {
        let bytes: Vec<u8> = order.iter().flat_map(|index| frames[*index].to_bytes()).collect();
        let read = read(&bytes);
        let error = read.last().unwrap().as_ref().unwrap_err();
        assert!(matches!(error, CollectError::OutOfSequence { total: 8, .. }), "{order:?}: {error}");
        assert_eq!(error.transaction(), Some(9));
    }
    // After that the message can be sent anew.
    let bytes = [frames[1].to_bytes(), long().to_bytes(64)].concat();
    assert_eq!(read(&bytes).last(), Some(&Ok(long())));
}

#[test]
fn frames_that_lie_about_their_length() {
    let frame = |kind: u32, length: u32| [kind, length, 1].map(u32::to_le_bytes).concat();
    let too_long = u32::try_from(LONGEST_FRAME).unwrap() + 1;
    for (bytes, error) in [
        (frame(0x8000_0003, u32::MAX), FrameError::TooLong(u32::MAX)),
        (frame(3, too_long), FrameError::TooLong(too_long)),
        (frame(3, 11), FrameError::TooShort(11)),
        (frame(3, 0), FrameError::TooShort(0)),
        (b"AT\r\r\nERROR\r\n".to_vec(), FrameError::Type(0x0D0D_5441)),
        (frame(5, 12), FrameError::Type(5)),
        (frame(1, 12), FrameError::Body { kind: 1, length: 0 }),
        (frame(3, 12), FrameError::Body { kind: 3, length: 0 }),
        (frame(0x8000_0007, 12), FrameError::Body { kind: 0x8000_0007, length: 0 }),
    ] {
        assert_eq!(read(&bytes), [Err(error.into())]);
    }
    // Refused by its first eight bytes, and nothing is kept.
    let mut deframer = Deframer::default();
    deframer.push(&frame(0x8000_0003, u32::MAX)[..8]);
    assert_eq!(deframer.next_frame(), Err(FrameError::TooLong(u32::MAX)));
    assert!(!deframer.is_amid());
}

#[test]
fn messages_that_do_not_end() {
    let fragment = |total: u32, index: u32, piece: usize| {
        let body = [total.to_le_bytes().to_vec(), index.to_le_bytes().to_vec(), vec![0; piece]].concat();
        Frame { kind: 0x8000_0003, transaction: 1, body }
    };
    let mut collector = Collector::default();
    assert_eq!(collector.take(&fragment(u32::MAX, 0, 100)), Err(CollectError::TooLong { transaction: 1 }));
    let most = u32::try_from(LONGEST_MESSAGE).unwrap();
    let error = (0..most).find_map(|index| collector.take(&fragment(most, index, 4000)).err());
    assert_eq!(error, Some(CollectError::TooLong { transaction: 1 }));
    assert!(matches!(collector.take(&fragment(0, 0, 100)), Err(CollectError::OutOfSequence { .. })));
    // What the fragments carry says that it is longer than they are.
    let mut frame = fragment(1, 0, 28);
    frame.body[32..36].copy_from_slice(&1u32.to_le_bytes());
    assert_eq!(collector.take(&frame), Err(CollectError::Short { transaction: 1 }));
    assert_eq!(collector.take(&fragment(1, 0, 27)), Err(CollectError::Short { transaction: 1 }));
    // A command that neither asks nor sets.
    let mut frame = Frame { kind: 3, ..fragment(1, 0, 28) };
    frame.body[28..32].copy_from_slice(&2u32.to_le_bytes());
    assert_eq!(collector.take(&frame), Err(CollectError::Short { transaction: 1 }));
}

#[test]
fn references_that_point_elsewhere() {
    for bytes in [
        "90000000 04000000 0B000000 01020304",
        "90000000 04000000 00000000 01020304",
        "90000000 05000000 0C000000 01020304",
        "90000000 FFFFFFFF 0C000000 01020304",
        "90000000 04000000 FFFFFFFF 01020304",
        "90000000 FFFFFFFF FFFFFFFF 01020304",
    ] {
        assert!(matches!(ApduDone::decode(&hex(bytes)), Err(BufferError::Reference { .. })), "{bytes}");
    }
    // An empty answer may point anywhere.
    assert_eq!(ApduDone::decode(&hex("69850000 00000000 0C000000")).unwrap().status.words(), [0x69, 0x85]);
    assert_eq!(ApduDone::decode(&hex("69850000 00000000")), Err(BufferError::Short { length: 8, wanted: 12 }));
    for count in ["FFFFFFFF", "02000000", "00000080"] {
        let mappings = hex(&format!("{count} 0c000000 04000000"));
        assert!(matches!(SlotMappings::decode(&mappings), Err(BufferError::TooMuch { .. })), "{count}");
        let services = hex(&format!("{count} 00000000"));
        assert!(matches!(DeviceServices::decode(&services), Err(BufferError::TooMuch { .. })), "{count}");
    }
}

#[test]
fn what_is_too_much() {
    let aid = OpenChannel { aid: vec![0; 33], select_p2: 0, group: 0, slot: None };
    let p2 = OpenChannel { aid: vec![0; 16], select_p2: 256, group: 0, slot: None };
    let command = vec![0; 262];
    let apdu = Apdu { channel: 1, secure_messaging: false, extended_class: false, slot: None, command };
    let select = ChannelOpened { status: CardStatus(0), channel: 1, answer: vec![0; 257] };
    assert!(matches!(OpenChannel::decode(&aid.command().buffer, false), Err(BufferError::TooMuch { .. })));
    assert!(matches!(OpenChannel::decode(&p2.command().buffer, false), Err(BufferError::TooMuch { .. })));
    assert!(matches!(Apdu::decode(&apdu.command().buffer, false), Err(BufferError::TooMuch { .. })));
    assert!(matches!(ChannelOpened::decode(&select.encode()), Err(BufferError::TooMuch { .. })));
    assert!(matches!(Atr::decode(&Atr(vec![0; 34]).encode()), Err(BufferError::TooMuch { .. })));
    assert!(matches!(Reset::decode(&hex("02000000"), false), Err(BufferError::TooMuch { .. })));
}

/// Whatever comes, nothing breaks: each message cut at each place, and each byte of it changed.
#[test]
fn nothing_breaks() {
    let mut collector = Collector::default();
    let message = long().to_bytes(64);
    for at in 0..message.len() {
        read(&message[..at]);
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut changed = message.clone();
            changed[at] = value;
            let mut deframer = Deframer::default();
            deframer.push(&changed);
            while let Ok(Some(frame)) = deframer.next_frame() {
                let _ = collector.take(&frame);
            }
        }
    }
    let structures = [
        DeviceCaps::default().encode(Some(1)),
        RegisterState { state: 3, provider_id: "1".into(), provider: "2".into() }.encode(Some(1)),
        SubscriberReady { state: ReadyState(1), imsi: "1".into(), iccid: "2".into() }.encode(Some(1)),
        SlotMappings(vec![0, 1]).encode(),
        OpenChannel { aid: hex(ISD_R), select_p2: 0, group: 1, slot: Some(0) }.command().buffer,
        TerminalCapability(vec![hex("A9020000")]).encode(),
    ];
    for structure in &structures {
        for at in 0..structure.len() {
            for value in [0, 1, 4, 0x7F, 0xFF] {
                let mut changed = structure[..].to_vec();
                changed[at] = value;
                decode_all(&changed);
                decode_all(&changed[..at]);
            }
        }
    }
}

fn decode_all(bytes: &[u8]) {
    let _ = (DeviceCaps::decode(bytes), RegisterState::decode(bytes), SubscriberReady::decode(bytes));
    let _ = (DeviceServices::decode(bytes), SlotMappings::decode(bytes), SysCaps::decode(bytes));
    let _ = (SlotInfo::decode(bytes), Version::decode(bytes), proxy::Configuration::decode(bytes));
    for slots in [false, true] {
        let _ = (OpenChannel::decode(bytes, slots), CloseChannel::decode(bytes, slots), Apdu::decode(bytes, slots));
        let _ = (Reset::decode(bytes, slots), TerminalCapability::decode(bytes, slots));
    }
    let _ = (ChannelOpened::decode(bytes), ApduDone::decode(bytes), Atr::decode(bytes));
}

/// What goes to a card can be secret.
#[test]
fn apdus_are_not_shown() {
    let command = hex("80E2910006BF3E035C015A00");
    let apdu = Apdu { channel: 1, secure_messaging: false, extended_class: true, slot: None, command };
    assert_eq!(format!("{apdu:?}"), "Apdu on channel 1, 12 bytes");
    let body = Body::Command(apdu.command());
    let message = Message { transaction: 1, body };
    for shown in [format!("{message:?}"), format!("{:?}", message.to_frames(64))] {
        assert!(shown.contains("bytes") && !shown.contains("226"), "{shown}");
    }
    let answer = ApduDone { status: CardStatus::of(0x90, 0), answer: hex("BF3E") };
    assert_eq!(format!("{answer:?}"), "ApduDone [90, 00], 2 bytes");
}
