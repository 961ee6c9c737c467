//! Relays that wake each other through a broker.

use std::time::Duration;

use siegel_server::doctor;
use siegel_server::secret::Secret;
use tokio::time::Instant;

use crate::broker::Broker;
use crate::support::*;

/// How often relays look by themselves that do not hear each other; others more seldom.
const LOOK: Duration = Duration::from_millis(500);

/// Two relays on one database and one broker.
async fn two(broker: &Broker) -> (World, World) {
    let here = World::with(|config| config.nats = broker.setting()).await;
    here.make_organisation().await;
    let shared = here.config.clone();
    let there = World::with(|config| {
        config.blob_dir = shared.blobs();
        config.database = shared.database;
        config.nats = shared.nats;
    })
    .await;
    (here, there)
}

#[tokio::test]
async fn a_broker_wakes_relays_at_once() {
    let broker = Broker::start().await;
    let (here, there) = two(&broker).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = there.client().await;
    guest.attach(1, 2).await.expect("attached");
    // Whoever only looks finds no entry sooner than one look after the last.
    let (begun, mut message) = (Instant::now(), 0);
    loop {
        let mut times = Vec::new();
        for _ in 0..60 {
            message += 1;
            let said = Instant::now();
            anna.say(1, message).await;
            assert_eq!(number(&guest.delivered().await), message);
            times.push(said.elapsed());
        }
        times.sort_unstable();
        let middle = times[times.len() / 2];
        if middle < LOOK / 2 {
            return;
        }
        // They are not connected yet, as far as this tells.
        assert!(begun.elapsed() < PATIENCE, "{middle:?} for a wake-up");
    }
}

#[tokio::test]
async fn without_the_broker_relays_look_and_with_it_they_hear_again() {
    let mut broker = Broker::start().await;
    let (here, there) = two(&broker).await;
    let mut anna = here.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = there.client().await;
    guest.attach(1, 2).await.expect("attached");
    for message in 0..4 {
        broker.kill();
        anna.say(1, 2 * message + 1).await;
        assert_eq!(number(&guest.delivered().await), 2 * message + 1);
        broker.start_again().await;
        anna.say(1, 2 * message + 2).await;
        assert_eq!(number(&guest.delivered().await), 2 * message + 2);
    }
}

#[tokio::test]
async fn the_doctor_says_whether_the_broker_lets_the_relay_in() {
    let mut broker = Broker::start().await;
    let mut world = World::with(|config| config.nats = broker.setting()).await;
    world.stop().await;
    let told = |findings: Vec<doctor::Finding>| {
        let mut about = findings
            .into_iter()
            .filter(|f| f.to_string().contains("NATS broker"));
        about.next_back().expect("a finding")
    };
    assert!(!told(doctor::examine(&world.config).await).is_bad());
    let wrong = broker.setting().reveal().replace("canary", "wrong");
    world.config.nats = Secret::new(wrong);
    let finding = told(doctor::examine(&world.config).await);
    assert!(
        finding.is_bad() && !finding.to_string().contains("wrong"),
        "{finding}"
    );
    broker.kill();
    world.config.nats = broker.setting();
    let finding = told(doctor::examine(&world.config).await);
    assert!(
        finding.is_bad() && !finding.to_string().contains("canary"),
        "{finding}"
    );
    // A relay starts all the same, and looks.
    world.start().await;
    let mut anna = world.client().await;
    assert!(anna.goes_on().await);
}
