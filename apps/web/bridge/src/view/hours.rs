//! When somebody reads, and whom to call when nobody does.

use serde::{Deserialize, Serialize};

use super::line::PersonRef;

/// When a colleague or an organisation reads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Every week; empty takes back what was said.
    pub spans: Vec<Span>,
    /// IANA name of the zone the spans are in: "Europe/Berlin".
    pub time_zone: String,
    /// Shown with it; may be empty.
    pub note: String,
    /// Whom to call outside the spans; the organisation's numbers where empty.
    pub emergency: Vec<EmergencyNumber>,
    /// Nobody reads before this, seconds since 1970; 0 for no absence.
    pub away_until: i64,
}

/// A part of a day, every week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// Monday is 1, Sunday 7.
    pub weekday: u32,
    /// Minutes since midnight.
    pub from_minute: u32,
    /// Minutes since midnight, after `from_minute`; not part of it.
    pub to_minute: u32,
}

/// Whom to call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EmergencyNumber {
    /// Who answers.
    pub label: String,
    /// As it is dialled.
    pub number: String,
}

/// When somebody in a room reads, as they last said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reads {
    /// Who; `None` for the organisation as a whole.
    pub person: Option<PersonRef>,
    /// When.
    pub hours: Hours,
    /// When they read next, seconds since 1970; in the past while they read.
    pub opens_at: i64,
}
