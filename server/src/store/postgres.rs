//! What is PostgreSQL's alone: connecting with settings that keep the promise
//! "acknowledged means synced", each read back, and the locks that several relays need.

use std::fmt;
use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions as _, Connection as _, PgConnection, PgPool};

use super::db::{Db, Reads, query};
use super::open::{OpenError, Opened, SCHEMA_VERSION};
use super::{migrations, uint};

/// The oldest this is tested with.
const OLDEST: i32 = 150_000;
const READERS: u32 = 8;
/// How long a server may take to answer a new connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// One name per purpose; other programs on the same server must not use them.
const TASKS: i64 = 0x5369_6567_656c_0001;
const SWEEP: i64 = 0x5369_6567_656c_0002;

/// What must hold for a commit to be on disk when it is answered.
const SAFE: [(&str, &[&str], &str); 5] = [
    ("fsync", &["on"], "on"),
    ("full_page_writes", &["on"], "on"),
    ("synchronous_commit", &["on", "remote_apply"], "on"),
    // A sync that failed must stop the server: a second one says nothing about the first.
    ("data_sync_retry", &["off"], "off"),
    ("zero_damaged_pages", &["off"], "off"),
];

/// Where a PostgreSQL database is found.
#[derive(Clone)]
pub struct Server {
    options: PgConnectOptions,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The options hold a password.
        f.write_str("Server(..)")
    }
}

impl Server {
    /// From `postgres://…`.
    ///
    /// # Errors
    /// [`OpenError::Address`], which does not repeat it.
    pub fn parse(url: &str) -> Result<Self, OpenError> {
        if !["postgres://", "postgresql://"]
            .iter()
            .any(|scheme| url.starts_with(scheme))
        {
            return Err(OpenError::Address);
        }
        let options = PgConnectOptions::from_str(url).map_err(|_| OpenError::Address)?;
        let options = options
            .application_name("siegel-relay")
            .disable_statement_logging()
            .statement_cache_capacity(256)
            .options([
                // A relay that stands still must not hold the others up for ever.
                ("lock_timeout", "10s"),
                ("statement_timeout", "12s"),
                ("idle_in_transaction_session_timeout", "15s"),
                // Every statement looks up rows by key; with stale statistics the planner
                // would rather read whole tables.
                ("enable_hashjoin", "off"),
                ("enable_mergejoin", "off"),
                ("enable_seqscan", "off"),
                ("jit", "off"),
            ]);
        Ok(Self { options })
    }

    /// Connects and reads back what must hold.
    ///
    /// # Errors
    /// [`OpenError`].
    pub async fn connect(&self) -> Result<PgConnection, OpenError> {
        let connecting = async {
            let mut connection = self.options.connect().await.map_err(OpenError::Server)?;
            assert_safe(&mut connection).await?;
            Ok(connection)
        };
        let connected = tokio::time::timeout(PATIENCE, connecting).await;
        connected.unwrap_or(Err(OpenError::Server(sqlx::Error::PoolTimedOut)))
    }

    /// A connection for signals between relays. It stores nothing, so it waits for no disk.
    pub(crate) fn signals(&self) -> PgPool {
        PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(
                (self.options.clone())
                    .application_name("siegel-signals")
                    .options([("synchronous_commit", "off")]),
            )
    }
}

/// Connects, brings the schema up to date and makes the pool that reads.
pub(super) async fn open(server: &Server) -> Result<Opened, OpenError> {
    let mut writer = server.connect().await?;
    refuse_newer(&mut writer).await?;
    // A migration takes as long as it takes. Other relays that start at the same time wait
    // for each other here.
    patiently(&mut writer, "SET statement_timeout = 0").await?;
    migrations::postgres()
        .run_direct(None, &mut writer, false)
        .await
        .map_err(OpenError::Migrate)?;
    patiently(&mut writer, "RESET statement_timeout").await?;
    let reads = PgPoolOptions::new()
        .max_connections(READERS)
        .min_connections(0)
        .idle_timeout(Duration::from_secs(60))
        .acquire_timeout(Duration::from_secs(10))
        .connect_lazy_with(
            (server.options.clone()).options([("default_transaction_read_only", "on")]),
        );
    Ok(Opened {
        writer: Db::Postgres(Box::new(writer)),
        reads: Reads::Postgres(reads),
        server: Some(server.clone()),
    })
}

