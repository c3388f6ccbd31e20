//! What all services share: a request comes from a client, and is answered, or is not.

use std::time::{Duration, Instant};

use modem_wire::qmi::uim::{CardStatusIs, Refresh, RegisterEvents, SlotStatusIs};
use modem_wire::qmi::{ErrorCode, Kind, Malformed, Sdu, Service};
use sgp22::transport::CardSight;

use super::clients::{Clients, HostId};
use crate::modem::quirk::ModemQuirk;
use crate::modem::sim::Modem;

/// What all hosts of a modem share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) modem: Modem,
    pub(super) clients: Clients,
    hosts: u64,
    /// Requests for the card so far: opening and closing of channels, and APDUs.
    pub(crate) commands: u32,
    /// The card in the slot that was switched to is there from then on.
    pub(super) ready_at: Option<Instant>,
    /// So many more requests for channels are refused.
    pub(crate) busy: u32,
    /// Channels that were opened since the card service was reset.
    pub(super) opened: u32,
    /// Channels that a program left open which died.
    pub(super) leaked: Vec<u8>,
    /// The modem leaves its bus for this long.
    pub(super) leaves: Option<Duration>,
}

/// What comes of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is answered.
    Answer(Sdu),
    /// Nothing is answered.
    Silence,
    /// The modem leaves.
    Gone(Duration),
    /// The modem leaves for good.
    Closed,
}

/// How long a modem that crashes takes to come back.
pub(crate) const RESTART: Duration = Duration::from_millis(300);

impl Shared {
    pub(crate) fn new(mut modem: Modem) -> Self {
        let busy = modem.quirks().number(ModemQuirk::SimBusy).unwrap_or(0);
        if modem.quirks().has(ModemQuirk::PowersDown) {
            modem.power_off();
        }
        let leaked = if modem.quirks().has(ModemQuirk::LeakedChannels) { leak(&mut modem) } else { Vec::new() };
        modem.take_refreshed();
        let (clients, ready_at, leaves) = (Clients::default(), None, None);
        Self { modem, clients, hosts: 0, commands: 0, ready_at, busy, opened: 0, leaked, leaves }
    }

    pub(super) fn has(&self, quirk: ModemQuirk) -> bool {
        self.modem.quirks().has(quirk)
    }

    /// A new host.
    pub(crate) fn new_host(&mut self) -> HostId {
        self.hosts += 1;
        HostId(self.hosts)
    }

    /// What a host has not heard yet, as frames.
    pub(crate) fn news(&mut self, host: HostId) -> Vec<modem_wire::qmi::Frame> {
        self.clients.news(host)
    }

    /// The host is gone, and with it what it was a client of.
    pub(crate) fn forget(&mut self, host: HostId) {
        self.clients.forget(host);
    }

    /// Answers a request of a host that needs no client id.
    pub(crate) fn serve_socket(&mut self, service: Service, host: HostId, request: &Sdu) -> Outcome {
        self.clients.ensure(service, host);
        self.serve(service, 0, host, request)
    }

    /// Answers a request of a client.
    pub(crate) fn serve(&mut self, service: Service, id: u8, host: HostId, request: &Sdu) -> Outcome {
        if self.has(ModemQuirk::Dead) || request.kind != Kind::Request {
            return Outcome::Silence;
        }
        if request.transaction == 0 {
            return refuse(request, ErrorCode::MALFORMED_MESSAGE);
        }
        if service == Service::CTL {
            return self.ctl(host, request);
        }
        if self.clients.get(service, id, host).is_none() {
            return refuse(request, ErrorCode::INVALID_CLIENT_ID);
        }
        match service {
            Service::UIM => self.card_request(id, host, request),
            Service::DMS | Service::NAS => self.name(service, request),
            _ => refuse(request, ErrorCode::INVALID_SERVICE),
        }
    }

