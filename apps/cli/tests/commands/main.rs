//! The binary `siegel` against a real relay: what people and scripts see.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the support of tests fails by panicking"
)]

mod changes;
mod colleagues;
mod files;
mod guests;
mod refusals;
mod support;
