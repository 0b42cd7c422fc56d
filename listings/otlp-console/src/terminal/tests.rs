use super::{Seen, Terminal};
use crate::{
    Trace,
    model::{Span, SpanKind, Status, TraceId},
    testing::span,
};

fn trace() -> Trace {
    let mut root = span(1, None, SpanKind::Server);
    root.end_unix_nano = 9_000_000;
    let failed = Span {
        status: Status::Error("no\u{1b}[2Jstock".to_owned()),
        ..span(4, Some(1), SpanKind::Client)
    };
    let orphan = span(7, Some(9), SpanKind::Internal);
    let spans =
        vec![root, span(2, Some(1), SpanKind::Internal), failed, orphan];
    Trace {
        spans,
        ..Trace::new(TraceId([1; 16]))
    }
}

#[test]
fn shows_durations_bars_and_what_is_missing() {
    let drawn = Terminal::default().render(&trace());
    let expected = "\
trace 01010101010101010101010101010101  4 spans, 1 service, 8.00 ms
span 1     SERVER     8.00 ms  ████████████████████
├─ span 2  INTERNAL   1.00 ms    ▐██
└─ span 4  CLIENT     1.00 ms         ▐██            ERROR  no\\u{1b}[2Jstock
(parent not received) 0909090909090909
└─ span 7  INTERNAL   1.00 ms                 ██▌
";
    assert_eq!(drawn, expected);
}

#[test]
fn marks_what_came_late() {
    let seen = Some(Seen { spans: 3, logs: 0 });
    let drawn = Terminal::default().render_again(&trace(), seen, "");
    let late: Vec<_> = drawn
        .lines()
        .filter(|line| line.ends_with("  late"))
        .collect();
    assert_eq!(late.len(), 1, "{drawn}");
    assert!(late[0].starts_with("└─ span 7"));
}

#[test]
fn keeps_to_the_width_and_colours_only_on_demand() {
    let mut trace = trace();
    for span in &mut trace.spans {
        span.name = "一个很长的名字 ".repeat(20);
    }
    for columns in [60, 80, 100, 200] {
        let terminal = Terminal {
            columns,
            color: false,
        };
        for line in terminal.render(&trace).lines() {
            assert!(crate::text::width(line) <= columns, "{line}");
        }
    }
    let plain = Terminal::default().render(&trace);
    assert!(!plain.contains('\u{1b}'));
    let colored = Terminal {
        color: true,
        ..Terminal::default()
    };
    assert!(colored.render(&trace).contains("\u{1b}[31m"));
}
