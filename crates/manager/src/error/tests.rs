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
