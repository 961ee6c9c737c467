//! 5,000 attached connections that say nothing.

use super::crowd::{attach, fill_room};
use super::{Error, Figure, Subject};
use crate::wire::Connection;
use crate::wire::entry::Mark;
use crate::wire::organisation::room;

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
    let mut idle = Vec::new();
    for number in 0..ROOMS {
        for seat in 1..=SEATS_PER_ROOM {
            let seat = number * 10_000 + seat;
            idle.push((attach(&relay, room(number), seat).await?.0, number));
        }
    }
    let connected = relay.resident()?;
    for (number, (writer, epoch)) in (0..).zip(&mut writers) {
        let mark = Mark { writer: 0, number };
        let mut append = mark.append(room(number as u32));
        append.epoch = *epoch;
        writer.append(append).await?;
    }
    for (connection, number) in &mut idle {
        let seq = writers[*number as usize].1 + 1;
        connection.count_frames().await?;
        connection.feed_ack(room(*number), seq).await?;
        connection.flush().await?;
    }
    let spoken = relay.resident()?;
    let each = |bytes: u64| (bytes - at_rest) as f64 / idle.len() as f64;
    Ok(vec![
        Figure::new("bytes per idle connection", each(connected)),
        Figure::new("bytes per idle connection that had an entry", each(spoken)),
    ])
}
