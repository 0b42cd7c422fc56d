use super::{
    Console, Format, Waiting,
    output::{Job, Output},
};
use crate::{
    Limits, Terminal,
    model::{LogRecord, Origin, Span, SpanKind, TraceId},
    otlp::Arrival,
    testing::span,
};
use std::time::Duration;
use tokio::time::Instant;

const SETTLE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(6);
const MOMENT: Duration = Duration::from_millis(1);

struct Viewer {
    console: Console,
    output: Output<Vec<u8>>,
    now: Instant,
}

impl Viewer {
    fn new(limits: Limits) -> Self {
        let format = Format::Tree(Terminal::default());
        let output = Output {
            writer: Vec::new(),
            format,
            svg: None,
        };
        let waiting = Waiting {
            settle: SETTLE,
            patience: PATIENCE,
        };
        Self {
            console: Console::new(limits, waiting, format, false),
            output,
            now: Instant::now(),
        }
    }

    fn take(&mut self, spans: Vec<Span>) -> String {
        self.take_all(arrival(spans))
    }

    fn take_all(&mut self, arrival: Arrival) -> String {
        self.console.take(arrival, self.now);
        self.after(Duration::ZERO)
    }

    fn after(&mut self, time: Duration) -> String {
        self.now += time;
        let jobs = self.console.jobs(self.now, usize::MAX);
        self.written(jobs)
    }

    fn written(&mut self, jobs: Vec<Job>) -> String {
        self.output.write(jobs).unwrap();
        let bytes = std::mem::take(&mut self.output.writer);
        String::from_utf8(bytes).unwrap()
    }
}

fn arrival(spans: Vec<Span>) -> Arrival {
    Arrival {
        spans,
        ..Arrival::default()
    }
}

fn root() -> Span {
    span(1, None, SpanKind::Server)
}

fn call() -> Span {
    span(2, Some(1), SpanKind::Client)
}

fn far_side() -> Span {
    span(3, Some(2), SpanKind::Server)
}

#[test]
fn a_complete_trace_is_printed_when_it_is_silent() {
    let mut viewer = Viewer::new(Limits::default());
    assert_eq!(viewer.take(vec![root()]), "");
    assert_eq!(viewer.after(SETTLE - MOMENT), "");
    viewer.take(vec![span(4, Some(1), SpanKind::Internal)]);
    assert_eq!(viewer.after(SETTLE - MOMENT), "");
    let printed = viewer.after(MOMENT);
    assert!(printed.contains("2 spans"), "{printed}");
    assert_eq!(viewer.after(PATIENCE), "", "it is printed once");
}

#[test]
fn a_trace_that_misses_something_is_waited_for() {
    let mut viewer = Viewer::new(Limits::default());
    viewer.take(vec![root(), call()]);
    assert_eq!(viewer.after(PATIENCE - MOMENT), "");
    viewer.take(vec![far_side()]);
    assert_eq!(
        viewer.after(SETTLE - MOMENT),
        "",
        "complete, but not silent"
    );
    assert!(viewer.after(MOMENT).contains("3 spans"));

    viewer.take(vec![Span {
        trace_id: TraceId([2; 16]),
        ..far_side()
    }]);
    assert_eq!(viewer.after(PATIENCE - MOMENT), "");
    assert!(viewer.after(MOMENT).contains("(parent not received)"));
}

#[test]
fn what_comes_late_is_printed_and_marked() {
    let mut viewer = Viewer::new(Limits::default());
    viewer.take(vec![root(), call()]);
    assert!(viewer.after(PATIENCE).contains("2 spans"));
    viewer.take(vec![far_side()]);
    let again = viewer.after(SETTLE);
    assert!(again.contains("printed again"), "{again}");
    let late: Vec<_> = again
        .lines()
        .filter(|line| line.ends_with("late"))
        .collect();
    assert_eq!(late.len(), 1, "{again}");
    viewer.take(vec![far_side()]);
    assert_eq!(viewer.after(PATIENCE), "", "a repeated span is not news");
}

#[test]
fn what_makes_room_is_printed_before_it_goes() {
    let mut viewer = Viewer::new(Limits {
        spans: 2,
        ..Limits::default()
    });
    let mut of = |trace: u8| {
        let trace_id = TraceId([trace; 16]);
        viewer.take(vec![Span { trace_id, ..root() }])
    };
    assert_eq!(of(1), "");
    assert_eq!(of(2), "");
    let printed = of(3);
    assert!(printed.starts_with(&format!("trace {}", "01".repeat(16))));
    assert!(printed.contains("unfinished, memory limit"), "{printed}");
    let printed = viewer.after(SETTLE);
    assert_eq!(printed.matches("trace ").count(), 2, "{printed}");
    let summary = viewer.console.summary();
    assert!(summary.contains("limits: 1 trace with 1 span, no log"));
}

#[test]
fn the_end_prints_what_is_unfinished() {
    let mut viewer = Viewer::new(Limits::default());
    viewer.take(vec![call()]);
    let jobs = viewer.console.unfinished();
    let printed = viewer.written(jobs);
    assert!(
        printed.contains("1 service, 1.00 ms, unfinished"),
        "{printed}"
    );
}

#[test]
fn a_log_without_a_trace_is_printed_at_once() {
    let mut viewer = Viewer::new(Limits::default());
    let log = LogRecord {
        time_unix_nano: 1,
        severity_number: 13,
        severity_text: String::new(),
        event_name: String::new(),
        body: "disk\nfull".into(),
        attributes: Default::default(),
        trace_id: None,
        span_id: None,
        origin: Origin::default(),
    };
    let arrival = Arrival {
        logs: vec![log],
        ..Arrival::default()
    };
    assert_eq!(
        viewer.take_all(arrival),
        "log  unknown_service  WARN disk\\nfull\n"
    );
}

#[test]
fn a_trace_that_is_written_may_grow_and_leave() {
    let mut viewer = Viewer::new(Limits {
        spans: 2,
        ..Limits::default()
    });
    viewer.console.take(arrival(vec![root()]), viewer.now);
    let later = viewer.now + SETTLE;
    let writing = viewer.console.jobs(later, usize::MAX);
    assert_eq!(writing.len(), 1);
    let late = vec![span(2, Some(1), SpanKind::Internal)];
    viewer.console.take(arrival(late), later);
    let other = Span {
        trace_id: TraceId([2; 16]),
        ..root()
    };
    viewer.console.take(arrival(vec![other]), later);
    assert!(!viewer.console.has_room(), "two traces are in memory");
    assert!(viewer.written(writing).contains("1 span,"));
    let printed = viewer.after(Duration::ZERO);
    assert!(printed.contains("2 spans"), "{printed}");
    assert!(printed.contains("printed again"), "{printed}");
    viewer.after(Duration::ZERO);
    assert!(viewer.console.has_room());
}
