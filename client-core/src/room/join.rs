//! Joining: the inbox brings Welcomes, each is used once and only if it holds.

use serde::{Deserialize, Serialize};
use siegel_proto::group::{SealedReadmission, SealedWelcome};
use siegel_proto::ids::{ContentHash, RoomId};
use siegel_proto::padding;
use siegel_proto::room::{Attached, Deliver};
use siegel_proto::seat::{SeatClass, SeatToken};

use super::receive::leaf_of;
use super::{Room, Sender, Stage};
use crate::client::{Client, Cx};
use crate::contact::{self, Meeting};
use crate::device::Device;
use crate::error::Error;
use crate::event::Event;
use crate::mls::MlsError;
use crate::mls::group::Group;
use crate::mls::policy::{self, RevokedSet, Violation};
use crate::mls::provider::Provider;
use crate::mls::welcome_seal::WelcomeKey;
use crate::vault::{Scope, Table, Vault};

const OFFER: Table = Table::new("offer");
const HELD: Table = Table::new("held welcome");

/// What belongs to a published key package besides its MLS keys.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredOffer {
    token: SeatToken,
    welcome_key: WelcomeKey,
    last_resort: bool,
}

impl StoredOffer {
    pub(crate) const fn new(token: SeatToken, welcome_key: WelcomeKey, last_resort: bool) -> Self {
        Self {
            token,
            welcome_key,
            last_resort,
        }
    }

    pub(crate) fn save(&self, vault: &Vault, public_key: &[u8]) -> Result<(), Error> {
        let key = ContentHash::of(public_key);
        Ok(vault.put(Scope::Device, OFFER, key.as_bytes(), self)?)
    }
}

impl Client {
    pub(crate) fn inbox_attached(&mut self, cx: &mut Cx, attached: Attached) -> Result<(), Error> {
        if let Some(connection) = &mut self.connection {
            connection.inbox_next = Some(attached.next_seq);
        }
        let mut device = Device::load(&self.vault)?;
        let mut put_back = false;
        if let Some(inbox) = &mut device.inbox {
            // It has acknowledged what it does not know.
            put_back = attached.cursor > inbox.cursor;
            inbox.cursor = inbox
                .cursor
                .max(attached.cursor)
                .max(attached.expired_up_to);
            if attached.cursor < inbox.cursor {
                // Else a Welcome that was used stays there, and a disk put back to before it
                // joins by it once more, under keys and counts that are used up.
                cx.acknowledge(inbox.room, inbox.cursor);
            }
        }
        device.save(&self.vault)?;
        match put_back {
            true => self.stock_up_anew(cx),
            false => Ok(()),
        }
    }

    /// A Welcome has arrived in the inbox. One that does not hold is passed over: anybody
    /// in the organisation may write there.
    pub(super) fn welcomed(
        &mut self,
        cx: &mut Cx,
        mut device: Device,
        deliver: &Deliver,
    ) -> Result<(), Error> {
        let Some(inbox) = &mut device.inbox else {
            return Ok(());
        };
        if deliver.seq <= inbox.cursor {
            return Ok(());
        }
        inbox.cursor = deliver.seq;
        let inbox = inbox.room;
        device.save(&self.vault)?;
        cx.acknowledge(inbox, deliver.seq);
        let asks = padding::unpad(&deliver.payload).and_then(SealedReadmission::decode);
        match asks {
            Ok(asks) => self.asked_back(cx, &asks),
            Err(_) => self.try_join(cx, &deliver.payload),
        }
    }

    /// Joins by a Welcome, keeps it for later, or passes it over.
    fn try_join(&mut self, cx: &mut Cx, payload: &[u8]) -> Result<(), Error> {
        let staged = self.vault.staged();
        match self.join_room(cx, payload) {
            Ok(Joined::In(room)) => {
                if let Some(connection) = &mut self.connection {
                    connection.rooms.remove(&room);
                }
                cx.event(Event::RoomChanged(room));
                self.open_room(cx, room)
            }
            Ok(Joined::Later(room)) => {
                self.vault.restore(staged);
                let payload = serde_bytes::Bytes::new(payload);
                Ok(self
                    .vault
                    .put(Scope::Device, HELD, room.as_bytes(), &payload)?)
            }
            Ok(Joined::Never) => self.stock_up_anew(cx),
            Err(Error::Vault(error)) => Err(error.into()),
            Err(_) => {
                self.vault.restore(staged);
                Ok(())
            }
        }
    }

