//! Keyboard shortcuts, and the sign that somebody is there.

use std::cell::Cell;

use reactive_graph::traits::{GetUntracked, WithUntracked};
use siegel_web_bridge::view::Standing;
use web_sys::KeyboardEvent;

use crate::app::{App, Place};
use crate::{browser, worker};

const QUICK_EXIT_PRESSES: u32 = 3;
const QUICK_EXIT_SECONDS: i64 = 2;
const ACTIVE_SECONDS: i64 = 45;

thread_local! {
    static ESCAPES: Cell<(u32, i64)> = const { Cell::new((0, 0)) };
    static ACTIVE: Cell<i64> = const { Cell::new(0) };
}

/// Listens for as long as the page lives.
pub(crate) fn listen(app: App) {
    browser::listen("keydown", move |event: KeyboardEvent| {
        note_activity();
        if event.key() == "Escape" {
            escape(app);
        }
        let command = event.ctrl_key() || event.meta_key();
        let open = app
            .standing
            .with_untracked(|s| matches!(s, Some(Standing::Open { joined: true, .. })));
        if !open || event.is_composing() {
            return;
        }
        let handled = match (command, event.alt_key(), event.key().as_str()) {
            (true, false, "k") => {
                app.go(Place::Rooms);
                browser::before_paint(|| browser::focus("search"));
                true
            }
            (true, false, "l") => {
                app.lock();
                true
            }
            (false, true, "ArrowDown") => next_room(app, 1),
            (false, true, "ArrowUp") => next_room(app, -1),
            (true, false, "m") => {
                browser::focus("composer");
                true
            }
            _ => false,
        };
        if handled {
            event.prevent_default();
        }
    });
    browser::listen("pointerdown", |_: web_sys::Event| note_activity());
}

fn note_activity() {
    let now = browser::clock::now();
    if now - ACTIVE.get() >= ACTIVE_SECONDS {
        ACTIVE.set(now);
        worker::active();
    }
}

fn escape(app: App) {
    let now = browser::clock::now();
    let (count, since) = ESCAPES.get();
    let count = if now - since <= QUICK_EXIT_SECONDS {
        count + 1
    } else {
        1
    };
    ESCAPES.set((count, if count == 1 { now } else { since }));
    if count >= QUICK_EXIT_PRESSES {
        app.quick_exit();
    }
}

fn next_room(app: App, step: isize) -> bool {
    let rooms = app.rooms.get_untracked();
    let here = app.place.with_untracked(|place| match place {
        Place::Room(room) => rooms.iter().position(|card| card.room == *room),
        _ => None,
    });
    let next = match here {
        Some(place) => place.saturating_add_signed(step),
        None => 0,
    };
    let Some(card) = rooms.get(next) else {
        return false;
    };
    app.go(Place::Room(card.room.clone()));
    true
}
