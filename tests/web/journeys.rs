//! The ways people go with the app, from beginning to end.

use siegel_tests::browser::{Browser, Screen};
use siegel_tests::harness::{World, story};

use crate::people::{
    PASSPHRASE, admin, arrives, client, colleague, invites_client, makes_room, opens_room, says,
};

const GREETING: &str = "Guten Tag, hier erreichen Sie mich.";

#[test]
fn from_the_set_up_link_to_the_first_message_of_a_colleague() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;

        makes_room(&anna, "Team Jugend", &["Bo Tal"]).await;
        says(&anna, "Wer übernimmt am Dienstag?").await;
        opens_room(&bo, "Team Jugend").await;
        bo.sees("Wer übernimmt am Dienstag?").await;
        says(&bo, "Ich, ab neun.").await;
        anna.sees("Ich, ab neun.").await;
        anna.sees("Gelesen").await;

        anna.ends().await;
        bo.ends().await;
    });
}

#[test]
fn a_card_that_moves_under_the_finger_opens_its_own_room() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 1", &[]).await;
        says(&anna, "eins").await;
        makes_room(&anna, "Fall 2", &[]).await;
        says(&anna, "zwei").await;
        // The finger goes down on a card; then the order changes.
        let card = "window.held = [...document.querySelectorAll('.room-card')]
            .find((card) => card.innerText.includes('Fall 2'))";
        anna.does(card).await;
        opens_room(&anna, "Fall 1").await;
        anna.until("the order has changed", async || {
            // What was said in the same second as the last word over there moves nothing.
            says(&anna, "noch eins").await;
            let first = "return document.querySelector('.room-card').innerText.includes('Fall 1')";
            (anna.run(first).await.as_bool() == Some(true)).then_some(())
        })
        .await;
        anna.does("window.held.click()").await;
        anna.until("the room of that card is open", async || {
            let title = anna.run("return document.querySelector('.detail-pane h1').innerText");
            title.await.as_str()?.contains("Fall 2").then_some(())
        })
        .await;
        anna.ends().await;
    });
}

#[test]
fn a_client_is_in_the_room_while_staff_is_away() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", GREETING).await;
        anna.opens("about:blank").await;

        let kim = client(&link).await;
        kim.sees(GREETING).await;
        says(&kim, "Ich komme am Montag.").await;

        anna.opens(&format!("http://{}/", world.address())).await;
        anna.types("#secret", PASSPHRASE).await;
        anna.presses("Entsperren").await;
        opens_room(&anna, "K. S.").await;
        anna.sees("Ich komme am Montag.").await;
        anna.sees("Einverstanden").await;

        anna.ends().await;
        kim.ends().await;
    });
}

#[test]
fn a_link_opens_once() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", GREETING).await;
        let kim = client(&link).await;

        let thief = Browser::with("Fremder", Screen::Phone).await;
        thief.may_complain("/claim");
        thief.opens(&link).await;
        thief.presses("Deutsch").await;
        thief.sees("Dieser Link gilt nicht mehr.").await;
        assert_eq!(thief.counts(GREETING).await, 0);

        anna.ends().await;
        kim.ends().await;
        thief.ends().await;
    });
}

#[test]
fn a_file_goes_from_colleague_to_colleague() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Akten", &["Bo Tal"]).await;

        let folder = tempfile::TempDir::new().expect("a folder");
        let path = folder.path().join("Bericht.txt");
        std::fs::write(&path, "Der Bericht von gestern.").expect("a file");
        anna.names_file("#file-input", &path).await;
        anna.presses("Senden").await;

        opens_room(&bo, "Akten").await;
        bo.sees("Bericht.txt").await;
        bo.presses("Öffnen").await;
        bo.sees("Auf dem Gerät speichern").await;

        anna.ends().await;
        bo.ends().await;
    });
}

