//! What the graph is made of, as clients see it.

use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};

use super::asking::Asking;
use crate::model;

/// An amount of money in minor units: 1999 and `EUR` are 19.99 euros.
#[derive(Debug, SimpleObject)]
pub(super) struct Money {
    /// How many cents, or what the currency calls them.
    minor: i64,
    /// ISO 4217.
    currency: String,
}

/// A person.
#[derive(Debug, SimpleObject)]
pub(super) struct User {
    id: ID,
    /// What the person wants to be called.
    display_name: String,
    /// Where mail goes.
    email: String,
    /// Where parcels go.
    address: String,
    /// `silver` or `gold`.
    tier: String,
    /// Since when, as a date.
    member_since: String,
    avatar_url: String,
}

// ANCHOR: order
/// An order of one product.
#[derive(Debug, SimpleObject)]
#[graphql(complex)]
pub(super) struct Order {
    id: ID,
    /// When, in RFC 3339.
    placed_at: String,
    /// `placed`, `shipped` or `delivered`.
    status: String,
    /// How many.
    quantity: u32,
    /// What it cost.
    total: Money,
    /// What the product was called that day.
    product_title: String,
    #[graphql(skip)]
    product_id: String,
}

#[ComplexObject]
impl Order {
    /// What was bought, as it is today; null if it is no longer sold.
    async fn product(&self, context: &Context<'_>) -> Result<Option<Product>> {
        let asking = context.data::<Asking>()?;
        let product = asking.product(&self.product_id);
        Ok(asking.field("Order.product", product).await?)
    }
}
// ANCHOR_END: order

/// A product on sale.
#[derive(Debug, SimpleObject)]
pub(super) struct Product {
    id: ID,
    title: String,
    /// A paragraph about it.
    description: String,
    /// What one costs.
    price: Money,
    thumbnail_url: String,
    picture_urls: Vec<String>,
    /// How many are on the shelf.
    in_stock: u32,
}

impl From<model::Money> for Money {
    fn from(money: model::Money) -> Self {
        let model::Money { minor, currency } = money;
        Self { minor, currency }
    }
}

impl From<model::User> for User {
    fn from(user: model::User) -> Self {
        Self {
            id: user.id.into(),
            display_name: user.display_name,
            email: user.email,
            address: user.address,
            tier: user.tier,
            member_since: user.member_since,
            avatar_url: user.avatar_url,
        }
    }
}

impl From<model::Order> for Order {
    fn from(order: model::Order) -> Self {
        Self {
            id: order.id.into(),
            placed_at: order.placed_at,
            status: order.status,
            quantity: order.quantity,
            total: order.total.into(),
            product_title: order.product_title,
            product_id: order.product_id,
        }
    }
}

impl From<model::Product> for Product {
    fn from(product: model::Product) -> Self {
        Self {
            id: product.id.into(),
            title: product.title,
            description: product.description,
            price: product.price.into(),
            thumbnail_url: product.thumbnail_url,
            picture_urls: product.picture_urls,
            in_stock: product.in_stock,
        }
    }
}
