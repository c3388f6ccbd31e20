//! `struct sockaddr_qrtr` of `linux/qrtr.h`: family, node, port, in the host's order.
#![allow(unsafe_code)]

use modem_wire::qrtr::Address;
use rustix::net::SocketAddrAny;
use rustix::net::addr::{SocketAddrArg, SocketAddrLen, SocketAddrOpaque};

use crate::AF_QIPCRTR;

/// Its size in bytes.
const SIZE: SocketAddrLen = 12;

#[repr(C)]
struct Layout {
    family: u16,
    node: u32,
    port: u32,
}

const _: () = assert!(size_of::<Layout>() == SIZE as usize);

/// An address as the kernel wants it.
pub(crate) struct Native(pub(crate) Address);

// SAFETY: `f` is given a pointer to a `Layout` that lives until `f` has returned, with its true size, and a `Layout` is
// what the kernel takes for an address of AF_QIPCRTR.
unsafe impl SocketAddrArg for Native {
    unsafe fn with_sockaddr<R>(&self, f: impl FnOnce(*const SocketAddrOpaque, SocketAddrLen) -> R) -> R {
        let layout = Layout { family: AF_QIPCRTR.as_raw(), node: self.0.node, port: self.0.port };
        f((&raw const layout).cast(), SIZE)
    }
}

/// Reads an address; `None` if it is one of another family.
pub(crate) fn read(address: &SocketAddrAny) -> Option<Address> {
    if address.address_family() != AF_QIPCRTR || address.addr_len() < SIZE {
        return None;
    }
    // SAFETY: `SocketAddrAny` holds `addr_len` bytes that were initialised, which are at least a `Layout`; any bytes make
    // one, and none of its fields has to be aligned for an unaligned read.
    let Layout { node, port, .. } = unsafe { address.as_ptr().cast::<Layout>().read_unaligned() };
    Some(Address { node, port })
}
