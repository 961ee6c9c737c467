//! What a failed statement means for the relay.

pub(super) enum Failure {
    /// No space: refused, nothing lost, goes on when there is space.
    Full,
    /// A statement was wrong or had to give way; the database is sound.
    Statement,
    /// The server is gone or going. Whether the last commit took place nobody here knows,
    /// so it is not acknowledged.
    Lost,
    /// Input, output or sync failed, or the data is damaged: nothing more is acknowledged.
    Fatal,
}

/// What to do about it. `is_shared`: it came from PostgreSQL.
pub(super) fn failure(error: &sqlx::Error, is_shared: bool) -> Failure {
    if is_shared {
        of_postgres(error)
    } else {
        of_sqlite(error)
    }
}

fn of_sqlite(error: &sqlx::Error) -> Failure {
    const BUSY: i32 = 5;
    const FULL: i32 = 13;
    const TOO_BIG: i32 = 18;
    const CONSTRAINT: i32 = 19;
    match primary_code(error) {
        Some(FULL) => Failure::Full,
        // Somebody else holds the file for long: an operator's own program, a slow disk.
        Some(BUSY | CONSTRAINT | TOO_BIG) => Failure::Statement,
        _ => Failure::Fatal,
    }
}

/// The library's result code without its details.
pub(super) fn primary_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// By the classes of SQLSTATE.
fn of_postgres(error: &sqlx::Error) -> Failure {
    let sqlx::Error::Database(error) = error else {
        return match error {
            // A value that does not parse is damage; everything else is the way there.
            sqlx::Error::Decode(_) | sqlx::Error::ColumnDecode { .. } => Failure::Fatal,
            sqlx::Error::Encode(_) | sqlx::Error::RowNotFound => Failure::Statement,
            _ => Failure::Lost,
        };
    };
    let code = error.code().unwrap_or_default();
    match (code.get(..2).unwrap_or_default(), &*code) {
        (_, "53100") => Failure::Full,
        // Data, constraints, deadlocks, program limits, locks that could not be had in time
        // and statements that were cancelled.
        ("22" | "23" | "40" | "54" | "55", _) | (_, "57014") => Failure::Statement,
        // Connections, other resources, operators at work, a primary that became a standby.
        ("08" | "53" | "57", _) | (_, "25006" | "25P03") => Failure::Lost,
        _ => Failure::Fatal,
    }
}

/// The code alone: the databases' texts quote names and sometimes values.
pub(super) fn error_code(error: &sqlx::Error) -> String {
    (error.as_database_error().and_then(|error| error.code()))
        .map_or_else(|| "none".to_owned(), |code| code.into_owned())
}
