//! What a person keeps about rooms and people for themselves: labels, muted and archived
//! rooms, drafts, settings of the app. Nobody else ever sees it. It stands in the device's
//! scope of the vault, apart from the rooms, so that it can travel to the account's other
//! devices.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use siegel_proto::ids::{MessageId, PersonId, RoomId};
use siegel_proto::{OutOfBounds, Part, limits};

use crate::client::{Client, Cx};
use crate::contact::Contact;
use crate::error::{Error, Hindrance, Thing};
use crate::event::Event;
use crate::room::{Room, Stage};
use crate::vault::{Scope, Table, Vault};

const ROOM: Table = Table::new("own-room");
const SETTING: Table = Table::new("setting");

/// A wish that concerns this person's own view alone.
#[derive(Debug, Clone)]
pub enum Local {
    /// Calls a person by a name of one's own; empty takes it back.
    Label {
        /// Whom.
        person: PersonId,
        /// How.
        label: String,
    },
    /// Lets a room be silent, or not.
    Mute {
        /// The room.
        room: RoomId,
        /// Silent from now on.
        muted: bool,
    },
    /// Puts a room out of sight, or back.
    Archive {
        /// The room.
        room: RoomId,
        /// Out of sight from now on.
        archived: bool,
    },
    /// Keeps what is being written; empty forgets it.
    Draft {
        /// The room.
        room: RoomId,
        /// What.
        draft: Draft,
    },
    /// Keeps something for the app; empty forgets it.
    Set {
        /// Its name, chosen by the app.
        name: String,
        /// Opaque.
        value: Vec<u8>,
    },
    /// Deletes a room this device is no longer in, with everything that was said there.
    Forget(RoomId),
}

/// What is being written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The text so far.
    pub text: String,
    /// The message it answers.
    pub reply_to: Option<MessageId>,
}

impl Draft {
    /// Whether there is nothing to keep.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.text.is_empty() && self.reply_to.is_none()
    }
}

/// How a person sees a room.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnView {
    /// It is silent.
    pub muted: bool,
    /// It is out of sight.
    pub archived: bool,
    /// What is being written there.
    pub draft: Draft,
}

impl OwnView {
    pub(crate) fn load(vault: &Vault, room: RoomId) -> Result<Self, Error> {
        let row = vault.get(Scope::Device, ROOM, room.as_bytes())?;
        Ok(row.unwrap_or_default())
    }

    fn save(&self, vault: &Vault, room: RoomId) -> Result<(), Error> {
        if *self == Self::default() {
            vault.delete(Scope::Device, ROOM, room.as_bytes());
            return Ok(());
        }
        Ok(vault.put(Scope::Device, ROOM, room.as_bytes(), self)?)
    }
}

impl Client {
    /// What the app has kept under a name.
    ///
    /// # Errors
    /// [`Error::Vault`] if the row cannot be read.
    pub fn setting(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let value: Option<serde_bytes::ByteBuf> =
            self.vault.get(Scope::Device, SETTING, name.as_bytes())?;
        Ok(value.map(serde_bytes::ByteBuf::into_vec))
    }

    /// Everything the app has kept.
    ///
    /// # Errors
    /// [`Error::Vault`] if a row cannot be read.
    pub fn settings(&self) -> Result<BTreeMap<String, Vec<u8>>, Error> {
        let rows: Vec<(_, serde_bytes::ByteBuf)> = self.vault.scan(Scope::Device, SETTING, &[])?;
        let text = |name: Vec<u8>| String::from_utf8_lossy(&name).into_owned();
        Ok(rows
            .into_iter()
            .map(|(name, value)| (text(name), value.into_vec()))
            .collect())
    }

    pub(crate) fn local(&mut self, cx: &mut Cx, wish: Local) -> Result<(), Error> {
        match wish {
            Local::Label { person, label } => self.label(cx, person, label),
            Local::Mute { room, muted } => self.change_view(cx, room, |view| view.muted = muted),
            Local::Archive { room, archived } => {
                self.change_view(cx, room, |view| view.archived = archived)
            }
            Local::Draft { room, draft } => {
                if draft.text.len() > limits::TEXT_BYTES {
                    return Err(OutOfBounds(Part::Text).into());
                }
                self.change_view(cx, room, |view| view.draft = draft)
            }
            Local::Set { name, value } => self.set(cx, &name, value),
            Local::Forget(room) => self.forget(cx, room),
        }
    }

    fn label(&mut self, cx: &mut Cx, person: PersonId, label: String) -> Result<(), Error> {
        if label.len() > limits::NAME_BYTES {
            return Err(OutOfBounds(Part::Name).into());
        }
        let mut contact =
            Contact::load(&self.vault, person)?.ok_or(Error::Unknown(Thing::Person))?;
        contact.label = label;
        contact.save(&self.vault)?;
        cx.event(Event::ContactsChanged);
        Ok(())
    }

    fn change_view(
        &mut self,
        cx: &mut Cx,
        room: RoomId,
        change: impl FnOnce(&mut OwnView),
    ) -> Result<(), Error> {
        Room::load(&self.vault, room)?;
        let mut view = OwnView::load(&self.vault, room)?;
        change(&mut view);
        view.save(&self.vault, room)?;
        cx.event(Event::RoomChanged(room));
        Ok(())
    }

    fn set(&mut self, cx: &mut Cx, name: &str, value: Vec<u8>) -> Result<(), Error> {
        if name.is_empty() || name.len() > limits::SETTING_NAME_BYTES {
            return Err(OutOfBounds(Part::Setting).into());
        }
        if value.len() > limits::SETTING_BYTES {
            return Err(OutOfBounds(Part::Setting).into());
        }
        let key = name.as_bytes();
        if value.is_empty() {
            self.vault.delete(Scope::Device, SETTING, key);
        } else {
            let known = self.vault.contains(Scope::Device, SETTING, key);
            let kept = self.vault.keys(Scope::Device, SETTING, &[]).len();
            if !known && kept >= limits::SETTINGS {
                return Err(OutOfBounds(Part::Setting).into());
            }
            let value = serde_bytes::ByteBuf::from(value);
            self.vault.put(Scope::Device, SETTING, key, &value)?;
        }
        cx.event(Event::SettingsChanged);
        Ok(())
    }

    fn forget(&mut self, cx: &mut Cx, id: RoomId) -> Result<(), Error> {
        let room = Room::load(&self.vault, id)?;
        if room.stage != Stage::Removed && !room.shut {
            return Err(Error::NotAllowed(Hindrance::StillMember));
        }
        self.drop_group(id);
        room.delete(&self.vault);
        self.vault.delete(Scope::Device, ROOM, id.as_bytes());
        cx.event(Event::RoomChanged(id));
        Ok(())
    }
}
