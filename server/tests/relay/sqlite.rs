//! What is so only where the data lie in a file: damage, a full disk, deleted bytes.

use std::path::Path;

use siegel_proto::ErrorCode;
use siegel_proto::frame::{Reply, Request};
use siegel_server::Relay;
use siegel_server::clock::{Clock, Entropy};
use sqlx::ConnectOptions as _;

use crate::support::*;

#[tokio::test]
async fn attack_70_a_newer_schema_is_refused_untouched() {
    let mut world = World::new().await;
    world.stop().await;
    let file = world.config.data_dir.join("siegel.db");
    let mut db = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(&file)
        .connect()
        .await
        .expect("opens");
    for sql in [
        "INSERT INTO _sqlx_migrations SELECT 9999, 'later', installed_on, 1, checksum, 1 \
         FROM _sqlx_migrations LIMIT 1",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        sqlx::query(sql).execute(&mut db).await.expect("written");
    }
    sqlx::Connection::close(db).await.expect("closes");
    let before = std::fs::read(&file).expect("reads");
    let refused = Relay::start(world.config.clone(), Clock::system(), Entropy::system()).await;
    let text = refused.expect_err("newer").to_string();
    assert!(
        text.contains("9999") && text.contains("nothing was changed"),
        "{text}"
    );
    assert_eq!(std::fs::read(&file).expect("reads"), before);
}

/// The settings are read back at every start; the version is held here as well, so that a
/// change of the lock file cannot bring an older library in.
#[tokio::test]
async fn attack_43_the_library_is_of_a_version_that_keeps_its_log() {
    let mut db = sqlx::sqlite::SqliteConnectOptions::new()
        .connect()
        .await
        .expect("in memory");
    let version: String = sqlx::query_scalar("SELECT sqlite_version()")
        .fetch_one(&mut db)
        .await
        .expect("a version");
    let parts: Vec<u32> = version.split('.').flat_map(str::parse).collect();
    assert!(parts >= vec![3, 51, 3], "{version}");
}

/// An operator looks at the database with a program of their own, and leaves a transaction open.
#[tokio::test]
async fn who_holds_the_file_for_long_delays_the_relay_and_does_not_stop_it() {
    let world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1)]).await;
    anna.attach(1, 1).await.expect("attached");
    let mut other = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(world.config.data_dir.join("siegel.db"))
        .connect()
        .await
        .expect("opens");
    let mut hold = async |sql| {
        sqlx::query(sql).execute(&mut other).await.expect("done");
    };
    hold("BEGIN IMMEDIATE").await;
    let refused = anna.ask_once(Request::Append(message_in(1, 0, 7))).await;
    let refused = refused.expect_err("nothing can be written");
    assert_eq!(refused.code, ErrorCode::Unavailable);
    // Who only reads asks nobody.
    let mut guest = world.client().await;
    guest.ask(Request::GetPolicy).await.expect("read");
    hold("ROLLBACK").await;
    assert_eq!(anna.append(message_in(1, 0, 7)).await, Ok(1));
    assert_eq!(world.http("GET", "/readyz", &[], "").await.status(), 200);
}

#[tokio::test]
async fn attack_44_a_full_disk_refuses_and_loses_nothing() {
    let mut world = World::with(|config| config.limits.database_bytes = 1024 * 1024).await;
    world.make_organisation().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1), open_seat(1, 2)])
        .await;
    anna.attach(1, 1).await.expect("attached");
    let mut stored = 0;
    let refusal = loop {
        let mut append = message_in(1, 0, stored + 1);
        append.payload = vec![0; 8192].into();
        match anna.append(append).await {
            Ok(_) => stored += 1,
            Err(refusal) => break refusal,
        }
    };
    assert_eq!(refusal.code, ErrorCode::StorageFull);
    assert_eq!(world.http("GET", "/readyz", &[], "").await.status(), 503);
    let mut guest = world.client().await;
    let attached = guest.attach(1, 2).await.expect("reading goes on");
    assert_eq!(attached.next_seq, stored + 1);
    for seq in 1..=stored {
        assert_eq!(guest.delivered().await.seq, seq);
    }
    // Acknowledged entries go, and the relay finds the space by itself.
    anna.ack(1, stored).await;
    guest.ack(1, stored).await;
    let mut pace = Pace::begin();
    while world.http("GET", "/readyz", &[], "").await.status() != 200 {
        pace.tick("it is not ready again").await;
    }
    anna.append(message_in(1, 0, 99_999)).await.expect("stored");
    // What was refused is not there, what was stored is, also after a restart.
    world.restart().await;
    let mut guest = world.client().await;
    let attached = guest.attach(1, 2).await.expect("attached");
    assert_eq!((attached.cursor, attached.next_seq), (stored, stored + 2));
}

#[tokio::test]
async fn deleted_bytes_are_nowhere_in_the_files() {
    let mut world = World::set_up().await;
    let mut anna = world.staff(1).await;
    anna.create_room(1, &[staff_seat(1, 1)]).await;
    anna.attach(1, 1).await.expect("attached");
    let marker = b"a needle nobody would write by chance";
    let mut append = message_in(1, 0, 1);
    let mut payload = append.payload.to_vec();
    payload[100..100 + marker.len()].copy_from_slice(marker);
    append.payload = payload.into();
    anna.append(append).await.expect("appended");
    let data = world.config.data_dir.clone();
    assert!(holds(&data, marker), "the search finds what is there");
    anna.ack(1, 1).await;
    assert!(matches!(
        anna.ask(Request::GetPolicy).await,
        Ok(Reply::Policy(_))
    ));
    world.stop().await;
    assert!(!holds(&data, marker));
}

fn holds(dir: &Path, marker: &[u8]) -> bool {
    std::fs::read_dir(dir).expect("lists").any(|entry| {
        let path = entry.expect("entry").path();
        path.is_file()
            && std::fs::read(path)
                .expect("reads")
                .windows(marker.len())
                .any(|window| window == marker)
    })
}
