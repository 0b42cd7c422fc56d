//! The home screen of a phone: what fits on it, and nothing that does not.

use serde::Serialize;

use super::gather::{Gathered, Wanted};
use crate::model::{Money, Order, Product};

// ANCHOR: mobile
/// `GET /mobile/home`: a small screen, a battery, and a line that comes and
/// goes.
#[derive(Debug, Serialize)]
pub struct MobileHome {
    name: String,
    orders: Vec<Parcel>,
    recommendations: Vec<Tile>,
    /// Parts that are missing this time.
    degraded: Vec<&'static str>,
}

/// One line about an order.
#[derive(Debug, Serialize)]
struct Parcel {
    id: String,
    title: String,
    status: String,
    total: Money,
}

/// One picture with a price.
#[derive(Debug, Serialize)]
struct Tile {
    id: String,
    title: String,
    price: Money,
    image: String,
}

impl MobileHome {
    /// How much of each part this client shows.
    pub const WANTED: Wanted = Wanted {
        client: "mobile",
        orders: 3,
        recommendations: 3,
    };
}
// ANCHOR_END: mobile

impl From<Gathered> for MobileHome {
    fn from(parts: Gathered) -> Self {
        Self {
            name: parts.user.display_name,
            orders: parts.orders.into_iter().map(Parcel::from).collect(),
            recommendations: parts
                .recommendations
                .into_iter()
                .map(Tile::from)
                .collect(),
            degraded: parts.degraded,
        }
    }
}

impl From<Order> for Parcel {
    fn from(order: Order) -> Self {
        Self {
            id: order.id,
            title: order.product_title,
            status: order.status,
            total: order.total,
        }
    }
}

impl From<Product> for Tile {
    fn from(product: Product) -> Self {
        Self {
            id: product.id,
            title: product.title,
            price: product.price,
            image: product.thumbnail_url,
        }
    }
}
