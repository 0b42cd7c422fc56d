//! All that a home page is made of, asked for at the same time.

// ANCHOR: imports
use futures_util::FutureExt;
use opentelemetry::KeyValue;
use tracing::{Span, field::Empty, instrument};

use crate::{
    clients::{CallError, Caller, Clients},
    instruments::Instruments,
    model::{Order, Product, User},
};
// ANCHOR_END: imports

/// For whom, and how much.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// The client: `web` or `mobile`.
    pub client: &'static str,
    /// How many orders.
    pub orders: u32,
    /// How many recommendations.
    pub recommendations: u32,
}

/// The parts of a home page.
#[derive(Debug)]
pub struct Gathered {
    /// Whose page it is.
    pub user: User,
    /// The newest orders first.
    pub orders: Vec<Order>,
    /// What they may like.
    pub recommendations: Vec<Product>,
    /// Which parts are missing.
    pub degraded: Vec<&'static str>,
}

// ANCHOR: gather
/// Asks all backends at once. The page is as slow as the slowest of them, and
/// never later than the caller's deadline.
///
/// Without the person or their orders there is no page. Without
/// recommendations there is one, and it says what it lacks.
///
/// # Errors
/// When a required part does not come. The calls that still run are dropped.
#[instrument(
    name = "gather home",
    skip_all,
    fields(bff.client = wanted.client, bff.degraded = Empty)
)]
pub async fn gather(
    clients: &Clients,
    instruments: &Instruments,
    caller: &Caller,
    wanted: Wanted,
) -> Result<Gathered, CallError> {
    let recommendations =
        clients.recommendations(caller, wanted.recommendations);
    let (user, orders, recommendations) = tokio::try_join!(
        clients.me(caller),
        clients.orders(caller, wanted.orders),
        recommendations.map(Ok),
    )?;
    let mut degraded = Vec::new();
    let recommendations = recommendations.unwrap_or_else(|_| {
        degraded.push("recommendations");
        Vec::new()
    });
    note(instruments, wanted.client, &degraded);
    Ok(Gathered {
        user,
        orders,
        recommendations,
        degraded,
    })
}
// ANCHOR_END: gather

// ANCHOR: note
/// A degraded page is no error. It is a fact, on the span and in a counter.
fn note(
    instruments: &Instruments,
    client: &'static str,
    degraded: &[&'static str],
) {
    for part in degraded {
        Span::current().record("bff.degraded", part);
        let point = [
            KeyValue::new("bff.client", client),
            KeyValue::new("bff.part", *part),
        ];
        instruments.degraded.add(1, &point);
    }
}
// ANCHOR_END: note
