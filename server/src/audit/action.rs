//! The acts that are recorded, and the people and roles behind them.

use crate::identity::Forbidden;
use crate::identity::{Official, Role};
use toruk_sync::domain::id::{OrganisationId, PersonId};

/// Makes the enum, the list of all its actions, and their names from one table.
macro_rules! actions {
    ($($action:ident = $key:literal,)*) => {
        /// An act that is recorded. Its key is in the hashes of the trail, so it never changes; the
        /// console's text for it is `audit-<key>` with dashes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        #[allow(missing_docs)] // Named as what was done.
        pub enum Action {
            $($action,)*
        }

        impl Action {
            /// Every action, in the order of their keys.
            pub const ALL: &[Self] = &[$(Self::$action,)*];

            /// The action's name in the database, such as `auction.publish`.
            pub fn key(self) -> &'static str {
                match self {
                    $(Self::$action => $key,)*
                }
            }
        }
    };
}

actions! {
    ApplicationAdmit = "application.admit",
    ApplicationContact = "application.contact",
    ApplicationDisqualify = "application.disqualify",
    ApplicationEvidence = "application.evidence",
    ApplicationFile = "application.file",
    ApplicationOpen = "application.open",
    ApplicationPin = "application.pin",
    ApplicationRefuse = "application.refuse",
    ApplicationSubmit = "application.submit",
    ApplicationWithdraw = "application.withdraw",
    AuctionAmend = "auction.amend",
    AuctionApprove = "auction.approve",
    AuctionAward = "auction.award",
    AuctionCalendar = "auction.calendar",
    AuctionContract = "auction.contract",
    AuctionCreate = "auction.create",
    AuctionDecline = "auction.decline",
    AuctionEdit = "auction.edit",
    AuctionEvidence = "auction.evidence",
    AuctionNoContract = "auction.no_contract",
    AuctionOutage = "auction.outage",
    AuctionPropose = "auction.propose",
    AuctionProtocol = "auction.protocol",
    AuctionPublish = "auction.publish",
    AuctionRelaunch = "auction.relaunch",
    AuctionReturn = "auction.return",
    AuctionSignProtocol = "auction.sign_protocol",
    AuctionSubmit = "auction.submit",
    AuctionTick = "auction.tick",
    AuctionWithdrawProposal = "auction.withdraw_proposal",
    AuditOpen = "audit.open",
    BankConfirm = "bank.confirm",
    BankPreview = "bank.preview",
    ConflictFound = "conflict.found",
    ContractSign = "contract.sign",
    ContractUpload = "contract.upload",
    DepositApply = "deposit.apply",
    DepositDecline = "deposit.decline",
    DepositForfeit = "deposit.forfeit",
    DepositHold = "deposit.hold",
    DepositPropose = "deposit.propose",
    DepositProposeForfeit = "deposit.propose_forfeit",
    DepositRefunded = "deposit.refunded",
    DepositRejectForfeit = "deposit.reject_forfeit",
    DepositRelease = "deposit.release",
    DeviceName = "device.name",
    DeviceRegister = "device.register",
    DeviceRenew = "device.renew",
    DeviceRevoke = "device.revoke",
    DeviceSubscribe = "device.subscribe",
    DeviceSubscribeRefuse = "device.subscribe_refuse",
    DeviceUnsubscribe = "device.unsubscribe",
    IdentityConfirm = "identity.confirm",
    IdentityRefuse = "identity.refuse",
    LotComplete = "lot.complete",
    LotDocument = "lot.document",
    LotEntrust = "lot.entrust",
    LotImport = "lot.import",
    MoneyApprove = "money.approve",
    MoneyClose = "money.close",
    MoneyDecline = "money.decline",
    MoneyPropose = "money.propose",
    MoneyReconcile = "money.reconcile",
    MoneyTake = "money.take",
    OrganisationCreate = "organisation.create",
    OrganisationEdit = "organisation.edit",
    OrganisationEndPower = "organisation.end_power",
    OrganisationPower = "organisation.power",
    PasskeyAdd = "passkey.add",
    PasskeyCode = "passkey.code",
    PasskeyName = "passkey.name",
    PasskeyRecover = "passkey.recover",
    PasskeyReview = "passkey.review",
    PasskeyReviewed = "passkey.reviewed",
    PasskeyRevoke = "passkey.revoke",
    PasskeyWarning = "passkey.warning",
    PaymentClockReviewed = "payment.clock_reviewed",
    PaymentCredit = "payment.credit",
    PaymentUnmatched = "payment.unmatched",
    PersonForget = "person.forget",
    PersonLink = "person.link",
    PersonRegister = "person.register",
    PersonUnlink = "person.unlink",
    RulesApprove = "rules.approve",
    RulesDecline = "rules.decline",
    RulesPropose = "rules.propose",
    SignatureRefuse = "signature.refuse",
    StaffEnrol = "staff.enrol",
    StaffInvite = "staff.invite",
    StaffRevoke = "staff.revoke",
    StaffSignIn = "staff.sign_in",
}

