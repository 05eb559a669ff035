//! `toruk`: the server and the operator's commands.

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use ipnet::IpNet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio::net::TcpListener;
use toruk_server::address::{ProxyHeader, TrustedProxies, parse_network};
use toruk_server::blob::clamav::{Address, Clamd};
use toruk_server::cli::disk::DiskOptions;
use toruk_server::cli::eid::EidOptions;
use toruk_server::cli::encrypted::require_encrypted;
use toruk_server::cli::gateway::GatewayOptions;
use toruk_server::cli::person::{PersonCommand, SyncCommand, forget_again};
use toruk_server::cli::push::PushOptions;
use toruk_server::cli::receipt_key::{self, KeyAct};
use toruk_server::cli::signatures::SignatureOptions;
use toruk_server::cli::staff::{Revoke, staff_list, welcome};
use toruk_server::cli::stop_signal::stop_signal;
use toruk_server::cli::{backup, doctor, startup, verify_log};
use toruk_server::clock::SystemClock;
use toruk_server::clock::stopwatch::SystemStopwatch;
use toruk_server::config::{Config, OBSERVERS_MAX};
use toruk_server::db::Db;
use toruk_server::deposit::gateway::client;
use toruk_server::identity::Role;
use toruk_server::ids::SystemIds;
use toruk_server::person_keys::{self, RestoredKeys};
use toruk_server::ports::{Ids, Ports, Scanner};
use toruk_server::rate_limits::{ADDRESS_CONNECTIONS_MAX, ADDRESS_OBSERVERS_MAX, CallerLimits};
use toruk_server::router;
use toruk_server::{AppState, new_epoch, run, state};
use toruk_sync::domain::id::PersonId;
use tracing_subscriber::EnvFilter;

#[derive(Parser)]
#[command(name = "toruk", version, about = "A state online auction that anyone can check")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve phones, observers and the console.
    Serve {
        #[command(flatten)]
        options: Options,
        /// Address and port to listen on.
        #[arg(long, env = "TORUK_LISTEN", default_value = "127.0.0.1:8080")]
        listen: SocketAddr,
    },
    /// Manage officials from the machine.
    Admin {
        #[command(subcommand)]
        command: Admin,
    },
    /// Recompute an auction's public log, check receipts against it, print the winner.
    VerifyLog {
        #[command(flatten)]
        options: verify_log::Options,
    },
    /// Print the public key that verifies receipts, for publication.
    ReceiptKey {
        #[command(flatten)]
        options: Options,
        /// Make a new key, with all nodes stopped; the present one signs beside it.
        #[arg(long, conflicts_with = "withdraw_former")]
        replace: bool,
        /// Remove the key that was replaced, with all nodes stopped: everybody signs in again.
        #[arg(long)]
        withdraw_former: bool,
    },
    /// Manage the data that phones sync from this server.
    Sync {
        #[command(subcommand)]
        command: SyncCommand<Options>,
    },
    /// Manage what is known of people.
    Person {
        #[command(subcommand)]
        command: PersonCommand<Options>,
    },
    /// Copy a server's data into a new folder, while it serves or not.
    Backup {
        #[command(flatten)]
        options: backup::BackupOptions,
    },
    /// Examine the ledger, the states made of it, and the logs; exit with 1 if anything is wrong.
    Doctor(Options),
    /// Print the OpenAPI description of the API.
    Openapi,
}

#[derive(Subcommand)]
enum Admin {
    /// Print a one-time link that enrols an official.
    Invite {
        #[command(flatten)]
        options: Options,
        /// Role: organiser, moderator, finance, auditor or sysadmin.
        #[arg(long, default_value = "sysadmin")]
        role: Role,
    },
    /// List officials with their ids, roles, sessions, passkeys, and the open invitations.
    List {
        #[command(flatten)]
        options: Options,
    },
    /// End an official's access, or a part of it; a running server obeys within a second.
    Revoke {
        #[command(flatten)]
        options: Options,
        #[command(subcommand)]
        what: Revoke,
    },
}

