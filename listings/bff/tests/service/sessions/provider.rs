//! The identity provider has bad days, too.

use std::time::{Duration, Instant};

use bff::backends::{
    Role,
    faults::{Failure, Faults},
};
use tokio::time::sleep;

use super::flow::leave;
use crate::lab::{Journey, Lab, failing, visit};

/// Beside the budget: a machine that is busy with other tests.
const MARGIN: Duration = Duration::from_millis(1_500);

#[tokio::test]
async fn a_sign_in_fails_in_time_when_the_provider_does() {
    let budget = Duration::from_millis(2_000);
    let lab = Lab::start(&[("BUDGET_MS", "2000")]).await;
    for (failure, status) in [
        (Failure::Error, 502),
        (Failure::Garbage, 502),
        (Failure::Huge, 502),
        (Failure::Hang, 504),
    ] {
        let journey = Journey::of(&lab.bff, "grace").await;
        lab.trouble(Role::Identity, failing(failure)).await;
        let start = Instant::now();
        let answer = visit(&journey.back, Some(&journey.away)).await;
        assert_eq!(answer.status, status, "{failure:?}");
        let took = start.elapsed();
        assert!(took < budget + MARGIN, "{failure:?}: {took:?}");
        lab.trouble(Role::Identity, Faults::default()).await;
    }
    lab.finish().await;
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
    let variables = [("TOKEN_SECONDS", "1"), ("BUDGET_MS", "2000")];
    let lab = Lab::start(&variables).await;
    let grace = lab.sign_in("grace").await;
    sleep(Duration::from_millis(1_100)).await;
    for (failure, status) in [(Failure::Error, 502), (Failure::Hang, 504)] {
        lab.trouble(Role::Identity, failing(failure)).await;
        let start = Instant::now();
        let answer = grace.get("/web/home").await;
        assert_eq!(answer.status, status, "{failure:?}");
        let took = start.elapsed();
        assert!(took < Duration::from_secs(2) + MARGIN, "{took:?}");
    }
    lab.trouble(Role::Identity, Faults::default()).await;
    // The refresh that hangs may be about to end.
    sleep(Duration::from_millis(500)).await;
    assert_eq!(grace.get("/web/home").await.status, 200);
    lab.finish().await;
}

#[tokio::test]
async fn a_token_that_is_still_good_is_used_meanwhile() {
    let lab = Lab::start(&[("TOKEN_SECONDS", "15")]).await;
    let grace = lab.sign_in("grace").await;
    sleep(Duration::from_millis(12_100)).await;
    lab.trouble(Role::Identity, failing(Failure::Error)).await;
    assert_eq!(grace.get("/auth/session").await.status, 200);
    assert_eq!(grace.get("/auth/session").await.status, 200);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(grace.get("/auth/session").await.status, 200);
    // The others do not try again at once.
    assert_eq!(lab.requests(Role::Identity).await, 1);
    lab.finish().await;
}

#[tokio::test]
async fn who_wants_to_leave_may_leave() {
    let lab = Lab::start(&[("BUDGET_MS", "2000")]).await;
    let grace = lab.sign_in("grace").await;
    lab.trouble(Role::Identity, failing(Failure::Hang)).await;
    assert_eq!(leave(&grace).await.status, 204);
    assert_eq!(grace.get("/auth/session").await.status, 401);
    lab.finish().await;
}
