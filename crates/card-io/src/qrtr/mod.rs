//! QMI by the sockets of QRTR, as on phones, where the modem is a processor beside this one. The socket is the client:
//! there is no QMUX around messages, and nothing to allocate.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::time::{Duration, Instant};

use modem_wire::qmi::{Frame, Service};
use modem_wire::qrtr::{Address, CONTROL_PORT, Control, Server};
use qrtr_socket::QrtrSocket;
use sgp22::transport::{Identity, RawCard};

use crate::modem::{LinkError, LinkErrorKind, ModemOptions};
use crate::qmi::{Connect, Link, LinkFailure, identify_by, open_by};

/// The longest packet.
const LONGEST: usize = 1 << 16;

/// Room for a control packet, and for one of others, which is cut.
const LONGEST_CONTROL: usize = 64;

/// How long a name service that does not end its list is listened to. It is on this machine.
const LOOK: Duration = Duration::from_millis(500);

/// The services that are used, that of cards first.
const SERVICES: [Service; 3] = [Service::UIM, Service::DMS, Service::NAS];

/// The most answers to a look-up that are read.
const MOST_SERVERS: usize = 256;

/// Reaches the card behind the modem on this node, or on the first that there is.
pub(crate) fn open(node: Option<u32>, options: &ModemOptions) -> Result<Box<dyn RawCard + Send>, LinkError> {
    open_by(connect(node, options.timeouts.connect), options)
}

/// Asks the modem on this node, or on the first that there is, who it is; `None` if it does not say.
pub(crate) fn identify(node: Option<u32>, options: &ModemOptions) -> Result<Option<Identity>, LinkError> {
    identify_by(connect(node, options.timeouts.connect), options)
}

fn connect(node: Option<u32>, patience: Duration) -> Connect {
    Box::new(move || Ok(Box::new(QrtrLink::connect(node, patience)?) as Box<dyn Link>))
}

/// The nodes that offer cards.
pub(crate) fn nodes() -> Result<Vec<u32>, LinkError> {
    let socket = QrtrSocket::open().map_err(failed)?;
    let deadline = Instant::now() + LOOK;
    let servers = look_up(&socket, Service::UIM, &mut [0; LONGEST_CONTROL], deadline).map_err(failed)?;
    Ok(nodes_of(&servers))
}

/// Each node once.
fn nodes_of(servers: &[Address]) -> Vec<u32> {
    let nodes: BTreeSet<u32> = servers.iter().map(|address| address.node).collect();
    nodes.into_iter().collect()
}

fn failed(error: std::io::Error) -> LinkError {
    let unsupported = error.kind() == ErrorKind::Unsupported;
    LinkError::new(if unsupported { LinkErrorKind::Unsupported } else { LinkErrorKind::Failed }, error)
}

/// Where this service is offered. The socket hears from then on, if it goes away.
fn look_up(
    socket: &QrtrSocket,
    service: Service,
    buffer: &mut [u8],
    deadline: Instant,
) -> std::io::Result<Vec<Address>> {
    socket.send_control(&Control::look_up(service).to_bytes())?;
    let mut servers = Vec::new();
    while servers.len() < MOST_SERVERS {
        let (count, from) = match socket.receive(buffer, deadline) {
            // A name service that does not end its list.
            Err(error) if error.kind() == ErrorKind::TimedOut => break,
            other => other?,
        };
        match Control::from_bytes(&buffer[..count]).filter(|_| from.port == CONTROL_PORT) {
            Some(end) if end.is_end_of_list() => break,
            Some(Control::NewServer(server)) if server.service == u32::from(service.0) => {
                servers.push(server.address);
            }
            _ => {}
        }
    }
    Ok(servers)
}

struct QrtrLink {
    socket: QrtrSocket,
    /// Where the services of the modem are.
    services: Vec<(Service, Address)>,
    buffer: Vec<u8>,
}

impl QrtrLink {
    fn connect(node: Option<u32>, patience: Duration) -> Result<Self, LinkError> {
        let socket = QrtrSocket::open().map_err(failed)?;
        let mut link = Self { socket, services: Vec::new(), buffer: vec![0; LONGEST] };
        let deadline = Instant::now() + patience;
        let mut node = node;
        for service in SERVICES {
            let servers = look_up(&link.socket, service, &mut link.buffer, deadline).map_err(failed)?;
            let found = servers.into_iter().find(|address| node.is_none_or(|node| node == address.node));
            if let Some(address) = found {
                node = Some(address.node);
                link.services.push((service, address));
            } else if service == Service::UIM {
                let who = node.map_or_else(|| "no node offers".into(), |node| format!("node {node} does not offer"));
                return Err(LinkError::new(LinkErrorKind::NoPort, format!("{who} the service of cards")));
            }
        }
        Ok(link)
    }

    /// What a packet is; `None` if it is not for us.
    fn judge(&self, packet: &[u8], from: Address) -> Option<Result<Frame, LinkFailure>> {
        if from.port == CONTROL_PORT {
            let left = match Control::from_bytes(packet)? {
                Control::DelServer(Server { address, .. }) => self.services.iter().any(|(_, one)| *one == address),
                Control::Bye(node) => self.services.iter().any(|(_, one)| one.node == node),
                _ => false,
            };
            return left.then(|| Err(LinkFailure::Gone("the modem started anew".into())));
        }
        let (service, _) = self.services.iter().find(|(_, address)| *address == from)?;
        Some(Ok(Frame { from_modem: true, service: *service, client: 0, sdu: packet.to_vec() }))
    }
}

impl Link for QrtrLink {
    fn send(&mut self, frame: &Frame, _: Instant) -> Result<(), LinkFailure> {
        let (_, address) =
            self.services.iter().find(|(service, _)| *service == frame.service).ok_or(LinkFailure::NoService)?;
        self.socket.send(&frame.sdu, *address).map_err(|error| LinkFailure::Gone(error.to_string()))
    }

    fn receive(&mut self, deadline: Instant) -> Result<Frame, LinkFailure> {
        loop {
            let (count, from) =
                self.socket.receive(&mut self.buffer, deadline).map_err(|error| match error.kind() {
                    ErrorKind::TimedOut => LinkFailure::Timeout,
                    _ => LinkFailure::Gone(error.to_string()),
                })?;
            if let Some(judged) = self.judge(&self.buffer[..count], from) {
                return judged;
            }
            // Packets of others do not keep us here.
            if Instant::now() > deadline {
                return Err(LinkFailure::Timeout);
            }
        }
    }

    fn has_client_ids(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_node_is_named_once() {
        let servers = [(3, 7), (0, 9), (3, 8)].map(|(node, port)| Address { node, port });
        assert_eq!(nodes_of(&servers), [0, 3]);
    }

    /// Without QRTR it is said at once; with it there may be modems, or none.
    #[test]
    fn a_kernel_without_it_is_no_wait() {
        let begun = Instant::now();
        if let Err(error) = nodes() {
            assert_eq!(error.kind, LinkErrorKind::Unsupported, "{error}");
            assert!(begun.elapsed() < LOOK);
        }
    }
}
