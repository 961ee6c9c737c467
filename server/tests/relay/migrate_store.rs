//! From SQLite to PostgreSQL, with everything that is in it, or not at all.

use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use siegel_proto::frame::Reply;
use siegel_server::clock::Clock;
use siegel_server::config::Config;
use siegel_server::migrate_store::{MoveError, migrate_store};
use siegel_server::secret::Secret;
use siegel_server::{StartError, store};
use sqlx::{Connection as _, PgConnection};

use crate::support::*;
use crate::{blobs, busy, capsules, cluster, upgrade};

/// A relay on SQLite that was stopped, and its settings with a new PostgreSQL in them.
async fn stopped() -> (World, blobs::Blob, Config) {
    let mut world = World::with(|config| config.database = Secret::default()).await;
    world.make_organisation().await;
    let blob = busy::fill(&world).await;
    world.stop().await;
    let mut moving = world.config.clone();
    moving.database = cluster::shared().database().await;
    (world, blob, moving)
}

fn file(config: &Config) -> Vec<u8> {
    std::fs::read(config.data_dir.join(store::FILE)).expect("reads")
}

#[tokio::test]
async fn everything_moves_and_the_source_stays() {
    let (mut world, blob, moving) = stopped().await;
    let (before, counted) = (file(&moving), rows(&world.config).await);
    let filled = [
        "organisation",
        "accounts",
        "devices",
        "key_packages",
        "rooms",
    ];
    let filled = [&filled[..], &["seats", "entries", "capsules", "blobs"]].concat();
    assert!(
        filled.iter().all(|table| counted[*table] > 0),
        "{counted:?}"
    );

    let moved = migrate_store(&moving).await.expect("moved");
    assert!(!moved.before && moved.blobs_missing == 0, "{moved:?}");
    for (table, digest) in &moved.tables {
        assert_eq!(i64::try_from(digest.rows), Ok(counted[table]), "{table}");
    }
    assert_eq!(moved.tables.len(), counted.len());
    assert_eq!(rows(&moving).await, counted);
    assert_eq!(file(&moving), before);
    let again = migrate_store(&moving).await.expect("the same again");
    assert!(again.before && again.tables == moved.tables, "{again:?}");

    world.config = moving;
    world.start().await;
    assert!(world.relay().set_up_link().is_none(), "nobody's to take");
    let mut anna = world.client().await;
    let hello = Staff::new(1).authenticate(&anna.challenge.clone());
    let session = anna.ask(hello).await;
    assert!(
        matches!(session, Ok(Reply::Authenticated { key_packages: 3 })),
        "{session:?}"
    );
    anna.attach(1, 2).await.expect("the seat is there");
    assert_eq!(number(&anna.delivered().await), 7);
    assert_eq!(anna.say(1, 8).await, 2);
    assert!(capsules::claim(&world, 1, 1, 1).await.is_some());
    assert_eq!(blob.get(&world, &[]).await.into_body(), blobs::bytes());
    world.stop().await;
    let refused = migrate_store(&world.config).await;
    assert!(
        matches!(refused, Err(MoveError::NotEmpty { .. })),
        "{refused:?}"
    );
    assert_eq!(file(&world.config), before);
}

#[tokio::test]
async fn what_would_lose_data_is_refused_and_nothing_changes() {
    let (mut world, _, moving) = stopped().await;
    let refused = migrate_store(&world.config).await;
    assert!(matches!(refused, Err(MoveError::NoTarget)), "{refused:?}");
    let mut empty = moving.clone();
    empty.data_dir = moving.data_dir.join("none");
    let refused = migrate_store(&empty).await;
    assert!(
        matches!(refused, Err(MoveError::NoSource(_))),
        "{refused:?}"
    );

    // Of another organisation.
    let other = World::set_up().await;
    let counted = rows(&other.config).await;
    let mut occupied = moving.clone();
    occupied.database = other.config.database.clone();
    let refused = migrate_store(&occupied).await;
    assert!(
        matches!(refused, Err(MoveError::NotEmpty { .. })),
        "{refused:?}"
    );
    assert_eq!(rows(&other.config).await, counted);
    // Of another program.
    let mut shared = PgConnection::connect(moving.database.reveal())
        .await
        .expect("connects");
    for (sql, is_refused) in [
        ("CREATE TABLE invoices (id BIGINT PRIMARY KEY)", true),
        ("DROP TABLE invoices", false),
    ] {
        sqlx::query(sql).execute(&mut shared).await.expect("runs");
        if is_refused {
            let refused = migrate_store(&moving).await;
            let said = refused.expect_err("occupied").to_string();
            assert!(said.contains("invoices"), "{said}");
        }
    }

    world.start().await;
    let refused = migrate_store(&moving).await;
    assert!(
        matches!(refused, Err(MoveError::DataDir(StartError::InUse(_)))),
        "{refused:?}"
    );
    world.stop().await;
    migrate_store(&moving).await.expect("nothing is in the way");
}

