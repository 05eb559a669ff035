//! What belongs to an organisation is its officials' alone.

use crate::ground::TestServices;
use crate::ground::sale::{drafted, official};
use crate::people::{member, member_in};
use toruk_server::auction::{self, OfficialAction};
use toruk_server::catalogue;
use toruk_server::clock::Clock as _;
use toruk_server::db::StoreError;
use toruk_server::identity::firm::TAX_REGISTER;
use toruk_server::identity::{Error, FirmName, Official, Role};
use toruk_server::{AppState, application};
use toruk_sync::domain::form::Text;
use toruk_sync::domain::id::{AuctionId, LotId, OrganisationId};

fn text(name: &str) -> Text {
    Text { ru: Some(name.to_owned()), ..Text::default() }
}

fn firm(identifier: &str) -> Option<FirmName> {
    let (scheme, identifier) = (TAX_REGISTER.to_owned(), identifier.to_owned());
    Some(FirmName { scheme, identifier })
}

async fn organisation(state: &AppState, by: &Official, name: &str) -> OrganisationId {
    state.identity.create_organisation(by, text(name), None).await.unwrap()
}

#[tokio::test]
async fn an_administrator_of_one_organisation_changes_that_one_alone() {
    let ground = TestServices::new().await;
    let (state, identity) = (&ground.state, &ground.state.identity);
    let admin = member(state, None, Role::Sysadmin, "Айгүл").await.official;
    let own = organisation(state, &admin, "Мэрия").await;
    let other = organisation(state, &admin, "Школа").await;
    let bound = member_in(state, Role::Sysadmin, own, "Бермет").await.official;

    let listed = identity.organisations(&bound).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.id).collect::<Vec<_>>(), [own]);
    assert_eq!(identity.organisations(&admin).await.unwrap().len(), 2);
    let moderator = member(state, None, Role::Moderator, "Эркин").await.official;
    assert!(matches!(identity.organisations(&moderator).await, Err(Error::Forbidden)));

    let tax_number = firm("01234567890123");
    identity
        .edit_organisation(&bound, own, text("Мэрия города"), tax_number.clone())
        .await
        .unwrap();
    let detail = identity.organisation(&bound, own).await.unwrap();
    assert_eq!(detail.organisation.name, text("Мэрия города"));
    assert_eq!(detail.organisation.firm, tax_number);
    assert!(matches!(identity.organisation(&bound, other).await, Err(Error::Forbidden)));
    let foreign = identity.edit_organisation(&bound, other, text("Наша"), None).await;
    assert!(matches!(foreign, Err(Error::Forbidden)));
    let another = identity.create_organisation(&bound, text("Ещё"), None).await;
    assert!(matches!(another, Err(Error::Forbidden)));
    let read_only = identity.edit_organisation(&moderator, own, text("Наша"), None).await;
    assert!(matches!(read_only, Err(Error::Forbidden)));

    let twice = identity.edit_organisation(&admin, other, text("Школа"), tax_number).await;
    assert!(matches!(twice, Err(Error::Store(StoreError::Conflict))));
    for (name, register) in
        [("", None), ("Имя\u{202e}", None), ("Имя", firm("123")), ("Имя", firm("0123456789012a"))]
    {
        let refused = identity.create_organisation(&admin, text(name), register).await;
        assert!(matches!(refused, Err(Error::Malformed(_))), "{name}");
    }
}

/// An auction's lot and its holder.
async fn lot_of(state: &AppState, id: AuctionId) -> (LotId, OrganisationId) {
    let auction = state.catalogue.auction(state.context.db.read(), id).await.unwrap();
    (auction.birth.lot, auction.birth.lot_holder)
}

#[tokio::test]
async fn who_sells_for_a_holder_acts_on_the_auction_and_the_holder_only_looks_on() {
    let ground = TestServices::new().await;
    let state = &ground.state;
    let everywhere = official(1, Role::Organiser);
    let former = drafted(state, ground.clock.now(), &everywhere).await;
    let (lot, holder) = lot_of(state, former).await;
    let offer = state.catalogue.auction(state.context.db.read(), former).await.unwrap().birth.offer;
    let admin = member(state, None, Role::Sysadmin, "Айгүл").await.official;
    let seller = organisation(state, &admin, "Фонд госимущества").await;
    let third = organisation(state, &admin, "Посторонние").await;
    let holders = member_in(state, Role::Organiser, holder, "Нургүл").await.official;
    let sellers = member_in(state, Role::Organiser, seller, "Азамат").await.official;
    let strangers = member_in(state, Role::Organiser, third, "Чыңгыз").await.official;

    let catalogue = &state.catalogue;
    assert!(matches!(catalogue.lot(&sellers, lot).await, Err(catalogue::Error::Forbidden)));
    let stolen = catalogue.entrust(&strangers, lot, Some(third)).await;
    assert!(matches!(stolen, Err(catalogue::Error::Forbidden)));
    catalogue.entrust(&holders, lot, Some(seller)).await.unwrap();
    let back = catalogue.entrust(&sellers, lot, None).await;
    assert!(matches!(back, Err(catalogue::Error::Forbidden)), "only the holder entrusts");
    assert!(
        catalogue.lot(&sellers, lot).await.is_ok() && catalogue.lot(&holders, lot).await.is_ok()
    );
    let stale = state.auctions.act(&everywhere, former, OfficialAction::Submit).await;
    stale.unwrap();
    let moderator = official(2, Role::Moderator);
    let stale = state.auctions.act(&moderator, former, OfficialAction::Publish).await;
    assert!(matches!(stale, Err(auction::Error::HolderChanged)), "{stale:?}");
    let reason = "устарел".to_owned();
    state.auctions.act(&moderator, former, OfficialAction::Return { reason }).await.unwrap();

    let own = state.auctions.create(&holders, lot, offer.clone()).await;
    assert!(matches!(own, Err(auction::Error::Forbidden)), "{own:?}");
    let id = state.auctions.create(&sellers, lot, offer).await.unwrap();
    let birth = catalogue.auction(state.context.db.read(), id).await.unwrap().birth;
    assert_eq!((birth.lot_holder, birth.procuring_entity), (holder, seller));
    for (by, sees) in [(&holders, true), (&sellers, true), (&strangers, false)] {
        assert_eq!(catalogue.view_for(by, id).await.is_ok(), sees, "{}", by.name);
        let listed = catalogue.auctions(by, None).await.unwrap().0;
        assert_eq!(listed.iter().any(|row| row.card.id == id), sees, "{}", by.name);
    }
    for by in [&holders, &strangers] {
        let refused = state.auctions.act(by, id, OfficialAction::Submit).await;
        assert!(matches!(refused, Err(auction::Error::Forbidden)), "{}", by.name);
    }
    state.auctions.act(&sellers, id, OfficialAction::Submit).await.unwrap();
    let judge = member_in(state, Role::Moderator, seller, "Эркин").await.official;
    let elsewhere = member_in(state, Role::Moderator, holder, "Бакыт").await.official;
    let refused = state.auctions.act(&elsewhere, id, OfficialAction::Publish).await;
    assert!(matches!(refused, Err(auction::Error::Forbidden)));
    state.auctions.act(&judge, id, OfficialAction::Publish).await.unwrap();
    assert!(state.applications.queue(&judge, Some(id)).await.is_ok());
    let finance = member_in(state, Role::Finance, seller, "Жылдыз").await.official;
    let queue = state.applications.queue(&finance, Some(id)).await;
    assert!(matches!(queue, Err(application::Error::Forbidden)));
}
