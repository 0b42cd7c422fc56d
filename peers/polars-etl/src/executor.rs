//! An executor whose tasks are spans.

use std::{collections::HashMap, fmt, sync::Arc};

use async_trait::async_trait;
use ballista_core::{
    config::{BALLISTA_JOB_NAME, TaskSchedulingPolicy},
    extension::SessionConfigExt as _,
    serde::protobuf::{
        RuntimeStatsReport, ShuffleWritePartition, TaskColumnStats,
        WindowStateReport,
    },
};
use ballista_executor::{
    execution_engine::{
        DefaultExecutionEngine, ExecutionEngine, QueryStageExecutor,
    },
    executor_process::{ExecutorProcessConfig, start_executor_process},
};
use datafusion::{
    error::Result as DataFusionResult,
    execution::TaskContext,
    physical_plan::{ExecutionPlan, metrics::MetricsSet},
    prelude::SessionConfig,
};
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanKind, Status, TraceContextExt as _, Tracer as _},
};
use opentelemetry_sdk::trace::SdkTracer;
use telemetry::{Propagator, Telemetry};

use crate::Result;

/// Works for the scheduler until SIGTERM.
pub(crate) async fn run(
    telemetry: &Telemetry,
    (scheduler, port): (u16, u16),
) -> Result {
    let engine = Traced {
        inner: DefaultExecutionEngine::new(),
        tracer: telemetry.tracer("distributed_sales"),
        propagator: Arc::clone(telemetry.propagator()),
    };
    let config = ExecutorProcessConfig {
        // The small scheduler cannot see where a request comes from.
        external_host: Some("127.0.0.1".to_owned()),
        port,
        grpc_port: port + 1,
        scheduler_port: scheduler,
        vcores: 1,
        task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
        override_execution_engine: Some(Arc::new(engine)),
        ..Default::default()
    };
    Ok(start_executor_process(Arc::new(config)).await?)
}

// ANCHOR: engine
/// Ballista's own engine, with a span around each task.
struct Traced {
    inner: DefaultExecutionEngine,
    tracer: SdkTracer,
    propagator: Propagator,
}

impl ExecutionEngine for Traced {
    fn create_query_stage_exec(
        &self,
        job: ballista_core::JobId,
        stage: usize,
        task: usize,
        partitions: Vec<usize>,
        plan: Arc<dyn ExecutionPlan>,
        folder: &str,
        config: &SessionConfig,
    ) -> DataFusionResult<Arc<dyn QueryStageExecutor>> {
        let config_of_job = config.ballista_config();
        let name = config_of_job.settings().get(BALLISTA_JOB_NAME);
        let name = name.cloned().unwrap_or_default();
        let headers = HashMap::from([("traceparent".to_owned(), name)]);
        let inner = self.inner.create_query_stage_exec(
            job, stage, task, partitions, plan, folder, config,
        )?;
        Ok(Arc::new(Task {
            inner,
            stage,
            parent: self.propagator.extract(&headers),
            tracer: self.tracer.clone(),
        }))
    }
}
// ANCHOR_END: engine

/// A part of a stage: some of its partitions.
struct Task {
    inner: Arc<dyn QueryStageExecutor>,
    stage: usize,
    parent: Context,
    tracer: SdkTracer,
}

// ANCHOR: task
impl Task {
    /// Does what Ballista does, in a span of the client's trace.
    async fn observed(
        &self,
        task: usize,
        context: Arc<TaskContext>,
    ) -> DataFusionResult<Vec<ShuffleWritePartition>> {
        let span = self
            .tracer
            .span_builder("sales.task")
            .with_kind(SpanKind::Internal)
            .with_attributes([number("sales.stage", self.stage)]);
        let span = self.tracer.build_with_context(span, &self.parent);
        let here = self.parent.with_span(span);
        let done = self.inner.execute_query_stage(task, context).await;
        match &done {
            Ok(written) => {
                let rows = written.iter().map(|it| it.num_rows).sum::<u64>();
                here.span().set_attribute(number("sales.rows", rows));
            }
            Err(_) => here.span().set_status(Status::error("")),
        }
        here.span().end();
        done
    }
}
// ANCHOR_END: task

#[async_trait]
impl QueryStageExecutor for Task {
    async fn execute_query_stage(
        &self,
        task: usize,
        context: Arc<TaskContext>,
    ) -> DataFusionResult<Vec<ShuffleWritePartition>> {
        self.observed(task, context).await
    }

    fn collect_plan_metrics(&self) -> Vec<MetricsSet> {
        self.inner.collect_plan_metrics()
    }

    fn collect_runtime_stats_reports(&self) -> Vec<RuntimeStatsReport> {
        self.inner.collect_runtime_stats_reports()
    }

    fn collect_window_state_reports(
        &self,
    ) -> DataFusionResult<Vec<WindowStateReport>> {
        self.inner.collect_window_state_reports()
    }

    fn collect_column_stats(&self) -> Vec<TaskColumnStats> {
        self.inner.collect_column_stats()
    }
}

fn number(name: &'static str, number: impl TryInto<i64>) -> KeyValue {
    KeyValue::new(name, number.try_into().unwrap_or(i64::MAX))
}

impl fmt::Debug for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.inner, f)
    }
}
