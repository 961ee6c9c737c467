//! What breaks: the line, the page in the middle of a word, the browser's memory.

use siegel_tests::harness::{World, story};

use crate::people::{admin, makes_room, opens_room, says, unlocks};

#[test]
fn what_is_written_while_the_relay_is_away_goes_out_once_and_in_order() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;
        says(&anna, "vorher").await;
        anna.sees("Gesendet").await;

        anna.may_complain("/v1/socket");
        world.stop_relay().await;
        for text in ["erstens", "zweitens", "drittens"] {
            says(&anna, text).await;
        }
        anna.sees("Wartet auf Verbindung").await;
        world.start_relay().await;
        anna.sees_no_longer("Wartet auf Verbindung").await;

        anna.reloads().await;
        unlocks(&anna).await;
        opens_room(&anna, "Fall 7").await;
        anna.reads("drittens").await;
        let text = anna.conversation().await;
        let places = ["vorher", "erstens", "zweitens", "drittens"].map(|said| {
            assert_eq!(text.matches(said).count(), 1, "{said} once in:\n{text}");
            text.find(said)
        });
        assert!(places.is_sorted(), "in order:\n{text}");
        anna.ends().await;
    });
}

#[test]
fn what_is_half_written_is_there_after_a_look_elsewhere() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;
        makes_room(&anna, "Fall 8", &[]).await;
        // No pause between the last letter and the other room.
        anna.types("#composer", "noch nicht fertig").await;
        opens_room(&anna, "Fall 7").await;
        opens_room(&anna, "Fall 8").await;
        let field = "return document.getElementById('composer').value";
        anna.until("what was written is in the field", async || {
            (anna.run(field).await.as_str() == Some("noch nicht fertig")).then_some(())
        })
        .await;
        anna.ends().await;
    });
}

#[test]
fn attack_64_a_page_loaded_anew_in_the_middle_of_sending_loses_and_doubles_nothing() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        makes_room(&anna, "Fall 7", &[]).await;
        for round in 0..3 {
            let text = format!("Nachricht {round}");
            says(&anna, &text).await;
            anna.reloads().await;
            unlocks(&anna).await;
            opens_room(&anna, "Fall 7").await;
            anna.reads(&text).await;
            assert_eq!(anna.conversation().await.matches(&text).count(), 1);
        }
        anna.ends().await;
    });
}

#[test]
fn attack_63_a_vault_the_browser_deleted_is_told_as_lost_and_never_made_anew() {
    for database in ["siegel", "siegel-witness"] {
        story(async {
            let world = World::start().await;
            let anna = admin(&world, "Anna Berger").await;
            anna.opens("about:blank").await;
            anna.opens(&format!("http://{}/healthz", world.address()))
                .await;
            anna.run_async(&deletion(database)).await;
            anna.opens(&format!("http://{}/", world.address())).await;
            match database {
                "siegel" => anna.sees("Die Daten auf diesem Gerät fehlen").await,
                // The vault itself is whole.
                _ => unlocks(&anna).await,
            }
            anna.ends().await;
        });
    }
}

#[test]
fn attack_63_rows_that_went_missing_lead_to_no_dead_end() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        anna.opens(&format!("http://{}/healthz", world.address()))
            .await;
        anna.run_async(
            "const done = arguments[arguments.length - 1];
             const open = indexedDB.open('siegel');
             open.onsuccess = () => {
               const cleared = open.result.transaction('rows', 'readwrite');
               cleared.objectStore('rows').clear();
               cleared.oncomplete = () => { open.result.close(); done(null); };
             };",
        )
        .await;
        anna.opens(&format!("http://{}/", world.address())).await;
        anna.sees("Die Daten auf diesem Gerät fehlen").await;
        anna.ends().await;
    });
}

fn deletion(database: &str) -> String {
    format!(
        "const done = arguments[arguments.length - 1];
         const request = indexedDB.deleteDatabase('{database}');
         request.onsuccess = () => done(null);
         request.onerror = () => done('failed');"
    )
}
