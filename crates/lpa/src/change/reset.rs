//! Deleting whole kinds of profiles.

use sgp22::Function;
use sgp22::es10c::{EuiccMemoryReset, MemoryResetResult, ResetOptions};
use sgp22::id::Iccid;
use sgp22::profile::ProfileInfo;
use sgp22::tlv::Text;
use sgp22::transport::Patience;

use super::{BUSY_PAUSE, BUSY_TRIES, Settled, Verdict, settle};
use crate::error::refused;
use crate::profiles::{self, Detail};
use crate::{Error, Isdr, Refusal, chip};

/// What is left after a reset.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ResetReport {
    /// The profiles that are left (see [`Detail::Lean`]).
    pub profiles: Vec<ProfileInfo>,
    /// The default SM-DP+ afterwards, if it was to be reset.
    pub default_smdp: Option<Text>,
}

/// A reset that is not done, or of which nobody knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetFailure {
    /// How it ended.
    pub verdict: Verdict,
    /// What was left when the card was read last, if it was: a reset can fail half done.
    pub left: Option<ResetReport>,
}

/// Deletes what `options` name, and proves that `doomed` are gone. That there is nothing to delete is no failure.
///
/// `server_before` is the default SM-DP+ as it was read, if that is to go back to what the card was made with: what that
/// is nobody knows before, so a changed one, or the card's word, is the proof.
pub fn memory_reset(
    isdr: &mut Isdr<'_>,
    options: &ResetOptions,
    doomed: &[Iccid],
    server_before: Option<&Text>,
) -> Result<ResetReport, ResetFailure> {
    let mut left = None;
    let result = match isdr.checkpoint() {
        Ok(()) => isdr.uninterrupted(|isdr| reset_and_prove(isdr, options, doomed, server_before, &mut left)),
        Err(error) => Err(Verdict::NotDone(error)),
    };
    match result {
        Ok(()) => Ok(left.unwrap_or_default()),
        Err(verdict) => Err(ResetFailure { verdict, left }),
    }
}

fn reset_and_prove(
    isdr: &mut Isdr<'_>,
    options: &ResetOptions,
    doomed: &[Iccid],
    server_before: Option<&Text>,
    left: &mut Option<ResetReport>,
) -> Result<(), Verdict> {
    for tries in 0.. {
        let answer = send(isdr, options);
        let is_code = |error: &Error, code: MemoryResetResult| matches!(error, Error::Refused(Refusal { code: given, .. }) if *given == code.code());
        let busy = answer.as_ref().is_err_and(|error| is_code(error, MemoryResetResult::CatBusy));
        let nothing = answer.as_ref().is_err_and(|error| is_code(error, MemoryResetResult::NothingToDelete));
        let said_ok = answer.is_ok();
        *left = None;
        let settled = settle(isdr, answer, said_ok, |isdr| {
            let profiles = profiles::list(isdr, Detail::Lean)?;
            let default_smdp = match server_before {
                Some(_) => Some(chip::addresses(isdr)?.default_smdp.unwrap_or_default()),
                None => None,
            };
            let is_left = |iccid: &Iccid| profiles.iter().any(|profile| profile.iccid.as_ref() == Some(iccid));
            let gone = !doomed.iter().any(is_left);
            let server_reset = server_before.is_none() || said_ok || nothing || default_smdp.as_ref() != server_before;
            *left = Some(ResetReport { profiles, default_smdp });
            Ok(gone && server_reset)
        })?;
        match settled {
            Settled::Done => return Ok(()),
            Settled::NotDone(_) if busy && tries < BUSY_TRIES => std::thread::sleep(BUSY_PAUSE),
            settled => return settled.into_result(EuiccMemoryReset::NAME).map_err(Verdict::NotDone),
        }
    }
    Ok(())
}

fn send(isdr: &mut Isdr<'_>, options: &ResetOptions) -> Result<(), Error> {
    match isdr.call_patiently(&EuiccMemoryReset { options: options.clone() }, Patience::Long)? {
        MemoryResetResult::Ok => Ok(()),
        result => Err(refused!(EuiccMemoryReset::NAME, result)),
    }
}
