//! `rooms`, and `room` with `new`, `rename`, `retention` and `repair`.

use serde::Serialize;
use siegel_client_core::client::RoomView;
use siegel_client_core::moment::Timestamp;
use siegel_client_core::room::Stage;
use siegel_client_core::{Command, Event};
use siegel_proto::ids::RoomId;

use super::context::Context;
use super::member;
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::session::Session;
use crate::show::output::Show;
use crate::show::printable;
use crate::show::texts::Texts;
use crate::show::when;

/// A room in the list.
#[derive(Serialize)]
struct RoomLine {
    room: String,
    title: String,
    people: usize,
    with_client: bool,
    unread: usize,
    waiting: usize,
    failed: usize,
    /// The newest sign of life of anybody else, seconds since 1970.
    fresh_at: Option<i64>,
    /// `creating`, `active` or `removed`.
    state: &'static str,
    /// What a person has to look at.
    warnings: Vec<&'static str>,
}

#[derive(Serialize)]
struct Rooms {
    rooms: Vec<RoomLine>,
}

#[derive(Serialize)]
struct Made {
    room: String,
    title: String,
}

#[derive(Serialize)]
struct Repaired {
    room: String,
}

impl Show for Repaired {
    fn text(&self, texts: Texts) -> String {
        texts.members_changed()
    }
}

impl Show for Rooms {
    fn text(&self, texts: Texts) -> String {
        self.rooms
            .iter()
            .map(|room| room.text(texts))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

impl RoomLine {
    fn text(&self, texts: Texts) -> String {
        let id: String = self.room.chars().take(8).collect();
        let title = match self.title.is_empty() {
            true => texts.untitled(&id),
            false => printable::line(&self.title),
        };
        let mut notes = Vec::new();
        match self.state {
            "removed" => notes.push(texts.no_longer_member()),
            _ => notes.push(texts.people(self.people)),
        }
        let counted = [
            (self.unread, texts.unread(self.unread)),
            (self.waiting, texts.waiting(self.waiting)),
            (self.failed, texts.failed(self.failed)),
        ];
        notes.extend(
            counted
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(_, note)| note),
        );
        notes.extend(self.warnings.iter().map(|warning| match *warning {
            "refused" => texts.refused_here(),
            "contested" => texts.contested(),
            "rolled_back" => texts.rolled_back(),
            "out_of_step" => texts.out_of_step(),
            "stale" => texts.stale_room(self.fresh_at.map_or_else(
                || "?".to_owned(),
                |at| when::minute(Timestamp::from_seconds(at)),
            )),
            _ => texts.split_view(),
        }));
        format!("{id}  {title}  ({})", notes.join(", "))
    }
}

impl Show for Made {
    fn text(&self, texts: Texts) -> String {
        texts.room_made(
            printable::line(&self.title),
            self.room.get(..8).unwrap_or_default(),
        )
    }
}

/// `siegel rooms`
pub async fn list(context: &Context) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let client = session.driver.client()?;
    let mut views = client.rooms().map_err(DriverError::from)?;
    views.sort_by(|a, b| (&a.title, a.room).cmp(&(&b.title, b.room)));
    let now = session.driver.now();
    let rooms = views.into_iter().map(|view| line(view, now)).collect();
    session.output.show(&Rooms { rooms })?;
    session.close()
}

/// `siegel room rename ROOM TITLE`
pub async fn rename(context: &Context, room: &str, title: String) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let room = people::find_room(session.driver.client()?, room)?;
    member::changed(&mut session, room, Command::Rename { room, title }).await?;
    session.close()
}

/// `siegel room retention ROOM DAYS`
pub async fn retention(context: &Context, room: &str, days: u32) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let room = people::find_room(session.driver.client()?, room)?;
    member::changed(&mut session, room, Command::SetRetention { room, days }).await?;
    session.close()
}

/// `siegel room repair ROOM`
pub async fn repair(context: &Context, room: &str) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let room = people::find_room(session.driver.client()?, room)?;
    session.command(Command::Repair(room))?;
    session.settled().await?;
    session.output.show(&Repaired {
        room: people::hex(room.as_bytes()),
    })?;
    session.close()
}

/// `siegel room new TITLE [--with NAME…]`
pub async fn new(context: &Context, title: String, with: Vec<String>) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let room = make(&mut session, title.clone(), &with).await?;
    session.settled().await?;
    session.output.show(&Made {
        room: people::hex(room.as_bytes()),
        title,
    })?;
    session.close()
}

/// Makes a room with these colleagues and waits until the relay has it.
pub async fn make(
    session: &mut Session,
    title: String,
    with: &[String],
) -> Result<RoomId, Failure> {
    let client = session.driver.client()?;
    let with: Vec<_> = with
        .iter()
        .map(|wish| people::find(client, wish))
        .collect::<Result<_, _>>()?;
    let adds = !with.is_empty();
    session.command(Command::CreateRoom { title, with })?;
    let room = session
        .wait(|event| match event {
            Event::RoomChanged(room) => Some(Ok(*room)),
            _ => None,
        })
        .await?;
    if adds {
        let entry = session.queued().await?;
        session.sent(entry).await?;
    }
    Ok(room)
}

fn line(view: RoomView, now: Timestamp) -> RoomLine {
    let warnings = [
        (view.refused, "refused"),
        (view.contested, "contested"),
        (view.rolled_back, "rolled_back"),
        (view.out_of_step, "out_of_step"),
        (view.split_view, "split_view"),
        (view.is_stale(now), "stale"),
    ];
    RoomLine {
        room: people::hex(view.room.as_bytes()),
        title: view.title,
        people: view.members,
        with_client: view.has_guest,
        unread: view.unread,
        waiting: view.waiting,
        failed: view.failed,
        fresh_at: view.fresh_at.map(Timestamp::seconds),
        state: match view.stage {
            // The relay does not open the seat: removed while this device was away.
            _ if view.shut => "removed",
            Stage::Creating => "creating",
            Stage::Active => "active",
            Stage::Removed => "removed",
        },
        warnings: warnings
            .into_iter()
            .filter(|(set, _)| *set)
            .map(|(_, name)| name)
            .collect(),
    }
}
