//! The thread that makes the PC/SC calls for one card.

use std::ffi::CString;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use sgp22::transport::TransportError;

use super::error::{PcscError, transport_error};

/// Longest answer of a short APDU, with room to spare for readers that give more.
const ANSWER_BUFFER: usize = pcsc::MAX_BUFFER_SIZE_EXTENDED;

/// What the thread is at: tells, when it does not come back, what it hangs in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    Service,
    Connect,
    Transaction,
    Ready,
}

/// The stage, readable from outside.
#[derive(Debug, Clone, Default)]
pub(super) struct Progress(Arc<AtomicU8>);

impl Progress {
    fn at(&self, stage: Stage) {
        self.0.store(stage as u8, Ordering::Release);
    }

    pub(super) fn stage(&self) -> Stage {
        match self.0.load(Ordering::Acquire) {
            0 => Stage::Service,
            1 => Stage::Connect,
            2 => Stage::Transaction,
            _ => Stage::Ready,
        }
    }
}

pub(super) enum Request {
    Transmit(Vec<u8>),
    Reset,
}

pub(super) enum Reply {
    Transmitted(Result<Vec<u8>, TransportError>),
    Reset(Result<(), TransportError>),
}

/// What is known once the card is connected.
pub(super) struct Connected {
    pub(super) t0: bool,
    pub(super) atr: Vec<u8>,
}

/// Connects, holds a transaction and serves requests until their sender is gone; then leaves the card as it is.
pub(super) fn run(
    reader: &str,
    progress: &Progress,
    connected: &Sender<Result<Connected, PcscError>>,
    requests: &Receiver<Request>,
    replies: &Sender<Reply>,
) {
    if let Err(error) = serve(reader, progress, connected, requests, replies) {
        // Nobody listens any more if this fails, and then nobody wants to know.
        let _ = connected.send(Err(error.into()));
    }
}

fn serve(
    reader: &str,
    progress: &Progress,
    connected: &Sender<Result<Connected, PcscError>>,
    requests: &Receiver<Request>,
    replies: &Sender<Reply>,
) -> Result<(), pcsc::Error> {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let name = CString::new(reader).map_err(|_| pcsc::Error::UnknownReader)?;
    progress.at(Stage::Connect);
    let mut card = context.connect(&name, pcsc::ShareMode::Shared, pcsc::Protocols::ANY)?;
    progress.at(Stage::Transaction);
    let mut transaction = begin(&mut card)?;
    progress.at(Stage::Ready);
    let status = transaction.status2_owned()?;
    let t0 = status.protocol2() == Some(pcsc::Protocol::T0);
    if connected.send(Ok(Connected { t0, atr: status.atr().to_vec() })).is_err() {
        return Ok(());
    }
    let mut buffer = vec![0; ANSWER_BUFFER];
    for request in requests {
        let reply = match request {
            Request::Transmit(command) => Reply::Transmitted(
                transaction.transmit(&command, &mut buffer).map(<[u8]>::to_vec).map_err(transport_error),
            ),
            Request::Reset => Reply::Reset(reset(&mut transaction).map_err(transport_error)),
        };
        if replies.send(reply).is_err() {
            break;
        }
    }
    drop(transaction);
    // Not the default of the crate, a reset: others may have channels of their own open.
    let _ = card.disconnect(pcsc::Disposition::LeaveCard);
    Ok(())
}

/// Begins a transaction; a card that another program has reset meanwhile is taken up as it is.
fn begin(card: &mut pcsc::Card) -> Result<pcsc::Transaction<'_>, pcsc::Error> {
    match card.transaction2() {
        Ok(transaction) => Ok(transaction),
        Err((card, pcsc::Error::ResetCard)) => {
            card.reconnect(pcsc::ShareMode::Shared, pcsc::Protocols::ANY, pcsc::Disposition::LeaveCard)?;
            card.transaction()
        }
        Err((_, error)) => Err(error),
    }
}

/// A warm reset; readers that cannot do one get the card powered off and on.
fn reset(transaction: &mut pcsc::Transaction<'_>) -> Result<(), pcsc::Error> {
    let mut reconnect = |how| transaction.reconnect(pcsc::ShareMode::Shared, pcsc::Protocols::ANY, how);
    match reconnect(pcsc::Disposition::ResetCard) {
        Err(pcsc::Error::UnsupportedFeature | pcsc::Error::UnresponsiveCard | pcsc::Error::UnpoweredCard) => {
            reconnect(pcsc::Disposition::UnpowerCard)
        }
        result => result,
    }
}
