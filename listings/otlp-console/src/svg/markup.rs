//! The frame of the picture: description, colours, plate.

use super::{SERVICE_COLORS, WIDTH};
use crate::{duration, golden::stand_in, text, trace::Trace, tree::Item};
use std::fmt::Write;

/// Colours of the picture on its plate.
struct Theme {
    plate: &'static str,
    edge: &'static str,
    text: &'static str,
    quiet: &'static str,
    error: &'static str,
    services: [&'static str; SERVICE_COLORS],
}

const LIGHT: Theme = Theme {
    plate: "#ffffff",
    edge: "#d1d9e0",
    text: "#1f2328",
    quiet: "#59636e",
    error: "#cf222e",
    services: ["#0969da", "#8250df", "#0f766e", "#8a5d00", "#b32d7c"],
};

const DARK: Theme = Theme {
    plate: "#151b23",
    edge: "#3d444d",
    text: "#f0f6fc",
    quiet: "#9ea7b3",
    error: "#ff7b72",
    services: ["#58a6ff", "#bc8cff", "#2dd4bf", "#e3b341", "#f778ba"],
};

/// Spans that the description names; a longer list helps nobody.
const DESCRIBED: usize = 30;

/// Columns of a name in the title and the description.
const NAME: usize = 100;

/// Everything before the first row.
pub(super) fn opening(
    trace: &Trace,
    rows: &[(usize, Item<'_>)],
    height: f64,
) -> String {
    let size = format!("width=\"{WIDTH}\" height=\"{height}\"");
    let title = escaped(&title(trace));
    let description = escaped(&description(rows));
    let style = style();
    let (plate_width, plate_height) = (WIDTH - 1.0, height - 1.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"waterfall\" \
         role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" {size}>\n\
         <title>{title}</title>\n\
         <desc>{description}</desc>\n\
         <style>\n{style}</style>\n\
         <rect class=\"plate\" x=\".5\" y=\".5\" width=\"{plate_width}\" \
         height=\"{plate_height}\" rx=\"6\"/>\n"
    )
}

/// The widths are those of the picture in an `img` element, else the page's.
fn style() -> String {
    let (light, dark) = (LIGHT.css(), DARK.css());
    format!(
        "\
.waterfall{{max-width:100%;height:auto;font-size:15px;font-family:ui-monospace,\
SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}}
.waterfall text{{stroke-width:4px;paint-order:stroke}}
.waterfall .tick,.waterfall .kind{{font-size:13px}}
{light}
@media (prefers-color-scheme:dark){{
{dark}
}}
@media (max-width:480px){{
.waterfall{{font-size:21px}}
.waterfall .tick{{font-size:19px}}
.waterfall .kind{{display:none}}
}}
"
    )
}

impl Theme {
    fn css(&self) -> String {
        let Self {
            plate,
            edge,
            text,
            quiet,
            error,
            services,
        } = self;
        let mut css = format!(
            ".waterfall .plate{{fill:{plate};stroke:{edge}}}\n\
             .waterfall .grid{{stroke:{edge}}}\n\
             .waterfall text{{fill:{text};stroke:{plate}}}\n\
             .waterfall .time{{fill:{text}}}\n\
             .waterfall .quiet{{fill:{quiet}}}\n\
             .waterfall .bad{{fill:{error}}}",
        );
        for (nth, color) in services.iter().enumerate() {
            // Writing to a String cannot fail.
            _ = write!(css, "\n.waterfall .s{nth}{{fill:{color}}}");
        }
        css
    }
}

fn title(trace: &Trace) -> String {
    let name = trace
        .root()
        .map_or("a trace without a root", |root| &root.name);
    let name = text::cut(name, NAME);
    let duration = duration::text(trace.duration_nano());
    let spans = trace.spans.len();
    format!("Waterfall of {name}: {spans} spans in {duration}")
}

fn description(rows: &[(usize, Item<'_>)]) -> String {
    let described = rows.iter().take(DESCRIBED).map(|(depth, item)| {
        let Item::Span(span, _) = item else {
            return stand_in(*item).to_owned();
        };
        let duration = duration::text(span.duration_nano());
        let service = text::cut(span.origin.service(), NAME);
        let (name, kind) = (text::cut(&span.name, NAME), span.kind);
        format!("level {depth}: {name}, {kind}, {service}, {duration}")
    });
    described.collect::<Vec<_>>().join("; ")
}

/// Text that is safe between tags and in attributes.
pub(super) fn escaped(unsafe_text: &str) -> String {
    let mut safe = String::with_capacity(unsafe_text.len());
    for char in text::escaped(unsafe_text).chars() {
        match char {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            // XML has no way to write these two.
            '\u{fffe}' | '\u{ffff}' => safe.push('\u{fffd}'),
            char => safe.push(char),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2, "relative luminance").
    fn luminance(color: &str) -> f64 {
        let part = |at| {
            let part = u8::from_str_radix(&color[at..at + 2], 16).unwrap();
            let part = f64::from(part) / 255.0;
            match part <= 0.04045 {
                true => part / 12.92,
                false => ((part + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    }

    #[test]
    fn every_colour_can_be_read_on_its_plate() {
        for theme in [LIGHT, DARK] {
            let plate = luminance(theme.plate);
            let colors = [theme.text, theme.quiet, theme.error];
            for color in colors.iter().chain(&theme.services) {
                let ink = luminance(color);
                let contrast =
                    (plate.max(ink) + 0.05) / (plate.min(ink) + 0.05);
                assert!(contrast >= 4.5, "{color}: {contrast:.2}");
            }
        }
    }

    #[test]
    fn nothing_from_the_network_becomes_markup() {
        assert_eq!(
            escaped("<a b=\"c\">&\u{1b}\u{ffff}"),
            "&lt;a b=&quot;c&quot;&gt;&amp;\\u{1b}\u{fffd}"
        );
    }
}
