//! What can be asked, and what can be changed.

// ANCHOR: schema-imports
use async_graphql::{
    Context, EmptySubscription, ID, MergedObject, Object, Result,
};

use super::{
    asking::Asking,
    limits::ORDERS,
    safelist::Policy,
    types::{Order, Product, User},
};
// ANCHOR_END: schema-imports

// ANCHOR: schema
/// What clients see.
pub(super) type Schema =
    async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// A schema that tells about itself only where anything may be asked.
pub(super) fn schema(policy: Policy) -> Schema {
    let schema = Schema::build(Query::default(), Mutation, EmptySubscription);
    match policy {
        Policy::Open => schema,
        Policy::Safelist => {
            schema.disable_introspection().disable_suggestions()
        }
    }
    .finish()
}

/// What can be asked: about the person who asks, and about what is for sale.
#[derive(Default, MergedObject)]
pub(super) struct Query(Personal, Catalogue);
// ANCHOR_END: schema

#[derive(Default)]
pub(super) struct Personal;

// ANCHOR: personal-query
#[Object]
impl Personal {
    /// The person who asks.
    async fn me(&self, context: &Context<'_>) -> Result<Option<User>> {
        let asking = context.data::<Asking>()?;
        Ok(Some(asking.field("Query.me", asking.me()).await?))
    }

    /// Their orders, the newest first: at most 50.
    async fn orders(
        &self,
        context: &Context<'_>,
        #[graphql(default_with = "ORDERS")] first: u32,
    ) -> Result<Option<Vec<Order>>> {
        let asking = context.data::<Asking>()?;
        let orders = asking.orders(first);
        Ok(Some(asking.field("Query.orders", orders).await?))
    }

    /// One of their orders; null if they have none with this id.
    async fn order(
        &self,
        context: &Context<'_>,
        id: ID,
    ) -> Result<Option<Order>> {
        let asking = context.data::<Asking>()?;
        Ok(asking.field("Query.order", asking.order(&id)).await?)
    }
}
// ANCHOR_END: personal-query

#[derive(Default)]
pub(super) struct Catalogue;

#[Object]
impl Catalogue {
    /// A product; null if there is none with this id.
    async fn product(
        &self,
        context: &Context<'_>,
        id: ID,
    ) -> Result<Option<Product>> {
        let asking = context.data::<Asking>()?;
        Ok(asking.field("Query.product", asking.product(&id)).await?)
    }

    /// One for each id, or null: at most 50.
    async fn products(
        &self,
        context: &Context<'_>,
        ids: Vec<ID>,
    ) -> Result<Option<Vec<Option<Product>>>> {
        let asking = context.data::<Asking>()?;
        let products = asking.products(&ids);
        Ok(Some(asking.field("Query.products", products).await?))
    }
}

/// What can be changed.
pub(super) struct Mutation;

// ANCHOR: mutation
#[Object]
impl Mutation {
    /// Calls the person who asks something else: 1 to 100 characters.
    async fn rename(
        &self,
        context: &Context<'_>,
        #[graphql(validator(chars_min_length = 1, chars_max_length = 100))]
        display_name: String,
    ) -> Result<Option<User>> {
        let asking = context.data::<Asking>()?;
        let rename = asking.rename(&display_name);
        Ok(Some(asking.field("Mutation.rename", rename).await?))
    }
}
// ANCHOR_END: mutation
