//! How far an own message got: waiting, sent, arrived, read.

use siegel_tests::harness::{World, story};

use crate::people::{
    PASSPHRASE, admin, client, colleague, invites_client, makes_room, opens_room, says, unlocks,
};

#[test]
fn an_own_message_is_sent_then_arrived_then_read() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let bo = colleague(&anna, "Bo Tal").await;
        let cem = colleague(&anna, "Cem Ay").await;
        makes_room(&anna, "Team", &["Bo Tal", "Cem Ay"]).await;
        cem.sees("Team").await;
        let address = format!("http://{}/", world.address());
        cem.opens("about:blank").await;

        // Bo's device has it, Cem's has not.
        says(&anna, "Wer kann am Dienstag?").await;
        bo.sees("Wer kann am Dienstag?").await;
        anna.sees("Gesendet").await;
        cem.opens(&address).await;
        cem.types("#secret", PASSPHRASE).await;
        cem.presses("Entsperren").await;
        cem.sees("Wer kann am Dienstag?").await;
        anna.sees("Angekommen").await;
        assert_eq!(anna.conversation().await.matches("Gelesen").count(), 0);
        opens_room(&bo, "Team").await;
        anna.sees("Gelesen von \u{2068}1\u{2069} von \u{2068}2\u{2069}")
            .await;
        opens_room(&cem, "Team").await;
        anna.until("all have read it", async || {
            let lines = anna.conversation().await;
            let done = lines.contains("Gelesen") && !lines.contains("Gelesen von");
            done.then_some(())
        })
        .await;

        // How far it got is on the disk.
        anna.reloads().await;
        unlocks(&anna).await;
        opens_room(&anna, "Team").await;
        anna.sees("Gelesen").await;
        anna.ends().await;
        bo.ends().await;
        cem.ends().await;
    });
}

#[test]
fn attack_55_what_a_client_got_shows_only_by_what_the_client_says() {
    story(async {
        let world = World::start().await;
        let anna = admin(&world, "Anna Berger").await;
        let link = invites_client(&anna, "K. S.", "Guten Tag").await;
        let kim = client(&link).await;
        opens_room(&anna, "K. S.").await;
        says(&anna, "Passt Ihnen Dienstag?").await;
        kim.sees("Passt Ihnen Dienstag?").await;
        anna.sees("Gesendet").await;
        says(&kim, "Ja, gern").await;
        anna.sees("Ja, gern").await;
        anna.sees("Angekommen").await;
        let lines = anna.conversation().await;
        assert!(!lines.contains("Gelesen"), "{lines}");
        anna.ends().await;
        kim.ends().await;
    });
}
