//! Those who want the relay to stop: each kind in a loop of its own, with an end.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use futures_util::{SinkExt as _, StreamExt as _};
use siegel_proto::frame::{Hello, Request, encode_request};
use siegel_proto::limits;
use siegel_proto::room::Attach;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{room_id, token};

/// Guests that attach and read nothing.
pub const DEAF: u8 = 40;
const SLOW: usize = 250;
/// Of the last source's places, taken before the flood.
const FULL: usize = 250;
const FLOOD: usize = 3_000;
/// Sooner than any time limit of the relay.
const AT_ONCE: std::time::Duration = std::time::Duration::from_secs(5);
const HUGE: usize = 150;

const HEAD: &[u8] = b"GET /healthz HTTP/1.1\r\nhost: x\r\nx-slow: ";
const BODY: &[u8] = b"POST /v1/capsules/AAAAAAAAAAAAAAAAAAAAAA/claim HTTP/1.1\r\nhost: x\r\n\
                      content-length: 68\r\n\r\n";

/// An attack under way.
pub struct Attack {
    _held: Vec<TcpStream>,
    _deaf: Vec<WebSocketStream<TcpStream>>,
    over: watch::Sender<bool>,
    flood: JoinHandle<usize>,
    huge: JoinHandle<usize>,
    dribble: JoinHandle<()>,
}

/// What the attackers met.
#[derive(Debug)]
pub struct Told {
    /// Connections that were closed at once.
    pub turned_away: usize,
    /// Frames that were too large and ended their connection.
    pub huge_refused: usize,
}

/// From 127.0.0.(2+n): another source than everybody else's.
async fn from(source: u8, to: SocketAddr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.bind(SocketAddr::from((
        IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2 + source)),
        0,
    )))?;
    socket.connect(to).await
}

/// Returns when slow heads, slow bodies and deaf readers are in their places; floods go on.
/// Also how many connections were open at the most: on a machine that stands still the first
/// are cut off before the last are there.
pub async fn begin(relay: SocketAddr, open: impl Fn() -> u32) -> (Attack, u32) {
    let mut most = 0;
    let mut look = || most = most.max(open());
    let (over, ended) = watch::channel(false);
    let mut held = Vec::new();
    let mut dribbling = Vec::new();
    for (source, begin) in [(0, HEAD), (1, BODY)] {
        for number in 0..SLOW {
            let mut stream = from(source, relay).await.expect("connects");
            // One that was cut off already is gone.
            drop(stream.write_all(begin).await);
            look();
            if number < 20 {
                dribbling.push(stream);
            } else {
                held.push(stream);
            }
        }
    }
    let mut deaf = Vec::new();
    for seat in 0..DEAF {
        let mut socket = web_socket(2, relay).await;
        let attach = Attach {
            room: room_id(2),
            token: token(seat),
        };
        let attach = encode_request(2, Request::Attach(attach));
        socket
            .send(Message::Binary(attach.into()))
            .await
            .expect("sends");
        deaf.push(socket);
        look();
    }
    for _ in 0..FULL {
        held.push(from(3, relay).await.expect("connects"));
        look();
    }
    let attack = Attack {
        _held: held,
        _deaf: deaf,
        over,
        flood: tokio::spawn(flood(relay)),
        huge: tokio::spawn(huge(relay)),
        dribble: tokio::spawn(dribble(dribbling, ended)),
    };
    (attack, most)
}

impl Attack {
    /// Waits for the floods and hangs up everything.
    pub async fn end(self) -> Told {
        let told = Told {
            turned_away: self.flood.await.expect("flooded"),
            huge_refused: self.huge.await.expect("sent"),
        };
        self.over.send_replace(true);
        self.dribble.await.expect("dribbled");
        told
    }
}

/// Connections without end, from a source that has taken most of its places already. Whoever
/// got a place says nothing and loses it with the time for a head.
async fn flood(relay: SocketAddr) -> usize {
    let mut waiting = JoinSet::new();
    for _ in 0..FLOOD {
        if let Ok(mut stream) = from(3, relay).await {
            let begun = Instant::now();
            waiting.spawn(async move {
                let closed = matches!(stream.read(&mut [0]).await, Ok(0) | Err(_));
                closed && begun.elapsed() < AT_ONCE
            });
        }
    }
    let told = waiting.join_all().await;
    told.into_iter().filter(|at_once| *at_once).count()
}

/// Frames beyond what anybody may send.
async fn huge(relay: SocketAddr) -> usize {
    let mut refused = 0;
    for _ in 0..HUGE {
        let mut socket = web_socket(2, relay).await;
        let frame = vec![0; limits::FRAME_BYTES + 1];
        // It may be cut off while it is still being sent.
        let sent = socket.send(Message::Binary(frame.into())).await.is_ok();
        let mut ended = !sent;
        while !ended {
            ended = !matches!(socket.next().await, Some(Ok(Message::Binary(_))));
        }
        refused += 1;
    }
    refused
}

/// A byte for each now and then: never idle, never done.
async fn dribble(mut streams: Vec<TcpStream>, mut over: watch::Receiver<bool>) {
    let mut pace = tokio::time::interval(std::time::Duration::from_millis(100));
    loop {
        tokio::select! {
            _ = over.wait_for(|over| *over) => return,
            _ = pace.tick() => {}
        }
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

/// A socket that has said hello.
async fn web_socket(source: u8, relay: SocketAddr) -> WebSocketStream<TcpStream> {
    let stream = from(source, relay).await.expect("connects");
    let url = format!("ws://{relay}/v1/socket");
    let (mut socket, _) = tokio_tungstenite::client_async(url, stream)
        .await
        .expect("upgraded");
    let hello = encode_request(1, Request::Hello(Hello::default()));
    socket
        .send(Message::Binary(hello.into()))
        .await
        .expect("sends");
    socket
}
