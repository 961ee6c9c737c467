//! Everything at once from one side, and people who go on working on the other: how long do
//! they wait, how much memory does the relay take, and how soon is it rid of all that?
//!
//! The attackers come from four sources, honest people from a fifth. The test asserts what
//! must hold on any machine; times are figures of the benchmark.

mod attackers;

use std::fmt;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use siegel_proto::frame::Reply;
use siegel_proto::ids::RoomId;
use siegel_proto::room::Append;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::bench::{Latencies, resident};
use crate::wire::connection::unexpected;
use crate::wire::entry::Mark;
use crate::wire::organisation::{create_room, open_seat, room, staff_seat, token};
use crate::wire::{self, Connection, Organisation, RelayProcess};
use attackers::{Attack, DEAF};

/// The relay's settings under which it is attacked: what one source may hold, and more entries
/// than honest people send.
pub const SETTINGS: [(&str, &str); 3] = [
    ("SIEGEL_LIMITS__CONNECTIONS_PER_SOURCE", "300"),
    ("SIEGEL_LIMITS__SEAT__PER_SECOND", "10000"),
    ("SIEGEL_LIMITS__SEAT__BURST", "10000"),
];

/// Seats of honest people; those of the attackers, who are guests somewhere, begin at 0.
const ANNA: u32 = 1_001;
const GUEST: u32 = 1_002;
const DEAF_PAYLOAD: usize = 64 * 1024;

/// For how long the relay is attacked, at least.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Messages of honest people in peace and under attack, each.
    pub messages: usize,
    /// The attack itself lasts at least this long.
    pub time: Duration,
    /// Connections that are turned away until it ends.
    pub turned_away: usize,
    /// Frames that are refused as too large until it ends.
    pub huge_refused: usize,
}

/// What happened.
#[derive(Debug)]
pub struct Report {
    /// From saying to hearing, before the attack.
    pub in_peace: Latencies,
    /// The same while it went on.
    pub under_attack: Latencies,
    /// Connections the attackers held at the most. On a machine that stands still the first are
    /// cut off before the last are there.
    pub held: usize,
    /// Bytes of the relay's memory at the most.
    pub most_memory: u64,
    /// From the end of the attack until none of its connections is left.
    pub recovered: Duration,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mut peace, mut attack) = (self.in_peace.clone(), self.under_attack.clone());
        write!(
            f,
            "p99 {} ms in peace, {} ms under attack, middle {} and {} ms; {} connections held, \
             {} bytes of memory, rid of them after {} ms",
            peace.at(0.99),
            attack.at(0.99),
            peace.at(0.5),
            attack.at(0.5),
            self.held,
            self.most_memory,
            self.recovered.as_millis(),
        )
    }
}

/// Attacks a relay that was started with [`SETTINGS`] and set up.
///
/// # Errors
/// Honest people were not served, or the relay cannot be looked at.
pub async fn run(
    relay: &RelayProcess,
    organisation: &Organisation,
    plan: Plan,
) -> Result<Report, Error> {
    let mut talk = Talk::begin(relay, organisation).await?;
    let mut in_peace = Latencies::default();
    for _ in 0..plan.messages {
        talk.message(&mut in_peace).await?;
    }
    let address = relay.address();
    let before = connections(address)?;
    let mut held = 0;
    let mut most_memory = 0;
    let attack = Attack::begin(address, talk.attacked, || {
        let open = connections(address).unwrap_or_default();
        held = held.max(open.saturating_sub(before));
    })
    .await?;
    let begun = Instant::now();
    let mut under_attack = Latencies::default();
    let mut number = 0;
    while number < plan.messages
        || begun.elapsed() < plan.time
        || attack.turned_away() < plan.turned_away
        || attack.huge_refused() < plan.huge_refused
    {
        number += 1;
        talk.message(&mut under_attack).await?;
        if number.is_multiple_of(3) {
            talk.large_for_the_deaf().await?;
        }
        if number.is_multiple_of(50) {
            // New people come in at the door as well.
            drop(relay.connect().await?);
            is_ready(relay, "/healthz").await?;
            most_memory = most_memory.max(resident(relay.id())?);
        }
    }
    attack.end().await;

    let ended = Instant::now();
    let mut afterwards = Latencies::default();
    while connections(address)? > before {
        talk.message(&mut afterwards).await?;
    }
    let recovered = ended.elapsed();
    is_ready(relay, "/readyz").await?;
    talk.message(&mut afterwards).await?;
    Ok(Report {
        in_peace,
        under_attack,
        held,
        most_memory,
        recovered,
    })
}

