//! What the events of a case come to.

use super::by_word::{ByWordState, DeviceByWord};
use super::case::{Case, CaseState, DeviceItem, DeviceState, Evidence, Step, StepRecord, StepState, Subscription};
use super::event::Event;
use super::facts::Facts;

impl Case {
    /// A case about which nothing has happened.
    pub(crate) fn new(id: i64, created: &str) -> Self {
        Self {
            id,
            created: created.into(),
            state: CaseState::Open,
            subscription: Subscription::default(),
            number: None,
            steps: Step::ALL.iter().map(|step| StepRecord::blank(*step)).collect(),
            devices: Vec::new(),
            by_word: Vec::new(),
            journal_before: 0,
            outbox_before: None,
            ended: None,
            reopened: false,
        }
    }

    /// Takes an event in.
    pub(crate) fn apply(&mut self, at: &str, event: &Event) {
        match event {
            Event::Started { subscription, devices, journal_before, outbox_before } => {
                self.subscription = subscription.clone();
                self.journal_before = *journal_before;
                self.outbox_before = *outbox_before;
                devices.iter().for_each(|(eid, device)| self.add_device(at, eid, device));
            }
            Event::Cancelled { .. } if self.is_removed_anywhere() => self.end(at, CaseState::Closed),
            Event::Cancelled { .. } => self.end(at, CaseState::Cancelled),
            Event::Completed => self.end(at, CaseState::Completed),
            Event::Reopened { .. } => {
                self.state = CaseState::Open;
                self.ended = None;
            }
            Event::Traces { .. } => {}
            Event::Adopted(adoption) => self.take_adoption(adoption),
            Event::ByWord(statement) => self.take_statement(at, statement),
            _ if event.step() == Some(Step::Clean) => self.apply_to_device(at, event),
            _ => self.apply_to_step(at, event),
        }
        self.reopened = matches!(event, Event::Reopened { .. });
        self.settle_clean(at);
        self.settle_backup(at);
    }

    fn apply_to_step(&mut self, at: &str, event: &Event) {
        match event {
            Event::Recorded { step, facts, evidence } => self.recorded(at, *step, facts, evidence),
            Event::Skipped { step, reason } => self.left_out(at, *step, StepState::Skipped, reason),
            Event::NotApplicable { step, reason } => self.left_out(at, *step, StepState::NotApplicable, reason),
            Event::Corrected { step, .. } => {
                if self.number.is_some() && self.step(*step).is_some_and(|record| record.facts.number == self.number) {
                    self.number = None;
                }
                self.settle(at, *step, StepState::Pending);
            }
            Event::BackedUp { directory, files, sim, number, missing } => {
                self.number = number.clone().or(self.number.take());
                let sim_missing = (!sim && missing.is_empty()).then(|| super::WHOLE_SIM.to_owned());
                let missing = missing.iter().cloned().chain(sim_missing).collect();
                self.backed_up(at, directory, files, missing);
            }
            _ => {}
        }
    }

    /// What is recorded adds to the proof that is there: only a correction takes anything away.
    fn recorded(&mut self, at: &str, step: Step, facts: &Facts, evidence: &[Evidence]) {
        self.number = facts.number.clone().or(self.number.take());
        let before = self.facts(step).is_some();
        let kept = self.step(step).filter(|_| before).map(|record| record.evidence.clone()).unwrap_or_default();
        let state = if facts.owed().is_some() { StepState::Owed } else { StepState::Done };
        let record = self.settle(at, step, state);
        record.facts = facts.clone();
        record.evidence = kept;
        for file in evidence {
            if !record.evidence.contains(file) {
                record.evidence.push(file.clone());
            }
        }
    }

    /// Files that were saved before stay known.
    fn left_out(&mut self, at: &str, step: Step, state: StepState, reason: &str) {
        let before = self.step(step).cloned().filter(|record| record.step == Step::Backup);
        let record = self.settle(at, step, state);
        record.reason = Some(reason.to_owned());
        if let Some(before) = before {
            record.evidence = before.evidence;
            record.missing = before.missing;
            record.directory = before.directory;
        }
    }

    /// A backup that lacks something does not stand for a whole one that was taken before.
    fn backed_up(&mut self, at: &str, directory: &str, files: &[Evidence], missing: Vec<String>) {
        if !missing.is_empty() && self.state_of(Step::Backup) == StepState::Done {
            return;
        }
        let state = if missing.is_empty() { StepState::Done } else { StepState::Partly };
        let record = self.settle(at, Step::Backup, state);
        record.evidence = files.to_vec();
        record.missing = missing;
        record.directory = Some(directory.to_owned());
    }

