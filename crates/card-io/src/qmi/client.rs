//! Requests and their answers.
//!
//! One reader: what comes is the answer to the request in flight, by service, client and transaction, or it is not for
//! us. Client ids are given back whatever happens; a modem has about twenty.

use std::time::{Duration, Instant};

use modem_wire::qmi::ctl::{AllocateClient, Allocated, Client as ClientId, ReleaseClient};
use modem_wire::qmi::{ErrorCode, Frame, Kind, Message, Request, Sdu, Service, Tlvs};

use super::link::{Link, LinkFailure};

/// How long a modem may take to give out a client id or to take it back.
const CLIENT_ID: Duration = Duration::from_secs(10);

/// The same at the end, when nobody wants anything of it any more.
const FAREWELL: Duration = Duration::from_secs(2);

/// A modem, asked one thing at a time.
pub(super) struct Client {
    link: Box<dyn Link>,
    transaction: u16,
    ctl_transaction: u8,
    /// Client ids that are ours.
    clients: Vec<ClientId>,
    /// Requests for client ids that were given up: an answer that comes late is an id to give back.
    given_up: Vec<u16>,
    /// Nothing came the last time that something had to.
    silent: bool,
    gone: bool,
    /// A proper answer came before.
    answered: bool,
}

/// Why a request has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Failure {
    /// The modem refuses; there may be more in the elements.
    #[error("{0}")]
    Refused(ErrorCode, Tlvs),
    /// It did not leave this program.
    #[error("not sent: {0}")]
    NotSent(LinkFailure),
    /// It was sent, and no answer came.
    #[error("{0}")]
    NoAnswer(LinkFailure),
}

impl Failure {
    /// The modem's error code.
    pub(super) fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(code, _) => Some(*code),
            _ => None,
        }
    }

    /// True if the modem has no such message.
    pub(super) fn is_unknown_message(&self) -> bool {
        self.code().is_some_and(ErrorCode::is_unknown_message)
    }

    /// The same for what could only have been sent afterwards.
    fn before_it(self) -> Self {
        match self {
            Self::NoAnswer(failure) => Self::NotSent(failure),
            other => other,
        }
    }

    fn link(&self) -> Option<&LinkFailure> {
        match self {
            Self::NotSent(failure) | Self::NoAnswer(failure) => Some(failure),
            Self::Refused(..) => None,
        }
    }
}

impl Client {
    /// Talks over this link.
    pub(super) fn new(link: Box<dyn Link>) -> Self {
        Self {
            link,
            transaction: 0,
            ctl_transaction: 0,
            clients: Vec::new(),
            given_up: Vec::new(),
            silent: false,
            gone: false,
            answered: false,
        }
    }

    /// True once the modem or its port is gone.
    pub(super) fn is_gone(&self) -> bool {
        self.gone
    }

    /// True once it has given a proper answer: it speaks QMI.
    pub(super) fn has_answered(&self) -> bool {
        self.answered
    }

    /// Asks a service, of which we become a client if we are none yet.
    pub(super) fn ask<R: Request>(&mut self, request: &R, time: Duration) -> Result<R::Response, Failure> {
        let client = self.client(R::SERVICE, time).map_err(Failure::before_it)?;
        let result = self.ask_as(client, request, time);
        if result.as_ref().is_err_and(|failure| failure.code() == Some(ErrorCode::INVALID_CLIENT_ID)) {
            // The modem started anew and forgot its clients; it has not looked at the request.
            log::info!("the modem forgot our client of {}", R::SERVICE);
            self.clients.retain(|one| one.service != R::SERVICE);
            let client = self.client(R::SERVICE, time).map_err(Failure::before_it)?;
            return self.ask_as(client, request, time);
        }
        result
    }

    /// Asks the control service.
    pub(super) fn control<R: Request>(&mut self, request: &R, time: Duration) -> Result<R::Response, Failure> {
        self.ask_as(0, request, time)
    }

    fn client(&mut self, service: Service, time: Duration) -> Result<u8, Failure> {
        if !self.link.has_client_ids() {
            return Ok(0);
        }
        if let Some(client) = self.clients.iter().find(|one| one.service == service) {
            return Ok(client.id);
        }
        let result = self.control(&AllocateClient(service), CLIENT_ID.min(time));
        if matches!(result, Err(Failure::NoAnswer(_))) {
            self.given_up.push(self.ctl_transaction.into());
        }
        let Allocated(client) = result?;
        self.clients.push(client);
        Ok(client.id)
    }

