//! Everything at once from one side, and people who go on working on the other. A program of
//! its own: what is measured is this relay's time and memory.
#![expect(
    clippy::expect_used,
    reason = "a test that cannot go on says where it stopped"
)]
#![expect(
    clippy::panic,
    reason = "a test that cannot go on says where it stopped"
)]
#![expect(dead_code, reason = "the relay's other tests need more of it")]

mod attackers;
#[path = "../relay/support.rs"]
mod support;

use siegel_server::machine;
use siegel_server::rate::Rate;
use tokio::time::Instant;

use support::*;

/// Whether an answer that the relay cannot give now is asked for again: what it depends on may
/// be late on a slow machine. Here it depends on nothing but its own disk.
const MAY_BE_LATE: bool = false;

/// Where the data lie: in a file.
async fn database() -> siegel_server::secret::Secret {
    std::future::ready(siegel_server::secret::Secret::default()).await
}

/// What one source may hold. The attackers come from four, honest people from a fifth.
const PLACES: u32 = 300;
const ENTRIES: u64 = 300;
const MOST_MEMORY: u64 = 512 * 1024 * 1024;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn attack_52_honest_people_are_served_while_others_attack() {
    let world = World::with(|config| {
        config.limits.connections_per_source = PLACES;
        config.limits.seat = Rate {
            per_second: 10_000,
            burst: 10_000,
        };
    })
    .await;
    world.make_organisation().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    // A room of the attackers': they are guests somewhere and read nothing.
    let seats: Vec<_> = (0..attackers::DEAF)
        .map(|seat| open_seat(2, seat))
        .collect();
    anna.create_room(2, &[vec![staff_seat(2, 200)], seats].concat())
        .await;
    anna.attach(2, 200).await.expect("attached");

    let address = world.relay().address();
    let connections = &world.relay().state().connections;
    let (attack, held) = attackers::begin(address, || connections.open()).await;
    assert!(held > 500, "{held} connections");

    let mut times = Vec::new();
    let mut most_memory = 0;
    for number in 1..=ENTRIES {
        let begun = Instant::now();
        anna.say(1, number).await;
        assert_eq!(guest.delivered().await.seq, number);
        times.push(begun.elapsed());
        if number % 3 == 0 {
            // Something large for those who do not read.
            let mut append = message_in(2, 0, number);
            append.payload = vec![0; 64 * 1024].into();
            anna.append(append).await.expect("appended");
        }
        if number % 50 == 0 {
            // New people come in at the door as well.
            world.client().await;
            assert_eq!(world.http("GET", "/healthz", &[], "").await.status(), 200);
            most_memory = most_memory.max(machine::resident_bytes().expect("Linux"));
        }
    }
    times.sort_unstable();
    let p99 = times[times.len() * 99 / 100];
    let middle = times[times.len() / 2];
    println!("p99 {p99:?}, middle {middle:?}, {most_memory} bytes");
    // Only a relay that leaves people standing takes so long; the figure is printed.
    assert!(p99 < PATIENCE, "p99 {p99:?}, middle {middle:?}");
    // The attackers' own memory lies in this process too.
    assert!(most_memory < MOST_MEMORY, "{most_memory} bytes");
    let told = attack.end().await;
    assert!(told.turned_away > 1_000, "{told:?}");
    assert!(told.huge_refused > 100, "{told:?}");

    let begun = Instant::now();
    until("the attackers are gone", || connections.open() <= 2).await;
    println!("recovered after {:?}", begun.elapsed());
    assert_eq!(world.http("GET", "/readyz", &[], "").await.status(), 200);
    anna.say(1, ENTRIES + 1).await;
    assert_eq!(guest.delivered().await.seq, ENTRIES + 1);
}

/// Where attachments lie: in a folder.
async fn blob_store() -> siegel_server::blobs::settings::BlobStore {
    std::future::ready(siegel_server::blobs::settings::BlobStore::default()).await
}
