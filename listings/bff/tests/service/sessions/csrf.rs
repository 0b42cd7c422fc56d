//! What another site can make a browser send.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::lab::{Answer, Lab};

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// A request with Ada's cookie and nothing else.
fn bare(lab: &Lab, cookie: &str, method: Method, path: &str) -> RequestBuilder {
    lab.anonymous(method, path)
        .header("cookie", cookie)
        .header("content-type", "application/json")
        .body(json!({ "operations": [] }).to_string())
}

// ANCHOR: csrf-cases
#[tokio::test]
async fn another_site_changes_nothing() {
    let lab = Lab::start(&[]).await;
    let ada = lab.sign_in("ada").await;
    let own = lab.bff.clone();
    let cases: &[(&[(&str, &str)], u16)] = &[
        (&[], 403),
        (&[("x-csrf", "1")], 200),
        (&[("x-csrf", "")], 200),
        (&[("x-csrf", "1"), ("origin", &own)], 200),
        (&[("x-csrf", "1"), ("origin", "null")], 403),
        (&[("x-csrf", "1"), ("origin", "https://evil.example")], 403),
        (&[("origin", &own), ("sec-fetch-site", "same-origin")], 403),
        (&[("x-csrf", "1"), ("sec-fetch-site", "same-origin")], 200),
        (&[("x-csrf", "1"), ("sec-fetch-site", "none")], 200),
        (&[("x-csrf", "1"), ("sec-fetch-site", "same-site")], 403),
        (&[("x-csrf", "1"), ("sec-fetch-site", "cross-site")], 403),
        (
            &[("x-csrf", "1"), ("origin", &own), ("origin", "null")],
            403,
        ),
    ];
    for (headers, expected) in cases {
        let path = "/desktop/bulk";
        let mut request = bare(&lab, &ada.cookie, Method::POST, path);
        for (name, value) in *headers {
            request = request.header(*name, *value);
        }
        assert_eq!(status(request).await, *expected, "{headers:?}");
    }
    lab.finish().await;
}
// ANCHOR_END: csrf-cases

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let lab = Lab::start(&[]).await;
    let ada = lab.sign_in("ada").await;
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        for path in ["/desktop/bulk", "/auth/logout", "/nowhere"] {
            let request = lab
                .anonymous(Method::POST, path)
                .header("cookie", &ada.cookie)
                .header("content-type", content_type)
                .body("{\"operations\":[]}");
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.status, 403, "{content_type} {path}");
            let kind = "/problems/foreign-request";
            assert_eq!(answer.json()["type"], kind, "{path}");
        }
    }
    assert_eq!(ada.get("/auth/session").await.status, 200);
    lab.finish().await;
}

#[tokio::test]
async fn nobody_is_signed_out_by_another_site() {
    let lab = Lab::start(&[]).await;
    let ada = lab.sign_in("ada").await;
    let post = bare(&lab, &ada.cookie, Method::POST, "/auth/logout");
    assert_eq!(status(post).await, 403);
    // A picture, a link, a script: all that a page can load is a GET.
    let get = bare(&lab, &ada.cookie, Method::GET, "/auth/logout");
    assert_eq!(status(get).await, 405);
    assert_eq!(ada.get("/auth/session").await.status, 200);
    lab.finish().await;
}

#[tokio::test]
async fn a_request_without_a_session_needs_no_proof() {
    let lab = Lab::start(&[]).await;
    let request = lab.anonymous(Method::POST, "/auth/logout");
    assert_eq!(status(request).await, 204);
    let request = lab.anonymous(Method::POST, "/desktop/bulk");
    let request = request.header("content-type", "application/json");
    assert_eq!(status(request.body("{}")).await, 401);
    // A method that nobody knows is one that changes something.
    let method = Method::from_bytes(b"BREW").unwrap();
    let request = bare(&lab, "__Host-session=x", method, "/web/home");
    assert_eq!(status(request).await, 403);
    lab.finish().await;
}
