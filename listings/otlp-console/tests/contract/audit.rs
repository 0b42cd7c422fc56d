//! Registries that contradict themselves or the semantic conventions.

use super::load::{MANIFEST, REGISTRY, edited, line_of, load};

/// Fails unless the edit leads to exactly this violation, at the line that
/// has `at`.
#[track_caller]
fn audit(from: &str, to: &str, at: &str, expected: &str) {
    let registry = edited(from, to);
    let line = line_of(&registry, at);
    let expected = format!("registry registry.yaml:{line} {expected}");
    assert_eq!(load(&registry, Some(MANIFEST)), Ok(vec![expected]));
}

#[test]
fn the_registry_itself_is_sound() {
    assert_eq!(load(REGISTRY, Some(MANIFEST)), Ok(Vec::new()));
}

#[test]
fn a_reference_to_nothing() {
    audit(
        "ref: url.path",
        "ref: url.pth",
        "ref: url.pth",
        "refers to `url.pth`, which neither this file nor the semantic \
         conventions define; did you mean `url.path`?",
    );
}

#[test]
fn a_reference_to_a_deprecated_attribute() {
    audit(
        "- ref: url.path",
        "- ref: http.target",
        "ref: http.target",
        "refers to `http.target`, which is deprecated: Split to `url.path` \
         and `url.query`.",
    );
}

#[test]
fn another_stability_than_the_conventions() {
    audit(
        "- ref: url.path\n",
        "- ref: url.path\n        stability: development\n",
        "ref: url.path",
        "has the stability development; its definition says stable",
    );
    audit(
        "unit: \"{request}\"\n    stability: development",
        "unit: \"{request}\"\n    stability: stable",
        "id: metric.first_trace.http.server.active_requests",
        "has the stability stable; its definition says development",
    );
}

#[test]
fn another_unit_or_instrument_than_the_conventions() {
    audit(
        "unit: s",
        "unit: ms",
        "id: metric.first_trace.http.server.request.duration",
        "has the unit `ms`; of `http.server.request.duration` the conventions \
         say `s`",
    );
    audit(
        "instrument: updowncounter",
        "instrument: gauge",
        "id: metric.first_trace.http.server.active_requests",
        "has the instrument `gauge`; of `http.server.active_requests` the \
         conventions say `updowncounter`",
    );
}

#[test]
fn a_metric_without_an_attribute_that_the_conventions_require() {
    let orders = "brief: How many requests are under way.\n    attributes:\n";
    let method = "      - ref: http.request.method\n        \
                  requirement_level: required\n";
    audit(
        &format!("{orders}{method}"),
        orders,
        "id: metric.first_trace.http.server.active_requests",
        "lacks `http.request.method`, which `http.server.active_requests` \
         requires in the semantic conventions",
    );
}

#[test]
fn an_own_name_in_a_namespace_of_the_conventions() {
    let registry = REGISTRY.replace("shop.order.lines", "http.order.lines");
    let line = line_of(&registry, "id: http.order.lines");
    let expected = format!(
        "registry registry.yaml:{line} defines `http.order.lines`, but the \
         semantic conventions own the namespace `http.`"
    );
    assert_eq!(load(&registry, Some(MANIFEST)), Ok(vec![expected]));
}

#[test]
fn an_own_name_outside_the_guide_s_namespace() {
    audit(
        "metric_name: shop.order.value",
        "metric_name: order.value",
        "id: metric.shop.order.value",
        "defines `order.value`, which does not begin with `shop.`",
    );
}

#[test]
fn a_definition_twice_unused_or_incomplete() {
    let lines = "- id: shop.order.lines\n";
    let extra = |name: &str, rest: &str| {
        format!("- id: {name}\n        brief: More.\n{rest}      {lines}")
    };
    let int = "        type: int\n        stability: development\n";
    audit(
        lines,
        &extra("shop.order.pieces", int),
        "id: shop.order.pieces",
        "defines `shop.order.pieces`, but no group refers to it",
    );
    audit(
        "        stability: development\n        brief: How many lines",
        "        brief: How many lines",
        "id: shop.order.lines",
        "defines `shop.order.lines` without `stability`",
    );
    audit(
        "examples: [2]",
        "examples: [two]",
        "id: shop.order.lines",
        "gives `shop.order.lines` the example \"two\", which is not int",
    );
    let registry = edited(lines, &extra("shop.order.lines", int));
    let second = line_of(&registry, "- id: shop.order.lines") + 4;
    let expected = format!(
        "registry registry.yaml:{second} defines `shop.order.lines` a second \
         time"
    );
    assert_eq!(load(&registry, Some(MANIFEST)), Ok(vec![expected]));
}

#[test]
fn a_string_without_an_example() {
    let from = "        type: int\n        stability: development\n        \
                brief: How many lines the order has.\n        examples: [2]\n";
    let to = "        type: string\n        stability: development\n        \
              brief: Lines.\n";
    audit(
        from,
        to,
        "id: shop.order.lines",
        "defines `shop.order.lines` without `examples`",
    );
}

#[test]
fn an_attribute_without_bounds_on_a_metric() {
    audit(
        "- ref: url.template\n        requirement_level: opt_in",
        "- ref: url.full # unbounded\n        requirement_level: opt_in",
        "ref: url.full # unbounded",
        "puts `url.full` on a metric: each value makes a time series, and it \
         has no bound",
    );
}

#[test]
fn a_group_that_is_not_there() {
    audit(
        "parents: [root, remote, span.first_trace.http.client]",
        "parents: [root, remote, span.http.client]",
        "id: span.first_trace.http.server",
        "names group `span.http.client` in `parents`, which is not there",
    );
}

#[test]
fn no_manifest_or_one_of_another_version() {
    let needs = "registry registry.yaml:1 needs a manifest.yaml beside it \
                 that depends on https://opentelemetry.io/schemas/1.42.0";
    let none = format!("{needs}; there is none");
    assert_eq!(load(REGISTRY, None), Ok(vec![none]));
    let other = format!(
        "{needs}; it depends on `https://opentelemetry.io/schemas/1.40.0`"
    );
    let manifest = MANIFEST.replace("1.42.0", "1.40.0");
    assert_eq!(load(REGISTRY, Some(&manifest)), Ok(vec![other]));
}
