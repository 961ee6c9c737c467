//! What the writer makes of each job: the rules of [`crate::delivery`] on its picture of
//! the rooms, noted down in the batch.

use bytes::Bytes;
use siegel_proto::frame::Reply;
use siegel_proto::ids::{MessageId, RoomId};
use siegel_proto::room::{AppendKind, Appended, Attached, CreateRoom, Deliver};
use siegel_proto::{ErrorCode, Refusal};
use tokio::sync::oneshot;

use super::batch::{After, Batch};
use super::job::{AppendJob, AttachJob, VoidJob, WelcomeJob};
use super::rooms::{Cached, insert_room};
use super::tell;
use super::writer::{Writer, begin};
use crate::delivery::{Accepted, Room, Seated};

impl Writer {
    pub(super) fn append(&mut self, job: AppendJob, batch: &mut Batch) {
        let AppendJob {
            connection,
            request,
            in_place,
            by,
            append,
            permit,
        } = job;
        let refuse = |batch: &mut Batch, refusal| {
            batch.answer_append(
                &connection,
                request,
                in_place,
                &append,
                Reply::Refused(refusal),
            );
        };
        let Some(cached) = self.cache.get_mut(&append.room) else {
            return refuse(batch, denied());
        };
        let (slot, key) = (cached.slot, (cached.slot, append.message));
        if let Some(seq) = batch.appended.get(&key).copied() {
            // Only who may write may learn what was written.
            let reply = match cached.room.active(&by.seat) {
                Some(_) => Reply::Appended(Appended {
                    room: append.room,
                    message: append.message,
                    seq,
                }),
                None => Reply::Refused(denied()),
            };
            return batch.answer_append(&connection, request, in_place, &append, reply);
        }
        let accepted = match cached.room.decide_append(by, append.epoch, &append.kind) {
            Ok(accepted) => accepted,
            Err(refusal) => return refuse(batch, refusal),
        };
        let welcomes = match &append.kind {
            AppendKind::Commit(effects) | AppendKind::Reset { effects, .. } => {
                effects.welcomes.clone()
            }
            AppendKind::Message | AppendKind::Refusal => Vec::new(),
        };
        for welcome in &welcomes {
            let fits = (self.cache.get(&welcome.inbox)).map(|inbox| inbox.room.decide_welcome());
            match fits {
                Some(Ok(_)) => {}
                Some(Err(refusal)) => return refuse(batch, refusal),
                None => return refuse(batch, denied()),
            }
        }
        let expires_day = self.expiry(append.expires_in_days);
        for (number, welcome) in welcomes.into_iter().enumerate() {
            let Some(inbox) = self.cache.get_mut(&welcome.inbox) else {
                continue;
            };
            let Ok(accepted) = inbox.room.decide_welcome() else {
                continue;
            };
            let message = welcome_id(append.room, append.message, number);
            let deliver = deliver(welcome.inbox, &accepted, welcome.payload);
            batch.accept(inbox, &accepted, deliver, message, expires_day, None);
        }
        let Some(cached) = self.cache.get_mut(&append.room) else {
            return;
        };
        let origin = in_place.then(|| (connection.clone(), append.message));
        let deliver = deliver(append.room, &accepted, append.payload.clone());
        batch.accept(
            cached,
            &accepted,
            deliver,
            append.message,
            expires_day,
            origin,
        );
        if !in_place {
            let appended = Appended {
                room: append.room,
                message: append.message,
                seq: accepted.seq,
            };
            batch.answer(&connection, request, Reply::Appended(appended));
        }
        batch.appended.insert((slot, append.message), accepted.seq);
        batch.permits.push(permit);
        if !accepted.changes.is_empty() {
            self.drained.insert(append.room);
        }
    }

    pub(super) fn void(&mut self, job: VoidJob, batch: &mut Batch) {
        let VoidJob {
            connection,
            request,
            by,
            void,
        } = job;
        let expires_day = self.expiry(self.shared.retention_days());
        let appended = |seq| {
            Reply::Appended(Appended {
                room: void.room,
                message: void.message,
                seq,
            })
        };
        let Some(cached) = self.cache.get_mut(&void.room) else {
            return batch.answer(&connection, request, Reply::Refused(denied()));
        };
        let key = (cached.slot, void.message);
        if let Some(seq) = batch.appended.get(&key).copied()
            && cached.room.active(&by.seat).is_some()
        {
            return batch.answer(&connection, request, appended(seq));
        }
        let reply = match cached.room.decide_void(by, void.seq) {
            Ok(accepted) => {
                let deliver = deliver(void.room, &accepted, Bytes::new());
                batch.accept(cached, &accepted, deliver, void.message, expires_day, None);
                batch.appended.insert(key, accepted.seq);
                self.drained.insert(void.room);
                appended(accepted.seq)
            }
            Err(refusal) => Reply::Refused(refusal),
        };
        batch.answer(&connection, request, reply);
    }

