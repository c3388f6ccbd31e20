//! A virtual card on the bench: reached through the same ISO 7816 layer as a real one, its memory open to the test.

// Each test file uses a part of it.
#![allow(dead_code)]

use std::sync::{Arc, Mutex};

use card_io::{Counters, Iso7816, Tap};
use lpa::{Isdr, NeverInterrupted};
use sgp22::id::{Aid, Iccid};
use sgp22::transport::{Nature, OpenError, Patience, RawCard, TransportError};
use virtual_euicc::card::{CardState, NewCard, NewProfiles, Quirks, StoredProfile, VirtualCard};

#[derive(Clone)]
pub struct Shared(Arc<Mutex<VirtualCard>>);

impl RawCard for Shared {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        self.0.lock().unwrap().transmit(command, patience)
    }
    fn reset(&mut self) -> Result<(), TransportError> {
        self.0.lock().unwrap().reset()
    }
    fn nature(&self) -> Nature {
        self.0.lock().unwrap().nature()
    }
}

pub struct Bench {
    pub card: Shared,
    pub counters: Counters,
    pub link: Iso7816<Tap<Shared>>,
}

impl Bench {
    pub fn new(new: &NewCard) -> Self {
        Self::of(VirtualCard::in_memory(new).unwrap())
    }

    pub fn of(card: VirtualCard) -> Self {
        let card = Shared(Arc::new(Mutex::new(card)));
        let counters = Counters::default();
        let link = Iso7816::new(Tap::new(card.clone(), counters.clone(), None), 255);
        Self { card, counters, link }
    }

    /// A card with the two sample profiles and these quirks.
    pub fn with(quirks: &[&str]) -> Self {
        Self::new(&NewCard { quirks: quirks_of(quirks), ..NewCard::default() })
    }

    pub fn isdr(&mut self) -> Isdr<'_> {
        self.try_isdr().unwrap()
    }

    pub fn try_isdr(&mut self) -> Result<Isdr<'_>, OpenError> {
        let aids: Vec<Aid> = [
            "A0000005591010FFFFFFFF8900000100",
            "A0000005591010FFFFFFFF8900050500",
            "A06573746B6D65FFFF4953442D522030",
        ]
        .iter()
        .map(|aid| aid.parse().unwrap())
        .collect();
        Isdr::open(&mut self.link, &aids, &NeverInterrupted)
    }

    pub fn state(&self) -> CardState {
        self.card.0.lock().unwrap().state().clone()
    }

    pub fn profile(&self, index: usize) -> StoredProfile {
        self.state().euiccs[0].profiles[index].clone()
    }

    pub fn iccid(&self, index: usize) -> Iccid {
        self.profile(index).iccid
    }

    pub fn apdus(&self) -> u64 {
        self.counters.get().apdus
    }
}

pub fn quirks_of(names: &[&str]) -> Quirks {
    Quirks::of(names.iter().map(|name| name.parse().unwrap()).collect())
}

pub fn numbered(count: usize, icons: bool) -> NewCard {
    NewCard { profiles: NewProfiles::Count(count), icons, ..NewCard::default() }
}
