//! People who write to each other for as long as they are let.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::Duration;

use siegel_proto::frame::{Reply, Request};
use siegel_proto::ids::RoomId;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Error;
use super::latency::Latencies;
use super::subject::Running;
use crate::wire::connection::unexpected;
use crate::wire::entry::Mark;
use crate::wire::organisation::{room, staff_seat, token};
use crate::wire::{self, Connection};

/// Seats of those who receive, above every sender's number.
pub const RECEIVER: u32 = 1_000_000;

/// Two people in a room.
pub struct Pair {
    /// Their room.
    pub room: RoomId,
    /// Writes.
    pub sender: Connection,
    /// Reads.
    pub receiver: Connection,
}

/// What the pairs do together.
#[derive(Default)]
pub struct Traffic {
    delivered: Cell<u64>,
    latencies: RefCell<Latencies>,
}

/// When each entry on its way was sent, in order.
pub type Sent = Rc<RefCell<VecDeque<Instant>>>;

impl Traffic {
    /// Entries delivered since the start.
    pub fn delivered(&self) -> u64 {
        self.delivered.get()
    }

    /// The oldest entry on its way has arrived.
    pub fn arrived(&self, sent: &Sent) {
        if let Some(began) = sent.borrow_mut().pop_front() {
            self.latencies.borrow_mut().since(began);
        }
        self.delivered.set(self.delivered.get() + 1);
    }

    /// Forgets the latencies of the warm-up, or takes those measured.
    pub fn take_latencies(&self) -> Latencies {
        self.latencies.take()
    }
}

/// Pairs in rooms of their own, both attached with staff sessions.
pub async fn pairs(relay: &Running<'_>, pairs: u32) -> Result<Vec<Pair>, Error> {
    let mut made = Vec::new();
    for number in 0..pairs {
        let room = room(number);
        let mut sender = relay.staff(number).await?;
        let mut receiver = relay.staff(RECEIVER + number).await?;
        let seats = vec![
            staff_seat(room, number),
            staff_seat(room, RECEIVER + number),
        ];
        relay.make_room(&mut sender, room, seats).await?;
        sender.attach(room, token(number)).await?;
        receiver.attach(room, token(RECEIVER + number)).await?;
        made.push(Pair {
            room,
            sender,
            receiver,
        });
    }
    Ok(made)
}

/// Keeps so many entries open until `entries` are answered.
pub async fn write(
    mut connection: Connection,
    room: RoomId,
    writer: u32,
    in_flight: u64,
    entries: u64,
    sent: Sent,
) -> Result<(), wire::Error> {
    let (mut next, mut answered) = (0, 0);
    loop {
        while next < entries && next - answered < in_flight {
            let append = Mark {
                writer,
                number: next,
            }
            .append(room);
            connection.feed(Request::Append(append)).await?;
            sent.borrow_mut().push_back(Instant::now());
            next += 1;
        }
        connection.flush().await?;
        let last = answers(&mut connection, &mut answered).await?;
        connection.feed_ack(room, last).await?;
        if answered == entries {
            return connection.flush().await;
        }
    }
}

/// Waits for answers and takes all that are there; the place of the last.
async fn answers(connection: &mut Connection, answered: &mut u64) -> Result<u64, wire::Error> {
    let mut last = 0;
    let mut reply = Some(connection.next().await?);
    while let Some(said) = reply {
        match said {
            Reply::Appended(appended) => last = appended.seq,
            other => return Err(unexpected("an append", &other)),
        }
        *answered += 1;
        reply = connection.ready()?;
    }
    Ok(last)
}

/// Writes an entry at every tick, whatever is answered.
pub async fn write_paced(
    mut connection: Connection,
    room: RoomId,
    writer: u32,
    first: Instant,
    every: Duration,
    sent: Sent,
) -> Result<(), wire::Error> {
    let mut ticks = tokio::time::interval_at(first, every);
    let mut number = 0;
    loop {
        tokio::select! {
            _ = ticks.tick() => {
                let append = Mark { writer, number }.append(room);
                sent.borrow_mut().push_back(Instant::now());
                connection.send(Request::Append(append)).await?;
                number += 1;
            }
            said = connection.next() => match said? {
                Reply::Appended(appended) => {
                    connection.feed_ack(room, appended.seq).await?;
                }
                other => return Err(unexpected("an append", &other)),
            }
        }
    }
}

/// Reads until told otherwise, and acknowledges what it has read in one go.
pub async fn read(
    mut connection: Connection,
    room: RoomId,
    sent: Sent,
    traffic: Rc<Traffic>,
) -> Result<(), wire::Error> {
    loop {
        let mut last = 0;
        let mut reply = Some(connection.next().await?);
        while let Some(said) = reply {
            match said {
                Reply::Deliver(deliver) => last = deliver.seq,
                other => return Err(unexpected("nothing", &other)),
            }
            traffic.arrived(&sent);
            reply = connection.ready()?;
        }
        connection.feed_ack(room, last).await?;
        connection.flush().await?;
    }
}

/// Lets everybody work for a time; nobody may stop before.
pub async fn for_a_time<E: Into<Error> + 'static>(
    workers: &mut JoinSet<Result<(), E>>,
    time: Duration,
) -> Result<(), Error> {
    tokio::select! {
        biased;
        ended = workers.join_next() => match ended {
            Some(Ok(Err(error))) => Err(error.into()),
            _ => Err(wire::Error::Gone("somebody stopped working".into()).into()),
        },
        // Sleeps because it measures what is done in this time.
        () = tokio::time::sleep(time) => Ok(()),
    }
}
