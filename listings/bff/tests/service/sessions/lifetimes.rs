//! Sessions end.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use crate::lab::{DEADLINE, Lab, Person};

const IDLE: Duration = Duration::from_secs(2);

/// Somebody who has used a session for much longer than it lives unused. None
/// if the machine itself paused for so long that the session was unused.
async fn busy(lab: &Lab) -> Option<Person> {
    let start = Instant::now();
    let grace = lab.sign_in("grace").await;
    // Never later than the store has it.
    let mut used = start;
    while start.elapsed() < IDLE * 2 {
        sleep(IDLE / 4).await;
        let now = Instant::now();
        let status = grace.get("/auth/session").await.status;
        if status == 401 && used.elapsed() >= IDLE {
            return None;
        }
        assert_eq!(status, 200);
        used = now;
    }
    Some(grace)
}

#[tokio::test]
async fn a_session_that_nobody_uses_ends() {
    let lab = Lab::start(&[("SESSION_IDLE_SECONDS", "2")]).await;
    let grace = loop {
        if let Some(grace) = busy(&lab).await {
            break grace;
        }
    };
    sleep(IDLE + Duration::from_millis(200)).await;
    assert_eq!(grace.get("/auth/session").await.status, 401);
    lab.finish().await;
}

#[tokio::test]
async fn a_session_ends_however_often_it_is_used() {
    let lab = Lab::start(&[("SESSION_SECONDS", "5")]).await;
    let start = Instant::now();
    let grace = lab.sign_in("grace").await;
    let mut session = grace.get("/auth/session").await;
    while session.status == 200 {
        let left = session.json()["expires_in"].as_u64().unwrap();
        assert!(left <= 5, "{left}");
        assert!(start.elapsed() < DEADLINE, "it goes on");
        sleep(Duration::from_millis(100)).await;
        session = grace.get("/auth/session").await;
    }
    assert_eq!(session.status, 401);
    assert!(start.elapsed() >= Duration::from_secs(5));
    lab.finish().await;
}
