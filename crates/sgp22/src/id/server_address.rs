//! Addresses of servers.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The address of an SM-DP+ or SM-DS: a host name or an IP address, and a port.
///
/// Activation codes, cards, servers and people give such addresses; this type is the one judge of all of them. SGP.22
/// wants a fully qualified domain name and nothing else. What changes no host is understood, since it occurs in the
/// field: blanks and NUL bytes around the address, capitals, the dot of the DNS root at the end, `https://` before it, a
/// path and a port after it. Everything else is refused, so that no text ever becomes the address of another host: blanks
/// inside are never joined, and no character is replaced by a similar one.
///
/// Accepted beside host names: `localhost`, names of one label, underscores, IPv4 addresses in four decimal numbers, and
/// IPv6 addresses in brackets. Names in other scripts are accepted in their ASCII form (`xn--…`, RFC 5890) only.
///
/// ```
/// # use sgp22::id::ServerAddress;
/// let address: ServerAddress = " HTTPS://SMDP.Example.com.:8443/ ".parse()?;
/// assert_eq!(address.to_string(), "smdp.example.com:8443");
/// assert!("smdp example com".parse::<ServerAddress>().is_err());
/// # Ok::<(), sgp22::id::ServerAddressError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ServerAddress {
    /// In lower case; an IPv6 address without brackets.
    name: String,
    port: u16,
}

/// The reason why a text is not the address of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ServerAddressError {
    /// Empty, or only blanks.
    Empty,
    /// White space inside.
    Blank,
    /// A control character inside.
    Control,
    /// Another scheme than `https`.
    Scheme,
    /// A user's name before the host.
    UserInfo,
    /// Letters of other scripts.
    NotAscii,
    /// A `*`, which stands for many hosts in certificates.
    Wildcard,
    /// A character that no host name has.
    Character,
    /// An empty label: two dots in a row, or one at the beginning.
    EmptyLabel,
    /// A label of more than 63 characters (RFC 1035 2.3.4).
    LongLabel,
    /// A label that begins or ends with a hyphen (RFC 952).
    Hyphen,
    /// More than 253 characters (RFC 1035 2.3.4).
    TooLong,
    /// A name that some systems take for a number, and no IPv4 address.
    Number,
    /// Brackets without an IPv6 address in them.
    Brackets,
    /// An IPv6 address without brackets, or more than one colon.
    Colons,
    /// A port other than 1 to 65535.
    Port,
}

impl ServerAddressError {
    /// All reasons.
    pub const ALL: [Self; 16] = [
        Self::Empty,
        Self::Blank,
        Self::Control,
        Self::Scheme,
        Self::UserInfo,
        Self::NotAscii,
        Self::Wildcard,
        Self::Character,
        Self::EmptyLabel,
        Self::LongLabel,
        Self::Hyphen,
        Self::TooLong,
        Self::Number,
        Self::Brackets,
        Self::Colons,
        Self::Port,
    ];

    /// The name of the reason, for programs.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Blank => "blank_inside",
            Self::Control => "control_character",
            Self::Scheme => "scheme",
            Self::UserInfo => "user_name",
            Self::NotAscii => "not_ascii",
            Self::Wildcard => "wildcard",
            Self::Character => "character",
            Self::EmptyLabel => "empty_label",
            Self::LongLabel => "long_label",
            Self::Hyphen => "hyphen",
            Self::TooLong => "too_long",
            Self::Number => "number",
            Self::Brackets => "brackets",
            Self::Colons => "colons",
            Self::Port => "port",
        }
    }

    /// The reason in words, about the address as "it".
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Empty => "it is empty",
            Self::Blank => "it has a blank inside",
            Self::Control => "it has a control character inside",
            Self::Scheme => "it begins with another scheme than https://",
            Self::UserInfo => "it has a user name before an '@'",
            Self::NotAscii => {
                "it has other letters than a to z; a name in another script has a form in ASCII, which begins with xn--"
            }
            Self::Wildcard => "it has a '*' and names no single host",
            Self::Character => "a host name has letters, digits and hyphens, with dots between",
            Self::EmptyLabel => "a part between its dots is empty",
            Self::LongLabel => "a part between its dots is longer than 63 characters",
            Self::Hyphen => "a part between its dots begins or ends with a hyphen",
            Self::TooLong => "it is longer than the 253 characters of a host name",
            Self::Number => "it ends in a number and is not an IP address",
            Self::Brackets => "there is no IPv6 address in its brackets",
            Self::Colons => "it has several colons; an IPv6 address stands in brackets",
            Self::Port => "what comes after the colon is not a port from 1 to 65535",
        }
    }
}

