//! What becomes of the tokens of a session.

use std::time::Duration;

use bff::backends::{Role, faults::Faults};
use futures_util::future::join_all;

use super::flow::leave;
use crate::lab::{Lab, visit};

// ANCHOR: one-refresh
#[tokio::test]
async fn a_hundred_requests_at_the_end_of_a_token_cost_one_refresh() {
    let lab = Lab::start(&[]).await;
    let grace = lab.sign_in_briefly("grace").await;
    lab.trouble(Role::Identity, Faults::default()).await;
    // The provider takes its time: until all hundred have come.
    let provider = lab.door(Role::Identity);
    provider.shut();
    let asking = join_all((0..100).map(|_| grace.get("/auth/session")));
    let opening = async {
        lab.front.until_within(100).await;
        provider.until_came(1).await;
        provider.open();
    };
    let (answers, ()) = tokio::join!(asking, opening);
    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    assert_eq!(lab.requests(Role::Identity).await, 1);
    assert_eq!(lab.identity.refreshes(), 1);
    lab.finish().await;
}
// ANCHOR_END: one-refresh

#[tokio::test]
async fn a_browser_that_goes_away_does_not_lose_the_new_token() {
    let lab = Lab::start(&[]).await;
    let grace = lab.sign_in_briefly("grace").await;
    let provider = lab.door(Role::Identity);
    provider.shut();
    let leaving = grace.clone();
    let asking = async move { leaving.get("/auth/session").await };
    let asking = tokio::spawn(asking);
    provider.until_came(1).await;
    asking.abort();
    lab.front.until_within(0).await;
    provider.open();
    assert_eq!(grace.get("/auth/session").await.status, 200);
    assert_eq!(lab.identity.refreshes(), 1);
    lab.finish().await;
}

#[tokio::test]
async fn a_session_goes_on_for_as_long_as_it_is_refreshed() {
    let lab = Lab::start(&[]).await;
    // Each token of hers is over at once.
    lab.identity.say_expires_in(Duration::ZERO);
    let grace = lab.sign_in("grace").await;
    for count in 1..=3 {
        assert_eq!(grace.get("/web/home").await.status, 200);
        assert_eq!(lab.identity.refreshes(), count);
        // The services see the new one.
        let secrets = lab.identity.secrets();
        let [.., access, _refresh] = &secrets[..] else {
            panic!("{secrets:?}");
        };
        let sent = lab.door(Role::User).header("authorization");
        assert_eq!(sent, format!("Bearer {access}"));
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_refresh_token_that_comes_twice_ends_the_session() {
    let lab = Lab::start(&[]).await;
    let grace = lab.sign_in_briefly("grace").await;
    // The last one that was given out is Grace's, and somebody has it.
    let stolen = lab.identity.secrets().pop().unwrap();
    assert_eq!(renew(&lab, &stolen).await, 200);
    assert_eq!(grace.get("/web/home").await.status, 401);
    assert_eq!(grace.get("/auth/session").await.status, 401);
    // The thief has nothing either.
    let theirs = lab.identity.secrets().pop().unwrap();
    assert_eq!(renew(&lab, &theirs).await, 400);
    assert_eq!(lab.get("/auth/session").await.status, 200);
    lab.finish().await;
}

/// Takes a refresh token to the provider, as somebody who has our secret.
async fn renew(lab: &Lab, token: &str) -> u16 {
    let form = format!("grant_type=refresh_token&refresh_token={token}");
    let request = reqwest::Client::new()
        .post(format!("{}/token", lab.backend(Role::Identity)))
        .basic_auth("bff", Some("not+a+secret%3A+for+debug+builds"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn who_signs_out_leaves_no_token_behind() {
    let lab = Lab::start(&[]).await;
    let grace = lab.sign_in("grace").await;
    let secrets = lab.identity.secrets();
    let [.., access, refresh] = &secrets[..] else {
        panic!("{secrets:?}");
    };
    let userinfo = format!("{}/userinfo", lab.backend(Role::Identity));
    let ask = || {
        let request = reqwest::Client::new().get(&userinfo);
        request.bearer_auth(access).send()
    };
    assert_eq!(ask().await.unwrap().status(), 200);
    assert_eq!(leave(&grace).await.status, 204);
    assert_eq!(ask().await.unwrap().status(), 401);
    assert_eq!(renew(&lab, refresh).await, 400);
    // A second time there is nothing to leave.
    assert_eq!(leave(&grace).await.status, 204);
    lab.finish().await;
}

#[tokio::test]
async fn who_signs_out_during_a_refresh_stays_signed_out() {
    let lab = Lab::start(&[]).await;
    let grace = lab.sign_in_briefly("grace").await;
    let provider = lab.door(Role::Identity);
    provider.shut();
    let asking = grace.get("/auth/session");
    let leaving = async {
        provider.until_came(1).await;
        let opening = async {
            // She has left, and the provider has yet to hear of it.
            provider.until_came(2).await;
            // The refresh comes first, and its new token is too late.
            provider.let_one_in();
            provider.until_came(3).await;
            provider.open();
        };
        tokio::join!(leave(&grace), opening).0
    };
    let (_, left) = tokio::join!(asking, leaving);
    assert_eq!(left.status, 204);
    assert_eq!(lab.identity.refreshes(), 1);
    assert_eq!(grace.get("/auth/session").await.status, 401);
    let newest = lab.identity.secrets().pop().unwrap();
    assert_eq!(renew(&lab, &newest).await, 400);
    lab.finish().await;
}

#[tokio::test]
async fn the_provider_knows_its_client() {
    let lab = Lab::start(&[]).await;
    let url = format!("{}/token", lab.backend(Role::Identity));
    for (id, secret) in [("bff", "wrong"), ("eve", "not a secret")] {
        let request = reqwest::Client::new()
            .post(&url)
            .basic_auth(id, Some(secret))
            .header("content-type", "application/x-www-form-urlencoded")
            .body("grant_type=refresh_token&refresh_token=x");
        assert_eq!(request.send().await.unwrap().status(), 401, "{id}");
    }
    let authorize = format!("{}/authorize", lab.backend(Role::Identity));
    assert_eq!(visit(&authorize, None).await.status, 400);
    lab.finish().await;
}