/// Two people who write to each other, and a room of the attackers that one of them is in.
struct Talk {
    anna: Connection,
    guest: Connection,
    room: RoomId,
    attacked: RoomId,
    said: u64,
}

impl Talk {
    async fn begin(relay: &RelayProcess, organisation: &Organisation) -> Result<Self, Error> {
        let (talking, attacked) = (room(1), room(2));
        let mut anna = relay.connect().await?;
        organisation.staff(ANNA).enrol(&mut anna).await?;
        let seats = vec![staff_seat(talking, ANNA), open_seat(talking, GUEST)];
        anna.done(create_room(talking, seats)).await?;
        let mut seats: Vec<_> = (0..DEAF).map(|seat| open_seat(attacked, seat)).collect();
        seats.push(staff_seat(attacked, ANNA));
        anna.done(create_room(attacked, seats)).await?;
        for room in [talking, attacked] {
            anna.attach(room, token(ANNA)).await?;
        }
        let mut guest = relay.connect().await?;
        guest.attach(talking, token(GUEST)).await?;
        Ok(Self {
            anna,
            guest,
            room: talking,
            attacked,
            said: 0,
        })
    }

    /// Anna says something and waits until it is stored; the guest hears and acknowledges it.
    async fn message(&mut self, times: &mut Latencies) -> Result<(), Error> {
        let begun = Instant::now();
        let append = self.next(self.room);
        let seq = self.anna.append(append).await?;
        match self.guest.next().await? {
            Reply::Deliver(deliver) if deliver.seq == seq => times.since(begun),
            other => return Err(unexpected("a message", &other).into()),
        }
        self.guest.feed_ack(self.room, seq).await?;
        Ok(self.guest.flush().await?)
    }

    /// Something large for those who do not read.
    async fn large_for_the_deaf(&mut self) -> Result<(), Error> {
        let mut append = self.next(self.attacked);
        append.payload = vec![0; DEAF_PAYLOAD].into();
        self.anna.append(append).await?;
        Ok(())
    }

    fn next(&mut self, room: RoomId) -> Append {
        self.said += 1;
        let mark = Mark {
            writer: 0,
            number: self.said,
        };
        mark.append(room)
    }
}

/// Asks one of the pages that tell how the relay is.
async fn is_ready(relay: &RelayProcess, path: &str) -> Result<(), Error> {
    let mut stream = TcpStream::connect(relay.address()).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    let status = answer.lines().next().unwrap_or_default();
    if status.contains(" 200 ") {
        Ok(())
    } else {
        Err(Error::NotReady(status.to_owned()))
    }
}

/// Connections a relay holds at this address. Its sockets to a database are none.
fn connections(relay: SocketAddr) -> io::Result<usize> {
    let table = fs::read_to_string("/proc/net/tcp")?;
    let port = format!(":{:04X}", relay.port());
    let held = table.lines().skip(1).filter(|line| {
        let mut words = line.split_whitespace().skip(1);
        let (local, _remote, state) = (words.next(), words.next(), words.next());
        // ESTABLISHED and CLOSE_WAIT of the kernel's `tcp_states.h`: the relay has not let go.
        local.is_some_and(|local| local.ends_with(&port)) && matches!(state, Some("01" | "08"))
    });
    Ok(held.count())
}

/// The relay did not serve honest people, or could not be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// An honest connection failed.
    #[error("honest people are not served")]
    Wire(#[from] wire::Error),
    /// The system does not tell, or the relay takes no connection.
    #[error("the relay cannot be reached or looked at")]
    System(#[from] io::Error),
    /// It says that it is not well.
    #[error("the relay answered {0:?}")]
    NotReady(String),
}
