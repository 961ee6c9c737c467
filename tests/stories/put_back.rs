//! The relay's machine is lost at noon, and the operator puts back last night's backup.

use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::ids::RoomId;

use super::{Guest, Person, World, story};

async fn is_in_step(person: &Person, room: RoomId) {
    person
        .until("the room is in step with the relay", move |client| {
            let view = client.room(room);
            view.is_ok_and(|view| !view.out_of_step && !view.shut && !view.split_view)
        })
        .await;
    person.settles().await;
}

#[test]
fn a_room_lives_on_through_the_loss_of_its_relay() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let cem = world.staff(&anna, "Cem").await;
        let dana = world.staff(&anna, "Dana").await;
        let room = anna.makes_room("Fall 7", &[&bo, &cem]).await;
        let invited = Guest {
            label: "Frau K.",
            ..Guest::default()
        };
        let link = world.guest_link(&anna, Some(room), invited).await;
        let (guest, _) = world.guest("Frau K.", &link).await;
        for person in [&anna, &bo, &cem, &guest] {
            person.counts(room, 4).await;
            person
                .says(room, &format!("{} am Abend", person.name))
                .await;
        }
        let backup = world.back_up().await;

        // The morning after: Dana comes, Cem goes, all talk.
        let id = dana.id().await;
        anna.command(Command::Refresh).await;
        anna.command(Command::Add {
            room,
            people: vec![id],
        })
        .await;
        anna.counts(room, 5).await;
        let person = cem.id().await;
        anna.command(Command::Remove { room, person }).await;
        let people = [&anna, &bo, &dana, &guest];
        for person in people {
            person.counts(room, 4).await;
            person
                .says(room, &format!("{} am Morgen", person.name))
                .await;
        }
        for reader in people {
            for person in people {
                reader
                    .sees(room, &format!("{} am Morgen", person.name))
                    .await;
            }
        }

        world.put_back(&backup).await;
        is_in_step(&anna, room).await;
        // Dana's seat is younger than the backup, and the reset brought it back.
        dana.crash().await;
        dana.restart().await;
        for person in people {
            is_in_step(person, room).await;
        }
        for person in people {
            person
                .says(room, &format!("{} am Mittag", person.name))
                .await;
        }
        let (roster, epoch) = (anna.members(room).await, anna.view(room).await.epoch);
        for reader in people {
            for person in people {
                for time in ["Morgen", "Mittag"] {
                    let text = format!("{} am {time}", person.name);
                    reader.sees(room, &text).await;
                }
            }
            assert_eq!(reader.members(room).await.len(), roster.len());
            assert_eq!(reader.view(room).await.epoch, epoch, "{}", reader.name);
            let told = reader.lines(room).await;
            let told = told.iter().filter(|line| line.body == Body::PutBack);
            assert_eq!(told.count(), 1, "{} is told", reader.name);
        }
        assert!(roster.iter().all(|member| member.person != person));
        assert!(!cem.has(room, "Anna am Mittag").await);
    });
}

#[test]
fn a_room_of_the_day_the_relay_was_lost_is_made_again() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let backup = world.back_up().await;
        let room = anna.makes_room("Neuer Fall", &[&bo]).await;
        bo.counts(room, 2).await;
        bo.says(room, "heute aufgenommen").await;
        anna.sees(room, "heute aufgenommen").await;

        world.put_back(&backup).await;
        is_in_step(&anna, room).await;
        bo.crash().await;
        bo.restart().await;
        is_in_step(&bo, room).await;
        anna.says(room, "geht weiter").await;
        bo.sees(room, "geht weiter").await;
        bo.says(room, "ja").await;
        anna.sees(room, "ja").await;
        anna.sees(room, "heute aufgenommen").await;
    });
}
