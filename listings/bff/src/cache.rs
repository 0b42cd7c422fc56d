//! Home pages that were made a moment ago.

// ANCHOR: imports
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::{body::Bytes, http::HeaderValue};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use moka::{Expiry, future::Cache as Pages};
use opentelemetry::{
    Context, KeyValue,
    trace::{SpanContext, TraceContextExt},
};
use sha2::{Digest, Sha256};
use tracing::{Span, field::Empty, instrument};

use crate::{clients::CallError, instruments::Instruments};
// ANCHOR_END: imports

/// The most pages that are kept.
const MOST: u64 = 10_000;

// ANCHOR: key
/// Whose page, and for which client. The person is part of the key and not a
/// condition that somebody could forget: no answer can reach another person.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// Their name among the services.
    pub subject: String,
    /// `web` or `mobile`.
    pub client: &'static str,
}
// ANCHOR_END: key

/// A page as it goes out, to the byte.
#[derive(Clone, Debug)]
pub struct Page {
    /// JSON.
    pub body: Bytes,
    /// A strong entity tag: the same bytes, the same tag.
    pub etag: HeaderValue,
    is_complete: bool,
    made_at: Instant,
    made_by: SpanContext,
}

impl Page {
    /// A page of these bytes. One that lacks a part is not kept.
    pub fn new(body: Vec<u8>, is_complete: bool) -> Self {
        let hash = Sha256::digest(&body);
        let tag = BASE64_URL_SAFE_NO_PAD.encode(&hash[..16]);
        let etag = HeaderValue::try_from(format!("\"{tag}\""));
        Self {
            body: body.into(),
            // Base 64 is always a header value.
            etag: etag.unwrap_or(HeaderValue::from_static("\"\"")),
            is_complete,
            made_at: Instant::now(),
            made_by: Context::current().span().span_context().clone(),
        }
    }
}

// ANCHOR: freshness
/// How long a page is given out: for a while if it is complete, else to those
/// who are waiting for it now and to nobody after them.
struct Freshness(Duration);

impl Expiry<Key, Page> for Freshness {
    fn expire_after_create(
        &self,
        _: &Key,
        page: &Page,
        _: Instant,
    ) -> Option<Duration> {
        Some(match page.is_complete {
            true => self.0,
            false => Duration::ZERO,
        })
    }
}
// ANCHOR_END: freshness

/// The pages of everybody.
#[derive(Clone, Debug)]
pub struct Cache {
    pages: Pages<Key, Page>,
    instruments: Instruments,
}

impl Cache {
    /// Keeps a page for the time `fresh`.
    pub fn new(fresh: Duration, instruments: &Instruments) -> Self {
        let pages = Pages::builder()
            .max_capacity(MOST)
            .expire_after(Freshness(fresh))
            .build();
        Self {
            pages,
            instruments: instruments.clone(),
        }
    }

    /// Forgets the pages of a person who has changed something.
    pub async fn forget(&self, subject: &str) {
        for client in ["web", "mobile"] {
            let subject = subject.to_owned();
            self.pages.invalidate(&Key { subject, client }).await;
        }
    }
}

// ANCHOR: get
impl Cache {
    /// The page for `key`; `make` makes it, if there is none. Those who ask
    /// meanwhile wait for it, so a hundred tabs cost one fan-out.
    ///
    /// # Errors
    /// That of `make`, for all who waited.
    #[instrument(
        name = "get page",
        skip_all,
        fields(bff.client = key.client, bff.cache.result = Empty)
    )]
    pub async fn get(
        &self,
        key: Key,
        make: impl Future<Output = Result<Page, CallError>>,
    ) -> Result<Page, CallError> {
        let asked_at = Instant::now();
        let mut is_mine = false;
        // On the heap: it is large, and would be moved several times.
        let making = Box::pin(async {
            is_mine = true;
            make.await
        });
        let page = self.pages.try_get_with(key, making).await;
        let page = page.map_err(|error: Arc<CallError>| *error);
        let result = match &page {
            _ if is_mine => "miss",
            Ok(page) if page.made_at < asked_at => "hit",
            _ => "shared",
        };
        self.note(result, page.as_ref().ok().filter(|_| !is_mine));
        page
    }
}
// ANCHOR_END: get

// ANCHOR: note
impl Cache {
    /// Whoever did not make the page links to the span that did.
    fn note(&self, result: &'static str, given: Option<&Page>) {
        if let Some(page) = given {
            let maker = page.made_by.clone();
            Context::current().span().add_link(maker, Vec::new());
        }
        Span::current().record("bff.cache.result", result);
        let point = [KeyValue::new("bff.cache.result", result)];
        self.instruments.cache.add(1, &point);
    }
}
// ANCHOR_END: note
