//! When the database takes no writes: a primary that has become a standby, a
//! file that is read-only.

use std::collections::BTreeSet;

use reqwest::{Method, Response};
use rocket_crud::{
    database::Database,
    users::{Repository, Sql, User, UserFields},
};
use serde_json::Value;
use sqlx::{AnyConnection, query, query_scalar};
use telemetry::{Config, Telemetry};
use tempfile::TempDir;
use throwaway::postgres::{Durability, Server};
use tokio::time::{sleep, timeout};

use crate::lab::{DEADLINE, Lab, user};

const CONNECTIONS: u32 = 3;

async fn open(url: &str, connections: u32) -> Database {
    let config = Config::from_lookup("users", "0", |name: &str| {
        (name == "OTEL_SDK_DISABLED").then(|| "true".to_owned())
    });
    let telemetry = Telemetry::start(&config.unwrap()).unwrap();
    Database::open(&telemetry, url, connections).await.unwrap()
}

fn ada() -> User {
    User::new(UserFields {
        handle: "ada".to_owned(),
        name: "a name".to_owned(),
        email: "ada@example.com".to_owned(),
    })
}

/// Makes all transactions of `server` read-only, or none. Once a new
/// connection is told so, the older ones have been told, too.
async fn read_only(server: &Server, is: bool) {
    let ask = |sql: &str| server.psql("postgres", sql).unwrap();
    let (change, shown) = match is {
        true => ("SET default_transaction_read_only = on", "on"),
        false => ("RESET default_transaction_read_only", "off"),
    };
    ask(&format!("ALTER SYSTEM {change}"));
    ask("SELECT pg_reload_conf()");
    let changed = async {
        while ask("SHOW default_transaction_read_only") != shown {
            sleep(DEADLINE / 3_000).await;
        }
    };
    timeout(DEADLINE, changed).await.unwrap();
}

async fn assert_unavailable(answer: Response) {
    assert_eq!(answer.status(), 503);
    assert_eq!(answer.headers()["retry-after"], "1");
    let kind = answer.headers()["content-type"].to_str().unwrap();
    assert_eq!(kind, "application/problem+json");
    let body: Value = answer.json().await.unwrap();
    assert_eq!(body["type"], "/problems/database-unavailable");
}

#[tokio::test]
async fn a_primary_that_becomes_read_only_is_unavailable() {
    let server = Server::start(Durability::Fast).unwrap();
    let database = open(&server.url("postgres"), CONNECTIONS).await;
    database.migrate().await.unwrap();
    let lab = Lab::with(Sql::new(database), &[], |rocket| rocket).await;
    let path = lab.add("ada").await;
    assert_eq!(lab.get("/health/ready").await.status(), 204);
    read_only(&server, true).await;
    let add = || {
        lab.request(Method::POST, "/users")
            .json(&user("bob"))
            .send()
    };
    assert_unavailable(add().await.unwrap()).await;
    assert_unavailable(lab.get("/health/ready").await).await;
    // It is no use to start it again, and questions have answers.
    assert_eq!(lab.get("/health/live").await.status(), 204);
    assert_eq!(lab.get(&path).await.status(), 200);
    read_only(&server, false).await;
    assert_eq!(lab.get("/health/ready").await.status(), 204);
    assert_eq!(add().await.unwrap().status(), 201);
    lab.stop().await;
}

/// The server's processes behind all connections, after `setting` on each.
async fn processes(database: &Database, setting: &str) -> BTreeSet<i32> {
    let mut connections = Vec::new();
    let mut processes = BTreeSet::new();
    for _ in 0..CONNECTIONS {
        let mut connection = database.acquire().await.unwrap();
        set(&mut connection, setting).await;
        let pid = query_scalar("SELECT pg_backend_pid()");
        processes.insert(pid.fetch_one(&mut *connection).await.unwrap());
        connections.push(connection);
    }
    processes
}

async fn set(connection: &mut AnyConnection, setting: &str) {
    let setting = sqlx::AssertSqlSafe(setting.to_owned());
    query(setting).execute(connection).await.unwrap();
}

/// Old sessions are those of a former primary, and new ones lead to a primary
/// as after a failover.
#[tokio::test]
async fn one_refused_write_closes_every_old_connection() {
    let server = Server::start(Durability::Fast).unwrap();
    let database = open(&server.url("postgres"), CONNECTIONS).await;
    database.migrate().await.unwrap();
    let users = Sql::new(database.clone());
    let former = "SET default_transaction_read_only = on";
    let old = processes(&database, former).await;
    users.insert(&ada()).await.unwrap_err();
    users.insert(&ada()).await.unwrap();
    let new = processes(&database, former).await;
    assert!(old.is_disjoint(&new), "{old:?} {new:?}");
    // To ask whether it takes changes is enough.
    users.ping().await.unwrap_err();
    users.ping().await.unwrap();
    assert!(new.is_disjoint(&processes(&database, "SELECT 1").await));
}

#[tokio::test]
async fn a_file_that_is_read_only_is_opened_again() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("users.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let database = open(&url, 1).await;
    database.migrate().await.unwrap();
    let users = Sql::new(database.clone());
    let refuse = "PRAGMA query_only = ON";
    set(&mut database.acquire().await.unwrap(), refuse).await;
    users.insert(&ada()).await.unwrap_err();
    users.insert(&ada()).await.unwrap();
    set(&mut database.acquire().await.unwrap(), refuse).await;
    users.ping().await.unwrap_err();
    users.ping().await.unwrap();
}

#[tokio::test]
async fn a_read_only_or_full_file_is_unavailable_and_can_be_read() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("users.db");
    let url = format!("sqlite://{}?mode=", file.display());
    let database = open(&format!("{url}rwc"), 1).await;
    database.migrate().await.unwrap();
    let lab = Lab::with(Sql::new(database.clone()), &[], |rocket| rocket).await;
    let path = lab.add("ada").await;
    let full = "PRAGMA max_page_count = 1";
    set(&mut database.acquire().await.unwrap(), full).await;
    // Some fit into the pages that there are.
    let mut number = 0;
    let refused = loop {
        let new = user(&format!("user-{number}"));
        let add = lab.request(Method::POST, "/users").json(&new).send();
        let answer = add.await.unwrap();
        if answer.status() != 201 {
            break answer;
        }
        number += 1;
        assert!(number < 1_000);
    };
    assert_unavailable(refused).await;
    assert_eq!(lab.get(&path).await.status(), 200);
    lab.stop().await;
    database.close().await;

    let database = Sql::new(open(&format!("{url}ro"), 1).await);
    let lab = Lab::with(database, &[], |rocket| rocket).await;
    let add = lab
        .request(Method::POST, "/users")
        .json(&user("bob"))
        .send();
    assert_unavailable(add.await.unwrap()).await;
    assert_unavailable(lab.get("/health/ready").await).await;
    assert_eq!(lab.get(&path).await.status(), 200);
    lab.stop().await;
}

/// It would fail again, so nobody is asked to come again.
#[tokio::test]
async fn a_statement_that_cannot_succeed_is_an_internal_error() {
    let folder = TempDir::new().unwrap();
    let file = folder.path().join("users.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let users = Sql::new(open(&url, 1).await);
    // Nobody has made the table.
    let lab = Lab::with(users, &[], |rocket| rocket).await;
    let answer = lab.get("/users/ada").await;
    assert_eq!(answer.status(), 500);
    assert!(!answer.headers().contains_key("retry-after"));
    lab.stop().await;
}
