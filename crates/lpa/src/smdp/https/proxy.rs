//! Proxies, as the usual environment variables name them (`HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`).

use std::fmt;
use std::io::{self, Read, Write};

use data_encoding::BASE64;

use super::address::{Host, bracketed, is_loopback, parse_port};
use crate::smdp::ServerErrorKind;

/// The longest head of an answer that is read from a proxy, in bytes.
const LONGEST_HEAD: usize = 16 * 1024;

/// An HTTP proxy that connections go through (CONNECT).
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(super) name: String,
    pub(super) port: u16,
    /// User and password as the header has them.
    authorization: Option<String>,
    exceptions: Vec<String>,
}

/// Neither user nor password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy").field("name", &self.name).field("port", &self.port).finish_non_exhaustive()
    }
}

/// A variable does not name a proxy that can be used. Its value may have a password in it, and is not told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProxyError {
    /// It cannot be read.
    #[error("{variable} cannot be read: it should be http://HOST:PORT")]
    Unreadable {
        /// The variable.
        variable: &'static str,
    },
    /// It is of a kind that is not spoken.
    #[error("{variable} names a proxy of another kind than http")]
    Kind {
        /// The variable.
        variable: &'static str,
    },
}

impl Proxy {
    /// The proxy that variables name; `read` gives a variable's value. The lower case spelling wins, as with curl.
    pub fn from_vars(read: impl Fn(&str) -> Option<String>) -> Result<Option<Self>, ProxyError> {
        let value = |variable| Some((variable, read(variable).filter(|value| !value.trim().is_empty())?));
        let Some((variable, url)) =
            ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"].into_iter().find_map(value)
        else {
            return Ok(None);
        };
        let mut proxy = Self::parse(variable, url.trim())?;
        let exceptions = ["no_proxy", "NO_PROXY"].into_iter().find_map(value).map_or(String::new(), |(_, value)| value);
        proxy.exceptions = exceptions
            .split(|c: char| c == ',' || c.is_whitespace())
            .map(|entry| entry.trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase())
            .filter(|entry| !entry.is_empty())
            .collect();
        Ok(Some(proxy))
    }

    fn parse(variable: &'static str, url: &str) -> Result<Self, ProxyError> {
        let unreadable = ProxyError::Unreadable { variable };
        let rest = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
            Some(_) => return Err(ProxyError::Kind { variable }),
            None => url,
        };
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        let place = place.split(['/', '?', '#']).next().unwrap_or_default();
        let has_port = place.rsplit_once(':').is_some_and(|(_, port)| parse_port(port).is_some());
        let host = if has_port { Host::parse(place) } else { Host::parse(&format!("{place}:80")) };
        let host = host.ok_or(unreadable.clone())?;
        let authorization = user.map(|user| basic(user).ok_or(unreadable)).transpose()?;
        Ok(Self { name: host.name, port: host.port, authorization, exceptions: Vec::new() })
    }

    /// True if `host` is spoken to through this proxy; `route` is where `--connect-to` leads instead.
    pub(super) fn serves(&self, host: &Host, route: Option<&(String, u16)>) -> bool {
        let excepted = |entry: &String| {
            let (name, port) = match entry.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
                Some((name, rest)) => (name, rest.strip_prefix(':').and_then(parse_port)),
                None => match entry.split_once(':').map(|(name, port)| (name, parse_port(port))) {
                    Some((name, Some(port))) => (name, Some(port)),
                    _ => (&entry[..], None),
                },
            };
            let below = host.name.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
            entry == "*" || (below && port.is_none_or(|port| port == host.port))
        };
        !self.exceptions.iter().any(excepted) && !route.is_some_and(|(name, _)| is_loopback(name))
    }

    /// Asks the proxy for a way to `name`. Afterwards `stream` leads there.
    pub(super) fn connect<S: Read + Write>(
        &self,
        stream: &mut S,
        (name, port): (&str, u16),
        user_agent: &str,
    ) -> Result<(), ServerErrorKind> {
        let target = format!("{}:{port}", bracketed(name));
        let mut head = format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {user_agent}\r\n");
        if let Some(authorization) = &self.authorization {
            head.push_str(&format!("Proxy-Authorization: Basic {authorization}\r\n"));
        }
        head.push_str("\r\n");
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => ServerErrorKind::Timeout,
            _ => ServerErrorKind::Proxy(error.to_string()),
        };
        stream.write_all(head.as_bytes()).map_err(failed)?;
        match status(&read_head(stream).map_err(failed)?) {
            Some(200..=299) => Ok(()),
            Some(407) => Err(ServerErrorKind::Proxy("it asks for a user and a password (407)".into())),
            Some(status) => Err(ServerErrorKind::Proxy(format!("it answers with HTTP status {status}"))),
            None => Err(ServerErrorKind::Proxy("its answer is no HTTP".into())),
        }
    }
}

