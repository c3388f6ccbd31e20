//! Loading a package into the card, and finding out what came of it.

use sgp22::bpp::BoundProfilePackage;
use sgp22::es10b::ProfileInstallationResult;
use sgp22::notification::{NotificationMetadata, PendingNotification};
use sgp22::profile::ProfileInfo;
use sgp22::tlv::DecodeError;
use sgp22::transport::Patience;

use super::cancel::Session;
use super::{Doubt, LoadFailure, Package, Parties, Step, Stop};
use crate::profiles::{self, Detail};
use crate::{Error, Isdr, notifications};

const FUNCTION: &str = "ES10b.LoadBoundProfilePackage";

/// A profile that was installed: seen on the card, or signed for by a card that gives no list of its profiles.
#[derive(Debug)]
pub struct Installed {
    /// The profile; as the server described it where the card's list cannot be read.
    pub profile: ProfileInfo,
    /// What the card signed; `None` if its answer was lost and it has no record of it either.
    pub result: Option<ProfileInstallationResult>,
    /// Why the list of profiles cannot be read, so that the card's signature alone says that the profile is there; `None`
    /// if it was seen in the list.
    pub unlisted: Option<Error>,
}

/// How the segments fared.
enum Sent {
    /// The card has signed a result.
    Result(Box<ProfileInstallationResult>),
    /// The card took all, and has no result.
    Nothing,
    /// Something went wrong on the way.
    Failed(Error),
}

impl Package {
    /// Loads the package, reads the card again, and says what is true (SGP.22 3.1.3.3).
    ///
    /// Once begun it is not interrupted, and nothing is sent twice. After an answer that was lost the card is reset and
    /// read: the profile and the result that the card has signed tell what came of it.
    pub fn load(self, parties: &mut Parties<'_, '_>) -> Result<Installed, LoadFailure> {
        if let Err(error) = parties.isdr.checkpoint() {
            return Err(self.session.stop(parties, error.into(), true).into());
        }
        let before = parties.isdr.set_busy(true);
        let loaded = self.load_and_prove(parties);
        parties.isdr.set_busy(before);
        loaded
    }

    fn load_and_prove(self, parties: &mut Parties<'_, '_>) -> Result<Installed, LoadFailure> {
        let sent = self.send(parties);
        parties.watch.step(Step::Verifying);
        match sent {
            Sent::Result(result) if result.result.is_err() => Err(LoadFailure::Refused(result)),
            Sent::Result(result) => self.prove(parties.isdr, *result),
            // Refused as a whole: the card still has its session, which must end.
            Sent::Failed(cause @ Error::Status { .. }) if !cause.leaves_doubt() => {
                let cancellation = self.session.cancel(parties, Stop::PackageRefused);
                let found = match self.find_out(parties.isdr, &cause) {
                    // Some cards answer nothing else until they are reset.
                    Err(LoadFailure::Unknown(_)) => self.reset_and_find_out(parties.isdr, cause),
                    found => found,
                };
                match found {
                    Err(LoadFailure::NotInstalled { cause, .. }) => {
                        Err(LoadFailure::NotInstalled { cause, cancellation: Some(cancellation) })
                    }
                    truth => truth,
                }
            }
            Sent::Failed(cause) => self.reset_and_find_out(parties.isdr, cause),
            Sent::Nothing => {
                let source = DecodeError::value(FUNCTION, "the card took the whole package and gave no result");
                self.reset_and_find_out(parties.isdr, Error::Decode { function: FUNCTION, source })
            }
        }
    }

    /// Sends segment after segment, and stops at the first result.
    fn send(&self, parties: &mut Parties<'_, '_>) -> Sent {
        let Ok(package) = BoundProfilePackage::parse(&self.bytes) else {
            // It was checked when it came.
            let source = DecodeError::value(FUNCTION, "a package that changed in memory");
            return Sent::Failed(Error::Decode { function: FUNCTION, source });
        };
        let total = self.bytes.len();
        let mut done = 0;
        parties.watch.step(Step::Loading { done, total });
        for segment in package.segments() {
            // Keys are agreed upon, profile elements are carried out: any segment may take long.
            match parties.isdr.call_once(FUNCTION, segment.0, Patience::Long) {
                Ok(answer) if answer.is_empty() => {}
                Ok(answer) => {
                    log::info!("{FUNCTION}: a result after {} of {total} bytes", done + segment.0.len());
                    return match ProfileInstallationResult::decode(&answer) {
                        Ok(result) if result.transaction_id == self.session.transaction_id => {
                            if result.result.is_ok() {
                                parties.watch.step(Step::Loading { done: total, total });
                            }
                            Sent::Result(Box::new(result))
                        }
                        Ok(_) => {
                            let source = DecodeError::value(FUNCTION, "the result of another session");
                            Sent::Failed(Error::Decode { function: FUNCTION, source })
                        }
                        Err(source) => Sent::Failed(Error::Decode { function: FUNCTION, source }),
                    };
                }
                Err(error) => return Sent::Failed(error),
            }
            done += segment.0.len();
            log::debug!("{FUNCTION}: {done} of {total} bytes");
            parties.watch.step(Step::Loading { done, total });
        }
        Sent::Nothing
    }

