//! The application's form: its fields and files, and the validity of answers.
//!
//! The phone uses it to report "not complete yet" without a connection; the server decides with the
//! same function.

use super::phone_number::{international, is_international};
use super::text::{clean, is_clean};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

mod languages;

pub use languages::Text;

/// Longest answer, in bytes.
pub const FIELD_BYTES_MAX: usize = 8 * 1024;
/// Most answers in one application.
pub const FIELDS_MAX: usize = 300;
/// Most files in one application.
pub const FILES_MAX: usize = 20;

/// The field of the declaration that the applicant is not affiliated with those who sell.
pub const DECLARATION: &str = "independence";

/// The standard form's version, and the one before it, which had no [`DECLARATION`].
const VERSION: u32 = 2;
const VERSION_WITHOUT_DECLARATION: u32 = 1;

/// A field's name within its form, such as `full_name`.
pub type FieldId = String;

/// The kind of answer that a field takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// Any text up to a number of characters, as `text::clean` leaves it.
    Text {
        /// The largest number of characters.
        chars_max: u16,
    },
    /// A fixed number of digits.
    Digits {
        /// The number of digits.
        count: u8,
    },
    /// A number in the international form (ITU-T E.164), as `phone_number::international` leaves
    /// it.
    Phone,
    /// One of several options.
    Choice {
        /// The keys; their labels are texts of the app.
        options: Vec<String>,
    },
    /// `yes`: a consent that must be given.
    Consent,
}

/// One question of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Field {
    /// The field's name in its form.
    pub id: FieldId,
    /// The kind of answer.
    pub kind: FieldKind,
    /// The question as the person reads it.
    pub label: Text,
    /// `true` if an answer is mandatory.
    pub required: bool,
    /// `true` if conflicting answers from two phones must be resolved before signing.
    pub critical: bool,
}

/// One slot of the form that takes a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Slot {
    /// Its name, such as `identity_document`.
    pub id: String,
    /// The slot's title as the person reads it.
    pub label: Text,
    /// `true` if a file is mandatory.
    pub required: bool,
}

/// Questions that may be answered several times, such as those about each co-owner. An answer's
/// name is `g/<group>/<id>/<field>`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldGroup {
    /// Its name, such as `co_owner`.
    pub id: String,
    /// The group's title as the person reads it.
    pub label: Text,
    /// The questions, in order.
    pub fields: Vec<Field>,
    /// The largest number of groups of this kind.
    pub count_max: u16,
}

/// A form and its version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Form {
    /// The form's name, such as `application`.
    pub id: String,
    /// Incremented by each change.
    pub version: u32,
    /// The questions, in order.
    pub fields: Vec<Field>,
    /// The groups, in order.
    pub groups: Vec<FieldGroup>,
    /// The files, in order.
    pub slots: Vec<Slot>,
}

/// A fault of one answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FieldFault {
    /// A mandatory answer or file is missing.
    Missing,
    /// The answer does not have the required format.
    Malformed,
    /// The answer is too long.
    TooLong,
    /// The form has no such field.
    Unknown,
}

