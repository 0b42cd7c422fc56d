//! When the server takes no writes, as a primary that has become a standby.

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use throwaway::postgres::Server;
use tokio::time::{sleep, timeout};
use uuid::Uuid;

use crate::{
    api::{deposits, euros},
    failures::{alone, assert_problem},
    process::{DEADLINE, Service},
};

/// Runs `sql` statements one by one, outside any transaction.
async fn each(connection: &mut PgConnection, statements: &[&str]) {
    for sql in statements {
        let sql = sqlx::raw_sql(AssertSqlSafe((*sql).to_owned()));
        sql.execute(&mut *connection).await.unwrap();
    }
}

/// Waits until every new connection finds the server so. Then each older one
/// has been told, too.
async fn until_read_only(server: &Server, is: &str) {
    let changed = async {
        let url = server.url("postgres");
        loop {
            let mut new = PgConnection::connect(&url).await.unwrap();
            let show = sqlx::query_scalar("SHOW default_transaction_read_only");
            let shown: String = show.fetch_one(&mut new).await.unwrap();
            if shown == is {
                return;
            }
            sleep(DEADLINE / 3_000).await;
        }
    };
    timeout(DEADLINE, changed).await.unwrap();
}

/// As a primary that becomes a standby.
async fn demote(server: &Server, service: &Service) {
    let demote = [
        "ALTER SYSTEM SET default_transaction_read_only = on",
        "SELECT pg_reload_conf()",
    ];
    each(&mut service.connect().await, &demote).await;
    until_read_only(server, "on").await;
}

async fn promote(server: &Server, service: &Service) {
    let promote = [
        "SET default_transaction_read_only = off",
        "ALTER SYSTEM RESET default_transaction_read_only",
        "SELECT pg_reload_conf()",
    ];
    each(&mut service.connect().await, &promote).await;
    until_read_only(server, "off").await;
}

#[tokio::test]
async fn a_primary_that_becomes_read_only_is_unavailable() {
    let (server, service) = alone(&[]).await;
    let api = &service.api;
    let id = api.account(1).await;
    let other = api.account(1).await;
    // The read model is complete before nothing can be written any more.
    assert_eq!(api.read(id, 2).await.status, 200);
    demote(&server, &service).await;

    let key = Uuid::now_v7();
    let deposit = || api.post_again(&deposits(id), &euros(1), key).send();
    let down = "database-unavailable";
    assert_problem(&deposit().await, 503, down);
    let transfer = format!("/accounts/{id}/transfers");
    let amount = euros(1)["amount"].clone();
    let body = serde_json::json!({ "to": other, "amount": amount });
    assert_problem(&api.post(&transfer, &body).send().await, 503, down);
    let open = api.post("/accounts", &crate::api::ada("EUR"));
    assert_problem(&open.send().await, 503, down);
    let rebuild = "/admin/projections/balances/rebuilds";
    assert_problem(&api.ask("POST", rebuild).send().await, 503, down);
    assert_problem(&api.get("/health/ready").await, 503, down);
    let health = api.get("/health").await;
    assert_eq!(health.status, 503);
    assert_eq!(health.json()["components"]["database"], "read_only");
    // It is no use to start it again, and questions have answers.
    for path in ["/health/live", "/feed", &format!("/accounts/{id}")] {
        assert_eq!(api.get(path).await.status, 200, "{path}");
    }
    assert_eq!(api.state(id).await, (2, 1));

    promote(&server, &service).await;
    assert_eq!(api.get("/health/ready").await.status, 200);
    let first = deposit().await;
    assert_eq!(first.status, 201, "{first:?}");
    assert_eq!(api.get("/health").await.status, 200);
    // Those who follow the feed go on, too.
    assert_eq!(api.read(id, 3).await.version(), 3);
}
