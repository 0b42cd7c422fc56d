use crate::{
    Golden, Trace,
    model::{
        Event, LogRecord, Origin, Resource, Span, SpanId, SpanKind, Status,
        TraceId, Value,
    },
    testing::span,
};
use std::sync::Arc;

fn trace(spans: Vec<Span>) -> Trace {
    Trace {
        spans,
        ..Trace::new(TraceId([1; 16]))
    }
}

fn log(span: u8, time: u64, severity_number: i32, message: &str) -> LogRecord {
    LogRecord {
        time_unix_nano: time,
        severity_number,
        severity_text: String::new(),
        event_name: String::new(),
        body: message.into(),
        attributes: Default::default(),
        trace_id: Some(TraceId([1; 16])),
        span_id: Some(SpanId([span; 8])),
        origin: Origin::default(),
    }
}

fn in_service(mut span: Span, service: &str) -> Span {
    let attributes = [("service.name".to_owned(), service.into())];
    let resource = Resource {
        attributes: attributes.into(),
        ..Resource::default()
    };
    span.origin.resource = Arc::new(resource);
    span
}

fn with<const N: usize>(mut span: Span, pairs: [(&str, Value); N]) -> Span {
    let pairs = pairs.map(|(name, value)| (name.to_owned(), value));
    span.attributes.extend(pairs);
    span
}

fn trace_over_two_services() -> Trace {
    let of = |service, name: &str, span| {
        let name = name.to_owned();
        Span {
            name,
            ..in_service(span, service)
        }
    };
    let code = |number: i64| ("http.response.status_code", number.into());
    let root = span(1, None, SpanKind::Server);
    let lines = ("shop.order.lines", 2.into());
    let mut root =
        with(of("shop", "GET /orders/{id}", root), [code(200), lines]);
    root.end_unix_nano = 9_000_000;
    let price = span(2, Some(1), SpanKind::Internal);
    let price = of("shop", "order.price", price);
    let call = span(3, Some(1), SpanKind::Client);
    let error = ("error.type", "503".into());
    let mut call = with(of("shop", "GET", call), [code(503), error]);
    call.status = Status::Error(String::new());
    let far = span(4, Some(3), SpanKind::Server);
    let far = of("stock", "GET /items/{sku}", far);
    let logs = vec![
        log(4, 4_100_000, 13, "none left"),
        log(1, 1_100_000, 9, "order requested"),
        log(2, 2_100_000, 9, "order priced"),
    ];
    Trace {
        logs,
        ..trace(vec![far, call, price, root])
    }
}

#[test]
fn draws_a_trace_over_two_services() {
    let trace = trace_over_two_services();
    let expected = "\
GET /orders/{id}        SERVER    shop   200  shop.order.lines=2
│  · INFO order requested
├─ order.price          INTERNAL  shop
│  · INFO order priced
└─ GET                  CLIENT    shop   ERROR 503
   └─ GET /items/{sku}  SERVER    stock
      · WARN none left
";
    assert_eq!(Golden::default().render(&trace), expected);
}

#[test]
fn a_log_stands_before_the_first_child_that_starts_after_it() {
    let mut root = span(1, None, SpanKind::Server);
    root.end_unix_nano = 9_000_000;
    let first = span(2, Some(1), SpanKind::Internal);
    let second = span(3, Some(1), SpanKind::Internal);
    let logs = vec![
        log(1, 8_000_000, 9, "later"),
        log(1, 2_500_000, 9, "meanwhile"),
        log(1, 8_500_000, 9, "at last"),
        log(1, 1_500_000, 9, "at first"),
    ];
    let trace = Trace {
        logs,
        ..trace(vec![second, first, root])
    };
    let expected = "\
span 1     SERVER
│  · INFO at first
├─ span 2  INTERNAL
│  · INFO meanwhile
├─ span 3  INTERNAL
│  · INFO later
└─ · INFO at last
";
    assert_eq!(Golden::default().render(&trace), expected);
}

#[test]
fn attributes_are_the_program_s_own_unless_asked_for() {
    let span = with(
        span(1, None, SpanKind::Producer),
        [
            ("busy_ns", 5.into()),
            ("messaging.system", "memory".into()),
            ("shop.basket", "b-17".into()),
            ("shop.lines", 2.into()),
        ],
    );
    let trace = trace(vec![span]);
    let golden = Golden::default().hide("shop.basket");
    assert_eq!(golden.render(&trace), "span 1  PRODUCER  shop.lines=2\n");
    let golden = golden.show("messaging.system");
    let expected = "span 1  PRODUCER  messaging.system=memory  shop.lines=2\n";
    assert_eq!(golden.render(&trace), expected);
}

#[test]
fn shows_what_was_not_received() {
    let mut orphan = span(3, Some(9), SpanKind::Server);
    orphan.events.push(Event {
        time_unix_nano: 1,
        name: "exception".to_owned(),
        attributes: Default::default(),
    });
    let mut trace = trace(vec![orphan, span(1, None, SpanKind::Internal)]);
    trace.logs = vec![log(8, 1, 17, "where am I?")];
    let expected = "\
span 1     INTERNAL
(parent not received)
└─ span 3  SERVER
   · EVENT exception
(span not received)
· ERROR where am I?
";
    let rendered = Golden::default().render(&trace);
    assert_eq!(rendered, expected);
}

#[test]
fn a_circle_is_cut_at_its_first_span() {
    let spans = [(1, 3), (2, 1), (3, 2), (4, 4)];
    let spans =
        spans.map(|(id, parent)| span(id, Some(parent), SpanKind::Unspecified));
    let expected = "\
(each other's parents)
├─ span 1        UNSPECIFIED
│  └─ span 2     UNSPECIFIED
│     └─ span 3  UNSPECIFIED
└─ span 4        UNSPECIFIED
";
    assert_eq!(Golden::default().render(&trace(spans.into())), expected);
}

#[test]
fn siblings_at_the_same_time_are_in_the_order_of_their_text() {
    let root = span(1, None, SpanKind::Internal);
    let at = |number, start, end| {
        let mut span = span(number, Some(1), SpanKind::Internal);
        (span.start_unix_nano, span.end_unix_nano) = (start, end);
        span
    };
    let one_run = [at(4, 10, 30), at(3, 20, 40), at(2, 40, 50), root.clone()];
    let another = [at(3, 11, 30), at(4, 13, 40), at(2, 41, 50), root];
    let expected = "\
span 1     INTERNAL
├─ span 3  INTERNAL
├─ span 4  INTERNAL
└─ span 2  INTERNAL
";
    for run in [one_run, another] {
        assert_eq!(Golden::default().render(&trace(run.into())), expected);
    }
}
