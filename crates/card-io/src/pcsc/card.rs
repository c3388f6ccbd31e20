//! A card in a reader, as a `RawCard`.

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use sgp22::transport::{ChannelKeeper, Nature, Patience, RawCard, TransportError, TransportErrorKind};

use super::error::{PcscError, PcscErrorKind};
use super::readers::readers;
use super::worker::{self, Progress, Reply, Request, Stage};
use crate::Timeouts;

/// A card in a PC/SC reader, shared with other programs but held in one transaction as long as this lives.
pub struct PcscCard {
    /// `None` once the thread was given up.
    link: Option<(Sender<Request>, Receiver<Reply>)>,
    timeouts: Timeouts,
    t0: bool,
    atr: Vec<u8>,
}

impl PcscCard {
    /// Connects to the card in the reader of this name.
    pub fn connect(reader: &str, timeouts: Timeouts) -> Result<Self, PcscError> {
        let (send_connected, connected) = mpsc::channel();
        let (send_request, requests) = mpsc::channel();
        let (send_reply, replies) = mpsc::channel();
        let progress = Progress::default();
        {
            let (reader, progress) = (reader.to_owned(), progress.clone());
            std::thread::Builder::new()
                .name("pcsc".into())
                .spawn(move || worker::run(&reader, &progress, &send_connected, &requests, &send_reply))
                .map_err(|error| PcscError::new(PcscErrorKind::Other, error.to_string()))?;
        }
        let waited = format!("no answer in {} s", timeouts.connect.as_secs_f32());
        let connected = connected.recv_timeout(timeouts.connect).map_err(|_| {
            let kind = match progress.stage() {
                Stage::Service => PcscErrorKind::ServiceHangs,
                Stage::Connect if is_in_use(reader) => PcscErrorKind::Busy,
                Stage::Connect => PcscErrorKind::MuteCard,
                Stage::Transaction => PcscErrorKind::Busy,
                Stage::Ready => PcscErrorKind::Other,
            };
            PcscError::new(kind, waited)
        })??;
        log::info!("connected to {reader} over T={}", if connected.t0 { 0 } else { 1 });
        Ok(Self { link: Some((send_request, replies)), timeouts, t0: connected.t0, atr: connected.atr })
    }

    /// The card's answer to reset.
    #[must_use]
    pub fn atr(&self) -> &[u8] {
        &self.atr
    }

    fn ask(&mut self, request: Request, timeout: Duration) -> Result<Reply, TransportError> {
        let Some((requests, replies)) = &self.link else {
            let why = "the reader was given up after a command without an answer";
            return Err(TransportError::not_sent(TransportErrorKind::Timeout, why));
        };
        if requests.send(request).is_err() {
            let why = "the connection to the PC/SC service ended";
            return Err(TransportError::not_sent(TransportErrorKind::DeviceGone, why));
        }
        match replies.recv_timeout(timeout) {
            Ok(reply) => Ok(reply),
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                Err(TransportError::unsure(TransportErrorKind::DeviceGone, "the PC/SC connection ended"))
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {
                // The thread is left to its fate: it may hang in its call for as long as the card is silent.
                self.link = None;
                let waited = format!("no answer in {} s", timeout.as_secs_f32());
                Err(TransportError::unsure(TransportErrorKind::Timeout, waited))
            }
        }
    }
}

/// True if a program is connected to the card. Connecting waits for a transaction of another one to end, just as it
/// waits for a card that does not respond.
fn is_in_use(reader: &str) -> bool {
    const GLANCE: Duration = Duration::from_secs(2);
    readers(GLANCE).is_ok_and(|readers| readers.iter().any(|known| known.name == reader && known.in_use))
}

impl RawCard for PcscCard {
    fn transmit(&mut self, command: &[u8], patience: Patience) -> Result<Vec<u8>, TransportError> {
        match self.ask(Request::Transmit(command.to_vec()), self.timeouts.of(patience))? {
            Reply::Transmitted(result) => result,
            Reply::Reset(_) => Err(TransportError::unsure(TransportErrorKind::Lost, "answer to another request")),
        }
    }

    fn reset(&mut self) -> Result<(), TransportError> {
        match self.ask(Request::Reset, self.timeouts.connect.max(self.timeouts.normal))? {
            Reply::Reset(result) => result,
            Reply::Transmitted(_) => Err(TransportError::unsure(TransportErrorKind::Lost, "answer to another request")),
        }
    }

    fn nature(&self) -> Nature {
        Nature { le_with_data: !self.t0, we_are_the_terminal: true, channels: ChannelKeeper::Host, longest_data: None }
    }
}

impl Drop for PcscCard {
    fn drop(&mut self) {
        // The end of the requests ends the thread, which then gives the transaction and the card back. Waiting until it
        // has makes sure that the next command finds the reader free.
        if let Some((requests, replies)) = self.link.take() {
            drop(requests);
            let _ = replies.recv_timeout(self.timeouts.connect);
        }
    }
}
