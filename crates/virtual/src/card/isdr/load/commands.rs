//! The commands inside a package that come before the profile itself (SGP.22 5.5.1 to 5.5.4).

use p256::ecdsa::VerifyingKey;
use sgp22::bpp::{ControlReference, InitialiseSecureChannel, ReplaceSessionKeys};
use sgp22::es10b::BppErrorReason as Reason;
use sgp22::id::{Mccmnc, OperatorId};
use sgp22::metadata::StoreMetadata;
use sgp22::policy::{AuthorisationRule, PprIds};
use sgp22::profile::ProfileClass;
use sgp22::tlv::{Elements, Tag, Text};

use super::Failure;
use crate::card::isdr::Isdr;
use crate::card::isdr::session::{Prepared, public_point};
use crate::card::issuer::is_signature;
use crate::card::quirk::Quirk;
use crate::card::state::{StoredClass, StoredRule};
use crate::crypto::{SecureChannel, shared_secret};

/// Longest names and icon (SGP.22 5.5.3).
const LONGEST_PROVIDER: usize = 32;
const LONGEST_NAME: usize = 64;
const LONGEST_ICON: usize = 1024;

impl Isdr<'_> {
    /// The channel that InitialiseSecureChannel asks for; `object` is the command as it came.
    pub(super) fn secure_channel(
        &self,
        prepared: &Prepared,
        object: &[u8],
        request: &InitialiseSecureChannel,
    ) -> Result<SecureChannel, Failure> {
        if request.remote_op != InitialiseSecureChannel::INSTALL {
            return Err(Reason::UnsupportedRemoteOperationType.into());
        }
        if request.transaction_id != prepared.peer.transaction_id {
            return Err(Reason::InvalidTransactionId.into());
        }
        let template = &request.control_reference;
        let known = template.key_type == ControlReference::AES
            && template.key_length == ControlReference::AES_128
            && (1..=16).contains(&template.host_id.len());
        if !known {
            return Err(Reason::UnsupportedCrtValues.into());
        }
        let key = &prepared.one_time_key;
        if !is_bound(&prepared.binding_key, object, &public_point(key), &request.smdp_signature) {
            return Err(Reason::InvalidSignature.into());
        }
        let secret = shared_secret(key, &request.smdp_otpk).ok_or(Reason::IncorrectInputValues)?;
        Ok(SecureChannel::derive(&secret, &template.host_id, self.euicc.eid))
    }

    /// Refuses a profile that this card cannot have.
    pub(super) fn check_description(&self, description: &StoreMetadata) -> Result<(), Failure> {
        if self.euicc.profiles.iter().any(|profile| profile.iccid.digits() == description.iccid.digits()) {
            return Err(Reason::IccidAlreadyExists.into());
        }
        let takes_class = match description.class {
            ProfileClass::Test => !self.quirks.has(Quirk::NoTestProfiles),
            ProfileClass::Unknown(_) => false,
            _ => true,
        };
        if !takes_class {
            return Err(Reason::UnsupportedProfileClass.into());
        }
        if !self.allows_rules(description) {
            return Err(Reason::PprNotAllowed.into());
        }
        if self.free_memory() == 0 {
            return Err(Reason::InsufficientMemory.into());
        }
        Ok(())
    }

    /// Whether the Rules Authorisation Table lets this operator have the profile's rules, and the other profiles do.
    fn allows_rules(&self, description: &StoreMetadata) -> bool {
        let table: Vec<AuthorisationRule> = self.euicc.rules.iter().map(StoredRule::rule).collect();
        let authorised = |bit: usize| {
            description
                .owner
                .as_ref()
                .is_some_and(|owner| table.iter().any(|rule| rule.rules.0.has(bit) && covers(rule, owner)))
        };
        let wanted = &description.policy_rules;
        let operational = |class| class == StoredClass::Operational;
        let alone = !self.euicc.profiles.iter().any(|profile| operational(profile.class));
        (!wanted.forbids_disabling() || (alone && authorised(PprIds::PPR1)))
            && (!wanted.forbids_deletion() || authorised(PprIds::PPR2))
    }
}

/// True if the rule is also for this operator. `E` stands for any digit; an absent or empty group for any group.
fn covers(rule: &AuthorisationRule, owner: &OperatorId) -> bool {
    let nibble_fits = |rule: u8, owner: u8| rule == 0xE || rule == owner;
    let byte_fits = |(rule, owner): (u8, u8)| nibble_fits(rule >> 4, owner >> 4) && nibble_fits(rule & 15, owner & 15);
    let code_fits = |Mccmnc(rule): Mccmnc, Mccmnc(owner): Mccmnc| rule.into_iter().zip(owner).all(byte_fits);
    let group_fits = |rule: &Option<Vec<u8>>, owner: &Option<Vec<u8>>| {
        rule.as_ref().is_none_or(|group| group.is_empty() || Some(group) == owner.as_ref())
    };
    rule.operators.iter().any(|operator| {
        code_fits(operator.mccmnc, owner.mccmnc)
            && group_fits(&operator.gid1, &owner.gid1)
            && group_fits(&operator.gid2, &owner.gid2)
    })
}

/// True if the server bound the package to this key of the card.
fn is_bound(binding_key: &VerifyingKey, object: &[u8], euicc_otpk: &[u8], signature: &[u8]) -> bool {
    InitialiseSecureChannel::to_be_signed(object, euicc_otpk)
        .is_ok_and(|message| is_signature(binding_key, &message, signature))
}

/// Reads StoreMetadata.
pub(super) fn description(command: &[u8]) -> Result<StoreMetadata, Failure> {
    let description = StoreMetadata::decode(command).map_err(|_| Reason::IncorrectInputValues)?;
    let icon = description.icon.as_ref();
    let fits = |name: &Option<Text>, longest| name.as_ref().is_none_or(|name| name.as_bytes().len() <= longest);
    let sizes_fit = fits(&description.service_provider, LONGEST_PROVIDER)
        && fits(&description.name, LONGEST_NAME)
        && icon.is_none_or(|icon| icon.len() <= LONGEST_ICON && description.icon_type.is_some());
    if sizes_fit { Ok(description) } else { Err(Reason::IncorrectInputValues.into()) }
}

/// ConfigureISDP: `BF24 { B8 dpProprietaryData OPTIONAL }`. What the server stores for itself is of no use here.
pub(super) fn check_configuration(command: &[u8]) -> Result<(), Failure> {
    let read = || {
        let mut elements = Elements::open("ConfigureISDPRequest", command, Tag(0xBF24))?;
        elements.optional(Tag(0xB8), |data| Elements::parse("dpProprietaryData", data))?;
        elements.deny_rest()
    };
    read().map_err(|_| Reason::IncorrectInputValues.into())
}

/// ReplaceSessionKeys.
pub(super) fn session_keys(command: &[u8]) -> Result<ReplaceSessionKeys, Failure> {
    ReplaceSessionKeys::decode(command).map_err(|_| Reason::IncorrectInputValues.into())
}
