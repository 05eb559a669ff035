//! One model per table, no behaviour. Times are Unix microseconds; only stores read them.
#![allow(missing_docs)] // Columns are described where their names do not say it.

pub mod application;
pub mod auction;
pub mod auction_event;
pub mod audit_event;
pub mod bid_receipt;
pub mod blob;
pub mod ceremony;
pub mod credential;
pub mod deposit;
pub mod device;
pub mod draft;
pub mod followed;
pub mod intake_journal;
pub mod invitation;
pub mod ledger_entry;
pub mod lot;
pub mod lot_document;
pub mod node;
pub mod notification;
pub mod op_receipt;
pub mod organisation;
pub mod outage;
pub mod outbox;
pub mod participant;
pub mod payment;
pub mod payment_intent;
pub mod person;
pub mod proposal;
pub mod receipt_key;
pub mod refund;
pub mod role_grant;
pub mod session;
pub mod sync_epoch;
pub mod sync_row;
pub mod sync_scope;
