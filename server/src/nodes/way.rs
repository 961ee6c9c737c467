//! The ways between relays: through the database they share, or through a broker.

use siegel_proto::ids::Generation;
use tokio::sync::mpsc;

use super::signal::Signal;
use super::{Heard, NatsError, Node, nats, notify};
use crate::secret::Secret;
use crate::store::Server;

/// How signals travel.
pub enum Way {
    /// PostgreSQL's NOTIFY.
    Notify(notify::Way),
    /// A NATS broker.
    Nats(nats::Way),
}

impl Way {
    /// Through the broker if there is one. Both connect by themselves.
    ///
    /// # Errors
    /// The broker's address is none.
    pub async fn new(
        broker: &Secret,
        server: &Server,
        generation: Generation,
    ) -> Result<Self, NatsError> {
        if broker.is_empty() {
            Ok(Self::Notify(notify::Way::new(server)))
        } else {
            (nats::Way::new(broker, generation).await).map(Self::Nats)
        }
    }

    /// Sends a signal to all relays, this one among them. Says whether it left.
    pub async fn send(&self, signal: &Signal) -> bool {
        match self {
            Self::Notify(way) => way.send(signal).await,
            Self::Nats(way) => way.send(signal).await,
        }
    }

    /// Passes on what arrives, for as long as somebody takes it.
    pub(super) async fn hear(&self, node: &Node, heard: mpsc::Sender<Heard>) {
        match self {
            Self::Notify(way) => way.hear(node, heard).await,
            Self::Nats(way) => way.hear(node, heard).await,
        }
    }
}
