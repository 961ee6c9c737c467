//! What people wait for, measured and printed: the first visit and the next one on a cheap
//! phone, and a long room. What is held is only what does not depend on the machine.

use std::io::Write as _;
use std::time::Duration;

use siegel_client_core::Command;
use siegel_proto::content::Kind;
use siegel_proto::ids::RoomId;
use siegel_tests::browser::{Browser, Screen};
use siegel_tests::harness::{Person, SlowLine, Speed, World, join, story_alone};
use tokio::time::Instant;

use crate::people::{
    admin, invites_client, invites_colleague, keeps_app, makes_room, opens_room, unlocks,
};

/// The most a first visit may fetch: the files and what HTTP adds to each.
const FIRST_VISIT_BYTES: u64 = 1024 * 1024;
/// The processor of the cheap phone runs for one part in so many.
const SLOWER: u32 = 4;
/// The most rows of a room that are in the document.
const MOST_ROWS: u64 = 240;
/// Messages in the long room, unless the variable says another number: to say ten thousand
/// through a relay takes minutes.
const MESSAGES: usize = 1_000;
const MESSAGES_VARIABLE: &str = "ROOM_MESSAGES";
/// So many of them wait for the relay at most.
const AT_ONCE: usize = 500;

#[test]
fn a_client_is_soon_in_the_room_on_a_slow_line_with_a_slow_phone() {
    story_alone(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        anna.ends().await;
        let line = SlowLine::to(world.address(), Speed::FAST_3G).await;
        let entrance = line.address().to_string();
        let link = link.replace(&world.address().to_string(), &entrance);

        let kim = Browser::with("Klientin", Screen::Phone).await;
        let quick = calculates(&kim).await;
        let slow = kim.slows_down(SLOWER);
        let slower = calculates(&kim).await / quick;

        let start = Instant::now();
        kim.opens(&link).await;
        kim.finds(".languages").await;
        let shown = start.elapsed();
        kim.presses("Deutsch").await;
        let chosen = start.elapsed();
        kim.sees("Bitte zuerst lesen").await;
        // By now every file has come.
        let notice = (start.elapsed(), line.came_down());
        kim.presses("Ich bin einverstanden").await;
        kim.presses("Ohne PIN weiter").await;
        kim.finds("#composer").await;
        kim.sees("Guten Tag").await;
        let room = (start.elapsed(), line.came_down());

        let files = arrivals(&kim).await;
        keeps_app(&kim).await;
        let kept = line.came_down();
        kim.opens("about:blank").await;
        let start = Instant::now();
        kim.opens(&format!("http://{entrance}/")).await;
        kim.finds("#composer").await;
        kim.sees("Guten Tag").await;
        let again = (start.elapsed(), line.came_down() - kept);
        drop(slow);
        kim.ends().await;

        prints(&format!(
            "first visit, fast 3G, processor {slower:.1} times slower:\n\
             \x20 languages on the screen after {}\n\
             \x20 language chosen after {}\n\
             \x20 files there by the browser's clock: {files}\n\
             \x20 notice to read after {}, {} bytes\n\
             \x20 usable room after {} (aim: 10 s), {} bytes; {} up\n\
             \x20 with what the next visit needs: {kept} bytes\n\
             next visit: usable room after {} (aim: 2 s), {} bytes",
            seconds(shown),
            seconds(chosen),
            seconds(notice.0),
            notice.1,
            seconds(room.0),
            room.1,
            line.went_up(),
            seconds(again.0),
            again.1,
        ));
        assert!(
            notice.1 < FIRST_VISIT_BYTES,
            "a first visit fetches {} bytes",
            notice.1
        );
        // Files come from the device; only the room is asked for what is new.
        assert!(again.1 < FIRST_VISIT_BYTES / 10, "{} bytes", again.1);
    });
}

