//! What the server keeps of operations: references and hashes, not copies, and no more than a
//! person may deliver.

use crate::ground::sale::Sale;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ConnectionTrait as _, DbBackend, EntityTrait as _,
    Statement,
};
use sha2::{Digest as _, Sha256};
use toruk_server::application::Error;
use toruk_server::entity::{device, intake_journal, op_receipt};
use toruk_sync::domain::form::FieldFault;
use toruk_sync::domain::id::ApplicationId;
use toruk_sync::domain::time::TimeSpan;
use toruk_sync::draft::{Draft, DraftState, draft_id};
use toruk_sync::protocol::limits::{
    OPERATIONS_PER_DAY_MAX, OUTCOME_DAYS, SPARE_COMMANDS_PER_DAY_MAX,
};
use toruk_sync::protocol::operations::{Operation, OperationRejection, Outcome, Push, Verdict};
use uuid::Uuid;

/// Edits after which the growth is measured.
const EDITS: u64 = 50;
/// Most bytes that an edit may add to what is kept.
const GROWTH_BYTES_MAX: i64 = 2_000;
/// Rows in one statement; databases limit its parameters.
const ROWS_AT_ONCE: usize = 500;

fn edit(sale: &Sale, part: DraftState) -> Operation {
    let (draft, auction) = (draft_id(sale.bidder.person, sale.auction), sale.auction);
    Operation::EditDraft { draft, auction, part }
}

fn withdrawal() -> Operation {
    Operation::WithdrawApplication { application: ApplicationId(Uuid::nil()) }
}

/// A text of 8 000 characters that no database can compress.
fn answer(no: u8) -> String {
    let hashes = (0..125_u8).map(|part| hex::encode(Sha256::digest([no, part])));
    hashes.collect()
}

/// Bytes of the database that hold operations: on SQLite the whole file, on PostgreSQL the tables.
async fn kept_bytes(sale: &Sale) -> i64 {
    let db = sale.state().context.db.read();
    let backend = db.get_database_backend();
    let size = match backend {
        DbBackend::Postgres => {
            "SELECT pg_total_relation_size('op_receipt') \
             + pg_total_relation_size('intake_journal') AS bytes"
        }
        _ => "SELECT page_count * page_size AS bytes FROM pragma_page_count(), pragma_page_size()",
    };
    let row = db.query_one_raw(Statement::from_string(backend, size)).await.unwrap();
    row.unwrap().try_get("", "bytes").unwrap()
}

/// Form answers with faults of which a package of that size may have many.
async fn refused_package(sale: &mut Sale) -> Operation {
    let mut package = sale.package().await;
    for no in 0..5_000 {
        package.answers.insert(format!("unknown-{no}"), String::new());
    }
    package.answers.insert("long".repeat(10_000), String::new());
    sale.sign(package)
}

fn faults(verdict: &Verdict) -> Option<usize> {
    match verdict {
        Verdict::Refused(OperationRejection::Incomplete { faults }) => Some(faults.len()),
        _ => None,
    }
}

#[tokio::test]
async fn an_edit_of_a_big_draft_keeps_no_copy_of_the_draft() {
    let sale = Sale::new().await;
    let (mut draft, mut op_no) = (Draft::default(), 0);
    for no in 0..7 {
        let part = draft.set(&format!("answer-{no}"), Some(answer(no)), sale.bidder.actor);
        op_no += 1;
        sale.push_one(op_no, edit(&sale, part)).await;
    }
    let before = kept_bytes(&sale).await;
    for no in 0..EDITS {
        let name = Some(format!("Аида {no}"));
        let part = draft.set("full_name", name, sale.bidder.actor);
        op_no += 1;
        let verdict = sale.push_one(op_no, edit(&sale, part)).await;
        assert_eq!(verdict, Verdict::Merged { draft: draft.state() }, "the answer is whole");
    }
    let growth = (kept_bytes(&sale).await - before) / i64::try_from(EDITS).unwrap();
    assert!(growth < GROWTH_BYTES_MAX, "an edit adds {growth} bytes");
}

#[tokio::test]
async fn a_repeated_edit_is_answered_with_the_draft_as_it_is_now() {
    let sale = Sale::new().await;
    let mut draft = Draft::default();
    let mut set = |name: &str| draft.set("full_name", Some(name.to_owned()), sale.bidder.actor);
    let (first, second) = (set("Аида"), set("Айда"));
    let op = sale.op(1, edit(&sale, first));
    let (decided, _) = sale.push(vec![op.clone()]).await;
    sale.clock().pass(TimeSpan::minutes(1));
    sale.push_one(2, edit(&sale, second.clone())).await;
    let (again, next_op_no) = sale.push(vec![op]).await;
    let verdict = Verdict::Merged { draft: draft.state() };
    assert_eq!(again, [Outcome { verdict, ..decided[0].clone() }]);
    assert_eq!(next_op_no, 3);
    let conflict = Verdict::Refused(OperationRejection::OpConflict);
    assert_eq!(sale.push_one(1, edit(&sale, second)).await, conflict);
}

