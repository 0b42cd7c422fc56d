//! The document describes the routes that there are, and no others.

use std::collections::BTreeSet;

use rocket_crud::{
    http,
    settings::{Settings, defaults},
    users::InMemory,
};
use serde_json::Value;

use crate::lab::{Lab, telemetry_to};

/// As the document has it: every hole in a path is one.
fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| {
        let is_hole = segment.starts_with(['<', '{']);
        if is_hole { "{}" } else { segment }
    });
    segments.collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn the_document_has_every_route_and_every_route_is_in_the_document() {
    let lab = Lab::start().await;
    let document: Value = lab.get("/openapi.json").await.json().await.unwrap();
    let mut described = BTreeSet::new();
    for (path, operations) in document["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys() {
            let method = method.to_uppercase();
            described.insert(format!("{method} {}", shape(path)));
        }
    }
    let receiver = lab.stop().await;
    let settings = Settings::from_figment(defaults()).unwrap();
    // Before it ignites, and so without those that fairings add.
    let rocket = http::rocket(&telemetry_to(&receiver), &settings)
        .manage(http::users_in(InMemory::default()));
    let routes: BTreeSet<_> = rocket
        .routes()
        .map(|route| format!("{} {}", route.method, shape(route.uri.path())))
        .collect();
    assert_eq!(described, routes);
}