#[derive(Args)]
struct Options {
    /// Folder of files, keys and, by default, the database.
    #[arg(long, env = "TORUK_DATA_DIR", default_value = "toruk-data")]
    data_dir: PathBuf,
    /// `sqlite://FILE` or `postgres://…`; a file in the data folder by default.
    #[arg(long, env = "TORUK_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The server's address for browsers and phones; its host is the passkeys' relying party.
    #[arg(long, env = "TORUK_PUBLIC_ORIGIN", default_value = "http://localhost:8080")]
    public_origin: String,
    /// More origins whose passkeys are accepted, such as `android:apk-key-hash:…`.
    #[arg(long, env = "TORUK_APP_ORIGIN", value_delimiter = ',')]
    app_origin: Vec<String>,
    /// The apps: `android:PACKAGE` or `ios:TEAM.BUNDLE`.
    #[arg(long, env = "TORUK_MOBILE_APP", value_delimiter = ',')]
    mobile_app: Vec<String>,
    /// Rules for new auctions: a JSON file; `kg-2026` by default.
    #[arg(long, env = "TORUK_RULES")]
    rules: Option<PathBuf>,
    /// Maximum number of observers (viewers without a session) on this node.
    #[arg(long, env = "TORUK_OBSERVERS_MAX", default_value_t = OBSERVERS_MAX)]
    observers_max: usize,
    /// Addresses and networks of the proxies in front, such as 127.0.0.1 or 10.0.0.0/8, whose word
    /// on their clients' addresses is taken; none by default.
    #[arg(long, env = "TORUK_TRUSTED_PROXIES", value_delimiter = ',', value_parser = parse_network)]
    trusted_proxies: Vec<IpNet>,
    /// The one header in which these proxies name their client.
    #[arg(long, env = "TORUK_PROXY_HEADER", value_enum, default_value = "x-forwarded-for")]
    proxy_header: ProxyHeader,
    /// Maximum number of observers of one address.
    #[arg(long, env = "TORUK_ADDRESS_OBSERVERS_MAX", default_value_t = ADDRESS_OBSERVERS_MAX)]
    address_observers_max: usize,
    /// Maximum number of connections of one address on which nobody is signed in.
    #[arg(long, env = "TORUK_ADDRESS_CONNECTIONS_MAX", default_value_t = ADDRESS_CONNECTIONS_MAX)]
    address_connections_max: usize,
    /// Seconds for which browsers reach this host by TLS alone (`Strict-Transport-Security`), such
    /// as 31536000; not sent by default.
    #[arg(long, env = "TORUK_HSTS_SECONDS")]
    hsts_seconds: Option<u32>,
    /// Extends it to all subdomains of this host.
    #[arg(long, env = "TORUK_HSTS_SUBDOMAINS", requires = "hsts_seconds")]
    hsts_subdomains: bool,
    /// Neither makes nor accepts passkeys that sign by RSA, as Windows Hello makes them.
    #[arg(long, env = "TORUK_REFUSE_RSA_PASSKEYS")]
    refuse_rsa_passkeys: bool,
    /// Address and port of `/readyz` and `/metrics`, which the public must not reach.
    #[arg(long, env = "TORUK_OPERATIONS_LISTEN", default_value = "127.0.0.1:8081")]
    operations_listen: SocketAddr,
    #[command(flatten)]
    disk: DiskOptions,
    /// File to which the first administrator's link is written (mode 0600) instead of being
    /// printed.
    #[arg(long, env = "TORUK_ADMIN_INVITE_FILE")]
    invite_file: Option<PathBuf>,
    #[command(flatten)]
    gateway: GatewayOptions,
    #[command(flatten)]
    push: PushOptions,
    #[command(flatten)]
    signatures: SignatureOptions,
    /// ClamAV's daemon, which scans every file before it is used: `tcp://HOST:PORT` or
    /// `unix:///PATH`. Without it, files are accepted without a malware check.
    #[arg(long, env = "TORUK_CLAMAV")]
    clamav: Option<Address>,
    #[command(flatten)]
    eid: EidOptions,
    /// Hosts that may be reached without encryption, such as through a tunnel; without them the
    /// database, the payment system, FCM, eID and ClamAV are on this machine, or encrypted.
    #[arg(long, env = "TORUK_PLAIN_HOSTS", value_delimiter = ',')]
    plain_hosts: Vec<String>,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    // Fails only if a provider is installed already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().json().with_env_filter(filter).with_writer(std::io::stderr).init();
    match Cli::parse().command {
        Command::Serve { options, listen } => serve(options, listen).await?,
        Command::Admin { command } => administer(command).await?,
        Command::VerifyLog { options } => return verify_log::run(&options).await,
        Command::ReceiptKey { options, replace, withdraw_former } => {
            let act = KeyAct::of(replace, withdraw_former);
            let ids = SystemIds::new(Arc::new(SystemClock::start()));
            startup::require_key(&options.data_dir)?;
            println!("{}", receipt_key::run(&options.config()?, &ids, act)?);
            if act == KeyAct::Replace {
                // The database knows a new key before the former can be withdrawn.
                options.open().await?;
            }
        }
        Command::Person { command: PersonCommand::Forget { options, id } } => {
            options.open().await?.applications.forget(None, PersonId(id)).await?;
            println!("forgotten");
        }
        Command::Person { command: PersonCommand::ExportKeys { options, to } } => {
            let db = Db::open(&options.config_of_known()?.database_url).await?;
            println!("{} keys", person_keys::write(db.read(), &to).await?);
        }
        Command::Person { command: PersonCommand::RestoreKeys { options, from } } => {
            let db = Db::open(&options.config_of_known()?.database_url).await?;
            let RestoredKeys { restored, forgotten } = person_keys::restore(&db, &from).await?;
            db.close().await?;
            let state = options.open().await?;
            println!("{restored} keys put back");
            forget_again(&state, &forgotten).await?;
        }
        Command::Sync { command: SyncCommand::NewEpoch { options, accept_loss } } => {
            println!("{}", new_epoch(&options.open().await?, accept_loss).await?);
        }
        Command::Backup { options } => {
            let size = backup::run(&options).await?;
            println!("{} files, {} bytes, checked", size.files, size.bytes);
        }
        Command::Doctor(options) => {
            return doctor::run(&options.config_of_known()?.database_url).await;
        }
        Command::Openapi => println!("{:#}", router::openapi()),
    }
    Ok(ExitCode::SUCCESS)
}

