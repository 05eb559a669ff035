//! An auction in its bidding, with everybody who may ask for something, and a proposal that nobody
//! has published.

use anyhow::Context as _;
use reqwest::{Client, Method, RequestBuilder, Response};
use std::collections::BTreeMap;
use std::sync::Arc;
use tempfile::TempDir;
use toruk_server::identity::Role;
use toruk_sync::domain::auction::Status;
use toruk_sync::domain::id::{ApplicationId, AuctionId, DepositId, LotId, OrganisationId};
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::domain::time::{TimeSpan, Timestamp};
use toruk_sync::protocol::bid::PlaceBid;
use toruk_sync::protocol::catalogue::AuctionView;
use toruk_sync::protocol::deposit::BeginPayment;
use toruk_sync::protocol::problem::ProblemBody;
use toruk_tests::day::Officials;
use toruk_tests::world::api_client::ApiClient;
use toruk_tests::world::clock::ManualClock;
use toruk_tests::world::{Staff, World, until};

/// A file that the participant has announced and not sent.
pub const UNFINISHED: &[u8] = b"%PDF-1.4\n% on its way\n%%EOF\n";

/// The name of the participant, which must not be found where it does not belong.
pub const NAME: &str = "Канарейкин Жашыруун";

pub struct AccessFixture {
    pub world: World,
    pub clock: Arc<ManualClock>,
    pub staff: BTreeMap<Role, Staff>,
    pub lot: LotId,
    /// The organisation that holds and sells it.
    pub lot_holder: OrganisationId,
    /// An auction in its bidding phase.
    pub open: AuctionId,
    /// An auction that is a draft: no phone may see it.
    pub hidden: AuctionId,
    /// Takes part in the open auction.
    pub participant: ApiClient,
    /// Takes part in it too.
    pub rival: ApiClient,
    /// A signed-in person who never applied for an auction.
    pub stranger: ApiClient,
    /// The console's token of a moderator of another organisation.
    pub elsewhere: String,
    /// A token whose session has ended.
    pub ended: String,
    /// The participant's application for the open auction.
    pub application: ApplicationId,
    /// The request by which the participant paid the deposit.
    pub paid: BeginPayment,
    /// A bid that the participant could place.
    /// The participant's deposit.
    pub deposit: DepositId,
    pub bid: PlaceBid,
    pub http: Client,
    _folder: TempDir,
}

impl AccessFixture {
    pub async fn new() -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let clock = ManualClock::new(Timestamp::parse("2026-11-24T09:00:00+06:00").unwrap());
        let world = World::start(clock.clone(), RuleProfile::sandbox(60), folder.path(), 0).await?;
        let officials = Officials::enrol(&world).await?;
        let [lot, next] = officials.import_lots(&world, 7).await?;
        let start = clock_after(&clock, TimeSpan::minutes(25));
        let open = officials.publish(&world, lot, start).await?;
        let offer = officials.offer(&world, next, start).await?;
        let organiser = &officials.organiser.official;
        let hidden = world.state().auctions.create(organiser, next, offer).await?;

        let participant = ApiClient::register(&world, NAME).await?;
        let rival = ApiClient::register(&world, "Бек").await?;
        let stranger = ApiClient::register(&world, "Чыңгыз").await?;
        let offered = world.state().catalogue.view(open).await?;
        let application = participant.apply(&offered).await?;
        let announced = participant.announce(UNFINISHED).send().await?;
        assert_eq!(announced.status(), 201);
        let other = rival.apply(&offered).await?;
        officials.admit_all(&world, 2).await?;
        let paid = participant.pay(&world, application).await?;
        rival.pay(&world, other).await?;
        let ended = ApiClient::register(&world, "Эсен").await?;
        ended.request(Method::DELETE, "/v1/sessions/current").send().await?.error_for_status()?;
        let ended = ended.session.token;

        let mut deposits = world.state().deposits.of(&[application]).await?;
        let deposit = deposits.remove(&application).unwrap().0.id;
        let terms = world.state().catalogue.view(open).await?.auction.terms.unwrap();
        // The tick comes when what arrived in time has been decided.
        clock.set(terms.tender_end + world.config.rules.drain);
        awaited(&world, open, Status::Waiting).await?;
        clock.set(terms.start);
        let view = awaited(&world, open, Status::Bidding).await?;
        let bid = participant.raise(&view)?;

