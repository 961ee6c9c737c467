//! The part of a room's lines that is held and drawn: at most two hundred, the rest comes
//! and goes with scrolling. So a room of ten thousand lines scrolls like a short one.

use reactive_graph::effect::Effect;
use reactive_graph::signal::RwSignal;
use reactive_graph::traits::{Get, GetUntracked, Set, Update, With, WithUntracked};
use siegel_web_bridge::view::{Body, Line, Lines, Pending};
use siegel_web_bridge::{Ask, Reply, Window};

use super::Talk;
use super::lines::{hold_still, scroll_to_end, scroll_to_line};
use crate::browser::{Turns, before_paint, spawn};
use crate::worker;

/// So many lines are in the document at most.
const HELD: usize = 200;
/// So many are asked for at first and when scrolling.
const PAGE: u32 = 80;

/// What is held of a room.
#[derive(Clone, Default)]
pub(super) struct Held {
    pub(super) lines: Vec<Line>,
    pub(super) pending: Vec<Pending>,
    pub(super) more_before: bool,
    pub(super) more_after: bool,
    /// Something was loaded.
    pub(super) ready: bool,
}

/// Loads the lines and keeps them as they are at the worker.
pub(super) fn keep(talk: Talk, aim: Option<u64>) {
    let turns = Turns::new();
    let first = RwSignal::new(true);
    Effect::new(move |_| {
        talk.app.lines.get();
        turns.take(move || load(talk, first, aim));
    });
}

/// Loads what is to be on the screen now.
async fn load(talk: Talk, first: RwSignal<bool>, aim: Option<u64>) {
    let (window, most) = match (first.try_get_untracked(), aim) {
        (None, _) => return,
        (Some(true), Some(seq)) => (Window::Around(seq), PAGE),
        (Some(true), None) => (Window::End, PAGE),
        (Some(false), _) => current(talk),
    };
    if let Some(lines) = fetch(talk, window, most).await {
        take(talk, lines, first.get_untracked(), aim);
        first.set(false);
    }
}

/// The window that holds what is on the screen now.
fn current(talk: Talk) -> (Window, u32) {
    talk.held.with_untracked(|held| {
        let count = u32::try_from(held.lines.len()).unwrap_or(PAGE).max(PAGE);
        match held.lines.first() {
            Some(first) if held.more_after => (Window::After(first.seq.saturating_sub(1)), count),
            // One more than there were, so that new lines do not push old ones out at once.
            _ => (Window::End, (count + 1).min(200)),
        }
    })
}

async fn fetch(talk: Talk, window: Window, most: u32) -> Option<Lines> {
    let room = talk.room.try_get_untracked()?;
    match worker::ask(Ask::Lines { room, window, most }).await {
        Ok(Reply::Lines(lines)) => talk.held.try_get_untracked().map(|_| lines),
        Ok(_) => None,
        Err(trouble) => {
            talk.app.complain(&trouble);
            None
        }
    }
}

fn take(talk: Talk, lines: Lines, first: bool, aim: Option<u64>) {
    let last_before = talk
        .held
        .with_untracked(|held| held.lines.last().map(|line| line.seq));
    if !first {
        announce(talk, &lines, last_before);
    }
    let stick = talk.at_end.get_untracked() && !lines.more_after;
    talk.held.set(Held {
        lines: lines.lines,
        pending: lines.pending,
        more_before: lines.more_before,
        more_after: lines.more_after,
        ready: true,
    });
    match aim {
        Some(seq) if first => before_paint(move || scroll_to_line(seq)),
        _ if stick || first => before_paint(scroll_to_end),
        _ => {}
    }
}

/// Tells screen readers of what others said, once.
fn announce(talk: Talk, lines: &Lines, last_before: Option<u64>) {
    let new: Vec<&Line> = lines
        .lines
        .iter()
        .filter(|line| !line.own && Some(line.seq) > last_before && !lines.more_after)
        .collect();
    let sentence = match new.as_slice() {
        [] => return,
        [one] => match &one.body {
            Body::Text { body, .. } => format!("{}: {body}", one.author_name),
            _ => talk.texts.message_count_new(1),
        },
        several => talk
            .texts
            .message_count_new(u64::try_from(several.len()).unwrap_or(u64::MAX)),
    };
    talk.app.announcement.set(sentence);
}

/// Loads what lies before, as the top comes near.
pub(super) fn load_before(talk: Talk, busy: RwSignal<bool>) {
    let edge = talk.held.with_untracked(|held| {
        let first = held.lines.first().map(|line| line.seq);
        first.filter(|_| held.more_before)
    });
    let Some(edge) = edge.filter(|_| !busy.get_untracked()) else {
        return;
    };
    busy.set(true);
    spawn(async move {
        if let Some(lines) = fetch(talk, Window::Before(edge), PAGE).await {
            let still = hold_still(edge);
            talk.held.update(|held| {
                held.more_before = lines.more_before;
                held.lines.splice(0..0, lines.lines);
                if held.lines.len() > HELD {
                    held.lines.truncate(cut_before(&held.lines, HELD));
                    held.more_after = true;
                    held.pending.clear();
                }
            });
            before_paint(move || {
                still();
                busy.set(false);
            });
        } else {
            busy.set(false);
        }
    });
}

/// Loads what lies behind, as the lower edge comes near.
pub(super) fn load_after(talk: Talk, busy: RwSignal<bool>) {
    let edge = talk.held.with_untracked(|held| {
        let last = held.lines.last().map(|line| line.seq);
        last.filter(|_| held.more_after)
    });
    let Some(edge) = edge.filter(|_| !busy.get_untracked()) else {
        return;
    };
    busy.set(true);
    spawn(async move {
        if let Some(lines) = fetch(talk, Window::After(edge), PAGE).await {
            let still = hold_still(edge);
            talk.held.update(|held| {
                held.more_after = lines.more_after;
                held.pending = lines.pending;
                held.lines.extend(lines.lines);
                let over = held.lines.len().saturating_sub(HELD);
                if over > 0 {
                    let from = cut_after(&held.lines, over);
                    held.lines.drain(..from);
                    held.more_before = true;
                }
            });
            before_paint(move || {
                still();
                busy.set(false);
            });
        } else {
            busy.set(false);
        }
    });
}

/// Goes to the newest lines, wherever the window is.
pub(super) fn jump_to_end(talk: Talk) {
    if talk.held.with(|held| !held.more_after) {
        scroll_to_end();
        return;
    }
    spawn(async move {
        if let Some(lines) = fetch(talk, Window::End, PAGE).await {
            talk.at_end.set(true);
            take(talk, lines, true, None);
        }
    });
}

/// The largest cut up to `at` that does not part lines of one number.
fn cut_before(lines: &[Line], at: usize) -> usize {
    let parts = |place: &usize| {
        let (before, behind) = (lines.get(place - 1), lines.get(*place));
        before.map(|line| line.seq) != behind.map(|line| line.seq)
    };
    (1..=at).rev().find(parts).unwrap_or(at)
}

/// The smallest cut from `at` on that does not part lines of one number.
fn cut_after(lines: &[Line], at: usize) -> usize {
    let parts = |place: &usize| {
        let (before, behind) = (lines.get(place - 1), lines.get(*place));
        before.map(|line| line.seq) != behind.map(|line| line.seq)
    };
    (at.max(1)..lines.len()).find(parts).unwrap_or(at)
}
