//! For clients: whether somebody reads, when again, and whom to call until then.

use reactive_graph::traits::{GetUntracked, With};
use siegel_web_bridge::view::{EmergencyNumber, Reads};
use siegel_web_texts::Texts;
use tachys::html::element as el;
use tachys::prelude::*;

use super::Talk;
use crate::browser::{clock, dates, spawn};
use crate::ui::{Icon, icon};

/// Between two looks at the clock while a room is open.
const ROUND_MILLISECONDS: i32 = 60_000;

/// Above the lines, while nobody reads.
pub(super) fn banner(talk: Talk) -> Option<AnyView> {
    if !talk.app.is_client() {
        return None;
    }
    let texts = talk.texts;
    keep_current(talk);
    let view = move || {
        let reads = talk.info.with(|info| {
            info.as_ref()
                .map(|info| info.reads.clone())
                .unwrap_or_default()
        });
        let now = clock::now();
        let closed = !reads.is_empty() && reads.iter().all(|one| one.opens_at > now);
        closed.then(|| closed_view(talk, texts, &reads))
    };
    Some(el::div().role("status").child(view).into_any())
}

/// Asks again every minute: hours begin and end while the room is open.
fn keep_current(talk: Talk) {
    spawn(async move {
        while talk.room.try_get_untracked().is_some() {
            clock::pause(ROUND_MILLISECONDS).await;
            super::load_info(talk).await;
        }
    });
}

fn closed_view(talk: Talk, texts: Texts, reads: &[Reads]) -> AnyView {
    let soonest = reads.iter().min_by_key(|one| one.opens_at);
    let again = soonest.map(|one| {
        let date = dates::appointment(texts.spoken(), one.opens_at);
        match one
            .person
            .as_ref()
            .map_or("", |person| person.name.as_str())
        {
            "" => texts.reads_again(&date),
            name => texts.reads_again_by(&date, name),
        }
    });
    let notes: Vec<AnyView> = reads
        .iter()
        .filter(|one| !one.hours.note.is_empty())
        .map(|one| {
            el::p()
                .attr("dir", "auto")
                .child(one.hours.note.clone())
                .into_any()
        })
        .collect();
    let numbers = numbers_of(reads).unwrap_or_else(|| talk.app.emergency());
    el::div()
        .class("banner away")
        .child((
            icon(Icon::Clock),
            el::div().class("stack-none grow").child((
                el::p().child((el::strong().child(texts.nobody_reads()), " ", again)),
                notes,
                emergency(texts, &numbers),
            )),
        ))
        .into_any()
}

fn numbers_of(reads: &[Reads]) -> Option<Vec<EmergencyNumber>> {
    let told = reads.iter().find(|one| !one.hours.emergency.is_empty())?;
    Some(told.hours.emergency.clone())
}

/// Whom to call, as links that dial.
pub(in crate::screens) fn emergency(texts: Texts, numbers: &[EmergencyNumber]) -> Option<AnyView> {
    if numbers.is_empty() {
        return None;
    }
    let items: Vec<AnyView> = numbers
        .iter()
        .map(|entry| {
            let dialled: String = entry
                .number
                .chars()
                .filter(|c| !c.is_whitespace())
                .collect();
            el::li()
                .child((
                    el::bdi().child(entry.label.clone()),
                    " ",
                    el::a()
                        .attr("href", format!("tel:{dialled}"))
                        .attr("dir", "ltr")
                        .child(entry.number.clone()),
                ))
                .into_any()
        })
        .collect();
    Some(
        el::div()
            .class("emergency")
            .child((el::strong().child(texts.emergency()), el::ul().child(items)))
            .into_any(),
    )
}
