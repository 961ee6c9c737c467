//! What is asked for again and again is done in turns.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{GetUntracked, Set};

use super::spawn;

/// One task at a time: what is asked for while it runs is done once, after it. It ends with
/// the screen it was made for.
#[derive(Clone, Copy)]
pub(crate) struct Turns {
    busy: RwSignal<bool>,
    again: RwSignal<bool>,
}

impl Turns {
    pub(crate) fn new() -> Self {
        Self {
            busy: RwSignal::new(false),
            again: RwSignal::new(false),
        }
    }

    /// Runs the task, now or as soon as it has ended.
    pub(crate) fn take<F>(self, task: impl Fn() -> F + 'static)
    where
        F: Future<Output = ()> + 'static,
    {
        if self.busy.get_untracked() {
            return self.again.set(true);
        }
        self.busy.set(true);
        spawn(async move {
            loop {
                self.again.set(false);
                task().await;
                if self.again.try_get_untracked() != Some(true) {
                    break;
                }
            }
            self.busy.set(false);
        });
    }
}