impl Action {
    /// The action of this name; `None` for a name that an older or newer version has recorded.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.key() == key)
    }
}

/// The person or system of a recorded act, with the role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Principal {
    /// Time, a payment or the machine's operator.
    System,
    /// A person on a phone.
    Bidder(PersonId),
    /// An official, in the role that allowed the act.
    Official(PersonId, Role),
}

impl Principal {
    /// The official in the first of `roles` that they have.
    ///
    /// # Errors
    /// [`Forbidden`] when they have none of them.
    pub fn official(by: &Official, roles: &[Role]) -> Result<Self, Forbidden> {
        let role = roles.iter().copied().find(|role| by.roles.contains(role)).ok_or(Forbidden)?;
        Ok(Self::Official(by.person, role))
    }

    /// As [`Self::official`], in the organisation of the thing that is touched.
    ///
    /// # Errors
    /// [`Forbidden`] when none of the roles counts there.
    pub fn official_in(
        by: &Official,
        roles: &[Role],
        organisation: Option<OrganisationId>,
    ) -> Result<Self, Forbidden> {
        let counts = |role: &Role| by.counts_in(*role, organisation);
        let role = roles.iter().copied().find(counts).ok_or(Forbidden)?;
        Ok(Self::Official(by.person, role))
    }

    /// The person; `None` for the system.
    pub fn person(self) -> Option<PersonId> {
        match self {
            Self::System => None,
            Self::Bidder(person) | Self::Official(person, _) => Some(person),
        }
    }

    /// The role's name in the database: `system`, `bidder` or an official's role.
    pub fn role_key(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Bidder(_) => "bidder",
            Self::Official(_, role) => role.key(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeMap, BTreeSet};
    use uuid::Uuid;

    #[test]
    fn an_act_is_recorded_in_the_role_that_allowed_it() {
        let person = PersonId(Uuid::from_u128(1));
        let roles = BTreeSet::from([Role::Organiser, Role::Moderator, Role::Sysadmin]);
        let bound = BTreeMap::new();
        let by = Official { person, name: "Айгүл".to_owned(), roles, bound };
        for (allowed, expected) in [
            (vec![Role::Moderator], Some(Role::Moderator)),
            (vec![Role::Auditor, Role::Sysadmin], Some(Role::Sysadmin)),
            (vec![Role::Moderator, Role::Organiser], Some(Role::Moderator)),
            (vec![Role::Finance], None),
        ] {
            let expected = expected.map(|role| Principal::Official(person, role)).ok_or(Forbidden);
            assert_eq!(Principal::official(&by, &allowed), expected, "{allowed:?}");
        }
    }

    #[test]
    fn a_bound_role_counts_in_its_own_organisation_alone() {
        let person = PersonId(Uuid::from_u128(1));
        let [own, other] = [2, 3].map(|id| OrganisationId(Uuid::from_u128(id)));
        let roles = BTreeSet::from([Role::Organiser, Role::Auditor]);
        let bound = BTreeMap::from([(Role::Organiser, own)]);
        let by = Official { person, name: "Айгүл".to_owned(), roles, bound };
        for (roles, organisation, expected) in [
            (&[Role::Organiser][..], Some(own), Some(Role::Organiser)),
            (&[Role::Organiser], Some(other), None),
            (&[Role::Organiser], None, Some(Role::Organiser)),
            (&[Role::Organiser, Role::Auditor], Some(other), Some(Role::Auditor)),
            (&[Role::Moderator], Some(own), None),
        ] {
            let expected = expected.map(|role| Principal::Official(person, role)).ok_or(Forbidden);
            assert_eq!(Principal::official_in(&by, roles, organisation), expected, "{roles:?}");
        }
        assert_eq!(by.reach(&[Role::Organiser]), Ok(Some(BTreeSet::from([own]))));
        assert_eq!(by.reach(&[Role::Organiser, Role::Auditor]), Ok(None));
        assert_eq!(by.reach(&[Role::Finance]), Err(Forbidden));
    }

    #[test]
    fn each_action_is_found_by_its_key_and_no_key_stands_for_two() {
        for action in Action::ALL {
            assert_eq!(Action::from_key(action.key()), Some(*action), "{}", action.key());
        }
        assert!(Action::ALL.is_sorted_by(|one, next| one.key() < next.key()));
        assert_eq!(Action::from_key("auction.unheard_of"), None);
    }
}
