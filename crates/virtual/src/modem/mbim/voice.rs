//! The modem's side of one line.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use modem_wire::mbim::{
    Body, CollectError, Collector, Command, CommandDone, Deframer, Frame, FrameError, Indication, LEAST_TRANSFER,
    Message, ProtocolError, Status, USUAL_TRANSFER, proxy, uicc,
};

use super::{Failed, MbimModem, trouble};
use crate::modem::line::{Said, Voice};
use crate::modem::qmi::HostId;
use crate::modem::quirk::ModemQuirk;

/// A modem that speaks MBIM, as its side of one line.
#[derive(Debug)]
pub struct MbimVoice {
    modem: Arc<Mutex<MbimModem>>,
    /// Its host, as a user of QMI.
    host: HostId,
    deframer: Deframer,
    collector: Collector,
    open: bool,
    /// The longest frame that the host takes.
    longest: u32,
    /// Whether this is the line to a proxy's host, and what that has said so far.
    proxy: Option<Proxied>,
    /// The line is flooded for ever, as a quirk wants it.
    pub(super) flooding: bool,
}

/// How far a host of a proxy has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Proxied {
    /// It has not said which device it means.
    Nameless,
    Named,
}

impl MbimVoice {
    /// At the port of the modem.
    #[must_use]
    pub fn direct(modem: &Arc<Mutex<MbimModem>>) -> Self {
        Self {
            host: modem.lock().unwrap_or_else(PoisonError::into_inner).core.new_host(),
            modem: modem.clone(),
            deframer: Deframer::default(),
            collector: Collector::default(),
            open: false,
            longest: USUAL_TRANSFER,
            proxy: None,
            flooding: false,
        }
    }

    /// To a host of the proxy: it has to name a device first, and opens and closes nothing but its own line.
    #[must_use]
    pub fn of_proxy(modem: &Arc<Mutex<MbimModem>>) -> Self {
        Self { proxy: Some(Proxied::Nameless), ..Self::direct(modem) }
    }

    pub(super) fn modem(&self) -> MutexGuard<'_, MbimModem> {
        self.modem.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes of a message, in frames that the host takes.
    pub(super) fn frames(&self, message: &Message) -> Vec<Frame> {
        let quirk = self.modem().core.modem.quirks().number(ModemQuirk::Fragments);
        message.to_frames(self.longest.min(quirk.unwrap_or(u32::MAX)))
    }

    fn frame(&mut self, frame: &Frame) -> Vec<Said> {
        if self.open && frame.to_bytes().len() > usize::try_from(self.longest).unwrap_or(usize::MAX) {
            return self.against(frame.transaction, ProtocolError::LENGTH_MISMATCH);
        }
        match self.collector.take(frame) {
            Ok(None) => Vec::new(),
            Ok(Some(message)) => self.message(&message),
            Err(error) => {
                log::info!("a host sent what is no message: {error}");
                let code = match error {
                    CollectError::OutOfSequence { .. } => ProtocolError::FRAGMENT_OUT_OF_SEQUENCE,
                    CollectError::Frame(FrameError::Type(_)) => ProtocolError::UNKNOWN,
                    _ => ProtocolError::LENGTH_MISMATCH,
                };
                self.against(frame.transaction, code)
            }
        }
    }

    fn against(&self, transaction: u32, error: ProtocolError) -> Vec<Said> {
        self.say(transaction, Body::FunctionError(error))
    }

    fn say(&self, transaction: u32, body: Body) -> Vec<Said> {
        let message = Message { transaction, body };
        vec![Said::Bytes(self.frames(&message).iter().flat_map(Frame::to_bytes).collect())]
    }

    fn message(&mut self, message: &Message) -> Vec<Said> {
        let transaction = message.transaction;
        match &message.body {
            // Transactions are counted from 1.
            _ if transaction == 0 => self.against(0, ProtocolError::UNKNOWN),
            Body::Open { longest } => self.open(transaction, *longest),
            Body::Close => {
                if self.proxy.is_none() {
                    self.modem().close();
                }
                if !std::mem::take(&mut self.open) {
                    return self.against(transaction, ProtocolError::NOT_OPENED);
                }
                self.say(transaction, Body::CloseDone(Status::OK))
            }
            Body::Command(command) => self.command(transaction, command),
            Body::HostError(error) => {
                log::info!("the host complains: {error}");
                Vec::new()
            }
            _ => self.against(transaction, ProtocolError::UNKNOWN),
        }
    }

