use super::super::pull::*;
use super::fixtures::log;
use super::fixtures::{application, at, auction_id, page, row, session, view};
use crate::engine::BTreeMap;
use crate::engine::BTreeSet;
use crate::engine::Saved;
use crate::store::Table;
use crate::store::{MemoryStore, Store};
use serde_json::json;
use toruk_sync::protocol::pull::kind;
use toruk_sync::protocol::pull::{Digest, PullReply, ResetReason, Row, Scope};
use uuid::Uuid;

/// A phone's copy on a store, restarted after every page.
struct PulledCopy {
    store: MemoryStore,
    pulls: Pulls,
}

impl PulledCopy {
    fn new() -> Self {
        Self { store: MemoryStore::default(), pulls: Pulls::default() }
    }

    fn restart(&mut self) {
        let saved = Saved::read(&self.store, true).unwrap();
        self.pulls = Pulls::load(saved.pull_state, saved.rows, saved.staging, saved.acked);
    }

    fn take(&mut self, reply: PullReply) -> PageOutcome {
        self.pulls.ask(true, None);
        let (took, writes) = self.pulls.arrived(reply, Some(session().device));
        self.store.apply(&writes).unwrap();
        took
    }

    fn shown(&self) -> Vec<String> {
        self.store.list(Table::Row).unwrap().into_iter().map(|(name, _)| name).collect()
    }

    fn cards(&self) -> usize {
        self.store.list(Table::Card).unwrap().len()
    }
}

fn note(id: &str, seq: u64) -> Row {
    row("note", id, seq, &json!({ "at": seq }))
}

fn gone(id: &str, seq: u64) -> Row {
    Row { value: None, ..note(id, seq) }
}

fn card(id: &str, seq: u64) -> Row {
    Row { scope: Scope::Catalogue, ..row(kind::CARD, id, seq, &json!({ "n": seq })) }
}

fn more(cookie: &str, rows: Vec<Row>) -> PullReply {
    PullReply { more: true, cookie: cookie.to_owned(), ..page(rows) }
}

#[test]
fn i9_nobody_sees_half_a_run_and_a_process_that_dies_goes_on_with_the_next_page() {
    let mut phone = PulledCopy::new();
    assert_eq!(phone.take(more("c1", vec![note("a", 1), card("x", 1)])), PageOutcome::More);
    assert!(phone.shown().is_empty() && phone.cards() == 0, "half a run is shown");
    phone.restart();
    assert_eq!(phone.pulls.ask(true, None).cookie.as_deref(), Some("c1"));
    phone.pulls.failed();
    let took = phone.take(page(vec![note("b", 2), card("y", 2)]));
    let PageOutcome::Published(published) = took else { panic!("{took:?}") };
    assert_eq!(published.changed.len(), 2, "the cards are not in memory");
    assert_eq!(phone.shown(), ["person/note/a", "person/note/b"]);
    assert_eq!(phone.cards(), 2);
    assert!(phone.store.list(Table::Staging).unwrap().is_empty());
    phone.restart();
    assert_eq!(phone.pulls.ask(true, None).cookie.as_deref(), Some("cookie"));
}

#[test]
fn i7_a_run_cut_at_any_page_ends_like_one_that_was_not() {
    let pages = || {
        vec![
            more("1", vec![note("a", 1), note("b", 2), card("x", 1)]),
            more("2", vec![gone("a", 3), note("c", 4)]),
            more("3", vec![note("b", 5), card("y", 2), card("x", 3)]),
            page(vec![note("d", 6)]),
        ]
    };
    let mut whole = PulledCopy::new();
    pages().into_iter().for_each(|page| drop(whole.take(page)));
    for cut in 0..pages().len() {
        let mut phone = PulledCopy::new();
        for (no, page) in pages().into_iter().enumerate() {
            if no == cut {
                phone.restart();
            }
            phone.take(page);
        }
        assert_eq!((phone.shown(), phone.cards()), (whole.shown(), whole.cards()), "cut at {cut}");
        assert_eq!(phone.pulls.state(), whole.pulls.state());
    }
    assert_eq!(whole.shown(), ["person/note/b", "person/note/c", "person/note/d"]);
}

#[test]
fn i6_a_counter_never_goes_back_within_an_epoch() {
    let mut phone = PulledCopy::new();
    phone.take(page(vec![note("a", 5)]));
    phone.take(page(vec![note("a", 4), note("b", 3)]));
    assert_eq!(phone.shown(), ["person/note/a"]);
    assert_eq!(phone.pulls.state().heads[&Scope::Person], 5);
    let (took, writes) = phone.pulls.arrived(page(vec![note("z", 9)]), None);
    assert_eq!((took, writes.len()), (PageOutcome::Nothing, 0), "nobody asked");
}

