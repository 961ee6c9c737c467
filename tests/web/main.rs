//! Stories in a real browser, against a real relay with the app in it.
#![expect(
    clippy::expect_used,
    reason = "a story stops at the first broken promise"
)]

mod accessibility;
mod budgets;
mod cards;
mod delivery;
mod devices;
mod forwarding;
mod hours;
mod journeys;
mod keyboard;
mod kills;
mod locking;
mod loss;
mod paper;
mod passkey;
mod people;
mod restore;
mod tabs;
mod updates;
mod wrong_channel;
