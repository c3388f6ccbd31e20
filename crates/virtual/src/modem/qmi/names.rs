//! Who the modem is (DMS), and whether a network has it (NAS).

use modem_wire::qmi::dms::{GetManufacturer, GetModel, GetRevision, Name};
use modem_wire::qmi::nas::{GetServingSystem, Registration, ServingSystem};
use modem_wire::qmi::{ErrorCode, Message, Sdu, Service};

use super::service::{Outcome, Shared, refuse};

impl Shared {
    pub(super) fn name(&mut self, service: Service, request: &Sdu) -> Outcome {
        let ours = ["esimctl", "virtual QMI modem", env!("CARGO_PKG_VERSION")];
        let [manufacturer, model, firmware] = self.modem.quirks().identity().unwrap_or(ours);
        let name = |text: &str| Outcome::Answer(request.answer(Ok(()), |out| Name::<0>(text.into()).write(out)));
        match (service, request.message) {
            (Service::DMS, GetManufacturer::ID) => name(manufacturer),
            (Service::DMS, GetModel::ID) => name(model),
            (Service::DMS, GetRevision::ID) => name(firmware),
            (Service::NAS, GetServingSystem::ID) => {
                let registration =
                    if self.modem.registered() { Registration::REGISTERED } else { Registration::SEARCHING };
                Outcome::Answer(request.answer(Ok(()), |out| ServingSystem { registration }.write(out)))
            }
            _ => refuse(request, ErrorCode::INVALID_QMI_COMMAND),
        }
    }
}
