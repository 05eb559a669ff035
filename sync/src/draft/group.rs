//! Answers that may be there several times.

use crate::domain::form::FieldId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One of several groups of answers of the same kind, such as one co-owner.
///
/// Its answers are fields named `g/<kind>/<id>/<field>`. Whoever answers one of them adds the group
/// again, so that a group that another phone removes meanwhile stays, with the answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The form's name for groups of this kind.
    pub kind: String,
    /// Which one; made up by the phone that began it.
    pub id: Uuid,
}

impl Group {
    /// The name of one of its fields.
    pub fn field(&self, field: &str) -> FieldId {
        format!("g/{}/{}/{field}", self.kind, self.id)
    }

    /// Takes a field's name apart; `None` when it is not a group's.
    pub fn of_field(name: &str) -> Option<(Self, &str)> {
        let mut parts = name.strip_prefix("g/")?.splitn(3, '/');
        let (kind, id, field) = (parts.next()?, parts.next()?, parts.next()?);
        let id = id.parse().ok()?;
        let group = Self { kind: kind.to_owned(), id };
        // One name for one field: not every spelling of an id is ours.
        (group.field(field) == name).then_some((group, field))
    }
}
