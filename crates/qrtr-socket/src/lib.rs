//! Sockets of QRTR (`AF_QIPCRTR`), by which a processor talks to the modem beside it.
//!
//! rustix makes the system calls; what it lacks is the form of addresses, which `address` has. In the whole project only
//! that module and the constructor of `start-state` are unsafe code.

mod address;

use std::io::{Error, ErrorKind, Result};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

use modem_wire::qrtr::{Address, CONTROL_PORT};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType};

use address::Native;

const AF_QIPCRTR: AddressFamily = AddressFamily::from_raw(42);

/// A socket that is never waited for longer than said.
#[derive(Debug)]
pub struct QrtrSocket(OwnedFd);

impl QrtrSocket {
    /// Opens one. A kernel without QRTR gives [`ErrorKind::Unsupported`].
    pub fn open() -> Result<Self> {
        let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
        match rustix::net::socket_with(AF_QIPCRTR, SocketType::DGRAM, flags, None) {
            Ok(socket) => Ok(Self(socket)),
            Err(rustix::io::Errno::AFNOSUPPORT) => {
                Err(Error::new(ErrorKind::Unsupported, "the kernel has no AF_QIPCRTR sockets: its module is 'qrtr'"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Gives it a port of its own.
    pub fn bind(&self) -> Result<()> {
        let own = self.local()?;
        Ok(rustix::net::bind(&self.0, &Native(Address { node: own.node, port: 0 }))?)
    }

    /// Where it is.
    pub fn local(&self) -> Result<Address> {
        let name = rustix::net::getsockname(&self.0)?;
        address::read(&name).ok_or_else(|| Error::other("the socket has an odd address"))
    }

    /// Sends to the name service of this node.
    pub fn send_control(&self, packet: &[u8]) -> Result<()> {
        let control = Address { node: self.local()?.node, port: CONTROL_PORT };
        self.send(packet, control)
    }

    /// Sends a packet. One for which there is no room now fails, as if it was lost.
    pub fn send(&self, packet: &[u8], to: Address) -> Result<()> {
        rustix::net::sendto(&self.0, packet, SendFlags::empty(), &Native(to))?;
        Ok(())
    }

    /// The next packet, and who sent it; [`ErrorKind::TimedOut`] if none comes until `deadline`.
    pub fn receive(&self, buffer: &mut [u8], deadline: Instant) -> Result<(usize, Address)> {
        loop {
            match rustix::net::recvfrom(&self.0, &mut *buffer, RecvFlags::empty()) {
                Ok((count, _, from)) => {
                    if let Some(from) = from.as_ref().and_then(address::read) {
                        return Ok((count.min(buffer.len()), from));
                    }
                }
                Err(rustix::io::Errno::AGAIN) => self.wait(deadline)?,
                Err(rustix::io::Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn wait(&self, deadline: Instant) -> Result<()> {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        let left = Timespec::try_from(left).map_err(Error::other)?;
        match poll(&mut [PollFd::new(&self.0, PollFlags::IN)], Some(&left)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl AsFd for QrtrSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Most kernels of build machines have no QRTR; those that have must give a socket that knows its node.
    #[test]
    fn a_socket_or_a_clear_refusal() {
        match QrtrSocket::open() {
            Ok(socket) => assert_ne!(socket.local().map(|own| own.node).ok(), None),
            Err(error) => assert!(error.to_string().contains("'qrtr'"), "{error}"),
        }
    }
}
