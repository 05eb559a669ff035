//! Conflicts of interest: an official does not decide about themselves, their own organisation or
//! a person who may be themselves, and one human is not both people of an act.
//!
//! # What counts as one human
//! Accounts are compared by what is known of the human behind them: one account; the same personal
//! number (ПИН), where doors have proven both; one of the two invited the other; or the same name in
//! the same organisation (or both in none). Two officials who were invited by the same administrator
//! are not suspect: one administrator invites everybody. A passkey belongs to one account, so two
//! accounts never share one. Namesakes in one organisation are told apart by their full names with
//! patronymics when they are invited; until then a third official acts. That costs a minute; the
//! opposite mistake costs an auction.
//!
//! # What a shared name stops
//! Only the official's decision on that one application, which another official then makes.
//! Namesakes are common, so it never stops an applicant. And it stops no act on the whole auction:
//! anybody can register under an official's name, and must not be able to keep them from
//! suspending an auction.

use super::caller::Official;
use super::conflict::Conflict;
use super::service::Service;
use super::store::{self, Interests};
use crate::audit::{Action, Entry, Principal};
use crate::db::{StoreError, Txn};
use serde_json::json;
use toruk_sync::domain::id::{OrganisationId, PersonId};

/// Compares an official with a bidder by more than the name.
fn between(official: &Interests, bidder: &Interests) -> Option<Conflict> {
    if official.person == bidder.person {
        return Some(Conflict::SamePerson);
    }
    if official.pin.is_some() && official.pin == bidder.pin {
        return Some(Conflict::SamePin);
    }
    let apart = official.organisations.is_disjoint(&bidder.organisations);
    (!apart).then_some(Conflict::SameOrganisation)
}

/// Returns `true` if two officials may be one human. One account is not for this to say: the rules
/// of each act do.
fn may_be_one(one: &Interests, other: &Interests) -> bool {
    let invited = one.invited_by == Some(other.person) || other.invited_by == Some(one.person);
    let same_pin = one.pin.is_some() && one.pin == other.pin;
    let namesakes = same_name(&one.name, &other.name) && one.organisations == other.organisations;
    one.person != other.person && (invited || same_pin || namesakes)
}

/// Compares names without regard to case and white space.
fn same_name(one: &str, other: &str) -> bool {
    let words = |name: &str| {
        let words: Vec<String> = name.split_whitespace().map(str::to_lowercase).collect();
        words.join(" ")
    };
    let (one, other) = (words(one), words(other));
    !one.is_empty() && one == other
}

