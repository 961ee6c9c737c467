//! The contract with the driver: what goes in, what comes out, and when.
//!
//! ```text
//! let step = client.step(input, moment)?;    // nothing has left yet
//! store.write(step.batch())?;                // one transaction; on failure drop the client
//! for output in step.stored() { … }          // now it may
//! ```

use bytes::Bytes;
use siegel_proto::ids::CapsuleId;

use crate::command::Command;
use crate::event::Event;
use crate::moment::Timestamp;
use crate::vault::Batch;

/// What the driver tells the client.
#[derive(Debug)]
pub enum Input {
    /// Something a person wants.
    Command(Command),
    /// The WebSocket is open.
    Connected,
    /// The WebSocket is gone.
    Disconnected,
    /// A binary message from the relay.
    Received(Bytes),
    /// Binary messages from the relay that came close behind each other, in their order. They
    /// are read in one step, so that a long log costs few transactions.
    Burst(Vec<Bytes>),
    /// The answer to an [`Output::Http`]: status and body.
    HttpAnswer {
        /// Which request.
        request: HttpRequest,
        /// HTTP status; 0 if the relay could not be reached.
        status: u16,
        /// The body.
        body: Bytes,
    },
    /// The time asked for with [`Output::WakeAt`] has come. To be handed in once right after
    /// opening as well, with or without the relay: what is over by now goes first.
    Tick,
}

/// What the client tells the driver.
#[derive(Debug)]
pub enum Output {
    /// Send this as one binary message.
    Transmit(Vec<u8>),
    /// Send this over HTTP and hand the answer in.
    Http(HttpRequest),
    /// Tell the person.
    Event(Event),
    /// Hand in [`Input::Tick`] at this time; the earliest asked for counts.
    WakeAt(Timestamp),
    /// Close the connection and open it again after a pause.
    Reconnect,
}

/// A request over HTTP: POST to `origin` + `path`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpRequest {
    /// What it is for.
    pub purpose: HttpPurpose,
    /// `https://host`, from the link.
    pub origin: String,
    /// Beginning with `/v1/`.
    pub path: String,
    /// Protocol Buffers.
    pub body: Vec<u8>,
}

/// What a request over HTTP is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HttpPurpose {
    /// Claims the capsule.
    Claim(CapsuleId),
    /// Lets the relay delete the claimed capsule.
    Confirm(CapsuleId),
}

/// A batch to store and, behind it, what must not leave before it is stored.
#[must_use = "the batch must be stored and the outputs carried out"]
pub struct Step {
    batch: Batch,
    outputs: Vec<Output>,
}

impl Step {
    pub(crate) fn new(batch: Batch, outputs: Vec<Output>) -> Self {
        Self { batch, outputs }
    }

    /// What to store, in one transaction.
    pub fn batch(&self) -> &Batch {
        &self.batch
    }

    /// The driver's word that the batch is stored; releases the outputs.
    pub fn stored(self) -> Vec<Output> {
        self.outputs
    }
}

impl std::fmt::Debug for Step {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (rows, outputs) = (self.batch.puts.len(), self.outputs.len());
        write!(f, "Step({rows} rows, {outputs} outputs)")
    }
}