    /// A Welcome into a room this device was still in may have come before the news that
    /// it is no longer.
    pub(super) fn take_up_held(&mut self, cx: &mut Cx, room: RoomId) -> Result<(), Error> {
        let held: Option<serde_bytes::ByteBuf> =
            self.vault.get(Scope::Device, HELD, room.as_bytes())?;
        let Some(payload) = held else {
            return Ok(());
        };
        self.vault.delete(Scope::Device, HELD, room.as_bytes());
        self.try_join(cx, &payload)
    }

    fn join_room(&mut self, cx: &mut Cx, payload: &[u8]) -> Result<Joined, Error> {
        let device = Device::load(&self.vault)?;
        let envelope = SealedWelcome::decode(padding::unpad(payload)?)?;
        let key = envelope.key_id;
        let offer: Option<StoredOffer> = self.vault.get(Scope::Device, OFFER, key.as_bytes())?;
        let Some(offer) = offer else {
            return Ok(Joined::Never);
        };
        let welcome = offer
            .welcome_key
            .open(&envelope.sealed)
            .map_err(|_| siegel_proto::Malformed("welcome"))?;
        let provider = Provider::new(&self.vault, &mut cx.rng);
        let (group, sender) = Group::join(&provider, &welcome)?;
        let id = group.id()?;
        let known = Room::find(&self.vault, id.room)?;
        let replaceable = known.as_ref().is_none_or(|room| {
            room.stage == Stage::Removed
                || room.shut
                || room.refused.is_some()
                || room.rolled_back
                || room.stands_alone
        });
        let leaves = group.leaves(&device.root)?;
        let info = group.info()?;
        let welcomer = leaf_of(&group, &device.root, sender)?;
        let own = leaf_of(&group, &device.root, group.own_index())?;
        // Who is revoked by now was not when it welcomed: the relay would not have let it.
        let manages = |revoked| policy::may_manage(&leaves, &info, revoked, &welcomer);
        let revoked = self.revoked_set()?;
        let sound = (manages(&revoked) || manages(&RevokedSet::default()))
            && own.device == device.keys.device
            && own.info.seat_key == offer.token.key(SeatClass::Staff);
        if !sound {
            return Err(MlsError::from(Violation::NotAllowed).into());
        }
        if !replaceable {
            return Ok(Joined::Later(id.room));
        }
        Sender::forget_all(&self.vault, id.room);
        for leaf in &leaves {
            if contact::meet(&self.vault, &leaf.identity)? == Meeting::Changed {
                cx.event(Event::IdentityChanged(leaf.person()));
            }
        }
        if !offer.last_resort {
            self.vault.delete(Scope::Device, OFFER, key.as_bytes());
        }
        let mut room = Room::new(id.room, offer.token.clone(), SeatClass::Staff, cx.now);
        room.incarnation = id.incarnation;
        if let Some(known) = known {
            room.read_up_to = known.read_up_to;
            room.put_back.clone_from(&known.put_back);
            if let Some(put_back) = &mut room.put_back {
                put_back.insists = false;
            }
            self.found_back(cx, &known, &room, &group, &leaves)?;
            // Others have forgotten the count of a device that was removed.
            self.count_anew(&mut room, &group)?;
        }
        // A key package that others may hold as well is replaced at once.
        if offer.last_resort {
            room.sent_since = u32::MAX;
        }
        room.save(&self.vault)?;
        self.keep_group(id.room, group);
        Ok(Joined::In(id.room))
    }
}

/// What became of a Welcome.
enum Joined {
    /// The device is in the room.
    In(RoomId),
    /// The device is in that room already: nobody is led out of a room that works.
    Later(RoomId),
    /// It is for a key package this device knows nothing of.
    Never,
}
