//! The operator's numbers, scraped from a running relay.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::TokioIo;
use siegel_proto::frame::Request;
use siegel_server::metrics::{Loopback, NAMES};
use siegel_server::{Relay, StartError};
use tokio::net::TcpStream;

use crate::support::*;

/// On a free port, which the relay tells.
fn on() -> Loopback {
    Loopback::try_from(SocketAddr::from(([127, 0, 0, 1], 0))).expect("loopback")
}

async fn world() -> World {
    let world = World::with(|config| config.metrics.listen = on()).await;
    world.make_organisation().await;
    world
}

async fn get(world: &World, path: &str) -> (u16, String) {
    let address = world.relay().metrics_address().expect("served");
    let stream = TcpStream::connect(address).await.expect("connects");
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .expect("handshake");
    tokio::spawn(connection);
    let request = hyper::Request::get(path).header("host", "x");
    let request = request.body(Empty::<bytes::Bytes>::new()).expect("request");
    let answer = sender.send_request(request).await.expect("answer");
    let status = answer.status().as_u16();
    let body = answer.into_body().collect().await.expect("body").to_bytes();
    (status, String::from_utf8(body.to_vec()).expect("text"))
}

/// Every line of the page, by its name with labels.
async fn scrape(world: &World) -> BTreeMap<String, f64> {
    let (status, text) = get(world, "/metrics").await;
    assert_eq!(status, 200, "{text}");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let pairs = lines.map(|line| line.rsplit_once(' ').expect("name and value"));
    pairs
        .map(|(name, value)| (name.to_owned(), value.parse().expect("a number")))
        .collect()
}

/// Two people, and one entry for each number.
async fn talk(world: &World, room: u8, entries: u64) {
    let mut anna = world.staff(1).await;
    anna.create_room(room, &[staff_seat(room, 1), open_seat(room, 2)])
        .await;
    anna.attach(room, 1).await.expect("attached");
    let mut guest = world.client().await;
    guest.attach(room, 2).await.expect("attached");
    for message in 1..=entries {
        anna.say(room, message).await;
        guest.delivered().await;
    }
    anna.ack(room, entries).await;
    guest.ack(room, entries).await;
}

#[tokio::test]
async fn the_numbers_of_a_relay_that_works_move() {
    let world = world().await;
    let before = scrape(&world).await;
    assert_eq!(before["siegel_ready"], 1.0);
    assert_eq!(before["siegel_storage_full"], 0.0);
    assert_eq!(before["siegel_entries_stored_total"], 0.0);
    assert_eq!(before["siegel_connections_limit"], 20_000.0);
    assert!(before["siegel_disk_free_bytes"] >= 0.0 && before["siegel_memory_bytes"] > 0.0);
    assert!(
        before
            .keys()
            .any(|name| name.starts_with("siegel_build_info{"))
    );
    assert!(
        !before.contains_key("siegel_backup_age_seconds"),
        "there is none"
    );

    talk(&world, 1, 25).await;
    for _ in 0..12 {
        assert!(world.client().await.attach(1, 9).await.is_err());
    }
    let after = scrape(&world).await;
    for name in [
        "siegel_entries_stored_total",
        "siegel_entries_delivered_total",
    ] {
        assert_eq!(after[name], 20.0, "{name} in steps of ten");
    }
    assert_eq!(after["siegel_refused_total{reason=\"denied\"}"], 10.0);
    for name in ["siegel_commit_seconds", "siegel_commit_jobs"] {
        let count = after[&format!("{name}_count")];
        assert!(count >= 20.0 && count % 10.0 == 0.0, "{name}: {count}");
        assert!(after[&format!("{name}_sum")] > 0.0);
    }
    assert!(
        after
            .keys()
            .any(|name| name.starts_with("siegel_commit_seconds_bucket{le="))
    );
}

#[tokio::test]
async fn connections_and_seats_are_counted_together() {
    let world = world().await;
    let mut held = Vec::new();
    let mut anna = world.staff(1).await;
    for room in 1..=12 {
        anna.create_room(room, &[staff_seat(room, 1)]).await;
        anna.attach(room, 1).await.expect("attached");
        held.push(world.client().await);
    }
    let numbers = scrape(&world).await;
    assert_eq!(numbers["siegel_connections"], 10.0);
    assert_eq!(numbers["siegel_attached_seats"], 10.0);
    drop((anna, held));
    let mut pace = Pace::begin();
    while scrape(&world).await["siegel_connections"] > 0.0 {
        pace.tick("connections are left").await;
    }
    assert_eq!(scrape(&world).await["siegel_attached_seats"], 0.0);
}

