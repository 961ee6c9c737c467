//! What is said again in another room.

use siegel_client_core::Client;
use siegel_client_core::room::timeline::Body;
use siegel_proto::certificate::PersonRole;
use siegel_proto::content::{Extras, Forwarded, Kind};
use siegel_proto::ids::{MessageId, PersonId, RoomId};
use siegel_web_bridge::{Thing, Trouble};

use super::names::Names;
use super::{excerpt, of_core};

/// The message with a word on where it comes from.
pub fn forward(
    client: &Client,
    from: RoomId,
    message: MessageId,
    reason: &str,
) -> Result<(Kind, Extras), Trouble> {
    let line = of_core(client.message(from, message))?.ok_or(Trouble::Unknown(Thing::Message))?;
    let reason = reason.trim();
    if reason.is_empty() {
        return Err(Trouble::Empty);
    }
    let forwarded = Forwarded {
        crossed: true,
        reason: reason.to_owned(),
        author: match line.author {
            Some(author) => author_for_others(client, from, author)?,
            None => String::new(),
        },
        said_at: excerpt::at(&line),
    };
    let kind = match line.body {
        Body::Text { body, .. } => Kind::Text {
            body,
            reply_to: None,
        },
        Body::Attachment(file) => Kind::Attachment(file),
        Body::DataCard(mut card) => {
            // What has expired is not handed on as an empty field.
            card.fields.retain(|field| !field.value.is_empty());
            if card.fields.is_empty() {
                return Err(Trouble::Unknown(Thing::Message));
            }
            Kind::DataCard(card)
        }
        _ => return Err(Trouble::NotAllowed),
    };
    let extras = Extras {
        mentions: Vec::new(),
        forwarded: Some(forwarded),
    };
    Ok((kind, extras))
}

/// A client goes without a name: what this account calls them is nobody else's business,
/// and that they are in counselling is not told by the way.
fn author_for_others(client: &Client, room: RoomId, author: PersonId) -> Result<String, Trouble> {
    let contacts = of_core(client.contacts())?;
    let is_client = |known: &&siegel_client_core::contact::Contact| {
        known.person == author && known.role == PersonRole::Guest
    };
    if contacts.iter().find(is_client).is_some() {
        return Ok(String::new());
    }
    Ok(Names::of(client, room)?.name(author))
}
