//! A Bound Profile Package that is here, and not on the card yet.

use sgp22::bpp::BoundProfilePackage;
use sgp22::es9p::BoundPackage;
use sgp22::metadata::StoreMetadata;
use sgp22::tlv::Text;

use super::cancel::{Cancellation, Session};
use super::{Cause, Mistrust, Parties, Stop};

/// A package that holds what was offered, as far as that can be seen from outside.
#[must_use = "a session that is not ended keeps the server waiting"]
pub struct Package {
    pub(super) session: Session,
    pub(super) metadata: StoreMetadata,
    pub(super) bytes: Vec<u8>,
}

impl std::fmt::Debug for Package {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Package({} bytes)", self.bytes.len())
    }
}

impl Package {
    pub(super) fn new(session: Session, metadata: StoreMetadata, bytes: Vec<u8>) -> Self {
        Self { session, metadata, bytes }
    }

    /// Whether what the server sent can be cut, and is for the profile that was offered; its bytes.
    pub(super) fn check(session: &Session, offered: &StoreMetadata, answer: BoundPackage) -> Result<Vec<u8>, Cause> {
        // The card compares the one inside the package.
        if answer.transaction_id.is_some_and(|id| id != session.transaction_id) {
            return Err(Mistrust::Session("package").into());
        }
        let package = BoundProfilePackage::parse(&answer.bound_profile_package)?;
        let inside = StoreMetadata::decode(&package.metadata())?;
        if inside.policy_rules != offered.policy_rules {
            return Err(Cause::PolicyChanged);
        }
        match difference(offered, &inside) {
            Some(what) => Err(Cause::MetadataChanged { what }),
            None => Ok(answer.bound_profile_package),
        }
    }

    /// The package's length, in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Ends the session. The server counts the profile as handed out already, and gives it to this card again.
    pub fn cancel(self, parties: &mut Parties<'_, '_>, stop: Stop) -> Cancellation {
        self.session.cancel(parties, stop)
    }
}

/// True if two names are the same. An empty one names as little as none.
fn is_same(one: Option<&Text>, other: Option<&Text>) -> bool {
    let filled = |name: Option<&Text>| name.is_some_and(|name| !name.is_empty());
    if filled(one) || filled(other) { one == other } else { true }
}

/// What the first difference between two descriptions is.
fn difference(offered: &StoreMetadata, inside: &StoreMetadata) -> Option<&'static str> {
    [
        (offered.iccid != inside.iccid, "its ICCID"),
        (!is_same(offered.service_provider.as_ref(), inside.service_provider.as_ref()), "its operator"),
        (!is_same(offered.name.as_ref(), inside.name.as_ref()), "its name"),
        (offered.class != inside.class, "its class"),
        (offered.icon_type != inside.icon_type || offered.icon != inside.icon, "its icon"),
        (offered.notification_targets != inside.notification_targets, "the servers to notify"),
        (offered.owner != inside.owner, "its owner"),
        (offered.other != inside.other, "elements of a newer version"),
    ]
    .into_iter()
    .find_map(|(differs, what)| differs.then_some(what))
}
