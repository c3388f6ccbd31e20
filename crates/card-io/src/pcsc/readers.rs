//! What readers there are, without touching the cards in them.

use std::sync::mpsc;
use std::time::Duration;

use super::error::{PcscError, PcscErrorKind};

/// A reader that the PC/SC service knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reader {
    /// Its name.
    pub name: String,
    /// What is in it.
    pub state: ReaderState,
    /// Another program has it for itself.
    pub exclusive: bool,
    /// Another program is connected to the card.
    pub in_use: bool,
    /// The card's answer to reset.
    pub atr: Vec<u8>,
}

/// What is in a reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReaderState {
    /// Nothing.
    Empty,
    /// A card that works.
    Card,
    /// A card that does not respond.
    Mute,
    /// The reader does not say.
    Unavailable,
}

/// Lists the readers, in the service's order. An empty list is no error.
pub fn readers(timeout: Duration) -> Result<Vec<Reader>, PcscError> {
    let (send, receive) = mpsc::channel();
    std::thread::spawn(move || send.send(list()));
    receive
        .recv_timeout(timeout)
        .unwrap_or_else(|_| Err(PcscError::new(PcscErrorKind::ServiceHangs, format!("no answer in {timeout:?}"))))
}

fn list() -> Result<Vec<Reader>, PcscError> {
    let context = pcsc::Context::establish(pcsc::Scope::User)?;
    let names = match context.list_readers_owned() {
        Err(pcsc::Error::NoReadersAvailable) => Vec::new(),
        names => names?,
    };
    let mut states: Vec<_> =
        names.iter().map(|name| pcsc::ReaderState::new(name.clone(), pcsc::State::UNAWARE)).collect();
    if !states.is_empty() {
        match context.get_status_change(Duration::ZERO, &mut states) {
            Ok(()) | Err(pcsc::Error::Timeout) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(states.iter().map(describe).collect())
}

fn describe(state: &pcsc::ReaderState) -> Reader {
    use pcsc::State;
    let flags = state.event_state();
    Reader {
        name: state.name().to_string_lossy().into_owned(),
        state: if flags.intersects(State::UNKNOWN | State::UNAVAILABLE) {
            ReaderState::Unavailable
        } else if flags.contains(State::MUTE) {
            ReaderState::Mute
        } else if flags.contains(State::PRESENT) {
            ReaderState::Card
        } else {
            ReaderState::Empty
        },
        exclusive: flags.contains(State::EXCLUSIVE),
        in_use: flags.intersects(State::INUSE | State::EXCLUSIVE),
        atr: state.atr().to_vec(),
    }
}
