//! The application's form: which fields and files it asks for, and what is a valid answer.
//!
//! The phone uses it to say "not complete yet" without a connection; the server uses the same
//! function to decide.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Longest answer, in bytes.
pub const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Most answers in one application.
pub const FIELDS_MAX: usize = 300;
/// Most files in one application.
pub const FILES_MAX: usize = 20;

/// A text in the state's languages; Kyrgyz or Russian is always there.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Kyrgyz.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ky: Option<String>,
    /// Russian.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ru: Option<String>,
    /// English.
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

    /// Whether Kyrgyz or Russian is there.
    pub fn is_complete(&self) -> bool {
        [&self.ky, &self.ru].into_iter().flatten().any(|text| !text.trim().is_empty())
    }
}

/// A field's name within its form, such as `full_name`.
pub type FieldId = String;

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text up to so many characters.
    Text {
        /// The most characters.
        chars_max: u16,
    },
    /// Exactly so many digits.
    Digits {
        /// How many.
        count: u8,
    },
    /// `+` and 9 to 15 digits (ITU-T E.164).
    Phone,
    /// One of these.
    Choice {
        /// The keys; their labels are texts of the app.
        options: Vec<String>,
    },
    /// `yes`: a consent that must be given.
    Consent,
}

/// One question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    /// Its name.
    pub id: FieldId,
    /// What it takes.
    pub kind: FieldKind,
    /// What the person reads.
    pub label: Text,
    /// Whether an answer is needed.
    pub required: bool,
    /// Whether two answers from two phones must be settled before signing.
    pub critical: bool,
}

/// One place for a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slot {
    /// Its name, such as `identity_document`.
    pub id: String,
    /// What the person reads.
    pub label: Text,
    /// Whether a file is needed.
    pub required: bool,
}

/// Questions that may be asked several times, such as those about each co-owner. An answer's name
/// is `g/<group>/<which>/<field>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldGroup {
    /// Its name, such as `co_owner`.
    pub id: String,
    /// What the person reads.
    pub label: Text,
    /// The questions, in order.
    pub fields: Vec<Field>,
    /// How many there may be.
    pub count_max: u16,
}

/// A form and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// Its name.
    pub id: String,
    /// Rises with each change.
    pub version: u32,
    /// The questions, in order.
    pub fields: Vec<Field>,
    /// The groups, in order.
    pub groups: Vec<FieldGroup>,
    /// The files, in order.
    pub slots: Vec<Slot>,
}

/// What is wrong with one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldFault {
    /// An answer or a file is needed.
    Missing,
    /// It is not of the form asked for.
    Malformed,
    /// It is too long.
    TooLong,
    /// The form has no such field.
    Unknown,
}

impl Form {
    /// The form every auction uses until an organiser writes another: who applies, how to reach
    /// him, where to return the deposit, and his identity document.
    #[expect(clippy::too_many_lines, reason = "a table: an entry for each field")]
    pub fn standard() -> Self {
        let field = |id: &str, kind, label, required, critical| {
            let id = id.to_owned();
            Field { id, kind, label, required, critical }
        };
        let text = |chars_max| FieldKind::Text { chars_max };
        let applicants = ["person", "sole_trader", "organisation"].map(str::to_owned).to_vec();
        Self {
            id: "application".to_owned(),
            version: 1,
            fields: vec![
                field(
                    "applicant_kind",
                    FieldKind::Choice { options: applicants },
                    Text::all("Арыз берүүчү", "Заявитель", "Applicant"),
                    true,
                    false,
                ),
                field(
                    "full_name",
                    text(200),
                    Text::all(
                        "Аты-жөнү же аталышы",
                        "Фамилия, имя, отчество или название",
                        "Full name or name of the organisation",
                    ),
                    true,
                    true,
                ),
                field(
                    "pin",
                    FieldKind::Digits { count: 14 },
                    Text::all("ПИН же ИНН", "ПИН или ИНН", "Personal or tax number (14 digits)"),
                    true,
                    true,
                ),
                field(
                    "phone",
                    FieldKind::Phone,
                    Text::all("Телефон", "Телефон", "Telephone"),
                    true,
                    false,
                ),
                field("address", text(300), Text::all("Дареги", "Адрес", "Address"), true, false),
                field(
                    "refund_account",
                    FieldKind::Digits { count: 16 },
                    Text::all(
                        "Төлөм кайтарылуучу эсеп (16 сан)",
                        "Счёт для возврата взноса (16 цифр)",
                        "Account for the deposit's return (16 digits)",
                    ),
                    true,
                    true,
                ),
                field(
                    "purpose",
                    text(1_000),
                    Text::all("Максаты", "Цель использования", "Intended use"),
                    false,
                    false,
                ),
                field(
                    "consent",
                    FieldKind::Consent,
                    Text::all(
                        "Торуктун шарттарына макулмун",
                        "С условиями торгов согласен",
                        "I accept the terms of the auction",
                    ),
                    true,
                    true,
                ),
            ],
            groups: vec![FieldGroup {
                id: "co_owner".to_owned(),
                label: Text::all("Тең ээси", "Сособственник", "Co-owner"),
                fields: vec![
                    field(
                        "full_name",
                        text(200),
                        Text::all("Аты-жөнү", "Фамилия, имя, отчество", "Full name"),
                        true,
                        true,
                    ),
                    field(
                        "pin",
                        FieldKind::Digits { count: 14 },
                        Text::all("ПИН", "ПИН", "Personal number (14 digits)"),
                        true,
                        true,
                    ),
                ],
                count_max: 10,
            }],
            slots: vec![
                Slot {
                    id: "identity_document".to_owned(),
                    label: Text::all(
                        "Инсандык документ",
                        "Документ о личности",
                        "Identity document",
                    ),
                    required: true,
                },
                Slot {
                    id: "power_of_attorney".to_owned(),
                    label: Text::all("Ишеним кат", "Доверенность", "Power of attorney"),
                    required: false,
                },
            ],
        }
    }

