//! Saying again elsewhere what was said here, and naming colleagues.

use siegel_tests::harness::{World, story};

use crate::people::{
    admin, attaches, client, colleague, invites_client, makes_room, opens_room, says, unlocks,
};

/// The key, as WebDriver writes it.
const ENTER: &str = "\u{e007}";

#[test]
fn what_crosses_rooms_carries_its_reason_and_no_name_of_a_client() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Team", &["Bo Tal"]).await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        let kim = client(&link).await;
        says(&kim, "Ich brauche einen Termin").await;

        opens_room(&anna, "K. S.").await;
        anna.sees("Ich brauche einen Termin").await;
        let theirs = "//article[contains(.,'Ich brauche einen Termin')]//button[@aria-label='Mehr zu dieser Nachricht']";
        anna.clicks_at(theirs).await;
        anna.presses("Weiterleiten").await;
        anna.clicks("dialog [name='forward-to']").await;
        anna.clicks("dialog [type='submit']").await;
        anna.sees("Geben Sie einen Grund an.").await;
        anna.types("#forward-reason", "Vertretung ab Montag").await;
        anna.clicks("dialog [type='submit']").await;
        anna.sees("Weitergeleitet.").await;

        opens_room(&bo, "Team").await;
        bo.reads("Ich brauche einen Termin").await;
        bo.reads("Vertretung ab Montag").await;
        let lines = bo.conversation().await;
        assert!(lines.contains("Weitergeleitet"), "{lines}");
        assert!(!lines.contains("K. S."), "{lines}");
        bo.reloads().await;
        unlocks(&bo).await;
        opens_room(&bo, "Team").await;
        bo.reads("Vertretung ab Montag").await;
        anna.ends().await;
        bo.ends().await;
        kim.ends().await;
    });
}

#[test]
fn a_file_crosses_rooms_with_its_reason_and_opens_there() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        makes_room(&anna, "Team", &["Bo Tal"]).await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        let kim = client(&link).await;
        attaches(&kim, "Bescheid vom Amt.txt", "Der Bescheid ist da.").await;

        opens_room(&anna, "K. S.").await;
        anna.sees("Bescheid vom Amt.txt").await;
        let theirs = "//article[contains(.,'Bescheid vom Amt.txt')]//button[@aria-label='Mehr zu dieser Nachricht']";
        anna.clicks_at(theirs).await;
        anna.presses("Weiterleiten").await;
        anna.clicks("dialog [name='forward-to']").await;
        anna.types("#forward-reason", "Frist am Freitag").await;
        anna.clicks("dialog [type='submit']").await;
        anna.sees("Weitergeleitet.").await;
        // Whoever forwards has nothing to do with it any more: the file is Bo's, too.
        anna.ends().await;

        opens_room(&bo, "Team").await;
        bo.reads("Bescheid vom Amt.txt").await;
        bo.reads("Frist am Freitag").await;
        let lines = bo.conversation().await;
        assert!(!lines.contains("K. S."), "{lines}");
        bo.presses("Öffnen").await;
        bo.sees("Auf dem Gerät speichern").await;
        bo.presses("Auf dem Gerät speichern").await;
        let saved = bo.saved("Bescheid vom Amt.txt").await;
        assert_eq!(saved, "Der Bescheid ist da.");
        bo.ends().await;
        kim.ends().await;
    });
}

#[test]
fn who_is_named_is_told_so_and_others_are_not() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        let cem = colleague(&anna, "Cem Ay").await;
        makes_room(&anna, "Team", &["Bo Tal", "Cem Ay"]).await;
        says(&anna, "Guten Morgen").await;
        anna.types("#composer", "Kannst du das, @ta").await;
        anna.finds("#mention-list-0").await;
        anna.adds("#composer", ENTER).await;
        // The caret is placed behind the name.
        anna.settles().await;
        anna.adds("#composer", "bis Freitag?").await;
        anna.clicks("[aria-label='Senden']").await;

        let badge = "return document.querySelector('.room-side')?.innerText ?? ''";
        bo.until("the list says that Bo was named", async || {
            let shown = bo.run(badge).await;
            shown.as_str()?.contains('@').then_some(())
        })
        .await;
        opens_room(&bo, "Team").await;
        let named = bo.text_of(".mention.own").await;
        assert!(named.contains("@Bo Tal"), "{named}");
        bo.sees("Kannst du das, @Bo Tal bis Freitag?").await;

        cem.sees("Kannst du das").await;
        let shown = cem.run(badge).await;
        assert!(!shown.as_str().unwrap_or_default().contains('@'));
        anna.ends().await;
        bo.ends().await;
        cem.ends().await;
    });
}
