//! A person who is forgotten is found nowhere, and what everybody can check still holds.

use crate::applicants::{prove, submit, submitted, with_a_door};
use crate::ground::phone::Phone;
use crate::ground::sale::{HERE, Sale, hash, stream};
use crate::people::{member, recorded};
use crate::persons::{enter, link, proven};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, DbBackend, EntityTrait as _,
    Statement,
};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};
use toruk_server::application::Error;
use toruk_server::entity::{auction, draft, person};
use toruk_server::identity::{self, AccountKind, IdentityFault, Official, Provider, Role};
use toruk_sync::protocol::operations::{Operation, Verdict};
use toruk_sync::receipt::{GENESIS, link as chained};
use uuid::Uuid;

pub const CANARY: &str = "21503199077777";
const PAPER: &[u8] = b"%PDF-1.7 a passport of 21503199077777";

/// Lines that were logged.
#[derive(Clone, Default)]
struct Logged(Arc<Mutex<Vec<u8>>>);

impl Write for Logged {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn finds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|bytes| bytes == needle)
}

/// The tables with a column in which the number stands, as text or as bytes.
async fn tables_with_it(sale: &Sale) -> Vec<String> {
    let (db, backend) = (sale.state().context.db.read(), sale.state().context.db.backend());
    let columns = match backend {
        DbBackend::Sqlite => {
            "SELECT m.name AS t, c.name AS c FROM sqlite_master m, pragma_table_info(m.name) c \
             WHERE m.type = 'table'"
        }
        _ => {
            "SELECT table_name::text AS t, column_name::text AS c \
             FROM information_schema.columns WHERE table_schema = 'public'"
        }
    };
    let rows = db.query_all_raw(Statement::from_string(backend, columns)).await.unwrap();
    assert!(rows.len() > 100, "{} columns", rows.len());
    let bytes = hex::encode(CANARY);
    let mut found = Vec::new();
    for row in rows {
        let (table, column): (String, String) =
            (row.try_get("", "t").unwrap(), row.try_get("", "c").unwrap());
        let there = match backend {
            DbBackend::Sqlite => format!(
                "instr(CAST(\"{column}\" AS TEXT), '{CANARY}') > 0 \
                 OR instr(lower(hex(\"{column}\")), '{bytes}') > 0"
            ),
            _ => format!(
                "\"{column}\"::text LIKE '%{CANARY}%' OR \"{column}\"::text LIKE '%{bytes}%'"
            ),
        };
        let query = format!("SELECT count(*) AS n FROM \"{table}\" WHERE {there}");
        let counted = db.query_one_raw(Statement::from_string(backend, query)).await.unwrap();
        if counted.unwrap().try_get::<i64>("", "n").unwrap() > 0 {
            found.push(table);
        }
    }
    found.sort();
    found.dedup();
    found
}

fn files_with_it(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            found.extend(files_with_it(&entry.path()));
        } else if finds(&std::fs::read(entry.path()).unwrap(), CANARY.as_bytes()) {
            found.push(entry.path().display().to_string());
        }
    }
    found
}

/// Every record of the auction's log follows from the one before.
async fn log_holds(sale: &Sale) {
    let log = sale.state().catalogue.log(sale.auction, 0, 1_000).await.unwrap();
    assert!(!log.is_empty());
    let head = log.iter().fold(GENESIS, |head, record| chained(&head, record));
    let row = auction::Entity::find_by_id(sale.auction.0).one(sale.state().context.db.read());
    assert_eq!(row.await.unwrap().unwrap().head, head.to_vec());
}

/// Somebody who has applied with the number and withdrawn, with a paper and another draft.
pub async fn planted() -> Sale {
    let mut sale = with_a_door().await;
    prove(&sale, CANARY).await.unwrap();
    let application = submitted(submit(&mut sale, 1, &[("pin", CANARY)]).await);
    let (blobs, person, sha256) = (&sale.state().blobs, sale.bidder.person, hash(PAPER));
    let size = PAPER.len() as u64;
    blobs.announce(person, HERE, &sha256, size, "application/pdf").await.unwrap();
    assert!(blobs.append(person, &sha256, 0, None, stream(PAPER)).await.unwrap().stored);
    let (identity, named) = (&sale.state().identity, format!("Телефон {CANARY}"));
    identity.name_device(&sale.bidder, sale.bidder.device, &named).await.unwrap();
    // As an older version wrote it.
    let written = draft::ActiveModel {
        id: Set(Uuid::from_u128(77)),
        person: Set(person.0),
        auction: Set(Uuid::from_u128(78)),
        state: Set(format!("{{\"pin\":\"{CANARY}\"}}")),
        closed: Set(true),
        updated_at: Set(0),
    };
    written.insert(sale.state().context.db.read()).await.unwrap();
    let early = sale.state().applications.forget(None, person).await;
    assert!(matches!(early, Err(Error::StillNeeded)), "{early:?}");
    assert!(sale.state().identity.pin_of(person).await.unwrap().is_some(), "nothing was changed");
    let withdrawn = sale.push_one(2, Operation::WithdrawApplication { application }).await;
    assert_eq!(withdrawn, Verdict::Withdrawn);
    sale
}

