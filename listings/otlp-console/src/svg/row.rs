//! One span of a waterfall: a line of text and a bar below it.

use super::{MARGIN, SERVICE_COLORS, WIDTH, axis, markup::escaped};
use crate::{
    duration,
    golden::stand_in,
    model::{Span, Status, Value},
    text::{cut, width},
    trace::{Extent, Trace},
    tree::Item,
};
use std::collections::HashMap;

/// Width of a letter at the size for narrow screens.
const LETTER: f64 = 12.6;
const INDENT: f64 = 16.0;
const DEEPEST_INDENT: usize = 10;
const TEXT_BELOW_TOP: f64 = 18.0;
const BAR_BELOW_TOP: f64 = 26.0;
const BAR: f64 = 12.0;
/// Letters for `999 ms` or `1.23 µs`, and for `INTERNAL`.
const DURATION: usize = 7;
const KIND: usize = 8;
const WIDEST_SERVICE: usize = 16;
const WIDEST_ERROR: usize = 16;

pub(super) struct Drawing<'t> {
    extent: Extent,
    colors: HashMap<&'t str, usize>,
    service_width: usize,
}

impl<'t> Drawing<'t> {
    pub(super) fn new(trace: &'t Trace) -> Self {
        let services = trace.services();
        let widest = services.iter().map(|name| width(name)).max();
        let service_width = widest.unwrap_or(0).min(WIDEST_SERVICE);
        Self {
            extent: trace.extent(),
            colors: services.into_iter().zip(0..).collect(),
            service_width,
        }
    }

    pub(super) fn span(&self, y: f64, depth: usize, span: &Span) -> String {
        let color = self.color(span.origin.service());
        let (error, bar_color) = match &span.status {
            Status::Error(_) => (error_mark(span), "bad"),
            Status::Unset | Status::Ok => (String::new(), color.as_str()),
        };
        self.name(y, depth, &span.name, &error)
            + &self.facts(y, span, &color)
            + &self.bar(y, span, bar_color)
    }

    pub(super) fn stand_in(
        &self,
        y: f64,
        depth: usize,
        item: Item<'_>,
    ) -> String {
        self.name(y, depth, stand_in(item), "")
    }

    fn name(&self, y: f64, depth: usize, name: &str, error: &str) -> String {
        let x = MARGIN + depth.min(DEEPEST_INDENT) as f64 * INDENT;
        let y = y + TEXT_BELOW_TOP;
        let letters = ((WIDTH - MARGIN - x) / LETTER) as usize;
        let taken = self.service_width + DURATION + 5 + width(error);
        let room = letters.saturating_sub(taken).max(8);
        // Deeper names are not moved further to the right.
        let name = match depth {
            0..=DEEPEST_INDENT => escaped(&cut(name, room)),
            _ => escaped(&cut(&format!("⋯{depth} {name}"), room)),
        };
        let error = escaped(error);
        format!(
            "<text x=\"{x}\" y=\"{y}\">{name}\
             <tspan class=\"bad\">{error}</tspan></text>\n"
        )
    }

    /// Kind, service and duration, in columns as the letters are all equal.
    fn facts(&self, y: f64, span: &Span, color: &str) -> String {
        let (x, y) = (WIDTH - MARGIN, y + TEXT_BELOW_TOP);
        let kind = before(&span.kind.to_string(), KIND);
        let service = cut(span.origin.service(), self.service_width);
        let service = after(&escaped(&service), self.service_width);
        let duration = before(&duration::text(span.duration_nano()), DURATION);
        format!(
            "<text class=\"quiet\" x=\"{x}\" y=\"{y}\" text-anchor=\"end\">\
             <tspan class=\"kind\">{kind} </tspan>\
             <tspan class=\"{color}\">■</tspan> {service} \
             <tspan class=\"time\">{duration}</tspan></text>\n"
        )
    }

    fn bar(&self, y: f64, span: &Span, color: &str) -> String {
        let (from, to) = self.extent.of(span);
        let x = axis::x(from, self.extent.total);
        let end = axis::x(to, self.extent.total);
        let width = (end - x).max(2.0);
        let x = x.min(WIDTH - MARGIN - width);
        let y = y + BAR_BELOW_TOP;
        format!(
            "<rect class=\"{color}\" x=\"{x:.1}\" y=\"{y}\" \
             width=\"{width:.1}\" height=\"{BAR}\" rx=\"2\"/>\n"
        )
    }

    fn color(&self, service: &str) -> String {
        let place = self.colors.get(service).copied().unwrap_or(0);
        format!("s{}", place % SERVICE_COLORS)
    }
}

fn error_mark(span: &Span) -> String {
    let kind = span.attributes.get("error.type").map(Value::to_string);
    let mark = format!(" ✕ {}", kind.unwrap_or_default());
    cut(mark.trim_end(), WIDEST_ERROR).into_owned()
}

/// Padded in front with spaces that markup keeps.
fn before(text: &str, columns: usize) -> String {
    padding(text, columns) + text
}

fn after(text: &str, columns: usize) -> String {
    text.to_owned() + &padding(text, columns)
}

fn padding(text: &str, columns: usize) -> String {
    "\u{a0}".repeat(columns.saturating_sub(width(text)))
}
