//! Whose fault an error of the database is.

use super::call::code;

// ANCHOR: fault
/// Whose fault an error of the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The statement's: it would fail again, whenever and wherever.
    Statement,
    /// The database's: the same statement may succeed in a moment.
    Database,
    /// The connection's: it leads to a server or a file that takes no writes
    /// any more. Another one may do better.
    Connection,
}

impl Fault {
    /// Judges by the class of PostgreSQL's code, or by SQLite's primary one.
    pub fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Self::Database,
            error => {
                code(error).map_or(Self::Statement, |code| Self::of_code(&code))
            }
        }
    }
}
// ANCHOR_END: fault

// ANCHOR: fault-code
impl Fault {
    /// PostgreSQL's codes have five characters, and SQLite's are numbers that
    /// are shorter.
    fn of_code(code: &str) -> Self {
        match code.len() {
            5 => Self::of_sqlstate(code),
            _ => code.parse().map_or(Self::Statement, Self::of_sqlite),
        }
    }

    fn of_sqlstate(code: &str) -> Self {
        match code.get(..2).unwrap_or_default() {
            // A transaction that may not write, as all on a standby.
            "25" => Self::Connection,
            // Connection lost (the pool sees that by itself), rolled back for
            // another's sake, out of disk, memory or connections, cancelled
            // for its slowness, shut down or starting up, disk broken.
            "08" | "40" | "53" | "57" | "58" => Self::Database,
            // A lock was not to be had.
            _ if code == "55P03" => Self::Database,
            _ => Self::Statement,
        }
    }

    /// An extended code has the primary one in its lowest byte.
    fn of_sqlite(code: i32) -> Self {
        match code & 0xff {
            // READONLY, IOERR, CANTOPEN: the file was moved, or its disk is
            // read-only or broken.
            8 | 10 | 14 => Self::Connection,
            // BUSY, LOCKED, NOMEM, INTERRUPT, FULL, PROTOCOL.
            5 | 6 | 7 | 9 | 13 | 15 => Self::Database,
            _ => Self::Statement,
        }
    }
}
// ANCHOR_END: fault-code

#[cfg(test)]
mod tests {
    use super::Fault::{self, Connection, Database, Statement};

    #[test]
    fn a_code_says_whose_fault_it_is() {
        for (code, fault) in [
            ("08006", Database),   // connection_failure
            ("22021", Statement),  // character_not_in_repertoire
            ("23505", Statement),  // unique_violation
            ("25000", Connection), // invalid_transaction_state
            ("25006", Connection), // read_only_sql_transaction
            ("25P02", Connection), // in_failed_sql_transaction
            ("25P03", Connection), // idle_in_transaction_session_timeout
            ("25P04", Connection), // transaction_timeout
            ("40001", Database),   // serialization_failure
            ("42501", Statement),  // insufficient_privilege
            ("42P01", Statement),  // undefined_table
            ("53100", Database),   // disk_full
            ("53300", Database),   // too_many_connections
            ("55P03", Database),   // lock_not_available
            ("57014", Database),   // query_canceled
            ("57P01", Database),   // admin_shutdown
            ("57P03", Database),   // cannot_connect_now
            ("58030", Database),   // io_error
            ("XX001", Statement),  // data_corrupted
            ("1", Statement),      // SQLITE_ERROR
            ("5", Database),       // SQLITE_BUSY
            ("517", Database),     // SQLITE_BUSY_SNAPSHOT
            ("6", Database),       // SQLITE_LOCKED
            ("7", Database),       // SQLITE_NOMEM
            ("8", Connection),     // SQLITE_READONLY
            ("1032", Connection),  // SQLITE_READONLY_DBMOVED
            ("9", Database),       // SQLITE_INTERRUPT
            ("10", Connection),    // SQLITE_IOERR
            ("778", Connection),   // SQLITE_IOERR_WRITE
            ("11", Statement),     // SQLITE_CORRUPT
            ("13", Database),      // SQLITE_FULL
            ("14", Connection),    // SQLITE_CANTOPEN
            ("15", Database),      // SQLITE_PROTOCOL
            ("19", Statement),     // SQLITE_CONSTRAINT
            ("2067", Statement),   // SQLITE_CONSTRAINT_UNIQUE
            ("26", Statement),     // SQLITE_NOTADB
            ("", Statement),
            ("no", Statement),
        ] {
            assert_eq!(Fault::of_code(code), fault, "{code:?}");
        }
    }

    #[test]
    fn without_an_answer_it_is_the_database() {
        let broken = || std::io::ErrorKind::BrokenPipe.into();
        for (error, fault) in [
            (sqlx::Error::PoolTimedOut, Database),
            (sqlx::Error::PoolClosed, Database),
            (sqlx::Error::WorkerCrashed, Database),
            (sqlx::Error::Io(broken()), Database),
            (sqlx::Error::RowNotFound, Statement),
            (sqlx::Error::Decode("no".into()), Statement),
        ] {
            assert_eq!(Fault::of(&error), fault, "{error}");
        }
    }
}
