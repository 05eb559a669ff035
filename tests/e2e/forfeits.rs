//! A winner who refuses: officials of two offices decide what becomes of the guarantee, and the
//! money follows.

use anyhow::Context as _;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;
use toruk_server::db::StoreError;
use toruk_server::deposit::{Error, ForfeitCase, Opinion};
use toruk_server::entity::notification;
use toruk_server::identity::{Conflict, Official, Revocation, Role};
use toruk_sync::domain::deposit::{Rejection, Status};
use toruk_sync::domain::id::{DepositId, PersonId};
use toruk_sync::domain::notice::NoticeKind;
use toruk_sync::domain::proposal::LIFE;
use toruk_sync::domain::time::TimeSpan;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::open_auction::OpenAuction;
use toruk_tests::world::until;
use uuid::Uuid;

const SHA256: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

struct Refused {
    stage: OpenAuction,
    winner: ApiClient,
    deposit: DepositId,
    finance: Official,
    organiser: Official,
}

impl Refused {
    /// An auction whose winner refused the award.
    async fn new() -> anyhow::Result<Self> {
        let (stage, mut clients) = OpenAuction::open(2).await?;
        let view = stage.view().await?;
        let winner = clients.swap_remove(0);
        winner.bid(&view, &winner.raise(&view)?).await?;
        let end = stage.view().await?.auction.wake_at().context("no deadline")?;
        stage.play_until(end).await?;
        let awarded = until("an award", || async {
            Ok((!stage.view().await?.auction.awards.is_empty()).then_some(()))
        });
        awarded.await?;
        let path = format!("/v1/auctions/{}/award", stage.auction);
        assert_eq!(winner.post(&path, &json!({ "refuse": {} })).await?.status, 204);
        let finance = stage.officials.cashier.official.clone();
        let organiser = stage.officials.organiser.official.clone();
        let cases = stage.world.state().deposits.forfeits(&finance).await?;
        let deposit = cases.first().context("nothing to decide")?.deposit.id;
        Ok(Self { stage, winner, deposit, finance, organiser })
    }

    async fn case(&self, by: &Official) -> anyhow::Result<Option<ForfeitCase>> {
        Ok(self.stage.world.state().deposits.forfeits(by).await?.pop())
    }

    async fn propose(&self, by: &Official, keep: bool) -> Result<(), Error> {
        let (reason, document) = ("No word for two days".to_owned(), SHA256.to_owned());
        let opinion = Opinion { keep, reason, document };
        self.stage.world.state().deposits.propose_forfeit(by, self.deposit, opinion).await
    }

    /// The opinion that an official reads now; an unknown one if none waits.
    async fn read(&self, by: &Official) -> anyhow::Result<Uuid> {
        let proposal = self.case(by).await?.and_then(|case| case.proposal);
        Ok(proposal.map_or(Uuid::nil(), |(id, _)| id))
    }

    /// Approves what waits.
    async fn approve(&self, by: &Official) -> Result<(), Error> {
        let read = self.read(by).await.unwrap_or_default();
        self.approve_read(by, read).await
    }

    async fn approve_read(&self, by: &Official, read: Uuid) -> Result<(), Error> {
        self.stage.world.state().deposits.approve_forfeit(by, self.deposit, read).await
    }

    /// Declines what waits.
    async fn decline(&self, by: &Official) -> Result<(), Error> {
        let read = self.read(by).await.unwrap_or_default();
        self.stage.world.state().deposits.decline_forfeit(by, self.deposit, read).await
    }

    async fn status(&self) -> anyhow::Result<Status> {
        let mine = self.winner.applications().await?.pop().context("no application")?;
        Ok(mine.deposit.context("no deposit")?.status)
    }

    /// The ledger's balance of an account, in tyiyn.
    async fn balance(&self, account: &str) -> anyhow::Result<i64> {
        let balances = self.stage.world.state().deposits.balances(&self.finance).await?;
        assert_eq!(balances.iter().map(|balance| balance.amount_tyiyn).sum::<i64>(), 0);
        let found = balances.into_iter().find(|balance| balance.account == account);
        Ok(found.context("no account")?.amount_tyiyn)
    }

    /// The number of notices of this kind to the winner.
    async fn told(&self, kind: NoticeKind) -> anyhow::Result<usize> {
        let kind = serde_json::to_value(kind)?;
        let of_kind = notification::Entity::find()
            .filter(notification::Column::Person.eq(self.winner.session.person.0))
            .filter(notification::Column::Kind.eq(kind.as_str().unwrap_or_default()));
        Ok(of_kind.all(self.stage.world.state().context.db.read()).await?.len())
    }
}

#[tokio::test]
async fn a_guarantee_is_kept_when_both_offices_say_so_and_its_payer_is_told() -> anyhow::Result<()>
{
    let scene = Refused::new().await?;
    assert_eq!(scene.status().await?, Status::ForfeitProposed);
    let guarantee = scene.balance("deposits").await?;
    // Nobody has an opinion yet, and nobody can approve none.
    let early = scene.approve(&scene.finance).await;
    assert!(matches!(early, Err(Error::Store(StoreError::NotFound))), "{early:?}");

    scene.propose(&scene.organiser, true).await?;
    let case = scene.case(&scene.organiser).await?.context("gone")?;
    assert!(case.is_own && case.may_propose && !case.may_decide);
    let case = scene.case(&scene.finance).await?.context("gone")?;
    assert!(!case.is_own && !case.may_propose && case.may_decide);
    // Alone, or with a colleague of the same office: no.
    let colleague = scene.stage.world.official(Role::Organiser, "Канат Осмонов").await?.official;
    for by in [&scene.organiser, &colleague] {
        let refused = scene.approve(by).await;
        let alone = matches!(refused, Err(Error::Rejected(Rejection::SecondPersonNeeded)));
        assert!(alone, "{refused:?}");
        assert_eq!(scene.status().await?, Status::ForfeitProposed);
    }
    let another = scene.propose(&scene.finance, false).await;
    assert!(matches!(another, Err(Error::Store(StoreError::Conflict))), "{another:?}");

    scene.approve(&scene.finance).await?;
    assert_eq!(scene.status().await?, Status::Forfeited);
    assert_eq!(scene.balance("forfeited").await?, guarantee);
    assert_eq!(scene.balance("deposits").await?, 0);
    assert_eq!(scene.told(NoticeKind::DepositForfeited).await?, 1);
    assert!(scene.case(&scene.finance).await?.is_none());
    let again = scene.approve(&scene.finance).await;
    assert!(matches!(again, Err(Error::Store(StoreError::NotFound))), "{again:?}");
    let late = scene.propose(&scene.organiser, false).await;
    assert!(matches!(late, Err(Error::Rejected(Rejection::WrongState))), "{late:?}");
    Ok(())
}