impl fmt::Display for ServerAddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.meaning())
    }
}

impl std::error::Error for ServerAddressError {}

/// The longest host name, in characters (RFC 1035 2.3.4: 255 bytes on the wire).
const MAX_NAME_LEN: usize = 253;
/// The longest label of a host name, in characters.
const MAX_LABEL_LEN: usize = 63;
/// The digits of the largest port.
const MAX_PORT_DIGITS: usize = 5;

impl ServerAddress {
    /// The port of HTTPS, which goes without saying.
    pub const DEFAULT_PORT: u16 = 443;

    /// The host: a name in lower case without a final dot, or an IP address without brackets.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The TCP port.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for ServerAddress {
    /// Writes `HOST` or `HOST:PORT`, as it stands in a URL; the default port is left out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name.contains(':') {
            true => write!(f, "[{}]", self.name)?,
            false => f.write_str(&self.name)?,
        }
        match self.port {
            Self::DEFAULT_PORT => Ok(()),
            port => write!(f, ":{port}"),
        }
    }
}

impl std::str::FromStr for ServerAddress {
    type Err = ServerAddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Fields of a fixed size are filled up with NUL bytes.
        let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        check_characters(text)?;
        let authority = authority(text)?;
        if authority.is_empty() {
            return Err(ServerAddressError::Empty);
        }
        if let Some(bracketed) = authority.strip_prefix('[') {
            return parse_ipv6(bracketed);
        }
        let (name, port) = match authority.split_once(':') {
            Some((_, port)) if port.contains(':') => return Err(ServerAddressError::Colons),
            Some((name, port)) => (name, parse_port(port)?),
            None => (authority, Self::DEFAULT_PORT),
        };
        // The root of the DNS has an empty name.
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        check_name(&name)?;
        Ok(Self { name, port })
    }
}

/// Refuses what no part of an address can have, before anything is taken off it.
fn check_characters(text: &str) -> Result<(), ServerAddressError> {
    use ServerAddressError as E;
    text.chars().try_for_each(|c| match c {
        _ if c.is_whitespace() => Err(E::Blank),
        _ if c.is_control() => Err(E::Control),
        _ if !c.is_ascii() => Err(E::NotAscii),
        '*' => Err(E::Wildcard),
        _ => Ok(()),
    })
}

/// Host and port, without the scheme before them and the path behind.
fn authority(text: &str) -> Result<&str, ServerAddressError> {
    let bare = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
        Some(_) => return Err(ServerAddressError::Scheme),
        None => text,
    };
    let authority = bare.split_once('/').map_or(bare, |(authority, _)| authority);
    if authority.contains('@') { Err(ServerAddressError::UserInfo) } else { Ok(authority) }
}

fn parse_ipv6(bracketed: &str) -> Result<ServerAddress, ServerAddressError> {
    let (inner, rest) = bracketed.split_once(']').ok_or(ServerAddressError::Brackets)?;
    let address: Ipv6Addr = inner.parse().map_err(|_| ServerAddressError::Brackets)?;
    let port = match rest.strip_prefix(':') {
        Some(port) => parse_port(port)?,
        None if rest.is_empty() => ServerAddress::DEFAULT_PORT,
        None => return Err(ServerAddressError::Brackets),
    };
    Ok(ServerAddress { name: address.to_string(), port })
}

fn parse_port(text: &str) -> Result<u16, ServerAddressError> {
    let is_short = (1..=MAX_PORT_DIGITS).contains(&text.len());
    let digits = is_short && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port != 0).ok_or(ServerAddressError::Port)
}

fn check_name(name: &str) -> Result<(), ServerAddressError> {
    use ServerAddressError as E;
    if name.len() > MAX_NAME_LEN {
        return Err(E::TooLong);
    }
    name.split('.').try_for_each(check_label)?;
    let last = name.rsplit('.').next().unwrap_or_default();
    // Name resolvers read "2130706433" and "0x7f.1" as IP addresses, so that the host would be another than the text says.
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_number && name.parse::<Ipv4Addr>().is_err() { Err(E::Number) } else { Ok(()) }
}

fn check_label(label: &str) -> Result<(), ServerAddressError> {
    use ServerAddressError as E;
    if label.is_empty() {
        return Err(E::EmptyLabel);
    }
    if !label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(E::Character);
    }
    if label.len() > MAX_LABEL_LEN {
        return Err(E::LongLabel);
    }
    if label.starts_with('-') || label.ends_with('-') { Err(E::Hyphen) } else { Ok(()) }
}