#[test]
fn a_long_room_scrolls_like_a_short_one() {
    let messages = std::env::var(MESSAGES_VARIABLE);
    let messages = messages.map_or(MESSAGES, |number| number.parse().expect("a number"));
    story_alone(async {
        let world = World::with(|config| {
            config.limits.seat.per_second = 100_000;
            config.limits.seat.burst = 1_000_000;
            config.limits.account.per_second = 100_000;
            config.limits.account.burst = 1_000_000;
        })
        .await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = world.device("Bo Tal");
        join(&bo, &invites_colleague(&anna, "Bo Tal").await).await;
        bo.settles().await;
        makes_room(&anna, "Fall 7", &["Bo Tal"]).await;
        let room = bo.room("Fall 7").await;
        anna.opens("about:blank").await;
        let start = Instant::now();
        fills(&bo, room, messages).await;
        let filled = start.elapsed();

        let start = Instant::now();
        anna.opens(&format!("http://{}/", world.address())).await;
        unlocks(&anna).await;
        reads_all(&anna, messages).await;
        let caught_up = start.elapsed();
        opens_room(&anna, "Fall 7").await;
        anna.sees(&text(messages)).await;
        let scroll = anna.scrolls_up("#lines", ".line", 60, 600).await;
        prints(&format!(
            "{messages} messages ({MESSAGES_VARIABLE}): said in {}, read in {}\n{} frames: half below {:.1} ms, 95 % {:.1}, 99 % {:.1}, longest {:.1}; {} stalled; {} rows at most",
            seconds(filled),
            seconds(caught_up),
            scroll.frames.len(),
            scroll.percentile(50),
            scroll.percentile(95),
            scroll.percentile(99),
            scroll.percentile(100),
            scroll.stalled,
            scroll.most_rows,
        ));
        assert!(scroll.most_rows <= MOST_ROWS, "{scroll:?}");
        anna.ends().await;
    });
}

/// Says every message of the long room.
async fn fills(bo: &Person, room: RoomId, messages: usize) {
    for number in 1..=messages {
        let kind = Kind::Text {
            body: text(number),
            reply_to: None,
        };
        bo.command(Command::Say { room, kind }).await;
        if number % AT_ONCE == 0 {
            bo.settles().await;
        }
    }
    bo.settles().await;
}

/// Waits until the last message is here; the room's card shows how far it is.
async fn reads_all(anna: &Browser, messages: usize) {
    let newest = "const card = document.querySelector('.room-card')?.innerText ?? '';
        return Number(card.match(/Nachricht (\\d+)/)?.[1] ?? 0)";
    let mut read = 0;
    while read < messages as u64 {
        read = anna
            .until(&format!("more than {read} messages are here"), async || {
                let now = anna.run(newest).await.as_u64()?;
                (now > read).then_some(now)
            })
            .await;
    }
}

/// Short ones and long ones, as people write.
fn text(number: usize) -> String {
    let more = " Das müssen wir vor dem nächsten Termin noch klären.".repeat(number % 5);
    format!("Nachricht {number}.{more}")
}

/// When the two modules had come, from the moment the page was asked for.
async fn arrivals(browser: &Browser) -> String {
    let ends = "const end = (part) => performance.getEntriesByType('resource')
            .find((entry) => entry.name.includes(part))?.responseEnd ?? 0;
        return ['page_bg', 'worker_bg'].map((part) => (end(part) / 1000).toFixed(1) + ' s')
            .join(', ')";
    let ends = browser.run(ends).await;
    ends.as_str().unwrap_or_default().to_owned()
}

/// Milliseconds this browser needs for a certain sum.
async fn calculates(browser: &Browser) -> f64 {
    let sum = "const start = performance.now();
        let sum = 0;
        for (let number = 0; number < 3e7; number += 1) sum = (sum + number) % 1000003;
        return performance.now() - start + 0 * sum";
    browser.run(sum).await.as_f64().expect("a duration")
}

fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Said past the test's own capture: a measurement that nobody sees is none.
fn prints(figures: &str) {
    std::io::stderr()
        .write_all(format!("{figures}\n").as_bytes())
        .expect("somebody reads");
}
