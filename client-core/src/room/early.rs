//! What is said about an own message that waits for the relay's answer. It may be in the log
//! already: who was let in again, or had a disk put back, reads on before the answer comes.

use siegel_proto::content::{Content, Kind};
use siegel_proto::ids::{PersonId, RoomId};

use super::outbox;
use super::timeline::{self, Effect};
use crate::client::Cx;
use crate::error::Error;
use crate::event::Event;
use crate::vault::Vault;

/// So much is kept with one message.
const MOST: usize = 64;

/// Keeps it with the message, if it is about one that waits.
pub(super) fn keep(
    vault: &Vault,
    room: RoomId,
    person: PersonId,
    content: &Content,
) -> Result<(), Error> {
    let (Kind::Edit { target, .. } | Kind::Delete { target } | Kind::Reaction { target, .. }) =
        &content.kind
    else {
        return Ok(());
    };
    let Some((number, mut item)) = outbox::find(vault, room, *target)? else {
        return Ok(());
    };
    if item.early.len() < MOST {
        item.early.push((person, content.clone()));
        outbox::put(vault, room, number, &item)?;
    }
    Ok(())
}

/// Does it to the message, which is a line now.
pub(super) fn apply(
    vault: &Vault,
    cx: &mut Cx,
    room: RoomId,
    early: &[(PersonId, Content)],
) -> Result<(), Error> {
    for (person, content) in early {
        let effect = timeline::apply(vault, room, *person, content)?;
        if let Effect::Changed(message) = effect {
            cx.event(Event::Changed { room, message });
        }
    }
    Ok(())
}
