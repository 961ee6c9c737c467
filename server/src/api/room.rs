//! Rooms: what a connection asks of a log, handed to the writer.

use siegel_proto::frame::Reply;
use siegel_proto::ids::RoomId;
use siegel_proto::room::{Ack, Append, AppendInbox, Attach, CreateRoom, VoidCommit};
use siegel_proto::seat::SeatClass;
use siegel_proto::{ErrorCode, Refusal, limits};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::delivery::Seated;
use crate::rate::{Bucket, Rate};
use crate::session::Caller;
use crate::store::{AppendJob, AttachJob, Job, VoidJob, WelcomeJob};

/// Appends one connection may have open.
const OPEN_APPENDS: usize = 1_024;
/// An acknowledgement costs little, but not nothing: more than this and the rest waits for
/// the next one, which says more anyway.
const ACKS: Rate = Rate {
    per_second: 5_000,
    burst: 20_000,
};

/// Makes a room or inbox.
///
/// # Errors
/// Unauthenticated, already exists.
pub async fn create(caller: &Caller, create: CreateRoom) -> Result<Reply, Refusal> {
    caller.session()?;
    let drawn = (caller.state.entropy.draw()).map_err(|_| Refusal::new(ErrorCode::Unavailable))?;
    // A slot is the upper half of a signed row id: 31 bits, and not 0.
    let slot = i64::from((u32::from_be_bytes(drawn) >> 1).max(1));
    let (answer, answered) = oneshot::channel();
    (caller.state.store)
        .submit(Job::CreateRoom(create, slot, answer))
        .await?;
    answered
        .await
        .unwrap_or(Err(Refusal::new(ErrorCode::Unavailable)))?;
    Ok(Reply::Done)
}

/// Takes a seat.
///
/// # Errors
/// Quota exceeded; everything else is the writer's answer.
pub async fn attach(caller: &Caller, request: u64, attach: Attach) -> Result<(), Refusal> {
    let staff = {
        let state = caller.connection.state();
        if state.attached.len() >= limits::ATTACHED_ROOMS {
            return Err(Refusal::new(ErrorCode::QuotaExceeded));
        }
        state.session.is_some()
    };
    // Without a session the staff key is not even tried: it opens nothing.
    let classes: &[SeatClass] = if staff {
        &[SeatClass::Staff, SeatClass::Open]
    } else {
        &[SeatClass::Open]
    };
    let candidates = (classes.iter())
        .map(|class| Seated {
            seat: attach.token.key(*class).hash(attach.room),
            class: *class,
        })
        .collect();
    let job = AttachJob {
        connection: caller.connection.clone(),
        request,
        room: attach.room,
        candidates,
    };
    caller.state.store.submit(Job::Attach(Box::new(job))).await
}

/// Gives a seat up; constant answer.
pub fn detach(caller: &Caller, room: RoomId) -> Reply {
    caller.state.hub.detach(room, &caller.connection);
    Reply::Done
}

/// Appends an entry; the answer goes out at the entry's place.
pub async fn append(caller: &Caller, request: u64, append: Append) {
    if let Err(refusal) = try_append(caller, request, append).await {
        caller.connection.refuse(request, refusal);
    }
}

async fn try_append(caller: &Caller, request: u64, append: Append) -> Result<(), Refusal> {
    let key = (append.room, append.message);
    let by = seated(caller, append.room)?;
    caller.state.limits.seats.take(by.seat, 1)?;
    let permit = queue_space(caller, append.payload.len()).await?;
    let in_place = {
        let mut state = caller.connection.state();
        if state.appending.len() >= OPEN_APPENDS {
            return Err(Refusal::rate_limited(50));
        }
        // The same message twice at once: the second waits for no place of its own.
        let first = request != 0 && !state.appending.contains_key(&key);
        if first {
            state.appending.insert(key, request);
        }
        first
    };
    let job = AppendJob {
        connection: caller.connection.clone(),
        request,
        in_place,
        by,
        append,
        permit,
    };
    let submitted = caller.state.store.submit(Job::Append(Box::new(job))).await;
    if submitted.is_err() && in_place {
        caller.connection.state().appending.remove(&key);
    }
    submitted
}

/// Moves the seat's cursor. A notice: nothing is answered.
pub async fn ack(caller: &Caller, ack: Ack) {
    let by = {
        let mut state = caller.connection.state();
        let bucket = state.bucket.get_or_insert_with(|| Bucket::new(ACKS));
        if bucket.take(ACKS, 1).is_err() {
            return;
        }
        state.attached.get(&ack.room).copied()
    };
    let Some(by) = by else {
        return;
    };
    let job = Job::Ack(ack.room, by.seat, ack.up_to);
    if caller.state.store.submit(job).await.is_err() {
        // The relay stops; the entry is delivered again.
        caller.connection.close();
    }
}

/// Takes back the latest commit.
///
/// # Errors
/// Denied, rate limited; everything else is the writer's answer.
pub async fn void(caller: &Caller, request: u64, void: VoidCommit) -> Result<(), Refusal> {
    let job = VoidJob {
        connection: caller.connection.clone(),
        request,
        by: seated(caller, void.room)?,
        void,
    };
    caller.state.store.submit(Job::Void(Box::new(job))).await
}

/// Appends a Welcome to somebody's inbox.
///
/// # Errors
/// Unauthenticated; everything else is the writer's answer.
pub async fn append_inbox(
    caller: &Caller,
    request: u64,
    append: AppendInbox,
) -> Result<(), Refusal> {
    caller.session()?;
    let job = WelcomeJob {
        connection: caller.connection.clone(),
        request,
        permit: queue_space(caller, append.payload.len()).await?,
        append,
    };
    caller.state.store.submit(Job::Welcome(Box::new(job))).await
}

fn seated(caller: &Caller, room: RoomId) -> Result<Seated, Refusal> {
    (caller.connection.state().attached.get(&room).copied()).ok_or(Refusal::new(ErrorCode::Denied))
}

/// Waits until the payload fits what may be held in memory: the reader of the socket
/// stops, and with it the client.
async fn queue_space(caller: &Caller, bytes: usize) -> Result<OwnedSemaphorePermit, Refusal> {
    let kibibytes = u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX);
    (caller
        .state
        .queued
        .clone()
        .acquire_many_owned(kibibytes)
        .await)
        .map_err(|_| Refusal::new(ErrorCode::Unavailable))
}
