//! Locks of data in a node's memory.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks a mutex, even a poisoned one. A panic while it was locked does not matter: data guarded
/// this way is changed in single steps that leave it consistent. Must not be held across an `await`.
pub fn lock<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
