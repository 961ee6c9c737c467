//! When somebody reads, and whom to call when nobody does.

use crate::error::{OutOfBounds, Part};
use crate::{limits, wire};

const DAY_MINUTES: u32 = 24 * 60;
const WEEK_MINUTES: u32 = 7 * DAY_MINUTES;

/// When a colleague or an organisation reads.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct Availability {
    /// Every week; empty takes back what was said.
    pub spans: Vec<WeeklySpan>,
    /// IANA name of the zone the spans are in: "Europe/Berlin".
    pub time_zone: String,
    /// Shown with it; may be empty.
    pub note: String,
    /// Whom to call outside the spans.
    pub emergency: Vec<EmergencyNumber>,
    /// Nobody reads before this, seconds since 1970; 0 for no absence.
    pub away_until: i64,
}

/// A part of a day, every week.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, serde::Serialize, serde::Deserialize,
)]
pub struct WeeklySpan {
    /// Monday is 1, Sunday 7.
    pub weekday: u32,
    /// Minutes since midnight.
    pub from_minute: u32,
    /// Minutes since midnight, after `from_minute`; not part of it.
    pub to_minute: u32,
}

/// Whom to call.
#[derive(Clone, PartialEq, Eq, Debug, Default, serde::Serialize, serde::Deserialize)]
pub struct EmergencyNumber {
    /// Who answers.
    pub label: String,
    /// As it is dialled.
    pub number: String,
}

impl Availability {
    /// Whether every part is within its limit.
    ///
    /// # Errors
    /// [`OutOfBounds`] naming the part.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        check_spans(&self.spans)?;
        check_emergency(&self.emergency)?;
        let fits = self.time_zone.len() <= limits::NAME_BYTES
            && self.note.len() <= limits::NOTE_BYTES
            && self.away_until >= 0;
        if fits {
            Ok(())
        } else {
            Err(OutOfBounds(Part::Hours))
        }
    }

    /// Whether somebody reads at this point of the week, told in the zone of the spans.
    pub fn is_open(&self, weekday: u32, minute: u32) -> bool {
        self.opens_in(weekday, minute) == Some(0)
    }

    /// Minutes until somebody reads; 0 while somebody does, `None` if nobody ever does.
    /// An absence is not counted in: it is a point in time, not in the week.
    pub fn opens_in(&self, weekday: u32, minute: u32) -> Option<u32> {
        let now = week_minute(weekday, minute);
        let waits = self.spans.iter().map(|span| {
            let start = week_minute(span.weekday, span.from_minute);
            let length = span.to_minute - span.from_minute;
            let since = (now + WEEK_MINUTES - start) % WEEK_MINUTES;
            if since < length {
                0
            } else {
                WEEK_MINUTES - since
            }
        });
        waits.min()
    }
}

fn week_minute(weekday: u32, minute: u32) -> u32 {
    ((weekday + 6) % 7 * DAY_MINUTES + minute % DAY_MINUTES) % WEEK_MINUTES
}

pub(crate) fn check_spans(spans: &[WeeklySpan]) -> Result<(), OutOfBounds> {
    let sound = |span: &WeeklySpan| {
        (1..=7).contains(&span.weekday)
            && span.from_minute < span.to_minute
            && span.to_minute <= DAY_MINUTES
    };
    if spans.len() <= limits::WEEKLY_SPANS && spans.iter().all(sound) {
        Ok(())
    } else {
        Err(OutOfBounds(Part::Hours))
    }
}

pub(crate) fn check_emergency(numbers: &[EmergencyNumber]) -> Result<(), OutOfBounds> {
    let sound = |entry: &EmergencyNumber| {
        entry.label.len() <= limits::NAME_BYTES
            && (1..=limits::PHONE_BYTES).contains(&entry.number.len())
    };
    if numbers.len() <= limits::EMERGENCY_NUMBERS && numbers.iter().all(sound) {
        Ok(())
    } else {
        Err(OutOfBounds(Part::EmergencyNumbers))
    }
}

impl From<Availability> for wire::Availability {
    fn from(said: Availability) -> Self {
        Self {
            spans: said.spans.iter().map(Into::into).collect(),
            time_zone: said.time_zone,
            note: said.note,
            emergency: said.emergency.into_iter().map(Into::into).collect(),
            away_until: said.away_until,
        }
    }
}

impl From<wire::Availability> for Availability {
    fn from(wire: wire::Availability) -> Self {
        Self {
            spans: wire.spans.iter().map(Into::into).collect(),
            time_zone: wire.time_zone,
            note: wire.note,
            emergency: wire.emergency.into_iter().map(Into::into).collect(),
            away_until: wire.away_until,
        }
    }
}

impl From<&WeeklySpan> for wire::WeeklySpan {
    fn from(span: &WeeklySpan) -> Self {
        Self {
            weekday: span.weekday,
            from_minute: span.from_minute,
            to_minute: span.to_minute,
        }
    }
}

impl From<&wire::WeeklySpan> for WeeklySpan {
    fn from(wire: &wire::WeeklySpan) -> Self {
        Self {
            weekday: wire.weekday,
            from_minute: wire.from_minute,
            to_minute: wire.to_minute,
        }
    }
}

impl From<EmergencyNumber> for wire::EmergencyNumber {
    fn from(entry: EmergencyNumber) -> Self {
        Self {
            label: entry.label,
            number: entry.number,
        }
    }
}

impl From<wire::EmergencyNumber> for EmergencyNumber {
    fn from(wire: wire::EmergencyNumber) -> Self {
        Self {
            label: wire.label,
            number: wire.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> Availability {
        let span = |weekday| WeeklySpan {
            weekday,
            from_minute: 9 * 60,
            to_minute: 17 * 60,
        };
        Availability {
            spans: (1..=5).map(span).collect(),
            time_zone: "Europe/Berlin".into(),
            ..Availability::default()
        }
    }

    #[test]
    fn the_next_opening_is_found_over_the_weekend() {
        let office = office();
        assert!(office.is_open(1, 9 * 60));
        assert!(!office.is_open(1, 17 * 60));
        assert_eq!(office.opens_in(1, 8 * 60), Some(60));
        // Friday at five: Monday at nine is 64 hours away.
        assert_eq!(office.opens_in(5, 17 * 60), Some(64 * 60));
        assert_eq!(office.opens_in(7, 23 * 60), Some(10 * 60));
        assert_eq!(Availability::default().opens_in(1, 0), None);
    }

    #[test]
    fn hours_that_no_day_has_are_refused() {
        let mut office = office();
        assert_eq!(office.check(), Ok(()));
        office.spans[0].to_minute = 1_441;
        assert!(office.check().is_err());
        office.spans[0].to_minute = office.spans[0].from_minute;
        assert!(office.check().is_err());
    }

    #[test]
    fn a_number_nobody_can_dial_is_refused() {
        let mut office = office();
        office.emergency.push(EmergencyNumber::default());
        assert!(office.check().is_err());
    }
}
