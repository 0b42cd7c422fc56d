//! Users with their entity tag (RFC 9110, section 8.8.3).

use rocket::{
    Request, Response,
    http::{Header, Status},
    response::{self, Responder},
    serde::json::Json,
};

use crate::{http::guards::IfNoneMatch, users::User};

/// The entity tag of a version: `"3"`.
pub(in crate::http) fn etag(version: i64) -> String {
    format!("\"{version}\"")
}

// ANCHOR: tagged
/// A user, or 304 if the client has them at this version.
pub(in crate::http) struct Tagged(User, IfNoneMatch);

impl Tagged {
    /// A user for whoever asks.
    pub(in crate::http) fn unless(known: IfNoneMatch, user: User) -> Self {
        Self(user, known)
    }

    /// A user that has just changed.
    pub(in crate::http) fn new(user: User) -> Self {
        Self(user, IfNoneMatch::default())
    }
}

impl<'r> Responder<'r, 'static> for Tagged {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let Self(user, known) = self;
        let tag = etag(user.version);
        let mut response = Response::build();
        match known.has(&tag) {
            true => response.status(Status::NotModified),
            false => response.merge(Json(user).respond_to(request)?),
        };
        // Nobody else's cache, and not without asking.
        let caching = Header::new("Cache-Control", "private, no-cache");
        response.header(Header::new("ETag", tag)).header(caching);
        response.ok()
    }
}
// ANCHOR_END: tagged

/// A user that has just been added, and where they are.
pub(in crate::http) struct Created {
    pub(in crate::http) user: User,
    pub(in crate::http) location: String,
}

impl<'r> Responder<'r, 'static> for Created {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        Response::build_from(Tagged::new(self.user).respond_to(request)?)
            .status(Status::Created)
            .header(Header::new("Location", self.location))
            .ok()
    }
}
