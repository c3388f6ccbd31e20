//! Removing the profile from a device.
//!
//! What is about to be done is in the case before the card is touched. What became of it is not written down by the
//! command that did it but read from the journal and the outbox, as after a crash: there is one way to know.

use sgp22::id::ServerAddress;
use sgp22::profile::ProfileInfo;

use super::case::{Case, DeviceItem, Step, StepState};
use super::event::{Event, Reached};
use super::evidence::{CheckedEvidence, EvidenceState, check_all};
use super::rules::{Obstacle, obstacles, open_steps, refusal};
use super::{Retirements, device_of, facts, open, settle, today};
use crate::Manager;
use crate::card::{Card, DeletePlan, Deleted, Goal, SwitchPlan, Unwatched};
use crate::database::Entry;
use crate::error::{Error, Id, State, server_error};
use crate::query::ProfileQuery;
use crate::servers::CardKind;

/// How the removal is wanted.
#[derive(Debug, Clone, Default)]
pub struct CleanWish {
    /// The profile that is to be enabled first, if this one is.
    pub enable_instead: Option<ProfileQuery>,
    /// Why it is done whatever speaks against it.
    pub despite: Option<String>,
    /// The user has agreed that this machine may lose its way to the internet.
    pub lose_connection: bool,
}

/// What is found on a device.
#[derive(Debug)]
pub enum Look {
    /// The card is not at hand.
    Absent(Error),
    /// The card is there, and the profile is not on it.
    Gone {
        /// How the card is reached.
        device: String,
        /// The change on record that explains it.
        journal: Option<i64>,
    },
    /// The profile is there.
    There(Box<CleanPlan>),
}

/// A removal that is about to be made. Nothing has been changed yet.
#[derive(Debug)]
pub struct CleanPlan {
    /// The case.
    pub case: Case,
    /// How the card is reached.
    pub device: String,
    /// The deletion.
    pub delete: DeletePlan,
    /// The profile that is enabled first.
    pub instead: Option<ProfileInfo>,
    /// The profiles that could be.
    pub others: Vec<ProfileInfo>,
    /// The servers that are to be told.
    pub servers: Vec<Reached>,
    /// What speaks against it.
    pub obstacles: Vec<Obstacle>,
    /// The steps before the removal that nobody has done, left out or called needless.
    pub open_steps: Vec<Step>,
    /// The profile is enabled, and this machine reaches the internet by a mobile network alone.
    pub only_way: bool,
    eid: String,
    wish: CleanWish,
}

/// A removal that was made.
#[derive(Debug)]
pub struct Cleaned {
    /// The case as it stands now.
    pub case: Case,
    /// The deletion.
    pub deleted: Deleted,
}

impl CleanPlan {
    /// Notes the user's word that this machine may lose its way to the internet.
    pub fn agree_to_lose_connection(&mut self) {
        self.wish.lose_connection = true;
        self.delete.loss.agree();
    }
}

