//! What the modem makes of a switch.
//!
//! The card is the one to say which profile is enabled; a modem that uses the card may go on with another one until its
//! card is powered off and on. Here the modem is asked until it sees what the card says, helped once, and reported on.

use std::time::{Duration, Instant};

use sgp22::id::Iccid;
use sgp22::transport::{CardSight, Delivery, Sight, Terminal, TransportError, TransportErrorKind};

use crate::Interrupt;
use crate::download::{Step, Watch};

/// What the modem is to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// This profile.
    Profile(Iccid),
    /// A card without an enabled profile.
    NoProfile,
}

/// How long a modem is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Waits {
    /// For it to notice by itself.
    pub notice: Duration,
    /// For one that uses its card and names no profile to name one.
    pub naming: Duration,
    /// For it to come back, or to start its card anew.
    pub settle: Duration,
    /// Between two questions.
    pub pause: Duration,
}

impl Waits {
    /// These with so long for a modem to come back.
    #[must_use]
    pub fn with_settle(settle: Duration) -> Self {
        let notice = Duration::from_secs(15).min(settle / 2);
        Self { notice, naming: NAMING_TIMEOUT.min(notice), settle, pause: Duration::from_secs(1).min(settle / 4) }
    }
}

/// The time limit for asking a modem for the profile's name: most modems cannot give it, then or later.
const NAMING_TIMEOUT: Duration = Duration::from_secs(5);

/// What came of asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The modem sees what the card says.
    Agrees,
    /// It does not say which profile it uses.
    DoesNotSay,
    /// It sees something else.
    Disagrees,
    /// It does not answer, or has not come back.
    Away,
    /// The user did not want to wait.
    Unawaited,
}

/// How a modem got on with a switch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemReport {
    /// What came of asking.
    pub view: View,
    /// Its card was powered off and on for it.
    pub power_cycled: bool,
    /// It was gone meanwhile.
    pub was_away: bool,
    /// What it said last.
    pub sight: Option<Sight>,
    /// What went wrong last, if something did.
    pub trouble: Option<TransportError>,
}

/// Whether a network has the modem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// It has.
    Registered,
    /// It has not.
    Not,
    /// The modem never said.
    DoesNotSay,
    /// The user did not want to wait.
    Unawaited,
}

/// Who looks on while a modem is waited for.
pub struct Onlooker<'o> {
    /// Whether the user wants to stop.
    pub interrupt: &'o dyn Interrupt,
    /// Who is told what is waited for.
    pub watch: &'o mut dyn Watch,
}

impl std::fmt::Debug for Onlooker<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Onlooker")
    }
}

/// Waits for the modem to see what the card says, and powers its card off and on once if it does not by itself.
pub fn agree(
    terminal: &mut dyn Terminal,
    expected: &Expected,
    waits: &Waits,
    onlooker: &mut Onlooker<'_>,
) -> ModemReport {
    let mut vigil = Vigil { terminal, expected, seen: None, trouble: None, was_away: false, onlooker };
    vigil.onlooker.watch.step(Step::AwaitingModem);
    let mut last = vigil.wait(waits, Instant::now() + waits.notice);
    let mut power_cycled = false;
    if matches!(last, Judged::Differs | Judged::Waiting) {
        log::info!("the modem does not notice the switch: its card is powered off and on");
        vigil.onlooker.watch.step(Step::PowerCycling);
        power_cycled = vigil.power_cycle();
        if power_cycled {
            last = vigil.wait(waits, Instant::now() + waits.settle);
        }
    }
    let view = match last {
        Judged::Agrees => View::Agrees,
        Judged::Mute => View::DoesNotSay,
        Judged::Differs | Judged::Waiting => View::Disagrees,
        Judged::Away => View::Away,
        Judged::Stopped => View::Unawaited,
    };
    ModemReport { view, power_cycled, was_away: vigil.was_away, sight: vigil.seen, trouble: vigil.trouble }
}

