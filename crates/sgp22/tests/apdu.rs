//! Commands and answers on the wire, and STORE DATA chains.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use sgp22::apdu::{Command, CommandError, Le, Response, StatusWord, channel_of, class_byte};
use sgp22::store_data::{Collector, blocks};

#[test]
fn the_four_cases_short_and_extended() {
    let base = Command::new(0x80, 0xE2, 0x91, 0x00);
    let long = vec![0xAB; 256];
    let cases = [
        (base.clone(), vec![0x80, 0xE2, 0x91, 0x00]),
        (base.clone().with_le(Le::Max), vec![0x80, 0xE2, 0x91, 0x00, 0x00]),
        (base.clone().with_le(Le::Exactly(9)), vec![0x80, 0xE2, 0x91, 0x00, 0x09]),
        (base.clone().with_data([1, 2]), vec![0x80, 0xE2, 0x91, 0x00, 0x02, 1, 2]),
        (base.clone().with_data([1, 2]).with_le(Le::Max), vec![0x80, 0xE2, 0x91, 0x00, 0x02, 1, 2, 0x00]),
        (base.clone().with_le(Le::Exactly(300)), vec![0x80, 0xE2, 0x91, 0x00, 0x00, 0x01, 0x2C]),
        (base.clone().with_le(Le::Exactly(65_536)), vec![0x80, 0xE2, 0x91, 0x00, 0x00, 0x00, 0x00]),
        (base.clone().with_data(long.clone()), [&[0x80, 0xE2, 0x91, 0x00, 0x00, 0x01, 0x00], &long[..]].concat()),
        (
            base.with_data(long.clone()).with_le(Le::Exactly(65_536)),
            [&[0x80, 0xE2, 0x91, 0x00, 0x00, 0x01, 0x00], &long[..], &[0x00, 0x00]].concat(),
        ),
    ];
    for (command, wire) in cases {
        assert_eq!(command.to_bytes(), wire);
        assert_eq!(Command::parse(&wire), Ok(command));
    }
}

#[test]
fn commands_that_are_none() {
    assert_eq!(Command::parse(&[0x00, 0xA4, 0x04]), Err(CommandError::TooShort));
    assert_eq!(Command::parse(&[0x00, 0xA4, 0x04, 0x00, 0x05, 0x01]), Err(CommandError::WrongLength));
    assert_eq!(Command::parse(&[0x00, 0xA4, 0x04, 0x00, 0x01, 0x01, 0x00, 0x00]), Err(CommandError::WrongLength));
    assert_eq!(Command::parse(&[0x00, 0xA4, 0x04, 0x00, 0x00, 0x00, 0x05, 0x01]), Err(CommandError::WrongLength));
}

#[test]
fn class_bytes_of_all_twenty_channels() {
    for (channel, interindustry, proprietary) in [(0, 0x00, 0x80), (3, 0x03, 0x83), (4, 0x40, 0xC0), (19, 0x4F, 0xCF)] {
        assert_eq!(class_byte(0x00, channel), interindustry);
        assert_eq!(class_byte(0x80, channel), proprietary);
    }
    for channel in 0..20 {
        assert_eq!(channel_of(class_byte(0x00, channel)), channel);
        assert_eq!(channel_of(class_byte(0x80, channel)), channel);
    }
}

#[test]
fn answers() {
    let response = Response::parse(vec![0x01, 0x90, 0x00]).unwrap();
    assert_eq!((response.data.as_slice(), response.status), (&[0x01][..], StatusWord::OK));
    assert_eq!(response.into_bytes(), [0x01, 0x90, 0x00]);
    assert!(Response::parse(vec![0x90]).is_err());
    assert!(StatusWord(0x910B).is_ok());
    assert!(!StatusWord(0x6115).is_ok());
}

#[test]
fn debug_output_shows_no_data() {
    let command = Command::new(0x00, 0x20, 0x00, 0x01).with_data(*b"1234\xFF\xFF\xFF\xFF");
    assert_eq!(format!("{command:?}"), "Command(00 20 00 01, 8 bytes, Absent)");
    assert_eq!(format!("{:?}", Response::ok(b"secret".to_vec())), "Response(6 bytes, 9000)");
}

#[test]
fn a_chain_is_cut_and_collected() {
    let tlv: Vec<u8> = (0..=255).cycle().take(1000).collect();
    for size in [1, 32, 120, 254, 255] {
        let Ok(commands) = blocks(&tlv, size) else {
            assert_eq!(size, 1, "only blocks of one byte are too many");
            continue;
        };
        assert_eq!(commands.len(), 1000usize.div_ceil(usize::from(size)));
        let mut collector = Collector::default();
        let (last, first) = commands.split_last().unwrap();
        for (number, command) in first.iter().enumerate() {
            assert_eq!((command.p1, usize::from(command.p2)), (0x11, number));
            assert_eq!(collector.take(command), Ok(None));
        }
        assert_eq!(last.p1, 0x91);
        assert_eq!(collector.take(last), Ok(Some(tlv.clone())));
    }
}

#[test]
fn blocks_out_of_order_are_refused_and_block_zero_starts_anew() {
    let commands = blocks(&[0x55; 600], 255).unwrap();
    let mut collector = Collector::default();
    assert_eq!(collector.take(&commands[1]), Err(StatusWord::WRONG_P1_P2));
    assert_eq!(collector.take(&commands[0]), Ok(None));
    assert_eq!(collector.take(&commands[2]), Err(StatusWord::WRONG_P1_P2));
    assert_eq!(collector.take(&commands[1]), Err(StatusWord::WRONG_P1_P2), "the chain was dropped");
    for command in &commands[..2] {
        assert_eq!(collector.take(command), Ok(None));
    }
    assert_eq!(collector.take(&commands[0]), Ok(None), "a stale chain is replaced");
    assert_eq!(collector.take(&commands[1]), Ok(None));
    assert_eq!(collector.take(&commands[2]).unwrap().map(|tlv| tlv.len()), Some(600));
}

#[test]
fn more_than_256_blocks_are_not_cut() {
    let error = blocks(&[0; 257], 1).unwrap_err();
    assert_eq!((error.length, error.block), (257, 1));
    assert_eq!(blocks(&[0; 256], 1).unwrap().len(), 256);
}
