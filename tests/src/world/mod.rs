//! A whole world in one process: a real server on its embedded database (or on PostgreSQL, by
//! [`postgres::CHOICE`]), the payment system and FCM beside it, officials with passkeys, phones with real cores. Everything talks over HTTP on
//! this machine; only the clock is shared.

pub mod answer;
pub mod api_client;
pub mod certificates;
pub mod clock;
pub mod device_key;
pub mod eid;
pub mod lots;
pub mod next_device;
pub mod open_auction;
pub mod passkey;
pub mod phone;
pub mod portal;
pub mod postgres;
pub mod process;
mod pulled;
pub mod seed;
pub mod watcher;
pub mod wire;

use self::clock::{Clock, LeapingStopwatch};
use self::passkey::SoftPasskeys;
use self::phone::Phone;
use self::wire::Wire;
use crate::outside::bank::Bank;
use crate::outside::fcm::Fcm;
use crate::outside::listening::{any_port, client};
use crate::outside::payment_system::{Merchant, PaymentSystem};
use anyhow::{Context as _, ensure};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use toruk_server::config::Config;
use toruk_server::deposit::gateway::SignedOrders;
use toruk_server::identity::{Official, Role};
use toruk_server::ids::SystemIds;
use toruk_server::ports::{Ids, Ports, Scanner};
use toruk_server::push::web::{VapidKey, WebPush};
use toruk_server::push::{Channels, FcmV1};
use toruk_server::reach::Reach;
use toruk_server::{AppState, Running, run};
use toruk_sync::domain::id::OrganisationId;
use toruk_sync::domain::rules::RuleProfile;
use toruk_sync::protocol::deposit::BankAccount;

/// Looks taken before [`until`] gives up.
const LOOKS_MAX: u32 = 1_500;
/// Pause between two checks of a condition, in real time.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// The key of every world's server at browsers' push services: nobody's secret.
const WEB_PUSH_KEY: [u8; 32] = [7; 32];
/// The address by which operators of push services would reach this world's.
const CONTACT: &str = "mailto:help@example.kg";
/// FCM's project in this world.
const PROJECT: &str = "toruk-demo";

/// A server with everything that it talks to.
pub struct World {
    /// The clock of the server and of the outside systems.
    pub clock: Arc<dyn Clock>,
    /// Real time as the server sees it.
    pub stopwatch: Arc<LeapingStopwatch>,
    /// The payment system that the server is configured with.
    pub payments: PaymentSystem,
    /// The bank with the account that the server is configured with.
    pub bank: Bank,
    /// The FCM that the server is configured with.
    pub fcm: Fcm,
    /// The folder for the data of the server and of the phones.
    pub folder: PathBuf,
    /// The server's origin, `http://localhost:<port>`.
    pub origin: String,
    /// The configuration that the server runs with.
    pub config: Config,
    /// The malware scanner from the server's next start on; `None` at first.
    pub scanner: Option<Arc<dyn Scanner>>,
    server: Option<Running>,
    database: Option<postgres::Database>,
}

/// One more node on a world's database, with its data folder, clock and outside.
pub struct Node {
    /// `http://localhost:<port>`; passkeys are still the world's origin's.
    pub origin: String,
    /// The node's running server.
    pub running: Running,
}

/// An official with a passkey and a console session.
pub struct Staff {
    /// The official's record, as the services have it.
    pub official: Official,
    /// The value of the console's cookie.
    pub token: String,
    /// The official's passkey in software.
    pub passkeys: SoftPasskeys,
}

/// The operator's account at the bank.
fn bank_account() -> BankAccount {
    BankAccount {
        holder: "Электрондук соода ишканасы".to_owned(),
        tax_number: "00112200910012".to_owned(),
        bank: "РСК Банк".to_owned(),
        bic: "129001".to_owned(),
        account: "1290010000000017".to_owned(),
    }
}

