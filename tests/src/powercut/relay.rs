//! The real relay under the recorder, with staff who write as fast as it answers.
//!
//! The relay runs in the recorded process; the people live in this one and write an
//! acknowledgement down when the answer has reached them.

use std::path::Path;

use rustix::process::Signal;
use siegel_proto::frame::{Reply, Request};

use super::record::{Acks, Recording};
use super::{Database, Error};
use crate::wire::entry::Mark;
use crate::wire::organisation::{create_room, open_seat, room, staff_seat, token};
use crate::wire::{Organisation, Program, RelayProcess};

/// Where the relay keeps what it acknowledged.
pub const DATABASE: Database<'static> = Database {
    file: "siegel.db",
    ids: "SELECT message_id FROM entries",
};

/// People who write at the same time, each in a room of their own, so that the relay
/// commits in groups.
const WRITERS: u32 = 8;

/// Requests each of them has open.
const IN_FLIGHT: u64 = 4;

/// A seat that never comes, so that every entry stays.
const AWAY: u32 = 1_000;

/// Has the staff append `entries` entries each to a recorded relay. `program` becomes a
/// relay after the word `relay`.
pub fn record(program: &Path, entries: u64) -> Result<Recording, Error> {
    let recording = Recording::new()?;
    let mut program = Program::new(program, &["relay"]).with("SIEGEL_LIMITS__BALLAST_BYTES", "0");
    for (name, value) in recording.environment() {
        program = program.with(name, value);
    }
    let runtime = tokio::runtime::Runtime::new().map_err(Error::Start)?;
    let status = runtime.block_on(async {
        let relay = RelayProcess::start(&program, recording.data()).await?;
        let relay = load(relay, &recording, entries).await?;
        relay.signal(Signal::TERM)?;
        Ok::<_, Error>(relay.ended().await?)
    })?;
    if status.success() {
        Ok(recording)
    } else {
        Err(Error::Program(status.to_string()))
    }
}

async fn load(
    mut relay: RelayProcess,
    recording: &Recording,
    entries: u64,
) -> Result<RelayProcess, Error> {
    let organisation = Organisation::default();
    let token = relay.set_up_token().await?;
    organisation.set_up(relay.address(), token).await?;
    let writers =
        (1..=WRITERS).map(|number| write(&relay, &organisation, recording, number, entries));
    futures_util::future::try_join_all(writers).await?;
    Ok(relay)
}

async fn write(
    relay: &RelayProcess,
    organisation: &Organisation,
    recording: &Recording,
    writer: u32,
    entries: u64,
) -> Result<(), Error> {
    let mut acks = recording.acks()?;
    let mut connection = relay.connect().await?;
    organisation.staff(writer).enrol(&mut connection).await?;
    let room = room(writer);
    let seats = vec![staff_seat(room, writer), open_seat(room, AWAY)];
    connection.done(create_room(room, seats)).await?;
    connection.attach(room, token(writer)).await?;

    let mut sent = 0;
    let mut answered = 0;
    while answered < entries {
        while sent < entries && sent - answered < IN_FLIGHT {
            let number = sent;
            let append = Mark { writer, number }.append(room);
            connection.send(Request::Append(append)).await?;
            sent += 1;
        }
        if let Reply::Appended(appended) = connection.next().await? {
            acknowledged(&mut acks, appended.message.as_bytes())?;
            answered += 1;
        }
    }
    Ok(())
}

fn acknowledged(acks: &mut Acks, id: &[u8]) -> Result<(), Error> {
    acks.received(id).map_err(Error::Start)
}
