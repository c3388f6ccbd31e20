//! How a server departs from a well-behaved one, for as long as it runs.

use crate::switch::{Chosen, SwitchError, switches};

/// What is to be known about a behaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BehaviourEntry {
    /// The name on the command line.
    pub name: &'static str,
    /// What may follow behind `=`, and what is taken if nothing does.
    pub parameter: Option<(&'static str, &'static str)>,
    /// What the server does.
    pub effect: &'static str,
}

impl BehaviourEntry {
    const fn of(name: &'static str, parameter: Option<(&'static str, &'static str)>, effect: &'static str) -> Self {
        Self { name, parameter, effect }
    }
}

switches! {
    /// A way to depart from a well-behaved server.
    pub enum Behaviour, called "behaviour", described by BehaviourEntry, checked by fits;
    Fail = "fail" ("FUNCTION:SUBJECT/REASON" = "any:8.8/4.2"), "refuses the function with this subject and reason, whatever is asked";
    Says = "says" ("TEXT" = "[expected=Released] [actual=Error_InstallFailed]"), "says this where it refuses a function as told by 'fail'";
    ExpiredStatus = "expired-status" ("FUNCTION" = "any"), "answers the function with the status Expired and no codes";
    NoReason = "no-reason" ("FUNCTION" = "any"), "refuses the function and does not say why";

    WrongAddress = "wrong-address", "signs another server's address in serverSigned1";
    WrongChallenge = "wrong-challenge", "signs another challenge than the card's";
    OtherTransactionId = "other-transaction-id" ("FUNCTION" = "authenticateClient"), "answers the function with another transaction id in JSON";
    SignedTransactionId = "signed-transaction-id" ("FUNCTION" = "authenticateClient"), "has another transaction id in what it signs for the function";
    BadServerSignature1 = "bad-server-signature1", "sends a wrong serverSignature1";
    BadSmdpSignature2 = "bad-smdp-signature2", "sends a wrong smdpSignature2";
    BadBppSignature = "bad-bpp-signature", "sends a package with a wrong smdpSign";
    UnknownCi = "unknown-ci", "wants the card to sign under an issuer that it does not know";
    AuthWrongRole = "auth-wrong-role", "authenticates itself with a certificate for binding packages";
    AuthForeignCi = "auth-foreign-ci", "authenticates itself with a certificate of another issuer";
    BindingWrongRole = "binding-wrong-role", "binds packages with a certificate for authentication";
    BindingForeignCi = "binding-foreign-ci", "binds packages with a certificate of another issuer";
    BindingOtherOid = "binding-other-oid", "binds packages as another server than it authenticates itself as";

    BareOffer = "bare-offer", "describes profiles by their ICCID and the servers to notify alone, in offer and package";
    OddOffer = "odd-offer", "describes profiles with an empty icon type, owner and name and odd policy rules, in offer and package";
    NoIccid = "no-iccid", "leaves the ICCID out of the description that it offers";
    MetadataChanged = "metadata-changed", "puts another profile name into the package than it offered";
    RulesChanged = "rules-changed", "puts other policy rules into the package than it offered";
    BppMissing = "bpp-missing" ("PART" = "metadata"), "leaves this part out of the package";
    BppEmpty = "bpp-empty" ("PART" = "elements"), "leaves this part of the package empty";
    BppExtra = "bpp-extra", "adds a part to the package that does not belong there";
    BppWrongMac = "bpp-wrong-mac" ("PART" = "elements"), "spoils the MAC of the last block in this part of the package";
    BppOperation = "bpp-operation", "makes the package one for another operation than installing";
    BppKeyType = "bpp-key-type", "asks for keys of an unknown kind in the package";
    BppTruncated = "bpp-truncated", "cuts the package in the middle";
    HeaderIccid = "header-iccid", "gives the profile another ICCID than its description has";
    NotAProfile = "not-a-profile", "puts something into the package that is no profile";
    RandomKeys = "random-keys", "protects the profile with keys of its own, and sends them along (ReplaceSessionKeys)";
    Rebind = "rebind", "binds the package anew on a retry with another key, instead of refusing (8.2/3.7)";
    ForgetsBinding = "forgets-binding", "does not tell the card on a retry which key the package is bound to";

    Html = "html" ("FUNCTION" = "any"), "answers the function with a web page";
    Http500 = "http-500" ("FUNCTION" = "any"), "answers the function with HTTP 500 and a web page";
    Http404 = "http-404" ("FUNCTION" = "any"), "answers the function with HTTP 404";
    NoContent = "no-content" ("FUNCTION" = "any"), "answers the function with HTTP 204 and no body";
    TruncatedJson = "truncated-json" ("FUNCTION" = "any"), "cuts the JSON of the function's answer in the middle";
    Huge = "huge" ("FUNCTION" = "any"), "answers the function with 100 MB of JSON";
    NotificationBody = "notification-body", "answers notifications with HTTP 200 and a body, instead of 204";
    Warning = "warning", "answers Executed-WithWarning where all is well";
    NoHeader = "no-header", "leaves the header out of its answers";
    NullFields = "null-fields", "adds fields that are null to its answers, also to refusals";
    UnknownKeys = "unknown-keys", "adds keys that no version defines to its answers";
    LowerCase = "lower-case", "writes transaction ids in lower case";
    BrokenBase64 = "broken-base64", "breaks base64 into lines";
    NewerVersion = "newer-version", "adds fields of version 3 to what it signs";
    ByteOrderMark = "byte-order-mark", "puts a byte order mark before its JSON";
    Pretty = "pretty", "writes its JSON over several lines";
    EscapedSlashes = "escaped-slashes", "escapes each slash in its JSON";
    UrlSafeBase64 = "url-safe-base64", "writes base64 in the alphabet for URLs";
    NoPadding = "no-padding", "leaves the padding of base64 out";
    LowerCaseStatus = "lower-case-status", "writes the status of functions in lower case";
    NoTransactionId = "no-transaction-id", "leaves the transaction id out of the JSON of later answers";
    NumericCodes = "numeric-codes", "writes subject and reason of refusals as numbers where they can be";
    SwappedCodes = "swapped-codes", "writes subject and reason of refusals in each other's place";
    NotificationText = "notification-text" ("TEXT" = "OK"), "answers notifications with HTTP 200 and this text, instead of 204";
    Gzip = "gzip", "compresses its answers unasked";
    Close = "close", "closes the connection after each answer";
    DropsConnection = "drops-connection", "closes the connection after each answer without having said so";

    TlsWrongHost = "tls-wrong-host", "has a TLS certificate for another host";
    TlsExpired = "tls-expired", "has a TLS certificate that is out of date";
    TlsNotYetValid = "tls-not-yet-valid", "has a TLS certificate that is valid from tomorrow on";
    TlsForeignCa = "tls-foreign-ca", "has a TLS certificate of another issuer";
    Tls12 = "tls-1.2", "does not know TLS 1.3";

    NoEventsError = "no-events-error", "answers 8.9.5/3.9 where no event waits, instead of an empty list (SM-DS)";
}