#[tokio::test]
async fn a_refused_package_is_kept_as_a_hash_and_names_a_bounded_number_of_faults() {
    let mut sale = Sale::new().await;
    let operation = refused_package(&mut sale).await;
    let verdict = sale.push_one(1, operation).await;
    assert_eq!(faults(&verdict), Some(101));
    let Verdict::Refused(OperationRejection::Incomplete { faults }) = verdict else { panic!() };
    assert_eq!(faults["form"], FieldFault::Unknown, "there are more");
    let db = sale.state().context.db.read();
    let arrivals = intake_journal::Entity::find().all(db).await.unwrap();
    assert_eq!(arrivals.len(), 1);
    assert_eq!(arrivals[0].raw.len(), "sha256:".len() + 64);
    let outcomes = op_receipt::Entity::find().all(db).await.unwrap();
    assert!(outcomes[0].outcome.len() < 4_000, "{}", outcomes[0].outcome.len());
}

#[tokio::test]
async fn an_old_refusal_loses_its_names_and_its_number_keeps_its_content() {
    let mut sale = Sale::new().await;
    let operation = refused_package(&mut sale).await;
    let op = sale.op(1, operation);
    let first = sale.push(vec![op.clone()]).await.0.remove(0);
    let applications = &sale.state().applications;
    sale.clock().pass(TimeSpan::days(OUTCOME_DAYS));
    assert_eq!(applications.sweep().await.unwrap(), 0);
    assert_eq!(sale.push(vec![op.clone()]).await.0.remove(0), first);

    sale.clock().pass(TimeSpan::seconds(1));
    assert_eq!(applications.sweep().await.unwrap(), 1);
    assert_eq!(applications.sweep().await.unwrap(), 0);
    let again = sale.push(vec![op]).await.0.remove(0);
    assert_eq!(faults(&again.verdict), Some(0), "still refused, and for the same reason");
    assert_eq!(Outcome { verdict: first.verdict.clone(), ..again }, first);
    let conflict = Verdict::Refused(OperationRejection::OpConflict);
    assert_eq!(sale.push_one(1, withdrawal()).await, conflict);
}

#[tokio::test]
async fn a_person_delivers_a_bounded_number_of_operations_a_day_and_commands_after_edits() {
    let sale = Sale::new().await;
    decided_lately(&sale, OPERATIONS_PER_DAY_MAX).await;
    let name = Some("Аида".to_owned());
    let part = Draft::default().set("full_name", name, sale.bidder.actor);
    let next = OPERATIONS_PER_DAY_MAX + 1;
    let push = async |op_no, operation| {
        let push = Push { ops: vec![sale.op(op_no, operation)] };
        let now = sale.state().context.ports.clock.now();
        sale.state().applications.push(&sale.bidder, push, now, true).await
    };
    let refused = push(next, edit(&sale, part.clone())).await;
    assert!(matches!(refused, Err(Error::TooManyToday)));
    // Edits keep nobody from a command.
    let reply = push(next, withdrawal()).await.unwrap();
    let not_found = Verdict::Refused(OperationRejection::NotFound);
    assert_eq!(reply.outcomes[0].verdict, not_found);
    // What was decided is answered again, and what is too much ends the reply.
    let both = vec![sale.op(next, withdrawal()), sale.op(next + 1, edit(&sale, part.clone()))];
    let (outcomes, next_op_no) = sale.push(both).await;
    assert_eq!((outcomes.len(), next_op_no), (1, next + 1));

    decided_lately(&sale, OPERATIONS_PER_DAY_MAX + SPARE_COMMANDS_PER_DAY_MAX).await;
    let next = OPERATIONS_PER_DAY_MAX + SPARE_COMMANDS_PER_DAY_MAX + 1;
    let refused = push(next, withdrawal()).await;
    assert!(matches!(refused, Err(Error::TooManyToday)));
    sale.clock().pass(TimeSpan::days(1));
    assert!(push(next, edit(&sale, part)).await.is_ok());
}

/// Makes the person's phone one that has delivered this many operations just now.
async fn decided_lately(sale: &Sale, count: u64) {
    let db = &sale.state().context.db;
    let txn = db.begin().await.unwrap();
    op_receipt::Entity::delete_many().exec(&txn).await.unwrap();
    let now = sale.state().context.ports.clock.now();
    let row = |op_no: u64| op_receipt::ActiveModel {
        device: Set(sale.bidder.device.0),
        op_no: Set(i64::try_from(op_no).unwrap()),
        hash: Set(String::new()),
        received_at: Set(now.0),
        outcome: Set("{}".to_owned()),
        auction: Set(None),
        operation: Set("edit_draft".to_owned()),
        acked_at: Set(None),
    };
    let rows: Vec<_> = (1..=count).map(row).collect();
    for rows in rows.chunks(ROWS_AT_ONCE) {
        let insert = op_receipt::Entity::insert_many(rows.iter().cloned());
        insert.exec_without_returning(&txn).await.unwrap();
    }
    let next_op_no = Set(i64::try_from(count + 1).unwrap());
    let phone = Set(sale.bidder.device.0);
    let phone = device::ActiveModel { id: phone, next_op_no, ..Default::default() };
    phone.update(&txn).await.unwrap();
    db.commit(txn).await.unwrap();
}
