//! Resumable uploads.

use crate::Shared;
use crate::db::StoreError;
use std::sync::Arc;

/// Why a file was not taken.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("too large")]
    TooLarge,
    #[error("the upload does not fit what the server has")]
    Mismatch { offset: u64 },
    #[error("malformed: {0}")]
    Malformed(&'static str),
    #[error("too many bytes are pending")]
    LimitReached,
    #[error("the disk failed")]
    Disk(#[source] std::io::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Clone)]
pub struct Service {
    #[allow(dead_code)]
    shared: Arc<Shared>,
}

impl Service {
    pub fn new(shared: &Arc<Shared>) -> Self {
        Self { shared: shared.clone() }
    }
}
