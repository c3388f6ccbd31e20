//! The default SM-DP+.

use lpa::change::set_default_smdp;
use sgp22::id::{ServerAddress, ServerAddressError};
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

impl Card<'_> {
    /// Finds out what setting (or, with `None`, clearing) the default SM-DP+ would do.
    pub fn plan_server(&mut self, address: Option<&str>) -> Result<ServerPlan, Error> {
        let address = address.map(server_address).transpose()?.map(|address| address.to_string()).unwrap_or_default();
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

/// Reads the address of a server that a person has given.
///
/// # Errors
///
/// [`Id::ServerAddress`] with the reason, or [`Id::CodeMisplaced`] for what may be an activation code, which no error
/// repeats.
pub fn server_address(text: &str) -> Result<ServerAddress, Error> {
    if text.contains('$') {
        return Err(Error::new(Id::CodeMisplaced).with("taken", "The address of a server is a host name"));
    }
    text.parse().map_err(|why| Error::new(Id::ServerAddress).with("address", text).with("why", why))
}

/// Reads the address of a server that the card names, which is called `name`; `None` if the card names none.
///
/// # Errors
///
/// [`Id::CardAddress`] if what the card has is no address.
pub(super) fn address_on_card(name: &str, address: Option<&Text>) -> Result<Option<ServerAddress>, Error> {
    let address = address.map(ToString::to_string).unwrap_or_default();
    match address.parse() {
        Ok(address) => Ok(Some(address)),
        Err(ServerAddressError::Empty) => Ok(None),
        Err(why) => Err(Error::new(Id::CardAddress).with("name", name).with("address", address).with("why", why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_gives_is_an_address_or_an_error_with_its_reason() {
        assert_eq!(server_address(" SMDP.Example.com. ").unwrap().to_string(), "smdp.example.com");
        let code = server_address("LPA:1$smdp.example.com$SECRET").unwrap_err();
        assert!(code.id == Id::CodeMisplaced && !format!("{code:?}{}", code.message()).contains("SECRET"), "{code:?}");
        let error = server_address("a b").unwrap_err();
        assert!(error.id == Id::ServerAddress && error.message().contains("blank"), "{}", error.message());
    }

    #[test]
    fn what_a_card_names_is_an_address_or_nothing_or_an_error_that_shows_it() {
        let read = |text: &str| address_on_card("default SM-DP+", Some(&Text::from(text)));
        assert_eq!(read("SMDP.example.com").unwrap().unwrap().to_string(), "smdp.example.com");
        assert_eq!((read(" ").unwrap(), address_on_card("", None).unwrap()), (None, None));
        let error = read("smdp example com").unwrap_err();
        let message = error.message();
        assert!(error.id == Id::CardAddress && message.contains("'smdp example com'"), "{message}");
    }
}
