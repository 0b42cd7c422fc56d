//! How much may be asked for in one operation, checked before any of it is
//! done.

mod walk;

use async_graphql::{Value, Variables, parser::types::ExecutableDocument};

use super::refusal::{Refusal, TOO_LONG};
use walk::{Place, Walk};

// ANCHOR: limits
/// Tokens of a document, selections once its fragments are written out, and
/// values in the variables.
pub(super) const TOKENS: usize = 1000;
/// Places where a variable is named: each may become a copy of its value.
pub(super) const VARIABLES: usize = 100;
/// Brackets in brackets, and fields and fragments in one another.
pub(super) const NESTING: usize = 32;
/// Fields in fields.
const DEPTH: usize = 8;
/// The same, in questions about the schema: tools ask them rather deep.
const SCHEMA_DEPTH: usize = 15;
/// Lists in lists, there.
const SCHEMA_LISTS: usize = 3;
/// Objects in the answer.
const OBJECTS: usize = 200;
const ALIASES: usize = 15;
const ROOT_FIELDS: usize = 10;
const DIRECTIVES: usize = 50;
/// Members of a list, sent or asked for.
const MEMBERS: usize = 50;
/// How many orders there are in the answer when nobody says it.
pub(super) const ORDERS: u32 = 20;
// ANCHOR_END: limits

// ANCHOR: check
/// Checks all operations of the document: also those that are not wanted now
/// will be looked at by the validation.
///
/// # Errors
/// The first limit that is exceeded. The walk ends there, so that no document
/// can make it long.
pub(super) fn check(
    document: &ExecutableDocument,
    variables: &Variables,
) -> Result<(), &'static Refusal> {
    if variables.values().map(parts).sum::<usize>() > TOKENS {
        return Err(&TOO_LONG);
    }
    for (_, operation) in document.operations.iter() {
        let operation = &operation.node;
        let mut walk = Walk::new(document, variables, operation);
        walk.directives(&operation.directives)?;
        for variable in &operation.variable_definitions {
            walk.directives(&variable.node.directives)?;
        }
        walk.selections(&operation.selection_set.node, Place::ROOT)?;
    }
    Ok(())
}
// ANCHOR_END: check

/// How many values a value is.
fn parts(value: &Value) -> usize {
    1 + match value {
        Value::List(list) => list.iter().map(parts).sum(),
        Value::Object(fields) => fields.values().map(parts).sum(),
        _ => 0,
    }
}
