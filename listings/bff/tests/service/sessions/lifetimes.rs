//! Sessions end.

use std::time::Duration;

use tokio::time::sleep;

use crate::lab::Lab;

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let lab = Lab::start(&[("SESSION_IDLE_SECONDS", "2")]).await;
    let grace = lab.sign_in("grace").await;
    for _ in 0..3 {
        sleep(Duration::from_secs(1)).await;
        assert_eq!(grace.get("/auth/session").await.status, 200);
    }
    sleep(Duration::from_millis(2_200)).await;
    assert_eq!(grace.get("/auth/session").await.status, 401);
    lab.finish().await;
}

#[tokio::test]
async fn a_session_ends_however_often_it_is_used() {
    let lab = Lab::start(&[("SESSION_SECONDS", "3")]).await;
    let grace = lab.sign_in("grace").await;
    let session = grace.get("/auth/session").await;
    let left = session.json()["expires_in"].as_u64().unwrap();
    assert!(left <= 3, "{left}");
    for _ in 0..12 {
        sleep(Duration::from_millis(270)).await;
        grace.get("/auth/session").await;
    }
    assert_eq!(grace.get("/auth/session").await.status, 401);
    lab.finish().await;
}
