//! Sessions in Redis: for many replicas.

mod call;
mod connection;

use std::time::Duration;

use ::redis::{
    Client, Cmd, ConnectionAddr, ConnectionInfo, FromRedisValue,
    IntoConnectionInfo, RedisError,
};
use futures_util::FutureExt;
use telemetry::Telemetry;
use tokio::time::timeout;

use super::{Key, Reply, Store, StoreError};
use crate::settings::SettingError;
use call::Calls;
use connection::{Connection, failure, timed_out};

/// How long a command may take with all that goes wrong on the way.
const LIMIT: Duration = Duration::from_secs(1);

// ANCHOR: redis
/// A Redis server, and one connection to it that all requests share.
pub struct Redis {
    connection: Connection,
    calls: Calls,
}

impl Redis {
    /// The server at `url`. Nothing is opened yet: a program whose store is
    /// down starts, answers 503, and works as soon as the store does.
    ///
    /// # Errors
    /// When `url` is not the URL of a Redis server.
    pub fn new(telemetry: &Telemetry, url: &str) -> Result<Self, SettingError> {
        let open = || {
            let info = url.into_connection_info()?;
            let calls = Calls::new(telemetry, server(&info));
            let connection = Connection::new(Client::open(info)?)?;
            Ok(Self { connection, calls })
        };
        open().map_err(|_: RedisError| SettingError::Invalid {
            name: "REDIS_URL",
            expected: "a URL such as redis://:password@host:6379",
        })
    }
}
// ANCHOR_END: redis

/// Where it is, without a password, and which of its databases is ours.
fn server(info: &ConnectionInfo) -> (String, u16, i64) {
    let database = info.redis_settings().db();
    match info.addr() {
        ConnectionAddr::Tcp(host, port) => (host.clone(), *port, database),
        other => (other.to_string(), 0, database),
    }
}

// ANCHOR: run
impl Redis {
    /// Runs a command in a span, and in time. `is_repeatable` says whether
    /// twice is the same as once: then a connection that has broken
    /// meanwhile costs a second attempt and no answer.
    async fn run<T: FromRedisValue>(
        &self,
        name: &'static str,
        command: Cmd,
        is_repeatable: bool,
    ) -> Result<T, StoreError> {
        let call = self.calls.start(name);
        let used = self.connection.current();
        let mut connection = used.1.clone();
        let attempts = async {
            match command.query_async(&mut connection).await {
                // A command that found no connection was never sent.
                Err(error)
                    if error.is_connection_refusal()
                        || is_repeatable && error.is_connection_dropped() =>
                {
                    command.query_async(&mut connection).await
                }
                result => result,
            }
        };
        let result = timeout(LIMIT, attempts).await;
        let result = result.unwrap_or_else(|_| timed_out());
        let result = result.map_err(|error| {
            self.connection.renew(&used, &error);
            failure(&error)
        });
        call.end(result.as_ref().err().copied());
        result
    }
}
// ANCHOR_END: run

fn milliseconds(lifetime: Duration) -> u64 {
    // Redis takes no lifetime of nothing.
    u64::try_from(lifetime.as_millis())
        .unwrap_or(u64::MAX)
        .max(1)
}

// ANCHOR: set
/// `SET key value PX lifetime`
fn set(key: &Key, value: &[u8], lifetime: Duration) -> Cmd {
    let mut command = ::redis::cmd("SET");
    command.arg(key.to_string()).arg(value);
    command.arg("PX").arg(milliseconds(lifetime));
    command
}
// ANCHOR_END: set

impl Store for Redis {
    fn put<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        lifetime: Duration,
    ) -> Reply<'a, ()> {
        self.run("SET", set(key, &value, lifetime), true).boxed()
    }

    fn replace<'a>(
        &'a self,
        key: &'a Key,
        value: Vec<u8>,
        lifetime: Duration,
    ) -> Reply<'a, bool> {
        let mut command = set(key, &value, lifetime);
        command.arg("XX");
        self.run("SET", command, true).boxed()
    }

    fn claim<'a>(
        &'a self,
        key: &'a Key,
        lifetime: Duration,
    ) -> Reply<'a, bool> {
        let mut command = set(key, b"", lifetime);
        command.arg("NX");
        self.run("SET", command, false).boxed()
    }

    fn touch<'a>(
        &'a self,
        key: &'a Key,
        lifetime: Duration,
    ) -> Reply<'a, Option<Vec<u8>>> {
        let mut command = ::redis::cmd("GETEX");
        command.arg(key.to_string());
        command.arg("PX").arg(milliseconds(lifetime));
        self.run("GETEX", command, true).boxed()
    }

    fn take<'a>(&'a self, key: &'a Key) -> Reply<'a, Option<Vec<u8>>> {
        let mut command = ::redis::cmd("GETDEL");
        command.arg(key.to_string());
        self.run("GETDEL", command, false).boxed()
    }
}
