//! The driver in process: crashes at every batch, and a relay that is not there.

#![expect(
    clippy::unwrap_used,
    reason = "the support of tests fails by panicking"
)]

use std::path::{Path, PathBuf};
use std::time::Duration;

use siegel_cli::driver::{Connection, Driver, DriverError, Options};
use siegel_cli::net::backoff::Backoff;
use siegel_cli::net::dial::Route;
use siegel_cli::passphrase::Passphrase;
use siegel_cli::profile::Profile;
use siegel_cli::store::{Fault, StoreError};
use siegel_client_core::room::timeline::Body;
use siegel_client_core::vault::PassphraseCost;
use siegel_client_core::{Client, Command, Event};
use siegel_proto::content::Kind;
use siegel_proto::ids::RoomId;
use siegel_server::Relay;
use siegel_server::clock::{Clock, Entropy};
use siegel_server::config::Config;

/// How long anything may take on a machine that stands still now and then.
const PATIENCE: Duration = Duration::from_secs(300);

fn options() -> Options {
    let first = Duration::from_millis(10);
    Options {
        cost: PassphraseCost::TRIVIAL,
        backoff: Backoff {
            first,
            ceiling: 4 * first,
        },
        ..Options::default()
    }
}

fn passphrase() -> Passphrase {
    Passphrase::new("secret".to_owned()).unwrap()
}

/// Anna's device, in an organisation of its own with one room.
struct Anna {
    directory: PathBuf,
    room: RoomId,
}

impl Anna {
    async fn new(relay: &Relay, home: &Path) -> Self {
        let directory = home.join("anna");
        let profile = Profile::take_directory(&directory).unwrap();
        let mut driver = Driver::create(profile, &passphrase(), options()).unwrap();
        let link = relay.set_up_link().unwrap().parse().unwrap();
        let (name, position) = ("Anna".to_owned(), String::new());
        driver
            .command(Command::SetUp {
                link,
                name,
                position,
            })
            .unwrap();
        driver.go_online().unwrap();
        wait_for(&mut driver, |event| *event == Event::Online).await;
        driver
            .command(Command::CreateRoom {
                title: "Team".into(),
                with: Vec::new(),
            })
            .unwrap();
        driver
            .wait_until(|client| client.is_settled().unwrap())
            .await
            .unwrap();
        let room = driver.client().unwrap().rooms().unwrap()[0].room;
        driver.close().unwrap();
        Self { directory, room }
    }

    fn open(&self, fault: Fault) -> Result<Driver, DriverError> {
        let profile = Profile::take_directory(&self.directory).unwrap();
        Driver::open(profile, &passphrase(), Options { fault, ..options() })
    }

    /// Says something with a device whose store fails once; the person looks after the
    /// crash whether it is there, and says it again only if it is not.
    async fn say_with(&self, fault: Fault, text: &str) -> bool {
        let crashed = match self.open(fault) {
            Ok(mut driver) => self.say(&mut driver, text).await,
            Err(error) => Err(error),
        };
        let Err(error) = crashed else { return false };
        assert!(
            matches!(error, DriverError::Store(StoreError::Scripted)),
            "{error:?}"
        );
        let mut driver = self.open(Fault::None).unwrap();
        self.say(&mut driver, text).await.unwrap();
        true
    }

    async fn say(&self, driver: &mut Driver, text: &str) -> Result<(), DriverError> {
        if !self
            .written(driver.client()?)
            .iter()
            .any(|known| known == text)
        {
            let kind = Kind::Text {
                body: text.to_owned(),
                reply_to: None,
            };
            driver.command(Command::Say {
                room: self.room,
                kind,
            })?;
        }
        driver.go_online()?;
        driver
            .wait_until(|client| client.is_settled().unwrap())
            .await
    }

    /// What is in the timeline or waits in the outbox.
    fn written(&self, client: &Client) -> Vec<String> {
        let lines = client.timeline_after(self.room, 0, usize::MAX).unwrap();
        let sent = lines.into_iter().filter_map(|line| match line.body {
            Body::Text { body, .. } => Some(body),
            _ => None,
        });
        let waiting = client.outbox(self.room).unwrap();
        let waiting = waiting.into_iter().filter_map(|item| match item.kind {
            Some(Kind::Text { body, .. }) => Some(body),
            _ => None,
        });
        sent.chain(waiting).collect()
    }
}

async fn wait_for(driver: &mut Driver, wanted: impl Fn(&Event) -> bool) {
    let event = driver.pick_event(|event| wanted(event).then_some(()));
    tokio::time::timeout(PATIENCE, event)
        .await
        .unwrap()
        .unwrap();
}

async fn start(home: &Path) -> Relay {
    let config = Config {
        data_dir: home.join("relay"),
        listen: ([127, 0, 0, 1], 0).into(),
        ..Config::default()
    };
    Relay::start(config, Clock::system(), Entropy::system())
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn attack_46_a_crash_at_any_batch_neither_loses_nor_doubles() {
    let home = tempfile::tempdir().unwrap();
    let relay = start(home.path()).await;
    let anna = Anna::new(&relay, home.path()).await;
    let mut said = Vec::new();
    let mut crashes = 0;
    for number in 1.. {
        let mut crashed = false;
        for (fault, when) in [
            (Fault::Before(number), "before"),
            (Fault::After(number), "after"),
        ] {
            let text = format!("{when} {number}");
            crashed |= anna.say_with(fault, &text).await;
            said.push(text);
        }
        if !crashed {
            break;
        }
        crashes += 1;
    }
    assert!(
        crashes >= 2,
        "saying something takes several batches, not {crashes}"
    );
    let driver = anna.open(Fault::None).unwrap();
    assert_eq!(anna.written(driver.client().unwrap()), said);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_out_of_reach_is_dialled_until_the_way_is_free() {
    let home = tempfile::tempdir().unwrap();
    let relay = start(home.path()).await;
    let anna = Anna::new(&relay, home.path()).await;
    // No program is given the first of all ports.
    let nowhere = ([127, 0, 0, 1], 1).into();
    let profile = Profile::take_directory(&anna.directory).unwrap();
    let blocked = Options {
        route: Route::Through(nowhere),
        ..options()
    };
    let mut driver = Driver::open(profile, &passphrase(), blocked).unwrap();
    driver.go_online().unwrap();
    let given_up = async {
        while !matches!(driver.connection(), Connection::Down(_)) {
            driver.turn().await.unwrap();
        }
    };
    tokio::time::timeout(PATIENCE, given_up).await.unwrap();
    driver.reroute(Route::Direct).unwrap();
    wait_for(&mut driver, |event| *event == Event::Online).await;
    driver.close().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_failure_of_the_store_nothing_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let relay = start(home.path()).await;
    let anna = Anna::new(&relay, home.path()).await;
    let mut driver = anna.open(Fault::None).unwrap();
    driver.set_fault(Fault::Before(driver.batches() + 1));
    let kind = Kind::Text {
        body: "x".to_owned(),
        reply_to: None,
    };
    let say = || Command::Say {
        room: anna.room,
        kind: kind.clone(),
    };
    assert!(matches!(driver.command(say()), Err(DriverError::Store(_))));
    assert!(matches!(driver.command(say()), Err(DriverError::Stopped)));
    assert!(matches!(driver.turn().await, Err(DriverError::Stopped)));
    assert!(driver.client().is_err());
}