    fn apply_to_device(&mut self, at: &str, event: &Event) {
        match event {
            Event::DeviceAdded { eid, device } => self.add_device(at, eid, device),
            Event::Cleaning { eid, device, despite, servers, .. } => {
                if self.subscription.servers.is_empty() {
                    // A case that was opened without the card learns them now.
                    self.subscription.servers = servers.iter().map(|one| one.server.clone()).collect();
                }
                self.add_device(at, eid, device);
                self.turn(at, eid, DeviceState::Begun, despite.clone());
            }
            Event::NotCleaned { eid, why } => self.turn(at, eid, DeviceState::Open, Some(why.clone())),
            Event::Cleaned { eid, journal, letters, reports } => {
                let state = if *reports { DeviceState::Deleted } else { DeviceState::Done };
                self.turn(at, eid, state, None);
                if let Some(item) = self.item(eid) {
                    item.journal = *journal;
                    item.letters.clone_from(letters);
                }
            }
            Event::SeenAgain { eid, device, journal_before, outbox_before, .. } => {
                self.add_device(at, eid, device);
                self.turn(at, eid, DeviceState::Open, None);
                if let Some(item) = self.item(eid) {
                    *item = DeviceItem {
                        journal: None,
                        letters: Vec::new(),
                        settled: Vec::new(),
                        given_up: Vec::new(),
                        nameless: Vec::new(),
                        untold: Vec::new(),
                        journal_before: *journal_before,
                        outbox_before: *outbox_before,
                        ..item.clone()
                    };
                }
            }
            Event::DeviceCorrected { eid, reason } => self.turn(at, eid, DeviceState::Open, Some(reason.clone())),
            Event::Posted { eid, letters } => {
                if let Some(item) = self.item(eid) {
                    item.letters.extend(letters);
                }
            }
            Event::Accepted { eid, letter, .. } => self.settle_letter(at, eid, *letter, false),
            Event::GivenUp { eid, letter, tried, .. } => {
                if let Some(item) = self.item(eid).filter(|_| !tried) {
                    item.untold.push(*letter);
                }
                self.settle_letter(at, eid, *letter, true);
            }
            Event::Nameless { eid, letter, .. } => {
                if let Some(item) = self.item(eid) {
                    item.nameless.push(*letter);
                }
            }
            Event::FoundGone { eid, journal } => {
                self.turn(at, eid, DeviceState::Gone, None);
                if let Some(item) = self.item(eid) {
                    item.journal = *journal;
                }
            }
            Event::WrittenOff { eid, reason } => self.turn(at, eid, DeviceState::WrittenOff, Some(reason.clone())),
            _ => {}
        }
    }

    fn settle_letter(&mut self, at: &str, eid: &str, letter: i64, given_up: bool) {
        let Some(item) = self.item(eid) else { return };
        item.settled.push(letter);
        if given_up {
            item.given_up.push(letter);
        }
        if item.letters.iter().all(|letter| item.settled.contains(letter)) {
            let reported = item.given_up.is_empty();
            item.state = if reported { DeviceState::Done } else { DeviceState::Unreported };
            item.since = at.into();
        }
    }

    fn end(&mut self, at: &str, state: CaseState) {
        self.state = state;
        self.ended = Some(at.into());
    }

    /// A step stands anew: what was recorded of it before is in the events alone.
    fn settle(&mut self, at: &str, step: Step, state: StepState) -> &mut StepRecord {
        let place = self.steps.iter().position(|record| record.step == step).unwrap_or_default();
        let record = &mut self.steps[place];
        *record = StepRecord { state, at: Some(at.into()), ..StepRecord::blank(step) };
        record
    }

    fn add_device(&mut self, at: &str, eid: &str, device: &str) {
        if let Some(item) = self.item(eid) {
            item.device = device.into();
            return;
        }
        self.devices.push(DeviceItem {
            eid: eid.into(),
            device: device.into(),
            state: DeviceState::Open,
            journal: None,
            letters: Vec::new(),
            settled: Vec::new(),
            since: at.into(),
            why: None,
            given_up: Vec::new(),
            nameless: Vec::new(),
            untold: Vec::new(),
            journal_before: 0,
            outbox_before: 0,
            adopted: None,
        });
    }

    fn turn(&mut self, at: &str, eid: &str, state: DeviceState, why: Option<String>) {
        if let Some(item) = self.item(eid) {
            item.state = state;
            item.since = at.into();
            item.why = why;
        }
    }

    fn item(&mut self, eid: &str) -> Option<&mut DeviceItem> {
        self.devices.iter_mut().find(|item| item.eid == eid)
    }

    /// The step of the devices is as far as they are.
    fn settle_clean(&mut self, at: &str) {
        let known = !self.devices.is_empty() || !self.by_word.is_empty();
        let by_card = self.devices.iter().all(|item| item.state.is_settled());
        let settled = known && by_card && self.by_word.iter().all(DeviceByWord::is_settled);
        // Nobody has seen what became of the profile on a card or device that will not come back.
        let lost = self.devices.iter().any(|item| item.state == DeviceState::WrittenOff)
            || self.by_word.iter().any(|item| item.state == ByWordState::WrittenOff);
        let state = match (settled, lost) {
            (false, _) => StepState::Pending,
            (true, true) => StepState::Partly,
            (true, false) => StepState::Done,
        };
        if self.state_of(Step::Clean) != state {
            self.settle(at, Step::Clean, state);
        }
    }

    /// A backup can be taken as long as the profile is somewhere.
    fn settle_backup(&mut self, at: &str) {
        let within_reach = self.devices.is_empty() || self.is_within_reach();
        match (self.state_of(Step::Backup), within_reach) {
            (StepState::Pending, false) => drop(self.settle(at, Step::Backup, StepState::Missed)),
            (StepState::Missed, true) => drop(self.settle(at, Step::Backup, StepState::Pending)),
            _ => {}
        }
    }
}
