//! Data cards: what is shown of one, and the dialog that makes one.

mod form;
mod sniff;

use siegel_web_bridge::view::{CardField, DataCard, FieldKind};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::Talk;
use crate::browser::{self, clock, dates, spawn};
use crate::screens::dialog::Dialog;
use crate::ui::{Icon, IconButton, button, icon, icon_button};

pub(in crate::screens) use form::view as dialog;

/// The card as it stands in a message.
pub(super) fn view(talk: Talk, card: &DataCard) -> AnyView {
    let texts = talk.texts;
    let fields: Vec<AnyView> = card
        .fields
        .iter()
        .map(|field| field_view(talk, field))
        .collect();
    el::div()
        .class("data-card")
        .child((
            el::p()
                .class("data-card-title")
                .child((icon(Icon::Card), el::span().child(texts.data_card()))),
            el::dl().child(fields),
        ))
        .into_any()
}

fn field_view(talk: Talk, field: &CardField) -> AnyView {
    let texts = talk.texts;
    let name = name(texts, field);
    let gone = field.value.is_empty();
    let until = (!gone && field.expires_day > 0).then(|| {
        let date = dates::utc_day(texts.spoken(), field.expires_day);
        el::span()
            .class("small soft")
            .child(texts.field_until(&date))
    });
    let value = match gone {
        true => el::span()
            .class("soft")
            .child(texts.field_gone())
            .into_any(),
        false => el::span()
            .attr("dir", "auto")
            .child(field.value.clone())
            .into_any(),
    };
    let (copied, label) = (field.value.clone(), texts.copy_field(&name));
    let copy = (!gone && !talk.app.is_client()).then(|| {
        icon_button(label, Icon::Copy, move || {
            let (app, value) = (talk.app, copied.clone());
            spawn(async move {
                if browser::copy(&value).await {
                    app.say(app.texts_now().copied());
                }
            });
        })
    });
    el::div()
        .class("data-card-field")
        .child((
            el::dt().attr("dir", "auto").child(name),
            el::dd().child((el::div().class("stack-none").child((value, until)), copy)),
        ))
        .into_any()
}

/// What a field is called.
pub(in crate::screens) fn name(texts: Texts, field: &CardField) -> String {
    match (field.kind, field.label.as_str()) {
        (FieldKind::Name, _) => texts.field_name().to_owned(),
        (FieldKind::BirthDate, _) => texts.field_birth_date().to_owned(),
        (FieldKind::Address, _) => texts.field_address().to_owned(),
        (FieldKind::Phone, _) => texts.field_phone().to_owned(),
        (FieldKind::Other, "") => texts.data_card().to_owned(),
        (FieldKind::Other, label) => label.to_owned(),
    }
}

/// Offers a card when what is being written looks as if it belonged on one.
pub(super) fn hint(talk: Talk) -> AnyView {
    use reactive_graph::computed::Memo;
    use reactive_graph::signal::RwSignal;
    use reactive_graph::traits::{Get, GetUntracked, Set, With};

    let texts = talk.texts;
    // Who does not want a card for this message is not asked again with the next letter.
    let declined = RwSignal::new(false);
    let empty = Memo::new(move |_| talk.text.with(String::is_empty));
    reactive_graph::effect::Effect::new(move |_| {
        if empty.get() {
            declined.set(false);
        }
    });
    let looks = Memo::new(move |_| {
        !declined.get()
            && talk
                .text
                .with(|text| !sniff::sniff(text, clock::year()).is_empty())
    });
    el::div()
        .role("status")
        .child(move || {
            looks.get().then(|| {
                el::div().class("composer-hint").child((
                    el::span().class("grow").child(texts.card_hint()),
                    button(texts.card_instead(), "", move || {
                        let found = sniff::sniff(&talk.text.get_untracked(), clock::year());
                        talk.app.dialog.set(Some(Dialog::Card(talk, found)));
                    }),
                    IconButton {
                        label: texts.close().into(),
                        picture: Icon::Close,
                        look: "",
                    }
                    .view(move || declined.set(true)),
                ))
            })
        })
        .into_any()
}