impl Retirements<'_> {
    /// Looks whether the profile is on a device of the case, and what its removal there would take. Servers are reached,
    /// and nothing is asked of them.
    pub fn look(&self, case: &Case, item: &DeviceItem, wish: &CleanWish) -> Result<Look, Error> {
        open(case)?;
        // A reason is judged before the card is looked at, and before anybody is asked.
        wish.despite.as_deref().map(facts::parse_reason).transpose()?;
        let (mut seen, mut met) = (None, false);
        let found = self.manager.with_card(&item.eid, &item.device, |card| {
            met = true;
            seen = Some(look_at(self.manager, card, case, item, wish)?);
            Ok(())
        });
        match (found, seen) {
            (Ok(_), Some(Found::There(plan))) => Ok(Look::There(plan)),
            (Ok(_), Some(Found::Gone(device))) => {
                let journal = self.explanation(case, item)?;
                Ok(Look::Gone { device, journal })
            }
            (Ok(other), None) => Ok(Look::Absent(other_card(&item.eid, other))),
            (Err(error), _) if !met && error.id != Id::Interrupted => Ok(Look::Absent(error)),
            (Err(error), _) => Err(error),
        }
    }

    /// The change on record by which the profile went.
    fn explanation(&self, case: &Case, item: &DeviceItem) -> Result<Option<i64>, Error> {
        let database = self.database()?;
        let iccid = &case.subscription.iccid;
        let is_done = |entry: &&Entry| entry.is_done();
        let entries = database.entries_about(iccid, &item.eid, item.journal_before)?;
        let newest = entries.iter().filter(is_done).find(|entry| matches!(&*entry.command, "delete" | "download"));
        let since = newest.map_or(item.journal_before, |entry| entry.id);
        let names = |plan: &serde_json::Value| {
            plan["profiles"].as_array().into_iter().flatten().any(|one| one.as_str() == Some(iccid))
        };
        let resets = database.resets(&item.eid, since)?;
        let reset = resets.iter().filter(is_done).find(|entry| names(&entry.plan)).map(|entry| entry.id);
        Ok(reset.or_else(|| newest.filter(|entry| entry.command == "delete").map(|entry| entry.id)))
    }

    /// Records that the profile is not on a device any more.
    pub fn found_gone(&self, case: &Case, item: &DeviceItem, journal: Option<i64>) -> Result<Case, Error> {
        self.add(case, vec![Event::FoundGone { eid: item.eid.clone(), journal }])
    }

    /// Gives a device up: its card will not come back.
    pub fn write_off(&self, case: &Case, eid: &str, reason: &str) -> Result<Case, Error> {
        let item = device_of(case, eid)?;
        self.add(case, vec![Event::WrittenOff { eid: item.eid.clone(), reason: facts::parse_reason(reason)? }])
    }

    /// Removes the profile as it was planned: recorded, disabled, deleted, proved, reported.
    pub fn clean(&self, plan: CleanPlan) -> Result<Cleaned, Error> {
        plan.delete.loss.check(&plan.delete.profile)?;
        let despite = plan.wish.despite.as_deref().map(facts::parse_reason).transpose()?;
        if let (Some(refused), None) = (refusal(&plan.obstacles, &plan.case), &despite) {
            return Err(refused);
        }
        let mut deleted = None;
        let other = self.manager.with_card(&plan.eid, &plan.device, |card| {
            let (delete, instead) = plans(card, &plan.case, &plan.wish)?;
            if delete != plan.delete || !is_same_instead(instead.as_ref(), plan.instead.as_ref()) {
                return Err(Error::new(Id::CardChanged));
            }
            let event = Event::Cleaning {
                eid: plan.eid.clone(),
                device: plan.device.clone(),
                obstacles: plan.obstacles.iter().map(|obstacle| obstacle.name().to_owned()).collect(),
                despite: despite.clone(),
                servers: plan.servers.clone(),
            };
            self.database()?.add_to_case(plan.case.id, |now| open(now).map(|()| vec![event]))?;
            let done = remove(card, &plan.case, delete, instead);
            if let Err(error) = &done {
                self.not_cleaned(&plan, error);
            }
            deleted = Some(done?);
            Ok(())
        })?;
        let deleted = deleted.ok_or_else(|| other_card(&plan.eid, other))?;
        let case = settle::settle(&self.database()?, plan.case.id)?;
        Ok(Cleaned { case, deleted })
    }

    /// Where nobody knows how it ended, `recover` finds out.
    fn not_cleaned(&self, plan: &CleanPlan, error: &Error) {
        if !matches!(error.state, State::NotDone | State::Unchanged) {
            return;
        }
        let event = Event::NotCleaned { eid: plan.eid.clone(), why: error.id.entry().name.into() };
        let added = self.database().and_then(|database| database.add_to_case(plan.case.id, |_| Ok(vec![event])));
        if let Err(error) = added {
            log::warn!("The case could not be written: {error}");
        }
    }
}

