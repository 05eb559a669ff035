//! Kyrgyz, Russian and English: the visitor's language, and the texts in it.

use crate::config::Config;
use crate::console::cookies;
use axum::http::{HeaderMap, header};
use fluent_templates::fluent_bundle::FluentValue;
use fluent_templates::{Loader, static_loader};
use std::borrow::Cow;
use std::collections::HashMap;
use toruk_sync::domain::text::isolated;
use unic_langid::{LanguageIdentifier, langid};

static_loader! {
    static LOCALES = {
        locales: "./src/console/locales",
        fallback_language: "ky",
        customise: |bundle| bundle.set_use_isolating(false),
    };
}

/// A language of the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Kyrgyz, the state's language and the default.
    #[default]
    Ky,
    Ru,
    En,
}

impl Language {
    /// All languages, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::Ky, Self::Ru, Self::En];

    /// Its BCP 47 tag.
    pub fn tag(self) -> &'static str {
        match self {
            Self::Ky => "ky",
            Self::Ru => "ru",
            Self::En => "en",
        }
    }

    /// Its name in the language itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ky => "Кыргызча",
            Self::Ru => "Русский",
            Self::En => "English",
        }
    }

    /// The language of a tag such as `ru` or `ru-KG`.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// The visitor's choice, or else the browser's first supported language, or else Kyrgyz.
    pub fn of(config: &Config, headers: &HeaderMap) -> Self {
        let chosen = cookies::value(config, headers, cookies::LANGUAGE);
        let chosen = chosen.and_then(|tag| Self::parse(&tag));
        let accepted = || {
            let header = headers.get(header::ACCEPT_LANGUAGE)?.to_str().ok()?;
            preferred(header)
        };
        chosen.or_else(accepted).unwrap_or_default()
    }

    /// The text of `key`; the key itself if there is none, which a test rules out.
    pub fn text(self, key: &str) -> String {
        LOCALES.try_lookup(&self.id(), key).unwrap_or_else(|| key.to_owned())
    }

    /// The text of `key` with its variables. What people wrote from right to left stays apart.
    pub fn text_with(self, key: &str, variables: &[(&'static str, FluentValue<'_>)]) -> String {
        let variables: HashMap<Cow<'static, str>, FluentValue<'_>> =
            variables.iter().map(|(name, value)| (Cow::Borrowed(*name), apart(value))).collect();
        LOCALES.try_lookup_with_args(&self.id(), key, &variables).unwrap_or_else(|| key.to_owned())
    }

    /// Returns `true` if there is a text of `key`.
    pub fn knows(self, key: &str) -> bool {
        LOCALES.try_lookup(&self.id(), key).is_some()
    }

    fn id(self) -> LanguageIdentifier {
        match self {
            Self::Ky => langid!("ky"),
            Self::Ru => langid!("ru"),
            Self::En => langid!("en"),
        }
    }
}

fn apart<'a>(value: &FluentValue<'a>) -> FluentValue<'a> {
    match value {
        FluentValue::String(text) => FluentValue::from(isolated(text).into_owned()),
        other => other.clone(),
    }
}

/// The language with the greatest weight in an `Accept-Language` header; the first of equals.
fn preferred(header: &str) -> Option<Language> {
    let weighed = header.split(',').filter_map(|range| {
        let (tag, weight) = range.split_once(";q=").unwrap_or((range, "1"));
        let weight: f32 = weight.trim().parse().unwrap_or(0.0);
        Language::parse(tag).map(|language| (language, weight))
    });
    weighed.reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|(found, _)| found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use std::path::Path;

    fn language(accept: &'static str, cookie: &'static str) -> Language {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(accept));
        headers.insert(header::COOKIE, HeaderValue::from_static(cookie));
        Language::of(&Config::local(Path::new("."), 1), &headers)
    }

    #[test]
    fn a_visitor_reads_the_language_he_chose_else_his_browsers_else_kyrgyz() {
        for (accept, cookie, expected) in [
            ("", "", Language::Ky),
            ("de-DE,fr;q=0.9", "", Language::Ky),
            ("de-DE,en;q=0.5,ru-RU;q=0.8", "", Language::Ru),
            ("en-GB", "", Language::En),
            ("en-GB", "toruk_lang=ru", Language::Ru),
            ("en-GB", "toruk_lang=xx", Language::En),
        ] {
            assert_eq!(language(accept, cookie), expected, "{accept} {cookie}");
        }
    }

    #[test]
    fn russian_counts_in_three_forms() {
        for (count, expected) in [(1, "1 лот"), (3, "3 лота"), (11, "11 лотов")] {
            assert_eq!(Language::Ru.text_with("count-lots", &[("count", count.into())]), expected);
        }
    }
}
