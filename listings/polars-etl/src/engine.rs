//! Polars' engine, run so that one can look at its own counters afterwards.
//!
//! Polars 0.55 counts what each node of a query does, and shows it to nobody
//! but its own cloud. The crates under `polars` can be asked, but they promise
//! nothing: this module is the only place that knows them, and their versions
//! are pinned. Where they change, [`Engine::InMemory`] still works, without
//! nodes. A later Polars announces an observer of queries; that will replace
//! this module.

mod nodes;
mod plan;

use std::{
    sync::{Arc, Once},
    time::{Duration, Instant, SystemTime},
};

use polars::prelude::{DataFrame, LazyFrame, PolarsResult};
use polars_plan::plans::IRPlan;
use polars_stream::StreamingQuery;

pub use nodes::Node;
pub use plan::Plan;

/// Which of Polars' two engines runs a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// In pieces, on all cores, and in less memory. Its nodes can be counted.
    Streaming,
    /// Step by step, each on whole columns.
    InMemory,
}

impl Engine {
    /// `streaming` or `in-memory`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Streaming => "streaming",
            Self::InMemory => "in-memory",
        }
    }
}

/// A query that has run.
#[derive(Debug)]
pub struct Run {
    /// Its result; empty if it went into a file.
    pub frame: DataFrame,
    /// What the engine did, if it says so.
    pub nodes: Vec<Node>,
    /// When the engine began, after planning.
    pub started: SystemTime,
    /// How long the engine took.
    pub took: Duration,
}

impl Run {
    /// Rows that came out of files and frames, where nodes are counted.
    pub fn rows_read(&self) -> u64 {
        let sources = self.nodes.iter().filter(|it| it.inputs.is_empty());
        sources.map(|source| source.rows_out).sum()
    }

    /// Rows that went into a file, where nodes are counted.
    pub fn rows_written(&self) -> u64 {
        let is_sink = |node: &&Node| node.kind.ends_with("_sink");
        let sinks = self.nodes.iter().filter(is_sink);
        sinks.map(|sink| sink.rows_in).sum()
    }
}

/// A query that has been optimised.
pub struct Planned {
    plan: Plan,
    ready: Ready,
}

/// What an engine takes: the other one optimises for itself.
enum Ready {
    Streaming(IRPlan),
    InMemory(Box<LazyFrame>),
}

// ANCHOR: plan
/// Optimises `query`.
///
/// # Errors
/// When a column or a file is not there, or a type does not fit.
pub fn plan(query: LazyFrame, engine: Engine) -> PolarsResult<Planned> {
    let query = query.with_streaming(engine == Engine::Streaming);
    let optimised = query.clone().to_alp_optimized()?;
    Ok(Planned {
        plan: Plan::of(&optimised),
        ready: match engine {
            Engine::Streaming => Ready::Streaming(optimised),
            Engine::InMemory => Ready::InMemory(Box::new(query)),
        },
    })
}
// ANCHOR_END: plan

impl Planned {
    /// What is going to be done.
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// Runs the query, on this thread and those of the engine.
    ///
    /// # Errors
    /// Those of the engine.
    pub fn run(self) -> PolarsResult<Run> {
        match self.ready {
            Ready::Streaming(plan) => stream(plan),
            Ready::InMemory(query) => in_memory(*query),
        }
    }
}

// ANCHOR: stream
fn stream(mut plan: IRPlan) -> PolarsResult<Run> {
    count_tasks();
    plan.ensure_root_node_is_sink();
    let mut query = StreamingQuery::build(
        plan.lp_top,
        &mut plan.lp_arena,
        &mut plan.expr_arena,
    )?;
    let metrics = query.metrics.insert(Arc::default()).clone();
    let nodes = nodes::of(&query);
    let (started, clock) = (SystemTime::now(), Instant::now());
    let result = query.execute()?;
    let took = clock.elapsed();
    Ok(Run {
        frame: result.unwrap_single(),
        nodes: nodes.counted(&metrics.lock()),
        started,
        took,
    })
}
// ANCHOR_END: stream

// ANCHOR: count-tasks
/// The engine counts rows for each query that asks, but tasks only for all.
fn count_tasks() {
    static ASKED: Once = Once::new();
    ASKED.call_once(|| polars_async::executor::track_task_metrics(true));
}
// ANCHOR_END: count-tasks

fn in_memory(query: LazyFrame) -> PolarsResult<Run> {
    let (started, clock) = (SystemTime::now(), Instant::now());
    let engine = polars::prelude::Engine::InMemory;
    let result = query.collect_with_engine(engine)?;
    Ok(Run {
        frame: result.unwrap_single(),
        nodes: Vec::new(),
        started,
        took: clock.elapsed(),
    })
}
