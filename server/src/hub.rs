//! Who is attached where, in memory only: the one place that ties a seat to a connection.
//!
//! An attachment is *live* (entries are queued as they are published) or *behind* (a
//! backlog task reads the log for it). It goes from behind to live under the hub's lock
//! once it has been sent everything that was published, so nothing is missed or doubled
//! at the hand-over; it falls behind again when its connection's queue is full, and when
//! another relay on the same database has written to the room.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use siegel_proto::frame::{Reply, encode_reply};
use siegel_proto::ids::{DeviceId, MessageId, PersonId, RoomId, SeatHash};
use siegel_proto::room::{Appended, Attached};

use crate::connection::{Connection, Session};
use crate::delivery::Seated;
use crate::metrics::Counts;

/// All attachments and sessions of this process.
#[derive(Debug, Default)]
pub struct Hub {
    rooms: Mutex<HashMap<RoomId, Vec<Attachment>>>,
    sessions: Mutex<Sessions>,
    counts: Arc<Counts>,
}

/// The account of each device with a session, and the connections it has one on.
type Sessions = HashMap<DeviceId, (PersonId, Vec<Weak<Connection>>)>;

#[derive(Debug)]
struct Attachment {
    seat: SeatHash,
    connection: Arc<Connection>,
    /// The last entry this connection was sent, or had acknowledged before.
    sent: u64,
    /// The last entry of the room that was published.
    published: u64,
    live: bool,
    /// The log may hold more than was published here.
    look: bool,
    /// The seat no longer counts: it gets what is there up to this entry, then goes.
    gone_at: Option<u64>,
    /// When the seat was taken, by the clock of a shared database.
    at: u64,
}

/// A committed entry on its way to the sockets.
#[derive(Debug)]
pub struct Published {
    /// The room.
    pub room: RoomId,
    /// The entry's number.
    pub seq: u64,
    /// The encoded `Deliver` frame.
    pub frame: Bytes,
    /// The connection that appended it, which gets `Appended` at the entry's place.
    pub origin: Option<(Arc<Connection>, MessageId)>,
    /// Seats the entry ended.
    pub gone: Vec<SeatHash>,
    /// The appending seat's replacement: its attachment goes on under the new hash.
    pub replaced: Option<(SeatHash, SeatHash)>,
}

/// A page of a log on its way to one connection.
#[derive(Debug)]
pub struct Backlogged {
    /// The entry it was read after.
    pub after: u64,
    /// `(seq, message id, frame)`, in order.
    pub entries: Vec<(u64, MessageId, Bytes)>,
    /// The last number the room had given then.
    pub end: u64,
    /// Nothing comes behind them: what is missing up to `end` has expired.
    pub is_last: bool,
}

/// What a backlog task has to read next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Behind {
    /// Entries after the last one that was sent.
    ReadAfter {
        /// The last entry that was sent.
        sent: u64,
    },
    /// Nothing: delivery is live.
    CaughtUp,
    /// The seat is no longer attached here.
    Gone,
}

impl Hub {
    /// What is counted while the relay works.
    pub fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    /// Takes a seat for a connection and tells it so. Another connection that held it is told
    /// and loses it. `at` is the time by the clock of a shared database, else 0.
    pub fn attach(
        &self,
        room: RoomId,
        by: Seated,
        connection: &Arc<Connection>,
        request: u64,
        attached: Attached,
        at: u64,
    ) {
        let (cursor, last) = (attached.cursor, attached.next_seq - 1);
        let mut rooms = self.rooms();
        let seated = rooms.entry(room).or_default();
        seated.retain(|other| {
            let here = Arc::ptr_eq(&other.connection, connection);
            let taken = other.seat == by.seat;
            if taken && !here {
                detached(&other.connection, room);
            }
            !(taken || here)
        });
        connection.state().attached.insert(room, by);
        // Between the two: what was sent to an attachment before is behind the client when it
        // reads this, and nothing of the new one is before it.
        connection.answer(request, Reply::Attached(attached));
        seated.push(Attachment {
            seat: by.seat,
            connection: connection.clone(),
            sent: cursor,
            published: last,
            live: cursor >= last,
            look: false,
            gone_at: None,
            at,
        });
    }

