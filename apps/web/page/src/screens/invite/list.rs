//! All invitations this device made.

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set};
use siegel_web_bridge::view::{Invitation, InvitationState};
use siegel_web_bridge::{Ask, InvitationId, Reply};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use crate::app::{App, Place};
use crate::browser::{dates, spawn};
use crate::screens::shell::page;
use crate::ui::{button, soft, working};
use crate::worker;

pub(in crate::screens) fn view(app: App, texts: Texts) -> AnyView {
    let invitations = load(app);
    let list = move || {
        let Some(invitations) = invitations.get() else {
            return working(texts.loading());
        };
        if invitations.is_empty() {
            return soft(texts.invitations_none());
        }
        let items: Vec<AnyView> = invitations
            .into_iter()
            .map(|invitation| item(app, texts, invitation))
            .collect();
        el::ul().class("items").child(items).into_any()
    };
    let buttons = el::div().class("row").child((
        button(texts.invite_client(), "primary", move || {
            app.go(Place::InviteClient(None));
        }),
        app.is_admin()
            .then(|| button(texts.invite_staff(), "", move || app.go(Place::InviteStaff))),
    ));
    page(app, texts, texts.invitations(), (buttons, list))
}

/// The list, asked for again when it changes.
pub(super) fn load(app: App) -> RwSignal<Option<Vec<Invitation>>> {
    let invitations = RwSignal::new(None);
    Effect::new(move |_| {
        app.invitations.get();
        spawn(async move {
            match worker::ask(Ask::Invitations).await {
                Ok(Reply::Invitations(known)) => invitations.set(Some(known)),
                Ok(_) => {}
                Err(trouble) => app.complain(&trouble),
            }
        });
    });
    invitations
}

/// Takes a link back, after asking.
pub(super) fn withdraw(app: App, id: InvitationId) {
    let texts = app.texts_now();
    app.confirm(texts.withdraw_sure(), texts.withdraw(), move || {
        app.order(Ask::Withdraw(id.clone()));
    });
}

fn item(app: App, texts: Texts, invitation: Invitation) -> AnyView {
    let date = dates::full(texts.spoken(), invitation.expires_at);
    let open = matches!(
        invitation.state,
        InvitationState::Ready { .. } | InvitationState::Preparing
    );
    let state = match invitation.state {
        InvitationState::Preparing => texts.invitation_preparing().to_owned(),
        InvitationState::Ready { .. } => texts.invitation_open(&date),
        InvitationState::Used => texts.invitation_used().to_owned(),
        InvitationState::Expired | InvitationState::Withdrawn => texts.invitation_gone().to_owned(),
    };
    let client = invitation.room.is_some();
    let kind = if client {
        texts.invitation_for_client()
    } else {
        texts.invitation_for_staff()
    };
    let label = match invitation.label.as_str() {
        "" => kind.to_owned(),
        label => label.to_owned(),
    };
    let (shown, taken_back) = (invitation.id.clone(), invitation.id);
    el::li()
        .child(
            el::div().class("item").child((
                el::div().class("grow stack-tight").child((
                    el::strong().attr("dir", "auto").child(label),
                    el::div().class("row").child((
                        el::span()
                            .class(if client { "badge client" } else { "badge" })
                            .child(kind),
                        el::span().class("small soft").child(state),
                    )),
                )),
                open.then(|| {
                    el::div().class("row").child((
                        button(texts.show_link(), "", move || {
                            app.go(Place::Invitation(shown.clone()));
                        }),
                        button(texts.withdraw(), "quiet", move || {
                            withdraw(app, taken_back.clone());
                        }),
                    ))
                }),
            )),
        )
        .into_any()
}
