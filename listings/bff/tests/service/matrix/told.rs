//! What the receiver was told of each case.

use bff::backends::Role;
use otlp_console::{
    Receiver,
    model::{LogRecord, Span, SpanKind, Status, TraceId, Value},
};

use super::Case;

/// The telemetry of all cases.
pub(super) struct Told {
    spans: Vec<Span>,
    logs: Vec<LogRecord>,
}

impl Told {
    pub(super) fn by(receivers: &[Receiver]) -> Self {
        Self {
            spans: receivers.iter().flat_map(Receiver::spans).collect(),
            logs: receivers.iter().flat_map(Receiver::logs).collect(),
        }
    }

    pub(super) fn check(&self, case: Case) {
        let trace = TraceId((case.number as u128 + 1).to_be_bytes());
        let spans = self.spans.iter().filter(|span| span.trace_id == trace);
        let spans: Vec<_> = spans.collect();
        self.check_log(case, trace);
        check_server(case, &spans);
        let calls = spans.iter().filter(|span| span.kind == SpanKind::Client);
        let (ill, well): (Vec<&Span>, Vec<&Span>) =
            calls.partition(|span| paths(case.role).contains(&&*span.name));
        assert_eq!(ill.len(), 1, "{case:?}");
        check_call(case, ill[0]);
        for call in well {
            // What nobody needs any more is given up, and that is no error.
            let error = text(call, "error.type");
            assert!(matches!(error, None | Some("cancelled")), "{call:?}");
            assert_eq!(call.status, Status::Unset, "{case:?}");
        }
    }

    fn check_log(&self, case: Case, trace: TraceId) {
        const WARN: i32 = 13;
        let logs = self.logs.iter().filter(|log| {
            log.trace_id == Some(trace) && log.severity_number >= WARN
        });
        let said: Vec<_> = logs
            .map(|log| {
                ["error.type", "bff.backend"].map(|a| &log.attributes[a])
            })
            .collect();
        let backend = format!("{:?}", case.role).to_lowercase();
        let expected = case
            .trouble
            .log
            .map(|error| [Value::Str(error.to_owned()), Value::Str(backend)]);
        let expected: Vec<_> =
            expected.iter().map(|it| it.each_ref()).collect();
        assert_eq!(said, expected, "{case:?}");
    }
}

fn check_server(case: Case, spans: &[&Span]) {
    let is_ours = |span: &&&Span| span.name == case.client;
    let server: Vec<_> = spans.iter().filter(is_ours).collect();
    assert_eq!(server.len(), 1, "{case:?}");
    let is_bulk = case.client == "POST /desktop/bulk";
    let is_fine = is_bulk || case.role == Role::Product;
    let status = if is_fine { 200 } else { case.trouble.status };
    let error = (status >= 500).then(|| status.to_string());
    assert_eq!(text(server[0], "error.type"), error.as_deref(), "{case:?}");
    let is_error = matches!(server[0].status, Status::Error(_));
    assert_eq!(is_error, error.is_some(), "{case:?}");
}

fn check_call(case: Case, call: &Span) {
    let error = text(call, "error.type");
    let expected = case.trouble.span;
    match error {
        None => assert!(expected.is_empty(), "{case:?}: {call:?}"),
        Some(error) => assert!(expected.contains(&error), "{case:?}: {error}"),
    }
    let is_error = matches!(call.status, Status::Error(_));
    assert_eq!(is_error, error.is_some(), "{case:?}");
}

fn paths(role: Role) -> &'static [&'static str] {
    match role {
        Role::Identity => &[],
        Role::User => &["GET /me"],
        Role::Order => &["GET /orders"],
        Role::Product => &["GET /products", "GET /recommendations"],
    }
}

fn text<'a>(span: &'a Span, name: &str) -> Option<&'a str> {
    match span.attributes.get(name) {
        Some(Value::Str(text)) => Some(text),
        _ => None,
    }
}