    fn open(&mut self, transaction: u32, longest: u32) -> Vec<Said> {
        if self.proxy == Some(Proxied::Nameless) {
            return vec![Said::Closed];
        }
        if self.proxy.is_none() && !self.modem().open() {
            return self.against(transaction, ProtocolError::NOT_OPENED);
        }
        if longest < LEAST_TRANSFER {
            return self.say(transaction, Body::OpenDone(Status::INVALID_PARAMETERS));
        }
        (self.open, self.longest) = (true, longest);
        self.say(transaction, Body::OpenDone(Status::OK))
    }

    fn command(&mut self, transaction: u32, command: &Command) -> Vec<Said> {
        if let (Some(_), proxy::SERVICE) = (self.proxy, command.service) {
            return self.configure(transaction, command);
        }
        if !self.open {
            return self.against(transaction, ProtocolError::NOT_OPENED);
        }
        let mut modem = self.modem();
        let answer = modem.command(self.host, command);
        let mut news: Vec<Indication> = modem.news().into_iter().collect();
        // The card asked for a refresh.
        let refreshed = !news.is_empty() && (command.service, command.command) == (uicc::SERVICE, uicc::APDU);
        let leaves = modem.core.modem.quirks().number(ModemQuirk::Reenumerates).filter(|_| refreshed);
        news.extend(modem.qmi_news(self.host));
        drop(modem);
        if let Some(time) = leaves {
            return vec![Said::Gone(Duration::from_millis(time.into()))];
        }
        let (status, buffer) = match answer {
            Ok(buffer) => (Status::OK, buffer),
            Err(Failed::Status(status, buffer)) => (status, buffer),
            Err(Failed::Silence) => return Vec::new(),
            Err(Failed::Gone(time)) => return vec![Said::Gone(time)],
            Err(Failed::Closed) => return vec![Said::Closed],
        };
        let done = CommandDone { service: command.service, command: command.command, status, buffer };
        let mut said = trouble::answer(self, transaction, done);
        for news in news {
            said.extend(self.say(0, Body::Indication(news)));
        }
        said
    }

    /// A host of a proxy names the device; the proxy opens it.
    fn configure(&mut self, transaction: u32, command: &Command) -> Vec<Said> {
        let named = proxy::Configuration::decode(&command.buffer).is_ok_and(|named| !named.path.is_empty());
        if command.command != proxy::CONFIGURATION || !command.set || !named {
            return vec![Said::Closed];
        }
        self.proxy = Some(Proxied::Named);
        self.modem().opened = true;
        let (service, command) = (command.service, command.command);
        self.say(
            transaction,
            Body::CommandDone(CommandDone { service, command, status: Status::OK, buffer: Vec::new() }),
        )
    }
}

impl Voice for MbimVoice {
    fn hear(&mut self, bytes: &[u8]) -> Vec<Said> {
        if self.modem().has(ModemQuirk::Dead) {
            return Vec::new();
        }
        self.deframer.push(bytes);
        let mut said = Vec::new();
        loop {
            match self.deframer.next_frame() {
                Ok(Some(frame)) => said.extend(self.frame(&frame)),
                Ok(None) => return said,
                Err(error) => {
                    log::info!("a host sent what is no frame: {error}");
                    let code = match error {
                        FrameError::Type(_) => ProtocolError::UNKNOWN,
                        _ => ProtocolError::LENGTH_MISMATCH,
                    };
                    said.extend(self.against(0, code));
                    return said;
                }
            }
        }
    }

    fn idle(&mut self) -> Vec<Said> {
        if self.flooding { vec![trouble::remark(self)] } else { Vec::new() }
    }

    fn reconnected(&mut self) {
        (self.open, self.flooding) = (false, false);
        self.deframer.forget();
        self.collector.forget();
        self.modem().restarted();
    }
}
