//! Everything that happens to this worker, in one line; people go first in it.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::stream::{PollNext, SelectWithStrategy, select_with_strategy};
use siegel_client_core::Input;
use siegel_proto::ids::RoomId;
use siegel_web_bridge::{Number, Reply, ToWorker, Trouble};
use web_sys::Blob;

use crate::net::socket::Signal;
use crate::tabs::{TabId, TabMessage};
use crate::transfer::Announcement;

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
    /// The socket of this number has something.
    Socket(u32, Signal),
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

/// Who asked, and under which number the answer goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asker {
    /// The tab; this worker's own page has its worker's number.
    pub tab: TabId,
    /// Its question.
    pub number: Number,
}

/// The head of the line.
pub type Happenings = SelectWithStrategy<
    mpsc::UnboundedReceiver<Happening>,
    mpsc::UnboundedReceiver<Happening>,
    fn(&mut ()) -> PollNext,
    (),
>;

/// The end of the line. What pages say goes before all else, in its own order: nobody waits
/// until ten thousand messages are read, and a vault is locked at once.
#[derive(Clone)]
pub struct Queue {
    people: mpsc::UnboundedSender<Happening>,
    rest: mpsc::UnboundedSender<Happening>,
    sockets: Rc<Cell<u32>>,
}

impl Queue {
    pub fn new() -> (Self, Happenings) {
        let (people, first) = mpsc::unbounded();
        let (rest, second) = mpsc::unbounded();
        let queue = Self {
            people,
            rest,
            sockets: Rc::default(),
        };
        let people_first: fn(&mut ()) -> PollNext = |()| PollNext::Left;
        (queue, select_with_strategy(first, second, people_first))
    }

    /// Puts something at the end.
    pub fn push(&self, happening: Happening) {
        let line = match happening {
            Happening::Page(..) | Happening::Tab(..) => &self.people,
            _ => &self.rest,
        };
        // The other end goes only with the whole worker.
        line.unbounded_send(happening).ok();
    }

    /// Numbers a socket, so that the last words of one that was dropped are not heard.
    pub fn next_socket(&self) -> u32 {
        self.sockets.set(self.sockets.get() + 1);
        self.sockets.get()
    }
}