#[tokio::test]
async fn one_more_message_or_visitor_shows_nowhere() {
    let world = world().await;
    talk(&world, 1, 23).await;
    let connections = &world.relay().state().connections;
    until("all have gone", || connections.open() == 0).await;
    let people = |numbers: &BTreeMap<String, f64>| {
        let of_machine = |name: &String| {
            ["uptime", "memory", "disk", "clock", "commit"]
                .iter()
                .any(|part| name.contains(part))
        };
        let mut numbers = numbers.clone();
        numbers.retain(|name, _| !of_machine(name));
        numbers
    };
    let before = scrape(&world).await;
    let mut guest = world.client().await;
    guest.attach(1, 2).await.expect("attached");
    guest.say(1, 99).await;
    let after = scrape(&world).await;
    assert_eq!(people(&before), people(&after));
    // Nor does the sum of the times tell that something was committed just now.
    let commits = before["siegel_commit_seconds_count"];
    let step = after["siegel_commit_seconds_count"] - commits;
    let moved = after["siegel_commit_seconds_sum"] > before["siegel_commit_seconds_sum"];
    assert!(step % 10.0 == 0.0 && moved == (step > 0.0));
}

#[tokio::test]
async fn no_label_names_anybody() {
    let world = world().await;
    talk(&world, 0xab, 11).await;
    world.http("GET", "/v1/blobs/nobody", &[], "").await;
    let (_, text) = get(&world, "/metrics").await;
    let mut values: Vec<&str> = Vec::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let labels = line
            .split_once('{')
            .and_then(|(_, rest)| rest.split_once('}'));
        let Some((labels, _)) = labels else { continue };
        for label in labels.split(',') {
            let (name, value) = label.split_once('=').expect("a label");
            assert!(
                ["le", "kind", "reason", "version", "schema"].contains(&name),
                "{line}"
            );
            values.push(value.trim_matches('"'));
        }
    }
    assert!(values.len() > 20, "{values:?}");
    for value in values {
        let number = value.parse::<f64>().is_ok();
        let word = value.bytes().all(|byte| byte.is_ascii_lowercase()) && value.len() < 16;
        assert!(
            number || word || value == env!("CARGO_PKG_VERSION"),
            "{value}"
        );
    }
    let room = room_id(0xab).to_string();
    let address = world.relay().address().to_string();
    for needle in [
        "abab",
        "q6ur",
        room.as_str(),
        address.as_str(),
        "127.0.0.1",
        "/v1/",
        "guest",
        "staff",
    ] {
        assert!(!text.contains(needle), "{needle} stands in the numbers");
    }
}

#[tokio::test]
async fn the_listener_is_this_machines_alone_and_off_unless_set() {
    let world = World::new().await;
    assert_eq!(world.relay().metrics_address(), None);
    assert_eq!(world.http("GET", "/metrics", &[], "").await.status(), 404);
    let outside = SocketAddr::from(([0, 0, 0, 0], 9460));
    let refused = Loopback::try_from(outside).expect_err("not loopback");
    assert!(refused.to_string().contains("reached from outside"));

    let world = self::world().await;
    let taken = world.relay().metrics_address().expect("served");
    let other = World::new().await;
    let mut config = other.config.clone();
    config.data_dir = config.data_dir.with_file_name("second");
    config.metrics.listen = Loopback::try_from(taken).expect("loopback");
    let clock = siegel_server::clock::Clock::system();
    let started = Relay::start(config, clock, siegel_server::clock::Entropy::system()).await;
    assert!(
        matches!(started, Err(StartError::Metrics { .. })),
        "{started:?}"
    );
}

#[tokio::test]
async fn readiness_tells_what_is_about_to_go_wrong() {
    let folder = tempfile::tempdir().expect("a folder");
    let backups = folder.path().to_owned();
    let world = World::with(|config| {
        config.metrics.listen = on();
        config.backup.dir = backups.clone();
        config.backup.recipients = vec![siegel_server::backup::new_key().recipient];
    })
    .await;
    let (status, told) = get(&world, "/readyz").await;
    assert_eq!(status, 200);
    assert!(
        told.starts_with("ready\n") && told.contains("sync: ok\n"),
        "{told}"
    );
    assert!(
        told.contains("backup: missing\n") && told.contains("clock: ok\n"),
        "{told}"
    );

    let made = world.clock.now();
    let name = siegel_server::backup::rotation::file_name(made).expect("a date");
    std::fs::write(backups.join(name), "").expect("written");
    assert!(get(&world, "/readyz").await.1.contains("backup: ok\n"));
    assert_eq!(scrape(&world).await["siegel_backup_age_seconds"], 0.0);

    world.clock.advance_days(2);
    let (status, told) = get(&world, "/readyz").await;
    assert_eq!(status, 200, "a late backup takes no relay out of service");
    assert!(
        told.contains("backup: late\n") && told.contains("clock: jumped\n"),
        "{told}"
    );
    assert!(scrape(&world).await["siegel_clock_jump_seconds"] > 172_000.0);
    // People who ask over the relay's own port see the same words and no numbers.
    let answer = world.http("GET", "/readyz", &[], "").await;
    assert_eq!(answer.body(), &told);
}

