//! The texts that exist in several languages: Fluent files in `locales/`, built in.
//!
//! A front end says once, before anything else, which language it wants ([`choose`]); without that it is English. The
//! choice holds for the whole process, since an error tells what happened wherever it is looked at, with nothing at
//! hand but itself. English errors are in `error/catalogue.rs`, where they are reviewed; their Chinese is
//! `locales/zh-CN/catalogue.ftl`, and that of the fixed phrases of the crates below (what a result code says)
//! `phrases.ftl` beside it. All other files are there in each language, with the same messages.

mod language;
#[cfg(test)]
mod tests;

pub use fluent_bundle::FluentValue as Value;
pub use language::{Language, choose, language};

use std::sync::OnceLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

type Bundle = FluentBundle<FluentResource>;

const ENGLISH: &[&str] = &[
    include_str!("../../locales/en/devices.ftl"),
    include_str!("../../locales/en/errors.ftl"),
    include_str!("../../locales/en/proof.ftl"),
    include_str!("../../locales/en/retire.ftl"),
    include_str!("../../locales/en/rollback.ftl"),
    include_str!("../../locales/en/retire_devices.ftl"),
];
const CHINESE: &[&str] = &[
    include_str!("../../locales/zh-CN/catalogue.ftl"),
    include_str!("../../locales/zh-CN/devices.ftl"),
    include_str!("../../locales/zh-CN/errors.ftl"),
    include_str!("../../locales/zh-CN/phrases.ftl"),
    include_str!("../../locales/zh-CN/proof.ftl"),
    include_str!("../../locales/zh-CN/retire.ftl"),
    include_str!("../../locales/zh-CN/rollback.ftl"),
    include_str!("../../locales/zh-CN/retire_devices.ftl"),
];

/// The text with this key, `message` or `message.attribute`, in the language that was chosen.
///
/// ```
/// assert_eq!(manager::words::text("no-such-key", &[("count", 3.into())]), "no-such-key");
/// ```
#[must_use]
pub fn text(key: &str, arguments: &[(&str, Value<'_>)]) -> String {
    text_in(language(), key, arguments)
}

/// The same in a certain language; what that does not have, in English, and failing that the key.
#[must_use]
pub fn text_in(language: Language, key: &str, arguments: &[(&str, Value<'_>)]) -> String {
    found(language, key, arguments)
        .or_else(|| found(Language::English, key, arguments))
        .unwrap_or_else(|| key.to_owned())
}

/// One sentence behind another, as the language that was chosen writes them. Either may be empty.
#[must_use]
pub fn sentences(first: &str, second: &str) -> String {
    // Chinese ends a sentence with a full-width stop, which brings its own room.
    let between = if first.is_empty() || second.is_empty() || first.ends_with('。') { "" } else { " " };
    format!("{first}{between}{second}")
}

/// Translates a fixed English phrase of a crate below into the language that was chosen. The phrase stays as it is where
/// that language does not have it.
#[must_use]
pub fn translate(english: &str) -> String {
    phrase(language(), english)
}

/// A fixed English phrase of a crate below, in a language; as it is where that does not have it.
pub(crate) fn phrase(language: Language, english: &str) -> String {
    // Longer ones are made of pieces, and not looked for.
    const LONGEST: usize = 120;
    if language == Language::English || english.len() > LONGEST {
        return english.to_owned();
    }
    found(language, &phrase_key(english), &[]).unwrap_or_else(|| english.to_owned())
}

/// `phrase-` and the words, with hyphens between.
fn phrase_key(english: &str) -> String {
    let words = english.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.fold("phrase".to_owned(), |key, word| format!("{key}-{}", word.to_ascii_lowercase()))
}

/// The text with this key in a language; `None` if that does not have it.
pub(crate) fn found(language: Language, key: &str, arguments: &[(&str, Value<'_>)]) -> Option<String> {
    let bundle = bundle(language);
    let (id, attribute) = key.split_once('.').map_or((key, None), |(id, attribute)| (id, Some(attribute)));
    let message = bundle.get_message(id)?;
    let pattern = match attribute {
        Some(attribute) => message.get_attribute(attribute)?.value(),
        None => message.value()?,
    };
    let arguments: FluentArgs<'_> = arguments.iter().map(|(name, value)| (*name, value.clone())).collect();
    let mut problems = Vec::new();
    let text = bundle.format_pattern(pattern, Some(&arguments), &mut problems).into_owned();
    for problem in problems {
        log::debug!("text {key}: {problem}");
    }
    Some(text)
}

fn bundle(language: Language) -> &'static Bundle {
    static ENGLISH_BUNDLE: OnceLock<Bundle> = OnceLock::new();
    static CHINESE_BUNDLE: OnceLock<Bundle> = OnceLock::new();
    let (place, sources) = match language {
        Language::English => (&ENGLISH_BUNDLE, ENGLISH),
        Language::Chinese => (&CHINESE_BUNDLE, CHINESE),
    };
    place.get_or_init(|| read(language, sources))
}

/// Reads the files; tests see to it that nothing in them is wrong.
fn read(language: Language, sources: &[&str]) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.tag().parse().unwrap_or(LanguageIdentifier::default())]);
    // The marks are for texts of both directions; in a terminal they are rubbish.
    bundle.set_use_isolating(false);
    for source in sources {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
        if let Err(problems) = bundle.add_resource(resource) {
            log::debug!("texts in {}: {problems:?}", language.tag());
        }
    }
    bundle
}
