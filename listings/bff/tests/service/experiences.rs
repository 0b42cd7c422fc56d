//! What each client gets.

use bff::backends::{Role, faults::Failure};
use serde_json::json;

use crate::lab::{Lab, ROLES, failing};

// ANCHOR: bytes
#[tokio::test]
async fn a_phone_gets_a_third_of_what_a_browser_gets() {
    let lab = Lab::start(&[]).await;
    let web = lab.get("/web/home").await;
    let mobile = lab.get("/mobile/home").await;
    assert_eq!((web.status, mobile.status), (200, 200));
    let share = mobile.body.len() as f64 / web.body.len() as f64;
    assert!(share <= 0.35, "{share}");
    for role in ROLES {
        assert_eq!(lab.requests(role).await, 2, "{role:?}");
    }
    lab.finish().await;
}
// ANCHOR_END: bytes

#[tokio::test]
async fn a_page_says_what_it_lacks() {
    let lab = Lab::start(&[]).await;
    lab.trouble(Role::Product, failing(Failure::Error)).await;
    let web = lab.get("/web/home").await;
    assert_eq!(web.status, 200);
    assert_eq!(web.json()["degraded"], json!(["recommendations"]));
    lab.finish().await;
}

#[tokio::test]
async fn many_questions_cost_one_call_a_backend() {
    let lab = Lab::start(&[]).await;
    let mut operations = vec![json!({ "get": "me" })];
    for number in 1..=49 {
        operations
            .push(json!({ "get": "order", "id": format!("o-ada-{number}") }));
        operations
            .push(json!({ "get": "product", "id": format!("p-{number}") }));
    }
    operations.push(json!({ "get": "order", "id": "o-grace-1" }));
    let body = json!({ "operations": operations });
    let answer = lab.post("/desktop/bulk", &body).await;
    assert_eq!(answer.status, 200);
    let results = answer.json()["results"].clone();
    assert_eq!(results[0]["value"]["display_name"], "Ada");
    assert_eq!(results[1]["value"]["id"], "o-ada-1");
    assert_eq!(results[99], json!({ "status": 404 }));
    for role in ROLES {
        assert_eq!(lab.requests(role).await, 1, "{role:?}");
    }
    lab.finish().await;
}
