//! Those who want the relay to stop: each kind goes on until it is told to end.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use siegel_proto::frame::{Hello, Request, encode_request};
use siegel_proto::ids::RoomId;
use siegel_proto::limits;
use siegel_proto::room::Attach;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::wire::Error;
use crate::wire::organisation::token;

/// Guests that attach and read nothing.
pub const DEAF: u32 = 40;
const SLOW: usize = 250;
/// Of those, how many say a byte now and then.
const DRIBBLING: usize = 20;
/// Of the last source's places, taken before the flood.
const FULL: usize = 250;
/// Connections of the flood at each stroke of its clock, some 2,000 per second: more would
/// measure the machine both share.
const FLOOD: usize = 20;
const STROKE: Duration = Duration::from_millis(10);
const DRIBBLE: Duration = Duration::from_millis(100);
/// Sooner than any time limit of the relay.
const AT_ONCE: Duration = Duration::from_secs(5);

const HEAD: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ";
const BODY: &[u8] = b"POST /v1/capsules/AAAAAAAAAAAAAAAAAAAAAA/claim HTTP/1.1\r\nhost: x\r\n\
                      content-length: 68\r\n\r\n";

/// An attack under way.
pub struct Attack {
    _held: Vec<TcpStream>,
    _deaf: Vec<WebSocketStream<TcpStream>>,
    over: watch::Sender<bool>,
    going_on: JoinSet<()>,
    met: Arc<Met>,
}

/// What the attackers have met so far.
#[derive(Debug, Default)]
pub struct Met {
    /// Connections that were closed at once.
    turned_away: AtomicUsize,
    /// Frames that were too large and ended their connection.
    huge_refused: AtomicUsize,
}

impl Attack {
    /// Begins an attack on the relay, in whose room `deaf_in` seats numbered from 0 are open,
    /// and returns when slow heads, slow bodies and deaf readers are in their places.
    ///
    /// `look` is called after each new connection.
    ///
    /// # Errors
    /// The relay does not take connections.
    pub async fn begin(
        relay: SocketAddr,
        deaf_in: RoomId,
        mut look: impl FnMut(),
    ) -> Result<Self, Error> {
        let mut held = Vec::new();
        let mut dribbling = Vec::new();
        for (source, begin) in [(0, HEAD), (1, BODY)] {
            for number in 0..SLOW {
                let mut stream = from(source, relay).await.map_err(gone)?;
                // One that was cut off already is gone.
                drop(stream.write_all(begin).await);
                look();
                if number < DRIBBLING {
                    dribbling.push(stream);
                } else {
                    held.push(stream);
                }
            }
        }
        let mut deaf = Vec::new();
        for seat in 0..DEAF {
            deaf.push(deaf_reader(relay, deaf_in, seat).await?);
            look();
        }
        for _ in 0..FULL {
            held.push(from(3, relay).await.map_err(gone)?);
            look();
        }
        let (over, ended) = watch::channel(false);
        let met = Arc::new(Met::default());
        let mut going_on = JoinSet::new();
        going_on.spawn(flood(relay, met.clone(), ended.clone()));
        going_on.spawn(huge(relay, met.clone(), ended.clone()));
        going_on.spawn(dribble(dribbling, ended));
        Ok(Self {
            _held: held,
            _deaf: deaf,
            over,
            going_on,
            met,
        })
    }

    /// Connections that were closed at once so far.
    pub fn turned_away(&self) -> usize {
        self.met.turned_away.load(Ordering::Relaxed)
    }

    /// Frames so far that were too large and ended their connection.
    pub fn huge_refused(&self) -> usize {
        self.met.huge_refused.load(Ordering::Relaxed)
    }

    /// Hangs up everything.
    pub async fn end(mut self) {
        self.over.send_replace(true);
        while self.going_on.join_next().await.is_some() {}
    }
}

/// From 127.0.0.(2+n): another source than everybody else's.
async fn from(source: u8, to: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((
        IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2 + source)),
        0,
    )))?;
    socket.connect(to).await
}

/// Connections without end, from a source that has taken most of its places already. Whoever
/// got a place says nothing and loses it with the time for a head.
async fn flood(relay: SocketAddr, met: Arc<Met>, mut over: watch::Receiver<bool>) {
    let mut waiting = JoinSet::new();
    let mut clock = tokio::time::interval(STROKE);
    clock.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while going_on(&mut over, clock.tick()).await.is_some() {
        for _ in 0..FLOOD {
            let Ok(mut stream) = from(3, relay).await else {
                continue;
            };
            let (met, begun) = (met.clone(), Instant::now());
            waiting.spawn(async move {
                let closed = matches!(stream.read(&mut [0]).await, Ok(0) | Err(_));
                if closed && begun.elapsed() < AT_ONCE {
                    met.turned_away.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        while waiting.try_join_next().is_some() {}
    }
}

/// Frames beyond what anybody may send.
async fn huge(relay: SocketAddr, met: Arc<Met>, mut over: watch::Receiver<bool>) {
    while let Some(refused) = going_on(&mut over, huge_frame(relay)).await {
        // A relay that does not even answer has not refused it.
        if refused.is_ok() {
            met.huge_refused.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// Sends one; returns when the relay has ended the connection.
async fn huge_frame(relay: SocketAddr) -> Result<(), Error> {
    let mut socket = web_socket(2, relay).await?;
    let frame = vec![0; limits::FRAME_BYTES + 1];
    // It may be cut off while it is still being sent.
    if socket.send(Message::Binary(frame.into())).await.is_ok() {
        while let Some(Ok(Message::Binary(_))) = socket.next().await {}
    }
    Ok(())
}

/// A byte for each now and then: never idle, never done.
async fn dribble(mut streams: Vec<TcpStream>, mut over: watch::Receiver<bool>) {
    let mut clock = tokio::time::interval(DRIBBLE);
    while going_on(&mut over, clock.tick()).await.is_some() {
        // Those that were cut off are gone.
        let mut left = Vec::new();
        for mut stream in streams {
            if stream.write_all(b"x").await.is_ok() {
                left.push(stream);
            }
        }
        streams = left;
    }
}

/// What comes of this, unless the attack ends first.
async fn going_on<T>(over: &mut watch::Receiver<bool>, next: impl Future<Output = T>) -> Option<T> {
    tokio::select! {
        _ = over.wait_for(|over| *over) => None,
        done = next => Some(done),
    }
}

/// A guest that attaches and reads nothing.
async fn deaf_reader(
    relay: SocketAddr,
    room: RoomId,
    seat: u32,
) -> Result<WebSocketStream<TcpStream>, Error> {
    let mut socket = web_socket(2, relay).await?;
    let attach = Attach {
        room,
        token: token(seat),
    };
    let attach = encode_request(2, Request::Attach(attach));
    let sent = socket.send(Message::Binary(attach.into())).await;
    sent.map_err(gone)?;
    Ok(socket)
}

/// A socket that has said hello.
async fn web_socket(source: u8, relay: SocketAddr) -> Result<WebSocketStream<TcpStream>, Error> {
    let stream = from(source, relay).await.map_err(gone)?;
    let url = format!("ws://{relay}/v1/socket");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream)
        .await
        .map_err(gone)?;
    let hello = encode_request(1, Request::Hello(Hello::default()));
    let sent = socket.send(Message::Binary(hello.into())).await;
    sent.map_err(gone)?;
    Ok(socket)
}

fn gone(error: impl std::error::Error) -> Error {
    Error::Gone(error.to_string())
}
