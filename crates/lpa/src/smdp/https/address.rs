//! Hosts and ports to connect to.

use std::net::IpAddr;

use rustls::pki_types::ServerName;
use sgp22::id::ServerAddress;

/// A server: name and port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Host {
    /// In lower case, without brackets.
    pub(super) name: String,
    pub(super) port: u16,
}

impl Host {
    /// Reads an address as [`ServerAddress`] does; `None` for one that TLS has no name for, too.
    pub(super) fn parse(address: &str) -> Option<Self> {
        let address: ServerAddress = address.parse().ok()?;
        let host = Self { name: address.name().into(), port: address.port() };
        host.server_name()?;
        Some(host)
    }

    /// What the certificate must be for.
    pub(super) fn server_name(&self) -> Option<ServerName<'static>> {
        ServerName::try_from(self.name.clone()).ok()
    }

    /// `HOST:PORT` as it stands in a URL, without a port that goes without saying.
    pub(super) fn authority(&self) -> String {
        match self.port {
            443 => bracketed(&self.name),
            port => format!("{}:{port}", bracketed(&self.name)),
        }
    }
}

/// An IPv6 address in brackets; anything else as it is.
pub(super) fn bracketed(name: &str) -> String {
    if name.contains(':') { format!("[{name}]") } else { name.into() }
}

/// True for the addresses of this machine.
pub(super) fn is_loopback(name: &str) -> bool {
    name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// A port: 1 to 65535, digits alone.
pub(super) fn parse_port(text: &str) -> Option<u16> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let read = |text| Host::parse(text).map(|host| host.authority());
        assert_eq!(read(" SMDP.Example.COM. ").as_deref(), Some("smdp.example.com"));
        assert_eq!(read("smdp.example.com:443").as_deref(), Some("smdp.example.com"));
        assert_eq!(read("smdp.example.com:8443").as_deref(), Some("smdp.example.com:8443"));
        assert_eq!(read("127.0.0.1:8443").as_deref(), Some("127.0.0.1:8443"));
        assert_eq!(read("[::1]:8443").as_deref(), Some("[::1]:8443"));
        for wrong in ["", ".", "a b", "user@a", "a:", "a:0", "a:70000", "a:-1", "[::1", "::1", "http://a", "a?b"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
