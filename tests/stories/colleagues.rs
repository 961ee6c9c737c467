//! Colleagues exchange what a client entrusted to them.

use siegel_server::rate::Rate;

use super::{Guest, Network, Weather, World, story};

#[test]
fn two_colleagues_exchange_messages_and_a_file() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let room = anna.makes_room("Fall 7", &[&bo]).await;
        anna.says(room, "Frau K. ist umgezogen.").await;
        bo.sees(room, "Frau K. ist umgezogen.").await;
        bo.says(room, "Danke, ich trage es ein.").await;
        anna.sees(room, "Danke, ich trage es ein.").await;

        let file: Vec<u8> = (0..300_000u32).map(|n| n.to_be_bytes()[3]).collect();
        anna.sends_file(room, "bescheid.pdf", file.clone()).await;
        assert_eq!(bo.receives_file(room, "bescheid.pdf").await, file);
    });
}

#[test]
fn a_group_of_five_sees_everything_once_and_in_one_order() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let mut team = Vec::new();
        for name in ["Bo", "Cem", "Dana", "Eli"] {
            team.push(world.staff(&anna, name).await);
        }
        let everybody: Vec<_> = team.iter().collect();
        let room = anna.makes_room("Team", &everybody).await;
        for person in &team {
            person.counts(room, 5).await;
            person.says(room, &format!("{} ist da", person.name)).await;
        }
        for name in ["Bo", "Cem", "Dana", "Eli"] {
            let text = format!("{name} ist da");
            anna.sees(room, &text).await;
            for person in &team {
                person.sees(room, &text).await;
            }
        }
        let order = anna.texts(room).await;
        for person in &team {
            assert_eq!(person.texts(room).await, order, "{}", person.name);
        }
    });
}

#[test]
fn who_is_offline_reads_it_later_also_when_relay_and_devices_restart() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let bo = world.staff(&anna, "Bo").await;
        let room = anna.makes_room("Fall 7", &[&bo]).await;
        bo.counts(room, 2).await;
        bo.settles().await;
        bo.crash().await;
        for n in 0..20 {
            anna.says(room, &format!("Nachricht {n}")).await;
        }
        world.stop_relay().await;
        anna.writes(room, "wartet auf den Server").await;
        anna.crash().await;
        world.start_relay().await;
        anna.restart().await;
        anna.settles().await;
        bo.restart().await;
        bo.sees(room, "wartet auf den Server").await;
        assert_eq!(bo.texts(room).await, anna.texts(room).await);
        assert_eq!(bo.texts(room).await.len(), 21);
    });
}

#[test]
fn a_lost_answer_neither_loses_nor_doubles() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let network = Network::to(world.address()).await;
        let bo = world.device_through("Bo", Some(&network));
        world.joins_staff(&anna, &bo).await;
        let room = bo.makes_room("Fall 7", &[&anna]).await;
        for n in 0..5 {
            let text = format!("Nachricht {n}");
            network.becomes(Weather::AnswersLost);
            bo.writes(room, &text).await;
            anna.sees(room, &text).await;
            network.cut();
            bo.settles().await;
        }
        anna.says(room, "Ende").await;
        bo.sees(room, "Ende").await;
        assert_eq!(anna.texts(room).await, bo.texts(room).await);
        assert_eq!(anna.texts(room).await.len(), 6);
    });
}

/// After a restart a whole house comes back at once, from one address.
#[test]
fn who_comes_in_a_crowd_is_let_in_all_the_same() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let link = world.guest_link(&anna, None, Guest::default()).await;
        let (kim, room) = world.guest("Kim", &link).await;
        anna.settles().await;
        anna.offline().await;
        kim.offline().await;
        world
            .restart_relay_with(|config| {
                config.limits.source = Rate {
                    per_second: 1,
                    burst: 1,
                };
            })
            .await;
        kim.writes(room, "Bin ich zu früh?").await;
        // The connection itself uses up what the address may ask for.
        kim.online().await;
        kim.settles().await;
        anna.online().await;
        anna.sees(room, "Bin ich zu früh?").await;
        anna.says(room, "Nein.").await;
        kim.sees(room, "Nein.").await;
    });
}
