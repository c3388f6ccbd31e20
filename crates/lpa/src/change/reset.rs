//! Deleting whole kinds of profiles.

use sgp22::Function;
use sgp22::es10c::{EuiccMemoryReset, MemoryResetResult, ResetOptions};
use sgp22::id::Iccid;
use sgp22::profile::ProfileInfo;
use sgp22::tlv::Text;
use sgp22::transport::Patience;

use super::{Verdict, settle};
use crate::error::refused;
use crate::profiles::{self, Detail};
use crate::{Isdr, chip};

/// What is left after a reset.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResetReport {
    /// The profiles that are left (see [`Detail::Lean`]).
    pub profiles: Vec<ProfileInfo>,
    /// The default SM-DP+ afterwards.
    pub default_smdp: Text,
}

/// Deletes what `options` name, and proves that `doomed` are gone.
///
/// `server_before` is the default SM-DP+ as it was read, if that is to go back to what the card was made with: what that
/// is nobody knows before, so a changed one, or the card's word, is the proof.
pub fn memory_reset(
    isdr: &mut Isdr<'_>,
    options: &ResetOptions,
    doomed: &[Iccid],
    server_before: Option<&Text>,
) -> Result<ResetReport, Verdict> {
    isdr.checkpoint().map_err(Verdict::NotDone)?;
    isdr.uninterrupted(|isdr| {
        let request = EuiccMemoryReset { options: options.clone() };
        let answer = isdr.call_patiently(&request, Patience::Long).and_then(|result| match result {
            MemoryResetResult::Ok => Ok(()),
            result => Err(refused!(EuiccMemoryReset::NAME, result)),
        });
        let said_ok = answer.is_ok();
        let mut report = ResetReport { profiles: Vec::new(), default_smdp: Text::default() };
        let settled = settle(isdr, answer, said_ok, |isdr| {
            report.profiles = profiles::list(isdr, Detail::Lean)?;
            report.default_smdp = chip::addresses(isdr)?.default_smdp.unwrap_or_default();
            let left = |iccid: &Iccid| report.profiles.iter().any(|profile| profile.iccid.as_ref() == Some(iccid));
            let server_reset = server_before.is_none_or(|before| said_ok || report.default_smdp != *before);
            Ok(server_reset && !doomed.iter().any(left))
        })?;
        settled.into_result(EuiccMemoryReset::NAME).map(|()| report).map_err(Verdict::NotDone)
    })
}
