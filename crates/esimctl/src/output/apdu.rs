//! Raw answers.

use data_encoding::HEXUPPER;
use serde_json::{Value, json};
use sgp22::apdu::Response;

use super::Report;
use super::text::DIM;

pub(crate) struct ApduReport(pub(crate) Vec<Response>);

impl Report for ApduReport {
    fn data(&self) -> Value {
        let answers = self.0.iter().map(|answer| {
            json!({
                "data": HEXUPPER.encode(&answer.data),
                "status": answer.status.to_string(),
                "meaning": answer.status.meaning(),
            })
        });
        json!({ "answers": answers.collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        let line = |answer: &Response| {
            let data = HEXUPPER.encode(&answer.data);
            let space = if data.is_empty() { "" } else { " " };
            format!("{data}{space}{}  {DIM}{}{DIM:#}\n", answer.status, answer.status.meaning())
        };
        self.0.iter().map(line).collect()
    }
}

pub(crate) struct Es10Report(pub(crate) Vec<Vec<u8>>);

impl Report for Es10Report {
    fn data(&self) -> Value {
        let answers =
            self.0.iter().map(|answer| json!({ "data": HEXUPPER.encode(answer), "status": null, "meaning": null }));
        json!({ "answers": answers.collect::<Vec<_>>() })
    }

    fn text(&self) -> String {
        self.0.iter().map(|answer| format!("{}\n", HEXUPPER.encode(answer))).collect()
    }
}