    /// A seat was taken at another relay: a connection that held it here before is told.
    pub fn taken(&self, room: RoomId, seat: SeatHash, at: u64) {
        let mut rooms = self.rooms();
        if let Some(attached) = rooms.get_mut(&room) {
            attached.retain(|to| {
                let taken = to.seat == seat && to.at < at;
                if taken {
                    detached(&to.connection, room);
                }
                !taken
            });
            if attached.is_empty() {
                rooms.remove(&room);
            }
        }
    }

    /// Another relay has written to these rooms, it is said, up to these entries; returns
    /// the connections that need a backlog task. What is said too high costs a look, what
    /// is said too low is found by the next one.
    pub fn wake(&self, moved: &[(RoomId, u64)]) -> Vec<Arc<Connection>> {
        let mut rooms = self.rooms();
        let mut behind = Vec::new();
        for (room, seq) in moved {
            for to in rooms.get_mut(room).into_iter().flatten() {
                if *seq > to.sent {
                    to.look = true;
                    if std::mem::take(&mut to.live) {
                        behind.push(to.connection.clone());
                    }
                }
            }
        }
        behind
    }

    /// The seat of this connection no longer counts since this entry.
    pub fn leave(&self, room: RoomId, connection: &Arc<Connection>, since: u64) {
        if let Some(to) = find(&mut self.rooms(), room, connection) {
            to.gone_at = Some(since);
            to.published = to.published.max(since);
        }
    }

    /// Gives a seat up.
    pub fn detach(&self, room: RoomId, connection: &Arc<Connection>) {
        connection.state().attached.remove(&room);
        remove(&mut self.rooms(), room, connection);
    }

    /// A connection has ended: its seats are free, its session is over.
    pub fn disconnect(&self, connection: &Arc<Connection>) {
        connection.close();
        let (attached, session) = {
            let mut state = connection.state();
            (std::mem::take(&mut state.attached), state.session.take())
        };
        let mut rooms = self.rooms();
        for room in attached.into_keys() {
            remove(&mut rooms, room, connection);
        }
        drop(rooms);
        if let Some(Session { device, .. }) = session {
            let mut sessions = self.sessions();
            if let Some((_, connections)) = sessions.get_mut(&device) {
                connections.retain(|weak| !std::ptr::eq(weak.as_ptr(), Arc::as_ptr(connection)));
                if connections.is_empty() {
                    sessions.remove(&device);
                }
            }
        }
    }

    /// Sends a committed batch to whoever is attached; returns the connections that fell
    /// behind and need a backlog task.
    pub fn publish(&self, batch: &[Published]) -> Vec<Arc<Connection>> {
        let mut rooms = self.rooms();
        let mut behind = Vec::new();
        let mut delivered = 0;
        for entry in batch {
            let Some(attached) = rooms.get_mut(&entry.room) else {
                if let Some((connection, message)) = &entry.origin {
                    appended(connection, entry, *message);
                }
                continue;
            };
            let mut answered = false;
            for to in attached.iter_mut() {
                to.published = entry.seq;
                let own = (entry.origin.as_ref())
                    .filter(|(origin, _)| Arc::ptr_eq(origin, &to.connection));
                answered |= own.is_some();
                if !to.live || entry.seq <= to.sent {
                    continue;
                }
                if entry.seq > to.sent + 1 {
                    // Another relay wrote what lies between: the log has it.
                    to.live = false;
                    behind.push(to.connection.clone());
                    continue;
                }
                match own {
                    Some((connection, message)) => appended(connection, entry, *message),
                    None if to.connection.offer(&entry.frame) => delivered += 1,
                    None => {
                        to.live = false;
                        behind.push(to.connection.clone());
                        continue;
                    }
                }
                to.sent = entry.seq;
            }
            if let (false, Some((connection, message))) = (answered, &entry.origin) {
                // Detached while the entry was on its way: there is no place left to keep.
                appended(connection, entry, *message);
            }
            if let Some((old, new)) = entry.replaced {
                for to in attached.iter_mut().filter(|to| to.seat == old) {
                    to.seat = new;
                    if let Some(by) = to.connection.state().attached.get_mut(&entry.room) {
                        by.seat = new;
                    }
                }
            }
            if !entry.gone.is_empty() {
                attached.retain_mut(|to| {
                    let gone = entry.gone.contains(&to.seat);
                    if gone && !to.live {
                        // It sees why before it goes.
                        to.gone_at = Some(entry.seq);
                        return true;
                    }
                    if gone {
                        detached(&to.connection, entry.room);
                    }
                    !gone
                });
            }
        }
        self.counts.delivered(delivered);
        behind
    }

