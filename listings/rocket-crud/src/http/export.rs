//! All users as a file, made page by page while it is sent.

use std::io::{self, Cursor};

use futures_util::{Stream, stream};
use rocket::{Route, State, get, http::ContentType, routes};
use uuid::Uuid;

use super::{Users, guards::AdminUser, responders::Streamed};
use crate::users::{RepositoryError, User};

/// How many users are in memory at a time.
const PAGE: u32 = 500;

pub(super) fn routes() -> Vec<Route> {
    routes![csv_file, json_lines]
}

// ANCHOR: export
#[get("/users.csv")]
fn csv_file(
    users: &State<Users>,
    _caller: AdminUser,
) -> Streamed<impl Stream<Item = Chunk>> {
    Streamed {
        content_type: ContentType::CSV,
        file_name: "users.csv",
        chunks: pages(users.inner().clone(), csv_lines),
    }
}

#[get("/users.ndjson")]
fn json_lines(
    users: &State<Users>,
    _caller: AdminUser,
) -> Streamed<impl Stream<Item = Chunk>> {
    Streamed {
        content_type: ContentType::new("application", "x-ndjson"),
        file_name: "users.ndjson",
        chunks: pages(users.inner().clone(), lines_of_json),
    }
}
// ANCHOR_END: export

/// A part of a file.
type Chunk = io::Result<Cursor<Vec<u8>>>;

/// Writes a page. The first has no page before it.
type Write = fn(&[User], is_first: bool) -> io::Result<Vec<u8>>;

// ANCHOR: pages
/// Reads a page when the client has taken the one before.
fn pages(users: Users, write: Write) -> impl Stream<Item = Chunk> {
    let start = Some((None::<Uuid>, true));
    stream::try_unfold(start, move |at| {
        let users = users.clone();
        async move {
            let Some((after, is_first)) = at else {
                return Ok(None);
            };
            let page = users.page(after, PAGE).await.map_err(cut_short)?;
            let is_full = page.len() == PAGE as usize;
            let last = page.last().map(|user| user.id);
            let next = is_full.then_some((last, false));
            let chunk = Cursor::new(write(&page, is_first)?);
            Ok(Some((chunk, next)))
        }
    })
}

/// The status has long been sent. All that is left is to stop.
fn cut_short(error: RepositoryError) -> io::Error {
    tracing::error!(name: "export.cut_short", "an export has been cut short");
    io::Error::other(error)
}
// ANCHOR_END: pages

fn lines_of_json(users: &[User], _: bool) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for user in users {
        serde_json::to_writer(&mut lines, user)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

// ANCHOR: csv
fn csv_lines(users: &[User], is_first: bool) -> io::Result<Vec<u8>> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    if is_first {
        lines.write_record(["id", "handle", "name", "email", "version"])?;
    }
    for user in users {
        lines.write_record([
            &user.id.to_string(),
            &user.handle,
            &harmless(&user.name),
            &harmless(&user.email),
            &user.version.to_string(),
        ])?;
    }
    lines.into_inner().map_err(|error| error.into_error())
}

/// A spreadsheet takes a cell that begins so for a formula, and runs it.
fn harmless(cell: &str) -> String {
    match cell.starts_with(['=', '+', '-', '@']) {
        true => format!("'{cell}"),
        false => cell.to_owned(),
    }
}
// ANCHOR_END: csv
