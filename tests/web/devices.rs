//! Devices, how long messages live, and wrong tries.

use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, story};

use crate::people::{admin, colleague, makes_room, opens_room, says};

#[test]
fn a_lost_device_is_locked_out_by_itself() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Team", &["Bo Tal"]).await;
        says(&anna, "Guten Morgen").await;
        opens_room(&bo, "Team").await;
        bo.sees("Guten Morgen").await;

        anna.clicks("[aria-label='Personen im Raum']").await;
        anna.clicks_at("//li[contains(.,'Bo Tal')]//button[.='ein Gerät']")
            .await;
        anna.sees("Geräte von").await;
        anna.sees("noch nicht überprüft").await;
        anna.clicks("dialog .items .danger").await;
        anna.clicks("dialog .dialog-buttons .danger").await;
        bo.sees("Dieses Gerät wurde gesperrt").await;
        anna.ends().await;
        bo.ends().await;
    });
}

#[test]
fn a_room_keeps_its_messages_for_as_long_as_was_set() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Team", &[]).await;
        says(&anna, "Guten Morgen").await;
        anna.clicks("[aria-label='Mehr zu diesem Raum']").await;
        anna.presses("Löschfrist").await;
        anna.types("#retention-days", "400").await;
        anna.presses("Speichern").await;
        anna.sees("Erlaubt sind").await;
        anna.types("#retention-days", "14").await;
        anna.presses("Speichern").await;
        anna.sees("Nachrichten werden ab jetzt nach 14 Tagen gelöscht.")
            .await;
        anna.ends().await;
    });
}

#[test]
fn attack_74_too_many_wrong_tries_leave_nothing_on_the_device() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.types("#tries", "3").await;
        anna.presses("Regeln ändern").await;
        anna.sees("Erlaubt sind 0 oder 5 bis 100 Eingaben.").await;
        anna.types("#tries", "5").await;
        anna.presses("Regeln ändern").await;
        anna.sees("falschen Eingaben leert sich dieses Gerät.")
            .await;
        makes_room(&anna, "Fall 7", &[]).await;
        says(&anna, "Nur für uns").await;
        anna.clicks("[aria-label='Einstellungen']").await;
        anna.presses("Jetzt sperren").await;
        anna.sees("Noch 5 Versuche").await;

        for (wrong, left) in [
            ("stimmt nicht", "Noch 4 Versuche"),
            ("stimmt nicht", "Noch 3 Versuche"),
            // From here on tries take their time.
            ("mehrmals falsch", "Noch 2 Versuche"),
            ("mehrmals falsch", "Noch ein Versuch"),
        ] {
            tries_wrongly(&anna).await;
            anna.sees(left).await;
            anna.sees(wrong).await;
        }
        tries_wrongly(&anna).await;
        anna.sees("Alles ist gelöscht").await;
        let left = anna
            .run_async(
                "const done = arguments[arguments.length - 1];
                 const open = indexedDB.open('siegel');
                 open.onsuccess = () => {
                   const reads = open.result.transaction('rows').objectStore('rows').count();
                   reads.onsuccess = () => done(reads.result);
                 };",
            )
            .await;
        assert_eq!(left.as_u64(), Some(0), "rows are left");
        anna.ends().await;
    });
}

/// Tries a passphrase until the try counts: one that comes too soon leaves what was typed.
async fn tries_wrongly(browser: &Browser) {
    browser.types("#secret", "ein ganz falsches Passwort").await;
    let counts = "const field = document.getElementById('secret');
        if (!field || field.value === '') return true;
        document.querySelector('form [type=submit]')?.click();
        return false";
    browser
        .until("the try counts", async || {
            (browser.run(counts).await == true).then_some(())
        })
        .await;
}