    fn ask_as<R: Request>(&mut self, client: u8, request: &R, time: Duration) -> Result<R::Response, Failure> {
        let deadline = Instant::now() + time;
        let transaction = self.next_transaction(R::SERVICE);
        let sdu = Sdu::request(transaction, request).to_bytes(R::SERVICE);
        let frame = Frame { from_modem: false, service: R::SERVICE, client, sdu };
        let sent = self.link.send(&frame, deadline);
        sent.map_err(|failure| {
            // A part of it may have left.
            let unsure = failure == LinkFailure::Timeout;
            self.note(if unsure { Failure::NoAnswer(failure) } else { Failure::NotSent(failure) })
        })?;
        let answer = self.answer(&frame, R::ID, transaction, deadline);
        let answer = answer.map_err(|failure| self.note(Failure::NoAnswer(failure)))?;
        (self.silent, self.answered) = (false, true);
        let garbage = |error: modem_wire::qmi::Malformed| Failure::NoAnswer(LinkFailure::Garbage(error.to_string()));
        match answer.result().map_err(garbage)? {
            Ok(()) => R::Response::read(&answer.tlvs).map_err(garbage),
            Err(code) => Err(Failure::Refused(code, answer.tlvs)),
        }
    }

    fn note(&mut self, failure: Failure) -> Failure {
        match failure.link() {
            Some(LinkFailure::Gone(_)) => self.gone = true,
            Some(LinkFailure::Timeout | LinkFailure::Garbage(_)) => self.silent = true,
            _ => {}
        }
        failure
    }

    /// Neither kind of transaction is ever 0.
    fn next_transaction(&mut self, service: Service) -> u16 {
        if service == Service::CTL {
            self.ctl_transaction = self.ctl_transaction.checked_add(1).unwrap_or(1);
            return self.ctl_transaction.into();
        }
        self.transaction = self.transaction.checked_add(1).unwrap_or(1);
        self.transaction
    }

    fn answer(
        &mut self,
        request: &Frame,
        message: u16,
        transaction: u16,
        deadline: Instant,
    ) -> Result<Sdu, LinkFailure> {
        loop {
            let frame = self.link.receive(deadline)?;
            // A modem that talks without end of other things does not keep us here.
            if Instant::now() > deadline {
                return Err(LinkFailure::Timeout);
            }
            let Ok(sdu) = Sdu::from_bytes(frame.service, &frame.sdu) else {
                log::debug!("not a message: {frame:?}");
                continue;
            };
            match sdu.kind {
                Kind::Response => {}
                Kind::Indication => {
                    log::debug!("{} tells {:04X}", frame.service, sdu.message);
                    continue;
                }
                Kind::Request => return Err(LinkFailure::Garbage("the port gives back what it is sent".into())),
            }
            let ours = (frame.service, frame.client) == (request.service, request.client);
            if ours && (sdu.message, sdu.transaction) == (message, transaction) {
                return Ok(sdu);
            }
            log::debug!("not for us: {frame:?}, message {:04X}, transaction {}", sdu.message, sdu.transaction);
            self.keep_late_client(&frame, &sdu);
        }
    }

    fn keep_late_client(&mut self, frame: &Frame, sdu: &Sdu) {
        if (frame.service, sdu.message) != (Service::CTL, AllocateClient::ID) {
            return;
        }
        if let Some(position) = self.given_up.iter().position(|transaction| *transaction == sdu.transaction)
            && let (Ok(Ok(())), Ok(Allocated(client))) = (sdu.result(), Allocated::read(&sdu.tlvs))
        {
            self.given_up.swap_remove(position);
            self.clients.push(client);
        }
    }
}

impl Drop for Client {
    /// Gives all client ids back. A modem that was silent before is told, and not waited for.
    fn drop(&mut self) {
        while let Some(client) = self.clients.pop() {
            if self.gone {
                return;
            }
            let time = if self.silent { Duration::from_millis(100) } else { FAREWELL };
            if let Err(failure) = self.control(&ReleaseClient(client), time) {
                log::debug!("client {:02X} of {} could not be given back: {failure}", client.id, client.service);
            }
        }
    }
}
