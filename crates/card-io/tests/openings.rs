//! Several applications asked for at a modem: whose refusal is told in the end.
#![allow(clippy::unwrap_used, missing_docs)]

use card_io::Iso7816;
use sgp22::apdu::StatusWord;
use sgp22::id::Aid;
use sgp22::transport::{
    ChannelKeeper, ModemRefusal, Nature, OpenError, Opening, Patience, RawCard, RefusalReason, Transport,
    TransportError,
};

/// A modem that gives these answers in turn.
struct Modem(Vec<Opening>);

impl RawCard for Modem {
    fn transmit(&mut self, _: &[u8], _: Patience) -> Result<Vec<u8>, TransportError> {
        Ok(vec![0x6D, 0x00])
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        Ok(())
    }

    fn nature(&self) -> Nature {
        let (le_with_data, we_are_the_terminal) = (true, false);
        Nature { le_with_data, we_are_the_terminal, channels: ChannelKeeper::Modem, longest_data: None }
    }

    fn open(&mut self, _: &Aid) -> Result<Opening, TransportError> {
        Ok(self.0.remove(0))
    }
}

fn by_modem(reason: RefusalReason) -> Opening {
    Opening::RefusedByModem(ModemRefusal { reason, words: "no".into() })
}

fn open_error(openings: &[Opening]) -> OpenError {
    let applications = vec![Aid::isd_r(); openings.len()];
    Iso7816::new(Modem(openings.to_vec()), 255).open_channel(&applications).unwrap_err()
}

#[test]
fn what_the_card_says_of_others_hides_no_refusal_of_the_modem() {
    let not_found = Opening::NotFound(StatusWord::NOT_FOUND);
    for reason in [RefusalReason::SelectFailed, RefusalReason::Denied] {
        let refusal = OpenError::RefusedByModem(ModemRefusal { reason, words: "no".into() });
        assert_eq!(open_error(&[by_modem(reason), not_found.clone()]), refusal);
        assert_eq!(open_error(&[not_found.clone(), by_modem(reason)]), refusal);
    }
    assert_eq!(open_error(&[not_found.clone(), not_found]), OpenError::NotFound(StatusWord::NOT_FOUND));
}

/// Asking for the next application takes as long, and ends as badly.
#[test]
fn what_concerns_all_applications_ends_it_at_once() {
    for reason in [RefusalReason::NoChannel, RefusalReason::Unsupported] {
        let mut link = Iso7816::new(Modem(vec![by_modem(reason)]), 255);
        let refusal = OpenError::RefusedByModem(ModemRefusal { reason, words: "no".into() });
        assert_eq!(link.open_channel(&[Aid::isd_r(), Aid::isd_r()]).unwrap_err(), refusal, "nothing more is asked");
    }
}