    pub(super) fn welcome(&mut self, job: WelcomeJob, batch: &mut Batch) {
        let WelcomeJob {
            connection,
            request,
            append,
            permit,
        } = job;
        let expires_day = self.expiry(append.expires_in_days);
        let (inbox, message) = (append.inbox, append.message);
        let appended = |seq| {
            Reply::Appended(Appended {
                room: inbox,
                message,
                seq,
            })
        };
        let Some(cached) = self.cache.get_mut(&inbox) else {
            return batch.answer(&connection, request, Reply::Refused(denied()));
        };
        let key = (cached.slot, message);
        if let Some(seq) = batch.appended.get(&key).copied() {
            return batch.answer(&connection, request, appended(seq));
        }
        let reply = match cached.room.decide_welcome() {
            Ok(accepted) => {
                let deliver = deliver(inbox, &accepted, append.payload);
                batch.accept(cached, &accepted, deliver, message, expires_day, None);
                batch.appended.insert(key, accepted.seq);
                batch.permits.push(permit);
                appended(accepted.seq)
            }
            Err(refusal) => Reply::Refused(refusal),
        };
        batch.answer(&connection, request, reply);
    }

    pub(super) fn attach(&mut self, job: Box<AttachJob>, batch: &mut Batch) {
        let found = self.cache.get(&job.room).and_then(|cached| {
            (job.candidates.iter())
                .find_map(|by| Some((&cached.room, *by, cached.room.active(&by.seat)?.cursor)))
        });
        let acked = |by: Seated| Some(*self.pending.get(&job.room)?.get(&by.seat)?);
        let Some((room, by, cursor)) = found else {
            return batch.answer(&job.connection, job.request, Reply::Refused(denied()));
        };
        // What was acknowledged and is not written yet counts.
        let acked = acked(by).unwrap_or(0).min(room.next_seq - 1);
        let cursor = cursor.max(acked);
        let attached = Attached {
            epoch: room.epoch,
            // Room and seat are not read at one moment where other relays write.
            next_seq: room.next_seq.max(cursor + 1),
            cursor,
            expired_up_to: room.expired_up_to,
        };
        batch.after.push(After::Attach(job, by, attached));
    }

    pub(super) async fn create(
        &mut self,
        create: &CreateRoom,
        slot: i64,
        answer: oneshot::Sender<Result<(), Refusal>>,
        batch: &mut Batch,
    ) -> Result<(), sqlx::Error> {
        let taken = |answer: oneshot::Sender<_>| {
            tell(answer, Err(Refusal::new(ErrorCode::AlreadyExists)));
        };
        if self.cache.get(&create.room).is_some() {
            taken(answer);
            return Ok(());
        }
        let room = match Room::create(create.kind, &create.seats, create.after) {
            Ok(room) => room,
            Err(refusal) => {
                tell(answer, Err(refusal));
                return Ok(());
            }
        };
        let cached = Cached {
            slot,
            room,
            version: 0,
            used: self.number,
        };
        begin(&mut self.db, &mut batch.begun).await?;
        if !insert_room(&mut self.db, create.room, &cached).await? {
            // Another relay made this room just now, or has the slot: one in two thousand
            // million per room. The caller asks again.
            tell(answer, Err(Refusal::new(ErrorCode::Unavailable)));
            return Ok(());
        }
        for (hash, seat) in &cached.room.seats {
            batch.seats.insert((slot, *hash), Some(*seat));
        }
        self.cache.insert(create.room, cached);
        batch.after.push(After::Created(answer));
        Ok(())
    }
}

fn deliver(room: RoomId, accepted: &Accepted, payload: Bytes) -> Deliver {
    Deliver {
        room,
        seq: accepted.seq,
        kind: accepted.kind,
        epoch: accepted.entry_epoch,
        payload,
        target: accepted.target,
    }
}

/// A Welcome that rides along with a commit has no message id of its own.
fn welcome_id(room: RoomId, commit: MessageId, number: usize) -> MessageId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(room.as_bytes());
    hasher.update(commit.as_bytes());
    hasher.update(&number.to_be_bytes());
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    MessageId::new(id)
}

pub(super) const fn denied() -> Refusal {
    Refusal::new(ErrorCode::Denied)
}

pub(super) const fn full() -> Refusal {
    Refusal::new(ErrorCode::StorageFull)
}
