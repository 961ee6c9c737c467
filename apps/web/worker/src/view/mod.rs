//! What the client core knows, as the page shows it.

pub mod card;
mod excerpt;
pub mod file;
pub mod forward;
pub mod hours;
pub mod line;
mod names;
pub mod people;
pub mod room;
pub mod search;

use std::str::FromStr;

use siegel_client_core::Error;
use siegel_client_core::room::invitation::InvitationId;
use siegel_proto::ids::{DeviceId, MessageId, PersonId, RoomId};
use siegel_web_bridge as bridge;
use siegel_web_bridge::{Thing, Trouble};

use crate::trouble;

/// Reads an id that came from the page.
pub trait Parse<T> {
    /// The core's id.
    ///
    /// # Errors
    /// [`Trouble::Unknown`]: no worker ever gave out such an id.
    fn parse(&self) -> Result<T, Trouble>;
}

macro_rules! parse {
    ($($from:ident => $to:ty, $thing:ident;)*) => {$(
        impl Parse<$to> for bridge::$from {
            fn parse(&self) -> Result<$to, Trouble> {
                <$to>::from_str(&self.0).map_err(|_| Trouble::Unknown(Thing::$thing))
            }
        }
    )*};
}

parse! {
    RoomId => RoomId, Room;
    MessageId => MessageId, Message;
    PersonId => PersonId, Person;
    DeviceId => DeviceId, Person;
}

impl Parse<InvitationId> for bridge::InvitationId {
    fn parse(&self) -> Result<InvitationId, Trouble> {
        data_encoding::BASE64URL_NOPAD
            .decode(self.0.as_bytes())
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .map(InvitationId)
            .ok_or(Trouble::Unknown(Thing::Invitation))
    }
}

/// An id for the page.
pub fn room_id(room: RoomId) -> bridge::RoomId {
    bridge::RoomId(room.to_string())
}

/// An id for the page.
pub fn message_id(message: MessageId) -> bridge::MessageId {
    bridge::MessageId(message.to_string())
}

/// An id for the page.
pub fn person_id(person: PersonId) -> bridge::PersonId {
    bridge::PersonId(person.to_string())
}

/// An id for the page.
pub fn device_id(device: DeviceId) -> bridge::DeviceId {
    bridge::DeviceId(device.to_string())
}

/// An id for the page.
pub fn invitation_id(invitation: InvitationId) -> bridge::InvitationId {
    bridge::InvitationId(data_encoding::BASE64URL_NOPAD.encode(&invitation.0))
}

/// What the core refuses, for the page.
fn of_core<T>(outcome: Result<T, Error>) -> Result<T, Trouble> {
    outcome.map_err(|error| trouble::of_core(&error))
}
