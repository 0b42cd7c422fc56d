//! The operations, each with what it takes and what it answers.
//!
//! The functions are never called: they are places for the attributes, so that
//! the handlers can be read without them.

#![expect(dead_code, reason = "they are there for their attributes")]

use super::responses::*;
use crate::{
    http::{guards::Me, users::Page},
    users::{Draft, User},
};

/// List users
#[utoipa::path(
    get,
    path = "/users",
    tag = "users",
    security(("key" = [])),
    params(
        ("limit" = Option<u32>, Query, minimum = 1, maximum = 200,
            description = "How many at most. 50 unless given."),
        ("after" = Option<Uuid>, Query,
            description = "The last user of the page before."),
    ),
    responses(
        (status = 200, description = "A page of users.", body = Page),
        Listing,
    ),
)]
pub(super) fn list() {}

// ANCHOR: create
/// Add a user
#[utoipa::path(
    post,
    path = "/users",
    tag = "users",
    security(("key" = [])),
    request_body = Draft,
    responses(
        (
            status = 201,
            description = "The new user.",
            body = User,
            headers(
                ("ETag" = String, description = "The first version."),
                ("Location" = String, description = "Where they are."),
            ),
        ),
        Adding,
    ),
)]
pub(super) fn create() {}
// ANCHOR_END: create

/// Read a user
#[utoipa::path(
    get,
    path = "/users/{user}",
    tag = "users",
    security(("key" = [])),
    params(
        ("user" = String, Path, description = "An id or a handle."),
        ("If-None-Match" = Option<String>, Header,
            description = "The versions that the client has."),
    ),
    responses(
        (
            status = 200,
            description = "The user.",
            body = User,
            headers(("ETag" = String, description = "The version.")),
        ),
        (status = 304, description = "The client has this version."),
        Reading,
    ),
)]
pub(super) fn read() {}

/// Change a user
#[utoipa::path(
    put,
    path = "/users/{user}",
    tag = "users",
    security(("key" = [])),
    params(
        ("user" = Uuid, Path, description = "An id."),
        ("If-Match" = String, Header, pattern = "^\"[1-9][0-9]{0,17}\"$",
            description = "The version that is to be changed."),
    ),
    request_body = Draft,
    responses(
        (
            status = 200,
            description = "The user as they are now.",
            body = User,
            headers(("ETag" = String, description = "The new version.")),
        ),
        Changing,
    ),
)]
pub(super) fn update() {}

/// Remove a user
#[utoipa::path(
    delete,
    path = "/users/{user}",
    tag = "users",
    security(("key" = [])),
    params(
        ("user" = Uuid, Path, description = "An id."),
        ("If-Match" = String, Header, pattern = "^\"[1-9][0-9]{0,17}\"$",
            description = "The version that is to be removed."),
    ),
    responses(
        (status = 204, description = "The user is gone."),
        Removing,
    ),
)]
pub(super) fn remove() {}

/// Export all users as CSV
#[utoipa::path(
    get,
    path = "/exports/users.csv",
    tag = "exports",
    security(("key" = [])),
    responses(
        (
            status = 200,
            description = "A header, and a line for each user.",
            body = String,
            content_type = "text/csv",
        ),
        Exporting,
    ),
)]
pub(super) fn csv_file() {}

/// Export all users as lines of JSON
#[utoipa::path(
    get,
    path = "/exports/users.ndjson",
    tag = "exports",
    security(("key" = [])),
    responses(
        (
            status = 200,
            description = "A line for each user.",
            body = String,
            content_type = "application/x-ndjson",
        ),
        Exporting,
    ),
)]
pub(super) fn json_lines() {}

/// Ask who one is
#[utoipa::path(
    get,
    path = "/me",
    tag = "operation",
    security(("key" = [])),
    responses(
        (status = 200, description = "The caller.", body = Me),
        Asking,
    ),
)]
pub(super) fn me() {}

/// Ask whether the process answers
#[utoipa::path(
    get,
    path = "/health/live",
    tag = "operation",
    responses((status = 204, description = "It does.")),
)]
pub(super) fn live() {}

/// Ask whether the database takes changes, too
#[utoipa::path(
    get,
    path = "/health/ready",
    tag = "operation",
    responses((status = 204, description = "It does."), Probing),
)]
pub(super) fn ready() {}

/// Read this description
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "operation",
    responses(
        (
            status = 200,
            description = "OpenAPI 3.1.",
            body = serde_json::Value,
        ),
    ),
)]
pub(super) fn document() {}
