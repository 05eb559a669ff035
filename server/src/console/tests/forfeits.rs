//! The pages of guarantees that wait for a decision and of a winner, for the gallery.

use super::samples::{auction_name, money, now, page};
use crate::application::Contact;
use crate::auction::Winner;
use crate::console::language::Language;
use crate::console::{forfeits, winner};
use crate::deposit::ForfeitCase;
use crate::identity::Role;
use askama::Template as _;
use std::collections::BTreeMap;
use toruk_sync::domain::deposit::{Deposit, Status};
use toruk_sync::domain::forfeit::{ForfeitProposal, Office};
use toruk_sync::domain::id::{ApplicationId, AuctionId, BidderNo, DepositId, PersonId};
use toruk_sync::domain::proposal::LIFE;
use uuid::Uuid;

/// One that nobody has said anything about, one to be approved, and one's own opinion.
pub fn pages(language: Language) -> Vec<(&'static str, String)> {
    let theirs = ForfeitCase { proposal: Some(proposal(true)), may_decide: true, ..case(2) };
    let own = ForfeitCase { proposal: Some(proposal(false)), is_own: true, ..case(3) };
    let fresh = ForfeitCase { may_propose: true, ..case(1) };
    let shown = |cases| {
        let page = page(language, "/console/guarantees", &[Role::Finance]);
        let names = BTreeMap::from([(proposal(true).1.by, "Айгүл Осмонова".to_owned())]);
        forfeits::compose(page, cases, &names, None).render().unwrap()
    };
    vec![
        ("guarantees", shown(vec![fresh, theirs, own])),
        ("guarantees-none", shown(Vec::new())),
        ("winner", winner(language)),
    ]
}

fn winner(language: Language) -> String {
    let application = ApplicationId(Uuid::from_u128(9));
    let contact = Contact {
        application,
        name: "Аида Токтогулова".to_owned(),
        phone: "+996700000001".to_owned(),
    };
    let found = Winner { bidder: BidderNo(2), price: money(1_338_750), contact };
    let (auction, number) = (AuctionId(Uuid::from_u128(5)), auction_name().number);
    let page = page(language, "/console/auctions", &[Role::Moderator]);
    winner::compose(page, auction, number, &found).render().unwrap()
}

fn proposal(keep: bool) -> (Uuid, ForfeitProposal) {
    let proposal = ForfeitProposal {
        keep,
        reason: "Жеңүүчү келишимге кол койгон жок".to_owned(),
        document: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned(),
        by: PersonId(Uuid::from_u128(7)),
        office: Office::Organiser,
        at: now(),
        expires_at: now() + LIFE,
    };
    (Uuid::from_u128(8), proposal)
}

fn case(number: u128) -> ForfeitCase {
    ForfeitCase {
        deposit: Deposit {
            id: DepositId(Uuid::from_u128(number)),
            application: ApplicationId(Uuid::from_u128(9)),
            amount: money(63_750),
            status: Status::ForfeitProposed,
            forfeit_proposed_by: None,
        },
        auction: AuctionId(Uuid::from_u128(5)),
        auction_name: auction_name(),
        proposal: None,
        may_propose: false,
        may_decide: false,
        is_own: false,
    }
}
