//! Groups of answers that a form allows several times.

use crate::domain::form::FieldId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// One of several groups of answers of the same kind, such as one co-owner.
///
/// Its answers are fields named `g/<kind>/<id>/<field>`. Answering one of them adds the group
/// again, so that a group that another phone removes at the same time stays, with the answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// The form's name for groups of this kind.
    pub kind: String,
    /// A random id, made by the phone that added the group.
    pub id: Uuid,
}

impl Group {
    /// The name of one of its fields.
    pub fn field(&self, field: &str) -> FieldId {
        format!("g/{}/{}/{field}", self.kind, self.id)
    }

    /// Splits a field's name; `None` if it is not a group's.
    pub fn of_field(name: &str) -> Option<(Self, &str)> {
        let mut parts = name.strip_prefix("g/")?.splitn(3, '/');
        let (kind, id, field) = (parts.next()?, parts.next()?, parts.next()?);
        let id = id.parse().ok()?;
        let group = Self { kind: kind.to_owned(), id };
        // One field has one name: other spellings of an id are not accepted.
        (group.field(field) == name).then_some((group, field))
    }
}
