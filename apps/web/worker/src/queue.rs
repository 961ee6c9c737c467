//! Everything that happens to this worker, in one line.

use std::cell::Cell;
use std::rc::Rc;

use futures_channel::mpsc;
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

/// The end of the line.
#[derive(Clone)]
pub struct Queue {
    sender: mpsc::UnboundedSender<Happening>,
    sockets: Rc<Cell<u32>>,
}

impl Queue {
    pub fn new() -> (Self, mpsc::UnboundedReceiver<Happening>) {
        let (sender, receiver) = mpsc::unbounded();
        let sockets = Rc::default();
        (Self { sender, sockets }, receiver)
    }

    /// Puts something at the end.
    pub fn push(&self, happening: Happening) {
        // The other end goes only with the whole worker.
        self.sender.unbounded_send(happening).ok();
    }

    /// Numbers a socket, so that the last words of one that was dropped are not heard.
    pub fn next_socket(&self) -> u32 {
        self.sockets.set(self.sockets.get() + 1);
        self.sockets.get()
    }
}
