//! How servers are reached and whom of them is believed.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustls::pki_types::CertificateDer;

use super::address::{Host, parse_port};
use super::anchors::Anchor;
use super::counts::NetCounter;
use super::proxy::Proxy;

/// How servers are reached and whom of them is believed.
#[derive(Debug, Clone)]
pub struct HttpsSettings {
    /// Issuers to believe besides those that are built in.
    pub anchors: Vec<Anchor>,
    /// Whether built-in test issuers are believed.
    pub trust_test_issuers: bool,
    /// Whether issuers of the web are believed.
    pub trust_web_issuers: bool,
    /// Who the issuers of the web are. Asked for once there is a certificate that no other issuer accounts for.
    pub web_issuers: WebIssuers,
    /// Where to connect to instead.
    pub connect_to: Vec<ConnectTo>,
    /// A proxy on the way.
    pub proxy: Option<Proxy>,
    /// How long to wait.
    pub timeouts: Timeouts,
    /// What this program calls itself.
    pub user_agent: String,
    /// What was sent, received and waited for.
    pub counter: NetCounter,
    /// Set from outside when the user wants to stop: waits that may be stopped end then.
    pub stop: Arc<AtomicBool>,
}

impl Default for HttpsSettings {
    fn default() -> Self {
        Self {
            anchors: Vec::new(),
            trust_test_issuers: false,
            trust_web_issuers: false,
            web_issuers: WebIssuers::of_system(),
            connect_to: Vec::new(),
            proxy: None,
            timeouts: Timeouts::default(),
            user_agent: "gsma-rsp-lpad".into(),
            counter: NetCounter::default(),
            stop: Arc::default(),
        }
    }
}

/// A way to read the issuers of the web, in DER: there are many, and they are seldom needed.
#[derive(Clone)]
pub struct WebIssuers(Arc<dyn Fn() -> Vec<Vec<u8>> + Send + Sync>);

impl WebIssuers {
    /// Those that the system has: from its files, or where `SSL_CERT_FILE` and `SSL_CERT_DIR` point.
    #[must_use]
    pub fn of_system() -> Self {
        Self::from_fn(|| {
            rustls_native_certs::load_native_certs().certs.iter().map(|certificate| certificate.to_vec()).collect()
        })
    }

    /// Those that `read` gives.
    #[must_use]
    pub fn from_fn(read: impl Fn() -> Vec<Vec<u8>> + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    pub(super) fn read(&self) -> Vec<CertificateDer<'static>> {
        (self.0)().into_iter().map(CertificateDer::from).collect()
    }
}

impl std::fmt::Debug for WebIssuers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebIssuers")
    }
}

/// How long to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a name to be resolved and a TCP connection to be made; then once more for the TLS handshake.
    pub connect: Duration,
    /// For a request to be sent; then once more for the head of the answer.
    pub response: Duration,
    /// For the body of the answer: a package over a slow link takes its time.
    pub body: Duration,
    /// How long a connection may be idle and still be used: longer than a person thinks or a card loads.
    pub idle: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            response: Duration::from_secs(60),
            body: Duration::from_secs(300),
            idle: Duration::from_secs(600),
        }
    }
}

/// Connect somewhere else than the name says, as curl's `--connect-to` has it: `HOST:PORT:ADDRESS:PORT`.
///
/// Name and certificate are still those of the server that is meant. Empty fields match, or leave, everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    /// The host that is meant; `None` for any.
    pub host: Option<String>,
    /// The port that is meant; `None` for any.
    pub port: Option<u16>,
    /// The host to connect to; `None` for the same.
    pub to_host: Option<String>,
    /// The port to connect to; `None` for the same.
    pub to_port: Option<u16>,
}

/// A text is no [`ConnectTo`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("it is written HOST:PORT:ADDRESS:PORT, where each part may be empty")]
pub struct ParseConnectToError;

impl FromStr for ConnectTo {
    type Err = ParseConnectToError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, rest) = next_host(text)?;
        let (port, rest) = rest.split_once(':').ok_or(ParseConnectToError)?;
        let (to_host, to_port) = next_host(rest)?;
        Ok(Self { host, port: number(port)?, to_host, to_port: number(to_port)? })
    }
}

/// A host, in brackets if it has colons, and what is behind the next colon.
fn next_host(text: &str) -> Result<(Option<String>, &str), ParseConnectToError> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(inner) => inner.split_once("]:").ok_or(ParseConnectToError)?,
        None => text.split_once(':').ok_or(ParseConnectToError)?,
    };
    let usable = host.chars().all(|c| c.is_ascii_graphic() && !"/@[]".contains(c));
    if usable { Ok(((!host.is_empty()).then(|| host.to_ascii_lowercase()), rest)) } else { Err(ParseConnectToError) }
}

fn number(text: &str) -> Result<Option<u16>, ParseConnectToError> {
    if text.is_empty() {
        return Ok(None);
    }
    parse_port(text).map(Some).ok_or(ParseConnectToError)
}

impl ConnectTo {
    /// True if this rule says where to connect to for `address`, which is `HOST` or `HOST:PORT`.
    #[must_use]
    pub fn applies_to(&self, address: &str) -> bool {
        Host::parse(address).is_some_and(|host| self.applies(&host))
    }

    fn applies(&self, host: &Host) -> bool {
        self.host.as_ref().is_none_or(|name| *name == host.name) && self.port.is_none_or(|port| port == host.port)
    }

    /// Where to connect to for `host`: the first rule that applies decides. `None` if there is none.
    pub(super) fn route(rules: &[Self], host: &Host) -> Option<(String, u16)> {
        let rule = rules.iter().find(|rule| rule.applies(host))?;
        Some((rule.to_host.clone().unwrap_or_else(|| host.name.clone()), rule.to_port.unwrap_or(host.port)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn route(rule: &str, host: &str) -> Option<String> {
        let (name, port) = ConnectTo::route(&[rule.parse().unwrap()], &Host::parse(host).unwrap())?;
        Some(format!("{name} {port}"))
    }

    #[test]
    fn rules_as_curl_has_them() {
        assert_eq!(route("a.example:443:127.0.0.1:8443", "A.example").as_deref(), Some("127.0.0.1 8443"));
        assert_eq!(route("a.example:443:127.0.0.1:8443", "a.example:444"), None);
        assert_eq!(route("a.example:443:127.0.0.1:8443", "b.example"), None);
        assert_eq!(route("::127.0.0.1:8443", "b.example:1").as_deref(), Some("127.0.0.1 8443"));
        assert_eq!(route("a.example:::9", "a.example").as_deref(), Some("a.example 9"));
        assert_eq!(route("::[::1]:", "a.example:7").as_deref(), Some("::1 7"));
        assert_eq!(route("[::1]:5:b.example:", "[::1]:5").as_deref(), Some("b.example 5"));
    }

    #[test]
    fn what_is_no_rule() {
        for text in
            ["", "a", "a:1", "a:1:b", "a:x:b:1", "a:0:b:1", "a:1:b:65536", "[::1:1:b:1", "a/b:1:c:1", "a:1:b:+1"]
        {
            assert_eq!(text.parse::<ConnectTo>(), Err(ParseConnectToError), "{text}");
        }
    }
}
