//! Which backups are still needed: the newest of each of the last 7 days, 4 weeks and 6
//! months that have one. An archive's name tells when it was made.

use std::collections::BTreeSet;

use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::{NAME_BEGINS, NAME_ENDS};

const DAYS: usize = 7;
const WEEKS: usize = 4;
const MONTHS: usize = 6;
const STAMP: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour][minute][second]Z");

/// An archive's name: `siegel-2026-11-25T030000Z.backup.age`. `None` beyond the year 9999.
pub fn file_name(seconds: i64) -> Option<String> {
    let moment = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    let stamp = moment.format(STAMP).ok()?;
    Some(format!("{NAME_BEGINS}{stamp}{NAME_ENDS}"))
}

/// When an archive was made, by its name.
pub fn made_at(name: &str) -> Option<OffsetDateTime> {
    let stamp = name.strip_prefix(NAME_BEGINS)?.strip_suffix(NAME_ENDS)?;
    let moment = PrimitiveDateTime::parse(stamp, STAMP).ok()?;
    Some(moment.assume_utc())
}

/// Of these archives, those that are no longer needed. Names that say no time are left alone.
pub fn superseded(names: &[String]) -> Vec<String> {
    let mut dated: Vec<(OffsetDateTime, &String)> = names
        .iter()
        .filter_map(|name| Some((made_at(name)?, name)))
        .collect();
    dated.sort_by(|one, other| other.cmp(one));
    let mut kept = [BTreeSet::new(), BTreeSet::new(), BTreeSet::new()];
    let most = [DAYS, WEEKS, MONTHS];
    let mut superseded = Vec::new();
    for (moment, name) in dated {
        let (year, week, _) = moment.to_iso_week_date();
        let periods = [
            moment.to_julian_day(),
            year * 100 + i32::from(week),
            moment.year() * 100 + i32::from(u8::from(moment.month())),
        ];
        let mut needed = false;
        for ((kept, most), period) in kept.iter_mut().zip(most).zip(periods) {
            if kept.len() < most && kept.insert(period) {
                needed = true;
            }
        }
        if !needed {
            superseded.push(name.clone());
        }
    }
    superseded
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY_SECONDS: i64 = 86_400;

    fn name(seconds: i64) -> String {
        file_name(seconds).expect("a year with four digits")
    }

    #[test]
    fn a_name_tells_when_it_was_made() {
        assert_eq!(name(1_795_575_600), "siegel-2026-11-25T030000Z.backup.age");
        for seconds in [0, 951_782_399, 951_868_800, 1_795_575_661, 4_102_444_799] {
            let read = made_at(&name(seconds)).map(OffsetDateTime::unix_timestamp);
            assert_eq!(read, Some(seconds));
        }
        assert_eq!(made_at("siegel-notes.backup.age"), None);
    }

    #[test]
    fn a_year_of_nightly_backups_leaves_days_weeks_and_months() {
        let start = 1_760_000_000;
        let names: Vec<String> = (0..365)
            .map(|day| name(start + day * DAY_SECONDS))
            .collect();
        let gone = superseded(&names);
        let kept: Vec<usize> = (0..365)
            .filter(|day| !gone.contains(&names[*day]))
            .collect();
        // Some days' newest are also their week's or month's.
        assert!(kept.len() <= 17, "{kept:?}");
        assert!((358..365).all(|day| kept.contains(&day)), "{kept:?}");
        for weeks_ago in 1..4 {
            let day = 364 - 7 * weeks_ago;
            assert!(kept.iter().any(|kept| kept.abs_diff(day) < 7), "{kept:?}");
        }
        for months_ago in 1..6 {
            let day = 364 - 30 * months_ago;
            assert!(kept.iter().any(|kept| kept.abs_diff(day) < 31), "{kept:?}");
        }
    }

    #[test]
    fn nothing_is_deleted_while_there_are_few_and_nothing_that_is_not_ours() {
        let mut names: Vec<String> = (0..7).map(|day| name(day * DAY_SECONDS)).collect();
        names.push("siegel-by-hand.backup.age".to_owned());
        assert_eq!(superseded(&names), Vec::<String>::new());
    }

    #[test]
    fn several_of_one_day_leave_the_newest() {
        let names: Vec<String> = (0..3).map(|hour| name(hour * 3_600)).collect();
        assert_eq!(superseded(&names), [names[1].clone(), names[0].clone()]);
    }
}
