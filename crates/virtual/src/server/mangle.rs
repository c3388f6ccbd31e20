//! Behaviours that bend answers as a whole, whatever function they are of.

use serde_json::{Map, Value, json};

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
    *body = Value::Object(fields).to_string().into_bytes();
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
