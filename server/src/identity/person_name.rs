//! The name that a person gives themselves.

use super::error::Error;
use toruk_sync::domain::text;
use toruk_sync::protocol::limits::NAME_CHARS_MAX;

/// A person's name in one line; rejects characters that cannot be seen.
pub(super) fn checked_name(name: &str) -> Result<String, Error> {
    text::line(name, NAME_CHARS_MAX).map_err(|_| Error::Malformed("name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_letters_and_nothing_hidden() {
        for (name, expected) in [
            ("  Айбек  ", Some("Айбек")),
            ("", None),
            (" \t ", None),
            ("Ай\u{0}бек", None),
            ("Айбек\u{202e}", None),
            ("Ай\u{200b}бек", None),
            ("И\u{306}гилик", Some("Йгилик")),
            (&"а".repeat(200), Some(&*"а".repeat(200))),
            (&"а".repeat(201), None),
        ] {
            assert_eq!(checked_name(name).ok().as_deref(), expected, "{name:?}");
        }
    }
}
