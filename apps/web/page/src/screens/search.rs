//! Searching through all rooms.

use reactive_graph::effect::Effect;
use reactive_graph::owner::StoredValue;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, Set, SetValue};
use siegel_web_bridge::view::{ExcerptKind, Hit};
use siegel_web_bridge::{Ask, Reply};
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use super::rooms::excerpt_kind;
use super::shell::room_name;
use crate::app::{App, Place};
use crate::browser::{self, clock, dates, spawn};
use crate::ui::{Icon, icon};
use crate::worker;

const MOST_HITS: u32 = 50;
const PAUSE_MILLISECONDS: i32 = 200;

/// The field above the list.
pub(super) fn field(texts: Texts, sought: RwSignal<String>) -> AnyView {
    el::div()
        .class("search-box")
        .role("search")
        .child((
            icon(Icon::Search),
            el::input()
                .attr("type", "search")
                .id("search")
                .class("input")
                .attr("autocomplete", "off")
                .aria_label(texts.search_hint())
                .attr("placeholder", texts.search())
                .prop("value", move || sought.get())
                .on(ev::input, move |event| sought.set(browser::value(&event))),
        ))
        .into_any()
}

/// What was found; asks again when typing pauses.
pub(super) fn results(app: App, texts: Texts, sought: RwSignal<String>) -> AnyView {
    let hits: RwSignal<Option<Vec<Hit>>> = RwSignal::new(None);
    let pause = StoredValue::new_local(None);
    Effect::new(move |_| {
        let text = sought.get();
        let ask = move || {
            let text = text.clone();
            spawn(async move {
                let search = Ask::Search {
                    text,
                    room: None,
                    most: MOST_HITS,
                };
                match worker::ask(search).await {
                    Ok(Reply::Hits(found)) => hits.set(Some(found)),
                    Ok(_) => {}
                    Err(trouble) => app.complain(&trouble),
                }
            });
        };
        pause.set_value(clock::later(PAUSE_MILLISECONDS, ask));
    });
    (move || {
        let found = hits.get()?;
        if found.is_empty() {
            let none = el::p().class("empty").role("status");
            return Some(none.child(texts.search_none()).into_any());
        }
        let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
        let items: Vec<AnyView> = found
            .into_iter()
            .map(|hit| el::li().child(hit_view(app, texts, hit)).into_any())
            .collect();
        let counted = el::p()
            .class("sr-only")
            .role("status")
            .child(texts.search_results(count));
        Some((counted, el::ul().class("rooms").child(items)).into_any())
    })
    .into_any()
}

fn hit_view(app: App, texts: Texts, hit: Hit) -> AnyView {
    let room = hit.room.clone();
    let seq = hit.excerpt.seq;
    el::button()
        .attr("type", "button")
        .class("room-card")
        .on(ev::click, move |_| {
            super::conversation::aim(seq);
            // Also when the room is open already.
            app.place.set(Place::Rooms);
            app.go(Place::Room(room.clone()));
        })
        .child((
            el::span(),
            el::span().class("grow").child((
                el::span()
                    .class("room-name line")
                    .child(room_name(texts, &hit.room_title)),
                el::span().class("line small soft").child((
                    hit.excerpt.author_name.clone(),
                    " · ",
                    dates::short(texts, hit.excerpt.at),
                )),
                el::span().attr("dir", "auto").child(marked(texts, &hit)),
            )),
        ))
        .into_any()
}

/// The text with what was found marked.
fn marked(texts: Texts, hit: &Hit) -> Vec<AnyView> {
    let ExcerptKind::Text(text) = &hit.excerpt.kind else {
        return vec![excerpt_kind(texts, &hit.excerpt.kind).into_any()];
    };
    let mut parts = Vec::new();
    let mut from = 0;
    for (start, end) in &hit.marks {
        let (start, end) = (*start as usize, *end as usize);
        if let (Some(before), Some(found)) = (text.get(from..start), text.get(start..end)) {
            parts.push(before.to_owned().into_any());
            parts.push(el::mark().child(found.to_owned()).into_any());
            from = end;
        }
    }
    parts.push(text.get(from..).unwrap_or_default().to_owned().into_any());
    parts
}
