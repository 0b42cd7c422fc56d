//! A chart as SVG: a few bars. Its colours follow the page or, on its own, the
//! system; it is drawn for the width of a phone.

use std::{env, fmt::Write as _, fs, path::Path};

const WIDTH: f64 = 360.0;

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
.chart text{fill:#1f2328}
.chart .quiet{fill:#59636e}
.chart .c0{fill:#0969da;stroke:#0969da}
.chart .other{fill:#818b98;stroke:#818b98}
@media (prefers-color-scheme:dark){
.chart .plate{fill:#151b23;stroke:#3d444d}
.chart text{fill:#f0f6fc}
.chart .quiet{fill:#9ea7b3}
.chart .c0{fill:#58a6ff;stroke:#58a6ff}
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
        let figure = format!("{:.1}", bar.value);
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
