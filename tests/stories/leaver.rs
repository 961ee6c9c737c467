//! Somebody leaves the organisation.

use siegel_client_core::Command;

use super::{Guest, World, story};

#[test]
fn attack_15_who_has_left_reads_nothing_that_is_sent_afterwards() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let cem = world.staff(&anna, "Cem").await;
        let team = anna.makes_room("Team", &[&bo, &cem]).await;
        // A case of Cem's own: nobody else manages it.
        let case = cem.makes_room("Fall 9", &[&bo]).await;
        let link = world.guest_link(&cem, Some(case), Guest::default()).await;
        let (kim, _) = world.guest("Kim", &link).await;
        for room in [team, case] {
            bo.counts(room, 3).await;
        }
        cem.says(team, "vorher").await;
        bo.sees(team, "vorher").await;

        let leaver = cem.id().await;
        anna.command(Command::RevokePerson(leaver)).await;
        cem.until("the device knows that it is revoked", |client| {
            client.profile().is_ok_and(|profile| profile.revoked)
        })
        .await;
        // Staff removes it without being asked, also where only the leaver managed.
        anna.counts(team, 2).await;
        bo.counts(case, 2).await;
        kim.counts(case, 2).await;
        bo.says(team, "nachher im Team").await;
        bo.says(case, "nachher im Fall").await;
        anna.sees(team, "nachher im Team").await;
        kim.sees(case, "nachher im Fall").await;
        kim.says(case, "ist jetzt Bo zuständig?").await;
        bo.sees(case, "ist jetzt Bo zuständig?").await;

        // With everything the device has, session, seats and keys, it gets nothing.
        cem.crash().await;
        cem.restart().await;
        anna.says(team, "und noch etwas").await;
        assert!(!cem.has(team, "nachher im Team").await);
        assert!(!cem.has(team, "und noch etwas").await);
        assert!(!cem.has(case, "nachher im Fall").await);
    });
}

#[test]
fn who_is_removed_from_a_room_stays_out_of_it() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let cem = world.staff(&anna, "Cem").await;
        let room = anna.makes_room("Fall 7", &[&bo, &cem]).await;
        bo.counts(room, 3).await;
        let person = bo.id().await;
        anna.command(Command::Remove { room, person }).await;
        anna.counts(room, 2).await;
        anna.says(room, "unter uns").await;
        cem.sees(room, "unter uns").await;
        bo.crash().await;
        bo.restart().await;
        let other = anna.makes_room("Fall 8", &[&bo]).await;
        anna.says(other, "hier weiter").await;
        bo.sees(other, "hier weiter").await;
        assert!(!bo.has(room, "unter uns").await);

        // Only who manages the room changes its members.
        let anna_id = anna.id().await;
        cem.command(Command::Remove {
            room,
            person: anna_id,
        })
        .await;
        cem.until("the removal has failed", move |client| {
            client.room(room).is_ok_and(|room| room.failed == 1)
        })
        .await;
        assert_eq!(cem.members(room).await.len(), 2);
    });
}
