//! QMI and QRTR byte for byte, as qmicli 1.36 and the kernel's name service have them, and input that nobody should send.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

use data_encoding::HEXLOWER_PERMISSIVE;
use modem_wire::qmi::ctl::{AllocateClient, Allocated, Client, ProxyOpen, ReleaseClient};
use modem_wire::qmi::nas::{Registration, ServingSystem};
use modem_wire::qmi::uim::{
    AnswerApdu, Application, Card, CardState, CardStatus, CardStatusIs, ChannelOpened, ChannelRefused, CloseChannel,
    OpenChannel, PhysicalSlot, SendApdu, SlotStatus, SlotStatusIs, SwitchSlot,
};
use modem_wire::qmi::{
    ErrorCode, Frame, FrameError, FrameReader, Kind, LONGEST_FRAME, Malformed, Message, Sdu, Service, Tlvs,
};
use modem_wire::qrtr::{Address, Control, Server};

/// Hexadecimal digits; everything else is for the reader.
fn bytes(text: &str) -> Vec<u8> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).unwrap()
}

/// A request of qmicli's, in both directions.
#[track_caller]
fn request<M: Message + PartialEq + std::fmt::Debug>(client: u8, transaction: u16, message: &M, wire: &str) {
    let sdu = Sdu::request(transaction, message).to_bytes(M::SERVICE);
    let frame = Frame { from_modem: false, service: M::SERVICE, client, sdu };
    assert_eq!(frame.to_bytes(), bytes(wire));
    let read = Frame::from_bytes(&bytes(wire)).unwrap();
    assert_eq!(read, frame);
    let sdu = Sdu::from_bytes(read.service, &read.sdu).unwrap();
    assert_eq!((sdu.kind, sdu.transaction, sdu.message), (Kind::Request, transaction, M::ID));
    assert_eq!(M::read(&sdu.tlvs).unwrap(), *message);
}

/// An answer that qmicli took, in both directions.
#[track_caller]
fn answer<M: Message + PartialEq + std::fmt::Debug>(client: u8, transaction: u16, message: &M, wire: &str) {
    let frame = Frame::from_bytes(&bytes(wire)).unwrap();
    assert_eq!((frame.from_modem, frame.service, frame.client), (true, M::SERVICE, client));
    let sdu = Sdu::from_bytes(frame.service, &frame.sdu).unwrap();
    assert_eq!((sdu.kind, sdu.transaction, sdu.message), (Kind::Response, transaction, M::ID));
    assert_eq!(sdu.result(), Ok(Ok(())));
    assert_eq!(M::read(&sdu.tlvs).unwrap(), *message);
    let request = Sdu { kind: Kind::Request, tlvs: Tlvs::default(), ..sdu };
    let again = request.answer(Ok(()), |out| message.write(out)).to_bytes(M::SERVICE);
    assert_eq!(Frame { sdu: again, ..frame }.to_bytes(), bytes(wire));
}

#[test]
fn a_session_of_qmicli_through_a_proxy() {
    let path = ProxyOpen(b"/dev/null".to_vec());
    request(0, 1, &path, "01 1700 00 00 00 | 00 01 00ff 0c00 | 01 0900 2f6465762f6e756c6c");
    let uim = Client { service: Service::UIM, id: 2 };
    request(0, 2, &AllocateClient(Service::UIM), "01 0f00 00 00 00 | 00 02 2200 0400 | 01 0100 0b");
    answer(0, 2, &Allocated(uim), "01 1700 80 00 00 | 01 02 2200 0c00 | 02 0400 00000000 | 01 0200 0b02");
    request(0, 3, &ReleaseClient(uim), "01 1000 00 00 00 | 00 03 2300 0500 | 01 0200 0b02");
}