impl Service {
    /// A conflict of an official with one of an auction's applicants.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conflict_with_bidders(
        &self,
        txn: &Txn,
        by: &Official,
        bidders: &[PersonId],
    ) -> Result<Option<Conflict>, StoreError> {
        if bidders.contains(&by.person) {
            return Ok(Some(Conflict::SamePerson));
        }
        let now = self.now();
        let Some(official) = store::interests(txn, &[by.person], now).await?.pop() else {
            return Ok(None);
        };
        let bidders = store::interests(txn, bidders, now).await?;
        Ok(bidders.iter().find_map(|bidder| between(&official, bidder)))
    }

    /// A conflict of an official with an applicant whose application they would decide, also by the
    /// account's name or the name `answered` in the application.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conflict_with_applicant(
        &self,
        txn: &Txn,
        by: &Official,
        applicant: PersonId,
        answered: Option<&str>,
    ) -> Result<Option<Conflict>, StoreError> {
        let known = self.conflict_with_bidders(txn, by, &[applicant]).await?;
        if known.is_some() {
            return Ok(known);
        }
        let account = store::names(txn, &[applicant]).await?.pop();
        let names = account.iter().map(|(_, name)| name.as_str()).chain(answered);
        let shared = names.into_iter().any(|name| same_name(name, &by.name));
        Ok(shared.then_some(Conflict::SameName))
    }

    /// A conflict of an applicant with a sale: they run it, or belong to an organisation that
    /// sells, with this account or with another of the same human.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conflict_of_applicant(
        &self,
        txn: &Txn,
        applicant: PersonId,
        officials: &[PersonId],
        sellers: &[OrganisationId],
    ) -> Result<Option<Conflict>, StoreError> {
        if officials.contains(&applicant) {
            return Ok(Some(Conflict::SamePerson));
        }
        let now = self.now();
        let Some(known) = store::interests(txn, &[applicant], now).await?.pop() else {
            return Ok(None);
        };
        let mut accounts = vec![known];
        if let Some(pin) = accounts[0].pin.clone() {
            let officials = store::interests(txn, officials, now).await?;
            if officials.iter().any(|official| official.pin.as_ref() == Some(&pin)) {
                return Ok(Some(Conflict::SamePin));
            }
            // What the human belongs to as an official counts against the bidder, too.
            let others = store::accounts_with_pin(txn, &pin).await?;
            accounts.extend(store::interests(txn, &others, now).await?);
        }
        let sells = |known: &Interests| sellers.iter().any(|id| known.organisations.contains(id));
        Ok(accounts.iter().any(sells).then_some(Conflict::SameOrganisation))
    }

    /// [`Conflict::OneHuman`] if this official and one of these others may be one human.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn conflict_of_officials(
        &self,
        txn: &Txn,
        by: PersonId,
        others: &[PersonId],
    ) -> Result<Option<Conflict>, StoreError> {
        let now = self.now();
        let Some(one) = store::interests(txn, &[by], now).await?.pop() else { return Ok(None) };
        let others = store::interests(txn, others, now).await?;
        let found = others.iter().any(|other| may_be_one(&one, other));
        Ok(found.then_some(Conflict::OneHuman))
    }

    /// Records a conflict that stopped an act on `object`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_conflict(
        &self,
        txn: &Txn,
        actor: Principal,
        conflict: Conflict,
        object: String,
    ) -> Result<(), StoreError> {
        self.record_unfit(txn, actor, conflict.key(), object).await
    }

    /// Records why an applicant can't take part in the auction that `object` names.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn record_unfit(
        &self,
        txn: &Txn,
        actor: Principal,
        reason: &str,
        object: String,
    ) -> Result<(), StoreError> {
        let (action, detail) = (Action::ConflictFound, json!({ "conflict": reason }));
        self.audit.record(txn, Entry { actor, action, object, detail }).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn known(person: u128, name: &str, organisation: Option<u128>) -> Interests {
        Interests {
            person: PersonId(Uuid::from_u128(person)),
            name: name.to_owned(),
            organisations: organisation
                .map(|id| OrganisationId(Uuid::from_u128(id)))
                .into_iter()
                .collect(),
            pin: None,
            invited_by: None,
        }
    }

    #[test]
    fn an_official_is_compared_with_a_bidder_by_all_that_is_known() {
        let official = known(1, "Айгүл Асанова", Some(7));
        for (bidder, expected) in [
            (known(1, "another name", None), Some(Conflict::SamePerson)),
            (known(2, "Бек Уулу", Some(7)), Some(Conflict::SameOrganisation)),
            (known(2, "Айгүл Асанова", None), None),
            (known(2, "Бек Уулу", Some(8)), None),
            (known(2, "", None), None),
        ] {
            assert_eq!(between(&official, &bidder), expected, "{bidder:?}");
        }
        let pin = |interests| Interests { pin: Some("1".to_owned()), ..interests };
        let bidder = pin(known(2, "Бек Уулу", None));
        assert_eq!(between(&official, &bidder), None);
        assert_eq!(between(&pin(official), &bidder), Some(Conflict::SamePin));
    }

    #[test]
    fn two_accounts_of_one_human_are_not_two_people() {
        let one = known(1, "Айгүл Асанова", Some(7));
        for (other, expected) in [
            (known(2, "Айгүл Асанова", Some(7)), true),
            (known(2, "Айгүл Асанова", Some(8)), false),
            (known(2, "Айгүл Асанова", None), false),
            (known(2, "Бек Уулу", Some(7)), false),
            (known(1, "Айгүл Асанова", Some(7)), false),
            (Interests { invited_by: Some(one.person), ..known(2, "Бек", None) }, true),
            (Interests { invited_by: Some(PersonId(Uuid::nil())), ..known(2, "Бек", None) }, false),
        ] {
            assert_eq!(may_be_one(&one, &other), expected, "{other:?}");
            assert_eq!(may_be_one(&other, &one), expected, "{other:?}");
        }
    }

    #[test]
    fn a_name_is_the_same_however_it_is_typed() {
        assert!(same_name("Айгүл Асанова", " айгүл  АСАНОВА"));
        assert!(!same_name("Айгүл Асанова", "Айгүл Асан"));
        assert!(!same_name("", " "));
    }
}
