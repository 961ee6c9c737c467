//! The WebSocket to the relay. A task of its own keeps it open, answers pings and dials
//! again after a loss; the driver sees only [`Signal`]s, in order.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;

use super::backoff::Backoff;
use super::dial::{DialError, Dialler, Stream};
use crate::moment;

const PATH: &str = "/v1/socket";
/// Frames that wait for the driver. Beyond, the connection is not read: the relay waits.
const WAITING_FRAMES: usize = 64;
const PING_EVERY: Duration = Duration::from_secs(30);
/// Two pings without any sign of life.
const LONGEST_SILENCE: Duration = Duration::from_secs(75);
const LONGEST_HANDSHAKE: Duration = Duration::from_secs(15);
const BUFFER: usize = 16 * 1024;

/// What the socket tells the driver.
#[derive(Debug)]
pub enum Signal {
    /// A new connection stands; nothing was sent on it yet.
    Up,
    /// One whole frame arrived.
    Frame(Bytes),
    /// The connection is lost, or could not be made. What was handed over and not yet
    /// answered may be lost with it. Another attempt follows by itself.
    Down(Loss),
}

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum Loss {
    /// The relay cannot be reached.
    #[error("cannot reach the relay")]
    Dial(#[from] DialError),
    /// What answers is not a relay, or it refuses this client.
    #[error("the relay refuses the connection")]
    Handshake,
    /// The connection broke, fell silent, or was closed.
    #[error("the connection to the relay is lost")]
    Lost,
}

/// A WebSocket that comes back. Dropping it closes the connection.
pub struct Socket {
    signals: mpsc::Receiver<Signal>,
    orders: mpsc::UnboundedSender<(u64, Order)>,
    connection: u64,
    nudge: watch::Sender<()>,
    task: JoinHandle<()>,
}

impl Socket {
    /// Starts dialling.
    pub fn open(dialler: Dialler, backoff: Backoff, longest_frame: usize) -> Self {
        let (to_driver, signals) = mpsc::channel(WAITING_FRAMES);
        let (orders, from_driver) = mpsc::unbounded_channel();
        let (nudge, nudged) = watch::channel(());
        let keeper = Keeper {
            dialler,
            backoff,
            longest_frame,
            to_driver,
            from_driver,
            nudged,
        };
        Self {
            signals,
            orders,
            connection: 0,
            nudge,
            task: tokio::spawn(keeper.keep()),
        }
    }

    /// The next thing that happens. Can be cancelled without losing anything.
    pub async fn signal(&mut self) -> Signal {
        let signal = self
            .signals
            .recv()
            .await
            .unwrap_or(Signal::Down(Loss::Lost));
        if matches!(signal, Signal::Up) {
            self.connection += 1;
        }
        signal
    }

    /// Hands a frame over. It goes out on the connection whose [`Signal::Up`] the driver
    /// saw last, or not at all: the client decides anew what a new connection needs.
    pub fn send(&self, frame: Vec<u8>) {
        // Fails when the task has ended; the driver learns of that by `signal`.
        self.orders.send((self.connection, Order::Send(frame))).ok();
    }

    /// Closes the connection after what was handed over before; another attempt follows.
    pub fn hang_up(&self) {
        self.orders.send((self.connection, Order::HangUp)).ok();
    }

    /// Ends a wait between two attempts: dials now.
    pub fn dial_now(&self) {
        self.nudge.send_replace(());
    }
}

enum Order {
    Send(Vec<u8>),
    HangUp,
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

struct Keeper {
    dialler: Dialler,
    backoff: Backoff,
    longest_frame: usize,
    to_driver: mpsc::Sender<Signal>,
    from_driver: mpsc::UnboundedReceiver<(u64, Order)>,
    nudged: watch::Receiver<()>,
}

impl Keeper {
    /// Returns when the driver is gone.
    async fn keep(mut self) {
        let mut failures = 0;
        let mut connection = 0;
        loop {
            let loss = match self.connect().await {
                Ok(stream) => {
                    connection += 1;
                    if self.to_driver.send(Signal::Up).await.is_err() {
                        return;
                    }
                    let lasted = self.carry(stream, connection).await;
                    // A connection that breaks at once must not be retried at full speed.
                    failures = if lasted { 0 } else { failures };
                    Loss::Lost
                }
                Err(loss) => loss,
            };
            failures += 1;
            if self.to_driver.send(Signal::Down(loss)).await.is_err() {
                return;
            }
            self.nudged.mark_unchanged();
            let wait = self.backoff.delay(failures, moment::chance());
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                nudged = self.nudged.changed() => if nudged.is_err() { return },
                () = self.to_driver.closed() => return,
            }
        }
    }

    async fn connect(&self) -> Result<WebSocketStream<Stream>, Loss> {
        let stream = self.dialler.dial().await?;
        let config = WebSocketConfig::default()
            .read_buffer_size(BUFFER)
            .write_buffer_size(0)
            .max_write_buffer_size(4 * (self.longest_frame + BUFFER))
            .max_message_size(Some(self.longest_frame))
            .max_frame_size(Some(self.longest_frame));
        let uri = self.dialler.address().socket_uri(PATH);
        let shake = tokio_tungstenite::client_async_with_config(uri, stream, Some(config));
        match timeout(LONGEST_HANDSHAKE, shake).await {
            Ok(Ok((stream, _))) => Ok(stream),
            Ok(Err(_)) => Err(Loss::Handshake),
            Err(_) => Err(Loss::Dial(DialError::Slow)),
        }
    }

    /// Carries frames both ways until the connection ends; tells whether it ever brought
    /// one.
    async fn carry(&mut self, stream: WebSocketStream<Stream>, connection: u64) -> bool {
        let (mut sink, mut stream) = stream.split();
        let mut ping = interval_at(Instant::now() + PING_EVERY, PING_EVERY);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let to_driver = self.to_driver.clone();
        let (alive, mut silence) = watch::channel(());
        let brought = AtomicBool::new(false);

        // Both directions run side by side: a relay that waits for this side to read must
        // not wait for ever because this side waits for it to read.
        let incoming = async {
            while let Some(Ok(message)) = stream.next().await {
                alive.send_replace(());
                match message {
                    Message::Binary(frame) => {
                        brought.store(true, Ordering::Relaxed);
                        if to_driver.send(Signal::Frame(frame)).await.is_err() {
                            break;
                        }
                    }
                    Message::Ping(_) | Message::Pong(_) => {}
                    Message::Text(_) | Message::Close(_) | Message::Frame(_) => break,
                }
            }
        };
        let outgoing = async {
            loop {
                let message = tokio::select! {
                    next = self.from_driver.recv() => match next {
                        Some((meant_for, _)) if meant_for != connection => continue,
                        Some((_, Order::Send(frame))) => Message::binary(frame),
                        Some((_, Order::HangUp)) | None => return,
                    },
                    _ = ping.tick() => Message::Ping(Bytes::new()),
                };
                if sink.send(message).await.is_err() {
                    return;
                }
            }
        };
        let watchdog =
            async { while let Ok(Ok(())) = timeout(LONGEST_SILENCE, silence.changed()).await {} };
        tokio::select! {
            () = incoming => {}
            () = outgoing => {}
            () = watchdog => {}
        }
        brought.load(Ordering::Relaxed)
    }
}
