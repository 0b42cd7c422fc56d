//! The connection to Redis, and when it is made anew.

use std::{
    io,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use redis::{
    Client, ErrorKind, RedisError, RedisResult, ServerErrorKind,
    aio::{ConnectionManager, ConnectionManagerConfig},
};

use super::StoreError;

/// How long a connection, and how long an answer may take.
const PATIENCE: Duration = Duration::from_millis(500);

// ANCHOR: connection
/// One connection that all requests share. The manager below makes a broken
/// one anew. This does so, too, when the connection works and leads to a
/// server that does not: the address may have moved to another by now.
pub(super) struct Connection {
    client: Client,
    current: Mutex<Numbered>,
}

/// The manager, and how many there were before.
#[derive(Clone)]
pub(super) struct Numbered(u64, pub(super) ConnectionManager);

impl Connection {
    pub(super) fn new(client: Client) -> RedisResult<Self> {
        let current = Mutex::new(Numbered(0, manager(&client)?));
        Ok(Self { client, current })
    }

    pub(super) fn current(&self) -> Numbered {
        self.lock().clone()
    }

    /// Makes another, if `failed` is still the one that is used, and `error`
    /// is about it.
    pub(super) fn renew(&self, failed: &Numbered, error: &RedisError) {
        let mut current = self.lock();
        if !is_spent(error) || current.0 != failed.0 {
            return;
        }
        // Nothing is opened yet, so this fails only where `new` has failed.
        if let Ok(manager) = manager(&self.client) {
            *current = Numbered(failed.0 + 1, manager);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Numbered> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
// ANCHOR_END: connection

/// One attempt for each command. A client that waits between attempts would
/// let requests wait, too.
fn manager(client: &Client) -> RedisResult<ConnectionManager> {
    let config = ConnectionManagerConfig::new()
        .set_number_of_retries(0)
        .set_connection_timeout(Some(PATIENCE))
        .set_response_timeout(Some(PATIENCE));
    ConnectionManager::new_lazy_with_config(client.clone(), config)
}

// ANCHOR: failure
/// Whether another connection may do better: this one leads to a server that
/// is no primary or is not there any more, or was refused and stays so.
fn is_spent(error: &RedisError) -> bool {
    error.is_timeout()
        || error.kind() == ErrorKind::AuthenticationFailed
        || failure(error) == StoreError::NotPrimary
}

/// What an error says of the store.
pub(super) fn failure(error: &RedisError) -> StoreError {
    match error.kind() {
        ErrorKind::Server(
            ServerErrorKind::ReadOnly
            | ServerErrorKind::MasterDown
            | ServerErrorKind::ClusterDown
            | ServerErrorKind::BusyLoading,
        ) => StoreError::NotPrimary,
        _ if error.is_timeout() => StoreError::TimedOut,
        _ if error.is_io_error() => StoreError::Unreachable,
        _ => StoreError::Refused,
    }
}
// ANCHOR_END: failure

/// The error of an answer that did not come in time.
pub(super) fn timed_out<T>() -> RedisResult<T> {
    Err(io::Error::from(io::ErrorKind::TimedOut).into())
}

#[cfg(test)]
mod tests {
    use redis::{Value, parse_redis_value};

    use super::*;
    use StoreError::{NotPrimary, Refused, TimedOut, Unreachable};

    /// What the client makes of a server's answer.
    fn said(answer: &str) -> RedisError {
        let answer = format!("-{answer}\r\n");
        match parse_redis_value(answer.as_bytes()).unwrap() {
            Value::ServerError(error) => error.into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn an_answer_says_what_is_wrong_with_the_store() {
        for (answer, failure, spent) in [
            ("READONLY You can't write", NotPrimary, true),
            ("MASTERDOWN Link with MASTER is down", NotPrimary, true),
            ("CLUSTERDOWN The cluster is down", NotPrimary, true),
            ("LOADING Redis is loading the dataset", NotPrimary, true),
            // Another connection leads to the same full or broken server.
            ("OOM command not allowed", Refused, false),
            ("MISCONF Errors writing to the disk", Refused, false),
            ("NOREPLICAS Not enough good replicas", Refused, false),
            ("BUSY Redis is busy running a script", Refused, false),
            ("NOPERM no permissions", Refused, false),
            ("WRONGTYPE Operation against a key", Refused, false),
            ("ERR unknown command", Refused, false),
        ] {
            let error = said(answer);
            assert_eq!(super::failure(&error), failure, "{answer}");
            assert_eq!(is_spent(&error), spent, "{answer}");
        }
    }

    #[test]
    fn no_answer_says_what_is_wrong_with_the_store() {
        for (kind, failure, spent) in [
            (io::ErrorKind::TimedOut, TimedOut, true),
            // The manager makes these anew by itself.
            (io::ErrorKind::BrokenPipe, Unreachable, false),
            (io::ErrorKind::ConnectionRefused, Unreachable, false),
            (io::ErrorKind::UnexpectedEof, Unreachable, false),
        ] {
            let error = RedisError::from(io::Error::from(kind));
            assert_eq!(super::failure(&error), failure, "{kind}");
            assert_eq!(is_spent(&error), spent, "{kind}");
        }
    }
}
