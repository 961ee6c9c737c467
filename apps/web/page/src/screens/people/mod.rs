//! People: members of a room, adding and removing, and knowing that they are who they are.

pub(super) mod add;
mod consents;
pub(super) mod devices;
pub(super) mod label;
pub(super) mod members;
pub(super) mod verify;

use siegel_web_bridge::view::{Person, Role};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

/// What to call somebody.
pub(super) fn name(texts: Texts, person: &Person) -> String {
    match (person.name.as_str(), person.role) {
        ("", Role::Client) => texts.role_client().to_owned(),
        ("", _) => texts.contact_person().to_owned(),
        (name, _) => name.to_owned(),
    }
}

/// What somebody is, as a badge.
pub(super) fn role_badge(texts: Texts, role: Role) -> AnyView {
    let (words, class) = match role {
        Role::Client => (texts.role_client(), "badge client"),
        Role::Staff => (texts.role_staff(), "badge"),
        Role::Admin => (texts.role_admin(), "badge"),
    };
    el::span().class(class).child(words).into_any()
}

/// How sure it is who somebody is, in plain words.
pub(super) fn trust_badge(texts: Texts, person: &Person) -> AnyView {
    let (words, class) = if person.revoked {
        (texts.status_revoked(), "badge bad")
    } else if person.changed {
        (texts.status_changed(), "badge bad")
    } else if person.provisional {
        (texts.status_provisional(), "badge")
    } else if person.verified {
        (texts.status_verified(), "badge good")
    } else {
        (texts.status_unverified(), "badge")
    };
    el::span().class(class).child(words).into_any()
}
