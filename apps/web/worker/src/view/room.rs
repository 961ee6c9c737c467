//! Rooms: the list, and the one that is open.

use siegel_client_core::Client;
use siegel_client_core::client::RoomView;
use siegel_client_core::room::Stage;
use siegel_client_core::room::timeline::UNREAD_MOST;
use siegel_proto::ids::RoomId;
use siegel_web_bridge::Trouble;
use siegel_web_bridge::view::{Room, RoomCard, RoomState};

use super::excerpt::{self, excerpt};
use super::names::Names;
use super::{hours, of_core, room_id};
use crate::moment;

/// All rooms, the latest first.
pub fn cards(client: &Client) -> Result<Vec<RoomCard>, Trouble> {
    let mut cards: Vec<RoomCard> = of_core(client.rooms())?
        .into_iter()
        .map(|view| card(client, view))
        .collect::<Result<_, _>>()?;
    cards.sort_by_key(|card| std::cmp::Reverse(card.at));
    Ok(cards)
}

/// One room.
pub fn room(client: &Client, id: RoomId) -> Result<Room, Trouble> {
    let view = of_core(client.room(id))?;
    let members = client.members(id).unwrap_or_default();
    let last = of_core(client.timeline_before(id, u64::MAX, 1))?;
    let (read_up_to, retention_days) = (view.read_up_to, view.retention_days);
    let draft = view.own.draft.text.clone();
    let card = card(client, view)?;
    let reads = hours::reads(client, id, moment::now().seconds())?;
    Ok(Room {
        reads,
        draft,
        read_up_to,
        last_seq: last.last().map_or(0, |line| line.seq),
        manager: members.iter().any(|member| member.own && member.manager),
        writable: !matches!(card.state, RoomState::Removed | RoomState::Closed),
        blocked: members.iter().any(|member| member.changed),
        retention_days,
        card,
    })
}

/// A room in the list.
pub fn card(client: &Client, view: RoomView) -> Result<RoomCard, Trouble> {
    let names = Names::of(client, view.room)?;
    Ok(RoomCard {
        room: room_id(view.room),
        title: title(client, &view),
        has_client: view.has_guest,
        members: count(view.members),
        unread: count(view.unread),
        mentioned: view.unread > 0 && is_mentioned(client, &view, &names)?,
        waiting: count(view.waiting),
        failed: count(view.failed),
        last: view.last.as_ref().map(|line| excerpt(line, &names)),
        at: view.last.as_ref().map_or(0, excerpt::at),
        muted: view.own.muted,
        archived: view.own.archived,
        drafted: !view.own.draft.is_empty(),
        state: state(&view),
    })
}

/// Whether something unread names this person.
fn is_mentioned(client: &Client, view: &RoomView, names: &Names) -> Result<bool, Trouble> {
    let unread = of_core(client.timeline_after(view.room, view.read_up_to, UNREAD_MOST))?;
    Ok(unread
        .iter()
        .any(|line| line.extras.mentions.contains(&names.own())))
}

/// A room without a title is called by its other members.
fn title(client: &Client, view: &RoomView) -> String {
    if !view.title.is_empty() {
        return view.title.clone();
    }
    let others = client.members(view.room).unwrap_or_default();
    let names: Vec<String> = others
        .into_iter()
        .filter(|member| !member.own && !member.name.is_empty())
        .map(|member| member.name)
        .collect();
    names.join(", ")
}

fn state(view: &RoomView) -> RoomState {
    if view.stage == Stage::Removed {
        RoomState::Removed
    } else if view.closed {
        RoomState::Closed
    } else if view.out_of_step {
        RoomState::OutOfStep
    } else if view.split_view {
        RoomState::SplitView
    } else if view.rolled_back {
        RoomState::RolledBack
    } else if view.refused {
        RoomState::Refused
    } else if view.contested {
        RoomState::Contested
    } else if view.stage == Stage::Creating {
        RoomState::Creating
    } else if view.settling {
        RoomState::Settling
    } else {
        RoomState::Active
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
