//! The ways to the backends, with a span at the edge of each call.

mod backend;
mod call_error;
mod caller;
mod hedging;
mod timeline;

use std::{sync::Arc, time::Duration};

pub use backend::{Backend, Call};
pub use call_error::CallError;
pub use caller::{Caller, Token};
pub use hedging::Hedging;
use telemetry::Telemetry;
pub use timeline::{Timeline, Timing};
use url::Url;

use crate::{
    instruments::Instruments,
    model::{Order, Product, User},
};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(1);

/// How long an unused connection is kept: less than a backend keeps it, so
/// that no request goes out on one that is just being closed.
const IDLE: Duration = Duration::from_secs(10);

/// Where the backends are.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// The user service.
    pub user: Url,
    /// The order service.
    pub order: Url,
    /// The product service.
    pub product: Url,
}

// ANCHOR: clients
/// One client per backend, and one pool of connections for all.
#[derive(Clone, Debug)]
pub struct Clients {
    user: Backend,
    order: Backend,
    product: Backend,
}

impl Clients {
    /// Clients for the backends at `addresses`. Calls that only read are sent
    /// again as `hedging` says.
    ///
    /// # Errors
    /// When the HTTP client does not start.
    pub fn new(
        telemetry: &Telemetry,
        instruments: &Instruments,
        addresses: &Addresses,
        hedge_after: Option<Duration>,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .redirect(reqwest::redirect::Policy::none())
            .build()?;
        let http = telemetry.http_client(client);
        let backend = |name, url: &Url| {
            // An allowance each: a slow backend must not spend the others'.
            let hedging = hedge_after
                .map(|after| Arc::new(Hedging::new(name, after, instruments)));
            Backend::new(name, http.clone(), url.clone(), hedging)
        };
        Ok(Self {
            user: backend("user", &addresses.user),
            order: backend("order", &addresses.order),
            product: backend("product", &addresses.product),
        })
    }
}
// ANCHOR_END: clients

// ANCHOR: calls
impl Clients {
    /// The person who asks.
    ///
    /// # Errors
    /// See [`CallError`], here and below.
    pub async fn me(&self, caller: &Caller) -> Result<User, CallError> {
        self.user.get(caller, Call::to("/me")).await
    }

    /// Their last orders, the newest first.
    ///
    /// # Errors
    pub async fn orders(
        &self,
        caller: &Caller,
        limit: u32,
    ) -> Result<Vec<Order>, CallError> {
        let call = Call::to("/orders").query("limit", limit);
        self.order.get(caller, call).await
    }

    /// Calls the person something else.
    ///
    /// # Errors
    pub async fn rename(
        &self,
        caller: &Caller,
        display_name: &str,
    ) -> Result<User, CallError> {
        let body = serde_json::json!({ "display_name": display_name });
        self.user.patch(caller, Call::to("/me"), &body).await
    }
}
// ANCHOR_END: calls

impl Clients {
    /// Those of their orders that have these numbers.
    ///
    /// # Errors
    pub async fn orders_by_id(
        &self,
        caller: &Caller,
        ids: &[String],
    ) -> Result<Vec<Order>, CallError> {
        let call = Call::to("/orders").query("ids", ids.join(","));
        self.order.get(caller, call).await
    }

    /// The products that have these numbers.
    ///
    /// # Errors
    pub async fn products(
        &self,
        caller: &Caller,
        ids: &[String],
    ) -> Result<Vec<Product>, CallError> {
        let call = Call::to("/products").query("ids", ids.join(","));
        self.product.get(caller, call).await
    }

    /// What the person may like.
    ///
    /// # Errors
    pub async fn recommendations(
        &self,
        caller: &Caller,
        limit: u32,
    ) -> Result<Vec<Product>, CallError> {
        let call = Call::to("/recommendations").query("limit", limit);
        self.product.get(caller, call).await
    }
}

impl Clients {
    /// Whether each backend answers, by its name.
    pub async fn health(&self, caller: &Caller) -> [(&'static str, bool); 3] {
        let probe = async |backend: &Backend| {
            (backend.name(), backend.is_live(caller).await)
        };
        let (user, order, product) = tokio::join!(
            probe(&self.user),
            probe(&self.order),
            probe(&self.product)
        );
        [user, order, product]
    }
}
