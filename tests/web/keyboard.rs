//! Without a mouse, and on a screen at four times its size (WCAG 2.2: 2.1.1, 2.4.7, 1.4.10).

use fantoccini::Locator;
use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, story};

use crate::people::{PASSPHRASE, admin, makes_room, opens_room, says};

const TAB: &str = "\u{e004}";
const ENTER: &str = "\u{e007}";
const ESCAPE: &str = "\u{e00c}";
/// No screen has so many things to stop at.
const MOST_STOPS: usize = 60;

/// What the keyboard is at: its name and, where nothing shows that, a complaint.
const FOCUSED: &str = "
    const at = document.activeElement;
    const label = at.labels?.[0]?.innerText ?? '';
    const name = at.getAttribute('aria-label') ?? (label || at.innerText || at.id);
    const style = getComputedStyle(at);
    const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
        || style.boxShadow !== 'none';
    return (shown || at.tabIndex < 0 ? '' : 'unseen: ') + name.trim();";

#[test]
fn a_keyboard_is_enough_from_the_set_up_link_to_the_first_message() {
    story(async {
        let world = World::start().await;
        let anna = Browser::start("Anna Berger").await;
        anna.opens(&world.set_up_link().to_string()).await;
        anna.finds("#name").await;
        for (field, text) in [
            ("Ihr Name", "Anna Berger"),
            ("Passwort für dieses Gerät", PASSPHRASE),
            ("Passwort noch einmal", PASSPHRASE),
        ] {
            reaches(&anna, field).await;
            anna.strikes(text).await;
        }
        anna.strikes(ENTER).await;
        anna.sees("Noch keine Räume").await;

        reaches(&anna, "Neu").await;
        anna.strikes(ENTER).await;
        anna.finds("dialog[open]").await;
        anna.strikes(ESCAPE).await;
        anna.until("the dialog is closed", async || {
            let open = anna.client().find(Locator::Css("dialog[open]")).await;
            open.is_err().then_some(())
        })
        .await;
        // Where one came from, and not at the top of the page.
        anna.until("the keyboard is where it was", async || {
            (focused(&anna).await == "Neu").then_some(())
        })
        .await;

        anna.strikes(ENTER).await;
        anna.finds("dialog[open]").await;
        reaches(&anna, "Neuer Raum").await;
        anna.strikes(ENTER).await;
        anna.finds("#new-room-title").await;
        reaches(&anna, "Name des Raums").await;
        anna.strikes("Team Jugend").await;
        anna.sees("Raum anlegen").await;
        anna.strikes(ENTER).await;
        anna.finds("#composer").await;
        reaches(&anna, "Nachricht schreiben").await;
        anna.strikes("Wer übernimmt am Dienstag?").await;
        // Where there is no mouse, as here, Enter begins a new line.
        reaches(&anna, "Senden").await;
        anna.strikes(ENTER).await;
        anna.sees("Gesendet").await;
        anna.reads("Wer übernimmt am Dienstag?").await;
        anna.ends().await;
    });
}

#[test]
fn at_four_times_its_size_a_screen_scrolls_in_one_direction_only() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Eine Besprechung mit einem recht langen Namen", &[]).await;
        says(
            &anna,
            "Donaudampfschifffahrtsgesellschaftskapitänspatentprüfung",
        )
        .await;
        // What is left of 1280 by 1024 at 400 %, with the browser's own bars.
        anna.becomes(320, 256).await;
        fits(&anna, "the room").await;
        anna.clicks("[aria-label='Zurück']").await;
        fits(&anna, "the list").await;
        for (leads, to) in [("Neu", "dialog[open]"), ("Einstellungen", "#tries")] {
            anna.clicks(&format!("[aria-label='{leads}']")).await;
            anna.finds(to).await;
            fits(&anna, leads).await;
            if to.starts_with("dialog") {
                anna.strikes(ESCAPE).await;
            } else {
                anna.clicks("[aria-label='Zurück']").await;
            }
        }
        opens_room(&anna, "Eine Besprechung").await;
        anna.ends().await;
    });
}

/// Goes on from stop to stop until one is called so.
async fn reaches(browser: &Browser, name: &str) {
    let mut met = Vec::new();
    loop {
        let at = focused(browser).await;
        assert!(!at.starts_with("unseen: "), "nobody sees where it is: {at}");
        if at == name {
            return;
        }
        met.push(at);
        assert!(
            met.len() < MOST_STOPS,
            "the keyboard does not come to “{name}”, only to {met:?}"
        );
        browser.strikes(TAB).await;
    }
}

async fn focused(browser: &Browser) -> String {
    browser.settles().await;
    let at = browser.run(FOCUSED).await;
    at.as_str().unwrap_or_default().to_owned()
}

async fn fits(browser: &Browser, screen: &str) {
    let over = browser
        .run("return document.documentElement.scrollWidth - innerWidth")
        .await;
    assert!(
        over.as_i64().is_some_and(|over| over <= 0),
        "{screen}: {over} too wide"
    );
}
