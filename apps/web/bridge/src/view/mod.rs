//! What the page shows.

mod card;
mod hours;
mod line;
mod people;
mod room;
mod standing;

pub use card::{CardField, DataCard, FieldKind};
pub use hours::{EmergencyNumber, Hours, Reads, Span};
pub use line::{
    Body, Consent, Delivery, Excerpt, ExcerptKind, FileView, Forwarded, Hit, Line, Lines, MyData,
    MyRoom, Notice, Pending, PendingWhat, PersonRef, Reaction, Shows,
};
pub use people::{Device, Invitation, InvitationState, Member, Person, Profile, Role};
pub use room::{Room, RoomCard, RoomState};
pub use standing::{Link, LinkView, LockScreen, PasskeyView, Policy, Standing, Unusable};
