//! What of the suite touches attachments, with these in a bucket of a real object store, and
//! what only a bucket can show.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says where it stopped"
)]
#![expect(
    clippy::panic,
    reason = "a test that cannot go on says where it stopped"
)]

mod keeper;
mod line;
mod seaweed;
mod support;

mod accounts;
mod backup;
mod bad_input;
mod blobs;
mod bucket;
mod busy;
mod capsules;
mod deletion;
mod limits;
mod operation;

/// Whether an answer that the relay cannot give now is asked for again: what it depends on may
/// be late on a slow machine. Here it depends on an object store.
const MAY_BE_LATE: bool = true;

/// Where the data lie: in a file.
async fn database() -> siegel_server::secret::Secret {
    std::future::ready(siegel_server::secret::Secret::default()).await
}

/// Where attachments lie: in a bucket of their own in this program's object store.
async fn blob_store() -> siegel_server::blobs::settings::BlobStore {
    seaweed::shared().bucket().await
}
