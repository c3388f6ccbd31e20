//! What each deviation makes of the four commands.

use manager::virtual_modems::ModemQuirk as Q;

use crate::carrier::Carrier;
use crate::trial::Step;

/// How the commands end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Each does what it is for.
    Works,
    /// Each ends with this error.
    Fails(&'static str),
    /// One ends with this error, and the others work.
    FailsAt(Step, &'static str),
    /// Each works or ends with one of these errors: it depends on when the trouble comes.
    May(&'static [&'static str]),
}

use Expected::{Fails, FailsAt, May, Works};

impl Expected {
    /// Whether this command may end with this error; empty stands for none.
    pub fn has(self, step: Step, id: &str) -> bool {
        match self {
            Works => id.is_empty(),
            Fails(always) => id == always,
            FailsAt(at, once) => id == if step == at { once } else { "" },
            May(ids) => id.is_empty() || ids.contains(&id),
        }
    }
}

/// The parameters that are tried of a deviation that strikes once; none stands for the usual one. The first command for a
/// card is when it is looked for, the tenth in the middle of a switch, the twentieth in a download.
pub fn parameters(quirk: Q) -> &'static [Option<&'static str>] {
    match quirk {
        Q::LateAnswer | Q::HalfAnswer | Q::SilentFrom | Q::VanishesBefore | Q::VanishesAfter => {
            &[None, Some("10"), Some("20")]
        }
        Q::LoadUnanswered => &[None, Some("serves")],
        // It takes half a minute to give such a modem up.
        Q::Unplugged => &[Some("10")],
        _ => &[None],
    }
}

/// One command fails, and whoever comes next finds a modem that serves.
const LOST_ONCE: Expected = May(&["modem_silent", "modem_left", "modem_lost", "card_garbage", "card_restarted"]);

pub fn expected(carrier: Carrier, quirk: Q) -> Expected {
    let by_csim = carrier == Carrier::AtCsim;
    match quirk {
        // --- nothing passes, and the user is told why ---
        Q::Dead => Fails("modem_dead"),
        Q::Garbage => Fails("not_a_modem"),
        Q::NoEuicc => Fails("not_an_euicc"),
        Q::SelectFails => Fails("modem_select_failed"),
        Q::OpenFails => Fails("modem_opens_no_channel"),
        Q::OpenRefused => Fails("modem_denies"),
        Q::NoUicc => Fails("modem_carries_nothing"),
        Q::NoCsim if by_csim => Fails("modem_carries_nothing"),
        Q::CsimBasicOnly | Q::NoChannels if by_csim => Fails("modem_opens_no_channel"),
        Q::NoChannels => Fails("modem_opens_no_channel"),
        Q::NoClientIds => Fails("modem_client_ids"),
        Q::DisorderedFragments => Fails("modem_failed"),
        // The row of quirks of this name helps, which the USB id brings, or ,quirk=NAME.
        Q::SelectP2 => Fails("not_an_euicc"),
        // --- some commands are too much for it ---
        Q::LastBlockError if !by_csim => FailsAt(Step::Download, "modem_lost"),
        // It helps to ask for small blocks.
        Q::LineLimit => FailsAt(Step::Download, "card_status"),
        Q::LongBlocksFail => May(&["modem_lost"]),
        // The answer to a switch is lost, and the card is asked.
        Q::ProcedureBytes => May(&["modem_lost", "modem_silent"]),
        Q::LongAnswers => May(&["modem_lost", "card_refused"]),
        // --- the third APDU is in the way of the switch ---
        Q::Endless => FailsAt(Step::Enable, "modem_silent"),
        Q::HalfFrame | Q::HugeFrame | Q::Noise => FailsAt(Step::Enable, "card_garbage"),
        // --- once, or from then on ---
        Q::EndlessUrcs | Q::EndlessLine => May(&["not_a_modem", "card_garbage"]),
        Q::LateAnswer | Q::HalfAnswer | Q::VanishesBefore | Q::VanishesAfter => LOST_ONCE,
        Q::CommandRefused => May(&["modem_refuses", "modem_denies"]),
        Q::SilentFrom => May(&["modem_silent", "modem_dead"]),
        Q::LoadUnanswered => May(&["install_unknown", "modem_silent", "modem_dead"]),
        Q::Unplugged => May(&["modem_left", "port_not_found"]),
        // --- it is lived with ---
        Q::IgnoresSwitch | Q::NeverRegisters | Q::FetchesAnswers | Q::Latency | Q::Reenumerates => Works,
        Q::SimBusy | Q::PinLocked | Q::SlowSlot | Q::Chatty | Q::ForeignAnswers => Works,
        Q::ExtendedClass | Q::NeedsLe | Q::MappingHangs | Q::NoMapping | Q::StaleChannels => Works,
        Q::WantsCapability | Q::Returns61xx | Q::SlotIds | Q::StatusZero | Q::NoReset | Q::NeedsClose => Works,
        Q::MappingRefused | Q::InterindustryRefused | Q::EmptyWithoutLe | Q::SwitchRefused | Q::FewChannels => Works,
        Q::BusyOnce | Q::Subscriber | Q::Fragments | Q::CarriesQmi => Works,
        Q::BareSession | Q::LongSession | Q::NoTestForms | Q::CchoParameters | Q::NoCchc | Q::CchcLine => Works,
        Q::LastBlockError | Q::OnlyCsim | Q::NoCsim | Q::CsimBasicOnly | Q::LeftoverSession => Works,
        Q::CchoNeedsProfile | Q::NeedsCfun | Q::NoCfun | Q::LowerHexRefused | Q::ErrorWords => Works,
        Q::NoChannelInClass | Q::ClassAsSent | Q::Returns91xx | Q::NoBlank | Q::IccidCommand => Works,
        Q::EmptyEuicc | Q::NamesEid | Q::CardStateWords | Q::NotReady | Q::CchcError => Works,
        Q::PlainErrors | Q::NumericResults | Q::EchoReturns | Q::NewlinesOnly | Q::Urcs => Works,
        Q::NoSlotStatus | Q::LogicalSlots | Q::OldOpen | Q::LeakedChannels | Q::PowersDown => Works,
        Q::ForgetsClients | Q::CutFrames | Q::JoinedFrames | Q::StartsInSlot | Q::NoSlots | Q::Identity => Works,
    }
}
