//! The default SM-DP+.

use lpa::change::set_default_smdp;
use sgp22::tlv::Text;

use super::binding::{Binding, changed};
use super::{Card, Collected, Failure, Kind};
use crate::error::{Error, Id};
use crate::outbox::Reporting;

/// A default SM-DP+ that is about to be set.
#[derive(Debug, Clone)]
pub struct ServerPlan {
    /// The address to be; empty to clear it.
    pub address: String,
    /// The address now; empty if none is set.
    pub former: String,
    binding: Binding,
}

/// A default SM-DP+ that was set.
#[derive(Debug, Clone)]
pub struct ServerSet {
    /// What was planned.
    pub plan: ServerPlan,
    /// It was so already.
    pub already: bool,
    /// What became of the notifications of earlier changes.
    pub notifications: Reporting,
}

/// The longest host name (RFC 1035 2.3.4).
const LONGEST_ADDRESS: usize = 253;

impl Card<'_> {
    /// Finds out what setting (or, with `None`, clearing) the default SM-DP+ would do.
    pub fn plan_server(&mut self, address: Option<&str>) -> Result<ServerPlan, Error> {
        let address = address.map(host_name).transpose()?.unwrap_or_default();
        let binding = self.binding()?;
        let former = self.default_server()?;
        Ok(ServerPlan { address, former, binding })
    }

    fn default_server(&mut self) -> Result<String, Error> {
        Ok(self.addresses()?.default_smdp.unwrap_or_default().to_string())
    }

    /// Sets it and proves it.
    pub fn set_server(&mut self, plan: ServerPlan) -> Result<ServerSet, Error> {
        if !self.rests_on(&plan.binding)? && self.default_server()? != plan.former {
            return Err(changed("changed-server"));
        }
        if plan.address == plan.former {
            return Ok(ServerSet { plan, already: true, notifications: Reporting::default() });
        }
        let address = Text::from(plan.address.as_str());
        let journal_plan = serde_json::json!({ "address": plan.address, "former": plan.former });
        self.recorded(Kind::Server, None, journal_plan, |isdr| {
            set_default_smdp(isdr, &address).map_err(Failure::from)
        })?;
        let notifications = self.report(&Collected::default());
        Ok(ServerSet { plan, already: false, notifications })
    }
}

/// A server's host name as it is used, with its port; a scheme or path around it is taken off.
pub fn server_address(text: &str) -> Result<String, Error> {
    sgp22::id::host(text).ok_or_else(|| {
        let why = "a host name has letters, digits and hyphens, with dots between";
        Error::new(Id::ServerAddress).with("address", text).with("why", why)
    })
}

/// A host name as cards and servers want it: lower case, no scheme, no path.
fn host_name(text: &str) -> Result<String, Error> {
    let error = |why: &str| Error::new(Id::ServerAddress).with("address", text).with("why", why);
    let host = text.trim().trim_end_matches('.').to_lowercase();
    let (name, port) = host.split_once(':').map_or((host.as_str(), None), |(name, port)| (name, Some(port)));
    if host.contains("://") || host.contains('/') {
        return Err(error("it has a scheme or a path"));
    }
    if name.is_empty() {
        return Err(error("it is empty; to clear the address: esimctl server clear"));
    }
    if host.len() > LONGEST_ADDRESS {
        return Err(error("it is longer than a host name can be"));
    }
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err(error("what stands behind the colon is not a port"));
    }
    server_address(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names() {
        assert_eq!(host_name(" SMDP.Example.com. ").unwrap(), "smdp.example.com");
        assert_eq!(host_name("smdp.example.com:8443").unwrap(), "smdp.example.com:8443");
        for bad in [
            "",
            " ",
            "https://smdp.example.com",
            "smdp.example.com/x",
            "a..b",
            "a b",
            "x:y",
            "x:+443",
            "ü.example",
            &"a".repeat(254),
        ] {
            assert_eq!(host_name(bad).unwrap_err().id, Id::ServerAddress, "{bad}");
        }
    }
}
