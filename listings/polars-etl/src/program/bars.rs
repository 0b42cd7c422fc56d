//! A line for each stage of a run, for those who watch a terminal.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use tokio::task::JoinHandle;

use crate::etl::{At, Progress, STAGES};

/// How often to look.
const PAUSE: Duration = Duration::from_millis(100);

/// Lines that move until this is dropped. Where standard error is no
/// terminal, there are none.
pub(super) struct Bars(JoinHandle<()>);

impl Bars {
    /// Shows how far `progress` is.
    pub(super) fn show(progress: &Progress) -> Self {
        let (progress, mut lines) = (progress.clone(), Lines::default());
        Self(tokio::spawn(async move {
            loop {
                lines.draw(progress.now());
                tokio::time::sleep(PAUSE).await;
            }
        }))
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[derive(Default)]
struct Lines {
    screen: MultiProgress,
    stages: Vec<ProgressBar>,
}

// ANCHOR: bars
impl Lines {
    fn draw(&mut self, at: At) {
        let Some(stage) = at.stage else { return };
        let begun = STAGES.iter().position(|name| *name == stage);
        // A stage that was quicker than the pause gets its line as well.
        while self.stages.len() <= begun.unwrap_or_default() {
            if let Some(before) = self.stages.last() {
                before.finish();
            }
            let name = STAGES[self.stages.len()];
            let line = self.screen.add(ProgressBar::no_length());
            line.set_style(style());
            line.set_prefix(name);
            self.stages.push(line);
        }
        if let Some(line) = self.stages.last() {
            line.set_position(at.rows);
        }
    }
}
// ANCHOR_END: bars

fn style() -> ProgressStyle {
    let template = "{spinner} {prefix:10} {human_pos:>12} rows  {elapsed}";
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}
