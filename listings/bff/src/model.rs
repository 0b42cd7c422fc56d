//! What the backends know: persons, orders, products.

use serde::{Deserialize, Serialize};

/// An amount of money in minor units: 1999 and `EUR` are 19.99 euros.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// How many cents, or what the currency calls them.
    pub minor: i64,
    /// ISO 4217.
    pub currency: String,
}

/// A person, as the user service knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct User {
    /// Its name among the services.
    pub id: String,
    /// What the person wants to be called.
    pub display_name: String,
    /// Where mail goes.
    pub email: String,
    /// Where parcels go.
    pub address: String,
    /// `silver` or `gold`.
    pub tier: String,
    /// Since when, as a date.
    pub member_since: String,
    /// A picture.
    pub avatar_url: String,
}

/// An order of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Its number.
    pub id: String,
    /// When, in RFC 3339.
    pub placed_at: String,
    /// `placed`, `shipped` or `delivered`.
    pub status: String,
    /// What.
    pub product_id: String,
    /// What it was called that day.
    pub product_title: String,
    /// How many.
    pub quantity: u32,
    /// What it cost.
    pub total: Money,
}

/// A product on sale.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Its number.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// A paragraph about it.
    pub description: String,
    /// What one costs.
    pub price: Money,
    /// Pictures: a small one, and large ones.
    pub thumbnail_url: String,
    /// For a screen that has the room.
    pub picture_urls: Vec<String>,
    /// How many are on the shelf.
    pub in_stock: u32,
}
