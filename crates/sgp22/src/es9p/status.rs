//! How a server says that it did not do what was asked (SGP.22 5.2.6, 6.5.1.4).

use serde_json::{Value, json};

/// A function that a server did not carry out. HTTP says 200 all the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionFailure {
    /// `Failed` or `Expired`, as the server wrote it.
    pub status: String,
    /// What is wrong; some servers do not say.
    pub code: Option<StatusCode>,
    /// What it is wrong with, in the server's words.
    pub identifier: Option<String>,
    /// More of the server's words.
    pub message: Option<String>,
}

/// Subject and reason: what something is wrong with, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusCode {
    /// As in `8.2.6`, the MatchingID.
    pub subject: String,
    /// As in `3.8`, refused.
    pub reason: String,
}

impl StatusCode {
    /// The code of this subject and reason.
    #[must_use]
    pub fn new(subject: &str, reason: &str) -> Self {
        Self { subject: subject.trim().into(), reason: reason.trim().into() }
    }

    /// What the subject is; `None` for one that the standard does not have.
    #[must_use]
    pub fn subject_name(&self) -> Option<&'static str> {
        find(SUBJECTS, &self.subject)
    }

    /// What the reason says; `None` for one that the standard does not have.
    #[must_use]
    pub fn reason_name(&self) -> Option<&'static str> {
        find(REASONS, &self.reason)
    }
}

impl std::fmt::Display for StatusCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.subject, self.reason)
    }
}

fn find(table: &[(&str, &'static str)], code: &str) -> Option<&'static str> {
    table.iter().find(|(known, _)| *known == code).map(|(_, name)| *name)
}

const SUBJECTS: &[(&str, &str)] = &[
    ("1", "generic"),
    ("1.1", "function requester"),
    ("1.2", "function provider"),
    ("1.6", "function"),
    ("8.1", "eUICC"),
    ("8.1.1", "EID"),
    ("8.1.2", "EUM certificate"),
    ("8.1.3", "eUICC certificate"),
    ("8.2", "profile"),
    ("8.2.1", "ICCID"),
    ("8.2.5", "profile type"),
    ("8.2.6", "MatchingID"),
    ("8.2.7", "confirmation code"),
    ("8.2.8", "profile policy rules"),
    ("8.2.9", "profile metadata"),
    ("8.2.10", "Bound Profile Package"),
    ("8.8", "SM-DP+"),
    ("8.8.1", "SM-DP+ address"),
    ("8.8.2", "security configuration of the SM-DP+"),
    ("8.8.3", "version of SGP.22"),
    ("8.8.4", "SM-DP+ certificate"),
    ("8.8.5", "download order"),
    ("8.9", "SM-DS"),
    ("8.9.1", "SM-DS address"),
    ("8.9.2", "security configuration of the SM-DS"),
    ("8.9.3", "version of SGP.22"),
    ("8.9.4", "SM-DS certificate"),
    ("8.9.5", "event record"),
    ("8.10.1", "transaction id"),
    ("8.11.1", "CI public key"),
];

const REASONS: &[(&str, &str)] = &[
    ("1.1", "unknown"),
    ("1.2", "not allowed"),
    ("2.1", "invalid"),
    ("2.2", "mandatory element missing"),
    ("2.3", "conditional element missing"),
    ("3.1", "unsupported"),
    ("3.3", "already in use"),
    ("3.5", "invalid transition"),
    ("3.7", "unavailable"),
    ("3.8", "refused"),
    ("3.9", "unknown"),
    ("3.10", "invalid association"),
    ("4.2", "execution error"),
    ("4.3", "stopped on warning"),
    ("4.4", "busy"),
    ("4.8", "insufficient memory"),
    ("4.10", "time to live expired"),
    ("5.1", "inaccessible"),
    ("5.3", "time to live expired"),
    ("5.4", "delivered with no response"),
    ("6.1", "verification failed"),
    ("6.3", "expired"),
    ("6.4", "maximum number of retries exceeded"),
];

impl ExecutionFailure {
    /// A failure with this code, as a server of ours tells it.
    #[must_use]
    pub fn failed(subject: &str, reason: &str, message: &str) -> Self {
        Self {
            status: "Failed".into(),
            code: Some(StatusCode::new(subject, reason)),
            identifier: None,
            message: (!message.is_empty()).then(|| message.into()),
        }
    }

    /// What a header says; `None` if the function was carried out.
    pub(crate) fn of_header(header: &Value) -> Option<Self> {
        let execution = &header["functionExecutionStatus"];
        let status = execution["status"].as_str()?;
        if matches!(status, "Executed-Success" | "Executed-WithWarning") {
            return None;
        }
        let data = &execution["statusCodeData"];
        let text = |field: &str| data[field].as_str().filter(|text| !text.is_empty()).map(shortened);
        let code = match (&data["subjectCode"], &data["reasonCode"]) {
            (Value::String(subject), Value::String(reason)) => {
                Some(StatusCode::new(&shortened(subject), &shortened(reason)))
            }
            _ => None,
        };
        Some(Self { status: shortened(status), code, identifier: text("subjectIdentifier"), message: text("message") })
    }

    /// The body of an answer that says so.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut execution = json!({ "status": self.status });
        if let Some(code) = &self.code {
            let mut data = json!({ "subjectCode": code.subject, "reasonCode": code.reason });
            for (field, text) in [("subjectIdentifier", &self.identifier), ("message", &self.message)] {
                if let Some(text) = text {
                    data[field] = text.as_str().into();
                }
            }
            execution["statusCodeData"] = data;
        }
        super::body::request(&json!({ "header": { "functionExecutionStatus": execution } }))
    }
}

/// A server's words are shown to people: a page of them is not.
fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

impl std::fmt::Display for ExecutionFailure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.status)?;
        if let Some(code) = &self.code {
            let name = |name: Option<&'static str>| name.unwrap_or("not in the standard");
            write!(f, " {code} ({}: {})", name(code.subject_name()), name(code.reason_name()))?;
        }
        for text in [&self.identifier, &self.message].into_iter().flatten() {
            write!(f, ", {text}")?;
        }
        Ok(())
    }
}
