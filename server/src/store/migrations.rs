//! The steps of the schema, as the program carries them.

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The files of one folder of `server/migrations`, in order.
macro_rules! steps {
    ($folder:literal: $($version:literal $file:literal)+) => {
        Migrator::with_migrations(vec![$(step(
            $version,
            $file,
            include_str!(concat!("../../migrations/", $folder, "/", $file)),
        )),+])
    };
}

/// For the embedded database.
pub fn sqlite() -> Migrator {
    steps!("sqlite":
        1 "0001_relay.sql"
        2 "0002_rooms_count_their_changes.sql"
        3 "0003_the_directory_counts_its_changes.sql"
    )
}

/// For PostgreSQL.
pub fn postgres() -> Migrator {
    steps!("postgres":
        1 "0001_relay.sql"
        2 "0002_rooms_count_their_changes.sql"
        3 "0003_the_directory_counts_its_changes.sql"
    )
}

fn step(version: i64, file: &'static str, sql: &'static str) -> Migration {
    let name = file
        .trim_start_matches(|c: char| c.is_ascii_digit() || c == '_')
        .trim_end_matches(".sql")
        .replace('_', " ");
    let kind = MigrationType::Simple;
    Migration::new(version, name.into(), kind, sql.into_sql_str(), false)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::SCHEMA_VERSION;

    #[test]
    fn every_file_is_a_step_and_the_last_is_this_schema() {
        for (folder, migrator) in [("sqlite", sqlite()), ("postgres", postgres())] {
            let folder = format!("{}/migrations/{folder}", env!("CARGO_MANIFEST_DIR"));
            let mut files: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap())
                .collect();
            let mut steps: Vec<String> = migrator
                .iter()
                .map(|step| step.sql.as_str().to_owned())
                .collect();
            assert_eq!(migrator.iter().next_back().unwrap().version, SCHEMA_VERSION);
            files.sort_unstable();
            steps.sort_unstable();
            assert_eq!(files, steps);
        }
    }
}
