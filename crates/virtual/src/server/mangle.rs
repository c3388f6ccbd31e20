//! Behaviours that bend answers as a whole, whatever function they are of.

use std::io::Read;

use flate2::Compression;
use flate2::read::GzEncoder;
use serde_json::{Map, Value, json};
use sgp22::es9p::{HandleNotification, InitiateAuthentication, ServerFunction};

use super::{AfterAnswer, Behaviour, Behaviours, HttpAnswer, refused};

/// What is appended to an answer that is to be huge, in bytes.
const HUGE: u64 = 100_000_000;
/// Characters in a line of base64 that is broken.
const LINE: usize = 76;

/// The answer of a function that is not even tried.
pub(crate) fn early(behaviours: &Behaviours, function: &str) -> Option<HttpAnswer> {
    let concerns = |behaviour| behaviours.concerns(behaviour, function);
    if let Some((subject, reason)) = behaviours.failure(function) {
        return Some(HttpAnswer::refusal(&refused(subject, reason, behaviours.words())));
    }
    let status = |status: &str| {
        let body = json!({ "header": { "functionExecutionStatus": { "status": status } } });
        Some(HttpAnswer::json(body.to_string().into_bytes()))
    };
    if concerns(Behaviour::ExpiredStatus) {
        return status("Expired");
    }
    if concerns(Behaviour::NoReason) {
        return status("Failed");
    }
    if concerns(Behaviour::Http500) {
        return Some(HttpAnswer::html(500, "Internal Server Error"));
    }
    concerns(Behaviour::Http404).then(|| HttpAnswer::html(404, "Not Found"))
}

/// Bends the answer of a function that was carried out.
pub(crate) fn late(behaviours: &Behaviours, function: &str, mut answer: HttpAnswer) -> HttpAnswer {
    let concerns = |behaviour| behaviours.concerns(behaviour, function);
    if answer.status == 204 && behaviours.has(Behaviour::NotificationBody) {
        answer =
            HttpAnswer::json(b"{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}}}".to_vec());
    }
    if answer.status == 200 {
        bend_json(behaviours, function, &mut answer.body);
    }
    if function == HandleNotification::ENDPOINT
        && matches!(answer.status, 200 | 204)
        && let Some(text) = behaviours.parameter(Behaviour::NotificationText)
    {
        answer = HttpAnswer::text(200, text);
    }
    if concerns(Behaviour::Html) {
        answer = HttpAnswer::html(200, "Welcome");
    }
    if concerns(Behaviour::NoContent) {
        answer = HttpAnswer::no_content();
    }
    if concerns(Behaviour::TruncatedJson) {
        answer.body.truncate(answer.body.len() / 2);
    }
    if concerns(Behaviour::Huge) {
        answer = HttpAnswer::json(
            b"{\"header\":{\"functionExecutionStatus\":{\"status\":\"Executed-Success\"}},\"filler\":\"".to_vec(),
        );
        answer.padding = HUGE;
    }
    if behaviours.has(Behaviour::Gzip) && !answer.body.is_empty() && answer.padding == 0 {
        answer.body = compressed(&answer.body);
        answer.coding = Some("gzip");
    }
    answer.connection = if behaviours.has(Behaviour::DropsConnection) {
        AfterAnswer::Drop
    } else if behaviours.has(Behaviour::Close) {
        AfterAnswer::Close
    } else {
        AfterAnswer::Keep
    };
    answer
}

