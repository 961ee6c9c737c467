//! The same suite with the data in a real PostgreSQL, and what only several relays on one
//! database can show.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says where it stopped"
)]
#![expect(
    clippy::panic,
    reason = "a test that cannot go on says where it stopped"
)]

mod broker;
mod cluster;
mod keeper;
mod seaweed;
mod support;

mod aborted;
mod accounts;
mod attacks;
mod bad_input;
mod blobs;
mod busy;
mod capsules;
mod deletion;
mod killed;
mod limits;
mod migrate_store;
mod nats;
mod nodes;
mod operation;
mod postgres;
mod rooms;
mod shared_bucket;
mod start;
mod swarm;
mod upgrade;

/// Whether an answer that the relay cannot give now is asked for again: what it depends on may
/// be late on a slow machine. Here it depends on PostgreSQL.
const MAY_BE_LATE: bool = true;

/// Where the data lie: in a database of their own on this program's PostgreSQL.
async fn database() -> siegel_server::secret::Secret {
    cluster::shared().database().await
}

/// Where attachments lie: in a folder.
async fn blob_store() -> siegel_server::blobs::settings::BlobStore {
    std::future::ready(siegel_server::blobs::settings::BlobStore::default()).await
}
