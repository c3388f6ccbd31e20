//! Cards behind modems that speak AT (3GPP TS 27.007).
//!
//! `line` has the port: commands out, answers in. `card` makes a bare card of it, by one of two ways that are found out
//! by trying: `+CCHO` and `+CGLA`, where the modem keeps the channels (`sessions`), or `+CSIM`, where they are ours.
//! `exchange` carries APDUs by either, `class_byte` decides whether the class byte names the channel. `terminal` asks the
//! modem how it gets on with its card. `place` finds a port again.

mod card;
mod class_byte;
mod exchange;
mod line;
mod place;
mod sessions;
mod terminal;

use std::path::Path;

use modem_wire::at::CardState;
use sgp22::transport::{Identity, RawCard, Terminal, TransportError};

use crate::modem::{ApduForm, LinkError, LinkErrorKind, ModemOptions};
use card::{AtCard, Form};
use line::{Line, told};

/// STATUS without data (ETSI TS 102 221 11.1.2): asks nothing and changes nothing.
const STATUS: [u8; 5] = [0x80, 0xF2, 0x00, 0x0C, 0x00];

/// Reaches the card behind the modem at this port.
pub(crate) fn open(path: &Path, options: &ModemOptions, form: ApduForm) -> Result<Box<dyn RawCard + Send>, LinkError> {
    if options.slot.is_some() {
        return Err(LinkError::new(
            LinkErrorKind::NoSlot,
            "AT has no common command for slots: the one in use is taken",
        ));
    }
    let line = Line::open(path, options.timeouts.connect)?;
    let mut card = AtCard::new(line, options);
    match form {
        ApduForm::Cgla => {}
        ApduForm::Csim => check_csim(&mut card)?,
        ApduForm::Probe => probe(&mut card)?,
    }
    Ok(Box::new(card))
}

/// Asks the modem at this port who it is, and leaves its card alone; `None` if it does not say.
pub(crate) fn identify(path: &Path, options: &ModemOptions) -> Result<Option<Identity>, LinkError> {
    let line = Line::open(path, options.timeouts.connect)?;
    let said = AtCard::new(line, options).identity();
    Ok(said.map_err(|error| log::info!("it does not say who it is: {error}")).ok())
}

fn check_csim(card: &mut AtCard) -> Result<(), LinkError> {
    card.set_form(Form::Csim);
    if card.takes_csim().map_err(|error| told(&error))? {
        return Ok(());
    }
    Err(no_card(card)?.unwrap_or_else(|| LinkError::new(LinkErrorKind::NoApdus, "AT+CSIM is refused")))
}

/// Finds out by which commands APDUs travel, by using them: test forms (`=?`) say nothing on many modems.
fn probe(card: &mut AtCard) -> Result<(), LinkError> {
    let told = |error: TransportError| told(&error);
    let Err(refusal) = card.try_isdr().map_err(told)? else { return Ok(()) };
    if refusal.is_no_card()
        && let Some(error) = no_card(card)?
    {
        return Err(error);
    }
    // Either the card is no eUICC, or has another AID, or the modem does not do it: with AT+CSIM the card itself tells.
    log::info!("AT+CCHO is refused ({refusal}): trying AT+CSIM");
    if card.takes_csim().map_err(told)? {
        card.ccho_refusal = Some(refusal.to_string());
        card.set_form(Form::Csim);
        return Ok(());
    }
    let state = card.card_state().map_err(told)?;
    if state == CardState::NotInserted {
        return Err(LinkError::new(LinkErrorKind::NoCard, refusal));
    }
    // Where the state of the card explains the refusal, that is told when a channel is wanted.
    let reasoned = refusal.code().is_some_and(|code| code != 4);
    let explained = !matches!(state, CardState::Ready | CardState::Unknown | CardState::Refused);
    if reasoned || explained || card.knows("AT+CCHO=?").map_err(told)? {
        return Ok(());
    }
    Err(LinkError::new(LinkErrorKind::NoApdus, format!("AT+CCHO: {refusal}; AT+CSIM is refused as well")))
}

/// The error that there is no card, if the modem says so.
fn no_card(card: &mut AtCard) -> Result<Option<LinkError>, LinkError> {
    let state = card.card_state().map_err(|error| told(&error))?;
    Ok((state == CardState::NotInserted).then(|| LinkError::new(LinkErrorKind::NoCard, "the modem finds none")))
}
