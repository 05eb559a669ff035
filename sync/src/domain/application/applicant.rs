//! The reasons why somebody can't apply, apart from the application itself.

use serde::{Deserialize, Serialize};

/// The reason why an applicant can't take part. Its name travels in
/// [`ConflictOfInterest`](crate::protocol::operations::OperationRejection::ConflictOfInterest), so
/// that phones of every version can read the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplicantFault {
    /// No door has proven who the applicant is, and this server has one.
    IdentityNeeded,
    /// The form's personal number is not the one that was proven.
    PinDiffers,
    /// The same human has applied with another account.
    AlreadyApplied,
    /// Somebody else has applied for the same firm.
    FirmApplied,
    /// The applicant has no powers to act for the firm at this moment.
    PowersMissing,
}

impl ApplicantFault {
    /// All faults, in the order of the variants.
    pub const ALL: [Self; 5] = [
        Self::IdentityNeeded,
        Self::PinDiffers,
        Self::AlreadyApplied,
        Self::FirmApplied,
        Self::PowersMissing,
    ];

    /// The name in refusals and in the audit trail, and the code of the apps' text.
    pub fn key(self) -> &'static str {
        match self {
            Self::IdentityNeeded => "identity_needed",
            Self::PinDiffers => "pin_differs",
            Self::AlreadyApplied => "already_applied",
            Self::FirmApplied => "firm_applied",
            Self::PowersMissing => "powers_missing",
        }
    }

    /// The fault of this name, if there is one.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.key() == key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_found_by_its_name_on_the_wire() {
        for fault in ApplicantFault::ALL {
            assert_eq!(ApplicantFault::from_key(fault.key()), Some(fault));
            assert_eq!(serde_json::to_value(fault).unwrap(), fault.key());
        }
        assert_eq!(ApplicantFault::from_key("same_organisation"), None);
    }
}