impl World {
    /// A world with its things in `folder`, listening on `port` (0 for any).
    ///
    /// # Errors
    /// When a server can't start.
    pub async fn start(
        clock: Arc<dyn Clock>,
        rules: RuleProfile,
        folder: &Path,
        port: u16,
    ) -> anyhow::Result<Self> {
        let merchant = Merchant { id: "toruk".to_owned(), secret: b"a secret of two".to_vec() };
        let payments = PaymentSystem::start(Arc::clone(&clock), merchant).await?;
        let bank = Bank::start(Arc::clone(&clock)).await?;
        let fcm = Fcm::start(Arc::clone(&clock), PROJECT).await?;
        let listener = match port {
            0 => any_port().await?,
            port => TcpListener::bind(("127.0.0.1", port)).await.context("the port is taken")?,
        };
        let port = listener.local_addr()?.port();
        let server_folder = folder.join("server");
        std::fs::create_dir_all(&server_folder)?;
        let bank_account = Some(bank_account());
        let local = Config::local(&server_folder, port);
        let mut config = Config { rules, demo: true, bank_account, ..local };
        let database = match postgres::is_chosen() {
            true => Some(postgres::Database::fresh().await?),
            false => None,
        };
        if let Some(database) = &database {
            config.database_url.clone_from(&database.url);
        }
        let origin = config.public_origin.clone();
        let folder = folder.to_owned();
        let mut world = Self {
            clock,
            stopwatch: Arc::default(),
            payments,
            bank,
            fcm,
            folder,
            origin,
            config: config.clone(),
            scanner: None,
            server: None,
            database,
        };
        world.server = Some(run(config, world.ports()?, listener).await?);
        Ok(world)
    }

    /// The server's services, for what no phone and no browser could see.
    ///
    /// # Panics
    /// While the server is stopped.
    #[expect(clippy::expect_used, reason = "a test's own mistake")]
    pub fn state(&self) -> &AppState {
        &self.server.as_ref().expect("the server is stopped").state
    }

    /// Origin of the listener that has `/readyz` and `/metrics`.
    ///
    /// # Panics
    /// When the server is stopped.
    #[expect(clippy::expect_used, reason = "a test's own mistake")]
    pub fn operations_origin(&self) -> String {
        let server = self.server.as_ref().expect("the server is stopped");
        format!("http://{}", server.operations_address)
    }

    /// Stops the server; what it has committed stays.
    pub async fn stop_server(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
    }

    /// Starts the server again on its database and its port.
    ///
    /// # Errors
    /// When it can't.
    pub async fn start_server(&mut self) -> anyhow::Result<()> {
        let port = self.origin.rsplit(':').next().context("no port")?.parse::<u16>()?;
        let listener = TcpListener::bind(("127.0.0.1", port)).await?;
        self.server = Some(run(self.config.clone(), self.ports()?, listener).await?);
        Ok(())
    }

    /// Starts one more node on the world's database. Only PostgreSQL has several.
    ///
    /// # Errors
    /// When it can't start.
    pub async fn start_node(&self) -> anyhow::Result<Node> {
        ensure!(postgres::is_chosen(), "SQLite has one node");
        let listener = any_port().await?;
        let origin = format!("http://localhost:{}", listener.local_addr()?.port());
        let running = run(self.config.clone(), self.ports()?, listener).await?;
        Ok(Node { origin, running })
    }

    /// The database's URL for the role that owns its tables; `None` on SQLite.
    pub fn owner_url(&self) -> Option<&str> {
        self.database.as_ref().map(|database| database.owner_url.as_str())
    }

