//! A text in several languages, such as a question or a lot's title.

use crate::domain::text::{TextFault, line, paragraph};
use serde::{Deserialize, Serialize};

/// A text in the state's languages; Kyrgyz or Russian is always present.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// The Kyrgyz text, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ky: Option<String>,
    /// The Russian text, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ru: Option<String>,
    /// The English text, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Text {
    /// A text in all three languages.
    pub fn all(ky: &str, ru: &str, en: &str) -> Self {
        Self { ky: Some(ky.to_owned()), ru: Some(ru.to_owned()), en: Some(en.to_owned()) }
    }

    /// The text in `language` (`ky`, `ru`, `en`), or in the first language that has one.
    pub fn get(&self, language: &str) -> &str {
        let wanted = match language {
            "ky" => &self.ky,
            "ru" => &self.ru,
            _ => &self.en,
        };
        let first = [wanted, &self.ky, &self.ru, &self.en].into_iter().flatten().next();
        first.map_or("", String::as_str)
    }

    /// The same with each text as [`line()`] leaves it; blank ones count as absent.
    ///
    /// # Errors
    /// [`TextFault`] of the first that is refused.
    pub fn as_lines(&self, chars_max: usize) -> Result<Self, TextFault> {
        self.each(|text| line(text, chars_max))
    }

    /// The same with each text as [`paragraph`] leaves it; blank ones count as absent.
    ///
    /// # Errors
    /// [`TextFault`] of the first that is refused.
    pub fn as_paragraphs(&self, chars_max: usize) -> Result<Self, TextFault> {
        self.each(|text| paragraph(text, chars_max))
    }

    fn each(&self, check: impl Fn(&str) -> Result<String, TextFault>) -> Result<Self, TextFault> {
        let one = |text: &Option<String>| {
            let given = text.as_deref().filter(|text| !text.trim().is_empty());
            given.map(&check).transpose()
        };
        Ok(Self { ky: one(&self.ky)?, ru: one(&self.ru)?, en: one(&self.en)? })
    }

    /// Returns `true` if there is a Kyrgyz or a Russian text.
    pub fn is_complete(&self) -> bool {
        [&self.ky, &self.ru].into_iter().flatten().any(|text| !text.trim().is_empty())
    }
}