/// qmicli sends the AID before the slot; the order is free.
#[test]
fn an_opening_of_qmicli() {
    let wire = "01 2400 00 0b 02 | 00 0100 4200 1800 | 10 1100 10 a0000005591010ffffffff8900000100 | 01 0100 01";
    let frame = Frame::from_bytes(&bytes(wire)).unwrap();
    let sdu = Sdu::from_bytes(frame.service, &frame.sdu).unwrap();
    let open = OpenChannel { slot: 1, aid: bytes("a0000005591010ffffffff8900000100") };
    assert_eq!(OpenChannel::read(&sdu.tlvs), Ok(open.clone()));
    let ours = "01 2400 00 0b 02 | 00 0100 4200 1800 | 01 0100 01 | 10 1100 10 a0000005591010ffffffff8900000100";
    request(2, 1, &open, ours);
    let select = bytes("6f128410a0000005591010ffffffff8900000100");
    let opened = ChannelOpened::<0x0042> { channel: 1, status: Some([0x90, 0x00]), select };
    answer(
        2,
        1,
        &opened,
        "01 3400 80 0b 02 | 02 0100 4200 2800 | 02 0400 00000000 | 10 0100 01 | 11 0200 9000 | \
         12 1500 14 6f128410a0000005591010ffffffff8900000100",
    );
}

#[test]
fn apdus() {
    let get_eid =
        SendApdu { slot: 1, apdu: bytes("81e2910006bf3e035c015a00"), channel: Some(1), skip_procedure_bytes: false };
    request(
        2,
        5,
        &get_eid,
        "01 2500 00 0b 02 | 00 0500 3b00 1900 | 01 0100 01 | 02 0e00 0c00 81e2910006bf3e035c015a00 | 10 0100 01",
    );
    let skipping = SendApdu { channel: None, skip_procedure_bytes: true, ..get_eid };
    request(
        2,
        5,
        &skipping,
        "01 2500 00 0b 02 | 00 0500 3b00 1900 | 01 0100 01 | 02 0e00 0c00 81e2910006bf3e035c015a00 | 11 0100 01",
    );
    let told = AnswerApdu(bytes("6115"));
    answer(2, 5, &told, "01 1a00 80 0b 02 | 02 0500 3b00 0e00 | 02 0400 00000000 | 10 0400 0200 6115");
    let close = CloseChannel { slot: 1, channel: 1 };
    request(2, 6, &close, "01 1400 00 0b 02 | 00 0600 3f00 0800 | 01 0100 01 | 11 0100 01");
    request(
        2,
        7,
        &SwitchSlot { logical: 1, physical: 2 },
        "01 1700 00 0b 02 | 00 0700 4600 0b00 | 01 0100 01 | 02 0400 02000000",
    );
    assert!(!format!("{skipping:?} {told:?}").contains("bf3e"), "what cards are told is nobody's business");
}

#[test]
fn refusals() {
    let wire = "01 1800 80 0b 02 | 02 0100 4200 0c00 | 02 0400 0100 0300 | 11 0200 6a82";
    let frame = Frame::from_bytes(&bytes(wire)).unwrap();
    let sdu = Sdu::from_bytes(frame.service, &frame.sdu).unwrap();
    assert_eq!(sdu.result(), Ok(Err(ErrorCode::INTERNAL)));
    assert_eq!(ChannelRefused::read(&sdu.tlvs), ChannelRefused(Some([0x6A, 0x82])));
    assert_eq!(ErrorCode(82).to_string(), "QMI error 82 AccessDenied");
    assert_eq!(ErrorCode(9999).to_string(), "QMI error 9999");
}

#[test]
fn card_status() {
    let usim = Application { kind: Application::USIM, state: Application::READY, aid: bytes("a0000000871002") };
    let cards = vec![Card { applications: vec![usim], ..Card::in_state(CardState::PRESENT) }];
    let status = CardStatusIs::<0x002F>(CardStatus { cards });
    answer(
        3,
        9,
        &status,
        "01 3a00 80 0b 03 | 02 0900 2f00 2e00 | 02 0400 00000000 | 10 2400 0000 ffff ffff ffff 01 01 000000 00 01 \
         02 07 00000000 07 a0000000871002 00 02030a 02030a",
    );
    // An eUICC without an enabled profile: a card, and no application.
    let bare = CardStatusIs::<0x0032>(CardStatus { cards: vec![Card::in_state(CardState::PRESENT)] });
    assert_eq!(bare.tlvs().as_bytes(), bytes("10 0f00 ffff ffff ffff ffff 01 01 000000 00 00"));
}

