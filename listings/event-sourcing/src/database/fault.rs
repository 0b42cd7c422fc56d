//! Whose fault an error of the database is.

use super::sqlstate;

// ANCHOR: fault
/// Whose fault an error of the database is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The statement's: it would fail again, whenever and wherever.
    Statement,
    /// The server's: the same statement may succeed in a moment.
    Server,
    /// The connection's: it is broken, or leads to a server that takes no
    /// writes any more, or its session is not as it should be. Those that are
    /// as old are no better, and a new one may be.
    Connection,
}

impl Fault {
    /// Looks at the class of the SQLSTATE, which PostgreSQL's appendix A
    /// lists, so that a code of a later version is judged by its class.
    pub fn of(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Server,
            sqlx::Error::WorkerCrashed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_) => Self::Connection,
            error => sqlstate(error)
                .map_or(Self::Statement, |code| Self::of_code(&code)),
        }
    }
}
// ANCHOR_END: fault

// ANCHOR: fault-class
impl Fault {
    fn of_code(code: &str) -> Self {
        match code.get(..2).unwrap_or_default() {
            // Connection lost. A transaction that may not write, as all on a
            // standby, or that is not in the state in which the program
            // believes it to be.
            "08" | "25" => Self::Connection,
            // The server was shut down, crashed, or is starting up.
            "57" if code.starts_with("57P") => Self::Connection,
            // Rolled back for another's sake, out of disk, memory or
            // connections, cancelled for its slowness, disk broken.
            "40" | "53" | "57" | "58" => Self::Server,
            // A lock was not to be had.
            _ if code == "55P03" => Self::Server,
            _ => Self::Statement,
        }
    }
}
// ANCHOR_END: fault-class

#[cfg(test)]
mod tests {
    use super::Fault::{self, Connection, Server, Statement};

    #[test]
    fn a_code_says_whose_fault_it_is() {
        for (code, fault) in [
            ("08000", Connection), // connection_exception
            ("08003", Connection), // connection_does_not_exist
            ("08006", Connection), // connection_failure
            ("08P01", Connection), // protocol_violation
            ("22001", Statement),  // string_data_right_truncation
            ("23505", Statement),  // unique_violation
            ("25000", Connection), // invalid_transaction_state
            ("25001", Connection), // active_sql_transaction
            ("25006", Connection), // read_only_sql_transaction
            ("25P02", Connection), // in_failed_sql_transaction
            ("25P03", Connection), // idle_in_transaction_session_timeout
            ("25P04", Connection), // transaction_timeout
            ("28P01", Statement),  // invalid_password
            ("3D000", Statement),  // invalid_catalog_name
            ("40001", Server),     // serialization_failure
            ("40P01", Server),     // deadlock_detected
            ("42501", Statement),  // insufficient_privilege
            ("42601", Statement),  // syntax_error
            ("42P01", Statement),  // undefined_table
            ("53000", Server),     // insufficient_resources
            ("53100", Server),     // disk_full
            ("53200", Server),     // out_of_memory
            ("53300", Server),     // too_many_connections
            ("55000", Statement),  // object_not_in_prerequisite_state
            ("55P03", Server),     // lock_not_available
            ("57000", Server),     // operator_intervention
            ("57014", Server),     // query_canceled
            ("57P01", Connection), // admin_shutdown
            ("57P02", Connection), // crash_shutdown
            ("57P03", Connection), // cannot_connect_now
            ("57P04", Connection), // database_dropped
            ("57P05", Connection), // idle_session_timeout
            ("58000", Server),     // system_error
            ("58030", Server),     // io_error
            ("XX000", Statement),  // internal_error
            ("XX001", Statement),  // data_corrupted
            ("", Statement),
            ("é", Statement),
        ] {
            assert_eq!(Fault::of_code(code), fault, "{code:?}");
        }
    }

    #[test]
    fn without_an_answer_it_is_no_statements_fault() {
        let broken = || std::io::ErrorKind::BrokenPipe.into();
        for (error, fault) in [
            (sqlx::Error::PoolTimedOut, Server),
            (sqlx::Error::PoolClosed, Server),
            (sqlx::Error::WorkerCrashed, Connection),
            (sqlx::Error::Io(broken()), Connection),
            (sqlx::Error::Tls("no".into()), Connection),
            (sqlx::Error::RowNotFound, Statement),
            (sqlx::Error::Decode("no".into()), Statement),
        ] {
            assert_eq!(Fault::of(&error), fault, "{error}");
        }
    }
}
