//! Who agreed to which text, in which language, when, and who took it back.

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set};
use siegel_web_bridge::view::Consent;
use siegel_web_bridge::{Ask, Reply, RoomId};
use siegel_web_texts::{Language, Texts};
use tachys::html::element as el;
use tachys::prelude::*;

use crate::app::App;
use crate::browser::{dates, spawn};
use crate::ui::soft;
use crate::worker;

/// The ledger of a room with a client.
pub(super) fn view(app: App, texts: Texts, room: RoomId) -> AnyView {
    let consents: RwSignal<Option<Vec<Consent>>> = RwSignal::new(None);
    Effect::new(move |_| {
        app.lines.get();
        let room = room.clone();
        spawn(async move {
            match worker::ask(Ask::Consents(room)).await {
                Ok(Reply::Consents(known)) => consents.set(Some(known)),
                Ok(_) => {}
                Err(trouble) => app.complain(&trouble),
            }
        });
    });
    let list = move || {
        let known = consents.get()?;
        if known.is_empty() {
            return Some(soft(texts.consents_none()));
        }
        let items: Vec<AnyView> = known.into_iter().map(|one| item(texts, one)).collect();
        Some(el::ul().class("items").child(items).into_any())
    };
    el::section()
        .child((el::h2().child(texts.consents()), list))
        .into_any()
}

fn item(texts: Texts, consent: Consent) -> AnyView {
    let date = dates::full(texts.spoken(), consent.at);
    let (words, class) = if consent.granted {
        (texts.consent_granted(&date), "badge good")
    } else {
        (texts.consent_taken_back(&date), "badge bad")
    };
    let language = Language::from_code(&consent.language);
    let language = language.map_or(consent.language, |known| known.own_name().to_owned());
    let name = match consent.person.name.as_str() {
        "" => texts.role_client().to_owned(),
        name => name.to_owned(),
    };
    el::li()
        .child(
            el::div().class("item").child((
                el::div().class("grow stack-tight").child((
                    el::strong().attr("dir", "auto").child(name),
                    el::span()
                        .class("small soft")
                        .child(texts.consent_text(&language, &consent.notice_version)),
                )),
                el::span().class(class).child(words),
            )),
        )
        .into_any()
}
