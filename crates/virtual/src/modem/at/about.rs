//! Reports of the modem on its card: state, ICCID, EIDs.

use modem_wire::at::{IccidCommand, Operation, Wish};
use sgp22::id::Iccid;
use sgp22::transport::CardSight;

use super::AtVoice;
use super::commands::{Failed, NO_SIM, SIM_BUSY, SIM_FAILURE, Told};
use crate::modem::quirk::ModemQuirk;

/// The commands for the ICCID that a modem without quirks knows.
const DEFAULT_ICCID_COMMANDS: [&str; 3] = ["AT+CCID", "AT+QCCID", "AT+ICCID"];

impl AtVoice {
    pub(super) fn sight(&self) -> CardSight {
        self.modem.sight(self.modem.active_slot())
    }

    /// `AT+CPIN?`.
    pub(super) fn pin(&mut self) -> Told {
        let word = |text: &str| Ok(vec![format!("+CPIN: {text}")]);
        if let Some(words) = self.modem.quirks().parameter(ModemQuirk::CardStateWords) {
            return word(words);
        }
        if self.sessions.take_not_ready() {
            return word("NOT READY");
        }
        match self.sight() {
            CardSight::Absent => Err(NO_SIM.into()),
            CardSight::Usable if self.has(ModemQuirk::PinLocked) => word("SIM PIN"),
            CardSight::Usable => word("READY"),
            CardSight::NoProfile if self.has(ModemQuirk::EmptyEuicc) => word("EMPTY_EUICC"),
            CardSight::Starting if self.has(ModemQuirk::EmptyEuicc) => Err(SIM_BUSY.into()),
            _ => Err(SIM_FAILURE.into()),
        }
    }

    /// The command for the ICCID that this is.
    pub(super) fn iccid_command(wish: &Wish) -> Option<IccidCommand> {
        let text = match wish.operation {
            Operation::Run(None) => format!("AT{}", wish.name),
            Operation::Read => format!("AT{}?", wish.name),
            Operation::Set(_) if wish.name == "+CRSM" => {
                return IccidCommand::all().find(|one| one.text().starts_with("AT+CRSM"));
            }
            _ => return None,
        };
        IccidCommand::from_text(&text)
    }

    /// The answer to a command for the ICCID, in the form of those who know it.
    pub(super) fn iccid(&self, wish: &Wish, command: IccidCommand) -> Told {
        let quirks = self.modem.quirks();
        let is_known = match quirks.parameter(ModemQuirk::IccidCommand) {
            None => DEFAULT_ICCID_COMMANDS.contains(&command.text()) || wish.name == "+CRSM",
            Some("silent") => return Err(Failed::Silent),
            Some(_) => quirks.only_iccid_command() == Some(command),
        };
        if !is_known {
            return Err(modem_wire::at::Failure::Plain.into());
        }
        let none = || match self.sight() {
            CardSight::Absent => NO_SIM,
            CardSight::NoProfile if self.has(ModemQuirk::EmptyEuicc) => NO_SIM,
            CardSight::Starting if self.has(ModemQuirk::EmptyEuicc) => SIM_BUSY,
            _ => SIM_FAILURE,
        };
        if wish.name == "+CRSM" {
            return self.read_iccid(wish);
        }
        let iccid = self.modem.iccid().ok_or_else(none)?;
        Ok(vec![self.iccid_line(iccid, command)])
    }

    fn iccid_line(&self, iccid: &Iccid, command: IccidCommand) -> String {
        let digits = iccid.digits();
        let padded = format!("{digits}{}", if digits.len().is_multiple_of(2) { "" } else { "F" });
        match command.text() {
            "AT+CCID?" => format!("+CCID: \"{digits}\""),
            "AT+CICCID" => format!("+ICCID: {digits}"),
            "AT#CCID" => format!("#CCID: {digits}"),
            "AT^ICCID?" => format!("^ICCID: {}", contents(iccid)),
            "AT!ICCID?" => format!("!ICCID: {digits}"),
            "AT+SQNCCID?" => {
                let eid = self.modem.eid(self.modem.active_slot());
                format!("+SQNCCID: \"{digits}\",\"{}\"", eid.map(|eid| eid.to_string()).unwrap_or_default())
            }
            "AT+MCCID" => digits,
            text => format!("{}: {padded}", &text[2..]),
        }
    }

    /// `AT+CRSM=176,12258,0,0,10`: READ BINARY of EF.ICCID, from the card and not from the modem's memory.
    fn read_iccid(&self, wish: &Wish) -> Told {
        let Operation::Set(arguments) = &wish.operation else { return Err(SIM_FAILURE.into()) };
        let asked: Vec<&str> = arguments.iter().map(|argument| &argument.text[..]).collect();
        let line = match self.modem.enabled_iccid() {
            _ if asked != ["176", "12258", "0", "0", "10"] => "+CRSM: 106,130".into(),
            Some(iccid) => format!("+CRSM: 144,0,\"{}\"", contents(&iccid)),
            None => return Err(SIM_FAILURE.into()),
        };
        Ok(vec![line])
    }

    /// `AT+EID?` and `AT+ESLOTSINFO?`.
    pub(super) fn eids(&self, name: &str) -> Told {
        let eid = self.modem.named_eid(self.modem.active_slot()).ok_or(NO_SIM)?;
        Ok(vec![match name {
            "+EID" => format!("+EID: \"{eid}\""),
            _ => format!("+ESLOTSINFO: 1,1,\"\",\"{eid}\",\"\""),
        }])
    }
}

/// The contents of EF.ICCID, in hexadecimal.
fn contents(iccid: &Iccid) -> String {
    data_encoding::HEXUPPER.encode(iccid.as_bytes())
}
