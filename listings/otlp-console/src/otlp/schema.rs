//! The OTLP messages as tables: what the model reads of them, and what takes
//! memory. Fields that are neither are left out, and so are skipped.

mod metrics;

use crate::{
    model::{Event, Link, LogRecord, Resource, Scope, Span, Value},
    store::ATTRIBUTE,
};
pub(crate) use metrics::{
    EXPONENTIAL_POINT, HISTOGRAM_POINT, METRIC, NUMBER_POINT, SUMMARY_POINT,
};
use std::mem::size_of;

pub(crate) struct Schema {
    /// Bytes in memory, without what its fields hold.
    pub(crate) size: usize,
    pub(crate) fields: &'static [Field],
}

pub(crate) struct Field {
    pub(crate) number: u32,
    /// In lowerCamelCase.
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    Text,
    Bytes,
    /// Bytes that OTLP/JSON writes in hex.
    Id,
    Bool,
    Int32,
    Uint32,
    Int64,
    Fixed32,
    Fixed64,
    Signed64,
    Double,
    Doubles,
    Fixed64s,
    Varints,
    One(&'static Schema),
    Many(&'static Schema),
    /// As [`Kind::Many`], but one that cannot be read is lost alone.
    Items(&'static Schema),
}

use Kind::{
    Bool, Bytes, Double, Fixed32, Fixed64, Id, Int32, Int64, Items, Many, One,
    Text,
};

impl Schema {
    pub(crate) fn numbered(&self, number: u32) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.number == number)
    }

    /// The field of a JSON name, in lowerCamelCase or as the `.proto` has it.
    pub(crate) fn named(&self, name: &str) -> Option<&'static Field> {
        let camel = |field: &&Field| field.name == name;
        let snake = |field: &&Field| name.chars().eq(snake_case(field.name));
        let mut fields = self.fields.iter();
        match name.contains('_') {
            true => fields.find(snake),
            false => fields.find(camel),
        }
    }
}

fn snake_case(camel: &str) -> impl Iterator<Item = char> {
    camel.chars().flat_map(|letter| {
        let underscore = letter.is_ascii_uppercase().then_some('_');
        underscore.into_iter().chain([letter.to_ascii_lowercase()])
    })
}

const fn schema(size: usize, fields: &'static [Field]) -> Schema {
    Schema { size, fields }
}

const fn field(number: u32, name: &'static str, kind: Kind) -> Field {
    Field { number, name, kind }
}

const fn attributes(number: u32) -> Field {
    field(number, "attributes", Many(&KEY_VALUE))
}

static ANY_VALUE: Schema = schema(
    size_of::<Value>(),
    &[
        field(1, "stringValue", Text),
        field(2, "boolValue", Bool),
        field(3, "intValue", Int64),
        field(4, "doubleValue", Double),
        field(5, "arrayValue", One(&ARRAY)),
        field(6, "kvlistValue", One(&MAP)),
        field(7, "bytesValue", Bytes),
    ],
);
static ARRAY: Schema = schema(0, &[field(1, "values", Many(&ANY_VALUE))]);
static MAP: Schema = schema(0, &[field(1, "values", Many(&KEY_VALUE))]);
static KEY_VALUE: Schema = schema(
    ATTRIBUTE,
    &[field(1, "key", Text), field(2, "value", One(&ANY_VALUE))],
);
static RESOURCE: Schema = schema(size_of::<Resource>(), &[attributes(1)]);
static SCOPE: Schema = schema(
    size_of::<Scope>(),
    &[field(1, "name", Text), field(2, "version", Text)],
);

/// A request, its senders and their scopes are laid out alike in all signals.
macro_rules! request {
    ($request:ident, $sender:ident, $scoped:ident,
     $senders:literal, $scopes:literal, $items:literal, $item:ident) => {
        pub(crate) static $request: Schema =
            schema(0, &[field(1, $senders, Items(&$sender))]);
        static $sender: Schema = schema(
            0,
            &[
                field(1, "resource", One(&RESOURCE)),
                field(2, $scopes, Items(&$scoped)),
                field(3, "schemaUrl", Text),
            ],
        );
        static $scoped: Schema = schema(
            0,
            &[
                field(1, "scope", One(&SCOPE)),
                field(2, $items, Items(&$item)),
                field(3, "schemaUrl", Text),
            ],
        );
    };
}
request!(
    TRACES,
    SPAN_SENDER,
    SPAN_SCOPE,
    "resourceSpans",
    "scopeSpans",
    "spans",
    SPAN
);
request!(
    LOGS,
    LOG_SENDER,
    LOG_SCOPE,
    "resourceLogs",
    "scopeLogs",
    "logRecords",
    LOG
);
request!(
    METRICS,
    METRIC_SENDER,
    METRIC_SCOPE,
    "resourceMetrics",
    "scopeMetrics",
    "metrics",
    METRIC
);

/// What stands around the items of any signal.
pub(crate) static SENDER: &Schema = &SPAN_SENDER;
pub(crate) static SCOPED: &Schema = &SPAN_SCOPE;

pub(crate) static SPAN: Schema = schema(
    size_of::<Span>(),
    &[
        field(1, "traceId", Id),
        field(2, "spanId", Id),
        field(3, "traceState", Text),
        field(4, "parentSpanId", Id),
        field(5, "name", Text),
        field(6, "kind", Int32),
        field(7, "startTimeUnixNano", Fixed64),
        field(8, "endTimeUnixNano", Fixed64),
        attributes(9),
        field(11, "events", Many(&EVENT)),
        field(13, "links", Many(&LINK)),
        field(15, "status", One(&STATUS)),
        field(16, "flags", Fixed32),
    ],
);
static EVENT: Schema = schema(
    size_of::<Event>(),
    &[
        field(1, "timeUnixNano", Fixed64),
        field(2, "name", Text),
        attributes(3),
    ],
);
static LINK: Schema = schema(
    size_of::<Link>(),
    &[
        field(1, "traceId", Id),
        field(2, "spanId", Id),
        attributes(4),
    ],
);
static STATUS: Schema =
    schema(0, &[field(2, "message", Text), field(3, "code", Int32)]);

pub(crate) static LOG: Schema = schema(
    size_of::<LogRecord>(),
    &[
        field(1, "timeUnixNano", Fixed64),
        field(2, "severityNumber", Int32),
        field(3, "severityText", Text),
        field(5, "body", One(&ANY_VALUE)),
        attributes(6),
        field(9, "traceId", Id),
        field(10, "spanId", Id),
        field(11, "observedTimeUnixNano", Fixed64),
        field(12, "eventName", Text),
    ],
);
