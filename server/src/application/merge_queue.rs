//! Pushes of operations that merge, waiting to be decided together.
//!
//! # Why not more at a time
//! On SQLite bids wait for the same writer: a transaction must be over before a bidder could notice.

use super::error::Error;
use crate::db::StoreError;
use crate::identity::Bidder;
use crate::lock::lock;
use sea_orm::DbErr;
use std::collections::VecDeque;
use std::sync::Mutex;
use tokio::sync::{Mutex as AsyncMutex, MutexGuard, oneshot};
use toruk_sync::domain::time::Timestamp;
use toruk_sync::protocol::limits::PUSH_OPS_MAX;
use toruk_sync::protocol::operations::{Op, PushReply};

/// Most operations of one transaction, unless one push has more.
const OPS_AT_ONCE: usize = PUSH_OPS_MAX;
/// Most pushes that wait for their turn, on a node; further ones are answered "busy".
const WAITING_MAX: usize = 4_096;

/// The pushes that wait, and whose turn it is to decide them.
#[derive(Default)]
pub struct MergeQueue {
    waiting: Mutex<VecDeque<Delivery>>,
    turn: AsyncMutex<()>,
}

/// Operations of one phone that all merge.
pub struct Delivery {
    pub by: Bidder,
    /// Each with its hash.
    pub ops: Vec<(Op, String)>,
    pub arrived: Timestamp,
    pub answer: oneshot::Sender<Result<PushReply, Error>>,
}

impl MergeQueue {
    /// Adds a push behind the others.
    pub fn push(&self, delivery: Delivery) -> Result<(), StoreError> {
        let mut waiting = lock(&self.waiting);
        if waiting.len() >= WAITING_MAX {
            return Err(StoreError::Busy(DbErr::Custom("too many pushes wait".to_owned())));
        }
        waiting.push_back(delivery);
        Ok(())
    }

    /// Waits for the turn, in the order in which it was asked for.
    pub async fn turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The first of those that wait, and those behind it that fit into the same transaction.
    pub fn take(&self) -> Vec<Delivery> {
        let mut waiting = lock(&self.waiting);
        let (mut taken, mut ops) = (Vec::new(), 0);
        while let Some(next) = waiting.front() {
            ops += next.ops.len();
            if ops > OPS_AT_ONCE && !taken.is_empty() {
                break;
            }
            taken.extend(waiting.pop_front());
        }
        taken
    }
}
