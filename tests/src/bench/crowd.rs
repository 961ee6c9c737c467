//! One room of 1,000 attached seats.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use siegel_proto::frame::Request;
use siegel_proto::ids::{MessageId, RoomId, SeatHash};
use siegel_proto::room::{Append, AppendKind, CommitEffects, SeatChanges};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::latency::Latencies;
use super::subject::Running;
use super::{Error, Figure, Subject};
use crate::wire::entry::Mark;
use crate::wire::organisation::{open_seat, room, staff_seat, token};
use crate::wire::{self, Connection};

/// Seats beside the sender's.
const SEATS: u32 = 999;
/// Seats one request may bring.
const AT_ONCE: usize = 90;
/// Entries on their way at once where it is throughput that is measured.
const IN_FLIGHT: u64 = 8;
/// Entries between two acknowledgements of a seat.
const ACK_EVERY: u64 = 16;

/// First one entry at a time, for the time to the last; then as many as go.
pub async fn measure(subject: &Subject, seconds: u64) -> Result<Vec<Figure>, Error> {
    let relay = subject.start().await?;
    let mut crowd = Crowd::gather(&relay).await?;
    let half = Duration::from_secs(seconds) / 2;
    let (_, latencies) = crowd.write_for(half, 1).await?;
    let before = relay.read()?;
    let (entries, _) = crowd.write_for(half, IN_FLIGHT).await?;
    let used = before.until(relay.read()?);
    let deliveries = (entries * u64::from(SEATS)) as f64;
    let mut figures = super::pairs::work(used, deliveries);
    // A sync is for an entry here, not for a delivery.
    figures.retain(|figure| figure.name != "syncs per entry");
    figures.extend(latencies.figures());
    Ok(figures)
}

struct Crowd {
    sender: Connection,
    room: RoomId,
    epoch: u64,
    next: u64,
    heard: Rc<Heard>,
    listeners: JoinSet<Result<(), wire::Error>>,
}

/// Deliveries to all listeners together.
#[derive(Default)]
struct Heard {
    deliveries: Cell<u64>,
    more: Notify,
}

impl Crowd {
    async fn gather(relay: &Running<'_>) -> Result<Self, Error> {
        let room = room(0);
        let mut sender = relay.staff(0).await?;
        let epoch = fill_room(relay, &mut sender, room, 0, SEATS).await?;
        let heard = Rc::new(Heard::default());
        let mut listeners = JoinSet::new();
        for seat in 1..=SEATS {
            let (connection, seq) = attach(relay, room, seat).await?;
            listeners.spawn_local(listen(connection, room, seq, heard.clone()));
        }
        Ok(Self {
            sender,
            room,
            epoch,
            next: 0,
            heard,
            listeners,
        })
    }

    /// Writes for a time with so many entries on their way; how many all have heard.
    async fn write_for(
        &mut self,
        time: Duration,
        in_flight: u64,
    ) -> Result<(u64, Latencies), Error> {
        let mut latencies = Latencies::default();
        let end = Instant::now() + time;
        let first = self.next;
        let mut heard = first;
        let mut began = std::collections::VecDeque::new();
        loop {
            while self.next - heard < in_flight && Instant::now() < end {
                let mark = Mark {
                    writer: 0,
                    number: self.next,
                };
                let append = Append {
                    epoch: self.epoch,
                    ..mark.append(self.room)
                };
                began.push_back(Instant::now());
                self.sender.feed(Request::Append(append)).await?;
                self.next += 1;
            }
            self.sender.flush().await?;
            if heard == self.next {
                return Ok((self.next - first, latencies));
            }
            while self.heard.deliveries.get() < (heard + 1) * u64::from(SEATS) {
                tokio::select! {
                    () = self.heard.more.notified() => {}
                    said = self.sender.next() => drop(said?),
                    ended = self.listeners.join_next() => {
                        if let Some(Ok(Err(error))) = ended {
                            return Err(error.into());
                        }
                    }
                }
            }
            heard += 1;
            if let Some(began) = began.pop_front() {
                latencies.since(began);
            }
        }
    }
}

/// Makes a room with a sender and so many open seats after it; its epoch then.
pub async fn fill_room(
    relay: &Running<'_>,
    sender: &mut Connection,
    room: RoomId,
    own: u32,
    seats: u32,
) -> Result<u64, Error> {
    relay
        .make_room(sender, room, vec![staff_seat(room, own)])
        .await?;
    sender.attach(room, token(own)).await?;
    let seats: Vec<SeatHash> = (own + 1..=own + seats)
        .map(|seat| open_seat(room, seat))
        .collect();
    let mut epoch = 0;
    for add in seats.chunks(AT_ONCE) {
        let effects = CommitEffects {
            seats: SeatChanges::Delta {
                add: add.to_vec(),
                remove: Vec::new(),
            },
            ..CommitEffects::default()
        };
        let mark = Mark {
            writer: u32::MAX,
            number: epoch,
        };
        let commit = Append {
            epoch,
            message: MessageId::new([epoch as u8 + 1; 16]),
            kind: AppendKind::Commit(effects),
            ..mark.append(room)
        };
        sender.append(commit).await?;
        epoch += 1;
    }
    Ok(epoch)
}

/// Takes an open seat and reads to the end of the log; the number of the last entry.
pub async fn attach(
    relay: &Running<'_>,
    room: RoomId,
    seat: u32,
) -> Result<(Connection, u64), Error> {
    let mut connection = relay.connect().await?;
    let attached = connection.attach(room, token(seat)).await?;
    let mut behind = attached.next_seq - 1 - attached.cursor;
    while behind > 0 {
        connection.next().await?;
        behind -= 1;
    }
    Ok((connection, attached.next_seq - 1))
}

async fn listen(
    mut connection: Connection,
    room: RoomId,
    mut seq: u64,
    heard: Rc<Heard>,
) -> Result<(), wire::Error> {
    let mut acknowledged = seq;
    loop {
        let frames = connection.count_frames().await?;
        seq += frames;
        heard.deliveries.set(heard.deliveries.get() + frames);
        if heard.deliveries.get().is_multiple_of(u64::from(SEATS)) || frames > 1 {
            heard.more.notify_one();
        }
        if seq >= acknowledged + ACK_EVERY {
            acknowledged = seq;
            connection.feed_ack(room, seq).await?;
            connection.flush().await?;
        }
    }
}