#[tokio::test]
async fn a_full_disk_is_counted() {
    let world = World::with(|config| {
        config.metrics.listen = on();
        config.limits.database_bytes = 1024 * 1024;
    })
    .await;
    world.make_organisation().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1)]).await;
    anna.attach(1, 1).await.expect("attached");
    let mut message = 0;
    let refused = loop {
        message += 1;
        let mut append = message_in(1, 0, message);
        append.payload = vec![0; 8192].into();
        if let Err(refusal) = anna.append(append).await {
            break refusal;
        }
    };
    assert_eq!(refused.code, siegel_proto::ErrorCode::StorageFull);
    let numbers = scrape(&world).await;
    assert_eq!(numbers["siegel_storage_full"], 1.0);
    assert_eq!(numbers["siegel_ready"], 0.0);
    assert!(numbers["siegel_storage_errors_total{kind=\"full\"}"] >= 1.0);
    let (status, told) = get(&world, "/readyz").await;
    assert_eq!(status, 503);
    assert!(told.starts_with("storage full\ndisk: full\n"), "{told}");
}

#[tokio::test]
async fn the_end_of_the_served_certificate_is_told() {
    let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("names");
    params.not_after = rcgen::date_time_ymd(2031, 2, 3);
    let key = rcgen::KeyPair::generate().expect("a key");
    let made = params.self_signed(&key).expect("made");
    let world = World::with(|config| {
        config.metrics.listen = on();
        let dir = config.data_dir.parent().expect("inside").to_owned();
        config.tls.certificate = dir.join("cert.pem");
        config.tls.key = dir.join("key.pem");
        std::fs::write(&config.tls.certificate, made.pem()).expect("written");
        std::fs::write(&config.tls.key, key.serialize_pem()).expect("written");
    })
    .await;
    let numbers = scrape(&world).await;
    // 2031-02-03T00:00:00Z
    assert_eq!(numbers["siegel_certificate_end_seconds"], 1_927_843_200.0);
}

/// The page for operators lists what there is, and nothing else.
#[tokio::test]
async fn the_page_for_operators_lists_every_metric() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = std::fs::read_to_string(root.join("docs/operate/monitoring.md")).expect("a page");
    let listed: Vec<&str> = (page.lines())
        .filter_map(|line| line.strip_prefix("| `siegel_"))
        .filter_map(|rest| rest.split('`').next())
        .collect();
    let world = world().await;
    talk(&world, 1, 10).await;
    let (_, text) = get(&world, "/metrics").await;
    let types: BTreeMap<&str, &str> = (text.lines())
        .filter_map(|line| line.strip_prefix("# TYPE siegel_")?.split_once(' '))
        .collect();
    // In the order of the page; counters and the info metric with the end they are read by.
    let all: Vec<String> = NAMES
        .iter()
        .map(|(name, _)| name.trim_start_matches("siegel_"))
        .map(|name| {
            let ends = ["", "_total", "_info"].map(|end| format!("{name}{end}"));
            let written = ends.iter().find(|name| types.contains_key(name.as_str()));
            written.cloned().unwrap_or_else(|| name.to_owned())
        })
        .collect();
    assert_eq!(listed, all);
    for name in types.keys() {
        assert!(
            listed.contains(name),
            "{name} is scraped and not on the page"
        );
    }
    // Alerts and examples speak of metrics there are.
    for word in page.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')) {
        let Some(name) = word.strip_prefix("siegel_") else {
            continue;
        };
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        assert!(
            listed.contains(&base.unwrap_or(name)),
            "{word} is no metric"
        );
    }
}

#[tokio::test]
async fn nothing_can_be_asked_of_the_operators_port_but_numbers() {
    let world = world().await;
    for path in [
        "/",
        "/v1/socket",
        "/v1/blobs/x",
        "/metrics/",
        "/debug/pprof",
    ] {
        assert_eq!(get(&world, path).await.0, 404, "{path}");
    }
    // It goes with the relay.
    let address = world.relay().metrics_address().expect("served");
    let mut world = world;
    let mut anna = world.staff(1).await;
    anna.ask(Request::GetPolicy).await.expect("answers");
    drop(anna);
    world.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}
