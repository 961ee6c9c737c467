//! Everything that happens to this worker, in one line; people go first in it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use bytes::Bytes;
use siegel_client_core::Input;
use siegel_proto::ids::RoomId;
use siegel_web_bridge::{Number, Reply, ToWorker, Trouble};
use web_sys::Blob;

use crate::net::socket::Signal;
use crate::tabs::{TabId, TabMessage};
use crate::transfer::Announcement;

/// Frames that are read in one step at most: somebody may be waiting behind it.
const BURST: usize = 64;

/// One thing that happened.
pub enum Happening {
    /// The page of this worker said something.
    Page(ToWorker, Option<Blob>),
    /// Another tab's worker said something.
    Tab(TabMessage, Option<Blob>),
    /// The vault is this worker's to hold.
    Held,
    /// It no longer is, or the database went away.
    Gone,
    /// The socket of this number stands, or is lost.
    Socket(u32, SocketState),
    /// Frames of the socket of this number, one behind the other.
    Frames(u32, Vec<Bytes>),
    /// An exchange over HTTP has its answer.
    Input(Input),
    /// The time the client asked for may have come.
    Wake,
    /// Half a minute passed.
    Round,
    /// The network came back.
    NetworkBack,
    /// A file is sealed and is to be announced to the relay.
    Announce(Box<Announcement>),
    /// A file is uploaded and is to be spoken of.
    Uploaded(Asker, RoomId, Box<siegel_proto::content::Kind>),
    /// How far a transfer is.
    Progress(Asker, u64, u64),
    /// A transfer is over.
    Transferred(Asker, Result<(Reply, Option<Blob>), Trouble>),
}

/// What became of a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketState {
    /// It stands.
    Up,
    /// It is lost; another attempt follows.
    Down,
}

/// Who asked, and under which number the answer goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asker {
    /// The tab; this worker's own page has its worker's number.
    pub tab: TabId,
    /// Its question.
    pub number: Number,
}

/// The line. What pages say goes before all else, in its own order: nobody waits until ten
/// thousand messages are read, and a vault is locked at once. Frames that wait behind each
/// other become one happening.
#[derive(Clone, Default)]
pub struct Queue(Rc<Line>);

#[derive(Default)]
struct Line {
    people: RefCell<VecDeque<Happening>>,
    rest: RefCell<VecDeque<Happening>>,
    waits: RefCell<Option<Waker>>,
    sockets: Cell<u32>,
}

impl Queue {
    /// Puts something at the end.
    pub fn push(&self, happening: Happening) {
        let line = match happening {
            Happening::Page(..) | Happening::Tab(..) => &self.0.people,
            _ => &self.0.rest,
        };
        line.borrow_mut().push_back(happening);
        self.wake();
    }

    /// Puts what the socket of this number tells at the end.
    pub fn push_signal(&self, number: u32, signal: Signal) {
        match signal {
            Signal::Up => self.push(Happening::Socket(number, SocketState::Up)),
            Signal::Down => self.push(Happening::Socket(number, SocketState::Down)),
            Signal::Frame(frame) => self.push_frame(number, frame),
        }
    }

    fn push_frame(&self, number: u32, frame: Bytes) {
        let mut rest = self.0.rest.borrow_mut();
        match rest.back_mut() {
            Some(Happening::Frames(known, frames)) if *known == number && frames.len() < BURST => {
                frames.push(frame);
            }
            _ => rest.push_back(Happening::Frames(number, vec![frame])),
        }
        drop(rest);
        self.wake();
    }

    /// Takes what is first in the line, when there is something.
    pub async fn next(&self) -> Happening {
        poll_fn(|context| match self.take() {
            Some(happening) => Poll::Ready(happening),
            None => {
                self.0.waits.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    fn take(&self) -> Option<Happening> {
        let first = self.0.people.borrow_mut().pop_front();
        first.or_else(|| self.0.rest.borrow_mut().pop_front())
    }

    fn wake(&self) {
        if let Some(waker) = self.0.waits.take() {
            waker.wake();
        }
    }

    /// Numbers a socket, so that the last words of one that was dropped are not heard.
    pub fn next_socket(&self) -> u32 {
        self.0.sockets.set(self.0.sockets.get() + 1);
        self.0.sockets.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_go_first_and_frames_come_together() {
        let queue = Queue::default();
        let frame = || Signal::Frame(Bytes::from_static(b"frame"));
        for _ in 0..BURST + 2 {
            queue.push_signal(1, frame());
        }
        queue.push_signal(2, frame());
        queue.push_signal(2, Signal::Down);
        queue.push_signal(2, frame());
        queue.push(Happening::Page(ToWorker::Active, None));

        assert!(matches!(
            queue.take(),
            Some(Happening::Page(ToWorker::Active, None))
        ));
        let mut taken = Vec::new();
        while let Some(happening) = queue.take() {
            taken.push(match happening {
                Happening::Frames(socket, frames) => (socket, frames.len()),
                Happening::Socket(socket, SocketState::Down) => (socket, 0),
                _ => panic!("nothing else was put in"),
            });
        }
        assert_eq!(taken, [(1, BURST), (1, 2), (2, 1), (2, 0), (2, 1)]);
    }
}
