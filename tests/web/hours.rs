//! When somebody reads, and what a client sees when nobody does.

use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, story};

use crate::people::{
    admin, client, colleague, invites_client, makes_room, opens_room, says, unlocks,
};

/// What the app says when the hours are saved.
const SAVED: &str = "Ihre Klient/innen sehen die Zeiten.";
/// From this minute of the day on it is too late to be read today.
const LAST_MINUTES: u64 = 23 * 60 + 58;

#[test]
fn a_client_sees_when_somebody_reads_again_and_whom_to_call() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.types("#neutral-title", "Notizen").await;
        anna.presses("Nummer hinzufügen").await;
        anna.presses("Regeln ändern").await;
        anna.sees("Tragen Sie zu jeder Zeile eine Nummer ein").await;
        anna.types(".emergency-row .grow:nth-child(1) input", "Krisendienst")
            .await;
        anna.types(".emergency-row .grow:nth-child(2) input", "030 5550199")
            .await;
        anna.presses("Regeln ändern").await;
        anna.sees("Die Regeln gelten jetzt.").await;
        reads_on(&anna, in_days(&anna, 2).await).await;

        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        let kim = client(&link).await;
        kim.sees("Gerade liest hier niemand.").await;
        // Names are isolated, so that one in another script does not turn the sentence.
        kim.sees("\u{2068}Anna Berger\u{2069} liest wieder ab")
            .await;
        // The notice above takes room, and the last line is in sight all the same.
        kim.until("the last line is in sight", async || {
            let below = "const list = document.getElementById('lines');
                return list.scrollHeight - list.clientHeight - list.scrollTop < 4";
            (kim.run(below).await.as_bool() == Some(true)).then_some(())
        })
        .await;
        let target = kim.attribute_of(".emergency a", "href").await;
        assert_eq!(target, "tel:0305550199");
        // Who looks over the shoulder reads the name the organisation chose.
        let title = kim.run("return document.title").await;
        assert!(title.as_str().unwrap_or_default().contains("Notizen"));
        // Writing is possible all the same.
        says(&kim, "Ich melde mich trotzdem").await;

        // All day: the client sees it without doing anything.
        reads_all_day(&anna).await;
        kim.sees_no_longer("Gerade liest hier niemand.").await;

        // The hours are on the disk.
        anna.reloads().await;
        unlocks(&anna).await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.finds("#hours .hours-row").await;
        kim.clicks("[aria-label='Meine Daten']").await;
        kim.sees("Krisendienst").await;
        anna.ends().await;
        kim.ends().await;
    });
}

#[test]
fn the_usual_hours_can_be_changed_and_saved() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Montag bis Freitag, 9 bis 17 Uhr").await;
        anna.clicks("#hours .hours-row [aria-label='Entfernen']")
            .await;
        anna.presses("Zeiten speichern").await;
        anna.sees(SAVED).await;
        let rows = "return document.querySelectorAll('#hours .hours-row').length";
        assert_eq!(anna.run(rows).await.as_u64(), Some(4));
        anna.ends().await;
    });
}

#[test]
fn outside_the_hours_and_in_silent_rooms_nothing_rings() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Team", &["Bo Tal"]).await;
        reads_on(&bo, in_days(&bo, 2).await).await;
        // Nobody looks at Bo's page, and it may notify; what rings is counted.
        bo.does(
            "window.rung = [];
             window.Notification = class {
               static permission = 'granted';
               constructor(text) { window.rung.push(text); }
             };
             Object.defineProperty(document, 'visibilityState', { value: 'hidden' });",
        )
        .await;
        says(&anna, "abends gesagt").await;
        bo.sees("abends gesagt").await;
        assert_eq!(rung(&bo).await, 0);

        reads_all_day(&bo).await;
        says(&anna, "mittags gesagt").await;
        bo.until("it has rung", async || (rung(&bo).await == 1).then_some(()))
            .await;
        let text = bo.run("return window.rung[0]").await;
        assert_eq!(text.as_str(), Some("Es gibt etwas Neues."));

        opens_room(&bo, "Team").await;
        bo.clicks("[aria-label='Mehr zu diesem Raum']").await;
        bo.presses("Stumm schalten").await;
        bo.sees("stumm").await;
        says(&anna, "leise gesagt").await;
        bo.sees("leise gesagt").await;
        assert_eq!(rung(&bo).await, 1);
        anna.ends().await;
        bo.ends().await;
    });
}

async fn rung(browser: &Browser) -> u64 {
    let count = browser.run("return window.rung.length").await;
    count.as_u64().expect("a number")
}

#[test]
fn hours_that_end_before_they_begin_are_refused_and_stay_in_the_form() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.clicks_at("//section[@id='hours']//button[.='Weitere Zeit']")
            .await;
        sets(&anna, "#hours [type='time']", "18:00").await;
        anna.presses("Zeiten speichern").await;
        anna.sees("„Bis“ muss nach „Von“ liegen.").await;
        assert_eq!(anna.value_of("#hours [type='time']").await, "18:00");
        anna.ends().await;
    });
}

/// Sets one time, on this day of the week; Monday is 1.
async fn reads_on(browser: &Browser, weekday: u64) {
    browser.clicks("[aria-label='Einstellungen']").await;
    browser
        .clicks_at("//section[@id='hours']//button[.='Weitere Zeit']")
        .await;
    browser
        .clicks(&format!("#hours option[value='{weekday}']"))
        .await;
    browser.presses("Zeiten speichern").await;
    browser.sees(SAVED).await;
}

/// Sets all of today and of tomorrow, which it may be by then.
async fn reads_all_day(browser: &Browser) {
    browser.clicks("[aria-label='Einstellungen']").await;
    let today = in_days(browser, 0).await;
    browser
        .clicks(&format!("#hours option[value='{today}']"))
        .await;
    sets(browser, "#hours [type='time']", "00:00").await;
    sets(
        browser,
        "#hours label:nth-of-type(3) [type='time']",
        "23:59",
    )
    .await;
    // A further time is the same on the next day.
    browser
        .clicks_at("//section[@id='hours']//button[.='Weitere Zeit']")
        .await;
    // What was said when the hours were saved before.
    browser.sees_no_longer(SAVED).await;
    browser.presses("Zeiten speichern").await;
    browser.sees(SAVED).await;
    // A form for times of a day knows no end of it: in the last minute nobody reads.
    let minute = "const now = new Date(); return now.getHours() * 60 + now.getMinutes()";
    browser
        .until("it is not just before midnight", async || {
            let minute = browser.run(minute).await.as_u64()?;
            (minute < LAST_MINUTES).then_some(())
        })
        .await;
}

/// The number of the weekday in so many days; Monday is 1. Of two days at least one is left
/// when midnight comes in between.
async fn in_days(browser: &Browser, days: u64) -> u64 {
    let today = browser.run("return new Date().getDay()").await;
    let sunday_is_zero = today.as_u64().expect("a day");
    (sunday_is_zero + days + 6) % 7 + 1
}

/// Fields for times take keys in an order that depends on the language; a value is set as
/// the browser's own control does.
async fn sets(browser: &Browser, css: &str, value: &str) {
    browser.finds(css).await;
    browser
        .does(&format!(
            "const field = document.querySelector(\"{css}\");
             field.value = '{value}';
             field.dispatchEvent(new Event('input', {{ bubbles: true }}));"
        ))
        .await;
}
