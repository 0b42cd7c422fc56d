//! How `shop` asks `stock`.

// ANCHOR: imports
use std::time::Duration;

use reqwest::{Method, Request, Response, StatusCode, Url};
use telemetry::{HttpClient, Telemetry};

use crate::stock::Item;
// ANCHOR_END: imports

/// Longest wait for an answer, connecting included.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long an unused connection is kept: less than `stock` keeps it, so
/// that no request goes out on one that is just being closed.
const IDLE: Duration = Duration::from_secs(10);

/// Longest answer that is read, in bytes.
const ANSWER_LIMIT: usize = 16 * 1024;

/// Why `stock` did not say what is on the shelf.
#[derive(Debug, thiserror::Error)]
pub enum StockUnavailable {
    /// No answer within two seconds.
    #[error("stock did not answer in time")]
    TimedOut,
    /// The connection failed.
    #[error("stock cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    /// An answer, but not a success.
    #[error("stock answered {0}")]
    Refused(StatusCode),
    /// A success that makes no sense.
    #[error("stock's answer is not an item, or longer than 16 KiB")]
    Garbled,
}

/// Asks `stock`, in spans of its own.
pub struct StockClient {
    base: Url,
    http: HttpClient,
}

impl StockClient {
    /// A client for the service at `base`.
    ///
    /// # Errors
    /// When the machine's TLS or DNS set-up keeps reqwest from starting.
    pub fn new(
        telemetry: &Telemetry,
        base: Url,
    ) -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .timeout(TIMEOUT)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(Self {
            base,
            http: telemetry.http_client(client),
        })
    }

    // ANCHOR: on-hand
    /// Pieces of `sku` on the shelf.
    ///
    /// # Errors
    /// When `stock` cannot be reached or gives no usable answer.
    pub async fn on_hand(&self, sku: &str) -> Result<u32, StockUnavailable> {
        let mut url = self.base.clone();
        url.path_segments_mut()
            .map_err(|()| StockUnavailable::Garbled)?
            .pop_if_empty()
            .extend(["items", sku]);
        let request = Request::new(Method::GET, url);
        let response = self.http.execute(request, "/items/{sku}").await?;
        if !response.status().is_success() {
            return Err(StockUnavailable::Refused(response.status()));
        }
        let item: Item = serde_json::from_slice(&body(response).await?)
            .map_err(|_| StockUnavailable::Garbled)?;
        Ok(item.on_hand)
    }
    // ANCHOR_END: on-hand
}

async fn body(mut response: Response) -> Result<Vec<u8>, StockUnavailable> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > ANSWER_LIMIT {
            return Err(StockUnavailable::Garbled);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

impl From<reqwest::Error> for StockUnavailable {
    fn from(error: reqwest::Error) -> Self {
        if error.is_timeout() {
            Self::TimedOut
        } else {
            Self::Unreachable(error)
        }
    }
}
