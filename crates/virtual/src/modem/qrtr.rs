//! A modem that speaks QMI at a node of QRTR: each of its services is a socket.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use modem_wire::qmi::{Sdu, Service};
use modem_wire::qrtr::{Address, CONTROL_PORT, Control, Server};
use qrtr_socket::QrtrSocket;
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::qmi::{HostId, Outcome, QmiModem};

/// The services that are offered.
const SERVICES: [Service; 3] = [Service::UIM, Service::DMS, Service::NAS];

/// The first version, the first instance.
const INSTANCE: u32 = 1;

/// How often a modem that nobody talks to looks whether it is to stop.
const GLANCE: Duration = Duration::from_millis(50);

const LONGEST: usize = 1 << 16;

/// The sockets of a modem.
#[derive(Debug)]
pub struct QrtrNode {
    services: Vec<(Service, QrtrSocket)>,
}

impl QrtrNode {
    /// Offers the services of a modem on this node.
    pub fn open() -> std::io::Result<Self> {
        let offer = |service: Service| {
            let socket = QrtrSocket::open()?;
            socket.bind()?;
            let server = Server { service: service.0.into(), instance: INSTANCE, address: socket.local()? };
            socket.send_control(&Control::NewServer(server).to_bytes())?;
            Ok((service, socket))
        };
        Ok(Self { services: SERVICES.into_iter().map(offer).collect::<std::io::Result<_>>()? })
    }

    /// The number of the node.
    pub fn number(&self) -> std::io::Result<u32> {
        self.services.first().map_or(Ok(0), |(_, socket)| socket.local().map(|own| own.node))
    }

    /// Lets `modem` speak until `stop` is set, or it leaves for good. One that starts anew withdraws its services, and
    /// offers them again.
    pub fn serve(mut self, modem: &QmiModem, stop: &AtomicBool) -> std::io::Result<()> {
        let mut hosts = Vec::new();
        while !stop.load(Ordering::Relaxed) {
            match self.look(modem, &mut hosts)? {
                Some(Outcome::Closed) => return Ok(()),
                Some(Outcome::Gone(time)) => {
                    drop(self);
                    hosts.clear();
                    std::thread::sleep(time);
                    modem.shared().restarted();
                    self = Self::open()?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Answers whatever came.
    fn look(&self, modem: &QmiModem, hosts: &mut Vec<(Address, HostId)>) -> std::io::Result<Option<Outcome>> {
        let mut ready: Vec<PollFd<'_>> =
            self.services.iter().map(|(_, socket)| PollFd::new(socket, PollFlags::IN)).collect();
        let time = Timespec::try_from(GLANCE).unwrap_or_default();
        match poll(&mut ready, Some(&time)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut buffer = vec![0; LONGEST];
        for (service, socket) in &self.services {
            let (count, from) = match socket.receive(&mut buffer, Instant::now()) {
                Err(error) if error.kind() == ErrorKind::TimedOut => continue,
                other => other?,
            };
            if from.port == CONTROL_PORT {
                forget(modem, hosts, &buffer[..count]);
                continue;
            }
            let Ok(request) = Sdu::from_bytes(*service, &buffer[..count]) else { continue };
            let host = host_at(modem, hosts, from);
            let outcome = modem.shared().serve_socket(*service, host, &request);
            match outcome {
                Outcome::Answer(answer) => tell(socket, &answer.to_bytes(*service), from),
                Outcome::Silence => {}
                leaves => return Ok(Some(leaves)),
            }
        }
        self.tell_news(modem, hosts);
        Ok(None)
    }

    fn tell_news(&self, modem: &QmiModem, hosts: &[(Address, HostId)]) {
        for (address, host) in hosts {
            for frame in modem.shared().news(*host) {
                if let Some((_, socket)) = self.services.iter().find(|(service, _)| *service == frame.service) {
                    tell(socket, &frame.sdu, *address);
                }
            }
        }
    }
}

/// A host that left meanwhile hears nothing.
fn tell(socket: &QrtrSocket, packet: &[u8], to: Address) {
    if let Err(error) = socket.send(packet, to) {
        log::debug!("a host of node {} hears nothing: {error}", to.node);
    }
}

fn host_at(modem: &QmiModem, hosts: &mut Vec<(Address, HostId)>, from: Address) -> HostId {
    if let Some((_, host)) = hosts.iter().find(|(address, _)| *address == from) {
        return *host;
    }
    let host = modem.shared().new_host();
    hosts.push((from, host));
    host
}

/// The name service tells of a host that is gone.
fn forget(modem: &QmiModem, hosts: &mut Vec<(Address, HostId)>, packet: &[u8]) {
    let Some(Control::DelClient(gone)) = Control::from_bytes(packet) else { return };
    hosts.retain(|(address, host)| {
        if *address == gone {
            modem.shared().forget(*host);
        }
        *address != gone
    });
}
