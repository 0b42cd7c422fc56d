//! What was written can be read: now, as it was, and page by page.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    api::{Answer, Api, deposits, euros, withdrawals},
    process::Service,
};

#[tokio::test]
async fn a_client_reads_what_it_has_written() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(0).await;
    let path = format!("/accounts/{id}");
    for version in 2..30 {
        let wrote = api.post(&deposits(id), &euros(1)).send().await;
        assert_eq!(wrote.version(), version);
        let read = api.read(id, version).await;
        assert_eq!((read.status, read.version()), (200, version));
        let account = read.json();
        assert_eq!(account["version"], version);
        assert_eq!(account["balance"]["minor"], version - 1);
        let lag = read.header("x-projection-lag").unwrap();
        assert!(lag.parse::<u64>().is_ok(), "{lag}");
    }
    let account = api.get(&path).await.json();
    assert_eq!(account["account_id"], json!(id));
    assert_eq!(account["holder"], "Ada Lovelace");
    assert_eq!(account["status"], "open");
    for name in ["opened_at", "updated_at"] {
        let time = account[name].as_str().unwrap();
        assert!(time.ends_with('Z'), "{name}: {time}");
    }
}

#[tokio::test]
async fn an_account_is_there_as_soon_as_it_is_open() {
    let service = Service::new().await;
    for _ in 0..20 {
        let id = service.api.account(0).await;
        let read = service.api.read(id, 0).await;
        assert_eq!(read.status, 200, "{read:?}");
    }
}

#[tokio::test]
async fn a_head_is_a_get_without_its_body() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(1).await;
    api.read(id, 2).await;
    let account = format!("/accounts/{id}");
    let paths = [
        format!("{account}?min_version=2"),
        format!("{account}/history?as_of_version=1"),
        format!("{account}/events?limit=1"),
        format!("{account}/audit"),
        "/feed?limit=1".to_owned(),
        "/health".to_owned(),
        "/openapi.json".to_owned(),
        "/nothing".to_owned(),
    ];
    for path in paths {
        let get = api.get(&path).await;
        let head = api.ask("HEAD", &path).send().await;
        assert_eq!((head.status, head.body.as_str()), (get.status, ""));
        for name in ["etag", "link", "content-type", "content-length"] {
            assert_eq!(head.header(name), get.header(name), "{path} {name}");
        }
    }
}

/// Deposits 1 to 9 and a withdrawal of 45, then the end.
async fn life(api: &Api) -> Uuid {
    let id = api.account(0).await;
    for minor in 1..=9 {
        api.post(&deposits(id), &euros(minor)).send().await;
    }
    api.post(&withdrawals(id), &euros(45)).send().await;
    let close = api.ask("POST", &format!("/accounts/{id}/closure"));
    let close = close.key(Uuid::now_v7()).if_match(11).send().await;
    assert_eq!((close.status, close.version()), (200, 12));
    id
}

#[tokio::test]
async fn an_account_is_as_it_was_at_each_version_and_time() {
    let service = Service::new().await;
    let api = &service.api;
    let id = life(api).await;
    let history = format!("/accounts/{id}/history");
    let (events, _) = follow(api, format!("/accounts/{id}/events")).await;
    for version in 1..=12_i64 {
        let minor = (1..version.min(11)).sum::<i64>();
        let path = format!("{history}?as_of_version={version}");
        let state = api.get(&path).await.json();
        let expected = match version {
            12 => (json!("closed"), Value::Null),
            11 => (json!("open"), json!(0)),
            _ => (json!("open"), json!(minor)),
        };
        let actual = (&state["status"], &state["balance"]["minor"]);
        assert_eq!((actual.0.clone(), actual.1.clone()), expected);
        // By the time at which the event was recorded, it had happened.
        let time = events[version as usize - 1]["recorded_at"].as_str();
        let path = format!("{history}?as_of={}", time.unwrap());
        assert_eq!(api.get(&path).await.json(), state);
    }
}

#[tokio::test]
async fn pages_of_any_size_make_the_same_whole() {
    let service = Service::new().await;
    let api = &service.api;
    let id = life(api).await;
    let other = life(api).await;
    api.read(id, 12).await;
    api.read(other, 12).await;
    let (whole, _) = follow(api, format!("/accounts/{id}/events")).await;
    let versions: Vec<_> = whole
        .iter()
        .map(|it| it["version"].as_i64().unwrap())
        .collect();
    assert_eq!(versions, (1..=12).collect::<Vec<_>>());
    assert_eq!(whole[1]["type"], "MoneyDeposited");
    assert_eq!(whole[1]["payload"], euros(1));
    assert_eq!(whole[1]["metadata"]["actor"], "api");
    let (feed, end) = follow(api, "/feed?limit=500".to_owned()).await;
    assert_eq!(feed.len(), 24);
    for size in [1, 5, 11, 12, 13] {
        let path = format!("/accounts/{id}/events?limit={size}");
        let (events, _) = follow(api, path).await;
        assert_eq!(events, whole, "pages of {size}");
        let (events, last) = follow(api, format!("/feed?limit={size}")).await;
        assert_eq!(events, feed, "pages of {size}");
        assert_eq!(last.json()["next_cursor"], end.json()["next_cursor"]);
    }
    // The end of the feed is where the next event will be.
    let cursor = end.json()["next_cursor"].as_str().unwrap().to_owned();
    let path = format!("/feed?cursor={cursor}");
    let (nothing, last) = follow(api, path.clone()).await;
    assert_eq!(
        (nothing.len(), &last.json()["next_cursor"]),
        (0, &json!(cursor))
    );
    let third = api.account(0).await;
    api.read(third, 1).await;
    let (new, _) = follow(api, path).await;
    assert_eq!(new[0]["account_id"], json!(third));
    assert_ne!(other, third);
}

/// All events from `path` on, by following the links, and the last page.
async fn follow(api: &Api, mut path: String) -> (Vec<Value>, Answer) {
    let mut events = Vec::new();
    loop {
        let page = api.get(&path).await;
        assert_eq!(page.status, 200, "{page:?}");
        let found = page.json()["events"].as_array().unwrap().clone();
        events.extend(found);
        let Some(link) = page.header("link") else {
            return (events, page);
        };
        let next = link.strip_prefix('<').unwrap();
        path = next.strip_suffix(">; rel=\"next\"").unwrap().to_owned();
    }
}
