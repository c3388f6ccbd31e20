//! Report to the user on how an activation code was given.

use code_reader::{Form, Reading};
use manager::error::Exit;
use manager::words;
use serde_json::{Value, json};
use sgp22::id::ActivationCodeWarning;

use crate::output::Report;

/// The place that the text came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Origin {
    Argument,
    StandardInput,
    File,
    Clipboard,
    Picture,
}

impl Origin {
    /// The name in JSON.
    const fn name(self) -> &'static str {
        match self {
            Self::Argument => "argument",
            Self::StandardInput => "standard_input",
            Self::File => "file",
            Self::Clipboard => "clipboard",
            Self::Picture => "picture",
        }
    }
}

/// The way in which a code was given, and its parts that could not be used. Keeps only the server of the code.
#[derive(Debug, Clone)]
pub(crate) struct GivenCode {
    origin: Origin,
    form: Form,
    server: String,
    warnings: Vec<ActivationCodeWarning>,
    names_confirmation_code: bool,
}

impl GivenCode {
    pub(crate) fn new(origin: Origin, reading: &Reading) -> Self {
        Self {
            origin,
            form: reading.form,
            server: reading.code.smdp.clone(),
            warnings: reading.code.warnings.clone(),
            names_confirmation_code: reading.names_confirmation_code,
        }
    }

    /// The line that says what was read, if it was not the code itself.
    pub(crate) fn line(&self) -> Option<String> {
        let key = match (self.form, self.origin) {
            (Form::Code, Origin::Picture) => "given-picture",
            (Form::Code, Origin::Clipboard) => "given-clipboard",
            (Form::Code, _) => return None,
            (Form::Link, _) => "given-link",
            (Form::Mail, _) => "given-mail",
            (Form::Text, _) => "given-text",
            (Form::Apart, _) => "given-apart",
        };
        Some(words::text(key, &[("server", self.server.as_str().into())]))
    }

    /// The parts that could not be used: name in JSON, and a line of text.
    pub(crate) fn warnings(&self) -> Vec<(&'static str, String)> {
        let warning = |warning: &ActivationCodeWarning| (warning.name(), words::translate(&warning.to_string()));
        let mut warnings: Vec<_> = self.warnings.iter().map(warning).collect();
        if self.names_confirmation_code {
            let text = "the text also names a confirmation code; give it when you are asked for it";
            warnings.push(("confirmation_code_in_text", words::translate(text)));
        }
        warnings
    }

    fn json(&self) -> Value {
        json!({ "from": self.origin.name(), "form": self.form.name() })
    }
}

/// A report on what was done with a code, which also says how the code was given.
pub(crate) struct GivenReport {
    pub(crate) report: Box<dyn Report>,
    pub(crate) given: GivenCode,
}

impl Report for GivenReport {
    fn data(&self) -> Value {
        let mut data = self.report.data();
        if let Some(members) = data.as_object_mut() {
            members.insert("given".into(), self.given.json());
            let warning = |(name, text)| json!({ "warning": name, "text": text });
            members.insert("warnings".into(), self.given.warnings().into_iter().map(warning).collect());
        }
        data
    }

    fn text(&self) -> String {
        self.report.text()
    }

    fn exit(&self) -> Exit {
        self.report.exit()
    }

    fn warnings(&self) -> Vec<String> {
        self.report.warnings()
    }
}