    /// A request for UIM, with what goes wrong around it.
    fn card_request(&mut self, id: u8, host: HostId, request: &Sdu) -> Outcome {
        let about_card = matches!(request.message, 0x003B | 0x003F | 0x0042);
        if about_card {
            self.commands += 1;
            if self.modem.quirks().number(ModemQuirk::SilentFrom).is_some_and(|from| self.commands >= from) {
                return Outcome::Silence;
            }
            if self.is_due(ModemQuirk::VanishesBefore) {
                return Outcome::Gone(RESTART);
            }
            if self.is_due(ModemQuirk::Unplugged) {
                return Outcome::Closed;
            }
        }
        if about_card && self.is_due(ModemQuirk::CommandRefused) {
            return refuse(request, ErrorCode::ACCESS_DENIED);
        }
        let outcome = self.uim(id, host, request);
        if about_card && self.is_due(ModemQuirk::VanishesAfter) {
            return Outcome::Gone(RESTART);
        }
        self.leaves.take().map_or(outcome, Outcome::Gone)
    }

    /// True if this is the command for the card that the quirk is about.
    pub(crate) fn is_due(&self, quirk: ModemQuirk) -> bool {
        self.modem.quirks().number(quirk) == Some(self.commands)
    }

    /// The modem left its bus and is there again: nobody is its client any more, and the card was started anew.
    pub(crate) fn restarted(&mut self) {
        self.clients.release_all();
        self.modem.power_off();
        self.modem.power_on();
        self.modem.take_refreshed();
    }

    /// The card asked for a refresh, and got it.
    pub(super) fn refreshed(&mut self) {
        for stage in [Refresh::START, Refresh::DONE] {
            self.clients.tell(&Refresh { stage, mode: Refresh::RESET }, |client| client.refreshes);
        }
        self.tell_cards();
        self.tell_slots();
        self.leaked.clear();
        if self.has(ModemQuirk::ForgetsClients) {
            self.clients.release_all();
        }
        self.leaves =
            self.modem.quirks().number(ModemQuirk::Reenumerates).map(|time| Duration::from_millis(time.into()));
    }

    pub(super) fn tell_cards(&mut self) {
        let status = CardStatusIs::<0x0032>(self.card_status());
        self.clients.tell(&status, |client| client.events & RegisterEvents::CARD_STATUS != 0);
    }

    pub(super) fn tell_slots(&mut self) {
        let status = SlotStatusIs::<0x0048>(self.slot_status());
        self.clients.tell(&status, |client| client.events & RegisterEvents::SLOT_STATUS != 0);
    }

    /// How the modem gets on with the card in this physical slot; one that was just switched to is not there yet.
    pub(crate) fn sight(&self, index: usize) -> CardSight {
        if index == self.modem.active_slot() && self.ready_at.is_some_and(|time| Instant::now() < time) {
            return CardSight::Starting;
        }
        match self.modem.sight(index) {
            CardSight::Usable if self.has(ModemQuirk::PinLocked) => CardSight::Locked,
            sight => sight,
        }
    }
}

/// Takes all channels that the card has.
fn leak(modem: &mut Modem) -> Vec<u8> {
    let isd_r = sgp22::id::Aid::isd_r();
    std::iter::from_fn(|| modem.open_channel(&isd_r, 0x00).ok()).map(|opened| opened.channel).collect()
}

/// An answer that says no.
pub(super) fn refuse(request: &Sdu, error: ErrorCode) -> Outcome {
    Outcome::Answer(request.answer(Err(error), |_| {}))
}

/// An answer that says yes.
pub(super) fn done(request: &Sdu) -> Outcome {
    Outcome::Answer(request.answer(Ok(()), |_| {}))
}

/// What a request is answered that cannot be read.
pub(super) fn malformed(error: Malformed) -> ErrorCode {
    match error {
        Malformed::Element(_) => ErrorCode::MISSING_ARGUMENT,
        Malformed::Short(_) => ErrorCode::MALFORMED_MESSAGE,
    }
}