    /// Every fault of a set of answers, by field or slot name; empty when the form is complete.
    pub fn faults(
        &self,
        answers: &BTreeMap<FieldId, String>,
        slots_filled: &BTreeSet<String>,
    ) -> BTreeMap<FieldId, FieldFault> {
        let mut faults = BTreeMap::new();
        for field in &self.fields {
            let answer = answers.get(&field.id).map_or("", |answer| answer.trim());
            if let Some(fault) = field.fault(answer) {
                faults.insert(field.id.clone(), fault);
            }
        }
        for slot in self.slots.iter().filter(|slot| slot.required) {
            if !slots_filled.contains(&slot.id) {
                faults.insert(slot.id.clone(), FieldFault::Missing);
            }
        }
        let known = |id: &&FieldId| self.fields.iter().any(|field| field.id == **id);
        let (grouped, others): (Vec<_>, Vec<_>) =
            answers.keys().filter(|id| !known(id)).partition(|id| self.group_of(id).is_some());
        faults.extend(others.into_iter().map(|id| (id.clone(), FieldFault::Unknown)));
        faults.extend(self.group_faults(answers, &grouped));
        faults
    }

    /// The group that a field's name speaks of, which of its groups, and the field's name there.
    fn group_of<'a>(&self, id: &'a str) -> Option<(&FieldGroup, &'a str, &'a str)> {
        let mut parts = id.strip_prefix("g/")?.splitn(3, '/');
        let (kind, which, field) = (parts.next()?, parts.next()?, parts.next()?);
        let group = self.groups.iter().find(|group| group.id == kind)?;
        group.fields.iter().any(|known| known.id == field).then_some((group, which, field))
    }

    /// Whether two phones' answers to a field must be settled before it is signed.
    pub fn is_critical(&self, id: &str) -> bool {
        let critical = |fields: &[Field], id: &str| {
            fields.iter().any(|field| field.critical && field.id == id)
        };
        match self.group_of(id) {
            Some((group, _, field)) => critical(&group.fields, field),
            None => critical(&self.fields, id),
        }
    }

    /// Each group that was begun must be complete, and there may not be too many of a kind.
    fn group_faults(
        &self,
        answers: &BTreeMap<FieldId, String>,
        grouped: &[&FieldId],
    ) -> BTreeMap<FieldId, FieldFault> {
        let mut faults = BTreeMap::new();
        for group in &self.groups {
            let of = grouped.iter().filter_map(|id| self.group_of(id));
            let begun: BTreeSet<&str> =
                of.filter(|(of, ..)| of.id == group.id).map(|(_, which, _)| which).collect();
            if begun.len() > usize::from(group.count_max) {
                faults.insert(format!("g/{}", group.id), FieldFault::TooLong);
            }
            for which in begun {
                for field in &group.fields {
                    let id = format!("g/{}/{which}/{}", group.id, field.id);
                    let answer = answers.get(&id).map_or("", |answer| answer.trim());
                    if let Some(fault) = field.fault(answer) {
                        faults.insert(id, fault);
                    }
                }
            }
        }
        faults
    }
}

impl Field {
    fn fault(&self, answer: &str) -> Option<FieldFault> {
        if answer.is_empty() {
            return self.required.then_some(FieldFault::Missing);
        }
        if answer.len() > FIELD_BYTES_MAX {
            return Some(FieldFault::TooLong);
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let well_formed = match &self.kind {
            FieldKind::Text { chars_max } => {
                let long = answer.chars().count() > usize::from(*chars_max);
                return long.then_some(FieldFault::TooLong);
            }
            FieldKind::Digits { count } => answer.len() == usize::from(*count) && digits(answer),
            FieldKind::Phone => answer
                .strip_prefix('+')
                .is_some_and(|rest| (9..=15).contains(&rest.len()) && digits(rest)),
            FieldKind::Choice { options } => options.iter().any(|option| option == answer),
            FieldKind::Consent => answer == "yes",
        };
        (!well_formed).then_some(FieldFault::Malformed)
    }
}

#[cfg(test)]
mod tests;
