//! Relays and their database are killed under load: nothing is lost, doubled or out of order.

use siegel_proto::ErrorCode;
use siegel_proto::frame::Request;

use crate::broker::Broker;
use crate::cluster::{self, Cluster};
use crate::support::*;
use crate::swarm::{Fleet, Swarm};

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_devices_lose_nothing_with_a_relay_and_all_wake_ups() {
    let mut fleet = Fleet::start(cluster::shared().database().await, 3, "").await;
    let (rooms, seats, each) = (20, 10, 8);
    let swarm = Swarm::start(&fleet, rooms, seats, each).await;
    swarm.reaches(25).await;
    fleet.relays[0].kill();
    swarm.reaches(50).await;
    fleet.cut_wake_ups().await;
    let longest = swarm.arrives().await;
    println!("without a seat for {longest:?} at most");
    assert!(longest < PATIENCE, "back after {longest:?}");
}

/// The same with a broker between the relays, which dies as well and comes back.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_devices_lose_nothing_with_a_relay_and_the_broker() {
    let mut broker = Broker::start().await;
    let nats = format!("nats = '{}'", broker.setting().reveal());
    let mut fleet = Fleet::start(cluster::shared().database().await, 3, &nats).await;
    let (rooms, seats, each) = (20, 10, 8);
    let swarm = Swarm::start(&fleet, rooms, seats, each).await;
    swarm.reaches(20).await;
    fleet.relays[0].kill();
    swarm.reaches(40).await;
    broker.kill();
    swarm.reaches(70).await;
    broker.start_again().await;
    let longest = swarm.arrives().await;
    println!("without a seat for {longest:?} at most");
    assert!(longest < PATIENCE, "back after {longest:?}");
}

/// Every process of the database dies at once, three times, while all write.
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_database_keeps_what_was_acknowledged() {
    let cluster = Cluster::start("");
    let fleet = Fleet::start(cluster.database().await, 3, "").await;
    let (rooms, seats, each) = (12, 5, 16);
    let swarm = Swarm::start(&fleet, rooms, seats, each).await;
    for hundredths in [20, 45, 70] {
        swarm.reaches(hundredths).await;
        cluster.kill();
        cluster.start_again();
    }
    swarm.arrives().await;
}

/// The machine of the database is gone without a word, and comes back.
#[tokio::test]
async fn a_silent_database_is_let_go_and_found_again() {
    let cluster = Cluster::start("");
    let database = cluster.database().await;
    let world = World::with(|config| config.database = database).await;
    world.make_organisation().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut guest = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    assert_eq!(anna.say(1, 1).await, 1);
    assert_eq!(number(&guest.delivered().await), 1);

    let frozen = cluster.freeze();
    let (written, read) = tokio::join!(
        anna.ask_once(Request::Append(message_in(1, 0, 2))),
        guest.ask_once(Request::GetPolicy)
    );
    drop(frozen);
    assert_eq!(written.expect_err("no answer").code, ErrorCode::Unavailable);
    assert_eq!(read.expect_err("no answer").code, ErrorCode::Unavailable);

    // Found again, and stored once, whether or not the first attempt still was.
    assert_eq!(anna.say(1, 2).await, 2);
    assert_eq!(number(&guest.delivered().await), 2);
    guest.ask(Request::GetPolicy).await.expect("read again");
}
