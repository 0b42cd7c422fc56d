//! When something below the API is wrong. These tests hold transactions open
//! and stop servers, so each has a server of its own.

use std::time::Instant;

use event_sourcing::bank::RequestKey;
use sqlx::{Connection, Executor};
use throwaway::postgres::{Durability, Server};
use uuid::Uuid;

use crate::{
    api::{Answer, deposits, euros},
    process::{DEADLINE, QUIET, Service},
};

/// The program on a server that nobody else uses.
pub(crate) async fn alone(settings: &[(&str, &str)]) -> (Server, Service) {
    let start = || Server::start(Durability::Fast).unwrap();
    let server = tokio::task::spawn_blocking(start).await.unwrap();
    let url = server.url("postgres");
    let settings = [settings, &[QUIET]].concat();
    let service = Service::on(&url, &settings).await;
    (server, service)
}

pub(crate) fn assert_problem(answer: &Answer, status: u16, kind: &str) {
    let actual = (answer.status, answer.problem());
    assert_eq!(actual, (status, Some(kind.to_owned())), "{answer:?}");
    let again = [409, 503].contains(&status).then_some("1");
    assert_eq!(answer.header("retry-after"), again);
}

#[tokio::test]
async fn a_key_that_is_in_use_is_a_conflict() {
    let (_server, service) = alone(&[]).await;
    let id = service.api.account(1).await;
    let key = Uuid::now_v7();
    let mut connection = service.connect().await;
    let mut other = connection.begin().await.unwrap();
    let insert = "INSERT INTO idempotency_keys
        (key, request_hash, stream_id, version, status, response)
        VALUES ($1, sha256(''), $1, 1, 201, '')";
    let stored = RequestKey::of_client(key, [0; 32]).key;
    let insert = sqlx::query(insert).bind(stored);
    insert.execute(&mut *other).await.unwrap();
    let ask = || service.api.post_again(&deposits(id), &euros(1), key);
    assert_problem(&ask().send().await, 409, "request-in-progress");
    // Whoever was faster has not been, after all.
    other.rollback().await.unwrap();
    assert_eq!(ask().send().await.status, 201);
    assert_eq!(service.api.state(id).await, (3, 2));
}

#[tokio::test]
async fn a_writer_who_is_always_too_late_gives_up() {
    let (_server, service) = alone(&[]).await;
    let id = service.api.account(1).await;
    // Every append finds its stream elsewhere.
    let jinx = "CREATE FUNCTION jinx() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RETURN NULL; END';
        CREATE TRIGGER jinx BEFORE UPDATE ON streams
        FOR EACH ROW EXECUTE FUNCTION jinx()";
    service.sql(jinx).await;
    let key = Uuid::now_v7();
    let ask = || service.api.post_again(&deposits(id), &euros(1), key);
    assert_problem(&ask().send().await, 409, "contended");
    service.sql("DROP TRIGGER jinx ON streams").await;
    assert_eq!(ask().send().await.status, 201);
    assert_eq!(service.api.state(id).await, (3, 2));
}

