//! Bodies that are made while they are sent.

use std::io;

use futures_util::Stream;
use rocket::{
    Request, Response,
    http::{ContentType, Header},
    response::{self, Responder},
};
use tokio_util::io::StreamReader;

// ANCHOR: streamed
/// A file that nobody has to wait for until it is complete, and that never is
/// in memory as a whole.
pub(in crate::http) struct Streamed<S> {
    pub(in crate::http) content_type: ContentType,
    pub(in crate::http) file_name: &'static str,
    /// An error ends the body early. Rocket 0.5.2 then ends it as if it were
    /// complete, so the file itself has to say that it is.
    pub(in crate::http) chunks: S,
}

impl<'r, S> Responder<'r, 'r> for Streamed<S>
where
    S: Stream<Item = io::Result<io::Cursor<Vec<u8>>>> + Send + 'r,
{
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        let name = self.file_name;
        let disposition = format!("attachment; filename=\"{name}\"");
        Response::build()
            .header(self.content_type)
            .header(Header::new("Content-Disposition", disposition))
            .header(Header::new("Cache-Control", "no-store"))
            .streamed_body(StreamReader::new(Box::pin(self.chunks)))
            .max_chunk_size(64 * 1024)
            .ok()
    }
}
// ANCHOR_END: streamed
