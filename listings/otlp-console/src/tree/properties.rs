use crate::{
    Golden, Terminal, Trace,
    model::{Span, SpanKind, TraceId},
    svg::waterfall,
    testing::span,
};
use proptest::{collection::vec, option, prelude::*};

const ESCAPE: char = '\u{1b}';

fn trace(spans: Vec<Span>) -> Trace {
    Trace {
        spans,
        ..Trace::new(TraceId([1; 16]))
    }
}

/// Ends lie before starts, too, and times at both ends of what there is.
fn any_time() -> impl Strategy<Value = u64> {
    prop_oneof![4 => 0..10_u64, 1 => u64::MAX - 2..=u64::MAX]
}

prop_compose! {
    fn any_span()(
        id in 0..12_u8,
        parent in option::of(0..14_u8),
        name in "[a-c]\\PC?|\u{1b}|\n",
        start in any_time(),
        end in any_time(),
    ) -> Span {
        let kind = SpanKind::Internal;
        let mut span = Span { name, ..span(id, parent, kind) };
        (span.start_unix_nano, span.end_unix_nano) = (start, end);
        span
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn every_span_has_one_line_in_any_order_of_arrival(
        (spans, shuffled) in vec(any_span(), 0..40).prop_flat_map(|spans| {
            (Just(spans.clone()), Just(spans).prop_shuffle())
        }),
    ) {
        let rendered = Golden::default().render(&trace(spans.clone()));
        let again = Golden::default().render(&trace(shuffled));
        prop_assert_eq!(&rendered, &again);
        let lines = rendered.lines().filter(|line| line.ends_with("INTERNAL"));
        prop_assert_eq!(lines.count(), spans.len());
        let trace = trace(spans);
        let drawn = Terminal::default().render(&trace);
        prop_assert!(!drawn.contains(ESCAPE));
        let lines = drawn.lines().filter(|line| line.contains("INTERNAL"));
        prop_assert_eq!(lines.count(), trace.spans.len());
        let picture = waterfall(&trace);
        let document = roxmltree::Document::parse(&picture).unwrap();
        let bars = document.descendants();
        let bars = bars.filter(|node| node.attribute("rx") == Some("2"));
        prop_assert_eq!(bars.count(), trace.spans.len());
    }
}
