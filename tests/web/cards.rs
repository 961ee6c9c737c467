//! Data cards: what there is to know about somebody, sent as fields that go on their day.

use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, story};

use crate::people::{admin, colleague, keeps_app, makes_room, opens_room, says, unlocks};

#[test]
fn a_data_card_goes_from_colleague_to_colleague_and_the_list_tells_nothing_of_it() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Akten", &["Bo Tal"]).await;

        anna.clicks("[aria-label='Datenkarte']").await;
        anna.presses("Datenkarte senden").await;
        anna.sees("Füllen Sie mindestens eine Angabe aus.").await;
        anna.types("[data-kind='Name'] input", "Kim Beispiel").await;
        anna.types("[data-kind='Phone'] input", "030 5550143").await;
        chooses(&anna, "Phone", "7").await;
        anna.presses("Weitere Angabe hinzufügen").await;
        anna.types("[data-kind='Other'] .card-row-label input", "Aktenzeichen")
            .await;
        anna.types("[data-kind='Other'] .grow input", "51-2/88")
            .await;
        anna.presses("Datenkarte senden").await;

        opens_room(&bo, "Akten").await;
        for said in [
            "Kim Beispiel",
            "030 5550143",
            "Aktenzeichen",
            "51-2/88",
            "Wird gelöscht am",
        ] {
            bo.sees(said).await;
        }
        let list = bo.run("return document.querySelector('.list-pane').innerText");
        let list = list.await.as_str().unwrap_or_default().to_owned();
        assert!(list.contains("Datenkarte"), "{list}");
        assert!(!list.contains("Kim"), "{list}");

        // What was sent is on the disk: it is there after the page is loaded anew.
        bo.reloads().await;
        unlocks(&bo).await;
        opens_room(&bo, "Akten").await;
        bo.sees("51-2/88").await;
        anna.ends().await;
        bo.ends().await;
    });
}

#[test]
fn a_text_that_holds_such_data_is_offered_as_a_card() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Akten", &[]).await;
        says(&anna, "Termin am 3.12. um 9:00").await;

        let typed = "Kim Beispiel, geb. 3.4.1991, Tel. 030 5550143";
        anna.types("#composer", typed).await;
        anna.presses("Als Datenkarte senden").await;
        for (kind, value) in [
            ("Name", "Kim Beispiel"),
            ("BirthDate", "3.4.1991"),
            ("Phone", "030 5550143"),
        ] {
            let field = format!("[data-kind='{kind}'] input");
            assert_eq!(anna.value_of(&field).await, value);
        }
        anna.presses("Datenkarte senden").await;
        anna.finds(".lines .data-card").await;
        let lines = anna.conversation().await;
        assert!(
            lines.contains("3.4.1991") && !lines.contains("geb."),
            "{lines}"
        );

        // The text has become the card: neither the field nor the draft has it still.
        assert_eq!(field_text(&anna).await, "");
        anna.reloads().await;
        unlocks(&anna).await;
        opens_room(&anna, "Akten").await;
        anna.sees("3.4.1991").await;
        assert_eq!(field_text(&anna).await, "");
        anna.ends().await;
    });
}

#[test]
fn a_field_goes_on_its_day_on_both_devices_and_the_others_stay() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Akten", &["Bo Tal"]).await;
        anna.clicks("[aria-label='Datenkarte']").await;
        anna.types("[data-kind='Name'] input", "Kim Beispiel").await;
        anna.types("[data-kind='Phone'] input", "030 5550143").await;
        chooses(&anna, "Phone", "7").await;
        anna.presses("Datenkarte senden").await;
        opens_room(&bo, "Akten").await;
        bo.sees("030 5550143").await;

        // Both devices are off for nine days; when they come back the relay is away, so
        // that nobody but their own clocks can tell them.
        let address = format!("http://{}/", world.address());
        for browser in [&anna, &bo] {
            browser.may_complain("/v1/socket");
            // It is asked for whenever the app is opened.
            browser.may_complain("/service-worker.js");
            keeps_app(browser).await;
            browser.opens("about:blank").await;
        }
        let _clocks = [anna.wakes_after(9).await, bo.wakes_after(9).await];
        world.days_pass(9, &[]).await;
        world.stop_relay().await;
        for browser in [&anna, &bo] {
            browser.opens(&address).await;
            unlocks(browser).await;
            opens_room(browser, "Akten").await;
            browser.sees("Kim Beispiel").await;
            browser.sees("Schon gelöscht").await;
            let page = browser
                .run("return document.documentElement.outerHTML")
                .await;
            let page = page.as_str().unwrap_or_default();
            assert!(!page.contains("030 5550143"), "{}", browser.name);
        }
        world.start_relay().await;
        anna.ends().await;
        bo.ends().await;
    });
}

async fn field_text(browser: &Browser) -> String {
    let field = browser.run("return document.getElementById('composer').value");
    field.await.as_str().unwrap_or_default().to_owned()
}

/// Chooses for how many days a field is kept.
async fn chooses(browser: &Browser, kind: &str, days: &str) {
    browser
        .clicks(&format!("[data-kind='{kind}'] option[value='{days}']"))
        .await;
}