    /// Where a connection stands in a room; turns to live delivery if it has everything.
    pub fn behind(&self, room: RoomId, connection: &Arc<Connection>) -> Behind {
        let mut rooms = self.rooms();
        let Some(to) = find(&mut rooms, room, connection) else {
            return Behind::Gone;
        };
        if to.gone_at.is_some_and(|at| to.sent >= at) {
            detached(connection, room);
            remove(&mut rooms, room, connection);
            return Behind::Gone;
        }
        let look = std::mem::take(&mut to.look);
        if !look && (to.live || to.sent >= to.published) {
            to.live = true;
            return Behind::CaughtUp;
        }
        Behind::ReadAfter { sent: to.sent }
    }

    /// Queues a page a backlog task has read.
    pub fn send_backlog(&self, room: RoomId, connection: &Arc<Connection>, page: Backlogged) {
        let mut rooms = self.rooms();
        let Some(to) = find(&mut rooms, room, connection) else {
            return;
        };
        if page.after > to.sent {
            // Read for an attachment that is no more: this one begins further back.
            return;
        }
        for (seq, message, frame) in page.entries {
            if seq <= to.sent {
                continue;
            }
            let own = connection.state().appending.remove(&(room, message));
            match own {
                Some(request) => {
                    connection.answer(request, Reply::Appended(Appended { room, message, seq }));
                }
                None => {
                    connection.push(frame);
                    self.counts.delivered(1);
                }
            }
            to.sent = seq;
        }
        to.published = to.published.max(page.end);
        if page.is_last {
            to.sent = to.sent.max(page.end);
        }
    }

    /// Rooms in which a connection is behind.
    pub fn rooms_behind(&self, connection: &Arc<Connection>) -> Vec<RoomId> {
        let attached: Vec<RoomId> = connection.state().attached.keys().copied().collect();
        let mut rooms = self.rooms();
        (attached.into_iter())
            .filter(|room| find(&mut rooms, *room, connection).is_some_and(|to| !to.live))
            .collect()
    }

    /// A staff session begins on a connection.
    pub fn begin_session(&self, session: Session, connection: &Arc<Connection>) {
        connection.state().session = Some(session);
        (self.sessions().entry(session.device))
            .or_insert_with(|| (session.account, Vec::new()))
            .1
            .push(Arc::downgrade(connection));
    }

    /// Ends every session of an account or a device: the connections are closed.
    pub fn end_sessions(&self, ends: impl Fn(PersonId, DeviceId) -> bool) {
        let mut sessions = self.sessions();
        sessions.retain(|device, (account, connections)| {
            let end = ends(*account, *device);
            if end {
                for connection in connections.iter().filter_map(Weak::upgrade) {
                    connection.state().session = None;
                    connection.close();
                }
            }
            !end
        });
    }

    /// Sends a frame to everybody who is attached to anything or has a session, once each.
    pub fn tell_everybody(&self, frame: &Bytes) {
        let mut told: HashMap<*const Connection, Arc<Connection>> = HashMap::new();
        for to in self.rooms().values().flatten() {
            told.insert(Arc::as_ptr(&to.connection), to.connection.clone());
        }
        for (_, connections) in self.sessions().values() {
            for connection in connections.iter().filter_map(Weak::upgrade) {
                told.insert(Arc::as_ptr(&connection), connection);
            }
        }
        for connection in told.into_values() {
            connection.push(frame.clone());
        }
    }

