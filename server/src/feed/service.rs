//! What a phone pulls and follows.

use crate::Shared;
use crate::{application, catalogue, deposit, draft};
use std::sync::Arc;

/// Why the feed refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("too many streams")]
    TooManyStreams,
}

#[derive(Clone)]
pub struct Service {
    #[allow(dead_code)]
    shared: Arc<Shared>,
}

impl Service {
    pub fn new(
        shared: &Arc<Shared>,
        _catalogue: catalogue::Service,
        _drafts: draft::Service,
        _applications: application::Service,
        _deposits: deposit::Service,
    ) -> Self {
        Self { shared: shared.clone() }
    }
}