    /// The card says that it is done: is it?
    fn prove(&self, isdr: &mut Isdr<'_>, result: ProfileInstallationResult) -> Result<Installed, LoadFailure> {
        let read = profiles::list(isdr, Detail::Row).or_else(|error| {
            log::info!("the card cannot be read as it is ({error})");
            isdr.reset()?;
            profiles::list(isdr, Detail::Row)
        });
        match read {
            Ok(all) => match self.on_card(&all) {
                Some(profile) => Ok(Installed { profile, result: Some(result), unlisted: None }),
                None => {
                    Err(LoadFailure::NotInstalled { cause: Error::Untrue { function: FUNCTION }, cancellation: None })
                }
            },
            Err(reread) if reread.is_unreadable() && self.is_for_this(&result) => Ok(self.signed_for(result, reread)),
            Err(reread) => Err(Doubt { cause: reread.clone(), reread }.into()),
        }
    }

    /// True if the result is about the profile that was offered.
    fn is_for_this(&self, result: &ProfileInstallationResult) -> bool {
        result.result.is_ok() && result.metadata.iccid.as_ref() == Some(&self.metadata.iccid)
    }

    /// A profile that the card has signed for, and that no list shows.
    fn signed_for(&self, result: ProfileInstallationResult, unlisted: Error) -> Installed {
        log::info!("the list of profiles cannot be read ({unlisted}): the card's signed result counts");
        Installed { profile: self.metadata.profile(), result: Some(result), unlisted: Some(unlisted) }
    }

    fn on_card(&self, all: &[ProfileInfo]) -> Option<ProfileInfo> {
        all.iter().find(|profile| profile.iccid.as_ref() == Some(&self.metadata.iccid)).cloned()
    }

    fn reset_and_find_out(&self, isdr: &mut Isdr<'_>, cause: Error) -> Result<Installed, LoadFailure> {
        log::info!("{cause}: the card is reset and read");
        match isdr.reset() {
            Ok(()) => self.find_out(isdr, &cause),
            Err(reread) => Err(Doubt { cause, reread }.into()),
        }
    }

    /// Reads profiles and signed results: what is there is the truth.
    fn find_out(&self, isdr: &mut Isdr<'_>, cause: &Error) -> Result<Installed, LoadFailure> {
        let doubt = |reread| LoadFailure::Unknown(Doubt { cause: cause.clone(), reread });
        let all = match profiles::list(isdr, Detail::Row) {
            Ok(all) => Ok(all),
            Err(error) if error.is_unreadable() => Err(error),
            Err(error) => return Err(doubt(error)),
        };
        let signed = notifications::list(isdr).and_then(|waiting| find_result(isdr, &waiting, &self.session));
        if let Some(profile) = all.as_ref().ok().and_then(|all| self.on_card(all)) {
            return Ok(Installed { profile, result: signed.ok().flatten(), unlisted: None });
        }
        match (signed.map_err(doubt)?, all) {
            (Some(result), _) if result.result.is_err() => Err(LoadFailure::Refused(Box::new(result))),
            (Some(result), Err(unlisted)) if self.is_for_this(&result) => Ok(self.signed_for(result, unlisted)),
            // A list that cannot be read proves nothing.
            (_, Err(unlisted)) => Err(doubt(unlisted)),
            _ => Err(LoadFailure::NotInstalled { cause: cause.clone(), cancellation: None }),
        }
    }
}

/// The result of this session among what waits on the card.
fn find_result(
    isdr: &mut Isdr<'_>,
    waiting: &[NotificationMetadata],
    session: &Session,
) -> Result<Option<ProfileInstallationResult>, Error> {
    // The youngest is most likely the one.
    for metadata in waiting.iter().rev().filter(|metadata| is_install(metadata)) {
        let Some(pending) = notifications::retrieve(isdr, metadata.seq)? else { continue };
        if let Some(result) = result_of(&pending).filter(|result| result.transaction_id == session.transaction_id) {
            return Ok(Some(result));
        }
    }
    Ok(None)
}

fn is_install(metadata: &NotificationMetadata) -> bool {
    metadata.event.0.has(sgp22::notification::Events::INSTALL)
}

fn result_of(pending: &PendingNotification) -> Option<ProfileInstallationResult> {
    ProfileInstallationResult::decode(&pending.bytes).ok()
}