    /// Rooms in which somebody is attached.
    pub fn rooms_attached(&self) -> Vec<RoomId> {
        self.rooms().keys().copied().collect()
    }

    /// Seats attached now.
    pub fn attached(&self) -> usize {
        self.rooms().values().map(Vec::len).sum()
    }

    fn rooms(&self) -> MutexGuard<'_, HashMap<RoomId, Vec<Attachment>>> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sessions(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn find<'a>(
    rooms: &'a mut HashMap<RoomId, Vec<Attachment>>,
    room: RoomId,
    connection: &Arc<Connection>,
) -> Option<&'a mut Attachment> {
    (rooms.get_mut(&room)?.iter_mut()).find(|to| Arc::ptr_eq(&to.connection, connection))
}

fn remove(
    rooms: &mut HashMap<RoomId, Vec<Attachment>>,
    room: RoomId,
    connection: &Arc<Connection>,
) {
    if let Some(attached) = rooms.get_mut(&room) {
        attached.retain(|to| !Arc::ptr_eq(&to.connection, connection));
        if attached.is_empty() {
            rooms.remove(&room);
        }
    }
}

fn appended(connection: &Connection, entry: &Published, message: MessageId) {
    let request = connection.state().appending.remove(&(entry.room, message));
    if let Some(request) = request {
        let (room, seq) = (entry.room, entry.seq);
        connection.answer(request, Reply::Appended(Appended { room, message, seq }));
    }
}

fn detached(connection: &Connection, room: RoomId) {
    connection.state().attached.remove(&room);
    connection.push(encode_reply(0, Reply::Detached(room)));
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use siegel_proto::seat::SeatClass;

    use super::*;

    const ROOM: RoomId = RoomId::new([1; 16]);

    fn page(after: u64, up_to: u64, end: u64) -> Backlogged {
        Backlogged {
            after,
            entries: (after + 1..=up_to)
                .map(|seq| {
                    (
                        seq,
                        MessageId::new([0; 16]),
                        seq.to_be_bytes().to_vec().into(),
                    )
                })
                .collect(),
            end,
            is_last: up_to == end,
        }
    }

    /// A client takes its seat twice: once to be told the revocations, once to read.
    #[test]
    fn a_page_read_for_an_older_attachment_leaves_no_hole_in_the_newer() {
        let (hub, connection) = (Hub::default(), Connection::new());
        let by = Seated {
            seat: SeatHash::new([2; 32]),
            class: SeatClass::Open,
        };
        let attached = Attached {
            epoch: 0,
            next_seq: 4,
            cursor: 0,
            expired_up_to: 0,
        };
        hub.attach(ROOM, by, &connection, 1, attached, 0);
        hub.send_backlog(ROOM, &connection, page(0, 2, 3));
        let under_way = hub.behind(ROOM, &connection);
        assert_eq!(under_way, Behind::ReadAfter { sent: 2 });

        connection.take(&mut VecDeque::new());
        hub.attach(ROOM, by, &connection, 2, attached, 0);
        hub.send_backlog(ROOM, &connection, page(2, 3, 3));
        assert_eq!(
            hub.behind(ROOM, &connection),
            Behind::ReadAfter { sent: 0 },
            "all of it is to come"
        );
        hub.send_backlog(ROOM, &connection, page(0, 3, 3));
        let mut frames = VecDeque::new();
        connection.take(&mut frames);
        assert_eq!(
            frames.pop_front(),
            Some(encode_reply(2, Reply::Attached(attached)))
        );
        let sent: Vec<u8> = frames.iter().map(|frame| frame[7]).collect();
        assert_eq!(sent, [1, 2, 3]);
        assert_eq!(hub.behind(ROOM, &connection), Behind::CaughtUp);
    }
}
