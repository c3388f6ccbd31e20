//! QRTR: the control packets by which services are found. What goes to a service is a bare QMI message.

use crate::qmi::Service;

/// The port of a node's name service.
pub const CONTROL_PORT: u32 = 0xFFFF_FFFE;

/// Bytes of a control packet.
const PACKET: usize = 20;

/// Where something is: a node and a port of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// The node.
    pub node: u32,
    /// The port.
    pub port: u32,
}

/// A service, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server {
    /// The service, as QMI numbers it.
    pub service: u32,
    /// Version in the low byte, instance in the others.
    pub instance: u32,
    /// Where it is.
    pub address: Address,
}

/// What the name service and its clients say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    /// A node is there.
    Hello,
    /// A node is gone, with all that was on it.
    Bye(u32),
    /// A service is there. All zero: these were all.
    NewServer(Server),
    /// A service is gone.
    DelServer(Server),
    /// A client is gone.
    DelClient(Address),
    /// Wants to hear of services with this number.
    NewLookup(u32),
    /// Does not any more.
    DelLookup(u32),
    /// Something else, by its number.
    Other(u32),
}

impl Control {
    /// A look-up of this service.
    #[must_use]
    pub fn look_up(service: Service) -> Self {
        Self::NewLookup(service.0.into())
    }

    /// The end of the answers to a look-up.
    #[must_use]
    pub fn is_end_of_list(self) -> bool {
        matches!(self, Self::NewServer(Server { service: 0, instance: 0, address: Address { node: 0, port: 0 } }))
    }

    /// As a packet.
    #[must_use]
    pub fn to_bytes(self) -> [u8; PACKET] {
        let server = |one: Server| [one.service, one.instance, one.address.node, one.address.port];
        let (command, words) = match self {
            Self::Hello => (2, [0; 4]),
            Self::Bye(node) => (3, [node, 0, 0, 0]),
            Self::NewServer(one) => (4, server(one)),
            Self::DelServer(one) => (5, server(one)),
            Self::DelClient(Address { node, port }) => (6, [node, port, 0, 0]),
            Self::NewLookup(service) => (10, [service, 0, 0, 0]),
            Self::DelLookup(service) => (11, [service, 0, 0, 0]),
            Self::Other(command) => (command, [0; 4]),
        };
        let mut packet = [0; PACKET];
        for (place, word) in packet.chunks_exact_mut(4).zip([command].iter().chain(&words)) {
            place.copy_from_slice(&u32::to_le_bytes(*word));
        }
        packet
    }

    /// From a packet; `None` if it is too short for one. What is behind it is left alone.
    #[must_use]
    pub fn from_bytes(packet: &[u8]) -> Option<Self> {
        let packet = packet.first_chunk::<PACKET>()?;
        let word = |index: usize| {
            let at = 4 * index;
            u32::from_le_bytes([packet[at], packet[at + 1], packet[at + 2], packet[at + 3]])
        };
        let server = Server { service: word(1), instance: word(2), address: Address { node: word(3), port: word(4) } };
        Some(match word(0) {
            2 => Self::Hello,
            3 => Self::Bye(word(1)),
            4 => Self::NewServer(server),
            5 => Self::DelServer(server),
            6 => Self::DelClient(Address { node: word(1), port: word(2) }),
            10 => Self::NewLookup(word(1)),
            11 => Self::DelLookup(word(1)),
            command => Self::Other(command),
        })
    }
}
