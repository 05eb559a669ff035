//! Locks that a panic elsewhere does not take away.
//!
//! # Why a poisoned lock is opened all the same
//! A panic under one of the core's locks is a defect of one call. Each section leaves its data
//! whole or reads it again from the store, so the calls that follow may go on; a poisoned lock
//! would make every one of them panic as well, until the app is started again.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Takes the lock, also after a panic of another holder.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for a notification, and takes the lock again as [`lock`] does.
pub fn wait<'a, T>(changed: &Condvar, guard: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    changed.wait(guard).unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_opens_after_its_holder_panicked() {
        let value = Mutex::new(1);
        let holder = std::thread::scope(|scope| {
            let holding = || {
                *lock(&value) = 2;
                let _held = lock(&value);
                panic!("while the lock is held");
            };
            scope.spawn(holding).join()
        });
        assert!(holder.is_err() && value.is_poisoned());
        assert_eq!(*lock(&value), 2);
    }
}
