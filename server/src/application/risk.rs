//! Signs that an applicant may not be independent of another one. A moderator sees each with its
//! reason.
//!
//! # Why they decide nothing
//! A family shares a phone, and a firm's accountant pays for two. A sign asks for a look; a refusal
//! is a person's, with a reason of its own.

use super::service::Service;
use super::store::Stored;
use super::store::comparison::{self, SharedPast};
use crate::db::StoreError;
use std::collections::{BTreeMap, BTreeSet};
use toruk_sync::domain::form::{DECLARATION, FieldId};
use toruk_sync::domain::id::{ApplicationId, OrganisationId, PersonId};
use toruk_sync::signing::ApplicationPayload;

/// Most other applications of an auction that one is compared with, the oldest first.
const COMPARED_MAX: u64 = 1_000;
/// Most former auctions of a person that are looked at, the newest first.
const FORMER_MAX: u64 = 50;
/// Fewest former auctions in which two took part and never both bid.
const NEVER_COMPETED_MIN: usize = 2;
/// The form's fields that are compared.
const NUMBER: &str = "pin";
const PHONE: &str = "phone";
const REFUND_ACCOUNT: &str = "refund_account";

/// The kinds of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RiskKind {
    /// The application was filled in before the declaration of independence existed.
    NoDeclaration,
    /// The same personal or tax number in both applications, of accounts that proved none.
    SameNumber,
    /// The same phone number in both applications.
    SamePhone,
    /// Both accounts are used on one phone.
    SameDevice,
    /// The same account for returning the guarantee payment.
    SameRefundAccount,
    /// Somebody acts for both.
    SameRepresentative,
    /// They took part in the same auctions before, and never both made an offer.
    NeverCompeted,
}

impl RiskKind {
    /// All kinds, in the order of the variants.
    pub const ALL: [Self; 7] = [
        Self::NoDeclaration,
        Self::SameNumber,
        Self::SamePhone,
        Self::SameDevice,
        Self::SameRefundAccount,
        Self::SameRepresentative,
        Self::NeverCompeted,
    ];

    /// The end of the console's text, `risk-<key>` with dashes.
    pub fn key(self) -> &'static str {
        match self {
            Self::NoDeclaration => "no_declaration",
            Self::SameNumber => "same_number",
            Self::SamePhone => "same_phone",
            Self::SameDevice => "same_device",
            Self::SameRefundAccount => "same_refund_account",
            Self::SameRepresentative => "same_representative",
            Self::NeverCompeted => "never_competed",
        }
    }
}

/// A sign and its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Risk {
    pub kind: RiskKind,
    /// The other application, where two are alike.
    pub other: Option<ApplicationId>,
}

/// An application as it is compared with others.
struct Compared {
    application: ApplicationId,
    person: PersonId,
    organisation: Option<OrganisationId>,
    answers: BTreeMap<FieldId, String>,
}

impl Service {
    /// The signs about an application, by its auction's other applications and by the auctions
    /// before.
    pub(super) async fn risks(&self, stored: &Stored) -> Result<Vec<Risk>, StoreError> {
        let db = self.context.db.read();
        let auction = stored.application.auction;
        let compared =
            self.compared(comparison::compared(db, auction, COMPARED_MAX).await?).await?;
        let of_it = |one: &&Compared| one.application == stored.application.id;
        let Some(own) = compared.iter().find(of_it) else {
            return Ok(Vec::new());
        };
        let others: Vec<&Compared> = compared.iter().filter(|one| !of_it(one)).collect();
        let mut risks = Vec::new();
        if !own.answers.contains_key(DECLARATION) {
            risks.push(Risk { kind: RiskKind::NoDeclaration, other: None });
        }
        let people: Vec<PersonId> = others.iter().map(|other| other.person).collect();
        let same_device = comparison::sharing_a_phone(db, own.person, &people).await?;
        let past = comparison::shared_past(db, own.person, &people, FORMER_MAX).await?;
        let acting = self.acting(&compared).await?;
        for other in others {
            let alike = [
                (RiskKind::SameNumber, same_answer(own, other, NUMBER)),
                (RiskKind::SamePhone, same_answer(own, other, PHONE)),
                (RiskKind::SameDevice, same_device.contains(&other.person)),
                (RiskKind::SameRefundAccount, same_answer(own, other, REFUND_ACCOUNT)),
                (RiskKind::SameRepresentative, !acting(own).is_disjoint(&acting(other))),
                (RiskKind::NeverCompeted, never_competed(past.get(&other.person))),
            ];
            let alike = alike.into_iter().filter(|(_, is_so)| *is_so);
            risks.extend(alike.map(|(kind, _)| Risk { kind, other: Some(other.application) }));
        }
        risks.sort_by_key(|risk| (risk.kind, risk.other));
        Ok(risks)
    }

    async fn compared(&self, stored: Vec<Stored>) -> Result<Vec<Compared>, StoreError> {
        let packages = self.packages(self.context.db.read(), &stored).await?;
        let compared = |(stored, package): (Stored, ApplicationPayload)| Compared {
            application: stored.application.id,
            person: stored.person,
            organisation: stored.applicant.organisation,
            answers: package.answers,
        };
        Ok(stored.into_iter().zip(packages).map(compared).collect())
    }

    /// The people who act for an application: its person, and the others with powers in its firm.
    async fn acting(
        &self,
        compared: &[Compared],
    ) -> Result<impl Fn(&Compared) -> BTreeSet<PersonId>, StoreError> {
        let (db, now) = (self.context.db.read(), self.context.ports.clock.now());
        let firms: BTreeSet<_> = compared.iter().filter_map(|one| one.organisation).collect();
        let mut acting = BTreeMap::new();
        for firm in firms {
            acting.insert(firm, self.identity.representatives(db, firm, now).await?);
        }
        Ok(move |one: &Compared| {
            let of_firm = one.organisation.and_then(|firm| acting.get(&firm)).into_iter().flatten();
            of_firm.copied().chain([one.person]).collect()
        })
    }
}

fn same_answer(own: &Compared, other: &Compared, field: &str) -> bool {
    let given = own.answers.get(field).filter(|answer| !answer.is_empty());
    given.is_some() && given == other.answers.get(field)
}

/// Both took part several times, one of them bid, and never both.
fn never_competed(past: Option<&SharedPast>) -> bool {
    past.is_some_and(|past| {
        past.auctions >= NEVER_COMPETED_MIN && past.with_both_bidding == 0 && past.with_a_bid > 0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_who_took_part_together_and_never_both_bid_are_a_sign() {
        for (auctions, with_a_bid, with_both_bidding, expected) in
            [(2, 1, 0, true), (1, 1, 0, false), (2, 0, 0, false), (5, 5, 1, false), (5, 2, 0, true)]
        {
            let past = SharedPast { auctions, with_a_bid, with_both_bidding };
            assert_eq!(never_competed(Some(&past)), expected, "{past:?}");
        }
        assert!(!never_competed(None));
    }

    #[test]
    fn no_key_stands_for_two_signs() {
        let keys: BTreeSet<&str> = RiskKind::ALL.into_iter().map(RiskKind::key).collect();
        assert_eq!(keys.len(), RiskKind::ALL.len());
    }
}
