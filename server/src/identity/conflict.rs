//! The kinds of conflicts of interest; how they are found is in [`super::impartial`].

/// A conflict of interest that was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// An official's account at a bidder's door.
    OfficialAccount,
    /// A bidder's account at the console's door.
    BidderAccount,
    /// One account on both sides.
    SamePerson,
    /// The same name on both sides.
    SameName,
    /// A bidder of the organisation that sells, or of the official's own.
    SameOrganisation,
    /// The same personal number (ПИН) on both sides.
    SamePin,
    /// The two officials of an act are one human, as far as that is known.
    OneHuman,
}

impl Conflict {
    /// All conflicts, in the order of the variants.
    pub const ALL: [Self; 7] = [
        Self::OfficialAccount,
        Self::BidderAccount,
        Self::SamePerson,
        Self::SameName,
        Self::SameOrganisation,
        Self::SamePin,
        Self::OneHuman,
    ];

    /// The name in refusals and in the audit trail; the console's text is `conflict-<key>` with
    /// dashes.
    pub fn key(self) -> &'static str {
        match self {
            Self::OfficialAccount => "official_account",
            Self::BidderAccount => "bidder_account",
            Self::SamePerson => "same_person",
            Self::SameName => "same_name",
            Self::SameOrganisation => "same_organisation",
            Self::SamePin => "same_pin",
            Self::OneHuman => "one_human",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_key_stands_for_two_conflicts() {
        let keys: BTreeSet<&str> = Conflict::ALL.into_iter().map(Conflict::key).collect();
        assert_eq!(keys.len(), Conflict::ALL.len());
    }
}
