//! The nodes of a query in the streaming engine.

use std::time::Duration;

use polars_stream::{GraphMetrics, GraphNodeKey, PhysNodeKind, StreamingQuery};

/// What a node of the engine did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Its number within the query.
    pub id: usize,
    /// What it does: one of a few words.
    pub kind: &'static str,
    /// The numbers of the nodes that it gets rows from.
    pub inputs: Vec<usize>,
    /// How many rows came in.
    pub rows_in: u64,
    /// How many rows went out.
    pub rows_out: u64,
    /// In how many pieces they went out.
    pub morsels_out: u64,
    /// How long its tasks computed, on all threads together. A scan reads in
    /// tasks that the engine does not count.
    pub busy: Duration,
}

/// The nodes of a query that has not run yet.
pub(super) struct Nodes(Vec<(GraphNodeKey, Node)>);

// ANCHOR: of
pub(super) fn of(query: &StreamingQuery) -> Nodes {
    let kinds = query.phys_sm.iter().filter_map(|(key, node)| {
        let key = query.phys_to_graph.get(key)?;
        Some((*key, kind(node.kind())))
    });
    let mut kinds: Vec<_> = kinds.collect();
    // In the order in which rows flow: a node is built after its inputs.
    kinds.sort_by_key(|(key, _)| *key);
    let id = |wanted| kinds.iter().position(|(key, _)| *key == wanted);
    let nodes = kinds.iter().enumerate().map(|(number, (key, kind))| {
        let pipes = query.graph.nodes[*key].inputs.iter();
        let senders = pipes.map(|pipe| query.graph.pipes[*pipe].sender);
        let node = Node {
            id: number,
            kind,
            inputs: senders.filter_map(id).collect(),
            rows_in: 0,
            rows_out: 0,
            morsels_out: 0,
            busy: Duration::ZERO,
        };
        (*key, node)
    });
    Nodes(nodes.collect())
}
// ANCHOR_END: of

// ANCHOR: counted
impl Nodes {
    /// The nodes with their counts.
    pub(super) fn counted(self, metrics: &GraphMetrics) -> Vec<Node> {
        let counted = self.0.into_iter().map(|(key, node)| {
            let Some(counts) = metrics.get(key) else {
                return node;
            };
            let busy =
                counts.total_poll_time_ns + counts.total_state_update_time_ns;
            Node {
                rows_in: counts.rows_received,
                rows_out: counts.rows_sent,
                morsels_out: counts.morsels_sent,
                busy: Duration::from_nanos(busy),
                ..node
            }
        });
        counted.collect()
    }
}
// ANCHOR_END: counted

/// A word for what a node does. The engine has one of its own for each, but
/// keeps it to itself.
fn kind(node: &PhysNodeKind) -> &'static str {
    match node {
        PhysNodeKind::InMemorySource { .. } => "in_memory_source",
        PhysNodeKind::MultiScan { .. } => "scan",
        PhysNodeKind::Filter { .. } => "filter",
        PhysNodeKind::Select { .. } => "select",
        PhysNodeKind::InputIndependentSelect { .. } => "constant",
        PhysNodeKind::SimpleProjection { .. } => "project",
        PhysNodeKind::WithRowIndex { .. } => "row_index",
        PhysNodeKind::Reduce { .. } => "reduce",
        PhysNodeKind::GroupBy { .. } | PhysNodeKind::SortedGroupBy { .. } => {
            "group_by"
        }
        PhysNodeKind::Sort { .. } => "sort",
        PhysNodeKind::TopK { .. } => "top_k",
        PhysNodeKind::EquiJoin { .. } => "equi_join",
        PhysNodeKind::MergeJoin { .. } => "merge_join",
        PhysNodeKind::SemiAntiJoin { .. } => "semi_anti_join",
        PhysNodeKind::CrossJoin { .. } => "cross_join",
        PhysNodeKind::InMemoryJoin { .. } => "in_memory_join",
        PhysNodeKind::StreamingSlice { .. }
        | PhysNodeKind::NegativeSlice { .. }
        | PhysNodeKind::DynamicSlice { .. } => "slice",
        PhysNodeKind::OrderedUnion { .. }
        | PhysNodeKind::UnorderedUnion { .. } => "union",
        PhysNodeKind::Zip { .. } => "zip",
        PhysNodeKind::Multiplexer { .. } => "multiplexer",
        PhysNodeKind::Map { .. } | PhysNodeKind::ColumnarFunction { .. } => {
            "map"
        }
        // The streaming engine has no way of its own: all rows are collected.
        PhysNodeKind::InMemoryMap { .. } => "in_memory_map",
        PhysNodeKind::IsFirstDistinct { .. } => "is_first_distinct",
        PhysNodeKind::InMemorySink { .. } => "in_memory_sink",
        PhysNodeKind::FileSink { .. } => "file_sink",
        PhysNodeKind::PartitionedSink { .. } => "partitioned_sink",
        PhysNodeKind::CallbackSink { .. } => "callback_sink",
        PhysNodeKind::SinkMultiple { .. } => "sinks",
        _ => "other",
    }
}
