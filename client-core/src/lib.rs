//! The client core of Siegel: everything a device does, and nothing it does it with.
//!
//! Synchronous and sealed off: no network, no clock, no randomness of its own, no
//! threads. A driver hands in what happened and when, stores what changed, and then
//! carries out what comes back. The same code runs natively and in the browser.
//!
//! ```text
//! let mut client = Client::open(&header, passphrase, rows)?;
//! let step = client.step(Input::Connected, moment)?;
//! store.write(step.batch())?;             // one transaction
//! for output in step.stored() {           // only now may anything leave
//!     match output {
//!         Output::Transmit(frame) => socket.send(frame),
//!         Output::Event(event) => app.show(event),
//!         …
//!     }
//! }
//! ```
//!
//! If storing fails, the driver drops the client and opens it again.

pub mod attachment;
pub mod client;
pub mod command;
pub mod contact;
pub mod device;
pub mod display_name;
pub mod error;
pub mod event;
pub mod file_name;
pub mod identity;
pub mod image;
pub mod link;
pub mod local;
pub mod mls;
pub mod moment;
pub mod my_data;
pub mod room;
pub mod safety_words;
pub mod sealed;
pub mod search;
pub mod secret;
pub mod step;
mod unicode;
pub mod vault;

pub use client::Client;
pub use command::Command;
pub use error::{Error, Hindrance, Holder, Thing};
pub use event::Event;
pub use step::{HttpPurpose, HttpRequest, Input, Output, Step};