#[test]
fn a_reset_scope_is_replaced_whole_and_a_removed_one_goes_away() {
    let mut phone = PulledCopy::new();
    let auction = Scope::Auction(auction_id(1));
    let held =
        Row { scope: auction, ..row(kind::AUCTION, auction_id(1), 3, &view(1, &log(1, &[])[..3])) };
    phone.take(page(vec![note("a", 5), note("b", 6), held]));
    assert_eq!(phone.shown().len(), 3);
    let reset = BTreeMap::from([(Scope::Person, ResetReason::TooOld)]);
    let first = PullReply { reset, removed: vec![auction], ..more("1", vec![note("b", 2)]) };
    assert_eq!(phone.take(first), PageOutcome::More);
    assert_eq!(phone.shown().len(), 3, "nothing goes before the last page");
    let PageOutcome::Published(published) = phone.take(page(vec![note("c", 3)])) else { panic!() };
    assert_eq!(phone.shown(), ["person/note/b", "person/note/c"]);
    assert_eq!(published.removed, BTreeSet::from([auction]));
    assert_eq!(phone.pulls.state().heads, BTreeMap::from([(Scope::Person, 3)]));
}

#[test]
fn another_database_is_asked_for_everything_and_replaces_it_at_once() {
    let mut phone = PulledCopy::new();
    phone.take(page(vec![note("a", 50), note("b", 60), card("x", 9)]));
    let restored = |rows| PullReply { epoch: Uuid::from_u128(2), ..page(rows) };
    assert_eq!(phone.take(restored(vec![note("c", 61)])), PageOutcome::StartOver);
    phone.restart();
    assert_eq!(phone.shown().len(), 2, "what was seen stays until there is something else");
    assert_eq!(phone.pulls.ask(true, None).cookie, None);
    phone.pulls.failed();
    let took = phone.take(restored(vec![note("a", 7), card("y", 1)]));
    assert!(matches!(took, PageOutcome::Published(_)), "{took:?}");
    assert_eq!((phone.shown(), phone.cards()), (vec!["person/note/a".to_owned()], 1));
}

#[test]
fn a_cookie_the_server_can_not_read_takes_no_longer_owned_scopes_away_as_well() {
    let mut phone = PulledCopy::new();
    let auction = Scope::Auction(auction_id(1));
    let held =
        Row { scope: auction, ..row(kind::AUCTION, auction_id(1), 3, &view(1, &log(1, &[])[..3])) };
    phone.take(page(vec![note("a", 5), held]));
    let reset = BTreeMap::from([(Scope::Person, ResetReason::NotOurs)]);
    let unread = PullReply { reset, ..page(vec![note("a", 5)]) };
    assert_eq!(phone.take(unread), PageOutcome::StartOver);
    let took = phone.take(page(vec![note("a", 5)]));
    assert!(matches!(took, PageOutcome::Published(_)), "{took:?}");
    assert_eq!(phone.shown(), ["person/note/a"]);
}

#[test]
fn rows_of_a_newer_server_are_kept_as_they_came_and_counted() {
    let mut phone = PulledCopy::new();
    let known = row(kind::APPLICATION, auction_id(1), 1, &application(1));
    phone.take(page(vec![known, note("a", 2)]));
    phone.restart();
    let held: Vec<_> = phone.pulls.of_kind(Scope::Person, "note").collect();
    assert_eq!(held[0].1.value, Some(json!({ "at": 2 })));
    let mut digest = Digest::default();
    digest.add(kind::APPLICATION, &auction_id(1).to_string(), 1);
    digest.add("note", "a", 2);
    let counted = BTreeMap::from([(Scope::Person, digest)]);
    let PageOutcome::Published(same) =
        phone.take(PullReply { digest: Some(counted), ..page(vec![]) })
    else {
        panic!()
    };
    assert_eq!(same.differ, []);
}

#[test]
fn a_copy_is_compared_once_a_day_and_repaired_at_most_once_an_hour() {
    let mut phone = PulledCopy::new();
    phone.take(page(vec![note("a", 1)]));
    assert!(phone.pulls.ask(true, None).digest, "it never was compared");
    let wrong = BTreeMap::from([(Scope::Person, Digest { rows: 2, sum: 1 })]);
    let reply = PullReply { digest: Some(wrong), ..page(vec![]) };
    let (took, _) = phone.pulls.arrived(reply, None);
    let PageOutcome::Published(published) = took else { panic!("{took:?}") };
    assert_eq!(published.differ, [Scope::Person]);
    assert!(phone.pulls.repair(at(0)).0);
    assert_eq!(phone.pulls.ask(true, None).cookie, None);
    assert!(!phone.pulls.repair(at(3_599)).0, "twice within an hour");
    assert!(phone.pulls.repair(at(3_600)).0);
    let later = |seconds| PullReply { server_time: at(seconds), ..page(vec![]) };
    phone.take(later(86_399));
    assert!(!phone.pulls.ask(true, None).digest);
    phone.take(later(86_400));
    assert!(phone.pulls.ask(true, None).digest, "a day later");
}

#[test]
fn an_acknowledged_outcome_is_told_until_its_row_is_gone() {
    let mut phone = PulledCopy::new();
    let name = outcome_name(session().device, 7);
    let outcome = || row(kind::OUTCOME, name.clone(), 1, &json!({}));
    phone.take(page(vec![outcome()]));
    let write = phone.pulls.acknowledge(7);
    phone.store.apply(&[write]).unwrap();
    for _ in 0..2 {
        phone.restart();
        assert_eq!(phone.pulls.ask(true, None).acked, [7]);
        phone.pulls.failed();
        phone.take(page(vec![note("a", 2)]));
    }
    phone.take(page(vec![Row { value: None, seq: 3, ..outcome() }]));
    assert_eq!(phone.pulls.ask(true, None).acked, [0_u64; 0]);
}
