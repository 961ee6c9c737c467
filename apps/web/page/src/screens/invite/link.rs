//! A link to pass on: as text, as a QR code, on paper.

use reactive_graph::traits::With;
use siegel_web_bridge::InvitationId;
use siegel_web_bridge::view::{Invitation, InvitationState};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::list::{load, withdraw};
use crate::app::{App, Place};
use crate::browser::{self, dates, spawn};
use crate::screens::shell::page;
use crate::ui::{button, qr, soft, text, working};

pub(in crate::screens) fn view(app: App, texts: Texts, id: InvitationId) -> AnyView {
    let invitations = load(app);
    let content = move || {
        let found = invitations.with(|all| {
            let all = all.as_ref()?;
            Some(all.iter().find(|one| one.id == id).cloned())
        });
        match found {
            None => working(texts.loading()),
            Some(None) => soft(texts.invitation_gone()),
            Some(Some(invitation)) => card(app, texts, invitation),
        }
    };
    page(app, texts, texts.link_ready(), content)
}

fn card(app: App, texts: Texts, invitation: Invitation) -> AnyView {
    let link = match &invitation.state {
        InvitationState::Ready { link } => link.clone(),
        InvitationState::Preparing => return working(texts.making_link()),
        InvitationState::Used => return text(texts.invitation_used()),
        InvitationState::Expired | InvitationState::Withdrawn => {
            return text(texts.invitation_gone());
        }
    };
    let until = dates::full(texts.spoken(), invitation.expires_at);
    let copied = link.clone();
    let copy = move || {
        let link = copied.clone();
        spawn(async move {
            if browser::copy(&link).await {
                app.say(app.texts_now().copied());
            }
        });
    };
    let print = || {
        // A browser without printers says so itself.
        browser::window().print().ok();
    };
    let id = invitation.id.clone();
    let room = invitation.room.clone();
    (
        el::section().class("card").child((
            (!invitation.label.is_empty())
                .then(|| el::h2().attr("dir", "auto").child(invitation.label.clone())),
            text(texts.link_valid(&until)),
            qr(&link, texts.link_qr()),
            el::p().class("link-text").child(link.clone()),
            el::div().class("row").child((
                button(texts.link_copy(), "primary", copy),
                button(texts.link_print(), "", print),
                button(texts.withdraw(), "quiet", move || withdraw(app, id.clone())),
            )),
        )),
        room.map(|room| {
            button(texts.open_room(), "", move || {
                app.go(Place::Room(room.clone()));
            })
        }),
        sheet(texts, &link, &until),
    )
        .into_any()
}

/// What is printed: few words, a large code. It names neither the organisation nor a person.
fn sheet(texts: Texts, link: &str, until: &str) -> AnyView {
    el::div()
        .class("print-only")
        .child((
            el::h2().child(texts.print_title()),
            qr(link, texts.link_qr()),
            el::ol().child((
                el::li().child(texts.print_step_scan()),
                el::li().child(texts.print_step_open()),
                el::li().child(texts.print_step_read()),
            )),
            el::p().child(texts.link_valid(until)),
            el::p().class("link-text").child(link.to_owned()),
        ))
        .into_any()
}
