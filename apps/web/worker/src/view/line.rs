//! Lines, consents, the outbox.

use std::collections::BTreeMap;

use siegel_client_core::Client;
use siegel_client_core::client::OutboxLine;
use siegel_client_core::room::receipts::Reach;
use siegel_client_core::room::timeline::{Body as CoreBody, Line as CoreLine};
use siegel_proto::content::{Kind, Notice as CoreNotice};
use siegel_proto::ids::{PersonId, RoomId};
use siegel_web_bridge::view::{
    Body, Consent, Delivery, Forwarded, Line, Lines, Notice, Pending, PendingWhat, Reaction,
};
use siegel_web_bridge::{Trouble, Window};

use super::excerpt::{self, excerpt};
use super::names::Names;
use super::{card, file, message_id, of_core, person_id};
use crate::trouble;

/// Lines a page gets at once.
const MOST: usize = 200;
/// Lines that one entry can have.
const MOST_PER_ENTRY: usize = 256;

/// A window of a room.
pub fn window(client: &Client, room: RoomId, window: Window, most: u32) -> Result<Lines, Trouble> {
    let most = usize::try_from(most).unwrap_or(MOST).clamp(1, MOST);
    let before = |seq| of_core(client.timeline_before(room, seq, most));
    let after = |seq| of_core(client.timeline_after(room, seq, most));
    let mut found = match window {
        Window::End => before(u64::MAX)?,
        Window::Before(seq) => before(seq)?,
        Window::After(seq) => after(seq)?,
        Window::Around(seq) => {
            let half = most / 2;
            let mut lines = of_core(client.timeline_before(room, seq, half))?;
            lines.extend(of_core(client.timeline_after(
                room,
                seq.saturating_sub(1),
                most - half,
            ))?);
            lines
        }
    };
    complete(client, room, &mut found)?;
    let (more_before, more_after) = match (found.first(), found.last()) {
        (Some(first), Some(last)) => (
            !of_core(client.timeline_before(room, first.seq, 1))?.is_empty(),
            !of_core(client.timeline_after(room, last.seq, 1))?.is_empty(),
        ),
        _ => (false, false),
    };
    let names = Names::of(client, room)?;
    let pending = if more_after || matches!(window, Window::Before(_)) {
        Vec::new()
    } else {
        pending(client, room, &names)?
    };
    Ok(Lines {
        lines: lines(client, room, &found, &names)?,
        more_before,
        more_after,
        pending,
    })
}

/// Every line of a room.
pub fn all(client: &Client, room: RoomId) -> Result<Vec<Line>, Trouble> {
    let found = of_core(client.timeline_after(room, 0, usize::MAX))?;
    lines(client, room, &found, &Names::of(client, room)?)
}

/// Every decision about a notice: agreed, and below it taken back.
pub fn consents(client: &Client, room: RoomId) -> Result<Vec<Consent>, Trouble> {
    let names = Names::of(client, room)?;
    let mut decisions = Vec::new();
    for record in of_core(client.consents(room))? {
        let given = record.given_at.map(|at| (at, true));
        let withdrawn = record.withdrawn_at.map(|at| (at, false));
        decisions.extend(
            given
                .into_iter()
                .chain(withdrawn)
                .map(|(at, granted)| Consent {
                    person: names.refer(record.person),
                    notice_version: record.notice_version.clone(),
                    language: record.language.clone(),
                    granted,
                    at: at.seconds(),
                }),
        );
    }
    Ok(decisions)
}

/// The lines of one entry are never torn apart: whoever asks for what lies before or after
/// an entry's number would miss those that were cut off.
fn complete(client: &Client, room: RoomId, lines: &mut Vec<CoreLine>) -> Result<(), Trouble> {
    let entry = |seq: u64| -> Result<Vec<CoreLine>, Trouble> {
        let lines = of_core(client.timeline_after(room, seq.saturating_sub(1), MOST_PER_ENTRY))?;
        Ok(lines
            .into_iter()
            .take_while(|line| line.seq == seq)
            .collect())
    };
    if let Some(first) = lines.first().map(|line| line.seq) {
        lines.retain(|line| line.seq != first);
        let whole = entry(first)?;
        lines.splice(..0, whole);
    }
    if let Some(last) = lines.last().map(|line| line.seq) {
        lines.retain(|line| line.seq != last);
        lines.extend(entry(last)?);
    }
    Ok(())
}

fn lines(
    client: &Client,
    room: RoomId,
    found: &[CoreLine],
    names: &Names,
) -> Result<Vec<Line>, Trouble> {
    let receipts = of_core(client.receipts(room))?;
    found
        .iter()
        .map(|line| {
            let own = line.author == Some(names.own());
            Ok(Line {
                seq: line.seq,
                message: line.message.map(message_id),
                author: line.author.map(person_id),
                author_name: line.author.map(|who| names.name(who)).unwrap_or_default(),
                own,
                at: excerpt::at(line),
                body: body(client, room, &line.body, names)?,
                edited: line.edited,
                reactions: reactions(&line.reactions, names),
                delivery: (own && line.message.is_some())
                    .then(|| delivery(&receipts.reach(line.seq))),
                mentions: (line.extras.mentions.iter())
                    .map(|person| names.refer(*person))
                    .collect(),
                forwarded: (line.extras.forwarded.as_ref()).map(|said| Forwarded {
                    reason: said.reason.clone(),
                    author: said.author.clone(),
                    said_at: said.said_at,
                }),
            })
        })
        .collect()
}