#[tokio::test]
async fn a_file_that_was_not_moved_keeps_the_relay_from_starting() {
    let (_world, _, moving) = stopped().await;
    let clock = Clock::system();
    let refused = start_relay(&moving, &clock)
        .await
        .expect_err("nothing was moved");
    assert!(matches!(refused, StartError::NotMoved(_)), "{refused:?}");
    let said = refused.to_string();
    assert!(
        said.contains("siegel-server migrate-store") && said.contains(store::FILE),
        "{said}"
    );
    migrate_store(&moving).await.expect("nothing is in the way");
    let relay = start_relay(&moving, &clock).await.expect("it was moved");
    assert!(relay.set_up_link().is_none());
    relay.stop().await;
}

#[tokio::test]
async fn who_moves_the_file_away_begins_anew() {
    let (_world, _, moving) = stopped().await;
    let file = moving.data_dir.join(store::FILE);
    std::fs::rename(&file, file.with_extension("old")).expect("moved away");
    let relay = start_relay(&moving, &Clock::system()).await;
    let relay = relay.expect("nothing is left behind");
    assert!(relay.set_up_link().is_some());
    relay.stop().await;
}

#[tokio::test]
async fn a_source_of_another_schema_is_refused() {
    let (_world, _, moving) = stopped().await;
    let mut old = moving.clone();
    old.data_dir = moving.data_dir.with_file_name("old");
    old.database = Secret::default();
    upgrade::make(&old, 1).await;
    old.database = moving.database.clone();
    let before = file(&old);
    let refused = migrate_store(&old).await;
    assert!(
        matches!(refused, Err(MoveError::OldSource { found: 1 })),
        "{refused:?}"
    );
    assert_eq!(file(&old), before);

    let mut db = sqlx::ConnectOptions::connect(
        &sqlx::sqlite::SqliteConnectOptions::new().filename(moving.data_dir.join(store::FILE)),
    )
    .await
    .expect("opens");
    let later = "INSERT INTO _sqlx_migrations SELECT 9999, 'later', installed_on, 1, checksum, 1 \
         FROM _sqlx_migrations LIMIT 1";
    sqlx::query(later).execute(&mut db).await.expect("written");
    db.close().await.expect("closes");
    let refused = migrate_store(&moving).await;
    assert!(
        matches!(
            refused,
            Err(MoveError::Open(store::OpenError::NewerSchema {
                found: 9999
            }))
        ),
        "{refused:?}"
    );
}

#[tokio::test]
async fn what_was_interrupted_half_way_is_run_again() {
    let (world, _, moving) = stopped().await;
    let counted = rows(&world.config).await;
    // The tables are there, and the last of them cannot be written.
    let opened = store::open(&moving).await.expect("opens");
    opened.close().await.expect("closes");
    let connect = || PgConnection::connect(moving.database.reveal());
    let mut blocking = connect().await.expect("connects");
    for sql in ["BEGIN", "LOCK TABLE blobs IN SHARE MODE"] {
        sqlx::query(sql).execute(&mut blocking).await.expect("runs");
    }
    let mut child = Running(command(&moving).spawn().expect("starts"));
    let mut watching = connect().await.expect("connects");
    let waits = "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation \
         WHERE c.relname = 'blobs' AND NOT l.granted";
    comes(&mut watching, waits, 1, &mut child).await;
    child.0.kill().expect("killed");
    child.0.wait().expect("gone");
    sqlx::query("ROLLBACK")
        .execute(&mut blocking)
        .await
        .expect("runs");
    let relays = "SELECT count(*) FROM pg_stat_activity \
         WHERE application_name = 'siegel-relay' AND datname = current_database()";
    comes(&mut watching, relays, 0, &mut child).await;
    assert!(rows(&moving).await.values().all(|count| *count == 0));

    let Output {
        status,
        stdout,
        stderr,
    } = command(&moving).output().expect("runs");
    let said = String::from_utf8(stdout).expect("text") + &String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{said}");
    assert!(
        said.contains("entries: 1 rows") && said.contains("read back"),
        "{said}"
    );
    assert_eq!(rows(&moving).await, counted);
}

/// The operator's command, with settings in a file.
fn command(config: &Config) -> Command {
    let settings = format!(
        "data_dir = '{}'\ndatabase = '{}'\n",
        config.data_dir.display(),
        config.database.reveal()
    );
    let file = config.data_dir.with_file_name("relay.toml");
    std::fs::write(&file, settings).expect("written");
    let mut command = Command::new(env!("CARGO_BIN_EXE_siegel-server"));
    command
        .args([
            "migrate-store".as_ref(),
            "--config".as_ref(),
            Path::new(&file).as_os_str(),
        ])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The command, for no longer than the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Asks until the answer is this. A child that ends by itself beforehand fails the test.
async fn comes(db: &mut PgConnection, sql: &'static str, wanted: i64, child: &mut Running) {
    let mut pace = Pace::begin();
    loop {
        let found: i64 = (sqlx::query_scalar(sql).fetch_one(&mut *db))
            .await
            .expect("runs");
        if found == wanted {
            return;
        }
        let ended = child.0.try_wait().expect("asked");
        assert!(wanted == 0 || ended.is_none(), "it ended: {ended:?}");
        pace.tick(format!("{found} and not {wanted}: {sql}")).await;
    }
}