/// A behaviour as chosen, with its parameter.
pub type ChosenBehaviour = Chosen<Behaviour>;

/// What `FUNCTION` can be, besides `any`.
pub const FUNCTIONS: [&str; 5] =
    ["initiateAuthentication", "authenticateClient", "getBoundProfilePackage", "handleNotification", "cancelSession"];

/// What `PART` can be.
const PARTS: [&str; 4] = ["initialise", "configure", "metadata", "elements"];

fn is_function(text: &str) -> bool {
    text == "any" || FUNCTIONS.contains(&text)
}

/// Function, subject and reason of `FUNCTION:SUBJECT/REASON`.
fn split_failure(text: &str) -> Option<(&str, &str, &str)> {
    let (function, code) = text.split_once(':')?;
    let (subject, reason) = code.split_once('/')?;
    let dotted = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    (is_function(function) && dotted(subject) && dotted(reason)).then_some((function, subject, reason))
}

/// Whether a parameter of this kind can be that, and what is wanted.
fn fits(kind: &str, parameter: &str) -> (bool, &'static str) {
    match kind {
        "FUNCTION" => (
            is_function(parameter),
            "any, initiateAuthentication, authenticateClient, getBoundProfilePackage, handleNotification or \
             cancelSession",
        ),
        "TEXT" => (!parameter.is_empty(), "a text"),
        "PART" => (PARTS.contains(&parameter), "initialise, configure, metadata or elements"),
        _ => (split_failure(parameter).is_some(), "FUNCTION:SUBJECT/REASON, as in authenticateClient:8.2.6/3.8"),
    }
}

