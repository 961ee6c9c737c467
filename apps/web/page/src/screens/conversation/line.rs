//! A message: who, what, and how far it is.

use reactive_graph::traits::Set;
use siegel_web_bridge::view::{Body, Delivery, Excerpt, Line, PersonRef, Reaction};
use siegel_web_bridge::{Compose, FailReason, MessageId, Trouble};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::lines::scroll_to_line;
use super::{Talk, card, file, forward, mentions};
use crate::browser::dates;
use crate::screens::dialog::Dialog;
use crate::screens::rooms::excerpt_kind;
use crate::trouble;
use crate::ui::{Icon, button, icon, icon_button};

/// A message that is in the log.
pub(super) fn view(talk: Talk, line: Line, first: bool) -> AnyView {
    let texts = talk.texts;
    let name = author(texts, &line);
    let time = dates::time(texts.spoken(), line.at);
    let more = (line.message.is_some() && line.body != Body::Deleted).then(|| {
        let line = line.clone();
        el::span().class("line-more").child(icon_button(
            texts.more_actions(),
            Icon::More,
            move || {
                talk.app
                    .dialog
                    .set(Some(Dialog::Line(talk, Box::new(line.clone()))));
            },
        ))
    });
    let class = row_class(line.own, first);
    let shows_author = first && !line.own;
    let reactions = reactions(talk, line.message.clone(), &line.reactions);
    let meta = el::p().class("meta").child((
        el::span().aria_hidden("true").child(time.clone()),
        line.edited
            .then(|| el::span().class("edited").child(texts.edited())),
        delivery(texts, line.delivery),
    ));
    el::article()
        .class(class)
        .aria_label(format!("{name}, {time}"))
        .child((
            shows_author.then(|| {
                el::p()
                    .class("author")
                    .attr("dir", "auto")
                    .aria_hidden("true")
                    .child(name)
            }),
            el::div()
                .class("bubble-line")
                .child((said(talk, &line), more)),
            reactions,
            meta,
        ))
        .into_any()
}

/// An own message that waits or failed.
pub(super) fn pending(
    talk: Talk,
    message: MessageId,
    body: &Body,
    failed: Option<FailReason>,
    first: bool,
) -> AnyView {
    let texts = talk.texts;
    let state = match failed {
        None => el::p()
            .class("meta")
            .child((icon(Icon::Clock), el::span().child(texts.state_waiting())))
            .into_any(),
        Some(reason) => {
            let why = trouble::sentence(texts, &Trouble::Failed(reason));
            el::div()
                .class("meta failed")
                .child((
                    icon(Icon::Warning),
                    el::span().child(format!("{}. {why}", texts.state_failed())),
                    button(texts.delete(), "quiet", move || {
                        talk.discard(message.clone())
                    }),
                ))
                .into_any()
        }
    };
    el::article()
        .class(row_class(true, first))
        .aria_label(texts.you())
        .child((
            el::div()
                .class("bubble-line")
                .child(
                    el::div()
                        .class("bubble")
                        .child(content(talk, body, None, &[])),
                ),
            state,
        ))
        .into_any()
}

/// What to call who wrote a line.
pub(in crate::screens) fn author(texts: Texts, line: &Line) -> String {
    match (line.own, line.author_name.as_str()) {
        (true, _) => texts.you().to_owned(),
        (false, "") => texts.contact_person().to_owned(),
        (false, name) => name.to_owned(),
    }
}

fn row_class(own: bool, first: bool) -> String {
    let mut class = "bubble-row".to_owned();
    if own {
        class.push_str(" own");
    }
    if first {
        class.push_str(" first");
    }
    class
}

/// What a line says, with where it comes from.
fn said(talk: Talk, line: &Line) -> AnyView {
    let texts = talk.texts;
    if line.body == Body::Deleted {
        let gone = el::div().class("bubble gone");
        return gone.child(texts.deleted_line()).into_any();
    }
    let names_me = line.mentions.iter().any(|person| person.own);
    let class = if names_me { "bubble named" } else { "bubble" };
    let origin = line.forwarded.as_ref();
    el::div()
        .class(class)
        .child((
            origin.map(|forwarded| forward::origin(texts, forwarded)),
            content(talk, &line.body, line.message.as_ref(), &line.mentions),
        ))
        .into_any()
}

fn content(
    talk: Talk,
    body: &Body,
    message: Option<&MessageId>,
    mentions: &[PersonRef],
) -> AnyView {
    let texts = talk.texts;
    match body {
        Body::Text { body, reply_to } => (
            reply_to.as_ref().map(|excerpt| quote(texts, excerpt)),
            el::p()
                .class("bubble-text")
                .attr("dir", "auto")
                .child(mentions::marked(texts, body, mentions)),
        )
            .into_any(),
        Body::File(view) => file::view(talk, view.clone(), message.cloned()),
        Body::Card(card) => card::view(talk, card),
        _ => texts.deleted_line().into_any(),
    }
}

/// What a message answers; pressing it leads there, if it is on the screen.
fn quote(texts: Texts, excerpt: &Excerpt) -> AnyView {
    let name = match (excerpt.own, excerpt.author_name.as_str()) {
        (true, _) => texts.you(),
        (false, name) => name,
    };
    let seq = excerpt.seq;
    el::button()
        .attr("type", "button")
        .class("quote")
        .aria_label(texts.reply_to(name))
        .on(ev::click, move |_| scroll_to_line(seq))
        .child((
            el::strong().child(name.to_owned()),
            el::br(),
            el::span()
                .attr("dir", "auto")
                .child(excerpt_kind(texts, &excerpt.kind)),
        ))
        .into_any()
}

fn reactions(talk: Talk, message: Option<MessageId>, reactions: &[Reaction]) -> Option<AnyView> {
    let message = message.filter(|_| !reactions.is_empty())?;
    let texts = talk.texts;
    let items: Vec<AnyView> = reactions
        .iter()
        .map(|reaction| {
            let names: Vec<&str> = reaction
                .people
                .iter()
                .map(|person| match (person.own, person.name.as_str()) {
                    (true, _) => texts.you(),
                    (false, "") => texts.contact_person(),
                    (false, name) => name,
                })
                .collect();
            let (emoji, own, target) = (reaction.emoji.clone(), reaction.own, message.clone());
            let press = move |_| {
                talk.say(Compose::React {
                    target: target.clone(),
                    emoji: if own { String::new() } else { emoji.clone() },
                });
            };
            let label = texts.reaction_by(&reaction.emoji, &names.join(", "));
            let shown = match reaction.people.len() {
                1 => reaction.emoji.clone(),
                count => format!("{} {count}", reaction.emoji),
            };
            el::li()
                .child(
                    el::button()
                        .attr("type", "button")
                        .class("reaction")
                        .aria_pressed(if own { "true" } else { "false" })
                        .aria_label(label.clone())
                        .title(label)
                        .on(ev::click, press)
                        .child(shown),
                )
                .into_any()
        })
        .collect();
    Some(el::ul().class("reactions").child(items).into_any())
}

fn delivery(texts: Texts, delivery: Option<Delivery>) -> Option<AnyView> {
    let sentence = match delivery? {
        Delivery::Sent | Delivery::Read { by: 0, .. } => texts.state_sent().to_owned(),
        Delivery::Delivered => texts.state_delivered().to_owned(),
        Delivery::Read { by, of } if by >= of => texts.state_read().to_owned(),
        Delivery::Read { by, of } => texts.state_read_by(&by.to_string(), &of.to_string()),
    };
    Some((icon(Icon::Check), el::span().child(sentence)).into_any())
}
