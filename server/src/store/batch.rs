//! One transaction in the making: what is to be written, and what leaves afterwards.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use siegel_proto::Refusal;
use siegel_proto::frame::{Reply, encode_reply};
use siegel_proto::ids::{MessageId, RoomId, SeatHash};
use siegel_proto::room::{Append, Attached, Deliver};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::entries::NewEntry;
use super::job::{AppendJob, AttachJob, Wake};
use super::rooms::{Cached, SeatWrite};
use super::writer::Acks;
use super::{Finish, tell};
use crate::connection::Connection;
use crate::delivery::{Accepted, SeatChange, Seated};
use crate::hub::Published;

/// What leaves once the batch is committed, in the order of the jobs.
pub(super) enum After {
    Publish(Published),
    Answer(Arc<Connection>, u64, Reply),
    /// As `Answer`, for an append that waits for its place.
    AnswerAppend(Arc<Connection>, u64, RoomId, MessageId, Reply),
    Attach(Box<AttachJob>, Seated, Attached),
    Created(oneshot::Sender<Result<(), Refusal>>),
    Finish(Finish),
    Wake(Box<Wake>),
}

/// One transaction in the making.
#[derive(Default)]
pub(super) struct Batch {
    pub entries: Vec<NewEntry>,
    pub rooms: BTreeSet<RoomId>,
    pub seats: HashMap<(i64, SeatHash), SeatWrite>,
    pub appended: HashMap<(i64, MessageId), u64>,
    pub permits: Vec<OwnedSemaphorePermit>,
    pub after: Vec<After>,
    pub tidy: Vec<oneshot::Sender<()>>,
    pub begun: bool,
    /// Acknowledgements are written with this batch.
    pub flushing: bool,
    /// What every seat has is dropped with this batch.
    pub dropping: bool,
    /// No other relay runs tasks until the batch ends.
    pub exclusive: bool,
    /// The shared database's time, microseconds, if somebody attaches.
    pub now: u64,
    /// What is written, so that it is not forgotten with a lost connection.
    pub acks: Acks,
    pub drained: BTreeSet<RoomId>,
    /// New entries were written.
    pub stored: bool,
}

impl Batch {
    pub fn accept(
        &mut self,
        cached: &mut Cached,
        accepted: &Accepted,
        deliver: Deliver,
        message: MessageId,
        expires_day: u32,
        origin: Option<(Arc<Connection>, MessageId)>,
    ) {
        cached.room.apply(accepted);
        let mut gone = Vec::new();
        for change in &accepted.changes {
            let hash = match *change {
                SeatChange::Purge(hash) | SeatChange::Remove(hash) => {
                    if accepted.replaced.is_none_or(|(old, _)| old != hash) {
                        gone.push(hash);
                    }
                    hash
                }
                SeatChange::Add(hash, _) | SeatChange::Restore(hash) | SeatChange::Settle(hash) => {
                    hash
                }
            };
            self.seats
                .insert((cached.slot, hash), cached.room.seats.get(&hash).copied());
        }
        self.rooms.insert(deliver.room);
        self.entries.push(NewEntry {
            slot: cached.slot,
            seq: accepted.seq,
            kind: accepted.kind,
            epoch: accepted.entry_epoch,
            target: accepted.target,
            expires_day,
            message,
            payload: deliver.payload.clone(),
        });
        self.after.push(After::Publish(Published {
            room: deliver.room,
            seq: accepted.seq,
            frame: encode_reply(0, Reply::Deliver(deliver)),
            origin,
            gone,
            replaced: accepted.replaced,
        }));
    }

    pub fn answer(&mut self, connection: &Arc<Connection>, request: u64, reply: Reply) {
        self.after
            .push(After::Answer(connection.clone(), request, reply));
    }

    pub fn answer_append(
        &mut self,
        connection: &Arc<Connection>,
        request: u64,
        in_place: bool,
        append: &Append,
        reply: Reply,
    ) {
        let connection = connection.clone();
        self.after.push(if in_place {
            After::AnswerAppend(connection, request, append.room, append.message, reply)
        } else {
            After::Answer(connection, request, reply)
        });
    }

    pub fn refuse_append(&mut self, job: &AppendJob, refusal: Refusal) {
        let reply = Reply::Refused(refusal);
        self.answer_append(
            &job.connection,
            job.request,
            job.in_place,
            &job.append,
            reply,
        );
    }
}

impl After {
    pub fn refuse(self, refusal: Refusal) {
        match self {
            Self::Publish(entry) => {
                if let Some((connection, message)) = entry.origin {
                    let request = connection.state().appending.remove(&(entry.room, message));
                    if let Some(request) = request {
                        connection.refuse(request, refusal);
                    }
                }
            }
            // A refusal stays true whether or not the batch was stored.
            Self::Answer(connection, request, Reply::Refused(first)) => {
                connection.refuse(request, first);
            }
            Self::Answer(connection, request, _) => connection.refuse(request, refusal),
            Self::AnswerAppend(connection, request, room, message, _) => {
                connection.answer_append(room, message, request, Reply::Refused(refusal));
            }
            Self::Attach(job, ..) => job.connection.refuse(job.request, refusal),
            Self::Created(answer) => tell(answer, Err(refusal)),
            Self::Finish(finish) => finish(Err(refusal)),
            // Found again by looking.
            Self::Wake(_) => {}
        }
    }
}
