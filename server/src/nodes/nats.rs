//! The way between relays through a NATS broker. What is said while the broker is away is
//! lost, as everywhere here; that it was away is known, and looked for.

use std::time::Duration;

use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use bytes::Bytes;
use futures_util::StreamExt as _;
use percent_encoding::percent_decode_str;
use siegel_proto::ids::Generation;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

use super::signal::Signal;
use super::{Heard, Node, PAUSE};
use crate::secret::Secret;

/// How long a broker may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is asked whether it is still there.
const PING: Duration = Duration::from_secs(2);
/// How long it is not asked again after it did not answer.
const RECONNECT: Duration = Duration::from_millis(100);

/// A connection that comes back by itself.
pub struct Way {
    client: Client,
    is_connected: watch::Receiver<bool>,
    subject: String,
}

/// The broker cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// What `nats` says is no address.
    #[error("`nats` does not read like nats://user:password@host:4222")]
    Address,
    /// It does not answer, or does not let this relay in.
    #[error("the NATS broker cannot be reached or does not let the relay in ({0})")]
    Unreachable(String),
}

impl Way {
    /// Connects now or as soon as there is a broker. Relays on one database meet on one
    /// subject; other organisations on the same broker have another.
    ///
    /// # Errors
    /// [`NatsError::Address`].
    pub async fn new(broker: &Secret, generation: Generation) -> Result<Self, NatsError> {
        let connected = watch::Sender::new(false);
        let is_connected = connected.subscribe();
        let address = address(broker)?;
        let client = options(&address)
            .retry_on_initial_connect()
            .event_callback(move |event| {
                match event {
                    Event::Connected => drop(connected.send_replace(true)),
                    Event::Disconnected | Event::Closed => drop(connected.send_replace(false)),
                    // Signals were dropped here: as if they had been lost on the way.
                    Event::SlowConsumer(_) => connected.send_modify(|_| {}),
                    _ => {}
                }
                std::future::ready(())
            })
            .connect(address)
            .await
            .map_err(|_| NatsError::Address)?;
        Ok(Self {
            client,
            is_connected,
            subject: format!(
                "siegel.{}",
                data_encoding::HEXLOWER.encode(generation.as_bytes())
            ),
        })
    }

    /// Sends a signal to all relays, this one among them. Says whether it left.
    pub async fn send(&self, signal: &Signal) -> bool {
        if !*self.is_connected.borrow() {
            return false;
        }
        let payload = Bytes::from(signal.encode());
        let sending = async {
            let published = self.client.publish(self.subject.clone(), payload).await;
            published.is_ok() && self.client.flush().await.is_ok()
        };
        timeout(PATIENCE, sending).await.unwrap_or(false)
    }

    /// Passes on what arrives, for as long as somebody takes it.
    pub(super) async fn hear(&self, node: &Node, heard: mpsc::Sender<Heard>) {
        let mut is_connected = self.is_connected.clone();
        if (timeout(PATIENCE, is_connected.wait_for(|is| *is)).await).is_err() {
            tracing::warn!(code = "wake_ups_lost");
        }
        let Ok(mut signals) = self.client.subscribe(self.subject.clone()).await else {
            return;
        };
        let probe = Signal::probe(node.id);
        loop {
            tokio::select! {
                changed = is_connected.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    is_connected.mark_unchanged();
                    node.is_in_doubt(true);
                    // Looked for at once, and often until signals get through.
                    if heard.send(Heard::Gap).await.is_err() {
                        return;
                    }
                    self.send(&probe).await;
                }
                signal = signals.next() => {
                    let Some(signal) = signal else {
                        return;
                    };
                    // Connected is not enough: that a signal of its own comes back shows that
                    // others' do. What was said before was perhaps not heard.
                    if node.doubts() && signal.payload == probe.encode() {
                        node.is_in_doubt(false);
                        if heard.send(Heard::Gap).await.is_err() {
                            return;
                        }
                    } else if heard.send(Heard::Signal(signal.payload)).await.is_err() {
                        return;
                    }
                }
                () = tokio::time::sleep(PAUSE), if node.doubts() => {
                    self.send(&probe).await;
                }
            }
        }
    }
}

/// Whether the broker lets this relay in.
///
/// # Errors
/// [`NatsError`].
pub async fn reach(broker: &Secret) -> Result<(), NatsError> {
    let address = address(broker)?;
    let connecting = options(&address).connect(address);
    match timeout(PATIENCE, connecting).await {
        Ok(Ok(client)) => {
            // Nothing was said that could be lost.
            drop(client);
            Ok(())
        }
        Ok(Err(error)) => Err(NatsError::Unreachable(error.kind().to_string())),
        Err(_) => Err(NatsError::Unreachable("no answer".to_owned())),
    }
}

/// Where the broker is.
///
/// # Errors
/// [`NatsError::Address`], which does not repeat it.
pub fn address(broker: &Secret) -> Result<ServerAddr, NatsError> {
    let text = broker.reveal();
    if !["nats://", "tls://"]
        .iter()
        .any(|scheme| text.starts_with(scheme))
    {
        return Err(NatsError::Address);
    }
    text.parse().map_err(|_| NatsError::Address)
}

fn options(address: &ServerAddr) -> ConnectOptions {
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let options = match address.username() {
        // The library does not take them from the address.
        Some(user) => ConnectOptions::with_user_and_password(
            decoded(user),
            decoded(address.password().unwrap_or_default()),
        ),
        None => ConnectOptions::new(),
    };
    options
        .name("siegel-relay")
        .connection_timeout(PATIENCE)
        .ping_interval(PING)
        .reconnect_delay_callback(|_| RECONNECT)
}
