//! Many fields want a product each; one call brings them all.

// ANCHOR: loader-imports
use std::{
    collections::{BTreeSet, HashMap},
    panic::AssertUnwindSafe,
};

use async_graphql::dataloader::{DataLoader, Loader};
use futures_util::FutureExt as _;
use opentelemetry::{Context, context::FutureExt as _, trace::SpanContext};
use opentelemetry_sdk::trace::SdkTracer;
use telemetry::carry;

use super::{fault::Fault, spans};
use crate::{
    clients::{Caller, Clients},
    model::Product,
};
// ANCHOR_END: loader-imports

// ANCHOR: wanted
/// A product that a field waits for. The key says who waits: otherwise nobody
/// would know any more when the batch is loaded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Wanted {
    id: String,
    by: SpanContext,
}

impl Wanted {
    /// The product with this id, for the field whose span is current.
    pub(super) fn by_current_span(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            by: spans::current(),
        }
    }
}

/// Loads products for one operation: with its person's token, within its time,
/// and never for two persons at once.
pub(super) struct Products {
    pub(super) clients: Clients,
    pub(super) caller: Caller,
    pub(super) tracer: SdkTracer,
    pub(super) operation: Context,
}

impl Products {
    /// Collects what is wanted at about the same time, up to `most`.
    pub(super) fn in_batches_of(self, most: usize) -> DataLoader<Self> {
        DataLoader::new(self, |batch| tokio::spawn(carry::future(batch)))
            .max_batch_size(most)
    }
}
// ANCHOR_END: wanted

// ANCHOR: load
impl Loader<Wanted> for Products {
    type Value = Product;
    type Error = Fault;

    async fn load(
        &self,
        wanted: &[Wanted],
    ) -> Result<HashMap<Wanted, Product>, Fault> {
        let ids: BTreeSet<&String> = wanted.iter().map(|key| &key.id).collect();
        let ids: Vec<String> = ids.into_iter().cloned().collect();
        let waiting = wanted.iter().map(|key| key.by.clone());
        let span =
            spans::batch(&self.tracer, &self.operation, waiting, ids.len());
        let calling =
            async { Ok(self.clients.products(&self.caller, &ids).await?) };
        let products = contained(calling.with_context(span)).await?;
        let products: HashMap<&str, &Product> = products
            .iter()
            .map(|product| (product.id.as_str(), product))
            .collect();
        let found = wanted.iter().filter_map(|key| {
            let product = *products.get(key.id.as_str())?;
            Some((key.clone(), product.clone()))
        });
        Ok(found.collect())
    }
}
// ANCHOR_END: load

// ANCHOR: contained
/// Makes a panic a fault. All fields of a batch wait for one task, and the
/// library panics in each of them when that task is gone.
async fn contained<T>(
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    ended.unwrap_or_else(|_| {
        tracing::error!(name: "batch.panicked", "a batch panicked");
        Err(Fault::Internal)
    })
}
// ANCHOR_END: contained

#[cfg(test)]
mod tests {
    use super::{Fault, contained};

    #[tokio::test]
    async fn a_panic_is_a_fault() {
        let panics = async { panic!("as a test") };
        assert_eq!(contained::<()>(panics).await, Err(Fault::Internal));
        assert_eq!(contained(async { Ok(1) }).await, Ok(1));
    }
}