#[test]
fn slot_status() {
    let used = PhysicalSlot {
        present: Some(true),
        active: true,
        logical: 1,
        iccid: bytes("98999943658709210011"),
        atr: bytes("3b9f96"),
        is_euicc: Some(true),
        eid: bytes("89049032123451234512345678901235"),
    };
    let empty = PhysicalSlot { present: Some(false), is_euicc: Some(false), ..PhysicalSlot::default() };
    let status = SlotStatusIs::<0x0047>(SlotStatus { slots: vec![used.clone(), empty] });
    let first = "10 1f00 02 02000000 01000000 01 0a 98999943658709210011 01000000 00000000 00 00";
    let more = "11 1200 02 02000000 01 03 3b9f96 01 00000000 00 00 00";
    let eids = "12 1300 02 10 89049032123451234512345678901235 00";
    assert_eq!(status.tlvs().as_bytes(), bytes(&[first, more, eids].concat()));
    let read = |text: &str| SlotStatusIs::<0x0047>::read(&Tlvs::read(0x0047, &bytes(text)).unwrap()).unwrap().0;
    assert_eq!(read(&[eids, more, first].concat()).slots, status.0.slots);
    // What is beside the first list may be absent, shorter, or broken.
    let plain = PhysicalSlot { atr: Vec::new(), is_euicc: None, eid: Vec::new(), ..used.clone() };
    assert_eq!(read(first).slots[0], plain);
    assert_eq!(read(&[first, "12 1200 01 10 89049032123451234512345678901235"].concat()).slots[0].eid, used.eid);
    assert_eq!(read(&[first, "11 0200 02 02"].concat()).slots[0], plain);
}

#[test]
fn a_serving_system() {
    let wire = "01 0600 01 01 01 02 01 08";
    let read = ServingSystem::read(&Tlvs::read(0x0024, &bytes(wire)).unwrap());
    assert_eq!(read.unwrap().registration, Registration::REGISTERED);
    assert_eq!(ServingSystem { registration: Registration::REGISTERED }.tlvs().as_bytes(), bytes(wire));
    assert_eq!(
        ServingSystem { registration: Registration::SEARCHING }.tlvs().as_bytes(),
        bytes("01 0500 02 02 02 00 00")
    );
}

#[test]
fn elements_come_in_any_order_twice_and_unknown() {
    let tlvs = Tlvs::read(1, &bytes("7f 0300 aabbcc | 02 0400 02000000 | 01 0100 05 | 01 0100 06 | 80 0000")).unwrap();
    assert_eq!(SwitchSlot::read(&tlvs), Ok(SwitchSlot { logical: 5, physical: 2 }));
    assert_eq!(SwitchSlot::read(&Tlvs::read(1, &bytes("01 0100 05")).unwrap()), Err(Malformed::Element(2)));
    assert_eq!(
        SwitchSlot::read(&Tlvs::read(1, &bytes("01 0100 05 02 0200 0000")).unwrap()),
        Err(Malformed::Element(2))
    );
}

#[test]
fn frames_come_in_pieces_and_in_heaps() {
    let one = bytes("01 0f00 00 00 00 | 00 02 2200 0400 | 01 0100 0b");
    let mut reader = FrameReader::default();
    for byte in &one[..one.len() - 1] {
        reader.push(&[*byte]);
        assert_eq!(reader.next_frame(), Ok(None));
    }
    reader.push(&[&one[one.len() - 1..], &one, &one[..3]].concat());
    for _ in 0..2 {
        assert_eq!(reader.next_frame().unwrap().unwrap().to_bytes(), one);
    }
    assert_eq!(reader.next_frame(), Ok(None));
    assert!(!reader.is_empty());
}

