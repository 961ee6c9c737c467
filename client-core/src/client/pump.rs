//! Getting waiting work under way: asked after everything that may have cleared its path.

use siegel_proto::capsule::{CreateCapsule, WithdrawCapsule};
use siegel_proto::frame::Request;
use siegel_proto::ids::RoomId;

use super::connection::Pending;
use super::{Client, Cx};
use crate::device::{self, Device, Stage};
use crate::error::Error;
use crate::event::Event;
use crate::mls::undo;
use crate::room::invitation::{Invitation, InvitationId, InvitationStage};
use crate::room::outbox::{self, Change, Item, Work};
use crate::room::{Room, Stage as RoomStage, expiry, message_id, own_words};
use crate::step::Output;

/// How long a merged commit can be taken back; the old epoch's secrets stay that long.
const UNDO_SECONDS: i64 = 600;

impl Client {
    /// Pumps every attached room.
    pub(crate) fn pump_all(&mut self, cx: &mut Cx) -> Result<(), Error> {
        for room in Room::ids(&self.vault)? {
            self.pump(cx, room)?;
        }
        Ok(())
    }

    /// Does what can be done in a room now: only when it is attached, its whole log is
    /// processed and the relay's revocations are known.
    pub(crate) fn pump(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        let Some(connection) = &self.connection else {
            return Ok(());
        };
        let Some(attachment) = connection.rooms.get(&id).copied() else {
            return Ok(());
        };
        let Some(room) = Room::find(&self.vault, id)? else {
            return Ok(());
        };
        let processed = room.cursor.unwrap_or(0);
        if processed + 1 < attachment.next_seq || room.stage != RoomStage::Active {
            return Ok(());
        }
        if !attachment.caught_up {
            if let Some(attachment) = self.attachment(id) {
                attachment.caught_up = true;
            }
            cx.event(Event::CaughtUp(id));
        }
        let ready = self
            .connection
            .as_ref()
            .is_some_and(|connection| connection.revocations);
        if ready && Device::load(&self.vault)?.stage == Stage::Ready {
            self.send_waiting(cx, room, attachment.epoch)?;
        }
        Ok(())
    }

    pub(crate) fn attachment(
        &mut self,
        room: RoomId,
    ) -> Option<&mut super::connection::Attachment> {
        self.connection.as_mut()?.rooms.get_mut(&room)
    }

    /// Uploads finished capsules, takes back withdrawn ones.
    pub(crate) fn pump_invitations(&mut self, cx: &mut Cx) -> Result<(), Error> {
        let session = self.connection.as_ref().is_some_and(|c| c.session);
        if !session {
            return Ok(());
        }
        for invitation in Invitation::all(&self.vault)? {
            let id = invitation.id;
            match &invitation.stage {
                InvitationStage::Uploading { sealed } if invitation.waits_for.is_empty() => {
                    let seconds = invitation.expires_at.since(cx.now);
                    let Ok(hours) = u32::try_from((seconds + 3_599) / 3_600) else {
                        continue;
                    };
                    if hours == 0 || self.awaits(Pending::CreateCapsule(id)) {
                        continue;
                    }
                    let create = CreateCapsule {
                        capsule: invitation.secret.capsule_id(invitation.kind()),
                        claim_hash: invitation.secret.claim_token(invitation.kind()).hash(),
                        sealed: sealed.clone().into(),
                        expires_in_hours: hours.min(siegel_proto::limits::CAPSULE_HOURS),
                    };
                    self.request(
                        cx,
                        Pending::CreateCapsule(id),
                        Request::CreateCapsule(create),
                    );
                }
                InvitationStage::Withdrawing if !self.awaits(Pending::WithdrawCapsule(id)) => {
                    let withdraw = WithdrawCapsule {
                        capsule: invitation.secret.capsule_id(invitation.kind()),
                        claim_hash: invitation.secret.claim_token(invitation.kind()).hash(),
                    };
                    self.request(
                        cx,
                        Pending::WithdrawCapsule(id),
                        Request::WithdrawCapsule(withdraw),
                    );
                }
                InvitationStage::Ready if invitation.expires_at < cx.now => {
                    self.invitation_gone(cx, invitation)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) fn capsule_created(&mut self, cx: &mut Cx, id: InvitationId) -> Result<(), Error> {
        let mut invitation = Invitation::load(&self.vault, id)?;
        if matches!(invitation.stage, InvitationStage::Uploading { .. }) {
            invitation.stage = InvitationStage::Ready;
            invitation.save(&self.vault)?;
            cx.event(Event::InvitationReady(id));
        }
        Ok(())
    }

    pub(super) fn capsule_withdrawn(&mut self, cx: &mut Cx, id: InvitationId) -> Result<(), Error> {
        let invitation = Invitation::load(&self.vault, id)?;
        self.invitation_gone(cx, invitation)
    }

    /// Nobody comes any more: the leaf that was made for the client goes.
    fn invitation_gone(&mut self, cx: &mut Cx, mut invitation: Invitation) -> Result<(), Error> {
        invitation.stage = InvitationStage::Withdrawn;
        invitation.save(&self.vault)?;
        cx.event(Event::InvitationGone(invitation.id));
        let Some(room) = invitation.room else {
            return Ok(());
        };
        let change = Change {
            remove: vec![invitation.person],
            ..Change::default()
        };
        let item = Item::new(message_id(&mut cx.rng), Work::Change(Box::new(change)));
        outbox::push(&self.vault, room, &item)?;
        self.pump(cx, room)
    }

    /// Deletes what has had its time in rooms, whether online or not, and asks to be woken
    /// when more will.
    pub(super) fn expire(&mut self, cx: &mut Cx) -> Result<(), Error> {
        for id in Room::ids(&self.vault)? {
            let mut room = Room::load(&self.vault, id)?;
            if room.stage == RoomStage::Active
                && let Ok(group) = self.take_group(cx, &room)
            {
                room.retention_days = group.info()?.retention_days;
                self.keep_group(id, group);
            }
            self.expire_room(cx, &room)?;
            let settled = room
                .last_commit
                .as_ref()
                .is_some_and(|commit| cx.now.since(commit.at) > UNDO_SECONDS);
            if settled {
                room.last_commit = None;
                undo::drop_snapshot(&self.vault, id);
            }
            room.save(&self.vault)?;
        }
        Ok(())
    }

    /// Deletes what has had its time in one room.
    pub(crate) fn expire_room(&mut self, cx: &mut Cx, room: &Room) -> Result<(), Error> {
        let mut days = Device::load(&self.vault)?.policy.retention_days;
        if room.retention_days > 0 {
            days = days.min(room.retention_days);
        }
        let id = room.room;
        own_words::expire(&self.vault, id, days, cx.now)?;
        if expiry::expire_lines(&self.vault, id, days, cx.now)? {
            cx.event(Event::RoomChanged(id));
        }
        for message in expiry::expire_cards(&self.vault, id, cx.now)? {
            cx.event(Event::Changed { room: id, message });
        }
        if let Some(next) = expiry::next(&self.vault, id, days)? {
            cx.output(Output::WakeAt(next));
        }
        Ok(())
    }

    /// The revoked, as far as the relay has shown them.
    pub(crate) fn revoked_set(&self) -> Result<crate::mls::policy::RevokedSet, Error> {
        device::revoked(&self.vault)
    }
}
