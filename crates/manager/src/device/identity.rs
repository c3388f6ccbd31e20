//! The identity of a modem, and the key of what is remembered about it.
//!
//! Facts learnt about one modem are never applied to another one at the same port. So facts go by the signs of the
//! hardware, or by the port where it has none, and by what the modem says of itself. It is asked again whenever another one
//! may be there: after each boot, when the port was made anew, and at each use where no sign tells modems apart.

use card_io::modem::ModemAddress;
use sgp22::transport::Identity;

use super::modem::node;
use super::spec::DeviceKind;
use super::system::{ModemHardware, ModemUnit, System};
use crate::Manager;
use crate::database::Database;
use crate::error::Error;
use crate::hash::sha256_hex;

/// The name of the fact in which the identity is remembered: maker, model, firmware, enumeration.
const IDENTITY_FACT: &str = "identity";

/// Digits of the hash that stands for an identity in a key.
const IDENTITY_HASH_LEN: usize = 8;

/// The identity of the modem at an address, as far as it is known at this moment.
#[derive(Debug, Clone)]
pub(super) struct ModemIdentity {
    /// The device by its name.
    device: String,
    /// The key of hardware or port, without the identity.
    base: String,
    unit: Option<ModemUnit>,
    remembered: Option<Remembered>,
    /// The identity, once it is certain; `None` then if the modem does not say.
    certain: Option<Option<Identity>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Remembered {
    identity: Identity,
    /// The enumeration at which the modem said so; see [`ModemUnit::enumeration`].
    enumeration: Option<String>,
}

impl ModemIdentity {
    /// Looks up what is remembered of the modem at an address. It is certain only if that modem cannot have changed since.
    pub(super) fn recall(manager: &Manager, address: &ModemAddress) -> Self {
        let device = DeviceKind::Modem(address.clone()).to_string();
        let unit = node(address).and_then(|node| manager.system().modem_unit(node));
        let base = base_key(&device, unit.as_ref());
        let remembered = Database::peek(manager.paths()).and_then(|database| read_remembered(&database, &base));
        let certain = remembered.as_ref().and_then(|remembered| {
            let enumeration = unit.as_ref()?.enumeration.as_ref()?;
            (remembered.enumeration.as_ref() == Some(enumeration)).then(|| Some(remembered.identity.clone()))
        });
        Self { device, base, unit, remembered, certain }
    }

    /// True if nobody has to be asked any more.
    pub(super) fn is_certain(&self) -> bool {
        self.certain.is_some()
    }

    /// The identity, if it is certain.
    pub(super) fn identity(&self) -> Option<&Identity> {
        self.certain.as_ref()?.as_ref()
    }

    /// The hardware, where it is the modem itself.
    pub(super) fn hardware(&self) -> Option<&ModemHardware> {
        self.unit.as_ref().map(|unit| &unit.hardware)
    }

    /// The key of what is remembered about this very modem. `None` before it is certain who that is, and for one that
    /// neither says it nor has hardware to tell it by: nothing is remembered of that.
    pub(super) fn fact_key(&self) -> Option<String> {
        let identity = self.certain.as_ref()?;
        (identity.is_some() || self.unit.is_some()).then(|| self.key())
    }

    /// The key of hardware or port, with the identity as far as it is certain.
    pub(super) fn key(&self) -> String {
        key_with(&self.base, self.identity())
    }

    /// Like this one, but as if the modem were the one that is remembered: to see what would follow from it.
    pub(super) fn as_remembered(&self) -> Self {
        let certain = self.remembered.as_ref().map(|remembered| Some(remembered.identity.clone()));
        Self { certain, ..self.clone() }
    }

    /// Takes what the modem says of itself, and remembers it. What is remembered about another one is dropped.
    pub(super) fn settle(&mut self, manager: &Manager, said: Option<Identity>) {
        let said = said.filter(|identity| *identity != Identity::default());
        self.certain = Some(said.clone());
        // One that fails to say it now may well be the same as ever; what is remembered is not used then, and stays.
        let Some(identity) = said else { return };
        let enumeration = self.unit.as_ref().and_then(|unit| unit.enumeration.clone());
        let now = Remembered { identity, enumeration };
        if self.remembered.as_ref() == Some(&now) {
            return;
        }
        if let Err(error) = self.remember(manager, &now) {
            log::info!("not remembered: {error}");
        }
        self.remembered = Some(now);
    }

    fn remember(&self, manager: &Manager, now: &Remembered) -> Result<(), Error> {
        let Remembered { identity: Identity { manufacturer, model, firmware }, enumeration } = now;
        let database = Database::open(manager.paths())?;
        if self.remembered.as_ref().is_none_or(|before| before.identity != now.identity) {
            database.forget(&self.base)?;
            // Earlier versions kept it by the port.
            database.forget(&self.device)?;
        }
        let text = serde_json::json!([manufacturer, model, firmware, enumeration]).to_string();
        database.learn(&self.base, IDENTITY_FACT, &text)
    }
}

/// The key under which everything about the modem at an address is remembered, whichever modem that was.
pub(super) fn keys_of(system: &System, address: &ModemAddress) -> [String; 2] {
    let device = DeviceKind::Modem(address.clone()).to_string();
    let unit = node(address).and_then(|node| system.modem_unit(node));
    [base_key(&device, unit.as_ref()), device]
}

/// Language and hardware, as in `at:usb 1-2|2c7c:0125`; the port where no hardware tells modems apart.
fn base_key(device: &str, unit: Option<&ModemUnit>) -> String {
    match (device.split_once(':'), unit) {
        (Some((language, _)), Some(unit)) => format!("{language}:{}", unit.signature),
        _ => device.to_owned(),
    }
}

fn key_with(base: &str, identity: Option<&Identity>) -> String {
    let Some(Identity { manufacturer, model, firmware }) = identity else { return base.to_owned() };
    let hash = sha256_hex(format!("{manufacturer}\n{model}\n{firmware}").as_bytes());
    format!("{base}|{}", &hash[..IDENTITY_HASH_LEN])
}

fn read_remembered(database: &Database, base: &str) -> Option<Remembered> {
    let text = database.fact(base, IDENTITY_FACT).ok()??;
    let fields: Vec<Option<String>> = serde_json::from_str(&text).ok()?;
    let mut fields = fields.into_iter();
    let mut next = || fields.next().flatten();
    let (manufacturer, model, firmware) = (next()?, next()?, next()?);
    // Earlier versions did not note when.
    Some(Remembered { identity: Identity { manufacturer, model, firmware }, enumeration: next() })
}
