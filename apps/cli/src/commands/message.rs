//! `send`, `read` and `follow`.

use std::io::Read as _;

use serde::Serialize;
use siegel_client_core::{Command, Event};
use siegel_proto::content::Kind;
use siegel_proto::ids::RoomId;
use siegel_proto::limits::TEXT_BYTES;

use super::context::Context;
use crate::args::{Follow, Read, Send};
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::session::Session;
use crate::show::line::LineView;
use crate::show::output::Show;
use crate::show::texts::Texts;

/// An own message the relay has stored.
#[derive(Serialize)]
pub struct SentMessage {
    room: String,
    message: String,
    seq: u64,
}

impl Show for SentMessage {
    fn text(&self, texts: Texts) -> String {
        texts.sent(self.seq)
    }
}

/// `siegel send ROOM [TEXT…]`
pub async fn send(context: &Context, send: Send) -> Result<(), Failure> {
    let body = if send.text.is_empty() {
        standard_input()?
    } else {
        send.text.join(" ")
    };
    if body.trim().is_empty() {
        return Err(Failure::Nothing);
    }
    let mut session = context.offline()?;
    // What this device knows already can be said without the relay: it waits in the outbox.
    if people::find_room(session.driver.client()?, &send.room).is_err() {
        session.in_step().await?;
    }
    let client = session.driver.client()?;
    let room = people::find_room(client, &send.room)?;
    let reply_to = match &send.reply_to {
        Some(wish) => people::find_message(client, room, wish)?.message,
        None => None,
    };
    session.driver.go_online()?;
    say(&mut session, room, Kind::Text { body, reply_to }).await?;
    session.close()
}

/// Says something and shows that the relay has it.
pub async fn say(session: &mut Session, room: RoomId, kind: Kind) -> Result<(), Failure> {
    let (message, seq) = session.carry_out(Command::Say { room, kind }).await?;
    let (room, message) = (
        people::hex(room.as_bytes()),
        people::hex(message.as_bytes()),
    );
    Ok(session.output.show(&SentMessage { room, message, seq })?)
}

/// `siegel read ROOM`
pub async fn read(context: &Context, read: Read) -> Result<(), Failure> {
    let mut session = context.offline()?;
    if !read.offline {
        session.try_in_step().await?;
    }
    let client = session.driver.client()?;
    let room = people::find_room(client, &read.room)?;
    let most = read.last.unwrap_or(usize::MAX);
    let lines = client
        .timeline_before(room, u64::MAX, most)
        .map_err(DriverError::from)?;
    let receipts = client.receipts(room).map_err(DriverError::from)?;
    let last = lines.last().map(|line| line.seq);
    for line in lines {
        let view = LineView::new(session.driver.client()?, room, line, session.output.texts())?;
        session.output.show(&view.with_delivery(&receipts))?;
    }
    if let Some(up_to) = last {
        session.command(Command::MarkRead { room, up_to })?;
        if session.is_up() {
            session.try_settled().await?;
        }
    }
    session.close()
}

/// `siegel follow [ROOM]`: ends when interrupted, or when this device is revoked.
pub async fn follow(context: &Context, follow: Follow) -> Result<(), Failure> {
    let mut session = context.offline()?;
    let only = match &follow.room {
        Some(wish) => Some(people::find_room(session.driver.client()?, wish)?),
        None => None,
    };
    session.driver.go_online()?;
    let ended = tokio::select! {
        ended = print(&mut session, only) => ended,
        interrupted = tokio::signal::ctrl_c() => interrupted.map_err(Failure::Signal),
    };
    ended?;
    session.close()
}

async fn print(session: &mut Session, only: Option<RoomId>) -> Result<(), Failure> {
    loop {
        let Event::Received { room, seq } = session.next().await? else {
            continue;
        };
        if only.is_some_and(|only| only != room) {
            continue;
        }
        let client = session.driver.client()?;
        // One entry can make several lines: a gap, and the message behind it.
        let after = client
            .timeline_after(room, seq - 1, usize::MAX)
            .map_err(DriverError::from)?;
        for line in after.into_iter().filter(|line| line.seq == seq) {
            let view = LineView::new(client, room, line, session.output.texts())?;
            session.output.show(&view)?;
        }
    }
}

fn standard_input() -> Result<String, Failure> {
    let mut text = String::new();
    let most = TEXT_BYTES as u64 + 1;
    std::io::stdin()
        .lock()
        .take(most)
        .read_to_string(&mut text)
        .map_err(|source| Failure::File {
            path: "-".into(),
            source,
        })?;
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}
