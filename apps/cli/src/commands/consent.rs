//! `consent give`, `consent withdraw` and `consent show`.

use serde::Serialize;
use siegel_client_core::Client;
use siegel_client_core::room::timeline::{Body, Line};
use siegel_proto::content::{Kind, Notice};
use siegel_proto::ids::{ContentHash, RoomId};

use super::context::Context;
use super::message;
use crate::args::InRoom;
use crate::driver::DriverError;
use crate::failure::Failure;
use crate::people;
use crate::show::line::LineView;
use crate::show::output::Show;
use crate::show::texts::Texts;

/// Every decision about a notice in a room, in order.
#[derive(Serialize)]
struct Ledger {
    consents: Vec<LineView>,
}

impl Show for Ledger {
    fn text(&self, texts: Texts) -> String {
        if self.consents.is_empty() {
            return texts.no_consent();
        }
        self.consents
            .iter()
            .map(|line| line.text(texts))
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// `siegel consent give|withdraw ROOM`: about the latest notice.
pub async fn decide(context: &Context, room: InRoom, granted: bool) -> Result<(), Failure> {
    let mut session = context.in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &room.room)?;
    let notice = latest_notice(client, room)?.ok_or(Failure::NoNotice)?;
    let kind = Kind::Consent {
        notice_hash: ContentHash::of(notice.body.as_bytes()),
        notice_version: notice.version,
        language: notice.language,
        granted,
    };
    message::say(&mut session, room, kind).await?;
    session.close()
}

/// `siegel consent show ROOM`
pub async fn show(context: &Context, room: InRoom) -> Result<(), Failure> {
    let mut session = context.offline()?;
    session.try_in_step().await?;
    let client = session.driver.client()?;
    let room = people::find_room(client, &room.room)?;
    let decisions = lines(client, room)?
        .into_iter()
        .filter(|line| matches!(line.body, Body::Consent { .. }));
    let consents: Result<_, Failure> = decisions
        .map(|line| LineView::new(client, room, line, session.output.texts()))
        .collect();
    session.output.show(&Ledger {
        consents: consents?,
    })?;
    session.close()
}

fn latest_notice(client: &Client, room: RoomId) -> Result<Option<Notice>, Failure> {
    let mut notices = lines(client, room)?
        .into_iter()
        .filter_map(|line| match line.body {
            Body::Notice(notice) => Some(notice),
            _ => None,
        });
    Ok(notices.next_back())
}

fn lines(client: &Client, room: RoomId) -> Result<Vec<Line>, Failure> {
    Ok(client
        .timeline_after(room, 0, usize::MAX)
        .map_err(DriverError::from)?)
}
