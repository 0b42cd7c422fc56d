//! The identity provider has bad days, too.

use std::time::{Duration, Instant};

use bff::backends::{
    Role,
    faults::{Failure, Faults},
};
use tokio::time::sleep;

use super::flow::leave;
use crate::lab::{DEADLINE, Journey, Lab, failing, visit};

/// For a provider that hangs for ever: without it, there is no answer. Long
/// enough for a busy machine to do everything else.
const BRIEF: (&str, &str) = ("BUDGET_MS", "4000");

#[tokio::test]
async fn a_sign_in_fails_when_the_provider_does_and_waits_for_no_other() {
    for (failure, status, settings) in [
        (Failure::Error, 502, None),
        (Failure::Garbage, 502, None),
        (Failure::Huge, 502, None),
        (Failure::Hang, 504, Some(BRIEF)),
    ] {
        let lab = Lab::start(settings.as_slice()).await;
        let journey = Journey::of(&lab.bff, "grace").await;
        lab.trouble(Role::Identity, failing(failure)).await;
        let answer = visit(&journey.back, Some(&journey.away)).await;
        assert_eq!(answer.status, status, "{failure:?}");
        lab.finish().await;
    }
}

#[tokio::test]
async fn who_is_signed_in_does_not_notice() {
    let lab = Lab::start(&[]).await;
    lab.trouble(Role::Identity, failing(Failure::Hang)).await;
    assert_eq!(lab.get("/web/home").await.status, 200);
    lab.finish().await;
}

#[tokio::test]
async fn a_session_outlives_a_refresh_that_failed() {
    let lab = Lab::start(&[BRIEF]).await;
    let grace = lab.sign_in_briefly("grace").await;
    for (failure, status) in [(Failure::Error, 502), (Failure::Hang, 504)] {
        lab.trouble(Role::Identity, failing(failure)).await;
        let answer = grace.get("/web/home").await;
        assert_eq!(answer.status, status, "{failure:?}");
    }
    // The refresh that hangs may be about to end.
    lab.until_running(Role::Identity, 0).await;
    lab.trouble(Role::Identity, Faults::default()).await;
    assert_eq!(grace.get("/web/home").await.status, 200);
    lab.finish().await;
}

/// The end of a token, and how long before it a new one is asked for.
const END: Duration = Duration::from_secs(15);
const BEFORE: Duration = Duration::from_secs(3);

/// Whether the token was good all the while: a machine that pauses may come
/// too late for it.
async fn uses_a_token_that_is_still_good(lab: &Lab) -> bool {
    lab.identity.say_expires_in(END);
    let start = Instant::now();
    let grace = lab.sign_in("grace").await;
    sleep(END - BEFORE + Duration::from_millis(100)).await;
    lab.trouble(Role::Identity, failing(Failure::Error)).await;
    let mut statuses = Vec::new();
    for _ in 0..2 {
        statuses.push(grace.get("/auth/session").await.status);
    }
    // Nobody waits for the refresh, which fails.
    while lab.requests(Role::Identity).await == 0 {
        assert!(start.elapsed() < DEADLINE, "nobody refreshes");
    }
    lab.until_running(Role::Identity, 0).await;
    statuses.push(grace.get("/auth/session").await.status);
    // The others do not try again at once.
    let requests = lab.requests(Role::Identity).await;
    lab.trouble(Role::Identity, Faults::default()).await;
    if start.elapsed() >= END {
        return false;
    }
    assert_eq!((&statuses[..], requests), (&[200; 3][..], 1));
    true
}

#[tokio::test]
async fn a_token_that_is_still_good_is_used_meanwhile() {
    let lab = Lab::start(&[]).await;
    while !uses_a_token_that_is_still_good(&lab).await {}
    lab.finish().await;
}

#[tokio::test]
async fn who_wants_to_leave_may_leave() {
    let lab = Lab::start(&[BRIEF]).await;
    let grace = lab.sign_in("grace").await;
    lab.trouble(Role::Identity, failing(Failure::Hang)).await;
    assert_eq!(leave(&grace).await.status, 204);
    assert_eq!(grace.get("/auth/session").await.status, 401);
    lab.finish().await;
}