/// The behaviours of one server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Behaviours(Vec<ChosenBehaviour>);

impl Behaviours {
    /// These behaviours.
    #[must_use]
    pub fn of(chosen: Vec<ChosenBehaviour>) -> Self {
        Self(chosen)
    }

    /// Reads a list of `NAME` and `NAME=PARAMETER`.
    pub fn parse<S: AsRef<str>>(texts: &[S]) -> Result<Self, SwitchError> {
        texts.iter().map(|text| text.as_ref().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// True if the server has it.
    #[must_use]
    pub fn has(&self, behaviour: Behaviour) -> bool {
        self.0.iter().any(|chosen| chosen.which == behaviour)
    }

    /// True if the server has it and it is about this function or part.
    #[must_use]
    pub fn concerns(&self, behaviour: Behaviour, what: &str) -> bool {
        self.0.iter().any(|chosen| {
            let about = chosen.parameter.as_deref().unwrap_or_default();
            chosen.which == behaviour && (about == "any" || about == what)
        })
    }

    /// Subject and reason with which the function is refused.
    #[must_use]
    pub fn failure(&self, function: &str) -> Option<(&str, &str)> {
        self.0.iter().filter(|chosen| chosen.which == Behaviour::Fail).find_map(|chosen| {
            let (about, subject, reason) = split_failure(chosen.parameter.as_deref()?)?;
            (about == "any" || about == function).then_some((subject, reason))
        })
    }
}

impl Behaviours {
    /// The server's words where it refuses a function as it was told.
    #[must_use]
    pub fn words(&self) -> &str {
        self.parameter(Behaviour::Says).unwrap_or("refused because the test server was told to")
    }

    /// The parameter of a behaviour; `None` if the server does not have it.
    #[must_use]
    pub fn parameter(&self, behaviour: Behaviour) -> Option<&str> {
        let chosen = self.0.iter().find(|chosen| chosen.which == behaviour);
        chosen.and_then(|chosen| chosen.parameter.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_behaviour_is_read_as_it_is_written() {
        for behaviour in Behaviour::ALL {
            let chosen: ChosenBehaviour = behaviour.describe().name.parse().unwrap();
            assert_eq!(chosen.which, *behaviour);
            assert_eq!(chosen.to_string().parse::<ChosenBehaviour>().unwrap(), chosen);
        }
        for wrong in ["", "fails", "html=everything", "close=1", "fail=8.2.6/3.8", "fail=any:8.2.6", "bpp-empty=A3"] {
            assert!(wrong.parse::<ChosenBehaviour>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_parameter_says_which_function_is_meant() {
        let behaviours = Behaviours::parse(&["html=cancelSession", "fail=authenticateClient:8.2.6/3.8"]).unwrap();
        assert!(behaviours.concerns(Behaviour::Html, "cancelSession"));
        assert!(!behaviours.concerns(Behaviour::Html, "authenticateClient"));
        assert_eq!(behaviours.failure("authenticateClient"), Some(("8.2.6", "3.8")));
        assert_eq!(behaviours.failure("cancelSession"), None);
    }
}