#[test]
fn what_is_no_frame() {
    let first = |wire: &[u8]| {
        let mut reader = FrameReader::default();
        reader.push(wire);
        let result = reader.next_frame();
        (result, reader.is_empty())
    };
    assert_eq!(first(b"\r\nOK"), (Err(FrameError::Marker(0x0D)), true));
    assert_eq!(first(&bytes("01 0000")), (Err(FrameError::Short(1)), true));
    assert_eq!(first(&bytes("01 0400 00 00")), (Err(FrameError::Short(5)), true));
    // As long as can be: it is waited for, and is not reserved in advance.
    assert_eq!(first(&bytes("01 ffff 80 0b 01")), (Ok(None), false));
    let longest = Frame { from_modem: true, service: Service::UIM, client: 1, sdu: vec![0; LONGEST_FRAME - 6] };
    assert_eq!(Frame::from_bytes(&longest.to_bytes()), Ok(longest.clone()));
    assert_eq!(Frame::from_bytes(&longest.to_bytes()[1..]), Err(FrameError::Marker(0xFF)));
    assert_eq!(Frame::from_bytes(&[longest.to_bytes(), vec![0]].concat()), Err(FrameError::NotOne));
}

#[test]
fn what_is_no_message() {
    for (service, wire) in [
        (Service::CTL, ""),
        (Service::CTL, "00 01 2200"),
        (Service::CTL, "00 01 2200 0400 01 0100"),
        (Service::UIM, "00 0100 2f00"),
        (Service::UIM, "02 0100 2f00 ffff 01"),
        (Service::UIM, "02 0100 2f00 0400 02 0400 00"),
        (Service::UIM, "02 0100 2f00 0100 02"),
    ] {
        assert!(Sdu::from_bytes(service, &bytes(wire)).is_err(), "{wire}");
    }
    // Counts that promise more than there is.
    for wire in ["10 0900 ffffffffffffffff ff", "10 0a00 ffffffffffffffff 01 01", "10 0100 00"] {
        assert!(CardStatusIs::<0x002F>::read(&Tlvs::read(0x2F, &bytes(wire)).unwrap()).is_err(), "{wire}");
    }
    assert!(SlotStatusIs::<0x0047>::read(&Tlvs::read(0x47, &bytes("10 0100 ff")).unwrap()).is_err());
    assert!(AnswerApdu::read(&Tlvs::read(0x3B, &bytes("10 0200 ffff")).unwrap()).is_err());
}

#[test]
fn control_packets_of_qrtr() {
    let look_up = bytes("0a000000 0b000000 00000000 00000000 00000000");
    assert_eq!(Control::look_up(Service::UIM).to_bytes().to_vec(), look_up);
    let server = Server { service: 11, instance: 1, address: Address { node: 0, port: 0x4002 } };
    for (control, wire) in [
        (Control::NewServer(server), "04000000 0b000000 01000000 00000000 02400000"),
        (Control::DelServer(server), "05000000 0b000000 01000000 00000000 02400000"),
        (Control::DelClient(server.address), "06000000 00000000 02400000 00000000 00000000"),
        (Control::Bye(3), "03000000 03000000 00000000 00000000 00000000"),
        (Control::Other(9), "09000000 00000000 00000000 00000000 00000000"),
    ] {
        assert_eq!(control.to_bytes().to_vec(), bytes(wire));
        assert_eq!(Control::from_bytes(&bytes(wire)), Some(control));
        assert!(!control.is_end_of_list());
    }
    assert!(Control::from_bytes(&bytes("04000000 00000000 00000000 00000000 00000000")).unwrap().is_end_of_list());
    assert_eq!(Control::from_bytes(&look_up[..19]), None);
}
