//! `edit`, `delete`, `react` and `leave`: what is said about a message, or to a room.

use siegel_client_core::room::timeline::{Body, Line};
use siegel_client_core::{Client, Error, Hindrance};
use siegel_proto::content::Kind;
use siegel_proto::ids::{MessageId, RoomId};

use super::context::Context;
use super::message;
use crate::args::{Delete, Edit, InRoom, React};
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;

/// `siegel edit ROOM MESSAGE TEXT…`
pub async fn edit(context: &Context, wish: Edit) -> Result<(), Failure> {
    let body = wish.text.join(" ");
    if body.trim().is_empty() {
        return Err(Failure::Nothing);
    }
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &wish.room)?;
    let line = people::find_message(client, room, &wish.message)?;
    let target = own(client, &line)?;
    if !matches!(line.body, Body::Text { .. }) {
        return Err(not_allowed(Hindrance::Fixed));
    }
    message::say(&mut session, room, Kind::Edit { target, body }).await?;
    session.close()
}

/// `siegel delete ROOM MESSAGE`
pub async fn delete(context: &Context, wish: Delete) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &wish.room)?;
    let target = own(client, &people::find_message(client, room, &wish.message)?)?;
    message::say(&mut session, room, Kind::Delete { target }).await?;
    session.close()
}

/// `siegel react ROOM MESSAGE [EMOJI]`
pub async fn react(context: &Context, wish: React) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room: RoomId = people::find_room(client, &wish.room)?;
    let line = people::find_message(client, room, &wish.message)?;
    let target = line.message.ok_or(not_allowed(Hindrance::Fixed))?;
    let emoji = wish.emoji.unwrap_or_default();
    message::say(&mut session, room, Kind::Reaction { target, emoji }).await?;
    session.close()
}

/// `siegel leave ROOM`: asks; a manager's device lets go.
pub async fn leave(context: &Context, room: InRoom) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let room = people::find_room(session.driver.client()?, &room.room)?;
    message::say(&mut session, room, Kind::Leave).await?;
    session.close()
}

/// The message, if this person said it: nobody can change what others said.
fn own(client: &Client, line: &Line) -> Result<MessageId, Failure> {
    let own = client.profile().map_err(DriverError::from)?.person;
    match line.message {
        Some(message) if line.author == Some(own) => Ok(message),
        _ => Err(not_allowed(Hindrance::NotOwn)),
    }
}

fn not_allowed(why: Hindrance) -> Failure {
    DriverError::from(Error::NotAllowed(why)).into()
}