#[test]
fn a_client_takes_consent_back_and_leaves() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", GREETING).await;
        let kim = client(&link).await;

        kim.clicks("[aria-label='Meine Daten']").await;
        kim.presses("Einverständnis zurücknehmen").await;
        kim.sees("Sie haben Ihr Einverständnis zurückgenommen.")
            .await;
        opens_room(&anna, "K. S.").await;
        anna.sees("Einverständnis zurückgenommen").await;

        kim.presses("Verlassen und löschen").await;
        kim.clicks("dialog .danger").await;
        kim.sees("Alles ist gelöscht").await;
        anna.sees("Möchte den Raum verlassen").await;

        anna.ends().await;
        kim.ends().await;
    });
}

#[test]
fn locked_means_that_nothing_is_on_the_page() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;
        says(&anna, "Nur für uns").await;

        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Jetzt sperren").await;
        anna.finds("#secret").await;
        let page = anna.run("return document.documentElement.outerHTML").await;
        assert!(!page.as_str().unwrap_or_default().contains("Nur für uns"));

        anna.types("#secret", "ein ganz falsches Passwort").await;
        anna.presses("Entsperren").await;
        anna.sees("Das Passwort stimmt nicht.").await;
        anna.types("#secret", PASSPHRASE).await;
        anna.presses("Entsperren").await;
        opens_room(&anna, "Fall 7").await;
        anna.sees("Nur für uns").await;
        anna.ends().await;
    });
}

#[test]
fn attack_58_what_strangers_write_is_text_and_nothing_else() {
    let hostile = [
        "<img src=x onerror=alert(1)>",
        "<script>alert(1)</script>",
        "\"'><svg onload=alert(1)>",
        "{{constructor.constructor('alert(1)')()}}",
        "javascript:alert(1)",
    ];
    story(async {
        let world = World::start().await;
        let anna = Browser::start("Anna").await;
        anna.opens(&world.set_up_link().to_string()).await;
        arrives(&anna, hostile[0]).await;
        anna.sees("Noch keine Räume").await;
        makes_room(&anna, hostile[1], &[]).await;
        for text in hostile {
            says(&anna, text).await;
        }
        let foreign = "return document.querySelectorAll('img, script:not([src]), [onerror], [onload]').length";
        assert_eq!(anna.run(foreign).await.as_u64(), Some(0));
        let bubbles = "return document.querySelectorAll('.bubble-text').length";
        assert_eq!(anna.run(bubbles).await.as_u64(), Some(hostile.len() as u64));
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.sees(hostile[0]).await;

        opens_room(&anna, hostile[1]).await;
        anna.clicks("[aria-label='Datenkarte']").await;
        anna.types("[data-kind='Name'] input", hostile[0]).await;
        anna.presses("Weitere Angabe hinzufügen").await;
        anna.types("[data-kind='Other'] .card-row-label input", hostile[1])
            .await;
        anna.types("[data-kind='Other'] .grow input", hostile[2])
            .await;
        anna.presses("Datenkarte senden").await;
        anna.sees(hostile[2]).await;
        assert_eq!(anna.run(foreign).await.as_u64(), Some(0));
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.clicks_at("//section[@id='hours']//button[.='Weitere Zeit']")
            .await;
        anna.types("#hours-note", hostile[0]).await;
        anna.presses("Zeiten speichern").await;
        anna.sees("Ihre Klient/innen sehen die Zeiten.").await;
        anna.presses("Nummer hinzufügen").await;
        anna.types(".emergency-row .grow:nth-child(1) input", hostile[1])
            .await;
        anna.types(".emergency-row .grow:nth-child(2) input", hostile[4])
            .await;
        anna.presses("Regeln ändern").await;
        anna.sees("Die Regeln gelten jetzt.").await;

        let link = invites_client(&anna, hostile[2], hostile[3]).await;
        let kim = client(&link).await;
        kim.sees(hostile[3]).await;
        kim.clicks("[aria-label='Meine Daten']").await;
        kim.sees(hostile[1]).await;
        let dials =
            "return [...document.querySelectorAll('a')].every((a) => a.href.startsWith('tel:'))";
        assert_eq!(kim.run(dials).await.as_bool(), Some(true));
        assert_eq!(kim.run(foreign).await.as_u64(), Some(0));
        anna.ends().await;
        kim.ends().await;
    });
}
