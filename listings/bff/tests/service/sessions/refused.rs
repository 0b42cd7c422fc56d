//! Ways back that lead nowhere.

use crate::lab::{Answer, Journey, Lab, cookie, visit};

/// The way back with this code and this state.
fn back(lab: &Lab, code: &str, state: &str) -> String {
    format!("{}/auth/callback?code={code}&state={state}", lab.bff)
}

fn assert_refused(answer: &Answer) {
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(answer.json()["type"], "/problems/login-refused");
    assert_eq!(cookie(answer, "__Host-session"), None);
}

#[tokio::test]
async fn a_state_that_is_not_this_browsers_is_refused() {
    let lab = Lab::start(&[]).await;
    let journey = Journey::of(&lab.bff, "ada").await;
    let code = journey.query("code");
    let url = back(&lab, &code, "another");
    assert_refused(&visit(&url, Some(&journey.away)).await);
    // It was the only attempt.
    assert_refused(&visit(&journey.back, Some(&journey.away)).await);
    lab.finish().await;
}

#[tokio::test]
async fn a_browser_that_has_not_departed_does_not_arrive() {
    let lab = Lab::start(&[]).await;
    let eve = Journey::of(&lab.bff, "grace").await;
    let victim = Journey::of(&lab.bff, "ada").await;
    assert_refused(&visit(&eve.back, None).await);
    assert_refused(&visit(&eve.back, Some(&victim.away)).await);
    lab.finish().await;
}

#[tokio::test]
async fn the_same_way_back_leads_nowhere() {
    let lab = Lab::start(&[]).await;
    let journey = Journey::of(&lab.bff, "ada").await;
    let arrived = visit(&journey.back, Some(&journey.away)).await;
    let session = cookie(&arrived, "__Host-session").unwrap();
    assert_refused(&visit(&journey.back, Some(&journey.away)).await);
    // The code never reached the provider a second time.
    let url = format!("{}/auth/session", lab.bff);
    assert_eq!(visit(&url, Some(&session)).await.status, 200);
    lab.finish().await;
}

#[tokio::test]
async fn a_code_is_good_for_one_session() {
    let lab = Lab::start(&[]).await;
    let first = Journey::of(&lab.bff, "ada").await;
    let arrived = visit(&first.back, Some(&first.away)).await;
    assert!(cookie(&arrived, "__Host-session").is_some());
    let second = Journey::of(&lab.bff, "ada").await;
    let url = back(&lab, &first.query("code"), &second.query("state"));
    assert_refused(&visit(&url, Some(&second.away)).await);
    lab.finish().await;
}

#[tokio::test]
async fn a_stolen_code_is_of_no_use_without_its_verifier() {
    let lab = Lab::start(&[]).await;
    let victim = Journey::of(&lab.bff, "ada").await;
    let eve = Journey::of(&lab.bff, "grace").await;
    let url = back(&lab, &victim.query("code"), &eve.query("state"));
    assert_refused(&visit(&url, Some(&eve.away)).await);
    lab.finish().await;
}

#[tokio::test]
async fn an_error_from_the_provider_is_no_sign_in() {
    let lab = Lab::start(&[]).await;
    for query in ["error=access_denied&state=", "state=", "", "code=%FF"] {
        let journey = Journey::of(&lab.bff, "ada").await;
        let state = match query.ends_with('=') {
            true => journey.query("state"),
            false => String::new(),
        };
        let url = format!("{}/auth/callback?{query}{state}", lab.bff);
        assert_refused(&visit(&url, Some(&journey.away)).await);
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_planted_cookie_is_not_adopted() {
    let lab = Lab::start(&[]).await;
    let planted = format!("__Host-session={}", "A".repeat(43));
    let eve = lab.sign_in("grace").await;
    for planted in [planted, eve.cookie.clone()] {
        let journey = Journey::of(&lab.bff, "ada").await;
        let cookies = format!("{planted}; {}", journey.away);
        let arrived = visit(&journey.back, Some(&cookies)).await;
        let session = cookie(&arrived, "__Host-session").unwrap();
        assert_ne!(session, planted);
        let url = format!("{}/auth/session", lab.bff);
        assert_eq!(visit(&url, Some(&planted)).await.status, 401);
        let own = visit(&url, Some(&session)).await;
        assert_eq!(own.json()["subject"], "ada");
    }
    lab.finish().await;
}

#[tokio::test]
async fn two_session_cookies_are_none() {
    let lab = Lab::start(&[]).await;
    let ada = lab.sign_in("ada").await;
    let grace = lab.sign_in("grace").await;
    let url = format!("{}/auth/session", lab.bff);
    let both = format!("{}; {}", ada.cookie, grace.cookie);
    assert_eq!(visit(&url, Some(&both)).await.status, 401);
    lab.finish().await;
}

#[tokio::test]
async fn nobody_is_sent_to_another_site() {
    let lab = Lab::start(&[]).await;
    let more = "return_to=https://evil.example&redirect_uri=//evil.example";
    let login = format!("{}/auth/login?login_hint=ada&{more}", lab.bff);
    let departed = visit(&login, None).await;
    let away = cookie(&departed, "__Host-login").unwrap();
    let provider = crate::lab::follow(&departed);
    assert!(!provider.contains("evil"), "{provider}");
    let vouched = visit(&provider, None).await;
    let url = format!("{}&{more}", crate::lab::follow(&vouched));
    let arrived = visit(&url, Some(&away)).await;
    assert_eq!(crate::lab::follow(&arrived), "/");

    // Nor does the provider take another address than the one it knows.
    let own = "%2Fauth%2Fcallback";
    assert!(provider.contains(own), "{provider}");
    let other = provider.replace(own, "%2Fauth%2Fcallback%2F..%2Fevil");
    assert_eq!(visit(&other, None).await.status, 400);
    lab.finish().await;
}
