//! The control service: client ids, and the way through qmi-proxy.

use super::{Malformed, Message, Plain, Request, Service, Tlvs, Writer};

/// A client of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The service.
    pub service: Service,
    /// Its number there.
    pub id: u8,
}

impl Client {
    fn write(self, out: &mut Writer) {
        out.element(0x01, |out| out.bytes(&[self.service.0, self.id]));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        let mut client = tlvs.want(0x01)?;
        Ok(Self { service: Service(client.u8()?), id: client.u8()? })
    }
}

/// Asks for a client id: `{ 01: service }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AllocateClient(pub Service);

impl Message for AllocateClient {
    const SERVICE: Service = Service::CTL;
    const ID: u16 = 0x0022;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.u8(self.0.0));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self(Service(tlvs.want(0x01)?.u8()?)))
    }
}

impl Request for AllocateClient {
    type Response = Allocated;
}

/// The client id: `{ 01: service, client }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allocated(pub Client);

impl Message for Allocated {
    const SERVICE: Service = Service::CTL;
    const ID: u16 = AllocateClient::ID;

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Client::read(tlvs).map(Self)
    }
}

/// Gives a client id back: `{ 01: service, client }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReleaseClient(pub Client);

impl Message for ReleaseClient {
    const SERVICE: Service = Service::CTL;
    const ID: u16 = 0x0023;

    fn write(&self, out: &mut Writer) {
        self.0.write(out);
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Client::read(tlvs).map(Self)
    }
}

impl Request for ReleaseClient {
    type Response = Plain<0x00, 0x0023>;
}

/// Takes back all client ids of the port, those of other programs, too; this program never asks for it. As an
/// indication: the modem started anew.
pub type Sync = Plain<0x00, 0x0027>;

/// The services of the modem and their versions; there is nothing in the request.
pub const GET_VERSION_INFO: u16 = 0x0021;

/// Which header frames have on a network port: `{ 01: u8, 10: u16 }`.
pub const SET_DATA_FORMAT: u16 = 0x0026;

/// A number for this host: `{ 01: u8 }`.
pub const SET_INSTANCE_ID: u16 = 0x0020;

/// Tells qmi-proxy which port is meant: `{ 01: path }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyOpen(pub Vec<u8>);

impl Message for ProxyOpen {
    const SERVICE: Service = Service::CTL;
    const ID: u16 = 0xFF00;

    fn write(&self, out: &mut Writer) {
        out.element(0x01, |out| out.bytes(&self.0));
    }

    fn read(tlvs: &Tlvs) -> Result<Self, Malformed> {
        Ok(Self(tlvs.want(0x01)?.rest().to_vec()))
    }
}

impl Request for ProxyOpen {
    type Response = Plain<0x00, 0xFF00>;
}
