//! Which other sites' pages may call (the Fetch standard, CORS protocol).

use rocket::{
    Request, Response,
    fairing::{Fairing, Info, Kind},
    http::{Header, Method},
};

/// What a page may send, beside what it may always send.
const ALLOW_HEADERS: &str =
    "Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id";

/// What a page may read, beside what it may always read.
const EXPOSE_HEADERS: &str = "ETag, Location, Retry-After, X-Request-Id";

// ANCHOR: cors
/// Lets pages of these origins read the answers. Others get the same answers,
/// and their browsers keep them to themselves.
pub struct Cors {
    origins: Vec<String>,
}

impl Cors {
    /// A list such as `https://app.example`. Never `*`: an answer is for those
    /// who have a key.
    pub fn new(origins: Vec<String>) -> Self {
        Self { origins }
    }
}
// ANCHOR_END: cors

// ANCHOR: cors-response
#[rocket::async_trait]
impl Fairing for Cors {
    fn info(&self) -> Info {
        Info {
            name: "CORS",
            kind: Kind::Response,
        }
    }

    async fn on_response<'r>(
        &self,
        request: &'r Request<'_>,
        response: &mut Response<'r>,
    ) {
        if self.origins.is_empty() {
            return;
        }
        // A cache must not show the answer for one site to another.
        response.adjoin_header(Header::new("Vary", "Origin"));
        let origin = request.headers().get_one("Origin");
        let known =
            self.origins.iter().find(|own| Some(own.as_str()) == origin);
        if let Some(origin) = known {
            allow(origin.clone(), request, response);
        }
    }
}
// ANCHOR_END: cors-response

// ANCHOR: preflight
fn allow(origin: String, request: &Request<'_>, response: &mut Response<'_>) {
    let mut set = |name: &'static str, value: String| {
        response.set_header(Header::new(name, value));
    };
    set("Access-Control-Allow-Origin", origin);
    set("Access-Control-Expose-Headers", EXPOSE_HEADERS.to_owned());
    let asked = request.headers().get_one("Access-Control-Request-Method");
    if request.method() == Method::Options && asked.is_some() {
        set("Access-Control-Allow-Headers", ALLOW_HEADERS.to_owned());
        set("Access-Control-Max-Age", "600".to_owned());
        let methods = response.headers().get_one("Allow").map(str::to_owned);
        if let Some(methods) = methods {
            let name = "Access-Control-Allow-Methods";
            response.set_header(Header::new(name, methods));
        }
    }
}
// ANCHOR_END: preflight
