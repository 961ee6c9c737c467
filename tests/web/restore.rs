//! The relay's machine is lost, and the operator puts back the backup.

use siegel_client_core::Command;
use siegel_tests::browser::Browser;
use siegel_tests::harness::{World, story};

use crate::people::{
    admin, arrives, client, colleague, invites_client, makes_room, opens_room, says, unlocks,
};

/// What everybody is told.
const TOLD: &str = "Der Server läuft aus einer Sicherung weiter.";

#[test]
fn a_room_in_the_browser_lives_on_through_the_loss_of_its_relay() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Akten", &["Bo Tal"]).await;
        opens_room(&bo, "Akten").await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        let kim = client(&link).await;
        opens_room(&anna, "K. S.").await;
        says(&kim, "Kim am Abend").await;
        anna.reads("Kim am Abend").await;
        opens_room(&anna, "Akten").await;
        says(&bo, "Bo am Abend").await;
        anna.reads("Bo am Abend").await;
        opens_room(&anna, "K. S.").await;
        for person in [&anna, &bo, &kim] {
            person.may_complain("/v1/socket");
        }
        let backup = world.back_up().await;

        says(&kim, "Kim am Morgen").await;
        anna.reads("Kim am Morgen").await;
        says(&anna, "Anna am Morgen").await;
        kim.reads("Anna am Morgen").await;
        world.put_back(&backup).await;

        for person in [&anna, &bo, &kim] {
            person.sees(TOLD).await;
        }
        says(&kim, "Kim am Mittag").await;
        anna.reads("Kim am Mittag").await;
        says(&anna, "Anna am Mittag").await;
        kim.reads("Anna am Mittag").await;
        for person in [&anna, &kim] {
            let lines = person.conversation().await;
            for said in ["Kim am Abend", "Kim am Morgen", "Anna am Morgen"] {
                assert_eq!(lines.matches(said).count(), 1, "{said}: {lines}");
            }
        }
        says(&bo, "Bo am Mittag").await;
        opens_room(&anna, "Akten").await;
        anna.reads("Bo am Mittag").await;
        for person in [anna, bo, kim] {
            person.ends().await;
        }
    });
}

#[test]
fn who_manages_a_room_that_went_another_way_has_it_connected_anew() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna Berger").await;
        let cem = world.staff(&anna, "Cem Ay").await;
        let bo = Browser::start("Bo Tal").await;
        bo.opens(&world.staff_link(&anna, "Bo Tal").await).await;
        arrives(&bo, "Bo Tal").await;
        makes_room(&bo, "Fall 7", &["Anna Berger"]).await;
        let room = anna.room("Fall 7").await;
        bo.clicks("[aria-label='Personen im Raum']").await;
        bo.presses("Darf verwalten").await;
        let own = anna.id().await;
        anna.until("Anna manages the room", move |client| {
            let members = client.members(room).unwrap_or_default();
            members
                .iter()
                .any(|member| member.person == own && member.manager)
        })
        .await;
        anna.settles().await;
        let backup = world.back_up().await;

        // After the backup Bo changes the room, and Anna is away.
        anna.offline().await;
        bo.may_complain("/v1/socket");
        opens_room(&bo, "Fall 7").await;
        renames(&bo, "Fall 7 (neu)").await;
        bo.opens("about:blank").await;
        world.put_back(&backup).await;

        // Now Anna changes it, more than once, and Bo is away.
        anna.online().await;
        let id = cem.id().await;
        anna.command(Command::Refresh).await;
        anna.until("Cem is in the directory", move |client| {
            let known = client.contacts().unwrap_or_default();
            known.iter().any(|contact| contact.person == id)
        })
        .await;
        let people = vec![id];
        anna.command(Command::Add { room, people }).await;
        anna.counts(room, 3).await;
        anna.command(Command::Remove { room, person: id }).await;
        anna.counts(room, 2).await;
        anna.settles().await;
        anna.offline().await;

        bo.opens(&format!("http://{}/", world.address())).await;
        unlocks(&bo).await;
        opens_room(&bo, "Fall 7").await;
        bo.sees("dieses Gerät passt nicht zu ihr").await;
        bo.presses("Raum neu verbinden").await;
        bo.sees("Der Server übernimmt den Raum").await;
        bo.clicks("dialog .danger").await;
        bo.sees_no_longer("dieses Gerät passt nicht zu ihr").await;
        says(&bo, "Bo geht weiter").await;
        bo.sees("Gesendet").await;

        anna.online().await;
        anna.sees(room, "Bo geht weiter").await;
        anna.says(room, "Anna auch").await;
        bo.reads("Anna auch").await;
        bo.ends().await;
    });
}

async fn renames(browser: &Browser, title: &str) {
    browser.clicks("[aria-label='Mehr zu diesem Raum']").await;
    browser.presses("Umbenennen").await;
    browser.types("#room-title", title).await;
    browser.presses("Speichern").await;
    browser.sees(title).await;
}
