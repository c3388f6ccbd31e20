//! The control service.

use modem_wire::qmi::ctl::{
    AllocateClient, Allocated, Client, GET_VERSION_INFO, ReleaseClient, SET_DATA_FORMAT, SET_INSTANCE_ID, Sync,
};
use modem_wire::qmi::{ErrorCode, Message, Sdu, Service};

use super::clients::HostId;
use super::service::{Outcome, Shared, done, malformed, refuse};
use crate::modem::quirk::ModemQuirk;

/// The services that there are, and their versions.
const SERVICES: [(Service, u16, u16); 4] =
    [(Service::CTL, 1, 5), (Service::DMS, 1, 14), (Service::NAS, 1, 25), (Service::UIM, 1, 46)];

impl Shared {
    pub(super) fn ctl(&mut self, host: HostId, request: &Sdu) -> Outcome {
        self.try_ctl(host, request).unwrap_or_else(|error| refuse(request, error))
    }

    fn try_ctl(&mut self, host: HostId, request: &Sdu) -> Result<Outcome, ErrorCode> {
        match request.message {
            AllocateClient::ID => {
                let AllocateClient(service) = AllocateClient::read(&request.tlvs).map_err(malformed)?;
                if service == Service::CTL || !SERVICES.iter().any(|(one, ..)| *one == service) {
                    return Err(ErrorCode::INVALID_SERVICE);
                }
                if self.has(ModemQuirk::NoClientIds) {
                    return Err(ErrorCode::CLIENT_IDS_EXHAUSTED);
                }
                let id = self.clients.allocate(service, host).ok_or(ErrorCode::CLIENT_IDS_EXHAUSTED)?;
                Ok(Outcome::Answer(request.answer(Ok(()), |out| Allocated(Client { service, id }).write(out))))
            }
            ReleaseClient::ID => {
                let ReleaseClient(client) = ReleaseClient::read(&request.tlvs).map_err(malformed)?;
                if !self.clients.release(client.service, client.id) {
                    return Err(ErrorCode::INVALID_CLIENT_ID);
                }
                Ok(Outcome::Answer(request.answer(Ok(()), |out| ReleaseClient(client).write(out))))
            }
            Sync::ID => {
                self.clients.release_all();
                Ok(done(request))
            }
            GET_VERSION_INFO => Ok(Outcome::Answer(request.answer(Ok(()), |out| {
                out.element(0x01, |out| {
                    out.list(&SERVICES, |out, (service, major, minor)| {
                        out.u8(service.0);
                        out.u16(*major);
                        out.u16(*minor);
                    });
                });
            }))),
            SET_INSTANCE_ID => {
                let id = request.tlvs.want(0x01).and_then(|mut value| value.u8()).map_err(malformed)?;
                Ok(Outcome::Answer(request.answer(Ok(()), |out| out.element(0x01, |out| out.u16(id.into())))))
            }
            SET_DATA_FORMAT => {
                let protocol = request.tlvs.get(0x10).and_then(|mut value| value.u16().ok());
                Ok(Outcome::Answer(request.answer(Ok(()), |out| {
                    if let Some(protocol) = protocol {
                        out.element(0x10, |out| out.u16(protocol));
                    }
                })))
            }
            _ => Err(ErrorCode::INVALID_QMI_COMMAND),
        }
    }
}
