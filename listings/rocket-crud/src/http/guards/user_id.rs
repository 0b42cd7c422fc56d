//! The id of a user in a path.

use rocket::{http::uri::fmt::Path, request::FromParam};
use uuid::Uuid;

// ANCHOR: user-id
/// The id of a user, out of a path. What is none passes the request on to the
/// next route.
#[derive(Clone, Copy, Debug)]
pub struct UserId(pub Uuid);

impl<'a> FromParam<'a> for UserId {
    type Error = uuid::Error;

    fn from_param(text: &'a str) -> Result<Self, uuid::Error> {
        text.parse().map(Self)
    }
}
// ANCHOR_END: user-id

impl rocket::http::uri::fmt::UriDisplay<Path> for UserId {
    fn fmt(
        &self,
        f: &mut rocket::http::uri::fmt::Formatter<'_, Path>,
    ) -> std::fmt::Result {
        f.write_value(self.0.to_string())
    }
}
rocket::http::impl_from_uri_param_identity!([Path] UserId);
