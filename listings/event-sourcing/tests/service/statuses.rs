//! Every answer that the API documents, case by case.

mod table;

use std::collections::BTreeSet;

use serde_json::json;
use uuid::Uuid;

use crate::{
    api::{Api, ada, euros, id_of},
    process::Service,
};
pub(crate) use table::{World, cases};

#[tokio::test]
async fn every_case_has_its_answer() {
    let service = Service::new().await;
    let world = world(&service.api).await;
    let mut wrong = Vec::new();
    for case in cases(&world) {
        let mut answer = case.ask(&service.api).send().await;
        if answer.status == 503 && case.status != 503 {
            // The read model waits for other tests' transactions, too.
            answer = case.ask(&service.api).send().await;
        }
        for complaint in case.complaints(&answer) {
            wrong.push(format!("{}: {complaint}\n{answer:?}", case.what));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    let (version, balance) = service.api.state(world.open).await;
    assert_eq!((version, balance), (3, 101), "only one case deposits 1");
}

/// Accounts in every condition.
async fn world(api: &Api) -> World {
    let open = api.account(100).await;
    let dollars = api.post("/accounts", &ada("USD")).send().await;
    let closed = api.account(0).await;
    let close = api.ask("POST", &format!("/accounts/{closed}/closure"));
    let close = close.key(Uuid::now_v7()).if_match(1).send().await;
    assert_eq!(close.status, 200, "{close:?}");
    let erased = Uuid::now_v7();
    let body = json!({
        "holder": "Grace", "currency": "EUR", "subject_id": erased,
    });
    assert_eq!(api.post("/accounts", &body).send().await.status, 201);
    let erase = api.ask("DELETE", &format!("/subjects/{erased}/key"));
    assert_eq!(erase.send().await.status, 204);
    let rich = api.account(i64::MAX).await;
    let empty = api.account(0).await;
    let spent = Uuid::now_v7();
    let path = format!("/accounts/{rich}/withdrawals");
    let withdrawal = api.post_again(&path, &euros(1), spent).send().await;
    assert_eq!(withdrawal.status, 201);
    World {
        open,
        dollars: id_of(&dollars),
        closed,
        rich,
        empty,
        erased,
        spent,
    }
}

#[test]
fn the_table_has_every_status() {
    let statuses: BTreeSet<u16> = cases(&World::imaginary())
        .iter()
        .map(|case| case.status)
        .collect();
    let expected = [200, 201, 204, 400, 404, 405, 412, 413, 415, 422, 428, 503];
    assert_eq!(statuses, BTreeSet::from(expected));
}
