//! A page that was made a moment ago is given again: to the same person.

use std::time::Duration;

use bff::backends::{
    Role,
    faults::{Failure, Faults},
};
use futures_util::future::join_all;
use reqwest::Method;
use serde_json::json;

use crate::lab::{Answer, Lab, ROLES, failing};

#[tokio::test]
async fn a_page_is_given_again_until_it_is_old() {
    for (fresh, requests) in [("60000", 1), ("200", 2)] {
        let lab = Lab::start(&[("CACHE_MS", fresh)]).await;
        let first = lab.get("/web/home").await;
        tokio::time::sleep(Duration::from_millis(300)).await;
        let again = lab.get("/web/home").await;
        assert_eq!(first.body, again.body);
        assert_eq!(lab.requests(Role::User).await, requests, "{fresh}");
        lab.finish().await;
    }
}

#[tokio::test]
async fn a_client_that_has_the_page_gets_no_bytes() {
    let lab = Lab::start(&[("CACHE_MS", "60000")]).await;
    let first = lab.get("/mobile/home").await;
    let etag = first.headers["etag"].to_str().unwrap().to_owned();
    assert_eq!(first.headers["cache-control"], "private, no-cache");
    assert_eq!(first.headers["vary"], "Cookie");
    for (known, status) in [
        (etag.clone(), 304),
        (format!("W/{etag}"), 304),
        (format!("\"other\", {etag}"), 304),
        ("*".to_owned(), 304),
        ("\"other\"".to_owned(), 200),
        ("nonsense".to_owned(), 200),
    ] {
        let request = lab
            .request(Method::GET, "/mobile/home")
            .header("if-none-match", &known);
        let answer = Answer::of(request.send().await.unwrap()).await;
        assert_eq!(answer.status, status, "{known}");
        assert_eq!(answer.body.is_empty(), status == 304, "{known}");
        assert_eq!(answer.headers["etag"], etag.as_str(), "{known}");
    }
    assert_eq!(lab.requests(Role::User).await, 1);
    lab.finish().await;
}

// ANCHOR: single-flight
#[tokio::test]
async fn a_hundred_tabs_cost_one_fan_out() {
    let lab = Lab::start(&[("CACHE_MS", "60000")]).await;
    // A service takes its time: until all hundred have come.
    let user = lab.door(Role::User);
    user.shut();
    let asking = join_all((0..100).map(|_| lab.get("/web/home")));
    let opening = async {
        lab.front.until_within(100).await;
        user.open();
    };
    let (answers, ()) = tokio::join!(asking, opening);
    for answer in &answers {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.body, answers[0].body);
    }
    for role in ROLES {
        assert_eq!(lab.requests(role).await, 1, "{role:?}");
    }
    let receiver = lab.finish().await;
    let spans = receiver.spans();
    let pages = spans.iter().filter(|span| span.name == "get page");
    let (made, given): (Vec<_>, Vec<_>) =
        pages.partition(|span| span.links.is_empty());
    assert_eq!((made.len(), given.len()), (1, 99));
    let maker = spans.iter().find(|span| span.name == "gather home");
    for span in given {
        assert_eq!(span.links[0].trace_id, made[0].trace_id);
        assert_eq!(span.links[0].trace_id, maker.unwrap().trace_id);
    }
}
// ANCHOR_END: single-flight

#[tokio::test]
async fn a_page_that_lacks_a_part_is_not_kept() {
    let lab = Lab::start(&[("CACHE_MS", "60000")]).await;
    lab.trouble(Role::Product, failing(Failure::Error)).await;
    let lacking = lab.get("/web/home").await;
    assert_eq!(lacking.json()["degraded"], json!(["recommendations"]));
    lab.trouble(Role::Product, Faults::default()).await;
    let whole = lab.get("/web/home").await;
    assert_eq!(whole.json()["degraded"], json!([]));
    lab.finish().await;
}

#[tokio::test]
async fn a_failure_is_not_kept() {
    let lab = Lab::start(&[("CACHE_MS", "60000")]).await;
    lab.trouble(Role::User, failing(Failure::Garbage)).await;
    assert_eq!(lab.get("/web/home").await.status, 502);
    lab.trouble(Role::User, Faults::default()).await;
    assert_eq!(lab.get("/web/home").await.status, 200);
    lab.finish().await;
}

#[tokio::test]
async fn the_browser_learns_what_took_how_long() {
    let lab = Lab::start(&[("CACHE_MS", "60000")]).await;
    let answer = lab.get("/web/home").await;
    let timing = answer.headers["server-timing"].to_str().unwrap();
    for name in ["user;dur=", "order;dur=", "product;dur=", "trace;desc="] {
        assert!(timing.contains(name), "{timing}");
    }
    let receiver = lab.finish().await;
    let spans = receiver.spans();
    let span = spans.iter().find(|span| span.name == "GET /web/home");
    let trace = span.unwrap().trace_id.to_string();
    assert!(timing.contains(&trace), "{timing}");
}