    /// Makes an official by a one-time link and a passkey, as the console's page does.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn official(&self, role: Role, name: &str) -> anyhow::Result<Staff> {
        self.official_of(role, name, None).await
    }

    /// As [`World::official`], with a role that is bound to an organisation.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn official_of(
        &self,
        role: Role,
        name: &str,
        organisation: Option<OrganisationId>,
    ) -> anyhow::Result<Staff> {
        let invitation = self.state().identity.invite(None, role, organisation).await?;
        let token = invitation.link.rsplit('#').next().context("a link without a token")?;
        let staff = self.enrol(token, name).await?;
        ensure!(staff.official.roles.contains(&role), "{name} has no role");
        Ok(staff)
    }

    /// Enrols an official who was invited.
    ///
    /// # Errors
    /// When a step is refused.
    pub async fn enrol(&self, token: &str, name: &str) -> anyhow::Result<Staff> {
        let identity = &self.state().identity;
        let passkeys = SoftPasskeys::new(&self.origin)?;
        let challenge = identity.start_enrolment(token, name, "ky").await?;
        let credential = passkeys.register(&challenge.options.to_string())?;
        let credential = serde_json::from_str(&credential)?;
        let session = identity.finish_enrolment(token, challenge.ceremony, credential).await?;
        let official = identity.official(&session.token).await?;
        Ok(Staff { official, token: session.token, passkeys })
    }

    /// A new phone with the app on it, connected, nobody signed in.
    ///
    /// # Errors
    /// When its core can't open its folder.
    pub fn phone(&self, name: &str) -> anyhow::Result<Phone> {
        let folder = self.folder.join("phones").join(name);
        let (clock, speed) = (Arc::clone(&self.clock), self.config.rules.clock_speed);
        Phone::switch_on(name, &self.origin, &folder, clock, speed, &self.fcm)
    }

    /// As [`Self::phone`], with `wire` between it and the server.
    ///
    /// # Errors
    /// When its core can't open its folder.
    pub fn phone_behind(&self, wire: &Wire, name: &str) -> anyhow::Result<Phone> {
        let folder = self.folder.join("phones").join(name);
        let (clock, speed) = (Arc::clone(&self.clock), self.config.rules.clock_speed);
        let (server, origin) = (&wire.origin, &self.origin);
        Phone::switch_on_behind(name, server, origin, &folder, clock, speed, &self.fcm)
    }

    /// A plain HTTP client, for requests no phone would send.
    ///
    /// # Errors
    /// When it can't be built.
    pub fn http(&self) -> anyhow::Result<reqwest::Client> {
        client()
    }

    /// The outside as a server of this world has it.
    ///
    /// # Errors
    /// When an adapter can't be made.
    pub fn ports(&self) -> anyhow::Result<Ports> {
        let http = client()?;
        let callback = format!("{}/v1/payments/callback", self.origin);
        let gateway = SignedOrders::new(
            self.payments.base().parse()?,
            "toruk".to_owned(),
            "a secret of two".to_owned(),
            callback,
            http.clone(),
            Arc::clone(&self.clock),
        );
        let account = self.fcm.service_account_json();
        let phones = FcmV1::new(&account, Some(self.fcm.base().parse()?), http)?;
        let ids: Arc<dyn Ids> = Arc::new(SystemIds::new(Arc::clone(&self.clock)));
        let (key, clock) = (VapidKey::new(&WEB_PUSH_KEY, CONTACT)?, Arc::clone(&self.clock));
        let browsers = WebPush::new(key, Reach::Anywhere, clock, Arc::clone(&ids))?;
        let push = Channels { phones: Some(Arc::new(phones)), browsers: Some(browsers) };
        Ok(Ports {
            clock: Arc::clone(&self.clock),
            stopwatch: self.stopwatch.clone(),
            ids,
            gateway: Arc::new(gateway),
            push: Some(Arc::new(push)),
            scanner: self.scanner.clone(),
        })
    }
}

/// Looks again and again until `look` finds something; what is awaited happens in other tasks and
/// over sockets, and has no event to wait for.
///
/// # Errors
/// After half a minute, naming `what`.
pub async fn until<T, F>(what: &str, mut look: impl FnMut() -> F) -> anyhow::Result<T>
where
    F: Future<Output = anyhow::Result<Option<T>>>,
{
    for _ in 0..LOOKS_MAX {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    anyhow::bail!("waited in vain: {what}")
}
