//! Signing in and out, step by step.

use otlp_console::Receiver;
use proptest::{prelude::*, strategy::ValueTree, test_runner::TestRunner};
use reqwest::{Method, header::HeaderValue};

use crate::lab::{Answer, Journey, Lab, Person, cookie, follow, visit};

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

    let out = leave(&grace).await;
    assert_eq!(out.status, 204);
    let gone = out.headers["set-cookie"].to_str().unwrap();
    assert!(gone.starts_with("__Host-session=; "), "{gone}");
    assert!(gone.contains("Max-Age=0"), "{gone}");
    assert_eq!(grace.get("/auth/session").await.status, 401);
    assert_eq!(grace.get("/web/home").await.status, 401);
    // Nobody else is signed out.
    assert_eq!(lab.get("/web/home").await.status, 200);
    lab.finish().await;
}

pub(super) async fn leave(person: &Person) -> Answer {
    let request = person.request(Method::POST, "/auth/logout");
    Answer::of(request.send().await.unwrap()).await
}

// ANCHOR: secrets
#[tokio::test]
async fn no_secret_is_in_any_answer_or_signal() {
    let lab = Lab::start(&[]).await;
    // Each request needs a new token.
    lab.identity.say_expires_in(std::time::Duration::ZERO);
    let journey = Journey::of(&lab.bff, "grace").await;
    let arrived = visit(&journey.back, Some(&journey.away)).await;
    let session = cookie(&arrived, "__Host-session").unwrap();
    let mut answers = vec![journey.departed, arrived];
    for path in ["/auth/session", "/web/home", "/mobile/home", "/nowhere"] {
        let url = format!("{}{path}", lab.bff);
        answers.push(visit(&url, Some(&session)).await);
    }
    assert!(lab.identity.refreshes() > 0);

    let mut secrets = lab.identity.secrets();
    assert!(secrets.len() >= 8, "{secrets:?}");
    for answer in &answers {
        let text = String::from_utf8_lossy(&answer.body);
        let all = format!("{:?}\n{text}", answer.headers);
        for secret in &secrets {
            assert!(!all.contains(secret), "{secret} in {all}");
        }
    }
    // What a browser may know, an operator may not.
    for cookie in [journey.away, session] {
        secrets.push(cookie.split_once('=').unwrap().1.to_owned());
    }
    secrets.push("grace".to_owned());
    let signals = everything(&lab.finish().await);
    assert!(signals.contains("/auth/callback"), "{signals}");
    for secret in &secrets {
        assert!(!signals.contains(secret), "{secret}");
    }
}
// ANCHOR_END: secrets

/// All that was received, as text.
fn everything(receiver: &Receiver) -> String {
    let (spans, logs) = (receiver.spans(), receiver.logs());
    format!("{spans:?}\n{logs:?}\n{:?}", receiver.metrics())
}

#[tokio::test]
async fn cookies_have_every_attribute_that_protects_them() {
    let lab = Lab::start(&[]).await;
    let journey = Journey::of(&lab.bff, "ada").await;
    let arrived = visit(&journey.back, Some(&journey.away)).await;
    let attributes = |answer: &Answer, name: &str| {
        let values = answer.headers.get_all("set-cookie").iter();
        let mut values = values.map(|value| value.to_str().unwrap());
        let value = values.find(|value| value.starts_with(name)).unwrap();
        let mut parts: Vec<_> =
            value.split("; ").skip(1).map(str::to_owned).collect();
        parts.sort();
        parts
    };
    assert_eq!(
        attributes(&arrived, "__Host-session="),
        ["HttpOnly", "Path=/", "SameSite=Strict", "Secure"]
    );
    assert_eq!(
        attributes(&journey.departed, "__Host-login="),
        [
            "HttpOnly",
            "Max-Age=600",
            "Path=/",
            "SameSite=Lax",
            "Secure"
        ]
    );
    let gone = attributes(&arrived, "__Host-login=;");
    assert!(gone.contains(&"Max-Age=0".to_owned()), "{gone:?}");
    lab.finish().await;
}

#[tokio::test]
async fn every_answer_tells_the_browser_what_not_to_do() {
    let lab = Lab::start(&[]).await;
    for path in ["/auth/session", "/auth/login", "/nowhere", "/health/live"] {
        let answer = lab.get(path).await;
        let policy = answer.headers["content-security-policy"].to_str();
        assert!(policy.unwrap().starts_with("default-src 'none'"), "{path}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers["referrer-policy"], "no-referrer");
        assert_eq!(answer.headers["cache-control"], "no-store");
        let resource = &answer.headers["cross-origin-resource-policy"];
        assert_eq!(resource, "same-origin");
        let names = answer.headers.keys().map(|name| name.as_str());
        let mut shared = names.filter(|n| n.starts_with("access-control-"));
        assert_eq!(shared.next(), None, "{path}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_person_is_asked_who_they_are() {
    let lab = Lab::start(&[]).await;
    let departed = visit(&format!("{}/auth/login", lab.bff), None).await;
    let away = cookie(&departed, "__Host-login").unwrap();
    let choice = visit(&follow(&departed), None).await;
    assert_eq!(choice.status, 200);
    let page = String::from_utf8(choice.body).unwrap();
    let link = page.split("href=\"").nth(2).unwrap();
    let link = link.split('"').next().unwrap().replace("&amp;", "&");
    let provider: url::Url = follow(&departed).parse().unwrap();
    let vouched = visit(provider.join(&link).unwrap().as_str(), None).await;
    let arrived = visit(&follow(&vouched), Some(&away)).await;
    assert!(cookie(&arrived, "__Host-session").is_some());
    lab.finish().await;
}

#[tokio::test]
async fn no_cookie_makes_the_program_fail() {
    let lab = Lab::start(&[]).await;
    let pair = prop_oneof![
        "[ -~]{0,60}",
        "__Host-(session|login)=[A-Za-z0-9_=;\" -]{0,50}",
        "__Host-session=[A-Za-z0-9_-]{43}",
    ];
    let cookies = prop::collection::vec(pair, 0..4);
    let bytes = prop::collection::vec(any::<u8>(), 0..40);
    let mut runner = TestRunner::deterministic();
    for _ in 0..200 {
        let tree = (&cookies, &bytes).new_tree(&mut runner).unwrap();
        let (cookies, bytes) = tree.current();
        for header in [cookies.join("; ").into_bytes(), bytes] {
            let Ok(value) = HeaderValue::from_bytes(&header) else {
                continue;
            };
            for path in ["/auth/session", "/auth/callback?code=a&state=b"] {
                let request = lab.anonymous(Method::GET, path);
                let request = request.header("cookie", value.clone());
                let status = request.send().await.unwrap().status();
                assert!(status.is_client_error(), "{status}: {value:?}");
            }
        }
    }
    lab.finish().await;
}