/// Waits until a network has the modem with the profile that it is to use, but not longer than until `deadline`.
pub fn registers(
    terminal: &mut dyn Terminal,
    expected: &Expected,
    pause: Duration,
    deadline: Instant,
    onlooker: &mut Onlooker<'_>,
) -> Registration {
    onlooker.watch.step(Step::AwaitingNetwork);
    let mut result = Registration::DoesNotSay;
    loop {
        // A modem that restarts says nothing for a while; the deadline is what counts.
        if let Ok(sight) = terminal.sight() {
            let other = matches!(judge(expected, &sight), Judged::Differs | Judged::Waiting);
            match sight.registered {
                Some(true) if !other => return Registration::Registered,
                Some(_) => result = Registration::Not,
                None if other => result = Registration::Not,
                None => {}
            }
        }
        if !rest(pause, deadline, onlooker.interrupt) {
            return if onlooker.interrupt.requested() { Registration::Unawaited } else { result };
        }
    }
}

/// What a sight says about the switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Judged {
    Agrees,
    Differs,
    /// The modem uses the card and does not name the profile.
    Mute,
    /// The card is being started.
    Waiting,
    Away,
    Stopped,
}

fn judge(expected: &Expected, sight: &Sight) -> Judged {
    use CardSight as Card;
    match (expected, sight.card, &sight.iccid) {
        (_, Card::Starting, _) => Judged::Waiting,
        (Expected::Profile(wanted), _, Some(seen)) if wanted == seen => Judged::Agrees,
        (_, _, Some(_)) => Judged::Differs,
        (_, Card::Usable | Card::NotActivated | Card::Locked | Card::PukRequired | Card::DeviceLocked, None) => {
            Judged::Mute
        }
        (Expected::Profile(_), Card::NoProfile | Card::Absent | Card::Failed, None) => Judged::Differs,
        // Without a profile, modems say that there is no card, or that it has failed: all of it is the same here.
        (Expected::NoProfile, Card::NoProfile | Card::Absent | Card::Failed, None) => Judged::Agrees,
    }
}

struct Vigil<'v, 'o> {
    terminal: &'v mut dyn Terminal,
    expected: &'v Expected,
    seen: Option<Sight>,
    trouble: Option<TransportError>,
    was_away: bool,
    onlooker: &'v mut Onlooker<'o>,
}

/// True if a modem does not power its card off: then there is nothing to wait for. One that has left may come back.
fn is_refusal(error: &TransportError) -> bool {
    error.delivery == Delivery::NotSent && error.kind != TransportErrorKind::DeviceGone
}

impl Vigil<'_, '_> {
    /// Has the card powered off and on; false if the modem refuses that.
    fn power_cycle(&mut self) -> bool {
        let Err(error) = self.terminal.power_cycle() else { return true };
        log::info!("powering the card off and on: {error}");
        let is_refused = is_refusal(&error);
        self.trouble = Some(error);
        !is_refused
    }

    /// Asks until the modem agrees, or until the deadline; one that is away or starts its card gets the time for that.
    fn wait(&mut self, waits: &Waits, deadline: Instant) -> Judged {
        let start = Instant::now();
        let latest = deadline.max(start + waits.settle);
        loop {
            let judged = self.look();
            if judged == Judged::Agrees {
                return judged;
            }
            let until = match judged {
                Judged::Away | Judged::Waiting => latest,
                Judged::Mute => deadline.min(start + waits.naming),
                _ => deadline,
            };
            if !rest(waits.pause, until, self.onlooker.interrupt) {
                return if self.onlooker.interrupt.requested() { Judged::Stopped } else { judged };
            }
        }
    }

    fn look(&mut self) -> Judged {
        match self.terminal.sight() {
            Ok(sight) => {
                let judged = judge(self.expected, &sight);
                log::debug!("the modem sees {sight:?}");
                self.seen = Some(sight);
                judged
            }
            Err(error) => {
                log::info!("the modem does not answer: {error}");
                self.trouble = Some(error);
                self.was_away = true;
                Judged::Away
            }
        }
    }
}

/// Waits a little; false if the time is over, or the user wants to stop.
fn rest(pause: Duration, deadline: Instant, interrupt: &dyn Interrupt) -> bool {
    /// A wait is no longer deaf to the user than this.
    const GLANCE: Duration = Duration::from_millis(50);
    let end = (Instant::now() + pause).min(deadline);
    while Instant::now() < end {
        if interrupt.requested() {
            return false;
        }
        std::thread::sleep(GLANCE.min(end.saturating_duration_since(Instant::now())));
    }
    Instant::now() < deadline && !interrupt.requested()
}
