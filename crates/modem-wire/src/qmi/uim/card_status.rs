//! How cards are: Get Card Status (002F) and its indication (0032).

use crate::qmi::{Malformed, Message, Reader, Service, Tlvs, Writer};

/// An index that points to no application.
const NONE: u16 = 0xFFFF;

/// The states of all cards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CardStatus {
    /// One for each logical slot.
    pub cards: Vec<Card>,
}

/// A card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// Whether it is there.
    pub state: CardState,
    /// What went wrong with it, if the state is an error: see [`Card::POWER_DOWN`].
    pub error: u8,
    /// The applications that the modem knows; none on an eUICC without an enabled profile.
    pub applications: Vec<Application>,
}

/// Whether a card is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CardState(pub u8);

impl CardState {
    /// There is none.
    pub const ABSENT: Self = Self(0);
    /// There is one.
    pub const PRESENT: Self = Self(1);
    /// There is one that the modem cannot use.
    pub const ERROR: Self = Self(2);
}

impl Card {
    /// The error of a card without power.
    pub const POWER_DOWN: u8 = 1;
    /// The error of a card that is being asked whether it is there.
    pub const POLL: u8 = 2;
    /// The error of a card that was perhaps removed.
    pub const POSSIBLY_REMOVED: u8 = 6;

    /// A card in this state, without anything to tell of it.
    #[must_use]
    pub fn in_state(state: CardState) -> Self {
        Self { state, error: 0, applications: Vec::new() }
    }
}

/// An application of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Application {
    /// 1 SIM, 2 USIM, 3 RUIM, 4 CSIM, 5 ISIM; 0 if that is not known.
    pub kind: u8,
    /// How far it is: see [`Application::READY`].
    pub state: u8,
    /// Its AID.
    pub aid: Vec<u8>,
}

impl Application {
    /// The type of a USIM.
    pub const USIM: u8 = 2;
    /// The state of one that wants a PIN.
    pub const PIN: u8 = 2;
    /// The state of one that wants a PUK.
    pub const PUK: u8 = 3;
    /// The state of one that is blocked for good.
    pub const BLOCKED: u8 = 5;
    /// The state of one that can be used.
    pub const READY: u8 = 7;
}

impl CardStatus {
    fn write(&self, out: &mut Writer) {
        let first = self.cards.iter().position(|card| card.applications.iter().any(|one| one.kind != 0));
        // Slot in the high byte, application in the low one.
        out.u16(first.and_then(|slot| u8::try_from(slot).ok()).map_or(NONE, |slot| u16::from(slot) << 8));
        for _ in 0..3 {
            out.u16(NONE);
        }
        out.list(&self.cards, |out, card| {
            out.bytes(&[card.state.0, 0, 0, 0, card.error]);
            out.list(&card.applications, |out, one| {
                out.bytes(&[one.kind, one.state, 0, 0, 0, 0]);
                out.counted(&one.aid);
                out.bytes(&[0, 2, 3, 10, 2, 3, 10]);
            });
        });
    }

    fn read(value: &mut Reader<'_>) -> Result<Self, Malformed> {
        value.bytes(8)?;
        let cards = value.list(|value| {
            let state = CardState(value.u8()?);
            value.bytes(3)?;
            let error = value.u8()?;
            let applications = value.list(|value| {
                let (kind, state) = (value.u8()?, value.u8()?);
                value.bytes(4)?;
                let aid = value.counted()?.to_vec();
                value.bytes(7)?;
                Ok(Application { kind, state, aid })
            })?;
            Ok(Card { state, error, applications })
        })?;
        Ok(Self { cards })
    }
}

/// A message with the states of all cards: `{ 10: indexes u16 × 4, cards }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardStatusIs<const ID: u16>(pub CardStatus);

impl<const ID: u16> Message for CardStatusIs<ID> {
    const SERVICE: Service = Service::UIM;
    const ID: u16 = ID;

    fn write(&self, out: &mut Writer) {
        out.element(0x10, |out| self.0.write(out));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        CardStatus::read(&mut tlvs.want(0x10)?).map(Self)
    }
}
