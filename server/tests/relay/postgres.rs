//! What is so only on PostgreSQL: databases it does not start on, and every statement's
//! text on both.

use std::collections::BTreeSet;
use std::path::Path;

use siegel_proto::limits;
use siegel_server::clock::{Clock, Entropy};
use siegel_server::store::migrations;
use siegel_server::{Relay, StartError, backup};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _, PgConnection,
    SqlSafeStr as _,
};

use crate::busy;
use crate::cluster::{self, Cluster};
use crate::support::*;

#[tokio::test]
async fn a_newer_schema_is_refused_untouched() {
    let mut world = World::new().await;
    world.stop().await;
    let url = world.config.database.reveal().to_owned();
    let mut db = PgConnection::connect(&url).await.expect("connects");
    sqlx::query(
        "INSERT INTO _sqlx_migrations SELECT 9999, 'later', installed_on, true, checksum, 1 \
         FROM _sqlx_migrations LIMIT 1",
    )
    .execute(&mut db)
    .await
    .expect("written");
    let before = rows(&world.config).await;
    let refused = start_relay(&world.config, &world.clock).await;
    let text = refused.expect_err("newer").to_string();
    assert!(
        text.contains("9999") && text.contains("nothing was changed"),
        "{text}"
    );
    assert_eq!(rows(&world.config).await, before);
}

#[tokio::test]
async fn a_database_that_would_lose_what_was_acknowledged_is_refused() {
    for unsafe_setting in ["fsync", "full_page_writes"] {
        let cluster = Cluster::start(&format!("-c {unsafe_setting}=off"));
        assert_refused(&cluster, unsafe_setting).await;
    }
    // It need not be the server: a role or a database can be set up like that, too.
    let cluster = Cluster::start("");
    cluster
        .run("postgres", "ALTER ROLE relay SET synchronous_commit = off")
        .await;
    assert_refused(&cluster, "synchronous_commit").await;
}

async fn assert_refused(cluster: &Cluster, setting: &str) {
    let dir = tempfile::TempDir::new().expect("a directory");
    let config = siegel_server::config::Config {
        data_dir: dir.path().join("data"),
        listen: ([127, 0, 0, 1], 0).into(),
        database: cluster.database().await,
        ..Default::default()
    };
    let refused = start_relay(&config, &Clock::system()).await;
    let text = refused.expect_err("unsafe").to_string();
    assert!(text.contains(&format!("{setting} is off")), "{text}");
}

#[tokio::test]
async fn a_wrong_address_is_refused_and_not_repeated() {
    let world = World::new().await;
    let mut config = world.config.clone();
    config.data_dir = config.data_dir.join("other");
    config.database =
        siegel_server::secret::Secret::new("postgres://relay:canary@127.0.0.1:1/none".to_owned());
    let refused = Relay::start(config, Clock::system(), Entropy::system()).await;
    let error = refused.expect_err("nobody listens there");
    assert!(matches!(error, StartError::Open(_)), "{error:?}");
    let shown = format!("{error} {error:?} {:?}", world.config);
    assert!(
        !shown.contains("canary") && !shown.contains("relay@"),
        "{shown}"
    );
}

#[tokio::test]
async fn a_backup_is_made_by_postgresql_and_put_back_as_the_manual_says() {
    let (mut world, _) = busy::world().await;
    let dir = tempfile::TempDir::new().expect("a directory");
    let key = backup::Recipients::parse(&[backup::new_key().recipient]).expect("a recipient");
    let refused = backup::make(&world.config, dir.path(), &key, 0, &Entropy::system()).await;
    let said = refused.expect_err("not a file").to_string();
    assert!(
        said.contains("pg_dump") && said.contains("blob_dir"),
        "{said}"
    );

    let dump = dir.path().join("dump");
    let mut saving = cluster::program("pg_dump");
    saving.args([
        "--format=custom",
        "--exclude-table-data=key_packages",
        "--file",
    ]);
    saving.arg(&dump).arg(world.config.database.reveal());
    assert!(saving.status().expect("runs").success());
    let before = world.relay().state().generation;
    world.stop().await;

    world.config.database = cluster::shared().database().await;
    let mut restoring = cluster::program("pg_restore");
    restoring.args(["--no-owner", "--dbname", world.config.database.reveal()]);
    assert!(restoring.arg(&dump).status().expect("runs").success());
    let manual = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operate/backup.md");
    let manual = std::fs::read_to_string(manual).expect("reads");
    let sql = manual
        .split("```sql")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    let mut db = PgConnection::connect(world.config.database.reveal())
        .await
        .expect("connects");
    let sql = AssertSqlSafe(sql.expect("statements").to_owned());
    sqlx::raw_sql(sql).execute(&mut db).await.expect("runs");

    world.start().await;
    assert_ne!(world.relay().state().generation, before);
    let counted = rows(&world.config).await;
    assert_eq!((counted["key_packages"], counted["capsules"]), (0, 0));
    let mut guest = world.staff(1).await;
    guest.attach(1, 2).await.expect("the seat is there");
    assert_eq!(number(&guest.delivered().await), 7);
    let mark = guest.delivered().await;
    assert!(mark.is_put_back());
    assert_eq!((mark.seq, mark.target), (limits::PUT_BACK_LEAP + 1, 1));
    assert_eq!(guest.say(1, 30).await, mark.seq + 1);
}

