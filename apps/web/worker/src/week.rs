//! Points in time and points of the week in a zone, as the browser's calendar knows them.

use js_sys::{Array, Date, Function, Object, Reflect};
use siegel_proto::availability::Availability;
use wasm_bindgen::{JsCast, JsValue};

const MINUTE_SECONDS: i64 = 60;
const WEEK_MINUTES: i64 = 7 * 24 * 60;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// When somebody reads next, seconds since 1970; `now` or earlier while they read. `None`
/// if they have not said.
pub fn opens_at(said: &Availability, now: i64) -> Option<i64> {
    let from = now.max(said.away_until);
    if said.spans.is_empty() {
        // An absence without hours: they read again when it is over.
        return (said.away_until > now).then_some(said.away_until);
    }
    let (weekday, minute) = point(&said.time_zone, from)?;
    let wait = i64::from(said.opens_in(weekday, minute)?);
    if wait == 0 {
        return Some(from);
    }
    let opening = from - from.rem_euclid(MINUTE_SECONDS) + wait * MINUTE_SECONDS;
    // Where clocks are changed in between, the time of the day counts, not the hours.
    let wanted = of_week(weekday, minute) + wait;
    let (weekday, minute) = point(&said.time_zone, opening)?;
    let off = (wanted - of_week(weekday, minute)).rem_euclid(WEEK_MINUTES);
    let off = if off > WEEK_MINUTES / 2 {
        off - WEEK_MINUTES
    } else {
        off
    };
    Some(opening + off * MINUTE_SECONDS)
}

fn of_week(weekday: u32, minute: u32) -> i64 {
    (i64::from(weekday) - 1) * 24 * 60 + i64::from(minute)
}

/// Weekday, Monday being 1, and minute of the day. A zone this browser does not know is
/// taken for its own.
fn point(zone: &str, seconds: i64) -> Option<(u32, u32)> {
    let text = formatted(Some(zone), seconds).or_else(|| formatted(None, seconds))?;
    // “Mon 09:05” or “Mon, 09:05”.
    let weekday = DAYS.iter().position(|day| text.starts_with(day))?;
    let (hour, minute) = text.rsplit([' ', ',']).next()?.split_once(':')?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    Some((u32::try_from(weekday).ok()? + 1, hour % 24 * 60 + minute))
}

fn formatted(zone: Option<&str>, seconds: i64) -> Option<String> {
    let options = Object::new();
    let parts = [
        ("weekday", "short"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("hourCycle", "h23"),
    ];
    let zone = zone.map(|zone| ("timeZone", zone));
    for (name, value) in parts.into_iter().chain(zone) {
        // Setting a field of a fresh object cannot fail.
        Reflect::set(&options, &name.into(), &value.into()).ok();
    }
    // Built by hand, because a zone that somebody else sent may be none, and then it throws.
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let kind = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?;
    let kind: Function = kind.dyn_into().ok()?;
    let arguments = Array::of2(&"en-GB".into(), &options);
    let format = Reflect::construct(&kind, &arguments).ok()?;
    let write = Reflect::get(&format, &"format".into()).ok()?;
    let write: Function = write.dyn_into().ok()?;
    #[expect(clippy::cast_precision_loss, reason = "far below 2^53")]
    let date = Date::new(&JsValue::from(seconds as f64 * 1000.0));
    write.call1(&JsValue::UNDEFINED, &date).ok()?.as_string()
}
