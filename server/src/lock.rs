//! Locks of a node's own memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Holds a mutex, poisoned or not. A panic while it was held does not matter: what is guarded
/// this way is changed in single steps that leave it whole. It must not be held across an `await`.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
