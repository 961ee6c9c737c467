//! A slow line between a browser and a relay: so many bits a second each way, shared by all
//! connections, and the time a bit is on its way. Counts what it carries.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep_until};

/// Connections take turns with so many bytes.
const TURN: usize = 2 * 1024;
/// Turns of one connection that are on their way at once.
const ON_THE_WAY: usize = 512;

/// What a line can do.
#[derive(Clone, Copy, Debug)]
pub struct Speed {
    /// Bits a second towards the browser.
    pub down: f64,
    /// Bits a second towards the relay.
    pub up: f64,
    /// There and back.
    pub round_trip: Duration,
}

impl Speed {
    /// "Fast 3G" as WebPageTest and Lighthouse have it.
    pub const FAST_3G: Self = Self {
        down: 1.6e6,
        up: 750e3,
        round_trip: Duration::from_millis(150),
    };
}

/// A line with a relay at its other end.
pub struct SlowLine {
    address: SocketAddr,
    down: Rc<Lane>,
    up: Rc<Lane>,
    task: JoinHandle<()>,
}

impl SlowLine {
    /// Lays a line to a relay.
    pub async fn to(relay: SocketAddr, speed: Speed) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (down, up) = (Lane::new(speed.down, speed), Lane::new(speed.up, speed));
        let lanes = (down.clone(), up.clone());
        let task = tokio::task::spawn_local(async move {
            while let Ok((browser, _)) = listener.accept().await {
                let (down, up) = lanes.clone();
                tokio::task::spawn_local(async move {
                    // A connection is there after one round trip.
                    sleep_until(Instant::now() + speed.round_trip).await;
                    let Ok(relay) = TcpStream::connect(relay).await else {
                        return;
                    };
                    let (from_browser, to_browser) = browser.into_split();
                    let (from_relay, to_relay) = relay.into_split();
                    tokio::join!(
                        pass(from_browser, to_relay, &up),
                        pass(from_relay, to_browser, &down),
                    );
                });
            }
        });
        Self {
            address,
            down,
            up,
            task,
        }
    }

    /// Where browsers dial.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Bytes that came down so far, with everything HTTP adds.
    pub fn came_down(&self) -> u64 {
        self.down.carried.get()
    }

    /// Bytes that went up so far.
    pub fn went_up(&self) -> u64 {
        self.up.carried.get()
    }
}

impl Drop for SlowLine {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One direction.
struct Lane {
    bits_a_second: f64,
    delay: Duration,
    /// When the last bit that was given to it has left.
    free: Cell<Instant>,
    carried: Cell<u64>,
}

impl Lane {
    fn new(bits_a_second: f64, speed: Speed) -> Rc<Self> {
        Rc::new(Self {
            bits_a_second,
            delay: speed.round_trip / 2,
            free: Cell::new(Instant::now()),
            carried: Cell::new(0),
        })
    }

    /// When these bytes have left, if they begin as soon as they can.
    fn take(&self, bytes: &[u8]) -> Instant {
        let length = u32::try_from(bytes.len()).expect("a turn's bytes");
        let time = Duration::from_secs_f64(f64::from(length) * 8.0 / self.bits_a_second);
        let left = self.free.get().max(Instant::now()) + time;
        self.free.set(left);
        self.carried.set(self.carried.get() + u64::from(length));
        left
    }
}

async fn pass(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, lane: &Lane) {
    let (leaves, mut arrives) = mpsc::channel::<(Instant, Vec<u8>)>(ON_THE_WAY);
    let leaving = async move {
        let mut buffer = vec![0; TURN];
        while let Ok(read @ 1..) = from.read(&mut buffer).await {
            let bytes = buffer[..read].to_vec();
            let left = lane.take(&bytes);
            sleep_until(left).await;
            if leaves.send((left + lane.delay, bytes)).await.is_err() {
                return;
            }
        }
    };
    let arriving = async move {
        while let Some((at, bytes)) = arrives.recv().await {
            sleep_until(at).await;
            if to.write_all(&bytes).await.is_err() {
                return;
            }
        }
        // The other end may have hung up first.
        to.shutdown().await.ok();
    };
    tokio::join!(leaving, arriving);
}
