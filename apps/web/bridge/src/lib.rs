//! What the page and the worker say to each other.
//!
//! The page draws and listens; the worker owns the vault and everything secret. Between
//! them go messages of these types and nothing else:
//!
//! ```text
//! page                                worker
//!  │── Hello ─────────────────────────▶│   once, first
//!  │◀──────────────── News(Standing) ──│   at once, and whenever it changes
//!  │── Ask { number, ask } ───────────▶│
//!  │◀───────── Answer { number, … } ──│   exactly one for every question, in any order
//!  │◀────────────────────── News(…) ──│   whenever something happened
//!  │── Cancel(number) ────────────────▶│   a transfer; its answer is then `Cancelled`
//!  │── Active ────────────────────────▶│   somebody is there: puts the automatic lock off
//! ```
//!
//! A message is one JavaScript object `{ message: Uint8Array, blob?: Blob }`: `message` is
//! what [`encode`] gives, `blob` the file that goes with [`Ask::Attach`] or with
//! [`Reply::File`]. The page's end in Rust is the crate `siegel-web-port`.
//!
//! Every tab has a worker; one of them holds the vault and the others pass on to it. A page
//! cannot tell the difference, and its questions survive a change of the holder.

mod ask;
mod id;
mod news;
mod passkey;
mod reply;
mod trouble;
pub mod view;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

pub use ask::{Ask, Compose, FileNote, Protection, Secret, Window};
pub use id::{DeviceId, InvitationId, MessageId, PersonId, RoomId};
pub use news::News;
pub use passkey::{KnownPasskey, NewPasskey, PasskeySecret};
pub use reply::Reply;
pub use trouble::{FailReason, Limit, LinkTrouble, StoreTrouble, Thing, Trouble};

/// Both ends are built together; a page and a worker of different builds do not talk.
pub const BUILD: &str = env!("CARGO_PKG_VERSION");

/// Numbers a question; chosen by the page, never used twice.
pub type Number = u64;

/// From the page to its worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToWorker {
    /// The first message.
    Hello {
        /// [`BUILD`] of the page.
        build: String,
        /// The page's marks (a cookie, `localStorage`) say that a vault was here. The page
        /// sets them when the standing becomes [`view::Standing::Open`] and removes them
        /// after [`Ask::Wipe`].
        used_before: bool,
    },
    /// A question or an order.
    Ask {
        /// Comes back with the answer.
        number: Number,
        /// What.
        ask: Ask,
    },
    /// Gives a transfer up.
    Cancel(Number),
    /// Somebody pressed a key or touched the page. At most one a minute is needed.
    Active,
}

/// From the worker to its page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromWorker {
    /// The answer to a question.
    Answer {
        /// Which.
        number: Number,
        /// What came of it.
        answer: Result<Reply, Trouble>,
    },
    /// Something happened.
    News(News),
    /// The worker has locked itself and wants to be ended, so that its memory goes; another
    /// one is to be started. The port does this.
    Ending {
        /// Everything was deleted: the page's marks go as well.
        wiped: bool,
    },
}

/// Bytes that are no message of this build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAMessage;

/// Writes a message.
///
/// # Errors
/// [`NotAMessage`] never comes up with the types of this crate.
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, NotAMessage> {
    postcard::to_allocvec(message).map_err(|_| NotAMessage)
}

/// Reads a message.
///
/// # Errors
/// [`NotAMessage`] if another build wrote it.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, NotAMessage> {
    postcard::from_bytes(bytes).map_err(|_| NotAMessage)
}
