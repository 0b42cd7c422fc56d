//! Log records that are wrong.

use otlp_console::{contract::Telemetry, model::TraceId};

use super::{says, values::value};

#[test]
fn an_event_that_the_registry_does_not_know() {
    says(
        |it| it.logs[0].event_name = "order.serve".into(),
        &[
            "log event `order.serve` of shop is not in the registry; did you \
             mean `order.served`?",
        ],
    );
}

#[test]
fn an_event_of_another_severity() {
    says(
        |it| it.logs[1].severity_number = 13,
        &[
            "log event `stock.count.unreadable` of stock has severity WARN; \
             event.stock.count.unreadable says ERROR",
        ],
    );
}

#[test]
fn a_log_record_outside_its_trace() {
    says(
        |it| (it.logs[0].trace_id, it.logs[0].span_id) = (None, None),
        &[
            "log event `order.served` of shop has no trace and span id, so \
             nobody finds it from its trace; if that is meant, say \
             `outside_trace: true` (event.order.served)",
        ],
    );
    says(
        |it| it.logs[0].span_id = None,
        &[
            "log event `order.served` of shop has only one of trace id and \
             span id",
        ],
    );
    says(
        |it| it.logs[0].trace_id = Some(TraceId([7; 16])),
        &[
            "log event `order.served` of shop names span 0101010101010101, \
             which was not received",
        ],
    );
}

#[test]
fn a_plain_log_record() {
    let plain = |it: &mut Telemetry| {
        it.logs[0].event_name = "event src/shop.rs:12".into();
        it.logs[0].body = value("hello");
    };
    says(plain, &[]);
    says(
        |it| {
            plain(it);
            it.logs[0].attributes.insert("error".into(), value("oops"));
        },
        &[
            "log record `hello` of shop has attribute `error`, which is not \
             in the registry",
        ],
    );
}
