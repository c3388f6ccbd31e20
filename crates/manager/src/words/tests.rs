use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::parser::parse;

use super::*;
use crate::error::{Id, particulars};

/// The files that each language has.
const PAIRS: [(&str, &str, &str); 6] = [
    ("devices.ftl", include_str!("../../locales/en/devices.ftl"), include_str!("../../locales/zh-CN/devices.ftl")),
    ("errors.ftl", include_str!("../../locales/en/errors.ftl"), include_str!("../../locales/zh-CN/errors.ftl")),
    ("proof.ftl", include_str!("../../locales/en/proof.ftl"), include_str!("../../locales/zh-CN/proof.ftl")),
    ("retire.ftl", include_str!("../../locales/en/retire.ftl"), include_str!("../../locales/zh-CN/retire.ftl")),
    ("rollback.ftl", include_str!("../../locales/en/rollback.ftl"), include_str!("../../locales/zh-CN/rollback.ftl")),
    (
        "retire_devices.ftl",
        include_str!("../../locales/en/retire_devices.ftl"),
        include_str!("../../locales/zh-CN/retire_devices.ftl"),
    ),
];

const CATALOGUE: &str = include_str!("../../locales/zh-CN/catalogue.ftl");

type Variables = BTreeSet<String>;

/// Each text of a file by its key, and the variables in it. Whatever is wrong with the file fails the test.
fn texts(source: &str) -> BTreeMap<String, Variables> {
    let resource = parse(source).unwrap_or_else(|(_, problems)| panic!("{problems:?}"));
    let mut texts = BTreeMap::new();
    let mut add = |key: String, pattern: &Pattern<&str>| {
        let mut variables = Variables::new();
        of_pattern(pattern, &mut variables);
        assert!(texts.insert(key.clone(), variables).is_none(), "{key} is there twice");
    };
    for entry in &resource.body {
        match entry {
            Entry::Message(message) => {
                let id = message.id.name;
                if let Some(pattern) = &message.value {
                    add(id.to_owned(), pattern);
                }
                for attribute in &message.attributes {
                    add(format!("{id}.{}", attribute.id.name), &attribute.value);
                }
            }
            Entry::Junk { content } => panic!("cannot be read: {content}"),
            _ => {}
        }
    }
    texts
}

fn of_pattern(pattern: &Pattern<&str>, variables: &mut Variables) {
    for element in &pattern.elements {
        if let PatternElement::Placeable { expression } = element {
            of_expression(expression, variables);
        }
    }
}

fn of_expression(expression: &Expression<&str>, variables: &mut Variables) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, variables),
        Expression::Select { selector, variants } => {
            of_inline(selector, variables);
            variants.iter().for_each(|variant| of_pattern(&variant.value, variables));
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, variables: &mut Variables) {
    let mut call = |arguments: &CallArguments<&str>| {
        arguments.positional.iter().for_each(|argument| of_inline(argument, variables));
    };
    match inline {
        InlineExpression::VariableReference { id } => drop(variables.insert(id.name.to_owned())),
        InlineExpression::FunctionReference { arguments, .. } => call(arguments),
        InlineExpression::TermReference { arguments: Some(arguments), .. } => call(arguments),
        InlineExpression::Placeable { expression } => of_expression(expression, variables),
        _ => {}
    }
}

#[test]
fn each_text_is_there_in_both_languages_with_the_same_variables() {
    for (file, english, chinese) in PAIRS {
        let (english, chinese) = (texts(english), texts(chinese));
        let missing: Vec<_> = english.keys().filter(|key| !chinese.contains_key(*key)).collect();
        assert!(missing.is_empty(), "{file}: not there in Chinese: {missing:?}");
        let left: Vec<_> = chinese.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(left.is_empty(), "{file}: not there in English: {left:?}");
        for (key, variables) in english {
            assert_eq!(variables, chinese[&key], "{file}: the variables of {key}");
        }
    }
}

#[test]
fn each_text_can_be_formatted_with_words_and_with_numbers() {
    for (language, sources) in [(Language::English, ENGLISH), (Language::Chinese, CHINESE)] {
        for (key, variables) in sources.iter().flat_map(|source| texts(source)) {
            for value in [Value::from("A"), Value::from(0), Value::from(1), Value::from(7)] {
                let arguments: FluentArgs<'_> = variables.iter().map(|name| (name.as_str(), value.clone())).collect();
                let (id, attribute) = key.split_once('.').map_or((&*key, None), |(id, name)| (id, Some(name)));
                let message = bundle(language).get_message(id).unwrap();
                let pattern = match attribute {
                    Some(attribute) => message.get_attribute(attribute).unwrap().value(),
                    None => message.value().unwrap(),
                };
                let mut problems = Vec::new();
                let text = bundle(language).format_pattern(pattern, Some(&arguments), &mut problems);
                assert!(problems.is_empty(), "{key} in {}: {problems:?}", language.tag());
                assert!(!text.is_empty(), "{key} in {} is empty", language.tag());
            }
        }
    }
}

