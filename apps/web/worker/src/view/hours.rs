//! When people read, both ways.

use siegel_client_core::Client;
use siegel_client_core::room::availability::Reads as CoreReads;
use siegel_proto::availability::{Availability, EmergencyNumber as CoreNumber, WeeklySpan};
use siegel_proto::ids::RoomId;
use siegel_web_bridge::Trouble;
use siegel_web_bridge::view::{EmergencyNumber, Hours, Reads, Span};

use super::names::Names;
use super::of_core;
use crate::week;

/// When the colleagues in a room read; where none has said so, the organisation's hours.
pub fn reads(client: &Client, room: RoomId, now: i64) -> Result<Vec<Reads>, Trouble> {
    let names = Names::of(client, room)?;
    // Who has left the room reads nothing there any more.
    let members = client.members(room).unwrap_or_default();
    let is_here = |reads: &&CoreReads| members.iter().any(|one| one.person == reads.person);
    let said = of_core(client.availability(room))?;
    let mut all: Vec<Reads> = said
        .iter()
        .filter(is_here)
        .filter_map(|reads| {
            Some(Reads {
                person: Some(names.refer(reads.person)),
                opens_at: week::opens_at(&reads.availability, now)?,
                hours: view(reads.availability.clone()),
            })
        })
        .collect();
    if all.is_empty() {
        let policy = of_core(client.profile())?.policy;
        let organisation = Availability {
            spans: policy.hours,
            time_zone: policy.time_zone,
            emergency: policy.emergency,
            ..Availability::default()
        };
        all.extend(week::opens_at(&organisation, now).map(|opens_at| Reads {
            person: None,
            opens_at,
            hours: view(organisation),
        }));
    }
    Ok(all)
}

/// Whether this person reads now, so that something new may ring. Who has told no hours
/// always does.
pub fn may_ring(client: &Client, now: i64) -> bool {
    let own = client.own_availability().ok().flatten();
    own.and_then(|said| week::opens_at(&said, now))
        .is_none_or(|opens| opens <= now)
}

/// Hours as the page shows them.
pub fn view(said: Availability) -> Hours {
    Hours {
        spans: spans(&said.spans),
        time_zone: said.time_zone,
        note: said.note,
        emergency: said.emergency.into_iter().map(number).collect(),
        away_until: said.away_until,
    }
}

/// Hours as they are told.
pub fn told(hours: Hours) -> Availability {
    Availability {
        spans: weekly(&hours.spans),
        time_zone: hours.time_zone,
        note: hours.note.trim().to_owned(),
        emergency: numbers(hours.emergency),
        away_until: hours.away_until,
    }
}

/// Spans for the page.
pub fn spans(spans: &[WeeklySpan]) -> Vec<Span> {
    let span = |span: &WeeklySpan| Span {
        weekday: span.weekday,
        from_minute: span.from_minute,
        to_minute: span.to_minute,
    };
    spans.iter().map(span).collect()
}

/// Spans for the core.
pub fn weekly(spans: &[Span]) -> Vec<WeeklySpan> {
    let span = |span: &Span| WeeklySpan {
        weekday: span.weekday,
        from_minute: span.from_minute,
        to_minute: span.to_minute,
    };
    spans.iter().map(span).collect()
}

/// A number for the page.
pub fn number(entry: CoreNumber) -> EmergencyNumber {
    EmergencyNumber {
        label: entry.label,
        number: entry.number,
    }
}

/// Numbers for the core; a line without a number is none.
pub fn numbers(entries: Vec<EmergencyNumber>) -> Vec<CoreNumber> {
    entries
        .into_iter()
        .map(|entry| CoreNumber {
            label: entry.label.trim().to_owned(),
            number: entry.number.trim().to_owned(),
        })
        .filter(|entry| !entry.number.is_empty())
        .collect()
}
