//! Who talks to the modem: client ids, what each wants to hear, and what it has not heard yet.

use std::collections::VecDeque;

use modem_wire::qmi::{Frame, Message, Sdu, Service};

/// The most clients that a service has.
const MOST: u8 = 20;

/// The most that is kept for a host that does not listen.
const MOST_NEWS: usize = 64;

/// A host: a port, a connection, or a QRTR socket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct HostId(pub(crate) u64);

/// A client of a service.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) service: Service,
    pub(super) id: u8,
    host: HostId,
    /// What it wants to hear of: see `RegisterEvents`.
    pub(super) events: u32,
    /// It wants to hear of refreshes.
    pub(super) refreshes: bool,
    /// The channels that it opened.
    pub(super) channels: Vec<u8>,
}

/// All clients.
#[derive(Debug, Default)]
pub(super) struct Clients {
    all: Vec<Client>,
    news: VecDeque<(HostId, Frame)>,
}

impl Clients {
    pub(super) fn count(&self) -> usize {
        self.all.len()
    }

    /// A client id; none if all are given out.
    pub(super) fn allocate(&mut self, service: Service, host: HostId) -> Option<u8> {
        let used = |id: u8| self.all.iter().any(|client| client.service == service && client.id == id);
        let id = (1..=MOST).find(|id| !used(*id))?;
        self.add(service, id, host);
        Some(id)
    }

    /// A client without a number of its own, as over QRTR, where the socket is the client.
    pub(super) fn ensure(&mut self, service: Service, host: HostId) {
        if self.get(service, 0, host).is_none() {
            self.add(service, 0, host);
        }
    }

    fn add(&mut self, service: Service, id: u8, host: HostId) {
        self.all.push(Client { service, id, host, events: 0, refreshes: false, channels: Vec::new() });
    }

    /// Takes a client id back; false if it is none.
    pub(super) fn release(&mut self, service: Service, id: u8) -> bool {
        let before = self.all.len();
        self.all.retain(|client| (client.service, client.id) != (service, id));
        self.all.len() < before
    }

    /// Takes all back.
    pub(super) fn release_all(&mut self) {
        self.all.clear();
    }

    /// Forgets a host.
    pub(super) fn forget(&mut self, host: HostId) {
        self.all.retain(|client| client.host != host);
        self.news.retain(|(other, _)| *other != host);
    }

    /// The client of this number. Over QRTR the host tells which one is meant.
    pub(super) fn get(&mut self, service: Service, id: u8, host: HostId) -> Option<&mut Client> {
        self.all
            .iter_mut()
            .find(|client| (client.service, client.id) == (service, id) && (id != 0 || client.host == host))
    }

    /// Tells those who want to know.
    pub(super) fn tell<M: Message>(&mut self, message: &M, wants: impl Fn(&Client) -> bool) {
        let sdu = Sdu::indication(message).to_bytes(M::SERVICE);
        for client in self.all.iter().filter(|client| client.service == M::SERVICE && wants(client)) {
            let frame = Frame { from_modem: true, service: M::SERVICE, client: client.id, sdu: sdu.clone() };
            self.news.push_back((client.host, frame));
        }
        while self.news.len() > MOST_NEWS {
            self.news.pop_front();
        }
    }

    /// What this host has not heard yet.
    pub(super) fn news(&mut self, host: HostId) -> Vec<Frame> {
        let (due, rest) = self.news.drain(..).partition(|(other, _)| *other == host);
        self.news = rest;
        let due: VecDeque<(HostId, Frame)> = due;
        due.into_iter().map(|(_, frame)| frame).collect()
    }
}