        let mut staff = BTreeMap::from([
            (Role::Organiser, officials.organiser),
            (Role::Moderator, officials.moderator),
            (Role::Finance, officials.cashier),
        ]);
        for role in [Role::Auditor, Role::Sysadmin] {
            staff.insert(role, world.official(role, role.key()).await?);
        }
        let http = world.http()?;
        let foreign = another_organisation(&world, &staff[&Role::Organiser]).await?;
        let elsewhere = world.official_of(Role::Moderator, "elsewhere", Some(foreign)).await?.token;
        Ok(Self {
            world,
            clock,
            staff,
            lot,
            lot_holder: view.auction.birth.lot_holder,
            open,
            hidden,
            participant,
            rival,
            stranger,
            elsewhere,
            ended,
            application,
            deposit,
            paid,
            bid,
            http,
            _folder: folder,
        })
    }

    /// Officials of every role, bound to an organisation that has no part in the auctions.
    pub async fn of_another_organisation(&self) -> anyhow::Result<BTreeMap<Role, Staff>> {
        let foreign = another_organisation(&self.world, &self.staff[&Role::Organiser]).await?;
        let mut staff = BTreeMap::new();
        for role in Role::ALL {
            let name = format!("{role} of elsewhere");
            staff.insert(role, self.world.official_of(role, &name, Some(foreign)).await?);
        }
        Ok(staff)
    }

    /// A request in nobody's name.
    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.world.origin))
    }

    /// Lets the bidding of the open auction end.
    pub async fn close_bidding(&self) -> anyhow::Result<()> {
        let view = self.world.state().catalogue.view(self.open).await?;
        let closes_at = view.auction.closes_at().expect("nothing runs");
        let drain = view.auction.birth.rules.drain;
        self.clock.set(closes_at + drain + drain);
        awaited(&self.world, self.open, Status::Qualification).await?;
        Ok(())
    }
}

/// An organisation that has no part in the auctions.
async fn another_organisation(world: &World, organiser: &Staff) -> anyhow::Result<OrganisationId> {
    let (catalogue, by) = (&world.state().catalogue, &organiser.official);
    let elsewhere = serde_json::json!({
        "title": { "ru": "Гараж" },
        "kind": "premises",
        "lot_holder": { "ru": "Мэрия другого города" },
        "synthetic": true,
    });
    catalogue.import(by, vec![serde_json::from_value(elsewhere)?]).await?;
    let all = catalogue.organisations(by).await?;
    let foreign = all.into_iter().find(|(_, name)| name.get("ru").ends_with("другого города"));
    Ok(foreign.context("no organisation was made")?.0)
}

/// Reads a refusal, which must be one in every respect.
pub async fn problem(response: Response, what: &str) -> ProblemBody {
    let status = response.status();
    assert!(status.is_client_error() || status.as_u16() == 503, "{what}: {status}");
    let header = |name: &str| {
        let value = response.headers().get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_else(|| panic!("{what}: {status} without {name}")).to_owned()
    };
    assert_eq!(header("content-type"), "application/problem+json", "{what}: {status}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("cache-control"), "no-store", "{what}");
    let id = header("x-request-id");
    let text = response.text().await.unwrap();
    let body: ProblemBody =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{what}: {error}: {text}"));
    assert_eq!(body.status, status.as_u16(), "{what}");
    assert_eq!(body.trace_id, Some(id), "{what}: the log can't be searched for it");
    assert!(!body.title.is_empty() && body.kind.starts_with("urn:toruk:problem:"), "{what}");
    body
}

async fn awaited(world: &World, id: AuctionId, status: Status) -> anyhow::Result<AuctionView> {
    until("an auction's next state", || async {
        let view = world.state().catalogue.view(id).await?;
        Ok((view.auction.status == status).then_some(view))
    })
    .await
}

fn clock_after(clock: &ManualClock, span: TimeSpan) -> Timestamp {
    toruk_tests::world::clock::Clock::now(clock) + span
}