impl Manager {
    /// Works with a certain card, at the device that the user names or where it was. If another card is there nothing is
    /// done, and its EID is given.
    pub(super) fn with_card(
        &self,
        eid: &str,
        device: &str,
        work: impl FnOnce(&mut Card<'_>) -> Result<(), Error>,
    ) -> Result<Option<String>, Error> {
        // The profile to go back to may be the one that is to be removed.
        self.roll_back_first();
        let device = self.named_device().unwrap_or(device);
        let mut session = self.session_of_record(device)?;
        let mut card = session.card()?;
        let found = card.recorded_eid()?;
        if found == eid {
            return work(&mut card).map(|()| None);
        }
        drop(card);
        match session.card_of(eid)? {
            Some(mut card) => work(&mut card).map(|()| None),
            None => Ok(Some(found)),
        }
    }
}

/// Another card is where that of the case was, or the card has another EID now: nobody can tell which.
fn other_card(eid: &str, found: Option<String>) -> Error {
    Error::new(Id::OtherCard).with("eid", eid).with("found", found.unwrap_or_default())
}

enum Found {
    Gone(String),
    There(Box<CleanPlan>),
}

fn look_at(
    manager: &Manager,
    card: &mut Card<'_>,
    case: &Case,
    item: &DeviceItem,
    wish: &CleanWish,
) -> Result<Found, Error> {
    // Made while the card is read.
    let kind = CardKind::of(card.device());
    let servers = manager.servers(kind)?;
    let addresses = case.subscription.servers.iter().filter_map(|server| server.parse::<ServerAddress>().ok());
    addresses.for_each(|address| servers.expect(&address.to_string()));
    let (delete, _) = match plans(card, case, wish) {
        Err(error) if error.id == Id::ProfileNotFound => return Ok(Found::Gone(card.device().to_owned())),
        plans => plans?,
    };
    let enabled = delete.disable_first;
    let others = if enabled { card.profiles(lpa::profiles::Detail::Row)? } else { Vec::new() };
    let instead = wish.enable_instead.as_ref().filter(|_| enabled);
    let instead = instead.map(|query| query.find(&others).map(|(profile, _)| profile.clone())).transpose()?;
    let others = others.into_iter().filter(|other| other.iccid != delete.profile.iccid).collect();
    let reached = reach(servers, &delete.servers());
    let mut obstacles = obstacles(case, today());
    obstacles.extend(lost_evidence(manager, case));
    obstacles.extend(reached.iter().filter_map(not_told));
    Ok(Found::There(Box::new(CleanPlan {
        case: case.clone(),
        device: card.device().to_owned(),
        only_way: delete.loss.takes_consent(),
        delete,
        instead,
        others,
        servers: reached,
        open_steps: open_steps(case, &obstacles),
        obstacles,
        eid: item.eid.clone(),
        wish: wish.clone(),
    })))
}

/// Files of the backup and of the confirmation that are not what was recorded.
fn lost_evidence(manager: &Manager, case: &Case) -> Vec<Obstacle> {
    let counts = |checked: &CheckedEvidence| {
        let left_out = matches!(case.state_of(checked.step), StepState::Skipped | StepState::NotApplicable);
        checked.state != EvidenceState::Kept && matches!(checked.step, Step::Backup | Step::Confirmation) && !left_out
    };
    let lost = check_all(manager.paths(), case).into_iter().filter(counts);
    lost.map(|CheckedEvidence { step, evidence, state }| Obstacle::EvidenceLost { step, name: evidence.name, state })
        .collect()
}

/// The obstacle that a server is which cannot learn of the deletion now, or ever.
fn not_told(server: &Reached) -> Option<Obstacle> {
    let (address, why) = (server.server.clone(), server.why_not.clone()?);
    Some(match address.parse::<ServerAddress>() {
        Ok(_) => Obstacle::ServerNotReached { server: address, why },
        Err(_) => Obstacle::NamesNoServer { address, why },
    })
}

/// Makes the connections that the notifications will go over: no further than the TLS handshake.
fn reach(servers: &dyn lpa::smdp::RspServer, addresses: &[String]) -> Vec<Reached> {
    let try_one = |address: &String| match address.parse::<ServerAddress>() {
        Ok(server) => {
            let server = server.to_string();
            let why_not = servers.reach(&server).err().map(|error| server_error(&error).message());
            Reached { server, why_not }
        }
        Err(why) => Reached { server: address.clone(), why_not: Some(why.to_string()) },
    };
    addresses.iter().map(try_one).collect()
}

fn plans(card: &mut Card<'_>, case: &Case, wish: &CleanWish) -> Result<(DeletePlan, Option<SwitchPlan>), Error> {
    let mut delete = card.plan_delete(&ProfileQuery::new(&case.subscription.iccid), true)?;
    let instead = wish.enable_instead.as_ref().filter(|_| delete.disable_first);
    let mut instead = instead.map(|query| card.plan_switch(query, Goal::Enabled)).transpose()?;
    if wish.lose_connection {
        delete.loss.agree();
        instead.iter_mut().for_each(|switch| switch.loss.agree());
    }
    match instead {
        // It would be deleted right after.
        Some(switch) if switch.profile.iccid == delete.profile.iccid => Err(Error::new(Id::SameProfile)),
        instead => Ok((delete, instead)),
    }
}

/// True if the profile that would be enabled first is the one that was agreed to, in the state that it was in.
fn is_same_instead(now: Option<&SwitchPlan>, agreed: Option<&ProfileInfo>) -> bool {
    let state = |profile: &ProfileInfo| (profile.iccid.clone(), profile.says_whether_enabled());
    now.map(|plan| state(&plan.profile)) == agreed.map(state)
}

fn remove(card: &mut Card<'_>, case: &Case, delete: DeletePlan, instead: Option<SwitchPlan>) -> Result<Deleted, Error> {
    let Some(instead) = instead else { return card.delete(delete) };
    card.switch(instead, None, &mut Unwatched)?;
    let query = ProfileQuery::new(&case.subscription.iccid);
    let deleted = card.plan_delete(&query, true).and_then(|delete| card.delete(delete));
    deleted.map_err(|error| error.after("The other profile was enabled before that, and stays enabled."))
}