/// The particulars of an entry.
fn names(template: &str) -> Variables {
    particulars(template).map(str::to_owned).collect()
}

#[test]
fn the_whole_catalogue_of_errors_is_there_in_chinese() {
    let mut chinese = texts(CATALOGUE);
    let mut missing = Vec::new();
    for id in Id::ALL {
        let entry = id.entry();
        let key = entry.name.replace('_', "-");
        for (key, english) in [(format!("{key}.next"), entry.next), (key, entry.message)] {
            match chinese.remove(&key) {
                Some(variables) => assert_eq!(variables, names(english), "the particulars of {key}"),
                None => missing.push(key),
            }
        }
    }
    assert!(missing.is_empty(), "locales/zh-CN/catalogue.ftl lacks {missing:?}");
    assert!(chinese.is_empty(), "no such error in the catalogue: {:?}", chinese.keys());
}

/// What each code of such a type means.
macro_rules! meanings {
    ($($type:ty),* $(,)?) => {
        [$( (-1..=255).map(|code| <$type>::from_code(code).meaning()).collect::<Vec<_>>(), )*].concat()
    };
}

#[test]
fn what_cards_and_servers_answer_is_there_in_chinese() {
    use sgp22::{es9p::StatusCode, es10a, es10b, es10c};
    let mut phrases = meanings!(
        es10a::SetDefaultDpAddressResult,
        es10b::AuthenticateServerError,
        es10b::PrepareDownloadError,
        es10b::ListNotificationError,
        es10b::RemoveNotificationResult,
        es10b::RetrieveNotificationsError,
        es10b::BppCommand,
        es10b::BppErrorReason,
        es10b::CancelSessionReason,
        es10b::CancelSessionError,
        es10c::ProfilesInfoError,
        es10c::EnableProfileResult,
        es10c::DisableProfileResult,
        es10c::DeleteProfileResult,
        es10c::MemoryResetResult,
        es10c::SetNicknameResult,
    );
    phrases.extend((0..=u16::MAX).map(|word| sgp22::apdu::StatusWord(word).meaning()));
    let numbers = (1..=9).flat_map(|a| (0..=11).flat_map(move |b| (0..=11).map(move |c| (a, b, c))));
    for (a, b, c) in numbers {
        for number in [format!("{a}"), format!("{a}.{b}"), format!("{a}.{b}.{c}")] {
            let code = StatusCode::new(&number, &number);
            phrases.extend([code.subject_name(), code.reason_name()].into_iter().flatten());
        }
    }
    phrases.extend(sgp22::id::ServerAddressError::ALL.map(sgp22::id::ServerAddressError::meaning));
    phrases.sort_unstable();
    phrases.dedup();
    assert!(phrases.len() > 120, "{}", phrases.len());
    let there = |phrase: &&str| found(Language::Chinese, &phrase_key(phrase), &[]).is_some();
    let missing: Vec<_> = phrases.iter().filter(|phrase| !there(phrase)).collect();
    assert!(missing.is_empty(), "locales/zh-CN/phrases.ftl lacks {missing:?}");
}

#[test]
fn no_file_writes_over_a_text_of_another() {
    for sources in [ENGLISH, CHINESE] {
        let mut seen = BTreeSet::new();
        for key in sources.iter().flat_map(|source| texts(source).into_keys()) {
            assert!(seen.insert(key.clone()), "{key} is there twice");
        }
    }
}

#[test]
fn a_locale_says_which_language() {
    for locale in ["zh_CN.UTF-8", "zh", "zh_TW", "zh-Hans-CN", "ZH_cn", "zh@pinyin"] {
        assert_eq!(Language::of_locale(locale), Language::Chinese, "{locale}");
    }
    for locale in ["", "C", "C.UTF-8", "POSIX", "en_GB.UTF-8", "de_DE", "zha_CN", "xyzh"] {
        assert_eq!(Language::of_locale(locale), Language::English, "{locale}");
    }
}

/// Texts that are parts of a sentence or of a line, though they hold a full stop.
const FRAGMENTS: [&str; 2] = ["proof-not-revoked", "retire-word-written-off"];

