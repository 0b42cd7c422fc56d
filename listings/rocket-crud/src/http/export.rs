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
        chunks: pages(users.inner().clone(), CSV),
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
        chunks: pages(users.inner().clone(), JSON_LINES),
    }
}
// ANCHOR_END: export

/// A part of a file.
type Chunk = io::Result<Cursor<Vec<u8>>>;

// ANCHOR: format
/// How a file is written.
#[derive(Clone, Copy)]
struct Format {
    head: fn() -> io::Result<Vec<u8>>,
    users: fn(&[User]) -> io::Result<Vec<u8>>,
    /// The last line says how many users there are. Without it, the file is
    /// not complete.
    end: fn(usize) -> io::Result<Vec<u8>>,
}
// ANCHOR_END: format

/// How far a file has come.
enum Part {
    Head,
    After(Option<Uuid>, usize),
    End(usize),
}

// ANCHOR: pages
/// Reads a page when the client has taken the one before.
fn pages(users: Users, format: Format) -> impl Stream<Item = Chunk> {
    stream::try_unfold(Some(Part::Head), move |part| {
        let users = users.clone();
        async move {
            let (chunk, next) = match part {
                None => return Ok(None),
                Some(Part::Head) => {
                    ((format.head)()?, Some(Part::After(None, 0)))
                }
                Some(Part::After(after, count)) => {
                    let page = users.page(after, PAGE).await;
                    let page = page.map_err(cut_short)?;
                    let count = count + page.len();
                    let next = match page.last() {
                        Some(last) if page.len() == PAGE as usize => {
                            Part::After(Some(last.id), count)
                        }
                        _ => Part::End(count),
                    };
                    ((format.users)(&page)?, Some(next))
                }
                Some(Part::End(count)) => ((format.end)(count)?, None),
            };
            Ok(Some((Cursor::new(chunk), next)))
        }
    })
}
// ANCHOR_END: pages

// ANCHOR: cut-short
/// The status has long been sent. All that is left is to stop, and to leave
/// the last line out.
fn cut_short(error: RepositoryError) -> io::Error {
    tracing::error!(name: "export.cut_short", "an export has been cut short");
    io::Error::other(error)
}
// ANCHOR_END: cut-short

const JSON_LINES: Format = Format {
    head: || Ok(Vec::new()),
    users: |users| {
        let mut lines = Vec::new();
        for user in users {
            serde_json::to_writer(&mut lines, user)?;
            lines.push(b'\n');
        }
        Ok(lines)
    },
    end: |count| Ok(format!("{{\"total\":{count}}}\n").into_bytes()),
};

// ANCHOR: csv
const CSV: Format = Format {
    head: || records([["id", "handle", "name", "email", "version"]]),
    users: |users| {
        records(users.iter().map(|user| {
            [
                user.id.to_string(),
                user.handle.clone(),
                harmless(&user.name),
                harmless(&user.email),
                user.version.to_string(),
            ]
        }))
    },
    end: |count| records([["total", &count.to_string(), "", "", ""]]),
};

fn records<T: AsRef<[u8]>>(
    records: impl IntoIterator<Item = [T; 5]>,
) -> io::Result<Vec<u8>> {
    let mut lines = csv::Writer::from_writer(Vec::new());
    for record in records {
        lines.write_record(record)?;
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
