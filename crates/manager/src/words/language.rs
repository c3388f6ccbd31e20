//! Which languages there are, and which one is spoken.

use std::sync::OnceLock;

/// A language that all texts exist in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::English, Self::Chinese];

    /// Its name by BCP 47.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// What a user with this locale (`zh_CN.UTF-8`) reads. Readers of any Chinese get the one that there is.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let language = locale.split(['_', '-', '.', '@']).next().unwrap_or_default();
        if language.eq_ignore_ascii_case("zh") { Self::Chinese } else { Self::English }
    }

    /// What the user of this process reads, by `LC_ALL`, `LC_MESSAGES` or `LANG`: the first that is there and not
    /// empty counts, as POSIX has it.
    #[must_use]
    pub fn of_environment() -> Self {
        let values = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(std::env::var_os);
        let locale = values.into_iter().find(|value| !value.is_empty()).unwrap_or_default();
        Self::of_locale(&locale.to_string_lossy())
    }
}

static CHOSEN: OnceLock<Language> = OnceLock::new();

/// Says which language this process speaks. The first choice holds.
pub fn choose(language: Language) {
    // Somebody was first, and texts in two languages would be worse than in the other one.
    let _ = CHOSEN.set(language);
}

/// Which language this process speaks.
#[must_use]
pub fn language() -> Language {
    CHOSEN.get().copied().unwrap_or_default()
}
