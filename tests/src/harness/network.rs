//! A network between a device and the relay, with weather.
//!
//! A TCP proxy: bytes pass as they are while the weather is fair. TCP itself neither
//! loses nor reorders, so what can happen to a connection is that it stalls, breaks, or
//! breaks after the relay got a request and before the device got the answer.

use std::net::SocketAddr;
use std::rc::Rc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::capture::{Capture, Tape};

/// What the network does with bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weather {
    /// All pass.
    Fair,
    /// Requests pass, answers are swallowed, until the connection is cut.
    AnswersLost,
    /// Nothing passes and nothing breaks.
    Stalled,
    /// Connections break and new ones are refused.
    Down,
}

/// A proxy in front of a relay.
pub struct Network {
    address: SocketAddr,
    weather: Rc<watch::Sender<Weather>>,
    /// Counts how often all connections were cut.
    cuts: Rc<watch::Sender<u64>>,
    capture: Capture,
    task: JoinHandle<()>,
}

impl Network {
    /// Opens a proxy to a relay.
    pub async fn to(relay: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let weather = Rc::new(watch::Sender::new(Weather::Fair));
        let cuts = Rc::new(watch::Sender::new(0));
        let (sky, scissors) = (Rc::clone(&weather), Rc::clone(&cuts));
        let capture = Capture::default();
        let tapes = capture.clone();
        let task = tokio::task::spawn_local(async move {
            while let Ok((device, _)) = listener.accept().await {
                if *sky.borrow() == Weather::Down {
                    continue;
                }
                let (sky, cuts) = (sky.subscribe(), scissors.subscribe());
                let tapes = (tapes.tape(), tapes.tape());
                tokio::task::spawn_local(async move {
                    if let Ok(relay) = TcpStream::connect(relay).await {
                        connect(device, relay, sky, cuts, tapes).await;
                    }
                });
            }
        });
        Self {
            address,
            weather,
            cuts,
            capture,
            task,
        }
    }

    /// Every byte that has passed, whether it was delivered or swallowed.
    pub fn capture(&self) -> &Capture {
        &self.capture
    }

    /// Where devices dial.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the weather. `Down` cuts every connection.
    pub fn becomes(&self, weather: Weather) {
        self.weather.send_replace(weather);
        if weather == Weather::Down {
            self.cuts.send_modify(|cuts| *cuts += 1);
        }
    }

    /// Cuts every connection once; new ones pass.
    pub fn cut(&self) {
        self.becomes(Weather::Down);
        self.becomes(Weather::Fair);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn connect(
    device: TcpStream,
    relay: TcpStream,
    sky: watch::Receiver<Weather>,
    mut cuts: watch::Receiver<u64>,
    (tape_up, tape_down): (Tape, Tape),
) {
    let (from_device, to_device) = device.into_split();
    let (from_relay, to_relay) = relay.into_split();
    let up = pass(from_device, to_relay, sky.clone(), (false, tape_up));
    let down = pass(from_relay, to_device, sky.clone(), (true, tape_down));
    tokio::select! {
        () = up => {}
        () = down => {}
        _ = cuts.changed() => {}
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    mut sky: watch::Receiver<Weather>,
    (answers, tape): (bool, Tape),
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => read,
        };
        tape.record(&buffer[..read]);
        if sky
            .wait_for(|weather| *weather != Weather::Stalled)
            .await
            .is_err()
        {
            return;
        }
        let lost = answers && *sky.borrow() == Weather::AnswersLost;
        if !lost && to.write_all(&buffer[..read]).await.is_err() {
            return;
        }
    }
}
