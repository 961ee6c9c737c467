//! 100 devices are away while others write to them, and come back.

use std::rc::Rc;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use super::load::{self, RECEIVER, Sent, Traffic};
use super::{Error, Figure, Subject};
use crate::wire::organisation::{room, staff_seat, token};

const DEVICES: u32 = 100;
const IN_FLIGHT: u64 = 16;
/// Entries for each device.
const ENTRIES: u64 = 400;
/// When the relay has given back what everybody has.
const TIDIED: Duration = Duration::from_secs(8);

/// Stores, stops the relay, starts it again, and drains.
pub async fn measure(subject: &Subject) -> Result<Vec<Figure>, Error> {
    let relay = subject.start().await?;
    let mut senders = Vec::new();
    for number in 0..DEVICES {
        let room = room(number);
        let mut sender = relay.staff(number).await?;
        // Enrolled, and gone.
        drop(relay.staff(RECEIVER + number).await?);
        let seats = vec![
            staff_seat(room, number),
            staff_seat(room, RECEIVER + number),
        ];
        relay.make_room(&mut sender, room, seats).await?;
        sender.attach(room, token(number)).await?;
        senders.push(sender);
    }
    let mut workers = JoinSet::new();
    let before = relay.read()?;
    for (writer, sender) in (0..).zip(senders) {
        let sent = Sent::default();
        workers.spawn_local(load::write(
            sender,
            room(writer),
            writer,
            IN_FLIGHT,
            ENTRIES,
            sent,
        ));
    }
    while let Some(ended) = workers.join_next().await {
        ended.map_err(std::io::Error::other)??;
    }
    let storing = before.until(relay.read()?);
    let stopped = relay.stop().await?;
    let stored_bytes = stopped.database_bytes;

    let relay = stopped.start(subject).await?;
    let traffic = Rc::new(Traffic::default());
    let mut receivers = Vec::new();
    for number in 0..DEVICES {
        receivers.push(relay.staff_again(RECEIVER + number).await?);
    }
    let before = relay.read()?;
    let began = Instant::now();
    for (number, mut receiver) in (0..).zip(receivers) {
        let traffic = traffic.clone();
        workers.spawn_local(async move {
            let room = room(number);
            receiver.attach(room, token(RECEIVER + number)).await?;
            load::read(receiver, room, Sent::default(), traffic).await
        });
    }
    let all = u64::from(DEVICES) * ENTRIES;
    while traffic.delivered() < all {
        tokio::task::yield_now().await;
        if let Some(ended) = workers.try_join_next() {
            ended.map_err(std::io::Error::other)??;
        }
    }
    let drained_in = began.elapsed().as_secs_f64();
    let draining = before.until(relay.read()?);
    // Sleeps because the relay tidies up after five seconds in which nobody writes.
    tokio::time::sleep(TIDIED).await;
    let left_bytes = relay.database_bytes()?;

    let entries = all as f64;
    Ok(vec![
        Figure::new("stored per second", entries / storing.wall.as_secs_f64()),
        Figure::new(
            "relay CPU per stored entry, µs",
            storing.cpu.as_secs_f64() * 1e6 / entries,
        ),
        Figure::new(
            "database CPU per stored entry, µs",
            storing.database_micros_per(entries),
        ),
        Figure::new("syncs per stored entry", storing.syncs_per(entries)),
        Figure::new("disk bytes per stored entry", stored_bytes as f64 / entries),
        Figure::new("drained per second", entries / drained_in),
        Figure::new(
            "relay CPU per drained entry, µs",
            draining.cpu.as_secs_f64() * 1e6 / entries,
        ),
        Figure::new(
            "disk bytes per entry after all acks",
            left_bytes as f64 / entries,
        ),
    ])
}
