//! How a load ends: the profile is there or is not, and the signed result waits for the server (SGP.22 2.5.6, 3.1.3.3).

use sgp22::es10b::{BppCommand, BppErrorReason, InstallationError, Installed, ProfileInstallationResult};
use sgp22::id::{Aid, Iccid};
use sgp22::metadata::StoreMetadata;
use sgp22::notification::Events;
use sgp22::profile::{IconType, ProfileClass};
use sgp22::tlv::Text;

use super::{Failure, Load, answer};
use crate::card::isdr::session::Peer;
use crate::card::isdr::{Isdr, Outcome};
use crate::card::quirk::Quirk;
use crate::card::state::{StoredClass, StoredLoad, StoredProfile, StoredTarget};

impl Isdr<'_> {
    /// Installs what was loaded: disabled, and without a name of the user's.
    pub(super) fn install(&mut self, load: Load) -> Outcome {
        let (Some(description), Some(profile)) = (load.description, load.profile) else {
            let failure = BppErrorReason::Unknown127.into();
            return self.fail(&load.peer, BppCommand::LoadProfileElements, None, failure);
        };
        let iccid = description.iccid.clone();
        let (size, sima_response) = match profile.finish() {
            Ok(finished) => finished,
            Err(failure) => return self.fail(&load.peer, BppCommand::LoadProfileElements, Some(iccid), failure),
        };
        let isdp_aid = Aid::isd_p(self.euicc.next_isdp);
        self.euicc.next_isdp = self.euicc.next_isdp.wrapping_add(1);
        self.euicc.profiles.push(stored(&description, isdp_aid.clone(), size));
        let secret = load.one_time_key.to_bytes();
        self.euicc.one_time_keys.retain(|key| key.secret != secret.as_slice());
        self.euicc.loading = None;
        let result = self.keep_result(&load.peer, Some(iccid), Ok(Installed { isdp_aid, sima_response }));
        self.notify(self.euicc.profiles.len() - 1, Events::INSTALL);
        answer(result, true)
    }

    /// Ends the load without a profile.
    pub(super) fn fail(&mut self, peer: &Peer, command: BppCommand, iccid: Option<Iccid>, why: Failure) -> Outcome {
        self.euicc.loading = None;
        let error = InstallationError { command, reason: why.reason, sima_response: why.sima_response };
        let result = self.keep_result(peer, iccid, Err(error));
        answer(result, true)
    }

    /// At power-up: a load that had not come to its end never will. True if there was one.
    pub(in crate::card) fn report_interruption(&mut self) -> bool {
        let Some(load) = self.euicc.loading.take() else { return false };
        if !self.quirks.has(Quirk::NoInterruptionResult) {
            let error = InstallationError {
                command: BppCommand::from_code(load.command),
                reason: BppErrorReason::Interruption,
                sima_response: None,
            };
            self.keep_result_of(&load, Err(error));
        }
        true
    }

    fn keep_result(
        &mut self,
        peer: &Peer,
        iccid: Option<Iccid>,
        result: Result<Installed, InstallationError>,
    ) -> Vec<u8> {
        let load = StoredLoad {
            transaction_id: peer.transaction_id.clone(),
            address: peer.address.to_string(),
            server: peer.oid.clone(),
            command: 0,
            iccid,
        };
        self.keep_result_of(&load, result)
    }

    /// Signs a result and keeps it among the notifications; gives the whole object.
    fn keep_result_of(&mut self, load: &StoredLoad, result: Result<Installed, InstallationError>) -> Vec<u8> {
        let address = Text::from(load.address.as_str());
        let metadata = self.number(Events::INSTALL, &address, load.iccid.clone());
        let data = ProfileInstallationResult {
            transaction_id: load.transaction_id.clone(),
            metadata: metadata.clone(),
            smdp_oid: load.server.clone(),
            result,
        }
        .encode_data();
        let object = ProfileInstallationResult::join(&data, &self.credentials.euicc.sign(&data));
        self.queue(&metadata, Events::INSTALL, object.clone());
        object
    }
}

fn stored(description: &StoreMetadata, isdp_aid: Aid, size: u64) -> StoredProfile {
    StoredProfile {
        iccid: description.iccid.clone(),
        isdp_aid,
        enabled: false,
        nickname: String::new(),
        provider: description.service_provider.as_ref().map(ToString::to_string).unwrap_or_default(),
        name: description.name.as_ref().map(ToString::to_string).unwrap_or_default(),
        icon: description.icon.clone().unwrap_or_default(),
        icon_is_jpeg: description.icon_type == Some(IconType::Jpeg),
        class: match description.class {
            ProfileClass::Test => StoredClass::Test,
            ProfileClass::Provisioning => StoredClass::Provisioning,
            ProfileClass::Operational | ProfileClass::Unknown(_) => StoredClass::Operational,
        },
        owner: description.owner.as_ref().map(|owner| owner.mccmnc.to_string()).unwrap_or_default(),
        policy_rules: description.policy_rules.0.iter().collect(),
        notify: description
            .notification_targets
            .iter()
            .map(|target| StoredTarget {
                address: target.address.to_string(),
                events: target.events.0.iter().collect(),
            })
            .collect(),
        size,
        preloaded: false,
        pin: None,
    }
}