/// A statement cannot be checked against two databases while it is compiled; so each is
/// prepared on both here.
#[tokio::test]
async fn every_statement_prepares_on_both_databases() {
    let mut world = World::new().await;
    world.stop().await;
    let mut postgres = PgConnection::connect(world.config.database.reveal())
        .await
        .expect("connects");
    let file = world.config.data_dir.join("siegel.db");
    let mut sqlite = SqliteConnectOptions::new()
        .filename(file)
        .create_if_missing(true)
        .connect()
        .await
        .expect("opens");
    migrations::sqlite()
        .run_direct(None, &mut sqlite, false)
        .await
        .expect("migrates");
    let mut prepared = 0;
    for statement in statements() {
        let (for_sqlite, for_postgres) = dialects(&statement);
        if !statement.contains("FOR NO KEY UPDATE") {
            let text = AssertSqlSafe(for_sqlite).into_sql_str();
            let result = sqlite.prepare(text).await;
            assert!(result.is_ok(), "SQLite: {statement}: {:?}", result.err());
        }
        let text = AssertSqlSafe(for_postgres).into_sql_str();
        let result = postgres.prepare(text).await;
        assert!(
            result.is_ok(),
            "PostgreSQL: {statement}: {:?}",
            result.err()
        );
        prepared += 1;
    }
    assert!(prepared > 50, "{prepared} statements were found");
}

/// Every text in the store's sources that begins like a statement, but for what is one
/// database's own.
fn statements() -> BTreeSet<String> {
    let store = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut found = BTreeSet::new();
    for file in std::fs::read_dir(store).expect("lists") {
        let path = file.expect("a file").path();
        let name = path.file_name().expect("a name").to_owned();
        if ["sqlite.rs", "upgrade.rs", "postgres.rs", "rows.rs"]
            .iter()
            .any(|own| name == *own)
        {
            continue;
        }
        let source = std::fs::read_to_string(path).expect("reads");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        for text in code.split('"').skip(1).step_by(2) {
            let lines = text.split("\\\n").enumerate();
            let text: String = lines
                .map(|(at, line)| if at == 0 { line } else { line.trim_start() })
                .collect();
            let begins = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "];
            if begins.iter().any(|word| text.starts_with(word)) {
                found.insert(text);
            }
        }
    }
    found
}

/// With `{rows}` as one row of each dialect; how many columns it has the text itself says.
fn dialects(statement: &str) -> (String, String) {
    if !statement.contains("{rows}") {
        return (statement.to_owned(), statement.to_owned());
    }
    let columns: Vec<&str> = match statement.split_once(") AS ({rows})").or_else(|| {
        let (head, _) = statement.split_once(") {rows}")?;
        Some((head, ""))
    }) {
        Some((head, _)) => {
            let (_, names) = head.split_once('(').expect("a list of columns");
            names.split(", ").collect()
        }
        None => vec![if statement.contains("room_id IN") {
            "room_id"
        } else {
            "slot"
        }],
    };
    let is_bytes = |name: &str| ["room_id", "seat_hash", "message_id", "payload"].contains(&name);
    let places: Vec<String> = (1..=columns.len())
        .map(|number| format!("${number}"))
        .collect();
    let arrays: Vec<String> = (columns.iter().zip(&places))
        .map(|(name, place)| {
            let of = if is_bytes(name) { "bytea" } else { "bigint" };
            format!("{place}::{of}[]")
        })
        .collect();
    (
        statement.replace("{rows}", &format!("VALUES ({})", places.join(", "))),
        statement.replace(
            "{rows}",
            &format!("SELECT * FROM unnest({})", arrays.join(", ")),
        ),
    )
}

#[tokio::test]
async fn the_folders_of_migrations_agree_and_yield_the_same_tables() {
    let names = |database: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(database);
        let files = std::fs::read_dir(folder).expect("lists");
        let name = |file: std::io::Result<std::fs::DirEntry>| file.expect("a file").file_name();
        files
            .map(|file| name(file).to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(names("sqlite"), names("postgres"));

    let mut sqlite = SqliteConnectOptions::new()
        .in_memory(true)
        .connect()
        .await
        .expect("opens");
    migrations::sqlite()
        .run_direct(None, &mut sqlite, false)
        .await
        .expect("migrates");
    let of_sqlite: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT m.name, c.name, c.type = 'BLOB' FROM sqlite_master m \
         JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND m.name <> '_sqlx_migrations' ORDER BY 1, 2",
    )
    .fetch_all(&mut sqlite)
    .await
    .expect("columns");

    let database = cluster::shared().database().await;
    let mut postgres = PgConnection::connect(database.reveal())
        .await
        .expect("connects");
    migrations::postgres()
        .run_direct(None, &mut postgres, false)
        .await
        .expect("migrates");
    let mut of_postgres: Vec<(String, String, bool)> = sqlx::query_as(
        "SELECT CAST(table_name AS TEXT), CAST(column_name AS TEXT), data_type = 'bytea' \
         FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(&mut postgres)
    .await
    .expect("columns");
    of_postgres.sort();
    assert_eq!(of_sqlite, of_postgres);
}
