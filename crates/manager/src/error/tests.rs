use super::catalogue::Entry;
use super::*;

#[test]
fn particulars_are_filled_in_once_and_braces_in_them_are_harmless() {
    let error = Error::new(Id::ProfileNotFound).with("profile", "{}{profile}{");
    assert_eq!(error.message(), "The card has no profile '{}{profile}{'.");
}

#[test]
fn an_error_is_told_in_chinese_with_its_particulars() {
    let error = Error::new(Id::ProfileNotFound).with("profile", "{}{ $profile }");
    assert_eq!(error.said_in(Language::Chinese, Part::Message), "卡上没有配置文件“{}{ $profile }”。");
    assert_eq!(error.said_in(Language::Chinese, Part::Next), "“esimctl list”会列出卡上有哪些。");
    let bare = Error::new(Id::ProfileNotFound);
    assert_eq!(bare.said_in(Language::Chinese, Part::Message), "卡上没有配置文件“”。");
}

#[test]
fn what_is_wrong_with_input_is_told_in_chinese() {
    for device in ["", "virtual:", "replay:", "at:", "qrtr:x", "pcsc,mss=1", "pcsc,se=x", "pcsc,timeout=0"] {
        let error = device.parse::<crate::device::DeviceSpec>().unwrap_err();
        let (english, chinese) = (error.particular("why"), error.said_in(Language::Chinese, Part::Message));
        assert!(!english.is_empty() && !chinese.contains(english), "{chinese}");
    }
    for code in ["", "x", "LPA:2$a.example$", "1$ $x", "1$a.example$ä", &"1".repeat(300)] {
        let why = code.parse::<sgp22::id::ActivationCode>().unwrap_err().to_string();
        let chinese = Error::new(Id::CodeInvalid).with("why", &why).said_in(Language::Chinese, Part::Message);
        assert!(!chinese.contains(&why), "{chinese}");
    }
    let imei = |text: &str| text.parse::<sgp22::id::Imei>().unwrap_err().why;
    let confirmation = |text: &str| text.parse::<sgp22::id::ConfirmationCode>().unwrap_err().why;
    let whys = [imei("1234"), imei("abc"), confirmation(""), confirmation(&"1".repeat(300))];
    for why in whys {
        assert_ne!(words::phrase(Language::Chinese, why), why);
    }
}

#[test]
fn what_goes_wrong_with_a_card_in_a_modem_is_told_of_a_modem() {
    use sgp22::transport::{TransportError, TransportErrorKind as Kind};
    for (kind, in_reader, in_modem) in [
        (Kind::DeviceGone, Id::ReaderGone, Id::ModemLeft),
        (Kind::Timeout, Id::CardTimeout, Id::ModemSilent),
        (Kind::Lost, Id::CardLost, Id::ModemLost),
        (Kind::ResetByOther, Id::CardResetByOther, Id::CardRestarted),
        (Kind::Garbage, Id::CardGarbage, Id::CardGarbage),
    ] {
        let source = TransportError::unsure(kind, "");
        let told = |source: TransportError| card_error(lpa::Error::Transport { function: "GetEID", source });
        assert_eq!(told(source.clone()).id, in_reader);
        let error = told(source.in_modem());
        assert_eq!(error.id, in_modem);
        let texts = [error.message(), error.next(), error.cause.clone()].concat();
        assert!(!texts.contains("reader") && !texts.contains("another program reset"), "{texts}");
    }
}

#[test]
fn every_state_has_a_sentence() {
    let sentence = |text: String| assert!(text.ends_with('.'), "{text}");
    for state in [State::Done, State::NotDone, State::Unknown, State::Unchanged] {
        sentence(Error::new(Id::CardLost).state(state).state_sentence());
        sentence(Error::new(Id::CardLost).state(state).aside("Oh.").state_sentence());
    }
    for code in [CodeState::Good, CodeState::ThisCard, CodeState::Spent, CodeState::Used, CodeState::Unknown] {
        sentence(code.sentence());
        sentence(code.sentence_on_order());
    }
}

#[test]
fn every_entry_reads_as_a_sentence() {
    for id in Id::ALL {
        let entry = id.entry();
        assert!(entry.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", entry.name);
        for template in [entry.message, entry.next] {
            assert_eq!(template.matches('{').count(), template.matches('}').count(), "{template}");
            assert!(!template.contains("{}"), "{template}: a particular without a name");
        }
        assert!(entry.message.ends_with(['.', '}']), "{}", entry.message);
    }
    let mut names: Vec<_> = Id::ALL.iter().map(|id| id.entry().name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), Id::ALL.len(), "every name is there once");
}

/// Errors of a server, or of the way to it, that end in another way than by [`Exit::Network`], and why.
const NOT_BY_NETWORK: [(Id, Exit); 2] = [
    // A deletion that is refused, since its server could not be told.
    (Id::ServerNotReached, Exit::Safety),
    // Somebody answers in the place of the server that the code names.
    (Id::OtherServer, Exit::Safety),
];

/// What the user has to do for a server to be reached or trusted.
const BY_NETWORK_FOR_THE_USER: [Id; 3] = [Id::ServerNotRunning, Id::SmdsNotRunning, Id::ServerNotYetValid];

/// Rules of an operator forbid it.
const BY_RULE: [Id; 5] =
    [Id::ProfileStays, Id::ProfileKept, Id::PolicyNotAlone, Id::PolicyNotAuthorised, Id::PolicyConsent];

#[test]
fn one_kind_of_error_has_one_exit_code() {
    for id in Id::ALL.iter().copied() {
        let Entry { name, layer, exit, .. } = *id.entry();
        let of_a_server = matches!(layer, Layer::Server | Layer::Network);
        let expected = match exit {
            _ if NOT_BY_NETWORK.contains(&(id, exit)) => of_a_server,
            _ if BY_RULE.contains(&id) => exit == Exit::Safety,
            Exit::Network => of_a_server || BY_NETWORK_FOR_THE_USER.contains(&id),
            Exit::Usage => layer == Layer::You,
            Exit::NotDone | Exit::NoDevice => !of_a_server,
            Exit::Safety => matches!(layer, Layer::You | Layer::Card),
            // Whatever is left open has this code by its state, see `Error::exit`.
            Exit::Unknown => id == Id::InstallUnknown,
            Exit::Done => false,
        };
        assert!(expected, "{name}: {layer:?} ends with {exit:?}");
        // What is wrong with the input is the user's to correct.
        let is_input = ["_invalid", "_syntax", "_ambiguous", "_unknown", "_several", "_missing"];
        if layer == Layer::You && is_input.iter().any(|end| name.ends_with(end)) {
            assert_eq!(exit, Exit::Usage, "{name}");
        }
    }
    let open = Error::new(Id::CardRemoved).state(State::Unknown);
    assert_eq!(open.exit(), Exit::Unknown, "whatever led to it");
}

#[test]
fn the_manual_has_the_table_of_exit_codes() {
    let manual = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    for exit in Exit::ALL {
        let row = format!("| {} | {} |", exit as u8, exit.meaning());
        assert!(manual.contains(&row), "README.md lacks {row}");
    }
}