/// The words of a text, with `{}` for what is filled in; one for each variant.
fn wordings(pattern: &Pattern<&str>) -> Vec<String> {
    let mut all = vec![String::new()];
    for element in &pattern.elements {
        let pieces = match element {
            PatternElement::TextElement { value } => vec![(*value).to_owned()],
            PatternElement::Placeable { expression } => match expression {
                Expression::Select { variants, .. } => variants.iter().flat_map(|one| wordings(&one.value)).collect(),
                Expression::Inline(InlineExpression::StringLiteral { value }) => vec![(*value).to_owned()],
                Expression::Inline(_) => vec!["{}".to_owned()],
            },
        };
        all = all.iter().flat_map(|start| pieces.iter().map(move |piece| format!("{start}{piece}"))).collect();
    }
    all
}

/// Each text of a file by its key, in words.
fn worded(source: &str) -> Vec<(String, String)> {
    let resource = parse(source).unwrap_or_else(|(_, problems)| panic!("{problems:?}"));
    let messages = resource.body.iter().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        _ => None,
    });
    let patterns = messages.flat_map(|message| {
        let id = message.id.name;
        let attributes = message.attributes.iter().map(move |one| (format!("{id}.{}", one.id.name), &one.value));
        message.value.iter().map(move |value| (id.to_owned(), value)).chain(attributes)
    });
    patterns.flat_map(|(key, pattern)| wordings(pattern).into_iter().map(move |text| (key.clone(), text))).collect()
}

/// True for what begins as a sentence does: with a capital letter, what is filled in, a number, a quotation, a Chinese
/// character, or a name that is written small.
fn begins_well(text: &str) -> bool {
    let is_name = ["esimctl", "eSIM", "eUICC", "root", "--"].iter().any(|name| text.starts_with(name));
    is_name || text.starts_with(|c: char| !c.is_ascii_lowercase())
}

/// True for what ends as a sentence does, or with what is filled in, or with a command or list after a colon.
fn ends_well(text: &str) -> bool {
    let text = text.trim_end_matches(['"', '\'', ')', '”', '）']);
    text.ends_with(['.', '?', '!', '…', ':', ']', '}', '。', '？', '！', '：']) || text.contains([':', '：'])
}

#[test]
fn sentences_begin_with_a_capital_letter_and_end_with_a_full_stop() {
    let mut wrong = Vec::new();
    for id in Id::ALL {
        let entry = id.entry();
        // After a colon in a message there is a reason, and the full stop after it.
        let message_ends = entry.message.ends_with(['.', '?', '!', '}']);
        let next_ends = entry.next.is_empty() || (begins_well(entry.next) && ends_well(entry.next));
        if !begins_well(entry.message) || !message_ends || !next_ends {
            wrong.push((entry.name.to_owned(), format!("{} | {}", entry.message, entry.next)));
        }
    }
    for (key, text) in worded(CATALOGUE) {
        let is_message = !key.contains('.');
        if !(text.ends_with(['。', '？', '！', '}']) || (!is_message && ends_well(&text))) {
            wrong.push((key, text));
        }
    }
    for (_, english, chinese) in PAIRS {
        let holds_sentence = |text: &str| text.contains(". ") || text.ends_with('.') || text.contains(": esimctl");
        let texts = worded(english).into_iter().filter(|(_, text)| holds_sentence(text.trim()));
        let texts = texts.chain(worded(chinese).into_iter().filter(|(_, text)| text.contains('。')));
        wrong.extend(texts.filter(|(key, text)| {
            let text = text.trim();
            !(FRAGMENTS.contains(&&**key) || (begins_well(text) && ends_well(text)))
        }));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// The text in quotes that source code begins with; `None` if it begins with something else.
fn first_literal(source: &str) -> Option<&str> {
    let text = source.trim_start().strip_prefix('"')?;
    let end = text.match_indices('"').map(|(place, _)| place).find(|place| !text[..*place].ends_with('\\'))?;
    Some(&text[..end])
}

/// The first texts of all warnings in the sources of this project.
fn warnings_in(directory: &std::path::Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            warnings_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            let marker = concat!("log::", "warn!(");
            let texts = source.split(marker).skip(1).filter_map(first_literal);
            found.extend(texts.map(|text| (path.display().to_string(), text.to_owned())));
        }
    }
}

#[test]
fn warnings_in_the_sources_are_sentences() {
    let crates = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut found = Vec::new();
    for name in ["card-io", "lpa", "manager", "esimctl"] {
        warnings_in(&crates.join(name).join("src"), &mut found);
    }
    assert!(found.len() > 10, "{found:?}");
    found.retain(|(_, text)| !(begins_well(text) && ends_well(text)));
    assert!(found.is_empty(), "{found:#?}");
}
