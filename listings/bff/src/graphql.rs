//! One graph over the three backends, of which each client takes what it
//! needs, and not too much at a time.

mod accepted;
mod asking;
mod fault;
mod limits;
mod loader;
pub mod refusal;
mod safelist;
mod schema;
mod spans;
mod tokens;
mod types;

// ANCHOR: imports
use std::time::Duration;

use async_graphql::{
    Request, Response, Value, Variables,
    parser::{
        parse_query,
        types::{
            DocumentOperations, ExecutableDocument, OperationDefinition,
            OperationType,
        },
    },
};
use opentelemetry::context::FutureExt;
use opentelemetry_sdk::trace::SdkTracer;
use telemetry::Telemetry;
use tokio::time::timeout_at;

use crate::clients::{Caller, Clients};
use asking::Asking;
use loader::Products;
use refusal::{
    NO_SUCH_OPERATION, NOT_GRAPHQL, NOT_VALID, ONLY_QUERIES, TIMED_OUT,
    VARIABLE_MISSING,
};
use safelist::Safelist;
use schema::Schema;
// ANCHOR_END: imports

pub use accepted::Accepted;
pub use fault::Fault;
pub use refusal::{Refusal, Refused};
pub use safelist::{OPERATIONS, Policy};

/// What the whole gets more than the calls: then there is time to say which of
/// them came too late.
const MARGIN: Duration = Duration::from_millis(20);

// ANCHOR: graph
/// The graph.
pub struct Graph {
    schema: Schema,
    safelist: Safelist,
    clients: Clients,
    tracer: SdkTracer,
    batch: usize,
}

/// What a client wants.
#[derive(Debug, Default)]
pub struct Question {
    /// The document, if it is not known by its hash.
    pub document: Option<String>,
    /// The hash of a document on the list.
    pub hash: Option<String>,
    /// Which operation of the document.
    pub operation: Option<String>,
    /// What the document leaves open.
    pub variables: Variables,
    /// Whether this may change anything.
    pub may_change: bool,
}
// ANCHOR_END: graph

impl Graph {
    /// The graph over `clients`. Products come in batches of `batch`.
    pub fn new(
        telemetry: &Telemetry,
        clients: &Clients,
        policy: Policy,
        batch: usize,
    ) -> Self {
        Self {
            schema: schema::schema(policy),
            safelist: Safelist::new(policy),
            clients: clients.clone(),
            tracer: telemetry.tracer("bff.graphql"),
            batch,
        }
    }
}

// ANCHOR: accept
impl Graph {
    /// Refuses all that can be refused before anybody is asked, even who it
    /// is that wants to know.
    ///
    /// # Errors
    /// A refusal.
    pub fn accept(&self, question: Question) -> Result<Accepted, Refused> {
        let Question { variables, .. } = question;
        let admitted = self.safelist.admit(question.document, question.hash)?;
        let document = parse(&admitted.document)?;
        limits::check(&document, &variables)?;
        let (name, wanted) = chosen(&document, question.operation.as_deref())?;
        let kind = wanted.ty;
        complete(wanted, &variables)?;
        if kind != OperationType::Query && !question.may_change {
            return Err((&ONLY_QUERIES).into());
        }
        Ok(Accepted {
            document,
            variables,
            name,
            kind,
            hash: admitted.hash,
        })
    }
}
// ANCHOR_END: accept

// ANCHOR: answer
impl Graph {
    /// Answers.
    ///
    /// # Errors
    /// A refusal, of what does not fit the schema or takes too long. An answer
    /// may have errors, too: those of single fields.
    pub async fn answer(
        &self,
        accepted: Accepted,
        caller: Caller,
    ) -> Result<Response, Refused> {
        let Accepted {
            name, kind, hash, ..
        } = accepted;
        let operation =
            spans::operation(&self.tracer, kind, name.as_deref(), &hash);
        let mut request = Request::new("").variables(accepted.variables);
        request.operation_name = name;
        request.set_parsed_query(accepted.document);
        let deadline = caller.deadline.instant() + MARGIN;
        let request = request.data(self.asking(caller, &operation));
        let work = self.schema.execute(request);
        let work = timeout_at(deadline, work.with_context(operation.clone()));
        finish(&operation, work.await.ok())
    }
}
// ANCHOR_END: answer

// ANCHOR: finish
/// Tells errors of the operation from errors of its fields: those have a path.
fn finish(
    operation: &opentelemetry::Context,
    response: Option<Response>,
) -> Result<Response, Refused> {
    let Some(mut response) = response else {
        spans::fail(operation, TIMED_OUT.code);
        return Err((&TIMED_OUT).into());
    };
    if response.errors.iter().any(|error| error.path.is_empty()) {
        return Err(Refused::because(&NOT_VALID, response.errors));
    }
    if let Some(fault) = fault::mask(&mut response) {
        spans::failed(operation, fault);
    }
    Ok(response)
}
// ANCHOR_END: finish

impl Graph {
    fn asking(
        &self,
        caller: Caller,
        operation: &opentelemetry::Context,
    ) -> Asking {
        let products = Products {
            clients: self.clients.clone(),
            caller: caller.clone(),
            tracer: self.tracer.clone(),
            operation: operation.clone(),
        };
        Asking {
            clients: self.clients.clone(),
            caller,
            tracer: self.tracer.clone(),
            products: products.in_batches_of(self.batch),
        }
    }
}

// ANCHOR: parse
fn parse(document: &str) -> Result<ExecutableDocument, Refused> {
    tokens::check(document)?;
    // What the parser says repeats the document. Where is enough.
    parse_query(document)
        .map_err(|error| Refused::at(&NOT_GRAPHQL, error.positions()))
}

/// The operation that is wanted, and its name.
fn chosen<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<(Option<String>, &'a OperationDefinition), &'static Refusal> {
    let mut all = document.operations.iter();
    let chosen = match (&document.operations, name) {
        (DocumentOperations::Multiple(operations), Some(name)) => {
            operations.get_key_value(name).map(|(k, v)| (Some(k), v))
        }
        (_, None) if all.len() == 1 => all.next(),
        _ => None,
    };
    let (name, operation) = chosen.ok_or(&NO_SUCH_OPERATION)?;
    Ok((name.map(|name| name.to_string()), &operation.node))
}
// ANCHOR_END: parse

// ANCHOR: complete
/// Whether every variable that must have a value has one. The library would
/// notice it late: when it has begun to do something.
fn complete(
    operation: &OperationDefinition,
    variables: &Variables,
) -> Result<(), &'static Refusal> {
    let mut needed = operation.variable_definitions.iter().filter(|it| {
        !it.node.var_type.node.nullable && it.node.default_value.is_none()
    });
    let is_missing = needed.any(|it| {
        matches!(variables.get(&it.node.name.node), None | Some(Value::Null))
    });
    match is_missing {
        true => Err(&VARIABLE_MISSING),
        false => Ok(()),
    }
}
// ANCHOR_END: complete
