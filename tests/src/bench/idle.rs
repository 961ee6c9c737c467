//! 5,000 attached connections that say nothing.

use std::cell::Cell;
use std::rc::Rc;

use siegel_proto::ids::RoomId;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::crowd::{attach, fill_room};
use super::{Error, Figure, Subject};
use crate::wire::entry::Mark;
use crate::wire::organisation::room;
use crate::wire::{self, Connection};

const ROOMS: u32 = 5;
const SEATS_PER_ROOM: u32 = 1_000;

/// Memory per connection, before and after each has had an entry.
pub async fn measure(subject: &Subject, tls: bool) -> Result<Vec<Figure>, Error> {
    let relay = if tls {
        subject.start_with_tls().await?
    } else {
        subject.start().await?
    };
    let mut writers: Vec<(Connection, u64)> = Vec::new();
    for number in 0..ROOMS {
        let own = number * 10_000;
        let mut writer = relay.staff(own).await?;
        let epoch = fill_room(&relay, &mut writer, room(number), own, SEATS_PER_ROOM).await?;
        writers.push((writer, epoch));
    }
    let at_rest = relay.resident()?;
    let waiting = Rc::new(Waiting::default());
    let mut idle = JoinSet::new();
    for number in 0..ROOMS {
        let room = room(number);
        for seat in 1..=SEATS_PER_ROOM {
            let (connection, _) = attach(&relay, room, number * 10_000 + seat).await?;
            let seq = writers[number as usize].1 + 1;
            waiting.people.set(waiting.people.get() + 1);
            idle.spawn_local(wait(connection, room, seq, waiting.clone()));
        }
    }
    let connected = relay.resident()?;
    for (number, (writer, epoch)) in (0..).zip(&mut writers) {
        let mark = Mark { writer: 0, number };
        let mut append = mark.append(room(number as u32));
        append.epoch = *epoch;
        writer.append(append).await?;
    }
    while waiting.people.get() > 0 {
        tokio::select! {
            () = waiting.nobody.notified() => {}
            Some(ended) = idle.join_next() => {
                if let Ok(Err(error)) = ended {
                    return Err(error.into());
                }
            }
        }
    }
    let spoken = relay.resident()?;
    let each = |bytes: u64| (bytes - at_rest) as f64 / idle.len() as f64;
    Ok(vec![
        Figure::new("bytes per idle connection", each(connected)),
        Figure::new("bytes per idle connection that had an entry", each(spoken)),
    ])
}

/// Who has had no entry yet.
#[derive(Default)]
struct Waiting {
    people: Cell<usize>,
    nobody: Notify,
}

/// Says nothing, but answers when the relay asks whether anybody is there; reads one entry.
async fn wait(
    mut connection: Connection,
    room: RoomId,
    seq: u64,
    waiting: Rc<Waiting>,
) -> Result<(), wire::Error> {
    connection.count_frames().await?;
    connection.feed_ack(room, seq).await?;
    connection.flush().await?;
    waiting.people.set(waiting.people.get() - 1);
    if waiting.people.get() == 0 {
        waiting.nobody.notify_one();
    }
    loop {
        connection.count_frames().await?;
    }
}
