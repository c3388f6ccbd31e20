//! What the events of a case come to.

use super::case::{Case, CaseState, DeviceItem, DeviceState, Step, StepRecord, StepState, Subscription};
use super::event::Event;
use super::facts::Facts;

impl Case {
    /// A case about which nothing has happened.
    pub(crate) fn new(id: i64, created: &str) -> Self {
        let blank = |step: &Step| StepRecord {
            step: *step,
            state: StepState::Pending,
            at: None,
            facts: Facts::default(),
            reason: None,
            evidence: Vec::new(),
        };
        Self {
            id,
            created: created.into(),
            state: CaseState::Open,
            subscription: Subscription::default(),
            number: None,
            steps: Step::ALL.iter().map(blank).collect(),
            devices: Vec::new(),
            journal_before: 0,
            ended: None,
        }
    }

    /// Takes an event in.
    pub(crate) fn apply(&mut self, at: &str, event: &Event) {
        match event {
            Event::Started { subscription, devices, journal_before } => {
                self.subscription = subscription.clone();
                self.journal_before = *journal_before;
                devices.iter().for_each(|(eid, device)| self.add_device(at, eid, device));
            }
            Event::Recorded { step, facts, evidence } => {
                self.number = facts.number.clone().or(self.number.take());
                let record = self.settle(at, *step, StepState::Done);
                record.facts = facts.clone();
                record.evidence.clone_from(evidence);
            }
            Event::Skipped { step, reason } => {
                self.settle(at, *step, StepState::Skipped).reason = Some(reason.clone());
            }
            Event::NotApplicable { step, reason } => {
                self.settle(at, *step, StepState::NotApplicable).reason = Some(reason.clone());
            }
            Event::BackedUp { files, number, sim, .. } => {
                self.number = number.clone().or(self.number.take());
                // Without the SIM the step is not done, only begun.
                let state = if *sim { StepState::Done } else { self.state_of(Step::Backup) };
                self.settle(at, Step::Backup, state).evidence.clone_from(files);
            }
            Event::Cancelled { .. } => self.end(at, CaseState::Cancelled),
            Event::Completed => self.end(at, CaseState::Completed),
            Event::Reopened { .. } => {
                self.state = CaseState::Open;
                self.ended = None;
            }
            Event::Traces { .. } => {}
            _ => self.apply_to_device(at, event),
        }
        self.settle_clean(at);
    }

    fn apply_to_device(&mut self, at: &str, event: &Event) {
        match event {
            Event::DeviceAdded { eid, device } => self.add_device(at, eid, device),
            Event::Cleaning { eid, device, despite, .. } => {
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
            Event::Posted { eid, letters } => {
                if let Some(item) = self.item(eid) {
                    item.letters.extend(letters);
                }
            }
            Event::Accepted { eid, letter, .. } | Event::GivenUp { eid, letter, .. } => {
                if let Some(item) = self.item(eid) {
                    item.settled.push(*letter);
                    if item.letters.iter().all(|letter| item.settled.contains(letter)) {
                        item.state = DeviceState::Done;
                        item.since = at.into();
                    }
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

    fn end(&mut self, at: &str, state: CaseState) {
        self.state = state;
        self.ended = Some(at.into());
    }

    /// A step stands anew: what was recorded of it before is in the events alone.
    fn settle(&mut self, at: &str, step: Step, state: StepState) -> &mut StepRecord {
        let place = self.steps.iter().position(|record| record.step == step).unwrap_or_default();
        let record = &mut self.steps[place];
        *record = StepRecord {
            step,
            state,
            at: Some(at.into()),
            facts: Facts::default(),
            reason: None,
            evidence: Vec::new(),
        };
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
        let done = !self.devices.is_empty() && self.devices.iter().all(|item| item.state.is_settled());
        let state = if done { StepState::Done } else { StepState::Pending };
        if self.state_of(Step::Clean) != state {
            self.settle(at, Step::Clean, state);
        }
    }
}
