//! Attributes, resources and scopes that are wrong.

use std::sync::Arc;

use otlp_console::{contract::Telemetry, model::Value};

use super::{CLIENT, PRICE, SHOP, says, values::value};

#[test]
fn an_attribute_that_the_registry_does_not_know() {
    let add = |name: &'static str| {
        move |it: &mut Telemetry| {
            it.spans[PRICE].attributes.insert(name.into(), value(2));
        }
    };
    let span = "span `order.price` (INTERNAL of shop) has attribute";
    let group = "which is not in span.shop.order.price";
    says(add("colour"), &[&format!("{span} `colour`, {group}")]);
    says(
        add("shop.order.line"),
        &[&format!(
            "{span} `shop.order.line`, {group}; did you mean \
             `shop.order.lines`?"
        )],
    );
    says(
        add("http.method"),
        &[&format!(
            "{span} `http.method`, {group}; the semantic conventions dropped \
             it: Replaced by `http.request.method`."
        )],
    );
    says(
        add("http.route"),
        &[&format!(
            "{span} `http.route`, {group}; the semantic conventions have it, \
             so a `ref` in the registry is enough if the program means to \
             send it"
        )],
    );
}

#[test]
fn an_attribute_of_the_wrong_type() {
    let set = |value: Value| {
        move |it: &mut Telemetry| {
            let attributes = &mut it.spans[SHOP].attributes;
            attributes.insert("http.response.status_code".into(), value);
        }
    };
    let expected = |found| {
        format!(
            "span `GET /orders/{{id}}` (SERVER of shop) has {found} in \
             `http.response.status_code`, which is int in \
             span.first_trace.http.server"
        )
    };
    says(set(value("200")), &[&expected("string")]);
    says(set(Value::Double(200.0)), &[&expected("double")]);
    says(set(Value::Array(vec![value(200)])), &[&expected("int[]")]);
    says(set(Value::Empty), &[&expected("empty")]);
}

#[test]
fn a_value_outside_the_enumeration() {
    says(
        |it| {
            let attributes = &mut it.metrics[3].points[0].attributes;
            attributes.insert("shop.order.outcome".into(), value("lost"));
        },
        &[
            "metric `shop.orders` of shop has `lost` in `shop.order.outcome`, \
             which is one of `served`, `not_found`, `failed` in \
             metric.shop.orders",
        ],
    );
}

#[test]
fn a_required_attribute_that_is_missing() {
    says(
        |it| drop(it.spans[CLIENT].attributes.remove("url.full")),
        &[
            "span `GET /items/{sku}` (CLIENT of shop) lacks `url.full`, which \
             span.first_trace.http.client requires",
        ],
    );
    let failed_client = 4;
    says(
        |it| drop(it.spans[failed_client].attributes.remove("error.type")),
        &[
            "span `GET /items/{sku}` (CLIENT of shop) lacks `error.type`, \
             which span.first_trace.http.client requires when the status is \
             Error",
        ],
    );
}

#[test]
fn a_resource_without_a_required_attribute_or_with_a_strange_one() {
    let remove = |it: &mut Telemetry| {
        let resource = Arc::make_mut(&mut it.spans[SHOP].origin.resource);
        let attributes = &mut resource.attributes;
        attributes.remove("service.version");
        attributes.insert("service.team".into(), value("tea"));
    };
    says(
        remove,
        &[
            "resource of shop has attribute `service.team`, which is not in \
             the entity groups; did you mean `service.name`?",
            "resource of shop lacks `service.version`, which \
             entity.first_trace.service requires",
        ],
    );
}

#[test]
fn a_scope_of_another_version_of_the_conventions() {
    let set = |url: &'static str| {
        move |it: &mut Telemetry| {
            let scope = Arc::make_mut(&mut it.spans[SHOP].origin.scope);
            scope.schema_url = url.to_owned();
        }
    };
    let expected = |url| {
        format!(
            "scope `telemetry` of shop has the schema URL `{url}`; \
             opentelemetry-semantic-conventions says \
             `https://opentelemetry.io/schemas/1.42.0`"
        )
    };
    says(set(""), &[&expected("")]);
    let old = "https://opentelemetry.io/schemas/1.4.0";
    says(set(old), &[&expected(old)]);
}

#[test]
fn a_bridged_log_needs_no_schema_url() {
    says(
        |it| {
            let scope = Arc::make_mut(&mut it.logs[0].origin.scope);
            scope.schema_url.clear();
        },
        &[],
    );
}
