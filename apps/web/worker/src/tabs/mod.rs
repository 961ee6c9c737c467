//! The tabs of one browser: one of them holds the vault, the others pass on to it.
//!
//! ```text
//! follower                         holder
//!   │── Hello ────────────────────▶│
//!   │◀──── Holder { standing, … } ──│   and again whenever another one takes over
//!   │── Ask ──────────────────────▶│
//!   │◀──────────── Answer, News ──│
//! ```
//!
//! Whoever gets the Web Lock is the holder; the browser passes it on when that tab goes,
//! however it goes. The channel reaches this origin's tabs only, and only in memory.

mod channel;
mod lock;

use serde::{Deserialize, Serialize};
use siegel_client_core::secret::Secret32;
use siegel_web_bridge::view::{Link, Standing};
use siegel_web_bridge::{Ask, News, Number, Reply, Trouble};

pub use channel::{Channel, pack, unpack};
pub use lock::await_lock;

/// A tab, by a random number.
pub type TabId = u64;

/// What opens the vault for the next holder.
#[derive(Clone, Serialize, Deserialize)]
pub struct Handover {
    /// The vault key.
    pub key: Secret32,
    /// How often the vault had been locked when it was opened. Where it has been locked once
    /// more since, the key is not used: the Web Lock may pass on sooner than the word that all
    /// is locked.
    pub lockings: u64,
}

/// What workers of one browser say to each other.
#[derive(Clone, Serialize, Deserialize)]
pub enum TabMessage {
    /// A worker that does not hold the vault is there.
    Hello {
        /// Which.
        tab: TabId,
    },
    /// This is how it stands with the one who holds it.
    Holder {
        /// Of which build. What follows is understood by the same build only.
        build: String,
        /// How the vault stands.
        standing: Standing,
        /// How the connection stands.
        link: Link,
        /// What opens the vault if this holder goes; `None` while it is locked.
        handover: Option<Handover>,
    },
    /// A question.
    Ask {
        /// Whose.
        tab: TabId,
        /// Its number there.
        number: Number,
        /// What.
        ask: Ask,
        /// It was asked of a holder that went.
        again: bool,
    },
    /// Gives a transfer up.
    Cancel {
        /// Whose.
        tab: TabId,
        /// Its number there.
        number: Number,
    },
    /// Somebody is there.
    Active,
    /// An answer.
    Answer {
        /// For whom.
        tab: TabId,
        /// Its number there.
        number: Number,
        /// What came of it.
        answer: Result<Reply, Trouble>,
    },
    /// News for one tab or for all.
    News {
        /// For whom.
        tab: Option<TabId>,
        /// What.
        news: News,
    },
    /// The vault is locked or wiped: forget everything.
    Ended {
        /// Wiped.
        wiped: bool,
    },
}
