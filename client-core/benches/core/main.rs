//! What the steps of a device cost: MLS, the vault's rows, attachments. Every step is what a
//! driver is handed, up to the sealed batch; storing it is the driver's.
//!
//! `cargo bench -p siegel-client-core`; one of them: `cargo bench -p siegel-client-core send`.
#![expect(clippy::expect_used, reason = "a measurement that cannot be made ends")]

mod attachment;
mod device;
mod room;
mod vault;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    benches,
    room::messages,
    room::changes,
    vault::rows,
    attachment::files
);
criterion_main!(benches);
