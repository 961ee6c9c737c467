//! A client joins from a link.

use siegel_client_core::Command;
use siegel_client_core::room::timeline::Body;
use siegel_proto::content::Kind;
use siegel_proto::ids::ContentHash;

use super::{Guest, Person, World, story};

#[test]
fn a_client_joins_while_the_inviter_is_offline() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let guest = Guest {
            greeting: "Hier erreichen Sie mich.",
            ..Guest::default()
        };
        let link = world.guest_link(&anna, None, guest).await;
        anna.crash().await;

        let (kim, room) = world.guest("Kim", &link).await;
        kim.sees(room, "Hier erreichen Sie mich.").await;
        let notice = notice(&kim, room).await;
        kim.command(Command::Say {
            room,
            kind: Kind::Consent {
                notice_version: notice.version,
                language: notice.language,
                granted: true,
                notice_hash: ContentHash::of(notice.body.as_bytes()),
            },
        })
        .await;
        kim.says(room, "Ich bin einverstanden.").await;

        anna.restart().await;
        anna.sees(room, "Ich bin einverstanden.").await;
        let members = anna.members(room).await;
        assert!(members.iter().all(|member| !member.provisional));
        let lines = anna.lines(room).await;
        let agreed = |body: &Body| matches!(body, Body::Consent { granted: true, .. });
        assert!(lines.iter().any(|line| agreed(&line.body)));
        anna.says(room, "Schön!").await;
        kim.sees(room, "Schön!").await;
    });
}

async fn notice(person: &Person, room: siegel_proto::ids::RoomId) -> siegel_proto::content::Notice {
    let lines = person.lines(room).await;
    let mut bodies = lines.into_iter().map(|line| line.body);
    let found = bodies.find_map(|body| match body {
        Body::Notice(notice) => Some(notice),
        _ => None,
    });
    found.expect("the notice stands after the greeting")
}

#[test]
fn attack_10_a_link_opens_once_and_asking_for_the_page_does_not_use_it() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let link = world.guest_link(&anna, None, Guest::default()).await;
        // Mail scanners and chat previews fetch the page; the fragment never leaves them.
        for _ in 0..20 {
            let page = fetch_page(&world).await;
            assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        }
        let (kim, room) = world.guest("Kim", &link).await;
        let second = world.device("Lou");
        open(&second, &link).await;
        second.until("the link is refused", was_refused).await;
        kim.says(room, "nur ich bin hier").await;
        anna.sees(room, "nur ich bin hier").await;
        assert_eq!(anna.members(room).await.len(), 2);
    });
}

#[test]
fn a_link_that_ran_out_is_refused() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let link = world.guest_link(&anna, None, Guest::default()).await;
        world.days_pass(4, &[&anna]).await;
        let kim = world.device("Kim");
        open(&kim, &link).await;
        kim.until("the link is refused", was_refused).await;
    });
}

#[test]
fn attack_09_of_many_who_open_one_link_one_gets_in() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let link = world.guest_link(&anna, None, Guest::default()).await;
        let mut devices = Vec::new();
        for n in 0..20 {
            let device = world.device(&format!("Gerät {n}"));
            open(&device, &link).await;
            devices.push(device);
        }
        let mut winners = 0;
        for device in &devices {
            device
                .until("the link is decided", |client| {
                    client.profile().is_ok() || was_refused(client)
                })
                .await;
            winners += usize::from(device.read(|client| client.profile().is_ok()).await);
        }
        assert_eq!(winners, 1);
    });
}

#[test]
fn attack_08_a_link_for_something_else_is_refused_as_that() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let link = world.guest_link(&anna, None, Guest::default()).await;
        let as_device = link.replace("#guest.", "#device.");
        assert!(as_device.parse::<siegel_client_core::link::Link>().is_err());
        // The same secret under another word opens nothing.
        let as_staff = link.replace("#guest.", "#staff.");
        let eve = world.device("Eve");
        open(&eve, &as_staff).await;
        eve.until("the capsule does not open", was_refused).await;
    });
}

#[test]
fn a_client_takes_consent_back_and_leaves() {
    story(async {
        let world = World::start().await;
        let anna = world.admin("Anna").await;
        let link = world.guest_link(&anna, None, Guest::default()).await;
        let (kim, room) = world.guest("Kim", &link).await;
        let kind = Kind::Leave;
        kim.command(Command::Say { room, kind }).await;
        anna.counts(room, 1).await;
        let gone = |client: &siegel_client_core::Client| {
            client
                .rooms()
                .unwrap_or_default()
                .iter()
                .all(|room| room.stage == siegel_client_core::room::Stage::Removed)
        };
        kim.until("the room is closed", gone).await;
        anna.writes(room, "das liest Kim nicht mehr").await;
        anna.settles().await;
        assert!(!kim.has(room, "das liest Kim nicht mehr").await);
    });
}

async fn open(device: &Person, link: &str) {
    let command = Command::Join {
        link: link.parse().expect("a link"),
        name: device.name.clone(),
        position: String::new(),
    };
    device.command(command).await;
}

/// A refused join leaves nothing behind; the claim in flight keeps its row until then.
fn was_refused(client: &siegel_client_core::Client) -> bool {
    client.profile().is_err() && !client.is_joining()
}

async fn fetch_page(world: &World) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let stream = tokio::net::TcpStream::connect(world.address()).await;
    let mut stream = stream.expect("the relay answers");
    let request = b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    stream.write_all(request).await.expect("writes");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("reads");
    answer
}