fn bend_json(behaviours: &Behaviours, function: &str, body: &mut Vec<u8>) {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice(body) else { return };
    let has = |behaviour| behaviours.has(behaviour);
    if behaviours.concerns(Behaviour::OtherTransactionId, function) && fields.contains_key("transactionId") {
        fields["transactionId"] = "FFEEDDCCBBAA99887766554433221100".into();
    }
    if has(Behaviour::Warning) && fields["header"]["functionExecutionStatus"]["status"] == "Executed-Success" {
        fields["header"]["functionExecutionStatus"]["status"] = "Executed-WithWarning".into();
    }
    if has(Behaviour::NoHeader) {
        fields.remove("header");
    }
    if has(Behaviour::LowerCase)
        && let Some(Value::String(id)) = fields.get_mut("transactionId")
    {
        *id = id.to_lowercase();
    }
    if has(Behaviour::BrokenBase64) {
        fields.values_mut().for_each(break_lines);
    }
    if has(Behaviour::NullFields) {
        add_nulls(&mut fields);
    }
    if has(Behaviour::UnknownKeys) {
        fields.insert("vendorExtension".into(), json!({ "answer": 42, "list": [null, true] }));
    }
    if has(Behaviour::NoTransactionId) && function != InitiateAuthentication::ENDPOINT {
        fields.remove("transactionId");
    }
    bend_status(behaviours, &mut fields);
    for text in fields.values_mut() {
        if let Value::String(text) = text {
            bend_base64(behaviours, text);
        }
    }
    *body = write_json(behaviours, &Value::Object(fields)).into_bytes();
}

fn bend_status(behaviours: &Behaviours, fields: &mut Map<String, Value>) {
    let Some(execution) = fields.get_mut("header").and_then(|header| header.get_mut("functionExecutionStatus")) else {
        return;
    };
    if behaviours.has(Behaviour::LowerCaseStatus)
        && let Some(Value::String(status)) = execution.get_mut("status")
    {
        *status = status.to_lowercase();
    }
    let Some(Value::Object(data)) = execution.get_mut("statusCodeData") else { return };
    if behaviours.has(Behaviour::NumericCodes) {
        for (_, code) in data.iter_mut().filter(|(name, _)| name.ends_with("Code")) {
            if let Some(number) = code.as_str().and_then(|text| text.parse::<f64>().ok()) {
                *code = number.into();
            }
        }
    }
    if behaviours.has(Behaviour::SwappedCodes) {
        let (subject, reason) = (data["subjectCode"].take(), data["reasonCode"].take());
        (data["subjectCode"], data["reasonCode"]) = (reason, subject);
    }
}

fn bend_base64(behaviours: &Behaviours, text: &mut String) {
    if behaviours.has(Behaviour::UrlSafeBase64) {
        *text = text.replace('+', "-").replace('/', "_");
    }
    if behaviours.has(Behaviour::NoPadding) {
        text.truncate(text.trim_end_matches('=').len());
    }
}

/// The JSON of a body, as a server with these behaviours writes it.
fn write_json(behaviours: &Behaviours, value: &Value) -> String {
    let mut text = if behaviours.has(Behaviour::Pretty) { format!("{value:#}\n") } else { value.to_string() };
    if behaviours.has(Behaviour::EscapedSlashes) {
        text = text.replace('/', "\\/");
    }
    if behaviours.has(Behaviour::ByteOrderMark) {
        text.insert(0, '\u{FEFF}');
    }
    text
}

fn compressed(body: &[u8]) -> Vec<u8> {
    let mut compressed = Vec::new();
    let read = GzEncoder::new(body, Compression::fast()).read_to_end(&mut compressed);
    read.map_or_else(|_| body.to_vec(), |_| compressed)
}

fn break_lines(value: &mut Value) {
    if let Value::String(text) = value
        && text.len() > LINE
    {
        let lines: Vec<&str> = (0..text.len()).step_by(LINE).map(|at| &text[at..text.len().min(at + LINE)]).collect();
        *text = lines.join("\r\n");
    }
}

/// What version 3 adds, and what a refusal lacks, as null.
fn add_nulls(fields: &mut Map<String, Value>) {
    const NULL: [&str; 6] =
        ["transactionId", "profileMetadata", "boundProfilePackage", "otherCertsInChain", "crlList", "eventEntries"];
    for field in NULL {
        fields.entry(field).or_insert(Value::Null);
    }
}
