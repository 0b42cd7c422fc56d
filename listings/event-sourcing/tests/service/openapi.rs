//! The description of the API describes this API.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{
    process::Service,
    statuses::{World, cases},
};

const ROUTES: [(&str, &str); 19] = [
    ("post", "/accounts"),
    ("get", "/accounts/{account_id}"),
    ("post", "/accounts/{account_id}/deposits"),
    ("post", "/accounts/{account_id}/withdrawals"),
    ("post", "/accounts/{account_id}/transfers"),
    ("post", "/accounts/{account_id}/closure"),
    ("get", "/accounts/{account_id}/history"),
    ("get", "/accounts/{account_id}/events"),
    ("get", "/accounts/{account_id}/audit"),
    ("get", "/feed"),
    ("delete", "/subjects/{subject_id}/key"),
    ("get", "/admin/projections"),
    ("post", "/admin/projections/{name}/rebuilds"),
    ("get", "/admin/transfers"),
    ("post", "/admin/transfers/{event_id}/release"),
    ("get", "/health"),
    ("get", "/health/live"),
    ("get", "/health/ready"),
    ("get", "/openapi.json"),
];

async fn description() -> Value {
    let service = Service::new().await;
    service.api.get("/openapi.json").await.json()
}

#[tokio::test]
async fn it_has_every_route_and_every_answer_of_the_table() {
    let description = description().await;
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            described.insert((method.as_str(), path.as_str()));
        }
    }
    assert_eq!(described, BTreeSet::from(ROUTES));
    for case in cases(&World::imaginary()) {
        let Some(route) = route(&case.path) else {
            assert_eq!(case.problem, Some("no-such-page"), "{}", case.path);
            continue;
        };
        if case.status == 405 {
            continue;
        }
        let method = match case.method {
            "HEAD" => "get".to_owned(),
            method => method.to_lowercase(),
        };
        let responses = &description["paths"][route][method]["responses"];
        let response = &responses[case.status.to_string()];
        assert!(response.is_object(), "{route} {}", case.status);
        if let Some(kind) = case.problem {
            let text = response["description"].as_str().unwrap();
            let uri = format!("`/problems/{kind}`");
            assert!(text.contains(&uri), "{route} {} {kind}", case.status);
        }
    }
}

/// The template that a path fits.
fn route(path: &str) -> Option<&'static str> {
    let path = path.split('?').next().unwrap();
    let parts: Vec<_> = path.split('/').collect();
    let fits = |template: &str| {
        let template: Vec<_> = template.split('/').collect();
        template.len() == parts.len()
            && template
                .iter()
                .zip(&parts)
                .all(|(ours, part)| ours.starts_with('{') || ours == part)
    };
    let routes = ROUTES.iter().map(|(_, route)| *route);
    routes.into_iter().find(|route| fits(route))
}

#[tokio::test]
async fn it_refers_to_nothing_that_it_lacks() {
    let description = description().await;
    let text = description.to_string();
    let references = text.split("\"$ref\":\"").skip(1);
    let mut count = 0;
    for reference in references {
        let reference = reference.split('"').next().unwrap();
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(description.pointer(pointer).is_some(), "{reference}");
        count += 1;
    }
    assert!(count > 50, "{count}");
    let receipt = &description["components"]["schemas"]["Receipt"];
    assert_eq!(receipt["required"].as_array().unwrap().len(), 2);
}
