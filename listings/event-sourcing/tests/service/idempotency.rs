//! One key, one request, one effect (I1 to I4 and I7 of the testing page).

use std::collections::BTreeMap;

use serde_json::json;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::{
    api::{Answer, Api, Ask, ada, deposits, euros, id_of, withdrawals},
    process::Service,
};

#[tokio::test]
async fn a_repeated_command_gets_the_stored_answer() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(100).await;
    let other = api.account(0).await;
    let transfer = json!({
        "to": other, "amount": { "minor": 1, "currency": "EUR" },
    });
    let transfers = format!("/accounts/{id}/transfers");
    let commands = [
        ("/accounts".to_owned(), ada("EUR")),
        (deposits(id), euros(7)),
        (withdrawals(id), euros(3)),
        (transfers, transfer),
    ];
    for (path, body) in commands {
        let key = Uuid::now_v7();
        let first = api.post_again(&path, &body, key).send().await;
        assert_eq!(first.status, 201, "{first:?}");
        // Whatever happens in between.
        api.post(&deposits(id), &euros(1)).send().await;
        let again = api.post_again(&path, &body, key).send().await;
        assert_eq!(first.essence(), again.essence());
    }
    // Opened, four deposits besides 7, 3 and 1: 100 + 4 + 7 - 3 - 1.
    assert_eq!(api.state(id).await, (9, 107));
    assert_eq!(api.state(other).await, (2, 1));
}

#[tokio::test]
async fn a_repeated_closure_gets_the_stored_answer() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(0).await;
    let key = Uuid::now_v7();
    let close = || {
        let close = api.ask("POST", &format!("/accounts/{id}/closure"));
        close.key(key).if_match(1)
    };
    let first = close().send().await;
    assert_eq!((first.status, first.version()), (200, 2));
    // An empty object is as good as no body.
    let again = close().json(&json!({})).send().await;
    assert_eq!(first.essence(), again.essence());
}

#[tokio::test]
async fn a_key_stands_for_what_was_asked_and_not_for_how() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(0).await;
    let key = Uuid::now_v7();
    let first = api.post_again(&deposits(id), &euros(5), key).send().await;
    let spaced = "{ \"amount\" :\n{\"currency\":\"EUR\",\"minor\":5} }";
    let again = api
        .ask("POST", &deposits(id))
        .header("Idempotency-Key", &format!("\"{}\"", key.simple()))
        .header("Content-Type", "application/json;charset=UTF-8")
        .body(spaced);
    assert_eq!(again.send().await.status, 400, "a key without its hyphens");
    let quoted = format!("\"{}\"", key.to_string().to_uppercase());
    let again = api
        .ask("POST", &deposits(id))
        .header("Idempotency-Key", &quoted)
        .header("Content-Type", "Application/JSON;charset=UTF-8")
        .body(spaced);
    assert_eq!(first.essence(), again.send().await.essence());

    let other = api.account(0).await;
    let others: [(&str, Ask); 5] = [
        ("amount", api.post_again(&deposits(id), &euros(6), key)),
        ("account", api.post_again(&deposits(other), &euros(5), key)),
        ("command", api.post_again(&withdrawals(id), &euros(5), key)),
        ("condition", {
            api.post_again(&deposits(id), &euros(5), key).if_match(1)
        }),
        ("path", api.post_again("/accounts", &ada("EUR"), key)),
    ];
    for (what, ask) in others {
        let answer = ask.send().await;
        let problem = answer.problem();
        let reused = Some("idempotency-key-reused".to_owned());
        assert_eq!((answer.status, problem), (422, reused), "{what}");
    }
    assert_eq!(api.state(id).await, (2, 5));
    assert_eq!(api.state(other).await, (1, 0));
}

#[tokio::test]
async fn a_refused_command_may_be_tried_again_with_its_key() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(0).await;
    let key = Uuid::now_v7();
    let withdraw = || api.post_again(&withdrawals(id), &euros(5), key).send();
    assert_eq!(withdraw().await.status, 422);
    api.post(&deposits(id), &euros(5)).send().await;
    assert_eq!(withdraw().await.status, 201);
}

#[tokio::test]
async fn one_key_sixteen_times_at_once_is_one_command() {
    let service = Service::new().await;
    let api = &service.api;
    let id = api.account(0).await;
    let key = Uuid::now_v7();
    let path = deposits(id);
    let ask = |api: &Api| api.post_again(&path, &euros(5), key);
    let answers = sixteen(api, ask).await;
    one_answer(&answers);
    assert_eq!(api.state(id).await, (2, 5));

    let key = Uuid::now_v7();
    let open = |api: &Api| api.post_again("/accounts", &ada("EUR"), key);
    let answers = sixteen(api, open).await;
    one_answer(&answers);
    let opened: std::collections::BTreeSet<Uuid> = answers
        .iter()
        .filter(|it| it.status == 201)
        .map(id_of)
        .collect();
    assert_eq!(opened.len(), 1);
    api.read(*opened.first().unwrap(), 1).await;
    let feed = api.get("/feed").await.json();
    let events = feed["events"].as_array().unwrap();
    let openings = events.iter().filter(|it| it["type"] == "AccountOpened");
    assert_eq!(openings.count(), 2);
}

#[tokio::test]
async fn of_two_equal_withdrawals_of_everything_both_succeed_once() {
    let service = Service::new().await;
    let api = &service.api;
    for _ in 0..20 {
        let id = api.account(100).await;
        let key = Uuid::now_v7();
        let path = withdrawals(id);
        let ask = || api.post_again(&path, &euros(100), key).send();
        let (one, other) = tokio::join!(ask(), ask());
        assert_eq!(one.status, 201, "{one:?}");
        assert_eq!(one.essence(), other.essence());
        assert_eq!(api.state(id).await, (3, 0));
    }
}

async fn sixteen(api: &Api, ask: impl Fn(&Api) -> Ask) -> Vec<Answer> {
    let requests = (0..16).map(|_| ask(api).send());
    requests.collect::<JoinSet<_>>().join_all().await
}

/// All answers are the same one, or say that it is not there yet.
fn one_answer(answers: &[Answer]) {
    let mut kinds = BTreeMap::<_, usize>::new();
    for answer in answers {
        *kinds.entry(answer.essence()).or_default() += 1;
    }
    let done = kinds.keys().filter(|(status, ..)| *status == 201).count();
    assert_eq!(done, 1, "{kinds:#?}");
    let other = kinds.keys().filter(|(status, ..)| *status != 201);
    assert!(other.into_iter().all(|(status, ..)| *status == 409));
}
