//! Charts as SVG: a few bars, a few curves. Their colours follow the page or,
//! on their own, the system; they are drawn for the width of a phone.

use std::{env, fmt::Write as _, fs, path::Path};

const WIDTH: f64 = 360.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = WIDTH - 14.0;

/// The figures of one line.
pub(crate) struct Curve {
    pub(crate) name: &'static str,
    pub(crate) points: Vec<(f64, f64)>,
}

/// One bar, and whether it is ours.
pub(crate) struct Bar {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
    pub(crate) ours: bool,
}

/// Writes a chart into the folder that the variable `BENCH_CHARTS` names, if
/// it names one.
pub(crate) fn keep(name: &str, svg: &str) {
    if let Some(folder) = env::var_os("BENCH_CHARTS") {
        let file = Path::new(&folder).join(name).with_extension("svg");
        fs::write(file, svg).unwrap();
    }
}

const STYLE: &str = "
.chart{max-width:480px;height:auto;font:12px ui-sans-serif,system-ui,sans-serif}
.chart .plate{fill:#ffffff;stroke:#d1d9e0}
.chart .grid{stroke:#d1d9e0}
.chart text{fill:#1f2328}
.chart .quiet{fill:#59636e}
.chart .c0{fill:#0969da;stroke:#0969da}
.chart .c1{fill:#8250df;stroke:#8250df}
.chart .c2{fill:#0f766e;stroke:#0f766e}
.chart .other{fill:#818b98;stroke:#818b98}
.chart path.line{fill:none;stroke-width:2}
@media (prefers-color-scheme:dark){
.chart .plate{fill:#151b23;stroke:#3d444d}
.chart .grid{stroke:#3d444d}
.chart text{fill:#f0f6fc}
.chart .quiet{fill:#9ea7b3}
.chart .c0{fill:#58a6ff;stroke:#58a6ff}
.chart .c1{fill:#bc8cff;stroke:#bc8cff}
.chart .c2{fill:#2dd4bf;stroke:#2dd4bf}
}
";

fn frame(height: f64, title: &str, description: &str, inside: &str) -> String {
    let (w, h) = (WIDTH - 1.0, height - 1.0);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"chart\" \
         role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" \
         height=\"{height}\">\n<title>{title}</title>\n\
         <desc>{description}</desc>\n<style>{STYLE}</style>\n\
         <rect class=\"plate\" x=\".5\" y=\".5\" width=\"{w}\" \
         height=\"{h}\" rx=\"6\"/>\n{inside}</svg>\n"
    )
}

/// Horizontal bars, each with its name above it and its figure behind it.
pub(crate) fn bars(title: &str, unit: &str, bars: &[Bar]) -> String {
    let most = bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    let mut inside = String::new();
    let mut said = Vec::new();
    for (at, bar) in bars.iter().enumerate() {
        let y = 14.0 + 42.0 * at as f64;
        let length = (WIDTH - 28.0) * bar.value / most;
        let class = if bar.ours { "c0" } else { "other" };
        let figure = crate::figures::whole(bar.value);
        said.push(format!("{}: {figure}", bar.name));
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            inside,
            "<text x=\"14\" y=\"{:.0}\">{}</text>\
             <text class=\"quiet\" x=\"{:.0}\" y=\"{:.0}\" \
             text-anchor=\"end\">{figure}</text>\n\
             <rect class=\"{class}\" x=\"14\" y=\"{:.0}\" \
             width=\"{length:.1}\" height=\"12\" rx=\"2\"/>",
            y + 12.0,
            bar.name,
            WIDTH - 14.0,
            y + 12.0,
            y + 18.0,
        );
    }
    let height = 22.0 + 42.0 * bars.len() as f64;
    let description = format!("{unit}: {}", said.join("; "));
    frame(height, title, &description, &inside)
}

/// Curves over two logarithmic axes.
pub(crate) fn curves(
    title: &str,
    across: &str,
    up: &str,
    curves: &[Curve],
) -> String {
    let all = || curves.iter().flat_map(|curve| &curve.points);
    let decades = |pick: fn(&(f64, f64)) -> f64| {
        let logs = || all().map(pick).map(f64::log10);
        let low = logs().fold(f64::INFINITY, f64::min).floor();
        (low, logs().fold(f64::NEG_INFINITY, f64::max).ceil())
    };
    let (x, y) = (decades(|point| point.0), decades(|point| point.1));
    let top = 28.0 + 18.0 * curves.len() as f64;
    let bottom = top + 200.0;
    let place = |value: f64, axis: (f64, f64), from: f64, to: f64| {
        let part = (value.log10() - axis.0) / (axis.1 - axis.0).max(1.0);
        from + (to - from) * part
    };
    let mut inside = String::new();
    for decade in (x.0 as i32)..=(x.1 as i32) {
        let value = 10_f64.powi(decade);
        let at = place(value, x, LEFT, RIGHT - 10.0);
        let _ = writeln!(
            inside,
            "<path class=\"grid\" d=\"M{at:.1} {top}V{bottom}\"/>\
             <text class=\"quiet\" x=\"{at:.1}\" y=\"{:.0}\" \
             text-anchor=\"middle\">{}</text>",
            bottom + 16.0,
            crate::figures::whole(value),
        );
    }
    for decade in (y.0 as i32)..=(y.1 as i32) {
        let value = 10_f64.powi(decade);
        let at = place(value, y, bottom, top);
        let _ = writeln!(
            inside,
            "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>\
             <text class=\"quiet\" x=\"{:.0}\" y=\"{:.1}\" \
             text-anchor=\"end\">{value}</text>",
            LEFT - 6.0,
            at + 4.0,
        );
    }
    for (at, curve) in curves.iter().enumerate() {
        let points: Vec<_> = curve
            .points
            .iter()
            .map(|point| {
                let across = place(point.0, x, LEFT, RIGHT - 10.0);
                let up = place(point.1, y, bottom, top);
                format!("{across:.1} {up:.1}")
            })
            .collect();
        let line = 24.0 + 18.0 * at as f64;
        let _ = writeln!(
            inside,
            "<path class=\"line c{at}\" d=\"M{}\"/>\n\
             <path class=\"line c{at}\" d=\"M14 {:.0}h16\"/>\
             <text x=\"36\" y=\"{line:.0}\">{}</text>",
            points.join("L"),
            line - 4.0,
            curve.name,
        );
    }
    let _ = writeln!(
        inside,
        "<text class=\"quiet\" x=\"{RIGHT}\" y=\"{:.0}\" \
         text-anchor=\"end\">{across}</text>\
         <text class=\"quiet\" x=\"{RIGHT}\" y=\"24\" \
         text-anchor=\"end\">{up}</text>",
        bottom + 34.0,
    );
    let said: Vec<_> = curves
        .iter()
        .filter_map(|curve| {
            let (first, last) = (curve.points.first()?, curve.points.last()?);
            let name = curve.name;
            Some(format!("{name}: from {first:.3?} to {last:.3?}"))
        })
        .collect();
    frame(bottom + 44.0, title, &said.join("; "), &inside)
}
