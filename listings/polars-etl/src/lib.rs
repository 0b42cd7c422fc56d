//! A pipeline on Polars that one can see inside.
//!
//! [`run_observed`] does what `collect` does, and leaves a span for each node
//! of the engine. Everything else here is a use of it.

pub mod dataset;
pub mod engine;
pub mod etl;
pub mod generate;
pub mod http;
pub mod jobs;
mod lineage;
pub mod memory;
mod observed;
pub mod pool;
pub mod program;
pub mod query;
pub mod valve;

pub use observed::{Observer, run_observed};
