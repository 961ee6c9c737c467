//! What the writer can be asked to do.

use std::sync::Arc;

use siegel_proto::Refusal;
use siegel_proto::frame::Reply;
use siegel_proto::ids::{MessageId, RoomId, SeatHash};
use siegel_proto::room::{Append, AppendInbox, AppendKind, CreateRoom, VoidCommit};
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{Task, tell};
use crate::connection::Connection;
use crate::delivery::Seated;

/// What the writer does.
pub enum Job {
    /// Appends an entry to a room.
    Append(Box<AppendJob>),
    /// Takes a commit back.
    Void(Box<VoidJob>),
    /// Appends a Welcome to an inbox.
    Welcome(Box<WelcomeJob>),
    /// Takes a seat.
    Attach(Box<AttachJob>),
    /// Makes a room under this slot.
    CreateRoom(CreateRoom, i64, oneshot::Sender<Result<(), Refusal>>),
    /// Moves a cursor; rides along with the next commit.
    Ack(RoomId, SeatHash, u64),
    /// Another transaction.
    Task(Task),
    /// A look at the database in the order of commits; writes nothing.
    Look(Task),
    /// Another relay has written.
    Wake(Box<Wake>),
    /// A transaction that changes rooms behind the writer's picture of them.
    Sweep(Task),
    /// Gives freed pages back and empties the write-ahead log.
    Tidy(oneshot::Sender<()>),
    /// Finishes, checkpoints and ends.
    Stop(oneshot::Sender<()>),
}

/// What another relay has done to rooms that may be attached here.
#[derive(Debug, Default)]
pub struct Wake {
    /// Rooms and the last entry they are said to have.
    pub moved: Vec<(RoomId, u64)>,
    /// Seats that were taken there, and when.
    pub taken: Vec<(RoomId, SeatHash, u64)>,
}

/// An append on its way to the writer.
#[derive(Debug)]
pub struct AppendJob {
    /// Who gets the answer.
    pub connection: Arc<Connection>,
    /// The request.
    pub request: u64,
    /// The answer goes out at the entry's place, through `Connection::appending`.
    pub in_place: bool,
    /// The appending seat.
    pub by: Seated,
    /// What is appended.
    pub append: Append,
    /// Returned when the entry no longer needs memory.
    pub permit: OwnedSemaphorePermit,
}

/// A void on its way to the writer.
#[derive(Debug)]
pub struct VoidJob {
    /// Who gets the answer.
    pub connection: Arc<Connection>,
    /// The request.
    pub request: u64,
    /// The asking seat.
    pub by: Seated,
    /// What is asked.
    pub void: VoidCommit,
}

/// A Welcome on its way to an inbox.
#[derive(Debug)]
pub struct WelcomeJob {
    /// Who gets the answer.
    pub connection: Arc<Connection>,
    /// The request.
    pub request: u64,
    /// What is appended.
    pub append: AppendInbox,
    /// Returned when the entry no longer needs memory.
    pub permit: OwnedSemaphorePermit,
}

/// An attach on its way to the writer.
#[derive(Debug)]
pub struct AttachJob {
    /// Who takes the seat.
    pub connection: Arc<Connection>,
    /// The request.
    pub request: u64,
    /// The room.
    pub room: RoomId,
    /// The hashes the presented token has, best first.
    pub candidates: Vec<Seated>,
}

impl Job {
    /// The rooms the job needs in memory.
    pub(super) fn rooms(&self) -> Vec<RoomId> {
        match self {
            Job::Append(job) => {
                let mut rooms = vec![job.append.room];
                if let AppendKind::Commit(effects) | AppendKind::Reset { effects, .. } =
                    &job.append.kind
                {
                    rooms.extend(effects.welcomes.iter().map(|welcome| welcome.inbox));
                }
                rooms
            }
            Job::Void(job) => vec![job.void.room],
            Job::Welcome(job) => vec![job.append.inbox],
            Job::Attach(job) => vec![job.room],
            Job::CreateRoom(create, ..) => vec![create.room],
            Job::Ack(room, ..) => vec![*room],
            Job::Task(_)
            | Job::Look(_)
            | Job::Wake(_)
            | Job::Sweep(_)
            | Job::Tidy(_)
            | Job::Stop(_) => Vec::new(),
        }
    }

    /// Whether the job changes rooms.
    pub(super) fn writes(&self) -> bool {
        matches!(
            self,
            Job::Append(_) | Job::Void(_) | Job::Welcome(_) | Job::CreateRoom(..)
        )
    }

    /// The append whose first answer must be known.
    pub(super) fn message(&self) -> Option<(RoomId, MessageId)> {
        match self {
            Job::Append(job) => Some((job.append.room, job.append.message)),
            Job::Void(job) => Some((job.void.room, job.void.message)),
            Job::Welcome(job) => Some((job.append.inbox, job.append.message)),
            _ => None,
        }
    }

    /// The job was not done.
    pub(super) fn refuse(self, refusal: Refusal) {
        match self {
            Job::Append(job) if job.in_place => {
                let reply = Reply::Refused(refusal);
                (job.connection).answer_append(
                    job.append.room,
                    job.append.message,
                    job.request,
                    reply,
                );
            }
            Job::Append(job) => job.connection.refuse(job.request, refusal),
            Job::Void(job) => job.connection.refuse(job.request, refusal),
            Job::Welcome(job) => job.connection.refuse(job.request, refusal),
            Job::Attach(job) => job.connection.refuse(job.request, refusal),
            Job::CreateRoom(_, _, answer) => tell(answer, Err(refusal)),
            // A cursor that did not move is moved again by the next acknowledgement; a task's
            // caller is told by the channel that closes.
            Job::Ack(..)
            | Job::Task(_)
            | Job::Look(_)
            | Job::Wake(_)
            | Job::Sweep(_)
            | Job::Tidy(_)
            | Job::Stop(_) => {}
        }
    }
}
