//! Somebody who writes for as long as the relay lives, and remembers every answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use siegel_proto::frame::{Reply, Request};
use siegel_proto::ids::RoomId;
use siegel_proto::room::{Appended, Deliver};
use siegel_proto::{ErrorCode, Refusal};
use tokio::net::TcpStream;
use tokio::sync::Notify;

use super::Place;
use crate::wire::entry::Mark;
use crate::wire::organisation::token;
use crate::wire::{Connection, Error, Organisation};

/// Appends a writer has open.
const IN_FLIGHT: usize = 4;
/// Answered entries a writer sends again after a stop.
const REPEATED: usize = 4;
/// Entries between two acknowledgements.
const ACK_EVERY: u64 = 16;

/// What the writers tell whoever stops the relay.
#[derive(Debug, Default)]
pub struct Progress {
    answered: AtomicU64,
    settled: AtomicU64,
    /// Nothing new is written; who has nothing open goes.
    closing: AtomicBool,
    changed: Notify,
}

impl Progress {
    /// Tells the writers to write nothing new.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    /// New entries that were answered in this life.
    pub fn answers(&self) -> u64 {
        self.answered.load(Ordering::SeqCst)
    }

    /// Waits for so many new entries.
    pub async fn until_answered(&self, answers: u64) {
        self.until(|| self.answers() >= answers).await;
    }

    /// Waits until so many writers have got their old answers again.
    pub async fn until_settled(&self, writers: u64) {
        self.until(|| self.settled.load(Ordering::SeqCst) >= writers)
            .await;
    }

    async fn until(&self, holds: impl Fn() -> bool) {
        loop {
            let changed = self.changed.notified();
            let mut changed = std::pin::pin!(changed);
            changed.as_mut().enable();
            if holds() {
                return;
            }
            changed.await;
        }
    }

    fn count(&self, counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::SeqCst);
        self.changed.notify_waiters();
    }
}

/// Somebody who writes.
#[derive(Debug)]
pub struct Writer {
    number: u32,
    room: RoomId,
    next: u64,
    /// Sent, and not answered.
    open: BTreeSet<Mark>,
    /// Answered since a reader last looked.
    answered: BTreeMap<Mark, u64>,
    /// Answers that were given twice, alike.
    pub repeated: u64,
}

/// How a life ended that was not broken off by a broken promise.
type Ended = Result<(), Error>;

impl Writer {
    /// Somebody who wrote nothing yet.
    pub fn new(number: u32, room: RoomId) -> Self {
        Self {
            number,
            room,
            next: 0,
            open: BTreeSet::new(),
            answered: BTreeMap::new(),
            repeated: 0,
        }
    }

    /// Which writer this is.
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Which of so many rooms this writer is in.
    pub fn room_number(&self, rooms: u32) -> usize {
        (self.number % rooms) as usize
    }

    /// Answered entries, handed over to be looked for.
    pub fn take_answered(&mut self) -> Vec<Place> {
        let answered = std::mem::take(&mut self.answered);
        let places = answered.into_iter();
        places.map(|(mark, seq)| Place { mark, seq }).collect()
    }

    /// Sent, and not answered.
    pub fn open(&self) -> impl Iterator<Item = &Mark> {
        self.open.iter()
    }

    /// Entries sent in all.
    pub fn sent(&self) -> u64 {
        self.next
    }

    /// Writes until the connection is gone. `known` are answers of the last life, to be
    /// asked for again.
    ///
    /// # Errors
    /// A broken promise.
    pub async fn live(
        &mut self,
        address: SocketAddr,
        known: &HashMap<Mark, u64>,
        progress: &Arc<Progress>,
    ) -> Result<(), Error> {
        match self.write(address, known, progress).await {
            Err(Error::Gone(_)) => Ok(()),
            // The last word of a relay that stops in order.
            Err(Error::Refused(Refusal {
                code: ErrorCode::Unavailable,
                ..
            })) => Ok(()),
            other => other,
        }
    }