impl Form {
    /// The form that every auction uses unless an organiser writes another: the applicant, contact
    /// data, the account for the refund of the deposit, and an identity document.
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
            version: VERSION,
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
                    Text::all(
                        "ПИН же ИНН (14 цифра)",
                        "ПИН или ИНН (14 цифр)",
                        "Personal or tax number (14 digits)",
                    ),
                    true,
                    true,
                ),
                field(
                    "phone",
                    FieldKind::Phone,
                    Text::all("Телефон", "Телефон", "Phone"),
                    true,
                    false,
                ),
                field("address", text(300), Text::all("Дареги", "Адрес", "Address"), true, false),
                field(
                    "refund_account",
                    FieldKind::Digits { count: 16 },
                    Text::all(
                        "Кепилдик төлөм кайтарылуучу эсеп (16 цифра)",
                        "Счёт для возврата взноса (16 цифр)",
                        "Account for returning the guarantee payment (16 digits)",
                    ),
                    true,
                    true,
                ),
                field(
                    "purpose",
                    text(1_000),
                    Text::all("Пайдалануу максаты", "Цель использования", "Intended use"),
                    false,
                    false,
                ),
                field(
                    "consent",
                    FieldKind::Consent,
                    Text::all(
                        "Торуктун шарттарына макулмун",
                        "Принимаю условия торгов",
                        "I accept the terms of the auction",
                    ),
                    true,
                    true,
                ),
                field(
                    DECLARATION,
                    FieldKind::Consent,
                    Text::all(
                        "Баланс кармоочуга жана уюштуруучуга байланышым жок",
                        "Не являюсь лицом, связанным с балансодержателем или организатором",
                        "I am not affiliated with the lot holder or the organiser",
                    ),
                    true,
                    true,
                ),
            ],
            groups: vec![FieldGroup {
                id: "co_owner".to_owned(),
                label: Text::all("Тең менчик ээси", "Сособственник", "Co-owner"),
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
                        Text::all("ПИН (14 цифра)", "ПИН (14 цифр)", "Personal number (14 digits)"),
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
                        "Инсандыгын ырастаган документ",
                        "Документ, удостоверяющий личность",
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

    /// The standard form in the version by which an application was filled in. Phones keep the
    /// form that they were shown: one that was filled in before an update still arrives.
    pub fn of(id: &str, version: u32) -> Option<Self> {
        let mut form = Self::standard();
        if id != form.id {
            return None;
        }
        match version {
            VERSION => Some(form),
            VERSION_WITHOUT_DECLARATION => {
                form.version = version;
                form.fields.retain(|field| field.id != DECLARATION);
                Some(form)
            }
            _ => None,
        }
    }

    /// Returns `true` for an answer that is a personal number: the applicant's or a co-owner's.
    pub fn is_personal_number(id: &str) -> bool {
        id == "pin" || (id.starts_with("g/") && id.ends_with("/pin"))
    }

    /// An answer as it is kept and signed, from what was typed: clean, and a phone number in its
    /// international form as soon as it is one.
    pub fn cleaned(&self, field: &str, typed: &str) -> String {
        let kind = self.fields.iter().find(|known| known.id == field).map(|known| &known.kind);
        let number = (kind == Some(&FieldKind::Phone)).then(|| international(typed)).flatten();
        number.unwrap_or_else(|| clean(typed))
    }

    /// Every fault of a set of answers, by field or slot name; empty when the form is complete.
    pub fn faults(
        &self,
        answers: &BTreeMap<FieldId, String>,
        slots_filled: &BTreeSet<String>,
    ) -> BTreeMap<FieldId, FieldFault> {
        let mut faults = BTreeMap::new();
        for field in &self.fields {
            let answer = answers.get(&field.id).map_or("", String::as_str);
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

    /// Splits the name of a group's field: the group's kind, its id, and the field's name in it.
    fn group_of<'a>(&self, id: &'a str) -> Option<(&FieldGroup, &'a str, &'a str)> {
        let mut parts = id.strip_prefix("g/")?.splitn(3, '/');
        let (kind, which, field) = (parts.next()?, parts.next()?, parts.next()?);
        let group = self.groups.iter().find(|group| group.id == kind)?;
        group.fields.iter().any(|known| known.id == field).then_some((group, which, field))
    }

    /// Returns `true` if conflicting answers to a field must be resolved before signing.
    pub fn is_critical(&self, id: &str) -> bool {
        let critical = |fields: &[Field], id: &str| {
            fields.iter().any(|field| field.critical && field.id == id)
        };
        match self.group_of(id) {
            Some((group, _, field)) => critical(&group.fields, field),
            None => critical(&self.fields, id),
        }
    }

    /// Every group that was added must be complete, and there may not be too many of a kind.
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
                    let answer = answers.get(&id).map_or("", String::as_str);
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
    fn fault(&self, typed: &str) -> Option<FieldFault> {
        let answer = typed.trim();
        if answer.is_empty() {
            return self.required.then_some(FieldFault::Missing);
        }
        if answer.len() > FIELD_BYTES_MAX {
            return Some(FieldFault::TooLong);
        }
        // What tells people apart, such as a name, is critical, and is one line.
        let with_lines = matches!(self.kind, FieldKind::Text { .. }) && !self.critical;
        if !is_clean(typed, with_lines) {
            return Some(FieldFault::Malformed);
        }
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let well_formed = match &self.kind {
            FieldKind::Text { chars_max } => {
                let long = answer.chars().count() > usize::from(*chars_max);
                return long.then_some(FieldFault::TooLong);
            }
            FieldKind::Digits { count } => answer.len() == usize::from(*count) && digits(answer),
            FieldKind::Phone => is_international(answer),
            FieldKind::Choice { options } => options.iter().any(|option| option == answer),
            FieldKind::Consent => answer == "yes",
        };
        (!well_formed).then_some(FieldFault::Malformed)
    }
}

#[cfg(test)]
mod tests;
