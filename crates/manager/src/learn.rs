//! Finding out how a device wants to be treated, by reads that harm nobody, and remembering it.
//!
//! What is tried is opening and closing channels, SELECT, GetEID, and a search for a profile that nobody has, in blocks of
//! several sizes. Nothing on the card changes, and no modem is switched to another slot than the one that is named.

use card_io::modem::{ApduForm, ClassByte, KnownQuirk, Learnt, ModemAddress};
use sgp22::id::{Aid, Eid};
use sgp22::transport::Identity;

use crate::Manager;
use crate::database::Database;
use crate::device::{self, BLOCK_FACT, DeviceKind, DeviceSpec, ISDR_FACT, Meeting, SLOT_FACT};
use crate::error::{Error, Id, Layer};
use crate::session::Session;

/// The block sizes that are tried, in bytes, the smallest first: a modem may hang at one that is too long.
const BLOCKS: [u8; 4] = [60, 120, 180, 255];

/// What was tried, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trial {
    /// What was tried.
    pub what: String,
    /// It works.
    pub works: bool,
    /// What was found, or why it does not.
    pub detail: String,
}

/// What was learnt about a device.
#[derive(Debug, Clone)]
pub struct Lesson {
    /// The device by its full name.
    pub device: String,
    /// Who the modem is, if there is one that tells.
    pub identity: Option<Identity>,
    /// The quirks that its kind is known to have.
    pub quirks: Vec<&'static KnownQuirk>,
    /// All that was tried.
    pub trials: Vec<Trial>,
    /// What is remembered from now on: names and values; nothing if nothing worked.
    pub remembered: Vec<(&'static str, String)>,
}

/// A way to treat the device that may be the right one.
struct Way {
    what: &'static str,
    learnt: Learnt,
}

/// What is there if it is treated so.
struct Found {
    eid: Eid,
    isdr: Aid,
    meeting: Meeting,
}

impl Manager {
    /// Tries how the device wants to be treated, and remembers it. Switches that are due to be undone are undone first.
    pub fn learn(&self) -> Result<Lesson, Error> {
        self.roll_back_first();
        let spec = self.device()?;
        let mut lesson = Lesson {
            device: device::full_name(&spec)?,
            identity: None,
            quirks: Vec::new(),
            trials: Vec::new(),
            remembered: Vec::new(),
        };
        let mut chosen = None;
        for way in ways(&spec.kind) {
            match self.try_way(&spec, &way) {
                Ok(found) => {
                    lesson.trials.push(Trial {
                        what: way.what.into(),
                        works: true,
                        detail: format!("EID {}", found.eid),
                    });
                    chosen.get_or_insert((way, found));
                }
                Err(error) if is_final(&error) => return Err(error),
                Err(error) => {
                    let detail = format!("{} {}", error.message(), error.cause).trim().to_owned();
                    lesson.trials.push(Trial { what: way.what.into(), works: false, detail });
                }
            }
        }
        if let Some((way, found)) = chosen {
            self.study(&spec, &way, found, &mut lesson)?;
        }
        Ok(lesson)
    }

    /// Forgets all that is remembered about the device; gives how much that was.
    pub fn forget(&self) -> Result<(String, usize), Error> {
        let spec = self.device()?;
        let device = device::full_name(&spec)?;
        let mut forgotten = 0;
        if let Some(database) = Database::open_existing(self.paths())? {
            for key in device::fact_keys(self, &spec.kind, &device) {
                forgotten += database.forget(&key)?;
            }
        }
        Ok((device, forgotten))
    }

    fn try_way(&self, spec: &DeviceSpec, way: &Way) -> Result<Found, Error> {
        let mut session = self.session_by(spec, way)?;
        let meeting = session.meeting();
        let mut card = session.card()?;
        Ok(Found { eid: card.eid()?, isdr: card.application().clone(), meeting })
    }

    fn session_by(&self, spec: &DeviceSpec, way: &Way) -> Result<Session<'_>, Error> {
        let mut spec = spec.clone();
        spec.options.learnt = Some(way.learnt.clone());
        self.session_at(spec)
    }

    /// Tries blocks, the right way, and remembers everything.
    fn study(&self, spec: &DeviceSpec, way: &Way, found: Found, lesson: &mut Lesson) -> Result<(), Error> {
        let Found { isdr, meeting, .. } = found;
        lesson.trials.push(Trial { what: "ISD-R".into(), works: true, detail: isdr.to_string() });
        let block = {
            let mut session = self.session_by(spec, way)?;
            let mut card = session.card()?;
            let mut longest = None;
            for size in BLOCKS {
                let works = card.takes_block(size);
                let detail = works.as_ref().err().map_or_else(String::new, |error| error.cause.clone());
                let works = works.unwrap_or(false);
                lesson.trials.push(Trial { what: format!("blocks of {size} bytes"), works, detail });
                if !works {
                    break;
                }
                longest = Some(size);
            }
            longest
        };
        let Meeting { key, identity, quirks } = meeting;
        (lesson.identity, lesson.quirks) = (identity, quirks);
        let Some(key) = key else { return Ok(()) };
        // What this card does not need, the next one may.
        let needed = way.learnt.terminal_capability.filter(|needed| *needed);
        // That the class byte may name the channel is what is tried at first anyhow.
        let channel_in_class = way.learnt.channel_in_class.filter(|named| !named);
        let learnt = Learnt { terminal_capability: needed, channel_in_class, ..way.learnt.clone() };
        let mut facts = learnt.facts();
        facts.push((ISDR_FACT, isdr.to_string()));
        facts.extend(spec.options.slot.map(|slot| (SLOT_FACT, slot.to_string())));
        facts.extend(block.map(|block| (BLOCK_FACT, block.to_string())));
        let database = Database::open(self.paths())?;
        for (name, value) in &facts {
            database.learn(&key, name, value)?;
        }
        lesson.remembered = facts;
        Ok(())
    }
}

/// True for what no other way would mend.
fn is_final(error: &Error) -> bool {
    error.layer() == Layer::You || matches!(error.id, Id::DeviceLocked | Id::Interrupted | Id::PortNotFound)
}

fn ways(kind: &DeviceKind) -> Vec<Way> {
    let by = |what, learnt| Way { what, learnt };
    let cgla = |named| Learnt { apdu_form: Some(ApduForm::Cgla), channel_in_class: Some(named), ..Learnt::default() };
    let csim = Learnt { apdu_form: Some(ApduForm::Csim), ..Learnt::default() };
    let mbim = |class, p2, capability| Learnt {
        class_byte: Some(class),
        select_p2: Some(p2),
        terminal_capability: Some(capability),
        ..Learnt::default()
    };
    match kind {
        DeviceKind::Modem(ModemAddress::At(_)) => {
            vec![
                by("AT+CCHO and AT+CGLA", cgla(true)),
                by("AT+CCHO and AT+CGLA, no channel in the class byte", cgla(false)),
                by("AT+CSIM", csim),
            ]
        }
        DeviceKind::Modem(ModemAddress::Mbim(_)) => vec![
            by("class byte as it is, P2 00", mbim(ClassByte::ByCommand, 0x00, false)),
            by("extended class byte, P2 0C", mbim(ClassByte::Extended, 0x0C, false)),
            by("TERMINAL CAPABILITY before", mbim(ClassByte::ByCommand, 0x00, true)),
            by("extended class byte, P2 0C, TERMINAL CAPABILITY before", mbim(ClassByte::Extended, 0x0C, true)),
        ],
        _ => vec![by("a channel to the ISD-R", Learnt::default())],
    }
}
