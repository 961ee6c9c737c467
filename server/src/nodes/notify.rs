//! The way between relays that needs no broker: PostgreSQL's LISTEN and NOTIFY. A signal
//! goes out after the commit it speaks of, on a connection of its own: a NOTIFY within the
//! transaction would let all commits of the database wait for each other.

use std::time::Duration;

use sqlx::PgPool;
use sqlx::postgres::PgListener;
use tokio::sync::{Mutex, mpsc};
use tokio::time::timeout;

use super::signal::Signal;
use super::{Heard, Node, PAUSE};
use crate::store::Server;

const CHANNEL: &str = "siegel";

/// How long the database may take to pass a signal on.
const PATIENCE: Duration = Duration::from_secs(5);
/// A connection on which nothing was heard for so long is made anew: it would say nothing
/// either if the machine behind it were gone.
const SILENCE: Duration = Duration::from_secs(60);

/// The connection signals leave on, and where the one they arrive on is made.
pub struct Way {
    server: Server,
    leaving: Mutex<PgPool>,
}

impl Way {
    /// Connects with the first signal.
    pub fn new(server: &Server) -> Self {
        Self {
            server: server.clone(),
            leaving: Mutex::new(server.signals()),
        }
    }

    /// Sends a signal to all relays, this one among them. Says whether it left.
    pub async fn send(&self, signal: &Signal) -> bool {
        let text = data_encoding::BASE64.encode(&signal.encode());
        let mut leaving = self.leaving.lock().await;
        let sending = sqlx::query("SELECT pg_notify($1, $2)")
            .bind(CHANNEL)
            .bind(text)
            .execute(&*leaving);
        match timeout(PATIENCE, sending).await {
            Ok(sent) => sent.is_ok(),
            Err(_) => {
                *leaving = self.server.signals();
                false
            }
        }
    }

    /// Passes on what arrives, for as long as somebody takes it.
    pub(super) async fn hear(&self, node: &Node, heard: mpsc::Sender<Heard>) {
        loop {
            let listening = listen(&self.server.signals()).await;
            let lost = match listening {
                Ok(listener) => listen_on(listener, node, &heard).await,
                Err(_) => true,
            };
            if heard.is_closed() {
                return;
            }
            if lost {
                node.is_in_doubt(true);
                // Looked for at once, and often until the connection stands again.
                if heard.send(Heard::Gap).await.is_err() {
                    return;
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// Until the connection is lost, which is true, or was silent for long.
async fn listen_on(mut listener: PgListener, node: &Node, heard: &mpsc::Sender<Heard>) -> bool {
    node.is_in_doubt(false);
    // What was said before this connection stood was not heard.
    if heard.send(Heard::Gap).await.is_err() {
        return true;
    }
    loop {
        match timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notice))) => {
                let bytes = data_encoding::BASE64.decode(notice.payload().as_bytes());
                let signal = Heard::Signal(bytes.unwrap_or_default().into());
                if heard.send(signal).await.is_err() {
                    return true;
                }
            }
            Ok(_) => return true,
            Err(_) => return false,
        }
    }
}

async fn listen(pool: &PgPool) -> Result<PgListener, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    // A new one is made instead, and what was missed is looked for.
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    Ok(listener)
}
