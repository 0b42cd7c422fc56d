//! Users: list, add, read, change, remove.

// ANCHOR: imports
use rocket::{
    FromForm, Route, State, delete,
    form::{self, FromFormField, ValueField},
    get,
    http::Status,
    post, put, routes,
    serde::json::Json,
    uri,
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Answer, Problem, Users,
    body::ValidUser,
    guards::{AdminUser, AuthUser, IfMatch, IfNoneMatch, UserId},
    kinds,
    responders::{Created, Tagged},
};
use crate::users::User;
// ANCHOR_END: imports

pub(super) fn routes() -> Vec<Route> {
    routes![list, create, read, read_by_handle, update, remove]
}

// ANCHOR: page
/// Which users to list.
#[derive(FromForm)]
pub(super) struct PageQuery {
    /// How many at most.
    #[field(default = 50, validate = range(1..=200))]
    limit: u32,
    /// The last user of the page before.
    after: After,
}

/// The user after whom to begin, if it is not the first. An `Option` of
/// Rocket's would take what is no id for nothing.
struct After(Option<Uuid>);

impl<'r> FromFormField<'r> for After {
    fn from_value(field: ValueField<'r>) -> form::Result<'r, Self> {
        Ok(Self(Some(Uuid::from_value(field)?)))
    }

    fn default() -> Option<Self> {
        Some(Self(None))
    }
}

// ANCHOR_END: page

// ANCHOR: list
/// A part of the list of all users.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub(super) struct Page {
    /// The users, oldest first.
    users: Vec<User>,
    /// Where the next page is, if there may be one.
    next: Option<String>,
}

#[get("/?<page..>")]
async fn list(
    page: form::Result<'_, PageQuery>,
    users: &State<Users>,
    _caller: AuthUser,
) -> Answer<Json<Page>> {
    let PageQuery { limit, after } = page.map_err(|errors| {
        Problem::new(&kinds::INVALID_QUERY).detail(errors.to_string())
    })?;
    let users = users.page(after.0, limit).await?;
    let is_full = users.len() == limit as usize;
    let last = users.last().filter(|_| is_full);
    let next = last.map(|u| format!("/users?limit={limit}&after={}", u.id));
    Ok(Json(Page { users, next }))
}
// ANCHOR_END: list

// ANCHOR: create
#[post("/", data = "<user>")]
async fn create(
    users: &State<Users>,
    _caller: AuthUser,
    user: ValidUser,
) -> Answer<Created> {
    let user = User::new(user.0);
    users.insert(&user).await?;
    let location = uri!("/users", read(UserId(user.id))).to_string();
    Ok(Created { user, location })
}
// ANCHOR_END: create

// ANCHOR: read
#[get("/<id>")]
async fn read(
    id: UserId,
    users: &State<Users>,
    _caller: AuthUser,
    known: IfNoneMatch,
) -> Answer<Tagged> {
    Ok(Tagged::unless(known, users.find(id.0).await?))
}

/// What is no id may be a handle.
#[get("/<handle>", rank = 2)]
async fn read_by_handle(
    handle: &str,
    users: &State<Users>,
    _caller: AuthUser,
    known: IfNoneMatch,
) -> Answer<Tagged> {
    Ok(Tagged::unless(known, users.find_by_handle(handle).await?))
}
// ANCHOR_END: read

// ANCHOR: update
#[put("/<id>", data = "<user>")]
async fn update(
    id: UserId,
    users: &State<Users>,
    _caller: AuthUser,
    expected: IfMatch,
    user: ValidUser,
) -> Answer<Tagged> {
    Ok(Tagged::new(users.update(id.0, expected.0, user.0).await?))
}

#[delete("/<id>")]
async fn remove(
    id: UserId,
    users: &State<Users>,
    _caller: AdminUser,
    expected: IfMatch,
) -> Answer<Status> {
    users.delete(id.0, expected.0).await?;
    Ok(Status::NoContent)
}
// ANCHOR_END: update
