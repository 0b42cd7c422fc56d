//! What the resolvers of one operation share.

// ANCHOR: asking-imports
use std::collections::HashMap;

use async_graphql::{ID, dataloader::DataLoader};
use opentelemetry_sdk::trace::SdkTracer;

use super::{
    fault::Fault,
    loader::{Products, Wanted},
    spans,
    types::{Order, Product, User},
};
use crate::clients::{Caller, Clients};
// ANCHOR_END: asking-imports

/// The longest id of anything.
const LONGEST: usize = 64;

// ANCHOR: asking
/// Who asks, whom, and how. One for each operation, and dropped with it.
pub(super) struct Asking {
    pub(super) clients: Clients,
    pub(super) caller: Caller,
    pub(super) tracer: SdkTracer,
    pub(super) products: DataLoader<Products>,
}

impl Asking {
    /// Works for a field, in a span of that name.
    pub(super) async fn field<T>(
        &self,
        name: &'static str,
        work: impl Future<Output = Result<T, Fault>>,
    ) -> Result<T, Fault> {
        spans::field(&self.tracer, name, work).await
    }

    /// The caller, if somebody is signed in.
    fn person(&self) -> Result<&Caller, Fault> {
        match self.caller.token {
            Some(_) => Ok(&self.caller),
            None => Err(Fault::Unauthenticated),
        }
    }

    /// A product, together with all others that are wanted now.
    pub(super) async fn product(
        &self,
        id: &str,
    ) -> Result<Option<Product>, Fault> {
        if !is_id(id) {
            return Ok(None);
        }
        let wanted = Wanted::by_current_span(id);
        let product = self.products.load_one(wanted).await?;
        Ok(product.map(Product::from))
    }
}
// ANCHOR_END: asking

// ANCHOR: personal
impl Asking {
    pub(super) async fn me(&self) -> Result<User, Fault> {
        let user = self.clients.me(self.person()?).await?;
        Ok(user.into())
    }

    pub(super) async fn orders(&self, first: u32) -> Result<Vec<Order>, Fault> {
        let orders = self.clients.orders(self.person()?, first).await?;
        Ok(orders.into_iter().map(Order::from).collect())
    }

    pub(super) async fn order(&self, id: &str) -> Result<Option<Order>, Fault> {
        let person = self.person()?;
        if !is_id(id) {
            return Ok(None);
        }
        let ids = [id.to_owned()];
        let mut orders = self.clients.orders_by_id(person, &ids).await?;
        Ok(orders.pop().map(Order::from))
    }

    pub(super) async fn rename(&self, name: &str) -> Result<User, Fault> {
        let user = self.clients.rename(self.person()?, name).await?;
        Ok(user.into())
    }
}
// ANCHOR_END: personal

impl Asking {
    /// One product for each id, or nothing.
    pub(super) async fn products(
        &self,
        ids: &[ID],
    ) -> Result<Vec<Option<Product>>, Fault> {
        let plain = ids.iter().filter(|id| is_id(id));
        let plain: Vec<String> = plain.map(|id| id.to_string()).collect();
        let found = match plain.is_empty() {
            true => Vec::new(),
            false => self.clients.products(&self.caller, &plain).await?,
        };
        let by_id: HashMap<&str, _> = found
            .iter()
            .map(|product| (product.id.as_str(), product))
            .collect();
        let product = |id: &ID| by_id.get(id.as_str()).copied().cloned();
        let products = ids.iter().map(product);
        Ok(products.map(|found| found.map(Product::from)).collect())
    }
}

// ANCHOR: is-id
/// Whether it can be an id. Ids go into a list with commas, so one with a
/// comma would be two.
fn is_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !id.is_empty() && id.len() <= LONGEST && id.bytes().all(is_plain)
}
// ANCHOR_END: is-id
