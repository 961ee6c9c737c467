//! A thief takes the relay's disk after a week of work and tries what can be tried.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`mod@line`] | one device's socket to a real relay |
//! | [`week`] | fifty colleagues and two hundred clients, and the truth about them |
//! | [`thief`] | what is on the disk, and every guess that is made from it |
//!
//! The week's devices have no MLS in them: for the relay a payload is opaque bytes of a
//! bucket's length. Which requests they make in which order is the real client's way.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a week that stops in the middle shows nothing"
)]

pub mod line;
pub mod thief;
pub mod week;
