//! Greetings: said when a client is added, and to nobody if the client is not.

use siegel_proto::content::Kind;
use siegel_proto::ids::RoomId;

use super::invitation::{Invitation, InvitationStage};
use super::outbox::{self, Change, Item, Work};
use crate::client::{Client, Cx};
use crate::error::Error;
use crate::event::{Event, Failure};

impl Client {
    /// A change will not be made. If it was to add a client, no link comes, and what was to
    /// greet the client is not said to whoever else is in the room: its author sees it as
    /// failed.
    pub(crate) fn stays_out(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        change: &Change,
    ) -> Result<(), Error> {
        let Some(id) = change.invitation else {
            return Ok(());
        };
        let mut invitation = Invitation::load(&self.vault, id)?;
        match invitation.stage {
            InvitationStage::Preparing { .. } => {
                invitation.stage = InvitationStage::Withdrawn;
                cx.event(Event::InvitationGone(id));
            }
            InvitationStage::Withdrawing | InvitationStage::Withdrawn => {}
            // The client is in.
            InvitationStage::Uploading { .. } | InvitationStage::Ready | InvitationStage::Used => {
                return Ok(());
            }
        }
        let greetings = std::mem::take(&mut invitation.waits_for);
        invitation.save(&self.vault)?;
        for entry in greetings {
            let found = outbox::find(&self.vault, room, entry)?;
            if let Some((number, mut item)) = found.filter(|(_, item)| is_greeting(item)) {
                item.failed = Some(Failure::Uninvited);
                outbox::put(&self.vault, room, number, &item)?;
            }
        }
        // One piece of news: the reason is told with the addition.
        cx.event(Event::RoomChanged(room));
        Ok(())
    }
}

/// Whether a person would look for it. When somebody reads is for whoever is in the room,
/// and nobody could take it back out of the outbox.
const fn is_greeting(item: &Item) -> bool {
    matches!(item.work, Work::Say(Kind::Text { .. } | Kind::Notice(_)))
}
