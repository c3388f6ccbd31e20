//! Cards behind modems that speak QMI.
//!
//! [`client::Client`] asks over a [`Link`], whatever that is: a port, qmi-proxy, MBIM, or the sockets of [`crate::qrtr`].
//! [`QmiCard`] is the card that is reached by it.

mod card;
mod client;
mod link;
mod proxy;
mod slot;
mod terminal;

use std::path::Path;

use sgp22::transport::{Identity, RawCard};

use crate::mbim;
use crate::modem::{LinkError, LinkErrorKind, ModemOptions, Proxy};
use crate::port::Port;

use card::QmiCard;
use client::Client;
use link::PortLink;
pub(crate) use link::{Link, LinkFailure};
use proxy::PROXY;

/// Makes the way to the modem, at the start and again after it left and came back.
pub(crate) type Connect = Box<dyn FnMut() -> Result<Box<dyn Link>, LinkError> + Send>;

/// Reaches the card behind a control port.
pub(crate) fn open(path: &Path, options: &ModemOptions) -> Result<Box<dyn RawCard + Send>, LinkError> {
    at_port(path, options, open_by)
}

/// Asks the modem behind a control port who it is, and leaves its card and slots alone; `None` if it does not say.
pub(crate) fn identify(path: &Path, options: &ModemOptions) -> Result<Option<Identity>, LinkError> {
    at_port(path, options, identify_by)
}

/// Does something by the way that a control port has to its modem. Many modems have QMI inside of MBIM only.
fn at_port<T>(
    path: &Path,
    options: &ModemOptions,
    reach: fn(Connect, &ModemOptions) -> Result<T, LinkError>,
) -> Result<T, LinkError> {
    let (proxy, timeouts) = (options.proxy, options.timeouts);
    let inside = path.to_owned();
    let inside: Connect = Box::new(move || mbim::carry_qmi(&inside, proxy, &timeouts));
    if mbim::is_mbim_port(path) {
        return reach(inside, options);
    }
    let bare = path.to_owned();
    match reach(Box::new(move || connect(&bare, proxy, timeouts.connect)), options) {
        Err(error) if error.kind == LinkErrorKind::NotAModem => {
            log::info!("not QMI as it is: trying QMI inside of MBIM");
            reach(inside, options).map_err(|_| error)
        }
        other => other,
    }
}

/// Reaches the card over whatever `connect` makes.
pub(crate) fn open_by(connect: Connect, options: &ModemOptions) -> Result<Box<dyn RawCard + Send>, LinkError> {
    Ok(Box::new(QmiCard::open(connect, options)?))
}

/// Asks the modem at the end of whatever `connect` makes who it is; `None` if it does not say.
pub(crate) fn identify_by(mut connect: Connect, options: &ModemOptions) -> Result<Option<Identity>, LinkError> {
    let identity = terminal::identity(&mut Client::new(connect()?), options.timeouts.connect);
    Ok(Some(identity).filter(|identity| *identity != Identity::default()))
}

fn connect(path: &Path, proxy: Proxy, patience: std::time::Duration) -> Result<Box<dyn Link>, LinkError> {
    let socket = match proxy {
        Proxy::No => None,
        // Beside a proxy that runs nobody may open the port: each would read the other's messages.
        Proxy::Auto => PROXY.running(),
        Proxy::Yes => Some(PROXY.started()?),
    };
    if let Some(socket) = socket {
        return proxy::open_port(socket, path, patience);
    }
    let mut link = PortLink::new(Port::open(path)?);
    link.drain();
    Ok(Box::new(link))
}
