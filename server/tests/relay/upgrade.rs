//! Every older schema is brought up to date with what is in it.

use siegel_proto::ids::SeatHash;
use siegel_server::config::Config;
use siegel_server::store::{SCHEMA_VERSION, migrations};
use sqlx::migrate::{Migrate, Migrator};
use sqlx::sqlite::{SqliteAutoVacuum, SqliteConnectOptions};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection};

use crate::support::*;

#[tokio::test]
async fn an_older_database_is_upgraded_with_its_data_in_place() {
    for schema in 1..=SCHEMA_VERSION {
        let mut world = World::new().await;
        world.stop().await;
        // What the relay just made is put away for a database of that age.
        world.config.data_dir = world.config.data_dir.with_file_name(format!("of-{schema}"));
        world.config.database = crate::database().await;
        make(&world.config, schema).await;

        world.start().await;
        let mut guest = world.client().await;
        let attached = guest.attach(1, 2).await.expect("attached");
        assert_eq!(
            (attached.epoch, attached.cursor, attached.next_seq),
            (0, 1, 3)
        );
        assert_eq!(number(&guest.delivered().await), 20);
        assert_eq!(guest.say(1, 30).await, 3);
        guest.ack(1, 3).await;
        guest
            .ask(siegel_proto::frame::Request::GetPolicy)
            .await
            .expect_err("not set up");
        world.stop().await;
        let counted = rows(&world.config).await;
        assert_eq!(
            (counted["rooms"], counted["seats"], counted["entries"]),
            (1, 1, 0)
        );
    }
}

/// A database of this schema with a room, a seat and two entries, of which one was read.
pub async fn make(config: &Config, schema: i64) {
    if config.is_shared() {
        let mut db = PgConnection::connect(config.database.reveal())
            .await
            .expect("connects");
        migrate(&migrations::postgres(), schema, &mut db).await;
        let hex = |bytes: &[u8]| format!("'\\x{}'", data_encoding::HEXLOWER.encode(bytes));
        for sql in data(hex) {
            sqlx::query(AssertSqlSafe(sql))
                .execute(&mut db)
                .await
                .expect("written");
        }
        db.close().await.expect("closes");
    } else {
        std::fs::create_dir_all(&config.data_dir).expect("made");
        let mut db = SqliteConnectOptions::new()
            .filename(config.data_dir.join("siegel.db"))
            .create_if_missing(true)
            .page_size(8_192)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .connect()
            .await
            .expect("opens");
        migrate(&migrations::sqlite(), schema, &mut db).await;
        let hex = |bytes: &[u8]| format!("x'{}'", data_encoding::HEXLOWER.encode(bytes));
        for sql in data(hex) {
            sqlx::query(AssertSqlSafe(sql))
                .execute(&mut db)
                .await
                .expect("written");
        }
        db.close().await.expect("closes");
    }
}

async fn migrate(all: &Migrator, schema: i64, db: &mut impl Migrate) {
    all.run_direct(Some(schema), db, false)
        .await
        .expect("migrates");
}

/// In the columns of the first schema: later ones have defaults.
fn data(hex: impl Fn(&[u8]) -> String) -> Vec<String> {
    let seat: SeatHash = open_seat(1, 2);
    let (room, seat, generation) = (hex(&[1; 16]), hex(seat.as_bytes()), hex(&[9; 16]));
    let mut statements = vec![
        format!("INSERT INTO organisation (single, generation) VALUES (1, {generation})"),
        format!("INSERT INTO rooms (room_id, slot, kind, next_seq) VALUES ({room}, 7, 1, 3)"),
        format!("INSERT INTO seats (slot, seat_hash, cursor) VALUES (7, {seat}, 1)"),
    ];
    for (seq, message) in [(1_i64, 10), (2, 20)] {
        let append = message_in(1, 0, message);
        let (id, payload) = (hex(append.message.as_bytes()), hex(&append.payload));
        let entry = (7 << 32) | seq;
        statements.push(format!(
            "INSERT INTO entries (entry_id, kind, epoch, expires_day, message_id, payload) \
             VALUES ({entry}, 1, 0, 99999, {id}, {payload})"
        ));
    }
    statements
}
