//! Reads the log for connections that are behind: in bounded pages, as fast as the reader
//! takes them, until delivery is live. One task per connection, only while it is behind.

use std::sync::Arc;

use bytes::Bytes;
use siegel_proto::frame::{Reply, encode_reply};
use siegel_proto::ids::{MessageId, RoomId};
use siegel_proto::room::{Deliver, EntryKind};

use crate::connection::{Connection, QUEUE_BYTES};
use crate::hub::{Backlogged, Behind, Hub};
use crate::store::{LogEntry, Reads, entries_after, seat_ended};

/// Entries per page.
const PAGE: usize = 256;
/// Bytes per page. One is read only when the queue is at most half full, so a connection
/// never holds more than its queue.
const PAGE_BYTES: usize = QUEUE_BYTES / 2;

/// Starts backlog tasks.
#[derive(Debug, Clone)]
pub struct Backlog {
    hub: Arc<Hub>,
    reads: Reads,
}

impl Backlog {
    /// Reads with this pool, hands over to this hub.
    pub fn new(hub: Arc<Hub>, reads: Reads) -> Self {
        Self { hub, reads }
    }

    /// Sees to it that a task brings this connection up to date.
    pub fn start(&self, connection: &Arc<Connection>) {
        let already = std::mem::replace(&mut connection.state().pumping, true);
        if !already {
            let (this, connection) = (self.clone(), connection.clone());
            tokio::spawn(async move { this.pump(&connection).await });
        }
    }

    async fn pump(&self, connection: &Arc<Connection>) {
        loop {
            let rooms = self.hub.rooms_behind(connection);
            if rooms.is_empty() {
                connection.state().pumping = false;
                // One may have fallen behind just before the flag was cleared.
                if self.hub.rooms_behind(connection).is_empty() {
                    return;
                }
                if std::mem::replace(&mut connection.state().pumping, true) {
                    return;
                }
            }
            for room in rooms {
                connection.drain().await;
                if connection.is_closed() {
                    connection.state().pumping = false;
                    return;
                }
                if !self.page(room, connection).await {
                    // The client reconnects and reads from its cursor.
                    connection.close();
                }
            }
        }
    }

    /// Sends one page of one room. False if the log cannot be read.
    async fn page(&self, room: RoomId, connection: &Arc<Connection>) -> bool {
        let Behind::ReadAfter { sent } = self.hub.behind(room, connection) else {
            return true;
        };
        let read = entries_after(&self.reads, room, sent, PAGE, PAGE_BYTES).await;
        let Ok(page) = read else {
            tracing::error!(code = "backlog_unreadable");
            return false;
        };
        // What this relay did not decide itself may have ended the seat.
        if self.reads.is_shared() && page.entries.iter().any(changes_seats) {
            let by = connection.state().attached.get(&room).copied();
            let Some(by) = by else {
                return true;
            };
            match seat_ended(&self.reads, room, by.seat).await {
                Ok(None) => {}
                Ok(Some(since)) => self.hub.leave(room, connection, since),
                Err(_) => {
                    tracing::error!(code = "backlog_unreadable");
                    return false;
                }
            }
        }
        let page = Backlogged {
            after: sent,
            entries: (page.entries.into_iter())
                .map(|entry| frame(room, entry))
                .collect(),
            end: page.end,
            is_last: page.is_last,
        };
        (self.hub).send_backlog(room, connection, page);
        true
    }
}

fn changes_seats(entry: &LogEntry) -> bool {
    matches!(
        entry.kind,
        EntryKind::Commit | EntryKind::Reset | EntryKind::Void
    )
}

fn frame(room: RoomId, entry: LogEntry) -> (u64, MessageId, Bytes) {
    let deliver = Deliver {
        room,
        seq: entry.seq,
        kind: entry.kind,
        epoch: entry.epoch,
        payload: entry.payload,
        target: entry.target,
    };
    (
        entry.seq,
        entry.message,
        encode_reply(0, Reply::Deliver(deliver)),
    )
}