    async fn write(
        &mut self,
        address: SocketAddr,
        known: &HashMap<Mark, u64>,
        progress: &Arc<Progress>,
    ) -> Ended {
        let mut connection = open(address).await?;
        let organisation = Organisation::default();
        (organisation.staff(self.number))
            .authenticate(&mut connection)
            .await?;
        let attached = connection.attach(self.room, token(self.number)).await?;
        let mut seat = Seat::new(attached.cursor);

        let again: BTreeSet<Mark> = self.latest(known).chain(self.open.clone()).collect();
        let mut waiting = again.clone();
        for mark in &again {
            let append = Request::Append(mark.append(self.room));
            connection.feed(append).await?;
        }
        connection.flush().await?;
        let mut settled = waiting.is_empty();
        if settled {
            progress.count(&progress.settled);
        }
        loop {
            if settled {
                if progress.closing.load(Ordering::SeqCst) && self.open.is_empty() {
                    return Ok(());
                }
                if !progress.closing.load(Ordering::SeqCst) {
                    self.write_more(&mut connection).await?;
                }
            }
            if let Some(up_to) = seat.due() {
                connection.feed_ack(self.room, up_to).await?;
            }
            connection.flush().await?;
            let mut reply = Some(connection.next().await?);
            while let Some(said) = reply {
                match said {
                    Reply::Deliver(deliver) => seat.delivered(&deliver)?,
                    Reply::Appended(appended) => {
                        let mark = self.take_answer(&appended, known, progress)?;
                        seat.answered(appended.seq, again.contains(&mark));
                        waiting.remove(&mark);
                    }
                    other => return Err(Error::Protocol(format!("{other:?} for a writer"))),
                }
                reply = connection.ready()?;
            }
            if !settled && waiting.is_empty() {
                settled = true;
                progress.count(&progress.settled);
            }
        }
    }

    /// The last answered entries that still stand in the log.
    fn latest(&self, known: &HashMap<Mark, u64>) -> impl Iterator<Item = Mark> {
        let mut latest: Vec<Mark> = (known.keys())
            .filter(|mark| mark.writer == self.number)
            .copied()
            .collect();
        latest.sort_unstable();
        latest.into_iter().rev().take(REPEATED)
    }

    async fn write_more(&mut self, connection: &mut Connection) -> Ended {
        while self.open.len() < IN_FLIGHT {
            let mark = Mark {
                writer: self.number,
                number: self.next,
            };
            self.next += 1;
            self.open.insert(mark);
            connection
                .feed(Request::Append(mark.append(self.room)))
                .await?;
        }
        Ok(())
    }

    fn take_answer(
        &mut self,
        appended: &Appended,
        known: &HashMap<Mark, u64>,
        progress: &Arc<Progress>,
    ) -> Result<Mark, Error> {
        let (message, seq) = (&appended.message, appended.seq);
        let mark = Mark::of_message(message)
            .filter(|mark| mark.writer == self.number)
            .ok_or_else(|| Error::Protocol(format!("an answer for {message:?}")))?;
        let before = known.get(&mark).or(self.answered.get(&mark));
        match before {
            Some(before) if *before == seq => self.repeated += 1,
            Some(before) => {
                let what = format!("{mark:?} was answered {before}, and again {seq}");
                return Err(Error::Protocol(what));
            }
            None => {
                self.open.remove(&mark);
                self.answered.insert(mark, seq);
                progress.count(&progress.answered);
            }
        }
        Ok(mark)
    }
}

/// A connection, as long as there is a relay to have it with: one that takes too long to say
/// hello, on a machine that stands still, is closed by a relay that lives.
async fn open(address: SocketAddr) -> Result<Connection, Error> {
    let mut ticks = tokio::time::interval(Duration::from_millis(20));
    loop {
        ticks.tick().await;
        match Connection::open(address).await {
            Err(Error::Gone(_)) if TcpStream::connect(address).await.is_ok() => {}
            opened => return opened,
        }
    }
}

/// The log as it passes a seat: every number once, in order. One's own entries are not
/// delivered but answered in their place; those that were sent again are answered out of
/// place, and may be delivered as well.
struct Seat {
    /// The last that passed.
    passed: u64,
    acknowledged: u64,
    /// Own entries that were answered before their place came, and whether sent again.
    own: BTreeMap<u64, bool>,
    /// Own entries that passed and may still be delivered.
    expected_again: BTreeSet<u64>,
}

impl Seat {
    fn new(cursor: u64) -> Self {
        Self {
            passed: cursor,
            acknowledged: cursor,
            own: BTreeMap::new(),
            expected_again: BTreeSet::new(),
        }
    }

    fn answered(&mut self, seq: u64, sent_again: bool) {
        if seq > self.passed {
            self.own.insert(seq, sent_again);
        }
    }

    fn delivered(&mut self, deliver: &Deliver) -> Ended {
        self.pass_own();
        if self.expected_again.remove(&deliver.seq) {
            return Ok(());
        }
        let expected = self.passed + 1;
        if deliver.seq != expected {
            let what = format!("{} was delivered instead of {expected}", deliver.seq);
            return Err(Error::Protocol(what));
        }
        self.passed = deliver.seq;
        Ok(())
    }

    fn pass_own(&mut self) {
        while let Some(sent_again) = self.own.remove(&(self.passed + 1)) {
            self.passed += 1;
            if sent_again {
                self.expected_again.insert(self.passed);
            }
        }
    }

    /// What may be acknowledged now.
    fn due(&mut self) -> Option<u64> {
        self.pass_own();
        let due = self.passed >= self.acknowledged + ACK_EVERY;
        due.then(|| {
            self.acknowledged = self.passed;
            self.passed
        })
    }
}
