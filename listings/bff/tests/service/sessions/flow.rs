//! Signing in and out, step by step.

use reqwest::Method;

use crate::lab::{Answer, Lab};

#[tokio::test]
async fn a_person_signs_in_and_out() {
    let lab = Lab::start(&[]).await;
    let grace = lab.sign_in("grace").await;
    let session = grace.get("/auth/session").await;
    assert_eq!(session.status, 200);
    assert_eq!(session.json()["subject"], "grace");
    let left = session.json()["expires_in"].as_u64().unwrap();
    assert!((1700..=1800).contains(&left), "{left}");
    let home = grace.get("/web/home").await;
    assert_eq!(home.json()["user"]["display_name"], "Grace");

    let out = grace.request(Method::POST, "/auth/logout");
    let out = Answer::of(out.send().await.unwrap()).await;
    assert_eq!(out.status, 204);
    assert_eq!(grace.get("/auth/session").await.status, 401);
    assert_eq!(grace.get("/web/home").await.status, 401);
    // Nobody else is signed out.
    assert_eq!(lab.get("/web/home").await.status, 200);
    lab.finish().await;
}
