//! Stories in a real browser, against a real relay with the app in it.
#![expect(
    clippy::expect_used,
    reason = "a story stops at the first broken promise"
)]

mod accessibility;
mod cards;
mod devices;
mod forwarding;
mod hours;
mod journeys;
mod keyboard;
mod loss;
mod passkey;
mod people;
mod tabs;
mod wrong_channel;
