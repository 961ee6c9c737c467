//! 50 pairs: as fast as the relay answers, and at a steady pace.

use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::load::{self, Sent, Traffic};
use super::meter::{Reading, Used};
use super::{Error, Figure, Subject};

/// How many write to each other.
pub const PAIRS: u32 = 50;
/// Entries a sender keeps open.
pub const IN_FLIGHT: u64 = 4;
const PER_SECOND: u32 = 200;
const WARM_UP: Duration = Duration::from_secs(1);

/// Each sender has `IN_FLIGHT` entries open.
pub async fn closed(subject: &Subject, seconds: u64) -> Result<Vec<Figure>, Error> {
    measure(subject, seconds, None).await
}

/// All senders together write `PER_SECOND` entries, evenly.
pub async fn paced(subject: &Subject, seconds: u64) -> Result<Vec<Figure>, Error> {
    measure(subject, seconds, Some(PER_SECOND)).await
}

async fn measure(subject: &Subject, seconds: u64, pace: Option<u32>) -> Result<Vec<Figure>, Error> {
    let relay = subject.start().await?;
    let traffic = Rc::new(Traffic::default());
    let mut workers = JoinSet::new();
    for (writer, pair) in (0..).zip(load::pairs(&relay, PAIRS).await?) {
        let sent = Sent::default();
        let reading = load::read(pair.receiver, pair.room, sent.clone(), traffic.clone());
        workers.spawn_local(reading);
        match pace {
            None => {
                let writing =
                    load::write(pair.sender, pair.room, writer, IN_FLIGHT, u64::MAX, sent);
                workers.spawn_local(writing);
            }
            Some(per_second) => {
                let every = Duration::from_secs(1) * PAIRS / per_second;
                let first = Instant::now() + every * writer / PAIRS;
                let writing = load::write_paced(pair.sender, pair.room, writer, first, every, sent);
                workers.spawn_local(writing);
            }
        }
    }
    observe(&mut workers, &traffic, seconds, || relay.read()).await
}

/// Lets everybody warm up, then counts what is delivered and what it costs.
pub async fn observe<E: Into<Error> + 'static>(
    workers: &mut JoinSet<Result<(), E>>,
    traffic: &Traffic,
    seconds: u64,
    read: impl Fn() -> Result<Reading, Error>,
) -> Result<Vec<Figure>, Error> {
    load::for_a_time(workers, WARM_UP).await?;
    drop(traffic.take_latencies());
    let (before, delivered) = (read()?, traffic.delivered());
    load::for_a_time(workers, Duration::from_secs(seconds)).await?;
    let used = before.until(read()?);
    let delivered = (traffic.delivered() - delivered) as f64;
    let mut figures = work(used, delivered);
    figures.extend(traffic.take_latencies().figures());
    Ok(figures)
}

/// What the relay's work cost.
pub fn work(used: Used, entries: f64) -> Vec<Figure> {
    let Used { wall, cpu, .. } = used;
    vec![
        Figure::new("delivered per second", entries / wall.as_secs_f64()),
        Figure::new(
            "relay CPU per delivered entry, µs",
            cpu.as_secs_f64() * 1e6 / entries,
        ),
        Figure::new(
            "relay's share of its core, %",
            100.0 * cpu.as_secs_f64() / wall.as_secs_f64(),
        ),
        Figure::new(
            "database CPU per delivered entry, µs",
            used.database_micros_per(entries),
        ),
        Figure::new("syncs per entry", used.syncs_per(entries)),
    ]
}