#[tokio::test]
async fn a_number_is_found_nowhere_once_its_person_is_forgotten_and_the_log_still_holds() {
    let logged = Logged::default();
    let writer = logged.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    tracing::info!("from here on");
    let sale = planted().await;
    let (state, who) = (sale.state(), sale.bidder.person);
    let data = &state.context.config.data_dir;
    let found = tables_with_it(&sale).await;
    assert_eq!(found, ["device", "draft"], "the application's answers are sealed");
    assert!(!files_with_it(data).is_empty(), "the paper at least");
    let admin = member(state, None, Role::Sysadmin, "Айгүл").await.official;
    state.applications.forget(Some(&admin), who).await.unwrap();

    assert_eq!(tables_with_it(&sale).await, Vec::<String>::new());
    assert_eq!(files_with_it(data), Vec::<String>::new());
    let lines = logged.0.lock().unwrap().clone();
    assert!(!lines.is_empty(), "nothing was logged");
    let with_it = lines.split(|byte| *byte == b'\n').find(|line| finds(line, CANARY.as_bytes()));
    assert_eq!(with_it.map(String::from_utf8_lossy), None);
    log_holds(&sale).await;
    assert!(state.identity.pin_of(who).await.unwrap().is_none());
    let row = person::Entity::find_by_id(who.0).one(state.context.db.read()).await.unwrap();
    assert_eq!(row.unwrap().name, "—");
    let trail = recorded(state, "person.forget").await;
    assert_eq!(trail, [(format!("person:{who}"), "{}".to_owned())]);

    // Nobody enters by what was forgotten, and the human may come again, as another person.
    let eid = proven(Provider::Eid, &format!("sub {CANARY}"), Some(CANARY));
    let linked = link(state, who, &eid).await;
    assert!(
        matches!(linked, Err(identity::Error::Identity(IdentityFault::Forgotten))),
        "{linked:?}"
    );
    assert_ne!(enter(state, AccountKind::Bidder, &eid).await.unwrap(), who);
    state.applications.forget(None, who).await.unwrap();
}

#[tokio::test]
async fn only_an_administrator_of_the_whole_server_forgets_and_no_official_is_forgotten() {
    let sale = planted().await;
    let (state, who) = (sale.state(), sale.bidder.person);
    let forbidden = |by: Official| async move {
        let refused = state.applications.forget(Some(&by), who).await;
        assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    };
    forbidden(member(state, None, Role::Moderator, "Эркин").await.official).await;
    let holder = sale.auction().await.birth.lot_holder;
    let bound = crate::people::member_in(state, Role::Sysadmin, holder, "Бермет").await.official;
    let moderator = bound.person;
    forbidden(bound).await;
    let refused = state.applications.forget(None, moderator).await;
    assert!(matches!(refused, Err(Error::Identity(identity::Error::Conflict { .. }))));
    assert!(state.identity.pin_of(who).await.unwrap().is_some());
}

#[tokio::test]
async fn a_forgotten_person_is_signed_out_at_once_everywhere() {
    let mut sale = planted().await;
    let passkey = sale.phone_passkey();
    let identity = sale.state().identity.clone();
    let session = sale.phone.sign_in(&identity, &passkey).await.unwrap();
    assert!(identity.bidder(&session.token).await.is_ok());
    let open = identity.start_recovery(sale.bidder.person).await.unwrap();
    sale.state().applications.forget(None, sale.bidder.person).await.unwrap();
    assert!(identity.bidder(&session.token).await.is_err());
    assert!(sale.phone.sign_in(&identity, &passkey).await.is_err());
    let late = identity.finish_recovery(Phone::new(0xD).create(&open)).await;
    assert!(
        matches!(late, Err(identity::Error::Identity(IdentityFault::Forgotten))),
        "a ceremony that was open then adds no passkey"
    );
}
