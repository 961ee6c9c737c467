//! Days and times as people of a language write them.

use js_sys::{Array, Date, Intl, Object, Reflect};
use siegel_web_texts::{Language, Texts};
use wasm_bindgen::JsValue;

const DAY_SECONDS: i64 = 86_400;

/// “14:03”.
pub(crate) fn time(language: Language, seconds: i64) -> String {
    format(
        language,
        seconds,
        &[("hour", "2-digit"), ("minute", "2-digit")],
    )
}

/// “Today”, “yesterday” or the date.
pub(crate) fn day(texts: Texts, seconds: i64) -> String {
    let now = super::clock::now();
    let number = local_day(seconds);
    if number == local_day(now) {
        return texts.today().to_owned();
    }
    if number == local_day(now - DAY_SECONDS) {
        return texts.yesterday().to_owned();
    }
    let parts = [("weekday", "long"), ("day", "numeric"), ("month", "long")];
    format(texts.spoken(), seconds, &parts)
}

/// The time today, the date before.
pub(crate) fn short(texts: Texts, seconds: i64) -> String {
    if local_day(seconds) == local_day(super::clock::now()) {
        return time(texts.spoken(), seconds);
    }
    format(
        texts.spoken(),
        seconds,
        &[("day", "numeric"), ("month", "short")],
    )
}

/// Date and time in full.
pub(crate) fn full(language: Language, seconds: i64) -> String {
    let parts = [
        ("day", "numeric"),
        ("month", "long"),
        ("year", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
    ];
    format(language, seconds, &parts)
}

/// The date on which a day in UTC begins.
pub(crate) fn utc_day(language: Language, day: u32) -> String {
    let parts = [("day", "numeric"), ("month", "long")];
    format(language, i64::from(day) * DAY_SECONDS, &parts)
}

/// Weekday, date and time: when somebody reads again.
pub(crate) fn appointment(language: Language, seconds: i64) -> String {
    let parts = [
        ("weekday", "long"),
        ("day", "numeric"),
        ("month", "long"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
    ];
    format(language, seconds, &parts)
}

/// “Monday”; Monday is 1.
pub(crate) fn weekday(language: Language, day: u32) -> String {
    // The first Monday of 1970, at noon in UTC: in every zone it is still that day.
    let noon = i64::from(day + 3) * DAY_SECONDS + DAY_SECONDS / 2;
    format(language, noon, &[("weekday", "long"), ("timeZone", "UTC")])
}

/// The zone this device is in: “Europe/Berlin”.
pub(crate) fn own_zone() -> String {
    let format = Intl::DateTimeFormat::new(&Array::new(), &Object::new());
    let zone = Reflect::get(&format.resolved_options(), &"timeZone".into());
    zone.ok()
        .and_then(|zone| zone.as_string())
        .unwrap_or_default()
}

/// A point in time as a field for dates shows its day; empty for none.
pub(crate) fn input_day(seconds: i64) -> String {
    if seconds <= 0 {
        return String::new();
    }
    // The second before: an absence ends when the next day begins.
    let date = date(seconds - 1);
    let (year, month, day) = (date.get_full_year(), date.get_month() + 1, date.get_date());
    format!("{year:04}-{month:02}-{day:02}")
}

/// The end of the day a field for dates names, by this device's clock; 0 for none.
pub(crate) fn end_of_input_day(text: &str) -> i64 {
    let mut parts = text.split('-').map(|part| part.parse::<i32>());
    let (Some(Ok(year)), Some(Ok(month)), Some(Ok(day))) =
        (parts.next(), parts.next(), parts.next())
    else {
        return 0;
    };
    let Ok(year) = u32::try_from(year) else {
        return 0;
    };
    let end = Date::new_with_year_month_day(year, month - 1, day + 1);
    #[expect(clippy::cast_possible_truncation, reason = "far below 2^53")]
    let seconds = (end.get_time() / 1000.0) as i64;
    seconds
}

/// Counts days in the device's time zone.
pub(crate) fn local_day(seconds: i64) -> i64 {
    let date = date(seconds);
    #[expect(clippy::cast_possible_truncation, reason = "minutes of a day")]
    let offset = date.get_timezone_offset() as i64;
    (seconds - offset * 60).div_euclid(DAY_SECONDS)
}

fn format(language: Language, seconds: i64, parts: &[(&str, &str)]) -> String {
    let options = Object::new();
    for (name, value) in parts {
        // Setting a field of a fresh object cannot fail.
        Reflect::set(&options, &JsValue::from(*name), &JsValue::from(*value)).ok();
    }
    let code = match language {
        Language::EasyGerman => Language::German.code(),
        other => other.code(),
    };
    let format = Intl::DateTimeFormat::new(&Array::of1(&code.into()), &options).format();
    format
        .call1(&JsValue::UNDEFINED, &date(seconds))
        .ok()
        .and_then(|text| text.as_string())
        .unwrap_or_default()
}

fn date(seconds: i64) -> Date {
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let milliseconds = seconds as f64 * 1000.0;
    Date::new(&milliseconds.into())
}
