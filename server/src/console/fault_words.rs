//! Faults of what officials hand in, in the reader's language.

use super::language::Language;
use crate::catalogue::import::{IMPORT_LOTS_MAX, ImportFault, ImportFaultKind};
use fluent_templates::fluent_bundle::FluentValue;
use toruk_sync::protocol::signature::SignatureFault;

/// The fault of an import and its lot, in the reader's language.
pub fn import_words(fault: &ImportFault, language: Language) -> String {
    use ImportFaultKind as Kind;
    let field = |key, name: &String| language.text_with(key, &[("value", name.as_str().into())]);
    let why = match &fault.kind {
        Kind::NotJson { line, column } => language.text_with(
            "import-fault-json",
            &[("line", line.to_string().into()), ("character", column.to_string().into())],
        ),
        Kind::TooMany(count) => language.text_with(
            "import-fault-too-many",
            &[("count", count.to_string().into()), ("most", IMPORT_LOTS_MAX.to_string().into())],
        ),
        Kind::UnknownField(name) => field("import-fault-unknown-field", name),
        Kind::MissingField(name) => field("import-fault-missing-field", name),
        Kind::WrongValue(name) => field("import-fault-wrong-value", name),
        Kind::TitleTooLong => language.text("import-fault-title-too-long"),
        Kind::TitleMissing => language.text("import-fault-title-missing"),
    };
    let why: FluentValue<'_> = why.into();
    match fault.lot {
        Some(number) => {
            let number = number.to_string().into();
            language.text_with("import-fault-in-lot", &[("value", number), ("detail", why)])
        }
        None => language.text_with("import-fault-in-file", &[("detail", why)]),
    }
}

/// The fault of a signature by certificate in the reader's language.
pub fn signature_words(fault: SignatureFault, language: Language) -> String {
    language.text(&format!("signature-fault-{}", fault.key().replace('_', "-")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fault_of_a_signature_has_words() {
        for fault in SignatureFault::ALL {
            for language in Language::ALL {
                let words = signature_words(*fault, language);
                assert!(!words.contains("signature-fault"), "{words}");
            }
        }
    }
}
