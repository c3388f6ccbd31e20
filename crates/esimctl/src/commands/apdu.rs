//! Raw commands, for engineers.

use data_encoding::HEXUPPER_PERMISSIVE;
use manager::Error;
use manager::error::Id;
use sgp22::apdu::Command;

use crate::app::App;
use crate::output::{ApduReport, Es10Report, Report};

pub(super) fn run(app: &App, commands: &[String], isdr: bool) -> Result<Box<dyn Report>, Error> {
    let commands = commands.iter().map(|text| parse(text, isdr)).collect::<Result<Vec<_>, _>>()?;
    let mut session = app.manager.session()?;
    if isdr {
        let mut card = session.card()?;
        let answers = commands.iter().map(|command| card.es10(command)).collect::<Result<Vec<_>, _>>()?;
        return Ok(Box::new(Es10Report(answers)));
    }
    match session.apdus(&commands) {
        Ok(answers) => Ok(Box::new(ApduReport(answers))),
        Err((answers, error)) => {
            // What came before is not lost on whoever watches.
            tell!("{}", ApduReport(answers).text());
            Err(error)
        }
    }
}

fn parse(text: &str, isdr: bool) -> Result<Vec<u8>, Error> {
    // Whoever mistypes a PIN does not want to read it in an error.
    let error = |why: &str| Error::new(Id::ApduSyntax).with("text", shortened(text)).with("why", why);
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = HEXUPPER_PERMISSIVE
        .decode(compact.as_bytes())
        .map_err(|_| error("it is not an even number of hexadecimal digits"))?;
    if isdr {
        let tlv = sgp22::tlv::Reader::new("command", &bytes).next();
        return match tlv {
            Some(Ok(tlv)) if tlv.raw.len() == bytes.len() => Ok(bytes),
            _ => Err(error("with --isdr it has to be one whole TLV")),
        };
    }
    Command::parse(&bytes).map_err(|why| error(&why.to_string()))?;
    Ok(bytes)
}

fn shortened(text: &str) -> String {
    let head: String = text.chars().take(8).collect();
    if head.len() < text.len() { format!("{head}…") } else { head }
}
