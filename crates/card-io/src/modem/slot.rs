//! Switches of a modem to another slot, told to whoever has to undo them.

use std::sync::Arc;

/// A change of the slot that a modem uses. Slots are numbered from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotSwitch {
    /// The slot that was in use before.
    pub from: u8,
    /// The slot that was asked for.
    pub to: u8,
}

/// A step of a change of slots.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotEvent {
    /// The modem is about to be told to switch.
    Switching(SlotSwitch),
    /// The modem has refused: it uses the slot that it used before.
    Refused,
    /// The card in the new slot could not be reached, and the modem was switched back.
    Restored,
    /// Like [`SlotEvent::Restored`], but the modem could not be switched back, for this reason.
    NotRestored(String),
}

/// Hears of the switches that a driver makes, before each is made.
#[derive(Clone, Default)]
pub struct SlotObserver(Option<Arc<dyn Fn(SlotEvent) + Send + Sync>>);

impl SlotObserver {
    /// An observer that calls `hear`.
    pub fn new(hear: impl Fn(SlotEvent) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(hear)))
    }

    pub(crate) fn tell(&self, event: SlotEvent) {
        if let Some(hear) = &self.0 {
            hear(event);
        }
    }
}

impl std::fmt::Debug for SlotObserver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("SlotObserver").field(&self.0.is_some()).finish()
    }
}

impl PartialEq for SlotObserver {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            _ => false,
        }
    }
}

impl Eq for SlotObserver {}
