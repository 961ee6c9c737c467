//! One live connection as the rest of the relay sees it: a bounded queue of encoded
//! frames going out, and what the connection is attached to.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use siegel_proto::Refusal;
use siegel_proto::frame::{Reply, encode_reply};
use siegel_proto::ids::{DeviceId, MessageId, PersonId, RoomId};
use tokio::sync::Notify;

use crate::delivery::Seated;
use crate::metrics::{Counts, Refused};
use crate::rate::Bucket;

/// Bytes that may wait for a reader before live delivery to it pauses.
pub const QUEUE_BYTES: usize = 512 * 1024;

/// Shared between the socket's task, the writer and the hub.
#[derive(Debug, Default)]
pub struct Connection {
    outgoing: Mutex<Outgoing>,
    /// There is something to send, or the connection is to be closed.
    pub(crate) ready: Notify,
    /// The queue has become short enough for more backlog.
    pub(crate) drained: Notify,
    state: Mutex<State>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Outgoing {
    frames: VecDeque<Bytes>,
    bytes: usize,
    closed: bool,
}

/// What this connection proved and holds.
#[derive(Debug, Default)]
pub struct State {
    /// Whose staff session this is.
    pub session: Option<Session>,
    /// Seats taken on this connection.
    pub attached: HashMap<RoomId, Seated>,
    /// Appends that were handed to the writer: the answer goes out at the entry's place.
    pub appending: HashMap<(RoomId, MessageId), u64>,
    /// Whether a task reads backlog for this connection.
    pub pumping: bool,
    /// The allowance of all seats of this connection.
    pub(crate) bucket: Option<Bucket>,
}

/// A staff session: lives in memory, on one connection, until revoked or closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Session {
    /// The account.
    pub account: PersonId,
    /// Its device.
    pub device: DeviceId,
}

impl Connection {
    /// A connection that proved nothing yet, counted on its own.
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The same, counted with others.
    pub fn counted(counts: Arc<Counts>) -> Arc<Self> {
        Arc::new(Self {
            counts,
            ..Self::default()
        })
    }

    /// What is attached and who it is. Never hold the guard over an await.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn outgoing(&self) -> MutexGuard<'_, Outgoing> {
        self.outgoing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues a frame. Answers are bounded by the requests a connection may have open;
    /// a reader that lets even those pile up is cut off.
    pub fn push(&self, frame: Bytes) {
        let mut outgoing = self.outgoing();
        if outgoing.closed {
            return;
        }
        outgoing.bytes += frame.len();
        outgoing.frames.push_back(frame);
        if outgoing.bytes > 4 * QUEUE_BYTES {
            outgoing.closed = true;
            tracing::info!(code = "slow_reader_dropped");
        }
        drop(outgoing);
        self.ready.notify_one();
    }

    /// Answers an append, or refuses it, unless it was answered already when its entry passed
    /// in the log: one that is sent again may meet its first entry there.
    pub fn answer_append(&self, room: RoomId, message: MessageId, request: u64, reply: Reply) {
        let key = (room, message);
        let waits = {
            let appending = &mut self.state().appending;
            let waits = appending.get(&key) == Some(&request);
            if waits {
                appending.remove(&key);
            }
            waits
        };
        if waits {
            self.answer(request, reply);
        }
    }

    /// Queues a live entry. False if the reader is behind. A connection that is to go takes
    /// nothing more, as with [`Self::push`]: an entry behind a dropped answer would be a hole
    /// in the log the client sees.
    pub fn offer(&self, frame: &Bytes) -> bool {
        let mut outgoing = self.outgoing();
        if outgoing.closed {
            return true;
        }
        if outgoing.bytes + frame.len() > QUEUE_BYTES && !outgoing.frames.is_empty() {
            return false;
        }
        outgoing.bytes += frame.len();
        outgoing.frames.push_back(frame.clone());
        let first = outgoing.frames.len() == 1;
        drop(outgoing);
        // A longer queue has already woken its writer.
        if first {
            self.ready.notify_one();
        }
        true
    }

    /// Answers a request; a notice (0) gets no answer.
    pub fn answer(&self, request: u64, reply: Reply) {
        if let Reply::Refused(refusal) = &reply {
            self.counts.refused(Refused::from(refusal.code));
        }
        if request != 0 {
            self.push(encode_reply(request, reply));
        }
    }

    /// Refuses a request.
    pub fn refuse(&self, request: u64, refusal: Refusal) {
        self.answer(request, Reply::Refused(refusal));
    }

    /// Refuses what has no number to answer to: the last word before the connection closes.
    pub fn refuse_all(&self, refusal: Refusal) {
        self.counts.refused(Refused::from(refusal.code));
        self.push(encode_reply(0, Reply::Refused(refusal)));
    }

    /// Everything that waits, for the socket to write.
    pub fn take(&self, into: &mut VecDeque<Bytes>) {
        std::mem::swap(&mut self.outgoing().frames, into);
    }

    /// The socket has written this many bytes.
    pub fn written(&self, bytes: usize) {
        let mut outgoing = self.outgoing();
        outgoing.bytes = outgoing.bytes.saturating_sub(bytes);
        if outgoing.bytes <= QUEUE_BYTES / 2 {
            drop(outgoing);
            self.drained.notify_waiters();
        }
    }

    /// Waits until backlog may be queued, or the connection is to go.
    pub async fn drain(&self) {
        loop {
            let mut drained = std::pin::pin!(self.drained.notified());
            // Listening begins before the look, so no drain in between is missed.
            drained.as_mut().enable();
            if self.has_room() {
                return;
            }
            drained.await;
        }
    }

    fn has_room(&self) -> bool {
        let outgoing = self.outgoing();
        outgoing.closed || outgoing.bytes <= QUEUE_BYTES / 2
    }

    /// Closes the connection once what waits is written, or at once if it is too much.
    pub fn close(&self) {
        self.outgoing().closed = true;
        self.ready.notify_one();
        self.drained.notify_waiters();
    }

    /// Whether the connection is to go.
    pub fn is_closed(&self) -> bool {
        self.outgoing().closed
    }
}

#[cfg(test)]
mod tests {
    use siegel_proto::ErrorCode;
    use siegel_proto::ids::{MessageId, RoomId};

    use super::*;

    #[test]
    fn an_append_is_answered_once() {
        let connection = Connection::new();
        let (room, message) = (RoomId::new([1; 16]), MessageId::new([2; 16]));
        let answer = |request| {
            connection.answer_append(room, message, request, Reply::Done);
            let mut frames = VecDeque::new();
            connection.take(&mut frames);
            frames.len()
        };
        assert_eq!(answer(3), 0, "answered when its entry passed");
        connection.state().appending.insert((room, message), 5);
        assert_eq!(answer(3), 0, "the same message under another number");
        assert_eq!(answer(5), 1);
        assert_eq!(answer(5), 0);
    }

    #[test]
    fn a_connection_that_is_to_go_takes_neither_answers_nor_entries() {
        let connection = Connection::new();
        let entry = Bytes::from_static(b"entry");
        assert!(connection.offer(&entry));
        connection.close();
        connection.refuse(1, Refusal::new(ErrorCode::Unavailable));
        assert!(connection.offer(&entry), "not behind: nothing is owed");
        let mut waiting = VecDeque::new();
        connection.take(&mut waiting);
        assert_eq!(waiting, [entry], "only what came before");
    }
}
