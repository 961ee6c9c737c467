//! Times of the week, as people set them: one line for each, as many as they like.

use reactive_graph::owner::Owner;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, Update, With};
use siegel_web_bridge::view::Span;
use siegel_web_texts::Texts;
use tachys::html::{element as el, event as ev};
use tachys::prelude::*;

use crate::browser::{self, dates};
use crate::ui::{Icon, button, choose, icon_button, soft};

const DAYS: u32 = 7;
const WORKDAYS: u32 = 5;
const USUAL: (u32, u32) = (9 * 60, 17 * 60);

/// The times of a week while they are changed.
#[derive(Clone, Copy)]
pub(super) struct Week(RwSignal<Vec<Row>>);

#[derive(Clone, Copy, PartialEq)]
struct Row {
    weekday: RwSignal<String>,
    from: RwSignal<String>,
    to: RwSignal<String>,
}

impl Row {
    fn new(weekday: u32, (from, to): (u32, u32)) -> Self {
        Self {
            weekday: RwSignal::new(weekday.to_string()),
            from: RwSignal::new(clock_time(from)),
            to: RwSignal::new(clock_time(to)),
        }
    }

    /// `None` if the time is none, or ends before it begins.
    fn span(self) -> Option<Span> {
        let span = Span {
            weekday: self.weekday.get_untracked().parse().ok()?,
            from_minute: minute(&self.from.get_untracked())?,
            to_minute: minute(&self.to.get_untracked())?,
        };
        (span.from_minute < span.to_minute).then_some(span)
    }
}

impl Week {
    pub(super) fn of(spans: &[Span]) -> Self {
        let rows = spans.iter();
        let rows = rows.map(|span| Row::new(span.weekday, (span.from_minute, span.to_minute)));
        Self(RwSignal::new(rows.collect()))
    }

    /// What was set; `None` if one of the times is none.
    pub(super) fn spans(self) -> Option<Vec<Span>> {
        let mut spans: Vec<Span> = self
            .0
            .get_untracked()
            .into_iter()
            .map(Row::span)
            .collect::<Option<_>>()?;
        spans.sort_by_key(|span| (span.weekday, span.from_minute));
        Some(spans)
    }

    pub(super) fn view(self, texts: Texts) -> AnyView {
        let rows = self.0;
        let add = move || {
            let last = rows.with(|rows| rows.last().and_then(|row| row.span()));
            let next = match last {
                Some(span) => Row::new(span.weekday % DAYS + 1, (span.from_minute, span.to_minute)),
                None => Row::new(1, USUAL),
            };
            rows.update(|rows| rows.push(next));
        };
        // The button goes when there are rows; what it has made stays with the page.
        let page = Owner::current().unwrap_or_default();
        let usual = move || {
            let week = page.with(|| (1..=WORKDAYS).map(|day| Row::new(day, USUAL)).collect());
            rows.set(week);
        };
        let list = move || {
            let drawn: Vec<AnyView> = rows
                .get()
                .into_iter()
                .map(|row| row_view(texts, row, rows))
                .collect();
            drawn
        };
        el::div()
            .class("stack-tight")
            .child((
                move || rows.with(Vec::is_empty).then(|| soft(texts.hours_none())),
                list,
                el::div().class("row").child((
                    move || {
                        rows.with(Vec::is_empty)
                            .then(|| button(texts.hours_usual(), "", usual.clone()))
                    },
                    button(texts.hours_add(), "quiet", add),
                )),
            ))
            .into_any()
    }
}

fn row_view(texts: Texts, row: Row, rows: RwSignal<Vec<Row>>) -> AnyView {
    let days = (1..=DAYS).map(|day| (day.to_string(), dates::weekday(texts.spoken(), day)));
    let labelled = |words: &'static str, input: AnyView| {
        el::label()
            .class("field")
            .child((el::span().class("field-label").child(words), input))
    };
    el::div()
        .class("hours-row")
        .child((
            labelled(texts.hours_day(), choose(row.weekday, days.collect())),
            labelled(texts.hours_from(), time(row.from)),
            labelled(texts.hours_to(), time(row.to)),
            icon_button(texts.remove(), Icon::Close, move || {
                rows.update(|rows| rows.retain(|other| *other != row));
            }),
        ))
        .into_any()
}

fn time(value: RwSignal<String>) -> AnyView {
    el::input()
        .attr("type", "time")
        .class("input")
        .prop("value", move || value.get())
        .on(ev::input, move |event| value.set(browser::value(&event)))
        .into_any()
}

/// “09:05”. Midnight at the end of a day is no time of the day; a minute before is.
fn clock_time(minute: u32) -> String {
    let minute = minute.min(24 * 60 - 1);
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn minute(text: &str) -> Option<u32> {
    let (hour, minute) = text.split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_day_lead_back() {
        for minute_of_day in [0, 5, 9 * 60, 23 * 60 + 59] {
            assert_eq!(minute(&clock_time(minute_of_day)), Some(minute_of_day));
        }
        assert_eq!(clock_time(24 * 60), "23:59");
        for wrong in ["", "9", "24:00", "09:60", "x:y"] {
            assert_eq!(minute(wrong), None, "{wrong}");
        }
    }
}