#[tokio::test]
async fn without_a_free_connection_there_is_no_waiting_for_ever() {
    let settings = [("DATABASE_CONNECTIONS", "4")];
    let (_server, service) = alone(&settings).await;
    let id = service.api.account(1).await;
    let mut connection = service.connect().await;
    let mut other = connection.begin().await.unwrap();
    other.execute("LOCK TABLE streams").await.unwrap();
    // Four wait for the lock, which nobody lets go of. As a connection and a lock are waited for equally
    // long, four more may get a connection at the last moment, but no others.
    let asks =
        (0..16).map(|_| service.api.post(&deposits(id), &euros(1)).send());
    let asks: tokio::task::JoinSet<_> = asks.collect();
    let answers = asks.join_all().await;
    let statuses: Vec<_> = answers.iter().map(|it| it.status).collect();
    assert!(statuses.contains(&503), "{statuses:?}");
    for answer in &answers {
        assert!([409, 503].contains(&answer.status), "{answer:?}");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    other.rollback().await.unwrap();
    assert_eq!(service.api.state(id).await, (2, 1));
}

#[tokio::test]
async fn a_database_that_goes_away_may_come_back() {
    let (server, service) = alone(&[]).await;
    let api = &service.api;
    let id = api.account(1).await;
    let key = Uuid::now_v7();
    let deposit = || api.post_again(&deposits(id), &euros(1), key).send();
    server.stop().unwrap();
    let down = "database-unavailable";
    assert_problem(&deposit().await, 503, down);
    let account = format!("/accounts/{id}");
    for path in ["/health/ready", "/feed", "/admin/projections", &account] {
        assert_problem(&api.get(path).await, 503, down);
    }
    let health = api.get("/health").await;
    assert_eq!(health.status, 503);
    assert_eq!(health.json()["components"]["database"], "down");
    assert_eq!(api.get("/health/live").await.status, 200);

    server.restart().unwrap();
    assert_eq!(api.get("/health/ready").await.status, 200);
    let first = deposit().await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(first.essence(), deposit().await.essence());
    assert_eq!(api.state(id).await, (3, 2));
    assert_eq!(api.read(id, 3).await.version(), 3);
}

#[tokio::test]
async fn a_damaged_event_is_found_and_not_told() {
    let (_server, service) = alone(&[]).await;
    let api = &service.api;
    let id = api.account(1).await;
    service
        .sql(&format!(
            "ALTER TABLE events DISABLE TRIGGER events_only_grow;
             UPDATE events SET event_type = 'Nonsense'
             WHERE stream_id = '{id}' AND version = 2"
        ))
        .await;
    let audit = api.get(&format!("/accounts/{id}/audit")).await.json();
    assert_eq!(audit["verified"], false);
    assert_eq!(audit["version"], 2);
    assert_eq!(audit["fault"], "altered");
    let history = format!("/accounts/{id}/history?as_of_version=2");
    let answers = [
        api.get(&history).await,
        api.post(&deposits(id), &euros(1)).send().await,
    ];
    for answer in answers {
        assert_problem(&answer, 500, "internal");
        assert!(!answer.body.contains("Nonsense"), "{answer:?}");
        assert!(answer.json().get("detail").is_none(), "{answer:?}");
    }
    // What came before is as it was.
    let history = format!("/accounts/{id}/history?as_of_version=1");
    assert_eq!(api.get(&history).await.status, 200);
}

#[tokio::test]
async fn a_projection_that_stops_makes_the_program_unwell() {
    let (_server, service) = alone(&[]).await;
    let api = &service.api;
    let id = api.account(1).await;
    api.read(id, 2).await;
    // An event of a type that nobody knows, behind all that was read.
    service
        .sql(&format!(
            "INSERT INTO events (stream_id, version, event_id, event_type,
                 schema_version, payload, metadata, recorded_at, prev_hash,
                 hash)
             SELECT stream_id, 3, gen_random_uuid(), 'Nonsense', 1, payload,
                 metadata, recorded_at, hash, hash
             FROM events WHERE stream_id = '{id}' AND version = 2"
        ))
        .await;
    let start = Instant::now();
    let health = loop {
        let health = api.get("/health").await;
        let components = health.json()["components"].clone();
        let stopped = components["stopped"].as_array().unwrap();
        if stopped.iter().any(|it| it["name"] == "balances") {
            break health;
        }
        assert!(start.elapsed() < DEADLINE, "{health:?}");
        tokio::time::sleep(DEADLINE / 300).await;
    };
    assert_eq!(health.status, 503);
    assert_eq!(health.json()["components"]["database"], "up");
    assert_eq!(health.json()["components"]["projections"], "down");
    // It serves all the same.
    assert_eq!(api.get("/health/ready").await.status, 200);
    assert_eq!(api.get(&format!("/accounts/{id}")).await.status, 200);
}
