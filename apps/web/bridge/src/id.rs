//! Ids: opaque to the page, which compares them and hands them back.

use serde::{Deserialize, Serialize};

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),* $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// A room; stable, fit for an address within the app.
    RoomId,
    /// A message.
    MessageId,
    /// A person.
    PersonId,
    /// One device of a person.
    DeviceId,
    /// An invitation this device made.
    InvitationId,
}
