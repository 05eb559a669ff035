//! Events on their way to the app's listener, on a thread of its own: an app may take its time, or
//! call the core, in the middle of one.

use crate::events::CoreEvent;
use crate::mutex::{lock, wait};
use crate::platform::{Observer, catch_panic};
use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};

/// Events that wait for a slow listener; more are dropped, which their numbers show.
const EVENTS_MAX: usize = 1_024;

/// What is waiting. Dropping the core ends the thread.
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
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system has none left.
    pub fn start() -> std::io::Result<Arc<Self>> {
        let dispatcher = Arc::new(Self::default());
        let on_thread = Arc::clone(&dispatcher);
        std::thread::Builder::new()
            .name("toruk-events".to_owned())
            .spawn(move || on_thread.run())?;
        Ok(dispatcher)
    }

    /// Puts an event at the end, for whoever listens.
    pub fn push(&self, event: CoreEvent) {
        let mut queue = lock(&self.queue);
        if queue.listener.is_some() && queue.events.len() < EVENTS_MAX {
            queue.events.push_back(event);
            self.changed.notify_one();
        }
    }

    /// Lets `listener` hear what follows, from `first` on, and the former one no more.
    pub fn listen(&self, listener: Arc<dyn Observer>, first: CoreEvent) {
        let mut queue = lock(&self.queue);
        let former = queue.listener.replace(listener);
        queue.events.clear();
        queue.events.push_back(first);
        self.changed.notify_one();
        drop(queue);
        // It may be the app's last reference, which runs the app's code.
        drop(former);
    }

    /// Ends it; what waits is not told.
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
