//! What is known of the relay while the socket is open; forgotten when it closes.

use std::collections::{BTreeMap, BTreeSet};

use siegel_proto::account::Challenge;
use siegel_proto::frame::{self, HelloReply, Request, RequestNumber};
use siegel_proto::ids::{BlobId, ContentHash, MessageId, PersonId, RoomId};

use super::Cx;
use crate::moment::Timestamp;
use crate::room::invitation::InvitationId;
use crate::step::Output;

/// An open socket.
#[derive(Default)]
pub(crate) struct Connection {
    next_request: RequestNumber,
    requests: BTreeMap<RequestNumber, Pending>,
    /// To be signed; there after the relay's hello.
    pub(crate) challenge: Option<Challenge>,
    /// The relay's hello to a device that belongs to no organisation yet.
    pub(crate) early_hello: Option<HelloReply>,
    /// A staff session is open.
    pub(crate) session: bool,
    /// The relay's revocations are known: from now on something may be sent.
    pub(crate) revocations: bool,
    /// The next list of revocations is to be the whole one.
    pub(crate) lists_all_revocations: bool,
    /// The attached rooms.
    pub(crate) rooms: BTreeMap<RoomId, Attachment>,
    /// How often a lost seat was asked for again.
    pub(crate) asked_back: BTreeMap<RoomId, u32>,
    /// Where this device has asked to be let in again, after which reset.
    pub(crate) asked_in: BTreeSet<(RoomId, u64)>,
    /// Rooms this connection has tried to make again.
    pub(crate) made_again: BTreeSet<RoomId>,
    /// The number of the inbox's next entry when it was attached.
    pub(crate) inbox_next: Option<u64>,
    /// Every key package at the relay was replaced, because some were not known here.
    pub(crate) stocked_anew: bool,
    /// What the relay put off, to be asked again.
    pub(crate) held_off: Vec<Pending>,
    /// Rooms in which word is due that messages have arrived, and when.
    pub(crate) receipts: BTreeMap<RoomId, Timestamp>,
}

/// A room this connection is attached to.
#[derive(Clone, Copy)]
pub(crate) struct Attachment {
    /// The number of the next entry, as far as is known.
    pub(crate) next_seq: u64,
    /// The room's epoch at the relay, as far as is known.
    pub(crate) epoch: u64,
    /// That everything is here was told.
    pub(crate) caught_up: bool,
    /// Entries from here on were appended while this device looked on.
    pub(crate) live_from: u64,
}

/// What an open request was for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pending {
    Hello,
    SetUp,
    Enrol,
    Authenticate,
    GetPolicy,
    PutPolicy,
    ListRevocations,
    PutRevocation,
    PutDirectoryEntry(u64),
    ListDirectory,
    Publish,
    CreateInbox,
    AttachInbox,
    CreateRoom(RoomId),
    Attach(RoomId),
    /// With the token of a renewal whose answer may have been lost.
    AttachRenewed(RoomId),
    /// This attempt at an entry, by the hash of its payload: an answer to an earlier attempt
    /// says nothing about the one that is under way.
    Append(RoomId, MessageId, ContentHash),
    Claim(RoomId, MessageId, PersonId),
    CreateCapsule(InvitationId),
    WithdrawCapsule(InvitationId),
    CreateBlob(BlobId),
    /// To be let in again by whoever manages a room.
    AskBack,
}

impl Connection {
    /// Sends a request and remembers what it is for.
    pub(crate) fn request(&mut self, cx: &mut Cx, pending: Pending, request: Request) {
        let number = self.number(pending);
        cx.output(Output::Transmit(frame::encode_request(number, request)));
    }

    /// The same with a request that was encoded before, under number 0.
    pub(crate) fn request_again(&mut self, cx: &mut Cx, pending: Pending, encoded: &[u8]) {
        let number = self.number(pending);
        if let Ok((_, request)) = frame::parse_request(encoded.to_vec().into()) {
            cx.output(Output::Transmit(frame::encode_request(number, request)));
        }
    }

    /// Sends what gets no answer.
    pub(crate) fn notice(cx: &mut Cx, request: Request) {
        cx.output(Output::Transmit(frame::encode_request(0, request)));
    }

    fn number(&mut self, pending: Pending) -> RequestNumber {
        self.next_request += 1;
        self.requests.insert(self.next_request, pending);
        self.next_request
    }

    /// What an answer is for; it is answered then.
    pub(crate) fn answered(&mut self, number: RequestNumber) -> Option<Pending> {
        self.requests.remove(&number)
    }

    /// Whether the relay owes an answer to anything.
    pub(crate) fn awaits_any(&self) -> bool {
        !self.requests.is_empty()
    }

    /// Whether a request for this is open.
    pub(crate) fn awaits(&self, pending: Pending) -> bool {
        self.requests.values().any(|open| *open == pending)
    }
}
