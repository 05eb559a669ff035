//! Delivers events to the app's listener on a thread of its own: a listener may be slow, or call
//! the core.

use crate::events::CoreEvent;
use crate::mutex::{lock, wait};
use crate::platform::{Observer, catch_panic};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

/// The most events that wait for a slow listener; further ones are dropped, which their numbers
/// show.
const EVENTS_MAX: usize = 1_024;

/// The queue of events. Dropping the core ends its thread.
#[derive(Default)]
pub struct EventDispatcher {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    listener: Option<Arc<dyn Observer>>,
    events: VecDeque<CoreEvent>,
    closed: bool,
}

impl EventDispatcher {
    /// Starts the dispatcher's thread.
    ///
    /// # Errors
    /// If the system has no thread left.
    pub fn start() -> std::io::Result<Arc<Self>> {
        let dispatcher = Arc::new(Self::default());
        let on_thread = Arc::clone(&dispatcher);
        std::thread::Builder::new()
            .name("toruk-events".to_owned())
            .spawn(move || on_thread.run())?;
        Ok(dispatcher)
    }

    /// Appends an event for the current listener, if there is one.
    pub fn push(&self, event: CoreEvent) {
        let mut queue = lock(&self.queue);
        if queue.listener.is_some() && queue.events.len() < EVENTS_MAX {
            queue.events.push_back(event);
            self.changed.notify_one();
        }
    }

    /// Replaces the listener; the new one gets `first` and everything after it.
    pub fn listen(&self, listener: Arc<dyn Observer>, first: CoreEvent) {
        let mut queue = lock(&self.queue);
        let former = queue.listener.replace(listener);
        queue.events.clear();
        queue.events.push_back(first);
        self.changed.notify_one();
        drop(queue);
        // This may be the app's last reference, and dropping it runs the app's code.
        drop(former);
    }

    /// Ends the thread; waiting events are dropped.
    pub fn close(&self) {
        let mut queue = lock(&self.queue);
        queue.closed = true;
        queue.events.clear();
        let former = queue.listener.take();
        self.changed.notify_one();
        drop(queue);
        drop(former);
    }

    fn run(&self) {
        while let Some((event, listener)) = self.next() {
            catch_panic(|| listener.on_event(event));
        }
    }

    fn next(&self) -> Option<(CoreEvent, Arc<dyn Observer>)> {
        let mut queue = lock(&self.queue);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(listener) = queue.listener.clone()
                && let Some(event) = queue.events.pop_front()
            {
                return Some((event, listener));
            }
            queue = wait(&self.changed, queue);
        }
    }
}
