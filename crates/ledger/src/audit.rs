//! The rules for notifications.

use std::collections::BTreeSet;

use crate::books::{AttemptOutcome, Books, NotificationKey, QueuedNotification, RowState};
use crate::discrepancy::Discrepancy;

/// The faults of the bench, which explain records that a run without faults does not leave.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Answers of servers that never came to the program.
    pub lost_answers: u64,
    /// Processes that were killed.
    pub kills: u64,
    /// Requests that reached a server twice though they were sent once.
    pub duplicated_requests: u64,
    /// The notifications that the user has given up, by EID and number.
    pub given_up: BTreeSet<(String, u64)>,
}

impl Circumstances {
    /// The number of posts that may have brought no answer that was noted.
    #[must_use]
    pub const fn explained_posts(&self) -> u64 {
        self.lost_answers + self.kills + self.duplicated_requests
    }
}

impl Books {
    /// Compares cards, servers and outbox: for each notification that a card has signed, exactly one of accepted, waiting
    /// (in the outbox or on the card), given up by the user, without a server that could be told; and one post each, unless
    /// the answer to it was lost.
    #[must_use]
    pub fn audit_notifications(&self, circumstances: &Circumstances) -> Vec<Discrepancy> {
        let mut found = self.lost();
        found.extend(self.outbox.iter().flat_map(|row| self.audit_row(row, circumstances)));
        found.extend(self.queued_twice());
        found.extend(self.audit_posts());
        found.extend(self.posted_again(circumstances.explained_posts()));
        found
    }

    /// Like [`Books::audit_notifications`], at a moment when all was delivered and all changes were found out.
    #[must_use]
    pub fn audit_end(&self, circumstances: &Circumstances) -> Vec<Discrepancy> {
        let waits = |row: &&QueuedNotification| row.state == RowState::Waiting;
        let in_outbox = self.outbox.iter().filter(waits).map(|row| &row.key);
        // Those without a server stay where they are until the user gives them up.
        let on_cards = self.cards.values().flat_map(|card| &card.waiting).filter(|key| !self.is_nameless(key));
        let unsettled: BTreeSet<&NotificationKey> = in_outbox.chain(on_cards).collect();
        let mut found = self.audit_notifications(circumstances);
        found.extend(unsettled.into_iter().cloned().map(Discrepancy::Unsettled));
        found.extend(self.journal.iter().filter(|line| line.is_open()).map(|line| Discrepancy::OpenEntry(line.id)));
        found
    }

    fn is_queued(&self, key: &NotificationKey) -> bool {
        self.outbox.iter().any(|row| row.key == *key)
    }

    fn is_nameless(&self, key: &NotificationKey) -> bool {
        self.outbox.iter().any(|row| row.key == *key && row.state == RowState::Nameless)
    }

    fn lost(&self) -> Vec<Discrepancy> {
        let lost = self.signed().filter(|key| !self.is_on_a_card(key) && !self.is_queued(key));
        lost.cloned().map(Discrepancy::Lost).collect()
    }

    fn audit_row(&self, row: &QueuedNotification, circumstances: &Circumstances) -> Vec<Discrepancy> {
        let key = &row.key;
        let posted = self.times_posted(key);
        let is_on_card = self.is_on_a_card(key);
        let given_up = circumstances.given_up.contains(&(key.eid.clone(), key.seq));
        let attempts = posts_on_record(row);
        let is_unsettled = matches!(row.state, RowState::Waiting | RowState::Nameless);
        let accepted = row.trail.iter().position(|outcome| *outcome == Some(AttemptOutcome::Accepted));
        let rules = [
            (!self.signed().any(|signed| signed == key), Discrepancy::NotSigned(key.clone())),
            (row.state == RowState::Delivered && posted == 0, Discrepancy::NotReceived(key.clone())),
            (row.state == RowState::Dropped && !given_up, Discrepancy::DroppedUnasked(key.clone())),
            (is_unsettled && !is_on_card && !given_up, Discrepancy::RemovedEarly(key.clone())),
            (!row.names_server && posted > 0, Discrepancy::PostedNameless(key.clone())),
            (is_on_card && !row.is_on_card, Discrepancy::StillOnCard(key.clone())),
            (
                posted > attempts + circumstances.duplicated_requests,
                Discrepancy::PostedBeyondTrail { key: key.clone(), times: posted, attempts },
            ),
            ((row.state == RowState::Delivered) != accepted.is_some(), Discrepancy::OtherThanTrail(key.clone())),
            (accepted.is_some_and(|index| index + 1 < row.trail.len()), Discrepancy::TriedAfterAcceptance(key.clone())),
        ];
        rules.into_iter().filter_map(|(is_broken, discrepancy)| is_broken.then_some(discrepancy)).collect()
    }

    fn queued_twice(&self) -> Vec<Discrepancy> {
        let mut seen = BTreeSet::new();
        let again = self.outbox.iter().filter(|row| !seen.insert(&row.key));
        again.map(|row| Discrepancy::QueuedTwice(row.key.clone())).collect()
    }

    /// Everything that came to a server was signed by a card, and on record before it was sent.
    fn audit_posts(&self) -> Vec<Discrepancy> {
        let mut found = Vec::new();
        for posted in &self.posted {
            match self.signed().find(|key| key.sha256 == posted.sha256) {
                Some(key) if !self.is_queued(key) => found.push(Discrepancy::PostedUnrecorded(key.clone())),
                Some(_) if posted.is_genuine => {}
                _ => found.push(Discrepancy::Forged { server: posted.server.clone(), seq: posted.seq }),
            }
        }
        found
    }

    /// A post counts as unnoted unless it is the one after which its row was settled as delivered.
    fn posted_again(&self, explained: u64) -> Option<Discrepancy> {
        let unnoted = |row: &QueuedNotification| {
            let noted = u64::from(row.state == RowState::Delivered);
            (row.key.clone(), self.times_posted(&row.key).saturating_sub(noted))
        };
        let keys: Vec<(NotificationKey, u64)> =
            self.outbox.iter().map(unnoted).filter(|(_, posts)| *posts > 0).collect();
        let posts: u64 = keys.iter().map(|(_, posts)| posts).sum();
        (posts > explained).then_some(Discrepancy::PostedAgain { keys, explained })
    }
}

/// The attempts after which a server can have the notification.
fn posts_on_record(row: &QueuedNotification) -> u64 {
    row.trail.iter().filter(|outcome| **outcome != Some(AttemptOutcome::Unreached)).count() as u64
}
