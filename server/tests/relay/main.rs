//! The relay as its clients meet it: real sockets, a real database, no sleeping.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says where it stopped"
)]
#![expect(
    clippy::panic,
    reason = "a test that cannot go on says where it stopped"
)]

mod keeper;
mod pebble;
mod support;

mod aborted;
mod accounts;
mod acme;
mod attacks;
mod backup;
mod bad_disk;
mod bad_input;
mod blobs;
mod busy;
mod capsules;
mod deletion;
mod limits;
mod metrics;
mod operation;
mod rooms;
mod sqlite;
mod start;
mod unix_socket;
mod upgrade;

/// Whether an answer that the relay cannot give now is asked for again: what it depends on may
/// be late on a slow machine. Here it depends on nothing but its own disk.
const MAY_BE_LATE: bool = false;

/// Where the data lie: in a file.
async fn database() -> siegel_server::secret::Secret {
    std::future::ready(siegel_server::secret::Secret::default()).await
}

/// Where attachments lie: in a folder.
async fn blob_store() -> siegel_server::blobs::settings::BlobStore {
    std::future::ready(siegel_server::blobs::settings::BlobStore::default()).await
}
