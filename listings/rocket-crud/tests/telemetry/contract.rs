//! What the service sends is what the registry says, no more and no less.

use futures_util::future::join_all;
use otlp_console::contract::{self, Registry, Telemetry};
use reqwest::Method;
use rocket_crud::users::InMemory;
use serde_json::json;

use crate::{
    edges::{Broken, asking_csv, panicking},
    lab::Lab,
    program::{GRPC, POSTGRES, Program},
};

// ANCHOR: contract
#[tokio::test]
async fn all_telemetry_keeps_the_contract() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    let mut received = a_day(&[]).await;
    let database = POSTGRES.new_database(None).unwrap();
    let url = POSTGRES.tcp_url(&database).unwrap();
    let others = [
        a_day(&[("DATABASE_URL", &url)]).await,
        a_day(&[GRPC]).await,
        a_bad_day().await,
    ];
    for other in others {
        received.spans.extend(other.spans);
        received.logs.extend(other.logs);
        received.metrics.extend(other.metrics);
    }
    assert_eq!(registry.check(&received), []);
    assert_eq!(registry.unseen(&received), []);
}
// ANCHOR_END: contract

#[test]
fn the_tables_are_made_from_the_registry() {
    let registry = Registry::load("telemetry/registry.yaml").unwrap();
    contract::assert_current("telemetry/tables.md", &registry.markdown());
}

/// Every kind of request, and all that arrived of them.
async fn a_day(settings: &[(&str, &str)]) -> Telemetry {
    let program = Program::start(settings).await;
    let added = program.add("ada").await;
    let path = added.headers()["location"].to_str().unwrap().to_owned();
    assert_eq!(program.add("ada").await.status(), 409);
    let paths = [
        ("/users", 200),
        (path.as_str(), 200),
        ("/users/ada", 200),
        ("/users/nobody", 404),
        ("/me", 200),
        ("/health/live", 204),
        ("/health/ready", 204),
        ("/openapi.json", 200),
        ("/exports/users.csv", 403),
        ("/exports/users.ndjson", 403),
        ("/nowhere", 404),
    ];
    for (path, status) in paths {
        assert_eq!(program.get(path).await.status(), status, "{path}");
    }
    let user = json!({ "handle": "ada", "name": "Ada", "email": "a@b" });
    let change = program.request(Method::PUT, &path).json(&user);
    let change = change.header("if-match", "\"1\"").send().await.unwrap();
    assert_eq!(change.status(), 200);
    let stale = program.request(Method::PUT, &path).json(&user);
    let stale = stale.header("if-match", "\"1\"").send().await.unwrap();
    assert_eq!(stale.status(), 412);
    let remove = program.request(Method::DELETE, &path);
    assert_eq!(remove.send().await.unwrap().status(), 403);
    removed(&program, &path).await;
    let named = program.request(Method::GET, "/users");
    let named = named
        .header("x-request-id", "order-42")
        .send()
        .await
        .unwrap();
    assert_eq!(named.headers()["x-request-id"], "order-42");
    for (method, status) in [
        (Method::PATCH, 405),
        (Method::OPTIONS, 204),
        (Method::HEAD, 200),
    ] {
        let request = program.request(method, "/users");
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    let brew = Method::from_bytes(b"BREW").unwrap();
    let brewed = program.request(brew, "/users").send().await.unwrap();
    assert_eq!(brewed.status(), 400);
    Telemetry::from(&program.stop().await)
}

async fn removed(program: &Program, path: &str) {
    let mut remove = program.request(Method::DELETE, path).build().unwrap();
    let headers = remove.headers_mut();
    headers.insert("authorization", crate::lab::ADMIN.parse().unwrap());
    headers.insert("if-match", "\"2\"".parse().unwrap());
    let client = crate::lab::client();
    assert_eq!(client.execute(remove).await.unwrap().status(), 204);
}

/// What goes wrong, and is said.
async fn a_bad_day() -> Telemetry {
    let once = [("rate_limit_burst", "1"), ("rate_limit_per_second", "1")];
    let lab = Lab::with(InMemory::default(), &once, panicking).await;
    // The next one is free a second later: one of so many is refused.
    let asking = join_all((0..30).map(|_| lab.get("/me"))).await;
    assert!(asking.iter().any(|answer| answer.status() == 200));
    assert!(asking.iter().any(|answer| answer.status() == 429));
    assert_eq!(lab.get("/panic").await.status(), 500);
    let mut received = Telemetry::from(&lab.stop().await);

    let lab = Lab::with(Broken::default(), &[], |rocket| rocket).await;
    let file = asking_csv(&lab).await.text().await.unwrap();
    assert!(!file.contains("total,"));
    assert_eq!(lab.get("/users").await.status(), 503);
    let more = Telemetry::from(&lab.stop().await);
    received.spans.extend(more.spans);
    received.logs.extend(more.logs);
    received.metrics.extend(more.metrics);
    received
}
