//! A link to pass on: as text, as a QR code, on paper.

use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, With};
use siegel_web_bridge::InvitationId;
use siegel_web_bridge::view::{Invitation, InvitationState};
use siegel_web_texts::{Language, Texts};
use tachys::html::element as el;
use tachys::prelude::*;

use super::list::{load, withdraw};
use crate::app::{App, Place};
use crate::browser::{self, dates, spawn};
use crate::screens::shell::page;
use crate::ui::{button, choose_language, qr, soft, text, working};

pub(in crate::screens) fn view(app: App, texts: Texts, id: InvitationId) -> AnyView {
    let invitations = load(app);
    // Outlives the card, which is drawn anew with every news of invitations.
    let printed = RwSignal::new(texts.spoken().code().to_owned());
    let content = move || {
        let found = invitations.with(|all| {
            let all = all.as_ref()?;
            Some(all.iter().find(|one| one.id == id).cloned())
        });
        match found {
            None => working(texts.loading()),
            Some(None) => soft(texts.invitation_gone()),
            Some(Some(invitation)) => card(app, texts, invitation, printed),
        }
    };
    page(app, texts, texts.link_ready(), content)
}

fn card(app: App, texts: Texts, invitation: Invitation, printed: RwSignal<String>) -> AnyView {
    let link = match &invitation.state {
        InvitationState::Ready { link } => link.clone(),
        InvitationState::Preparing => return working(texts.making_link()),
        InvitationState::Used => return text(texts.invitation_used()),
        InvitationState::Expired | InvitationState::Withdrawn => {
            return text(texts.invitation_gone());
        }
    };
    let expires_at = invitation.expires_at;
    let until = dates::full(texts.spoken(), expires_at);
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
    let languages: &[Language] = match &room {
        Some(_) => &Language::ALL,
        None => &Language::STAFF,
    };
    let on_paper = link.clone();
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
            el::label().class("field").child((
                el::span()
                    .class("field-label")
                    .child(texts.print_language()),
                choose_language(printed, languages),
            )),
        )),
        room.map(|room| {
            button(texts.open_room(), "", move || {
                app.go(Place::Room(room.clone()));
            })
        }),
        move || {
            let language = Language::from_code(&printed.get()).unwrap_or(texts.spoken());
            sheet(Texts::speaking(language), &on_paper, expires_at)
        },
    )
        .into_any()
}

/// What is printed, in the language of whoever gets it: few words, a large code. It names
/// neither the organisation nor a person.
fn sheet(theirs: Texts, link: &str, expires_at: i64) -> AnyView {
    let language = theirs.spoken();
    let direction = match language.is_right_to_left() {
        true => "rtl",
        false => "ltr",
    };
    el::div()
        .class("print-only")
        .attr("lang", language.code())
        .attr("dir", direction)
        .child((
            el::h2().child(theirs.print_title()),
            qr(link, theirs.print_title()),
            el::ol().child((
                el::li().child(theirs.print_step_scan()),
                el::li().child(theirs.print_step_open()),
                el::li().child(theirs.print_step_read()),
            )),
            el::p().child(theirs.link_valid(&dates::full(language, expires_at))),
            el::p()
                .class("link-text")
                .attr("dir", "ltr")
                .child(link.to_owned()),
        ))
        .into_any()
}
