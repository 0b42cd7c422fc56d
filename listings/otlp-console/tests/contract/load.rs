//! Files that are no registries.

use std::fs;

use otlp_console::contract::{LoadError, Registry};

pub(crate) const REGISTRY: &str = include_str!("registry.yaml");
pub(crate) const MANIFEST: &str = include_str!("manifest.yaml");

/// Loads the files and strips their directory from the messages.
pub(crate) fn load(
    registry: &str,
    manifest: Option<&str>,
) -> Result<Vec<String>, String> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("registry.yaml");
    fs::write(&path, registry).unwrap();
    if let Some(manifest) = manifest {
        fs::write(path.with_file_name("manifest.yaml"), manifest).unwrap();
    }
    let prefix = format!("{}/", directory.path().display());
    let short = |message: String| message.replace(&prefix, "");
    match Registry::load(&path) {
        Ok(registry) => {
            let violations = registry.audit();
            Ok(violations.iter().map(|it| short(it.to_string())).collect())
        }
        Err(error @ LoadError::Invalid { .. }) => Err(short(error.to_string())),
        Err(error) => panic!("{error}"),
    }
}

/// The registry with the first `from` replaced.
#[track_caller]
pub(crate) fn edited(from: &str, to: &str) -> String {
    assert!(REGISTRY.contains(from), "the registry has no {from:?}");
    REGISTRY.replacen(from, to, 1)
}

/// Where `text` is in the edited registry.
pub(crate) fn line_of(registry: &str, text: &str) -> usize {
    registry
        .lines()
        .position(|line| line.contains(text))
        .unwrap()
        + 1
}

/// Fails unless an edited registry is refused at the line that has `at`.
#[track_caller]
fn refused(from: &str, to: &str, at: &str, expected: &str) {
    let registry = edited(from, to);
    let line = line_of(&registry, at);
    let expected = format!("registry.yaml:{line}: {expected}");
    assert_eq!(load(&registry, Some(MANIFEST)), Err(expected));
}

#[test]
fn a_field_that_the_format_does_not_know() {
    refused(
        "unit: s",
        "unitt: s",
        "unitt: s",
        "unknown field `unitt`, expected one of id, type, brief, note, \
         stability, attributes, span_kind, events, metric_name, instrument, \
         unit, name, annotations",
    );
    refused(
        "- ref: url.path",
        "- reff: url.path",
        "reff: url.path",
        "unknown field `reff`, expected one of id, ref, type, brief, \
         examples, stability, requirement_level, annotations",
    );
}

#[test]
fn a_word_that_the_format_does_not_know() {
    refused(
        "span_kind: server",
        "span_kind: serving",
        "span_kind: serving",
        "unknown variant `serving`, expected one of internal, server, client, \
         producer, consumer",
    );
    refused(
        "requirement_level: required",
        "requirement_level: must",
        "requirement_level: must",
        "unknown variant `must`, expected one of required, \
         conditionally_required, recommended, opt_in",
    );
    refused(
        "value: not_found",
        "value: [1]",
        "value: [1]",
        "expected a text or an integer",
    );
    refused(
        "unit: s",
        "unit: [s]",
        "unit: [s]",
        "expected string scalar",
    );
}

#[test]
fn a_group_that_lacks_a_field() {
    let server = "id: span.first_trace.http.server";
    refused(
        "    span_kind: server\n",
        "",
        server,
        "group `span.first_trace.http.server` needs `span_kind`",
    );
    refused(
        "    stability: stable\n",
        "",
        server,
        "group `span.first_trace.http.server` needs `stability`",
    );
    refused(
        "    unit: \"{order}\"\n",
        "",
        "id: metric.shop.orders",
        "group `metric.shop.orders` needs `unit`",
    );
    refused(
        "    name: order.served\n",
        "",
        "id: event.order.served",
        "group `event.order.served` needs `name`",
    );
    refused(
        "        type: int\n",
        "",
        "id: shop.order.lines",
        "attribute `shop.order.lines` needs `type`",
    );
}

#[test]
fn a_field_on_the_wrong_group() {
    refused(
        "    unit: s\n",
        "    unit: s\n    span_kind: client\n",
        "id: metric.first_trace.http.server.request.duration",
        "group `metric.first_trace.http.server.request.duration` has \
         `span_kind`, which its type has no use for",
    );
}

#[test]
fn two_groups_of_one_id() {
    let registry = REGISTRY.replace("event.order.served", "metric.shop.orders");
    let line = line_of(&registry, "brief: A client got its order.") - 4;
    let expected = "group `metric.shop.orders` is there twice";
    let expected = format!("registry.yaml:{line}: {expected}");
    assert_eq!(load(&registry, Some(MANIFEST)), Err(expected));
}

#[test]
fn an_attribute_that_is_neither_defined_nor_referred_to() {
    refused(
        "- ref: shop.order.lines\n        requirement_level",
        "- requirement_level",
        "id: span.shop.order.price",
        "an attribute of group `span.shop.order.price` needs either `id` or \
         `ref`",
    );
    refused(
        "- ref: url.path\n",
        "- {ref: url.path, type: string}\n     #",
        "{ref: url.path",
        "`ref: url.path` takes no `type`: its own holds",
    );
}

#[test]
fn a_span_name_that_makes_no_sense() {
    let at = "id: span.first_trace.http.client";
    let template = "templates: [\"{http.request.method} {url.template}\"]";
    refused(
        template,
        "templates: [\"{http.request.method\"]",
        at,
        "span name template `{http.request.method` lacks a closing `}`",
    );
    refused(
        template,
        "templates: [\"GET {http.route}\"]",
        at,
        "span name template `GET {http.route}` uses `http.route`, which is \
         not an attribute of group `span.first_trace.http.client`",
    );
    refused(
        template,
        "templates: []",
        at,
        "group `span.first_trace.http.client` needs a template of its name",
    );
    refused(
        "        names: [\"GET /items/{sku}\"]\n",
        "",
        at,
        "group `span.first_trace.http.client` needs `names`, all names that \
         come out of its templates, because these have attributes in them",
    );
}

#[test]
fn a_manifest_with_a_field_that_weaver_does_not_know() {
    let manifest = MANIFEST.replace("dependencies", "dependency");
    let line = line_of(&manifest, "dependency");
    let expected = format!(
        "manifest.yaml:{line}: unknown field `dependency`, expected one of \
         name, description, schema_url, stability, dependencies"
    );
    assert_eq!(load(REGISTRY, Some(&manifest)), Err(expected));
}

#[test]
fn a_file_that_is_not_there() {
    let error = Registry::load("no/registry.yaml").unwrap_err().to_string();
    let expected = "cannot read no/registry.yaml: No such file or directory";
    assert!(error.starts_with(expected), "{error}");
}
