//! Many fields, few calls; and who waited for which.

use std::collections::BTreeSet;

use bff::backends::Role;
use otlp_console::model::{Span, SpanKind, Value as Attribute};
use serde_json::Value;

use super::{ask, named, open, text};
use crate::lab::Lab;

const HISTORY: &str = "query History {
    orders(first: 50) { id product { id title } }
}";

// ANCHOR: n-plus-one
#[tokio::test]
async fn fifty_orders_and_their_products_are_two_calls() {
    for (batch, calls) in [("1", 50), ("20", 3), ("100", 1)] {
        let lab = Lab::start(&[
            ("GRAPHQL_OPERATIONS", "open"),
            ("PRODUCT_BATCH", batch),
        ])
        .await;
        let answer = ask(&lab, HISTORY).await;
        assert_eq!(answer["errors"], Value::Null);
        let orders = answer["data"]["orders"].as_array().unwrap();
        assert_eq!(orders.len(), 50);
        assert!(orders.iter().all(|it| it["product"]["title"].is_string()));
        assert_eq!(lab.requests(Role::Order).await, 1);
        assert_eq!(lab.requests(Role::Product).await, calls);
        lab.finish().await;
    }
}
// ANCHOR_END: n-plus-one

// ANCHOR: links
#[tokio::test]
async fn a_batch_has_a_link_to_every_field_that_waited() {
    let lab = open().await;
    ask(&lab, HISTORY).await;
    let spans = lab.finish().await.spans();
    let [batch] = named(&spans, "load products")[..] else {
        panic!("there is one batch");
    };
    let fields = named(&spans, "Order.product");
    let links = |span: &Span| -> BTreeSet<_> {
        span.links.iter().map(|link| link.span_id).collect()
    };
    let waited: BTreeSet<_> = fields.iter().map(|it| it.span_id).collect();
    assert_eq!(waited.len(), 50);
    assert_eq!(links(batch), waited);
    assert_eq!(batch.links.len(), 50);
    assert_eq!(batch.attributes["bff.batch.size"], Attribute::Int(50));

    let [operation] = named(&spans, "query")[..] else {
        panic!("there is one operation");
    };
    for child in fields.into_iter().chain([batch]) {
        assert_eq!(child.parent_span_id, Some(operation.span_id));
        assert_eq!(child.trace_id, operation.trace_id);
        assert_eq!(child.kind, SpanKind::Internal);
    }
    let calls = named(&spans, "GET /products");
    let call = calls.iter().find(|it| it.kind == SpanKind::Client).unwrap();
    assert_eq!(call.parent_span_id, Some(batch.span_id));
}
// ANCHOR_END: links

#[tokio::test]
async fn the_operation_is_a_child_of_the_request() {
    let lab = open().await;
    ask(&lab, HISTORY).await;
    let spans = lab.finish().await.spans();
    let [request] = named(&spans, "POST /graphql")[..] else {
        panic!("there is one request");
    };
    let [operation] = named(&spans, "query")[..] else {
        panic!("there is one operation");
    };
    assert_eq!(request.kind, SpanKind::Server);
    assert_eq!(operation.kind, SpanKind::Internal);
    assert_eq!(operation.parent_span_id, Some(request.span_id));
    let attribute = |name| operation.attributes.get(name);
    assert_eq!(attribute("graphql.operation.type"), text("query"));
    assert_eq!(attribute("graphql.operation.name"), text("History"));
    let Some(Attribute::Str(hash)) = attribute("bff.graphql.document.hash")
    else {
        panic!("it has a hash");
    };
    assert_eq!(hash.len(), 16);
    // One for the operation, one for the list, one for each product, and one
    // for the batch. None for a field that is only looked up.
    let own = spans.iter().filter(|it| it.kind == SpanKind::Internal);
    assert_eq!(own.count(), 1 + 1 + 50 + 1);
}

#[tokio::test]
async fn a_product_that_two_fields_want_is_asked_for_once() {
    let lab = open().await;
    let document = r#"{
        a: product(id: "p-1") { title }
        b: product(id: "p-1") { id }
        c: product(id: "p-999") { id }
        d: product(id: "p-1,p-2") { id }
        products(ids: ["p-2", "nothing", "p-1", "p-2"]) { id }
    }"#;
    let data = ask(&lab, document).await["data"].clone();
    assert_eq!(data["a"]["title"], "Oak lamp");
    assert_eq!(data["b"]["id"], "p-1");
    assert_eq!((&data["c"], &data["d"]), (&Value::Null, &Value::Null));
    let ids = data["products"].as_array().unwrap().iter();
    let ids: Vec<&Value> = ids.map(|it| &it["id"]).collect();
    assert_eq!(
        ids,
        ["p-2", "", "p-1", "p-2"]
            .map(|id| match id {
                "" => Value::Null,
                id => id.into(),
            })
            .iter()
            .collect::<Vec<_>>()
    );
    assert_eq!(lab.requests(Role::Product).await, 2);
    let spans = lab.finish().await.spans();
    let [batch] = named(&spans, "load products")[..] else {
        panic!("there is one batch");
    };
    assert_eq!(batch.attributes["bff.batch.size"], Attribute::Int(2));
    assert_eq!(batch.links.len(), 3);
}
