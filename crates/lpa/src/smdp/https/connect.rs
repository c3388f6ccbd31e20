//! Where our connections meet ureq: all that is built on the part of its API that may change with any version.

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use ureq::config::{AutoHeaderValue, Config};
use ureq::http::Uri;
use ureq::unversioned::resolver::{ArrayVec, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, LazyBuffers, NextTimeout, Transport};
use ureq::{Agent, Error};

use super::dial::{Secured, deadline, is_timeout};
use super::line::Line;
use super::settings::HttpsSettings;
use crate::smdp::ServerErrorKind;

/// How often a wait for an answer looks up whether the user wants to stop.
const SLICE: Duration = Duration::from_millis(100);

/// The HTTP side of the way to one server.
pub(super) fn agent(line: Arc<Line>, settings: &HttpsSettings) -> Agent {
    let timeouts = settings.timeouts;
    let config = Config::builder()
        .https_only(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .user_agent(settings.user_agent.as_str())
        .accept("application/json")
        .accept_encoding(AutoHeaderValue::None)
        .proxy(None)
        .max_idle_connections(1)
        .max_idle_age(timeouts.idle)
        .timeout_send_request(Some(timeouts.response))
        .timeout_send_body(Some(timeouts.response))
        .timeout_recv_response(Some(timeouts.response))
        .timeout_recv_body(Some(timeouts.body))
        .build();
    Agent::with_parts(config, Lines(line), Unresolved)
}

/// What an error of ureq means. A failure of ours has passed through it unchanged.
pub(super) fn meaning(error: Error) -> ServerErrorKind {
    match error {
        Error::Other(source) => match source.downcast::<ServerErrorKind>() {
            Ok(ours) => *ours,
            Err(other) => ServerErrorKind::NotHttp(other.to_string()),
        },
        Error::Timeout(_) => ServerErrorKind::Timeout,
        Error::Io(error) if is_timeout(&error) => ServerErrorKind::Timeout,
        Error::Io(error) => ServerErrorKind::Cut(without_link(&error)),
        Error::BodyStalled => ServerErrorKind::Cut("the answer ended early".into()),
        Error::BadUri(_) | Error::Http(_) => ServerErrorKind::Address,
        other => ServerErrorKind::NotHttp(other.to_string()),
    }
}

/// The words of an error; rustls puts a link to its own documentation behind some.
pub(super) fn without_link(error: &io::Error) -> String {
    let words = error.to_string();
    words.split_once(": https://").map_or(words.clone(), |(words, _)| words.to_owned())
}

/// Hands the connections of a [`Line`] to ureq.
struct Lines(Arc<Line>);

impl fmt::Debug for Lines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lines")
    }
}

impl Connector for Lines {
    type Out = Conduit;

    fn connect(&self, details: &ConnectionDetails<'_>, _chained: Option<()>) -> Result<Option<Conduit>, Error> {
        let secured = self.0.connection().map_err(|kind| Error::Other(Box::new(kind)))?;
        let config = details.config;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        Ok(Some(Conduit { secured, buffers, line: Arc::clone(&self.0) }))
    }
}

/// A connection as ureq uses it.
struct Conduit {
    secured: Secured,
    buffers: LazyBuffers,
    line: Arc<Line>,
}

impl fmt::Debug for Conduit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Conduit")
    }
}

impl Transport for Conduit {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.line.admit(&self.secured.issuer).map_err(|kind| Error::Other(Box::new(kind)))?;
        let sent = self.secured.write(&self.buffers.output()[..amount], deadline(*timeout.after));
        sent.map_err(|error| failure(error, timeout))
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let end = deadline(*timeout.after);
        loop {
            let slice = deadline(SLICE).min(end);
            match self.secured.read(self.buffers.input_append_buf(), slice) {
                Ok(amount) => {
                    self.buffers.input_appended(amount);
                    return Ok(amount > 0);
                }
                Err(error) if is_timeout(&error) && slice < end => {
                    if self.line.stopped() {
                        return Err(Error::Other(Box::new(ServerErrorKind::Interrupted)));
                    }
                }
                Err(error) => return Err(failure(error, timeout)),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.secured.is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}

fn failure(error: io::Error, timeout: NextTimeout) -> Error {
    if is_timeout(&error) { Error::Timeout(timeout.reason) } else { Error::Io(error) }
}

/// Leaves names to [`Line`], which may have to reach a proxy or another address instead.
#[derive(Debug)]
struct Unresolved;

impl Resolver for Unresolved {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(ArrayVec::from_fn(|_| SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0))))
    }
}
