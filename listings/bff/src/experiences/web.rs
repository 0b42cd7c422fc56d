//! The home page in a browser: everything, and sums that a table needs.

use serde::Serialize;

use super::gather::{Gathered, Wanted};
use crate::model::{Money, Order, Product, User};

// ANCHOR: web
/// `GET /web/home`: a large screen, a fast line, and a reader with time.
#[derive(Debug, Serialize)]
pub struct WebHome {
    user: User,
    orders: Vec<Order>,
    summary: Summary,
    recommendations: Vec<Product>,
    /// Parts that are missing this time.
    degraded: Vec<&'static str>,
}

/// What the page says above the list.
#[derive(Debug, Serialize)]
struct Summary {
    orders: usize,
    on_their_way: usize,
    spent: Option<Money>,
}

impl WebHome {
    /// How much of each part this client shows.
    pub const WANTED: Wanted = Wanted {
        client: "web",
        orders: 20,
        recommendations: 6,
    };
}

impl From<Gathered> for WebHome {
    fn from(parts: Gathered) -> Self {
        Self {
            summary: Summary::of(&parts.orders),
            user: parts.user,
            orders: parts.orders,
            recommendations: parts.recommendations,
            degraded: parts.degraded,
        }
    }
}
// ANCHOR_END: web

impl Summary {
    fn of(orders: &[Order]) -> Self {
        let on_their_way = |order: &&Order| order.status != "delivered";
        Self {
            orders: orders.len(),
            on_their_way: orders.iter().filter(on_their_way).count(),
            spent: spent(orders),
        }
    }
}

/// The sum, if all is in one currency and there is a number for it.
fn spent(orders: &[Order]) -> Option<Money> {
    let currency = &orders.first()?.total.currency;
    let mut minor = 0_i64;
    for order in orders {
        if order.total.currency != *currency {
            return None;
        }
        minor = minor.checked_add(order.total.minor)?;
    }
    Some(Money {
        minor,
        currency: currency.clone(),
    })
}