async fn patiently(connection: &mut PgConnection, sql: &'static str) -> Result<(), OpenError> {
    let set = sqlx::query(sql).execute(connection).await;
    set.map(drop).map_err(OpenError::Server)
}

/// Looks without writing.
pub(super) async fn check(server: &Server) -> Result<(), OpenError> {
    let mut connection = server.connect().await?;
    refuse_newer(&mut connection).await?;
    connection.close().await.map_err(OpenError::Server)
}

async fn refuse_newer(connection: &mut PgConnection) -> Result<(), OpenError> {
    let migrated: bool = sqlx::query_scalar("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await
        .map_err(OpenError::Server)?;
    if !migrated {
        return Ok(());
    }
    let found: i64 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
        .fetch_one(connection)
        .await
        .map_err(OpenError::Server)?;
    if found > SCHEMA_VERSION {
        return Err(OpenError::NewerSchema { found });
    }
    Ok(())
}

async fn assert_safe(connection: &mut PgConnection) -> Result<(), OpenError> {
    let (version, is_standby): (String, bool) =
        sqlx::query_as("SELECT current_setting('server_version_num'), pg_is_in_recovery()")
            .fetch_one(&mut *connection)
            .await
            .map_err(OpenError::Server)?;
    if version.parse::<i32>().unwrap_or(0) < OLDEST {
        return Err(OpenError::OldPostgres(version));
    }
    if is_standby {
        return Err(OpenError::Standby);
    }
    for (name, safe, wanted) in SAFE {
        // Set to what it is: a later change of the server's file does not reach this session.
        let sql = if name == "synchronous_commit" {
            "SELECT set_config($1, current_setting($1), false)"
        } else {
            "SELECT current_setting($1)"
        };
        let found: String = sqlx::query_scalar(sql)
            .bind(name)
            .fetch_one(&mut *connection)
            .await
            .map_err(OpenError::Server)?;
        if !safe.contains(&found.as_str()) {
            return Err(OpenError::Unsafe {
                name: name.to_owned(),
                found,
                wanted,
            });
        }
    }
    Ok(())
}

/// One relay at a time runs tasks, which read before they write, until its transaction
/// ends. Taken after all rooms are locked, never before.
pub(super) async fn lock_tasks(db: &mut Db) -> Result<(), sqlx::Error> {
    query("SELECT 1 FROM pg_advisory_xact_lock($1)")
        .bind(TASKS)
        .execute(db)
        .await?;
    Ok(())
}

/// Whether no other relay sweeps now.
pub(super) async fn may_sweep(db: &mut Db) -> Result<bool, sqlx::Error> {
    let row = query("SELECT CAST(CAST(pg_try_advisory_xact_lock($1) AS INTEGER) AS BIGINT)")
        .bind(SWEEP)
        .one(db)
        .await?;
    Ok(row.int(0)? == 1)
}

/// Whether the server was set up anew to lose what is acknowledged.
pub(super) async fn is_unsafe(db: &mut Db) -> Result<bool, sqlx::Error> {
    let sql = "SELECT CAST(CAST(current_setting('fsync') = 'off' \
         OR current_setting('full_page_writes') = 'off' AS INTEGER) AS BIGINT)";
    Ok(query(sql).one(db).await?.int(0)? == 1)
}

/// The one clock all relays on this database share, microseconds.
pub(super) async fn now(db: &mut Db) -> Result<u64, sqlx::Error> {
    let sql = "SELECT CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS BIGINT)";
    Ok(uint(query(sql).one(db).await?.int(0)?))
}
