//! Links for clients and colleagues.

pub(super) mod client;
pub(super) mod link;
pub(super) mod list;
pub(super) mod staff;

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::Set;
use siegel_web_bridge::{Ask, Reply};

use crate::app::{App, Place};
use crate::browser::spawn;
use crate::{trouble, worker};

/// Makes an invitation and shows it when its link can be passed on.
fn make(app: App, ask: Ask, busy: RwSignal<bool>, error: RwSignal<Option<String>>) {
    busy.set(true);
    error.set(None);
    spawn(async move {
        let answer = worker::ask(ask).await;
        busy.set(false);
        match answer {
            Ok(Reply::Invitation(invitation)) => app.go_on(Place::Invitation(invitation.id)),
            Ok(_) => {}
            Err(trouble) => error.set(Some(trouble::sentence(app.texts_now(), &trouble))),
        }
    });
}
