//! What a session may expect of a store, of each store.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::future::join_all;
use tokio::time::sleep;

use super::{Key, Kind, Memory, Store};
use crate::session::id::Id;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(400);

fn key() -> Key {
    Id::random().key(Kind::Session)
}

async fn keeps_what_it_is_given(store: &dyn Store) {
    let (one, other) = (key(), key());
    assert_eq!(store.touch(&one, LONG).await, Ok(None));
    store.put(&one, b"1".into(), LONG).await.unwrap();
    assert_eq!(store.touch(&one, LONG).await, Ok(Some(b"1".into())));
    assert_eq!(store.touch(&other, LONG).await, Ok(None));
    assert_eq!(store.replace(&one, b"2".into(), LONG).await, Ok(true));
    assert_eq!(store.take(&one).await, Ok(Some(b"2".into())));
    assert_eq!(store.take(&one).await, Ok(None));
}

async fn what_has_ended_does_not_come_back(store: &dyn Store) {
    let key = key();
    assert_eq!(store.replace(&key, b"1".into(), LONG).await, Ok(false));
    assert_eq!(store.touch(&key, LONG).await, Ok(None));
    store.put(&key, b"1".into(), SHORT).await.unwrap();
    sleep(SHORT * 2).await;
    assert_eq!(store.replace(&key, b"2".into(), LONG).await, Ok(false));
    assert_eq!(store.take(&key).await, Ok(None));
}

async fn what_is_used_lives_on(store: &dyn Store) {
    let key = key();
    loop {
        let start = Instant::now();
        store.put(&key, b"1".into(), SHORT).await.unwrap();
        if store.touch(&key, LONG).await.unwrap().is_some() {
            break;
        }
        // Only a machine that paused comes too late to use it.
        assert!(start.elapsed() >= SHORT, "it has ended early");
    }
    sleep(SHORT * 2).await;
    assert_eq!(store.touch(&key, SHORT).await, Ok(Some(b"1".into())));
    sleep(SHORT * 2).await;
    assert_eq!(store.touch(&key, LONG).await, Ok(None));
}

async fn one_of_many_is_first(store: &dyn Store) {
    let claimed = key().refresh(7);
    let claims = (0..50).map(|_| store.claim(&claimed, LONG));
    let claims = join_all(claims).await;
    assert_eq!(claims.iter().filter(|claim| **claim == Ok(true)).count(), 1);
    let claimed = key().refresh(8);
    for _ in 0..2 {
        assert_eq!(store.claim(&claimed, SHORT).await, Ok(true));
        sleep(SHORT * 2).await;
    }

    let key = key();
    store.put(&key, b"1".into(), LONG).await.unwrap();
    let taken = join_all((0..50).map(|_| store.take(&key))).await;
    let taken = taken.iter().filter(|taken| **taken != Ok(None));
    assert_eq!(taken.count(), 1);
}

async fn does_all_of_it(store: Arc<dyn Store>) {
    let store = &*store;
    tokio::join!(
        keeps_what_it_is_given(store),
        what_has_ended_does_not_come_back(store),
        what_is_used_lives_on(store),
        one_of_many_is_first(store),
    );
}

#[tokio::test]
async fn memory_does_all_that_a_session_expects() {
    does_all_of_it(Arc::new(Memory::default())).await;
}

#[tokio::test]
async fn a_flood_of_sign_ins_signs_nobody_out() {
    let store = Memory::default();
    let key = key();
    store.put(&key, b"1".into(), LONG).await.unwrap();
    for _ in 0..120_000 {
        let away = Id::random().key(Kind::Login);
        store.put(&away, Vec::new(), LONG).await.unwrap();
    }
    store.settle().await;
    assert!(store.size() <= 100_001, "{}", store.size());
    assert_eq!(store.touch(&key, LONG).await, Ok(Some(b"1".into())));
}

#[cfg(feature = "redis")]
mod on_redis {
    use std::collections::BTreeSet;

    use throwaway::redis::Server;

    use super::*;
    use crate::session::store::{Redis, StoreError};

    /// Longest wait for anything.
    const DEADLINE: Duration = Duration::from_secs(30);

    fn store(url: &str) -> Redis {
        let config =
            telemetry::Config::from_lookup("bff", "0", |name: &str| {
                (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned())
            });
        let telemetry = telemetry::Telemetry::start(&config.unwrap()).unwrap();
        Redis::new(&telemetry, url).unwrap()
    }

    /// Asks a server by hand.
    async fn ask<T: redis::FromRedisValue>(url: &str, command: &str) -> T {
        let client = redis::Client::open(url).unwrap();
        let connection = client.get_multiplexed_async_connection();
        let (name, arguments) =
            command.split_once(' ').unwrap_or((command, ""));
        let mut command = redis::cmd(name);
        command.arg(arguments.split_whitespace().collect::<Vec<_>>());
        command
            .query_async(&mut connection.await.unwrap())
            .await
            .unwrap()
    }

    /// The numbers of all connections but the one that asks.
    async fn connections(url: &str) -> BTreeSet<String> {
        let list: String = ask(url, "CLIENT LIST").await;
        let others = list.lines().filter(|line| !line.contains("cmd=client"));
        let number = |line: &str| line.split(' ').next().unwrap().to_owned();
        others.map(number).collect()
    }

    #[tokio::test]
    async fn redis_does_all_that_a_session_expects() {
        let server = Server::start().unwrap();
        does_all_of_it(Arc::new(store(&server.url()))).await;
    }

    #[tokio::test]
    async fn a_connection_to_a_replica_is_not_used_again() {
        let server = Server::start().unwrap();
        let (url, key) = (server.url(), key());
        let store = store(&url);
        store.put(&key, b"1".into(), LONG).await.unwrap();
        let old = connections(&url).await;
        assert_eq!(old.len(), 1);
        // A replica of nobody: port 1 answers no Redis.
        let _: () = ask(&url, "REPLICAOF 127.0.0.1 1").await;
        let refused = store.touch(&key, LONG).await;
        assert_eq!(refused, Err(StoreError::NotPrimary));
        let _: () = ask(&url, "REPLICAOF NO ONE").await;
        assert_eq!(store.touch(&key, LONG).await, Ok(Some(b"1".into())));
        let replaced = async {
            loop {
                let new = connections(&url).await;
                if new.len() == 1 && new.is_disjoint(&old) {
                    return;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(DEADLINE, replaced).await.unwrap();
    }

    #[tokio::test]
    async fn a_password_that_was_refused_is_tried_again() {
        let server = Server::start().unwrap();
        let url = server.url();
        let store = store(&url.replace("redis://", "redis://:secret@"));
        let key = key();
        // Nobody has set one yet.
        let refused = store.touch(&key, LONG).await;
        assert_eq!(refused, Err(StoreError::Refused));
        let _: () = ask(&url, "CONFIG SET requirepass secret").await;
        assert_eq!(store.touch(&key, LONG).await, Ok(None));
    }

    #[tokio::test]
    async fn a_full_server_refuses_and_keeps_the_connection() {
        let server = Server::start().unwrap();
        let (url, key) = (server.url(), key());
        let store = store(&url);
        store.put(&key, b"1".into(), LONG).await.unwrap();
        let old = connections(&url).await;
        let _: () = ask(&url, "CONFIG SET maxmemory 1").await;
        let refused = store.put(&key, b"1".into(), LONG).await;
        assert_eq!(refused, Err(StoreError::Refused));
        let _: () = ask(&url, "CONFIG SET maxmemory 0").await;
        store.put(&key, b"1".into(), LONG).await.unwrap();
        assert_eq!(connections(&url).await, old);
    }
}