/// Byte by byte, since what follows the head belongs to the server.
fn read_head(stream: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(head)
}

/// The status in the head of an answer.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.split(|byte| *byte == b'\r').next()?;
    let mut words = std::str::from_utf8(line).ok()?.split(' ');
    words.next().filter(|version| version.starts_with("HTTP/1."))?;
    words.next()?.parse().ok()
}

/// `USER:PASSWORD` of a URL as the header has it.
fn basic(user: &str) -> Option<String> {
    let (user, password) = user.split_once(':').unwrap_or((user, ""));
    Some(BASE64.encode(&[&unescaped(user)?[..], b":", &unescaped(password)?].concat()))
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        bytes.push(if byte == b'%' { digit(rest.next())? << 4 | digit(rest.next())? } else { byte });
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxy(vars: &[(&str, &str)]) -> Result<Option<Proxy>, ProxyError> {
        Proxy::from_vars(|name| vars.iter().find(|(var, _)| *var == name).map(|(_, value)| (*value).into()))
    }

    #[test]
    fn variables() {
        let found = |vars| proxy(vars).unwrap().map(|proxy| format!("{}:{}", proxy.name, proxy.port));
        assert_eq!(found(&[]), None);
        assert_eq!(found(&[("HTTPS_PROXY", "")]), None);
        assert_eq!(found(&[("ALL_PROXY", "http://Proxy.example:3128/")]).as_deref(), Some("proxy.example:3128"));
        assert_eq!(found(&[("ALL_PROXY", "a:1"), ("HTTPS_PROXY", "b:2")]).as_deref(), Some("b:2"));
        assert_eq!(found(&[("https_proxy", "c"), ("HTTPS_PROXY", "b:2")]).as_deref(), Some("c:80"));
        assert_eq!(found(&[("https_proxy", "http://[::1]:8080")]).as_deref(), Some("::1:8080"));
        assert_eq!(found(&[("https_proxy", "http://u:p@c:443")]).as_deref(), Some("c:443"));
        let refused = |value| proxy(&[("https_proxy", value)]).unwrap_err();
        assert_eq!(refused("socks5://a:1"), ProxyError::Kind { variable: "https_proxy" });
        assert_eq!(refused("http://a b"), ProxyError::Unreadable { variable: "https_proxy" });
    }

    #[test]
    fn passwords_are_decoded_once_and_never_shown() {
        let proxy = proxy(&[("https_proxy", "http://us%40er:s%3Acret@a:1")]).unwrap().unwrap();
        assert_eq!(proxy.authorization.as_deref(), Some(&BASE64.encode(b"us@er:s:cret")[..]));
        let shown = format!("{proxy:?}");
        assert!(!shown.contains("er") || !shown.contains("cret"), "{shown}");
        assert!(!shown.contains(proxy.authorization.as_deref().unwrap()), "{shown}");
    }

    #[test]
    fn exceptions() {
        let serves = |exceptions: &str, host: &str| {
            let proxy = proxy(&[("https_proxy", "a:1"), ("no_proxy", exceptions)]).unwrap().unwrap();
            proxy.serves(&Host::parse(host).unwrap(), None)
        };
        assert!(serves("", "a.example"));
        assert!(!serves("*", "a.example"));
        for below in ["example", ".example", "*.example", "x, A.Example", "x a.example", "a.example:443"] {
            assert!(!serves(below, "a.example"), "{below}");
        }
        for other in ["ample", "b.example", "a.example:444", "aa.example"] {
            assert!(serves(other, "a.example"), "{other}");
        }
        assert!(!serves("10.0.0.1,::1", "10.0.0.1") && !serves("[::1]:5", "[::1]:5") && !serves("::1", "[::1]"));
    }
}
