//! An operation that may be carried out.

use async_graphql::{
    Variables,
    parser::types::{ExecutableDocument, OperationType},
};

// ANCHOR: accepted
/// An operation that nothing speaks against.
#[derive(Debug)]
pub struct Accepted {
    pub(super) document: ExecutableDocument,
    pub(super) variables: Variables,
    pub(super) name: Option<String>,
    pub(super) kind: OperationType,
    pub(super) hash: String,
}

impl Accepted {
    /// Whether it may change anything.
    pub fn may_change(&self) -> bool {
        self.kind != OperationType::Query
    }
}
// ANCHOR_END: accepted
