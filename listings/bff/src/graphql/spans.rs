//! The spans of an operation: one for it, one for each field that has to ask
//! somebody, one for each batch. None for a field that is only looked up.

// ANCHOR: spans-imports
use async_graphql::parser::types::OperationType;
use opentelemetry::{
    Context, KeyValue,
    context::FutureExt,
    trace::{Link, SpanContext, Status, TraceContextExt, Tracer},
};
use opentelemetry_sdk::trace::SdkTracer;
use opentelemetry_semantic_conventions::attribute::{
    ERROR_TYPE, GRAPHQL_OPERATION_NAME, GRAPHQL_OPERATION_TYPE,
};

use super::fault::Fault;
// ANCHOR_END: spans-imports

/// The longest name of an operation that is recorded: clients choose them.
const LONGEST: usize = 64;

/// How much of a hash tells documents apart.
const HASH: usize = 16;

// ANCHOR: operation-span
/// A context with the span of an operation. Its name is the type of the
/// operation: names that clients make up would be names without end.
pub(super) fn operation(
    tracer: &SdkTracer,
    kind: OperationType,
    name: Option<&str>,
    hash: &str,
) -> Context {
    let kind = match kind {
        OperationType::Mutation => "mutation",
        _ => "query",
    };
    let hash: String = hash.chars().take(HASH).collect();
    let mut attributes = vec![
        KeyValue::new(GRAPHQL_OPERATION_TYPE, kind),
        KeyValue::new("bff.graphql.document.hash", hash),
    ];
    if let Some(name) = name {
        let name: String = name.chars().take(LONGEST).collect();
        attributes.push(KeyValue::new(GRAPHQL_OPERATION_NAME, name));
    }
    let span = tracer.span_builder(kind).with_attributes(attributes);
    Context::current_with_span(span.start(tracer))
}

/// The status is 200 all the same, so this span has to say it.
pub(super) fn failed(operation: &Context, fault: Fault) {
    fail(operation, fault.code());
}

/// Nothing came of it.
pub(super) fn fail(operation: &Context, code: &'static str) {
    let span = operation.span();
    span.set_attribute(KeyValue::new(ERROR_TYPE, code));
    span.set_status(Status::error(""));
}
// ANCHOR_END: operation-span

// ANCHOR: field-span
/// Does the work of a field in a span of its own: `Type.field`.
pub(super) async fn field<T>(
    tracer: &SdkTracer,
    name: &'static str,
    work: impl Future<Output = T>,
) -> T {
    let field = [KeyValue::new("bff.graphql.field", name)];
    let span = tracer.span_builder(name).with_attributes(field);
    let span = span.start(tracer);
    work.with_context(Context::current_with_span(span)).await
}

/// Whose work is being done here.
pub(super) fn current() -> SpanContext {
    Context::current().span().span_context().clone()
}
// ANCHOR_END: field-span

// ANCHOR: batch-span
/// A context with the span of a batch. Many fields wait for it, and a span
/// has one parent: so that is the operation, and each field gets a link.
pub(super) fn batch(
    tracer: &SdkTracer,
    operation: &Context,
    waiting: impl Iterator<Item = SpanContext>,
    size: usize,
) -> Context {
    let links = waiting.map(|field| Link::new(field, Vec::new(), 0));
    let size = i64::try_from(size).unwrap_or(i64::MAX);
    let span = tracer
        .span_builder("load products")
        .with_links(links.collect())
        .with_attributes([KeyValue::new("bff.batch.size", size)])
        .start_with_context(tracer, operation);
    operation.with_span(span)
}
// ANCHOR_END: batch-span
