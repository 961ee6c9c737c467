//! A guest who looks in from time to time and must find everything.

use std::net::SocketAddr;

use siegel_proto::frame::Reply;
use siegel_proto::ids::RoomId;
use siegel_proto::seat::SeatToken;

use super::Place;
use crate::wire::entry::Mark;
use crate::wire::{Connection, Error};

/// Entries after which a reader says something: the relay takes the silent for gone.
const SPEAKS_EVERY: usize = 64;

/// Everything after the relay's cursor, up to the end of the log as it was on arrival.
pub struct Reading {
    connection: Connection,
    room: RoomId,
    /// What the relay says was acknowledged.
    pub cursor: u64,
    /// What was delivered.
    pub given: Vec<Place>,
}

impl Reading {
    /// Attaches and reads to the end.
    pub async fn to_the_end(
        address: SocketAddr,
        room: RoomId,
        seat: SeatToken,
    ) -> Result<Self, Error> {
        let mut connection = Connection::open(address).await?;
        let attached = connection.attach(room, seat).await?;
        let mut given = Vec::new();
        let end = attached.next_seq.saturating_sub(attached.cursor + 1);
        while (given.len() as u64) < end {
            match connection.next().await? {
                Reply::Deliver(deliver) => {
                    let mark = Mark::of(&deliver)
                        .ok_or_else(|| Error::Protocol("a payload nobody wrote".into()))?;
                    let seq = deliver.seq;
                    given.push(Place { mark, seq });
                    if given.len().is_multiple_of(SPEAKS_EVERY) {
                        // What was acknowledged before: it changes nothing.
                        connection.feed_ack(room, attached.cursor).await?;
                        connection.flush().await?;
                    }
                }
                other => return Err(Error::Protocol(format!("{other:?} for a reader"))),
            }
        }
        Ok(Self {
            connection,
            room,
            cursor: attached.cursor,
            given,
        })
    }

    /// Acknowledges what was read, and goes; up to where.
    pub async fn acknowledge(mut self) -> Result<u64, Error> {
        let up_to = self.cursor + self.given.len() as u64;
        let sent = match self.connection.feed_ack(self.room, up_to).await {
            Ok(()) => self.connection.flush().await,
            gone => gone,
        };
        match sent {
            // A notice: whether it arrives nobody ever knows, and whoever was silent too long is
            // taken for gone.
            Ok(()) | Err(Error::Gone(_)) => Ok(up_to),
            Err(error) => Err(error),
        }
    }
}
