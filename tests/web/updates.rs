//! The relay is brought up to date while people have the app open.

use siegel_tests::browser::{Browser, WindowHandle};
use siegel_tests::harness::{NewerRelay, World, story};

use crate::people::{admin, client, invites_client, makes_room, opens_room, says, unlocks};

const ANNOUNCED: &str = "Es gibt eine neue Version dieser App.";
/// The field of a data card's form.
const NAME: &str = "[data-kind='Name'] input";

#[test]
fn a_new_version_is_announced_and_taken_over_without_losing_what_is_typed() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;
        says(&anna, "vor dem Wechsel").await;
        assert!(!is_next(&anna).await);

        anna.may_complain("/v1/socket");
        anna.types("#composer", "noch nicht").await;
        world.update_relay().await;
        anna.sees(ANNOUNCED).await;
        // Nothing changes under the hands of somebody who writes.
        assert!(!is_next(&anna).await);
        anna.adds("#composer", " fertig").await;
        // No pause between the last letter and the press.
        anna.presses("Jetzt neu laden").await;
        goes_over(&anna).await;
        unlocks(&anna).await;
        opens_room(&anna, "Fall 7").await;
        has_draft(&anna, "noch nicht fertig").await;
        anna.sees("vor dem Wechsel").await;
        assert_eq!(anna.counts(ANNOUNCED).await, 0);
        anna.clicks("[aria-label='Senden']").await;
        anna.sees("noch nicht fertig").await;
        anna.sees("Gesendet").await;
        anna.ends().await;
    });
}

#[test]
fn all_tabs_go_over_to_a_new_version_together() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let first = makes_room_and_opens_it_in_a_second_tab(&world, &anna).await;
        anna.types("#composer", "im zweiten Tab").await;
        let second = anna.tab().await;

        anna.may_complain("/v1/socket");
        world.update_relay().await;
        anna.goes_to(&first).await;
        anna.sees(ANNOUNCED).await;
        anna.presses("Jetzt neu laden").await;
        for tab in [&first, &second] {
            anna.goes_to(tab).await;
            goes_over(&anna).await;
        }
        unlocks(&anna).await;
        for tab in [&second, &first] {
            anna.goes_to(tab).await;
            opens_room(&anna, "Fall 7").await;
            has_draft(&anna, "im zweiten Tab").await;
        }
        anna.ends().await;
    });
}

#[test]
fn a_half_filled_form_in_another_tab_holds_the_new_version_up() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let first = makes_room_and_opens_it_in_a_second_tab(&world, &anna).await;
        anna.clicks("[aria-label='Datenkarte']").await;
        anna.types(NAME, "K. Sommer").await;
        let second = anna.tab().await;

        anna.may_complain("/v1/socket");
        world.update_relay().await;
        anna.goes_to(&first).await;
        anna.sees(ANNOUNCED).await;
        anna.presses("Jetzt neu laden").await;
        anna.sees("Irgendwo ist noch ein Formular halb ausgefüllt")
            .await;
        assert!(!is_next(&anna).await);

        anna.goes_to(&second).await;
        assert_eq!(anna.value_of(NAME).await, "K. Sommer");
        anna.presses("Datenkarte senden").await;
        anna.reads("K. Sommer").await;
        anna.presses("Jetzt neu laden").await;
        for tab in [&first, &second] {
            anna.goes_to(tab).await;
            goes_over(&anna).await;
        }
        anna.ends().await;
    });
}

#[test]
fn a_client_goes_over_to_a_new_version_and_is_in_the_room_at_once() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        anna.ends().await;
        let kim = client(&link).await;
        kim.may_complain("/v1/socket");
        kim.types("#composer", "Ich komme am").await;
        world.update_relay().await;
        kim.sees(ANNOUNCED).await;
        kim.presses("Jetzt neu laden").await;
        goes_over(&kim).await;
        has_draft(&kim, "Ich komme am").await;
        kim.ends().await;
    });
}

#[test]
fn an_app_that_is_too_old_for_its_relay_says_so_and_what_to_do() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;
        says(&anna, "vorher").await;
        anna.sees("Gesendet").await;

        // The relay of a later time has none of the files of this app.
        anna.may_complain("/v1/socket");
        anna.may_complain("/service-worker.js");
        world.stop_relay().await;
        let newer = NewerRelay::at(world.address()).await;
        anna.sees("Diese App ist älter als der Server").await;
        anna.sees("Laden Sie die Seite neu.").await;
        // What is written waits.
        says(&anna, "währenddessen").await;
        anna.sees("Wartet auf Verbindung").await;
        anna.types("#composer", "halb fertig").await;

        newer.stops().await;
        world.start_relay().await;
        anna.presses("Jetzt neu laden").await;
        unlocks(&anna).await;
        opens_room(&anna, "Fall 7").await;
        anna.reads("währenddessen").await;
        anna.sees_no_longer("Wartet auf Verbindung").await;
        has_draft(&anna, "halb fertig").await;
        let lines = anna.conversation().await;
        assert_eq!(lines.matches("währenddessen").count(), 1, "{lines}");
        assert_eq!(anna.counts("Diese App ist älter").await, 0);
        anna.ends().await;
    });
}

/// The second tab is the one in front; gives the first.
async fn makes_room_and_opens_it_in_a_second_tab(world: &World, anna: &Browser) -> WindowHandle {
    makes_room(anna, "Fall 7", &[]).await;
    let first = anna.tab().await;
    anna.opens_tab(&format!("http://{}/", world.address()))
        .await;
    opens_room(anna, "Fall 7").await;
    first
}

async fn goes_over(browser: &Browser) {
    browser
        .until("the next version runs", async || {
            is_next(browser).await.then_some(())
        })
        .await;
}

async fn is_next(browser: &Browser) -> bool {
    let edition = "return getComputedStyle(document.documentElement).getPropertyValue('--edition')";
    browser.run(edition).await.as_str() == Some("next")
}

/// Waits until the field holds what was half written.
async fn has_draft(browser: &Browser, text: &str) {
    let field = "return document.getElementById('composer')?.value";
    browser
        .until(&format!("“{text}” is in the field"), async || {
            (browser.run(field).await.as_str() == Some(text)).then_some(())
        })
        .await;
}
