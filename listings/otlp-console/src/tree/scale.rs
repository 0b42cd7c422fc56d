//! Large traces take work and text in proportion to their spans.

use super::order::STEPS;
use crate::{
    Golden, Terminal, Trace,
    model::{Span, SpanId, SpanKind, TraceId},
    svg::waterfall,
    testing::span,
    trace::PASSES,
};

fn wide_or_deep(spans: u64, parent: impl Fn(u64) -> u64) -> Trace {
    let spans = (1..=spans).map(|number| Span {
        span_id: SpanId(number.to_be_bytes()),
        parent_span_id: (number > 1)
            .then(|| SpanId(parent(number).to_be_bytes())),
        ..span(1, None, SpanKind::Internal)
    });
    Trace {
        spans: spans.collect(),
        ..Trace::new(TraceId([1; 16]))
    }
}

#[test]
fn a_very_deep_trace_stays_readable() {
    let deep = wide_or_deep(10_000, |number| number - 1);
    let rendered = Golden::default().render(&deep);
    assert_eq!(rendered.lines().count(), 10_000);
    assert!(rendered.lines().last().unwrap().contains("⋯9999 span 1"));
    let drawn = Terminal::default().render(&deep);
    assert_eq!(drawn.lines().count(), 10_001);
    let heading = drawn.lines().next().unwrap();
    assert!(heading.ends_with(", 9999 levels, 8 indented"));
    let last = drawn.lines().last().unwrap();
    assert!(last.contains("⋯9999 span 1"), "{last}");
    let picture = waterfall(&deep);
    assert!(picture.contains(">⋯9999 span"));
    for text in [rendered, drawn, picture] {
        assert!(text.len() < 10_000 * 500, "{} bytes", text.len());
    }
}

#[test]
fn the_time_of_a_trace_is_found_once_and_not_for_each_span() {
    let wide = wide_or_deep(500, |_| 1);
    PASSES.set(0);
    Terminal::default().render(&wide);
    waterfall(&wide);
    Golden::default().render(&wide);
    assert!(PASSES.get() < 20, "{} passes", PASSES.get());
}

#[test]
fn siblings_are_compared_no_further_than_they_differ() {
    const WIDE: u64 = 2_000;
    // All siblings are alike, but the second has as many children.
    let wide = wide_or_deep(2 * WIDE, |number| match number {
        ..=WIDE => 1,
        _ => 2,
    });
    STEPS.set(0);
    Golden::default().render(&wide);
    let few = 100 * WIDE as usize;
    assert!(STEPS.get() < few, "{} steps", STEPS.get());
    let deep = wide_or_deep(2 * WIDE, |number| match number {
        2 | 3 => 1,
        _ => number - 2,
    });
    STEPS.set(0);
    Golden::default().render(&deep);
    assert!(STEPS.get() < few, "{} steps", STEPS.get());
}

#[test]
fn one_long_name_does_not_widen_the_other_lines() {
    let mut wide = wide_or_deep(100, |_| 1);
    wide.spans[50].name = "x".repeat(10_000);
    let rendered = Golden::default().render(&wide);
    assert!(rendered.len() < 20_000, "{} bytes", rendered.len());
}