#[tokio::test]
async fn a_guarantee_goes_back_when_both_offices_say_so() -> anyhow::Result<()> {
    let scene = Refused::new().await?;
    // An opinion that was withdrawn, one that was declined, one that lapsed.
    scene.propose(&scene.finance, true).await?;
    scene.decline(&scene.finance).await?;
    scene.propose(&scene.organiser, true).await?;
    scene.decline(&scene.finance).await?;
    scene.propose(&scene.organiser, true).await?;
    let speed = i64::from(scene.stage.world.config.rules.clock_speed.max(1));
    let read = scene.read(&scene.finance).await?;
    scene.stage.clock.advance(TimeSpan(LIFE.0 * speed));
    let lapsed = scene.approve_read(&scene.finance, read).await;
    assert!(matches!(lapsed, Err(Error::Rejected(Rejection::Lapsed))), "{lapsed:?}");
    assert_eq!(scene.status().await?, Status::ForfeitProposed);

    scene.propose(&scene.finance, false).await?;
    scene.approve(&scene.organiser).await?;
    let refunded = until("the refund", || async {
        Ok((scene.status().await? == Status::Released).then_some(()))
    });
    refunded.await?;
    for account in ["forfeited", "deposits", "refunds_due", "gateway"] {
        assert_eq!(scene.balance(account).await?, 0, "{account}");
    }
    assert_eq!(scene.told(NoticeKind::DepositForfeited).await?, 0);
    Ok(())
}

#[tokio::test]
async fn what_is_decided_is_the_opinion_that_was_read() -> anyhow::Result<()> {
    let scene = Refused::new().await?;
    scene.propose(&scene.organiser, false).await?;
    let read = scene.read(&scene.finance).await?;
    // Between the other official's look and their click.
    scene.propose(&scene.organiser, true).await?;
    let refused = scene.approve_read(&scene.finance, read).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::Conflict))), "{refused:?}");
    let deposits = &scene.stage.world.state().deposits;
    let refused = deposits.decline_forfeit(&scene.finance, scene.deposit, read).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::Conflict))), "{refused:?}");
    assert_eq!(scene.status().await?, Status::ForfeitProposed);
    scene.approve(&scene.finance).await?;
    assert_eq!(scene.status().await?, Status::Forfeited);
    Ok(())
}

#[tokio::test]
async fn nobody_approves_their_own_opinion_under_a_second_account() -> anyhow::Result<()> {
    let scene = Refused::new().await?;
    let world = &scene.stage.world;
    scene.propose(&scene.organiser, true).await?;
    let name = world.state().identity.names(&[scene.organiser.person]).await?;
    let name = name.get(&scene.organiser.person).context("no name")?;
    let second = world.official(Role::Finance, name).await?.official;
    let refused = scene.approve(&second).await;
    assert!(matches!(refused, Err(Error::Conflict(Conflict::OneHuman))), "{refused:?}");
    assert_eq!(scene.status().await?, Status::ForfeitProposed);
    Ok(())
}

#[tokio::test]
async fn an_opinion_needs_its_office_a_reason_and_a_document_and_no_part_in_it()
-> anyhow::Result<()> {
    let scene = Refused::new().await?;
    let state = scene.stage.world.state();
    for role in [Role::Moderator, Role::Auditor, Role::Sysadmin] {
        let by = scene.stage.world.official(role, role.key()).await?.official;
        let refused = scene.propose(&by, true).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{role:?}: {refused:?}");
    }
    for (reason, document) in [("", SHA256), (" \u{200b} ", SHA256), ("No word", "")] {
        let (reason, document) = (reason.to_owned(), document.to_owned());
        let opinion = Opinion { keep: true, reason, document };
        let refused = state.deposits.propose_forfeit(&scene.finance, scene.deposit, opinion).await;
        let missing = matches!(refused, Err(Error::Rejected(Rejection::ReasonNeeded)));
        assert!(missing, "{refused:?}");
    }
    // An account that stands for the payer.
    let payer: PersonId = scene.winner.session.person;
    let payer = Official { person: payer, ..scene.finance.clone() };
    let refused = scene.propose(&payer, false).await;
    assert!(matches!(refused, Err(Error::Conflict(_))), "{refused:?}");
    // Its author lost the office before the other one approved.
    let author = scene.stage.world.official(Role::Organiser, "Самат Жолдошев").await?.official;
    scene.propose(&author, true).await?;
    let revoked = Revocation::Official(author.person);
    state.identity.end_access(None, &revoked).await?;
    let refused = scene.approve(&scene.finance).await;
    assert!(matches!(refused, Err(Error::Store(StoreError::NotFound))), "{refused:?}");
    assert_eq!(scene.status().await?, Status::ForfeitProposed);
    Ok(())
}
