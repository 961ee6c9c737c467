//! The encrypted directory.

use siegel_proto::Refusal;
use siegel_proto::directory::PutDirectoryEntry;
use siegel_proto::frame::Reply;

use crate::session::{Caller, unreadable};

/// Writes the caller's own entry.
///
/// # Errors
/// Unauthenticated, version conflict.
pub async fn put(caller: &Caller, entry: PutDirectoryEntry) -> Result<Reply, Refusal> {
    let account = caller.session()?.account;
    caller
        .state
        .store
        .put_directory_entry(account, entry)
        .await?;
    Ok(Reply::Done)
}

/// A page of what was written after a change.
///
/// # Errors
/// Unauthenticated.
pub async fn list(caller: &Caller, after: u64) -> Result<Reply, Refusal> {
    caller.session()?;
    let directory = caller.state.store.directory_after(after).await;
    Ok(Reply::Directory(directory.map_err(unreadable)?))
}