async fn administer(command: Admin) -> anyhow::Result<()> {
    let (Admin::Invite { options, .. } | Admin::List { options } | Admin::Revoke { options, .. }) =
        &command;
    let state = options.open().await?;
    match command {
        Admin::Invite { role, .. } => {
            let invitation = state.identity.invite(None, role, None).await?;
            println!("{}", invitation.link);
        }
        Admin::List { .. } => print!("{}", staff_list(&state.identity.access(None).await?)),
        Admin::Revoke { what, .. } => {
            state.identity.end_access(None, &what.revocation()).await?;
            println!("ended");
        }
    }
    Ok(())
}

async fn serve(options: Options, listen: SocketAddr) -> anyhow::Result<()> {
    let config = options.config()?;
    let listener = TcpListener::bind(listen).await.with_context(|| {
        format!("--listen {listen}: the address is taken or not this machine's; give another")
    })?;
    let ports = options.ports().await?;
    startup::create_data_folder(&config.data_dir)?;
    let running = run(config, ports, listener).await?;
    Clamd::greet(options.clamav.as_ref()).await;
    let operations = running.operations_address;
    tracing::info!(address = %running.address, %operations, "serving");
    welcome(&running.state).await?;
    running.run_until(stop_signal()).await;
    Ok(())
}

impl Options {
    /// The services of a server that has served before. Only `serve` makes a data folder.
    async fn open(&self) -> anyhow::Result<AppState> {
        let config = self.config_of_known()?;
        state::open(config, self.ports().await?).await
    }

    fn config_of_known(&self) -> anyhow::Result<Config> {
        let config = self.config()?;
        startup::require_data(&self.data_dir, self.database_url.as_deref())?;
        Ok(config)
    }

    fn config(&self) -> anyhow::Result<Config> {
        let (option, address) = self.gateway.address();
        startup::require_http(option, address)?;
        let (option, address) = self.push.address();
        startup::require_http(option, address)?;
        let eid = self.eid.config()?;
        let clamav = self.clamav.as_ref().map(Address::to_string);
        let addresses = [
            ("--database-url", self.database_url.as_deref()),
            self.gateway.address(),
            self.push.address(),
            self.eid.address(),
            ("--clamav", clamav.as_deref()),
        ];
        require_encrypted(&addresses, &self.plain_hosts)?;
        let local = Config::local(&self.data_dir, 0);
        let public_origin = startup::public_origin(&self.public_origin)?;
        let app_origins = self.app_origin.iter().map(|origin| startup::app_origin(origin));
        self.signatures.applied_to(Config {
            database_url: self.database_url.clone().unwrap_or(local.database_url),
            data_dir: self.data_dir.clone(),
            secure_cookies: public_origin.starts_with("https://"),
            public_origin,
            app_origins: app_origins.collect::<anyhow::Result<_>>()?,
            mobile_apps: startup::mobile_apps(&self.mobile_app)?,
            rules: startup::rules(self.rules.as_deref())?,
            invite_file: self.invite_file.clone(),
            timeouts: local.timeouts,
            proxies: TrustedProxies {
                networks: self.trusted_proxies.clone(),
                header: self.proxy_header,
            },
            limits: CallerLimits {
                observers_max: self.address_observers_max,
                connections_max: self.address_connections_max,
                ..local.limits
            },
            hsts_seconds: self.hsts_seconds,
            hsts_subdomains: self.hsts_subdomains,
            rsa_passkeys: !self.refuse_rsa_passkeys,
            operations_listen: self.operations_listen,
            observers_max: self.observers_max,
            disk: self.disk.limits(local.disk),
            uploads_bytes_max: self.disk.uploads_bytes_max(),
            // A server that proves nobody takes everybody's word.
            proves_identity: eid.is_some(),
            eid,
            bank_account: self.gateway.bank_account()?,
            demo: false,
            ..local
        })
    }

    async fn ports(&self) -> anyhow::Result<Ports> {
        let clock = startup::clock(self.database_url.as_deref()).await?;
        let http = client(None, None)?;
        let gateway = self.gateway.gateway(&self.public_origin, clock.clone())?;
        let ids: Arc<dyn Ids> = Arc::new(SystemIds::new(clock.clone()));
        let push = self.push.transport(&self.data_dir, http, &clock, &ids)?;
        let stopwatch = Arc::new(SystemStopwatch::start());
        let clamd = |address| Arc::new(Clamd::new(address)) as Arc<dyn Scanner>;
        let scanner = self.clamav.clone().map(clamd);
        Ok(Ports { ids, clock, stopwatch, gateway, push, scanner })
    }
}
