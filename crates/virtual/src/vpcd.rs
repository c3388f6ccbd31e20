//! Puts a virtual card into a real PC/SC reader: vsmartcard's `vpcd`.
//!
//! The card program connects to vpcd. A message is a length (two bytes, big-endian) and that many bytes: one byte is a
//! control message, anything longer a command APDU, which is answered in the same frame.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::os::linux::net::TcpStreamExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sgp22::transport::{Patience, RawCard, TransportErrorKind};

use crate::card::VirtualCard;

/// Where vpcd listens unless it is told otherwise.
pub const DEFAULT_ADDRESS: &str = "127.0.0.1:35963";

/// How often a wait looks whether it is to stop.
const GLANCE: Duration = Duration::from_millis(100);

const POWER_OFF: u8 = 0;
const POWER_ON: u8 = 1;
const RESET: u8 = 2;
const SEND_ATR: u8 = 4;

/// Why the card is no longer in the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unplugged {
    /// It was told to stop.
    Stopped,
    /// vpcd closed the connection: pcscd has ended.
    ReaderGone,
    /// The card broke the connection off in the middle of an answer, as its quirks want it.
    AnswerLost,
}

/// Connects to vpcd: the card is in the reader then.
pub fn plug(address: &str) -> std::io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(GLANCE))?;
    Ok(stream)
}

/// Answers the reader until it is gone or `stop` is set.
pub fn serve(card: &mut VirtualCard, mut stream: &TcpStream, stop: &AtomicBool) -> std::io::Result<Unplugged> {
    card.stand_in_reader();
    loop {
        let Some(message) = read_frame(stream, stop)? else {
            let stopped = stop.load(Ordering::Relaxed);
            return Ok(if stopped { Unplugged::Stopped } else { Unplugged::ReaderGone });
        };
        let answer = match message[..] {
            [] => continue,
            [POWER_ON | POWER_OFF] => {
                card.insert();
                continue;
            }
            [RESET] => {
                // A card that was taken out shows that at the next command.
                let _ = card.reset();
                continue;
            }
            [SEND_ATR] => card.atr(),
            [_] => continue,
            _ => match card.transmit(&message, Patience::Normal) {
                Ok(answer) => answer,
                // A silent card says nothing, however long the reader waits.
                Err(error) if error.kind == TransportErrorKind::Timeout => continue,
                Err(_) => return Ok(Unplugged::AnswerLost),
            },
        };
        let length = u16::try_from(answer.len()).map_err(|_| ErrorKind::InvalidData)?;
        stream.write_all(&[&length.to_be_bytes()[..], &answer].concat())?;
    }
}

/// One message; `None` when the connection has ended or the wait is to stop.
fn read_frame(stream: &TcpStream, stop: &AtomicBool) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 2];
    if !fill(stream, &mut length, stop)? {
        return Ok(None);
    }
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    Ok(fill(stream, &mut message, stop)?.then_some(message))
}

fn fill(mut stream: &TcpStream, buffer: &mut [u8], stop: &AtomicBool) -> std::io::Result<bool> {
    let mut filled = 0;
    while filled < buffer.len() {
        if stop.load(Ordering::Relaxed) {
            return Ok(false);
        }
        // vpcd writes length and message apart and waits for the acknowledgement of the first: delayed ones would cost
        // 40 ms an APDU. The kernel forgets this setting, so that it is made for every read.
        stream.set_quickack(true)?;
        match stream.read(&mut buffer[filled..]) {
            Ok(0) => return Ok(false),
            Ok(count) => filled += count,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => {}
                ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => return Ok(false),
                _ => return Err(error),
            },
        }
    }
    Ok(true)
}
