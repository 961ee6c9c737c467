//! Taking the seat: what the relay says of the log against what is known of it here.

use siegel_proto::frame::Request;
use siegel_proto::ids::RoomId;
use siegel_proto::limits;
use siegel_proto::room::{Attach, Attached};

use super::reset::Mark;
use super::timeline::{self, Body, Line};
use super::{Room, Stage};
use crate::client::{Attachment, Client, Cx, Pending};
use crate::device::Device;
use crate::error::Error;
use crate::event::Event;

impl Client {
    /// A seat was taken: compare what the relay says with what is here.
    pub(crate) fn attached(
        &mut self,
        cx: &mut Cx,
        id: RoomId,
        attached: Attached,
    ) -> Result<(), Error> {
        // It may have been forgotten since.
        let Some(mut room) = Room::find(&self.vault, id)? else {
            return Ok(());
        };
        if self.connection.as_ref().is_some_and(|c| !c.revocations)
            && !Device::load(&self.vault)?.is_staff()
        {
            // A client needs a seat to be told the revocations, and the revocations to
            // judge the log: it takes the seat once more when it knows them.
            return self.ask_revocations(cx);
        }
        room.shut = false;
        if std::mem::take(&mut room.made_again) && attached.epoch == 0 {
            let mark = Mark {
                backup: Some((0, 0)),
                seq: attached.next_seq.saturating_sub(1),
            };
            self.put_back(cx, &mut room, mark)?;
        }
        let attachment = Attachment {
            next_seq: attached.next_seq,
            epoch: attached.epoch,
            caught_up: false,
            live_from: attached.next_seq,
        };
        if let Some(connection) = &mut self.connection {
            connection.rooms.insert(id, attachment);
        }
        match room.cursor {
            None => {
                let group = self.take_group(cx, &room)?;
                room.start_log(attached.cursor, &group);
                self.keep_group(id, group);
                // What was said since this device was added may have run out already.
                if attached.expired_up_to > attached.cursor {
                    self.missing(cx, &mut room, attached.expired_up_to)?;
                }
            }
            Some(cursor) if attached.cursor > cursor => {
                // This device has acknowledged what it does not know: its state was put
                // back. Nothing is encrypted with it until a commit has made it new.
                room.rolled_back = true;
                let lost = attached.cursor.max(attached.expired_up_to);
                self.missing(cx, &mut room, lost)?;
                cx.event(Event::RolledBack(id));
            }
            Some(cursor) if attached.next_seq <= cursor && self.was_put_back(cx)? => {
                self.numbers_went_back(cx, &mut room)?;
            }
            Some(cursor) if attached.next_seq <= cursor => {
                // The log ends before what is processed here: it was put back, or somebody
                // made this device believe in entries that never were. What is said from
                // here on must not be taken for known.
                room.split_view = true;
                room.cursor = Some(attached.next_seq.saturating_sub(1));
                room.log_tail.clear();
                let line = Line::event(cursor, None, cx.now, Body::SplitView);
                timeline::add(&self.vault, id, &line)?;
                cx.event(Event::SplitView(id));
            }
            Some(cursor) => {
                if attached.expired_up_to > cursor {
                    self.missing(cx, &mut room, attached.expired_up_to)?;
                }
                if attached.cursor < cursor {
                    cx.acknowledge(id, cursor);
                }
            }
        }
        room.save(&self.vault)?;
        self.plan_receipt(cx, &room)?;
        self.pump(cx, id)
    }

    pub(crate) fn ask_revocations(&mut self, cx: &mut Cx) -> Result<(), Error> {
        if !self.awaits(Pending::ListRevocations) {
            let after = Device::load(&self.vault)?.revocations;
            let list = Request::ListRevocations { after };
            self.request(cx, Pending::ListRevocations, list);
        }
        Ok(())
    }

    /// The relay does not know the seat. After a renewal whose answer was lost it knows
    /// the new one.
    pub(crate) fn attach_denied(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        let Some(renewal) = Room::find(&self.vault, id)?.and_then(|room| room.renewal) else {
            return self.shut_out(cx, id);
        };
        let attach = Attach {
            room: id,
            token: renewal.token,
        };
        self.request(cx, Pending::AttachRenewed(id), Request::Attach(attach));
        Ok(())
    }

    /// The seat is gone. If the device was added again meanwhile, its Welcome waits.
    pub(crate) fn shut_out(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        let found = Room::find(&self.vault, id)?;
        let Some(mut room) = found.filter(|room| room.stage == Stage::Active) else {
            return Ok(());
        };
        if self.make_again(cx, &mut room)? {
            return Ok(());
        }
        room.shut = true;
        room.save(&self.vault)?;
        cx.event(Event::RoomChanged(id));
        self.try_again_soon(cx)?;
        self.take_up_held(cx, id)
    }

    /// Shows that entries up to `seq` are gone, and goes on behind them.
    pub(super) fn missing(&mut self, cx: &mut Cx, room: &mut Room, seq: u64) -> Result<(), Error> {
        let cursor = room.cursor.unwrap_or(0);
        let entries = seq.saturating_sub(cursor);
        let is_told = room
            .put_back
            .as_ref()
            .is_some_and(|put_back| put_back.mark > cursor);
        if entries >= limits::PUT_BACK_LEAP && is_told {
            // The reset goes on behind the numbers that are known here: nothing was given.
            room.cursor = Some(seq);
            room.log_tail.clear();
            return Ok(());
        }
        if entries >= limits::PUT_BACK_LEAP && self.was_put_back(cx)? {
            // The entry that told of a backup is gone like those before it.
            let mark = Mark { backup: None, seq };
            self.put_back(cx, room, mark)?;
            room.log_tail.clear();
            return Ok(());
        }
        let line = Line::event(seq, None, cx.now, Body::Missing { entries });
        timeline::add(&self.vault, room.room, &line)?;
        cx.event(Event::Received {
            room: room.room,
            seq,
        });
        room.cursor = Some(seq);
        room.log_tail.clear();
        Ok(())
    }
}
