//! What the answers say beside their status.

use std::{collections::BTreeSet, time::Instant};

use reqwest::Method;
use rocket_crud::users::InMemory;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::lab::{ADMIN, Lab, client, user};

#[tokio::test]
async fn pages_lead_to_all_users() {
    let lab = Lab::start().await;
    for number in 0..7 {
        lab.add(&format!("user-{number}")).await;
    }
    let mut next = Some("/users?limit=3".to_owned());
    let mut seen = Vec::new();
    while let Some(path) = next {
        let page: Value = lab.get(&path).await.json().await.unwrap();
        for user in page["users"].as_array().unwrap() {
            seen.push(user["handle"].as_str().unwrap().to_owned());
        }
        next = page["next"].as_str().map(str::to_owned);
    }
    let expected: Vec<_> = (0..7).map(|n| format!("user-{n}")).collect();
    assert_eq!(seen, expected);
    lab.stop().await;
}

#[tokio::test]
async fn of_many_changes_to_one_version_one_is_made() {
    let lab = Lab::start().await;
    let path = lab.add("ada").await;
    let mut changes = JoinSet::new();
    for number in 0..16 {
        let mut body = user("ada");
        body["name"] = json!(format!("name {number}"));
        let change = lab.request(Method::PUT, &path).json(&body);
        let change = change.header("if-match", "\"1\"");
        changes.spawn(
            async move { change.send().await.unwrap().status().as_u16() },
        );
    }
    let mut statuses = changes.join_all().await;
    statuses.sort_unstable();
    assert_eq!(statuses[0], 200);
    assert!(statuses[1..].iter().all(|status| *status == 412));
    let ada = lab.get(&path).await;
    assert_eq!(ada.headers()["etag"], "\"2\"");
    lab.stop().await;
}

#[tokio::test]
async fn a_guess_at_a_key_is_as_slow_as_a_call() {
    let few = [("rate_limit_burst", "3"), ("rate_limit_per_second", "1")];
    let lab = Lab::with(InMemory::default(), &few, |rocket| rocket).await;
    let url = format!("{}/me", lab.url);
    let guess = async |number: u64| {
        let request = client().get(&url).bearer_auth(format!("guess-{number}"));
        request.send().await.unwrap()
    };
    passes(3, 401, guess).await;
    // Those who have a key do not pay for those who guess, and a request that
    // is forwarded counts once.
    passes(3, 404, async |_| lab.get("/users/nobody").await).await;
    lab.stop().await;
}

/// Asks until it is too often: after so many, and what has come in meanwhile.
async fn passes(
    burst: u64,
    status: u16,
    ask: impl AsyncFn(u64) -> reqwest::Response,
) {
    let (start, mut passed) = (Instant::now(), 0);
    let refused = loop {
        let answer = ask(passed).await;
        if answer.status() == 429 {
            break answer;
        }
        assert_eq!(answer.status(), status);
        passed += 1;
    };
    assert_eq!(refused.headers()["retry-after"], "1");
    let meanwhile = start.elapsed().as_secs();
    assert!((burst..=burst + meanwhile).contains(&passed), "{passed}");
}

#[tokio::test]
async fn pages_of_other_sites_read_what_they_may() {
    let own = [("cors_origins", "\"https://app.example\"")];
    let lab = Lab::with(InMemory::default(), &own, |rocket| rocket).await;
    let ask = |method, origin: &'static str| {
        let request = lab.request(method, "/users").header("origin", origin);
        request
            .header("access-control-request-method", "POST")
            .send()
    };
    let preflight = ask(Method::OPTIONS, "https://app.example").await.unwrap();
    assert_eq!(preflight.status(), 204);
    let headers = preflight.headers();
    let methods = headers["access-control-allow-methods"].to_str().unwrap();
    let methods: BTreeSet<_> = methods.split(", ").collect();
    assert_eq!(methods, BTreeSet::from(["GET", "HEAD", "OPTIONS", "POST"]));
    let allowed = &headers["access-control-allow-origin"];
    assert_eq!(allowed, "https://app.example");
    for (origin, is_known) in [
        ("https://app.example", true),
        ("https://app.example.evil", false),
        ("null", false),
    ] {
        let answer = ask(Method::GET, origin).await.unwrap();
        let headers = answer.headers();
        let allowed = headers.contains_key("access-control-allow-origin");
        assert_eq!(allowed, is_known, "{origin}");
        assert_eq!(headers["vary"], "Origin");
    }
    lab.stop().await;
}

#[tokio::test]
async fn a_request_has_a_name() {
    let lab = Lab::start().await;
    let ask = |id: &str| {
        let request = lab.request(Method::GET, "/nowhere");
        request.header("x-request-id", id).send()
    };
    let answer = ask("order-42_a").await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "order-42_a");
    let too_long = "x".repeat(65);
    for strange in ["", "<script>", "a b", &too_long] {
        let answer = ask(strange).await.unwrap();
        assert_eq!(answer.headers()["x-request-id"].len(), 36, "{strange}");
    }
    let receiver = lab.stop().await;
    let span = &crate::lab::servers(&receiver)[0];
    let named = format!("{:?}", span.attributes["rocket_crud.request.id"]);
    assert!(named.contains("order-42_a"), "{named}");
}

#[tokio::test]
async fn a_name_is_no_formula() {
    let lab = Lab::start().await;
    let mut body = user("eve");
    body["name"] = json!("=HYPERLINK(\"http://evil.example\")");
    body["email"] = json!("+1@example.com");
    let add = lab.request(Method::POST, "/users").json(&body);
    assert_eq!(add.send().await.unwrap().status(), 201);
    let url = format!("{}/exports/users.csv", lab.url);
    let export = client().get(url).header("authorization", ADMIN);
    let export = export.send().await.unwrap();
    assert_eq!(export.headers()["cache-control"], "no-store");
    let lines = export.text().await.unwrap();
    assert!(lines.contains("\"'=HYPERLINK(\"\"http"), "{lines}");
    assert!(lines.contains(",'+1@example.com,"), "{lines}");
    lab.stop().await;
}

#[tokio::test]
async fn a_body_may_be_as_large_as_the_limit_and_not_larger() {
    let lab = Lab::start().await;
    let limit = 16 * 1024;
    for (size, status) in [(limit, 201), (limit + 1, 413)] {
        let body = user("ada").to_string();
        let padding = " ".repeat(size - body.len());
        let add = lab.request(Method::POST, "/users");
        let add = add.header("content-type", "application/json");
        let answer = add.body(format!("{padding}{body}")).send().await.unwrap();
        assert_eq!(answer.status(), status);
    }
    lab.stop().await;
}

#[tokio::test]
async fn browsers_are_told_to_protect_their_users() {
    let lab = Lab::start().await;
    let answer = lab.get("/users").await;
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(answer.headers()[name], value);
    }
    assert!(!answer.headers().contains_key("server"));
    lab.stop().await;
}