fn body(client: &Client, room: RoomId, body: &CoreBody, names: &Names) -> Result<Body, Trouble> {
    let people = |people: &[PersonId]| people.iter().map(|who| names.refer(*who)).collect();
    Ok(match body {
        CoreBody::Text { body, reply_to } => Body::Text {
            body: body.clone(),
            reply_to: reply_to
                .map(|target| {
                    let line = of_core(client.message(room, target))?;
                    Ok::<_, Trouble>(match line {
                        Some(line) => excerpt(&line, names),
                        None => excerpt::gone(target),
                    })
                })
                .transpose()?,
        },
        CoreBody::Attachment(sent) => Body::File(file::view(sent)),
        CoreBody::Notice(text) => Body::Notice(notice(text)),
        CoreBody::Consent {
            notice_version,
            granted,
            ..
        } => Body::Consent {
            notice_version: notice_version.clone(),
            granted: *granted,
        },
        CoreBody::DataCard(said) => Body::Card(card::view(said)),
        CoreBody::TooNew => Body::TooNew,
        CoreBody::Deleted => Body::Deleted,
        CoreBody::RetentionChanged(days) => Body::RetentionChanged(*days),
        CoreBody::Joined(who) => Body::Joined(people(who)),
        CoreBody::Left(who) => Body::Left(people(who)),
        CoreBody::Arrived(who) => Body::Arrived(names.refer(*who)),
        CoreBody::DevicesChanged(who) => Body::DevicesChanged(names.refer(*who)),
        CoreBody::InfoChanged => Body::InfoChanged,
        CoreBody::Verified(who) => Body::Verified(names.refer(*who)),
        CoreBody::LeaveAsked => Body::LeaveAsked,
        CoreBody::Unreadable => Body::Unreadable,
        CoreBody::Missing { entries } => Body::Missing { entries: *entries },
        CoreBody::AuthorGap { messages } => Body::AuthorGap {
            messages: *messages,
        },
        CoreBody::AuthorBroken => Body::AuthorBroken,
        CoreBody::SplitView => Body::SplitView,
        CoreBody::CommitRefused => Body::CommitRefused,
        CoreBody::CommitVoided => Body::CommitVoided,
        CoreBody::PutBack => Body::PutBack,
        CoreBody::Reset => Body::Reset,
    })
}

fn notice(text: &CoreNotice) -> Notice {
    Notice {
        version: text.version.clone(),
        language: text.language.clone(),
        body: text.body.clone(),
    }
}

fn reactions(reactions: &BTreeMap<PersonId, String>, names: &Names) -> Vec<Reaction> {
    let mut by_emoji: BTreeMap<&str, Reaction> = BTreeMap::new();
    for (person, emoji) in reactions {
        let reaction = by_emoji.entry(emoji).or_insert_with(|| Reaction {
            emoji: emoji.clone(),
            people: Vec::new(),
            own: false,
        });
        reaction.people.push(names.refer(*person));
        reaction.own |= *person == names.own();
    }
    by_emoji.into_values().collect()
}

fn pending(client: &Client, room: RoomId, names: &Names) -> Result<Vec<Pending>, Trouble> {
    let mut pending = Vec::new();
    for line in of_core(client.outbox(room))? {
        let failed = line.failed.map(trouble::of_failure);
        let message = message_id(line.message);
        if let Some(what) = waiting(client, room, line, names)? {
            pending.push(Pending {
                message,
                what,
                failed,
            });
        }
    }
    Ok(pending)
}

/// What of the outbox a person sees: receipts and the like are left out.
fn waiting(
    client: &Client,
    room: RoomId,
    line: OutboxLine,
    names: &Names,
) -> Result<Option<PendingWhat>, Trouble> {
    let said = |said: CoreBody| {
        Ok(Some(PendingWhat::Line(Box::new(body(
            client, room, &said, names,
        )?))))
    };
    match line.kind {
        None => Ok(Some(PendingWhat::Room)),
        Some(Kind::Text { body, reply_to }) => said(CoreBody::Text { body, reply_to }),
        Some(Kind::Attachment(file)) => said(CoreBody::Attachment(file)),
        Some(Kind::Notice(notice)) => said(CoreBody::Notice(notice)),
        Some(Kind::Consent {
            notice_version,
            language,
            granted,
            notice_hash,
        }) => said(CoreBody::Consent {
            notice_version,
            language,
            notice_hash,
            granted,
        }),
        Some(Kind::DataCard(card)) => said(CoreBody::DataCard(card)),
        Some(Kind::RetentionChange { days }) => said(CoreBody::RetentionChanged(days)),
        Some(Kind::Leave) => said(CoreBody::LeaveAsked),
        Some(Kind::Verified { person }) => said(CoreBody::Verified(person)),
        Some(Kind::Edit { target, body }) => Ok(Some(PendingWhat::Edit {
            target: message_id(target),
            body,
        })),
        Some(Kind::Delete { target }) => Ok(Some(PendingWhat::Delete(message_id(target)))),
        Some(Kind::Reaction { target, emoji }) => Ok(Some(PendingWhat::React {
            target: message_id(target),
            emoji,
        })),
        Some(
            Kind::Receipt { .. }
            | Kind::Typing { .. }
            | Kind::Availability(_)
            | Kind::CommitRefused { .. }
            | Kind::TooNew,
        ) => Ok(None),
    }
}

fn delivery(reach: &Reach) -> Delivery {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    match reach.read_by.len() {
        0 if reach.is_delivered() => Delivery::Delivered,
        0 => Delivery::Sent,
        by => Delivery::Read {
            by: count(by),
            of: count(reach.tell),
        },
    }
}
