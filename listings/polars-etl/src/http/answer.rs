//! Answers as JSON, CSV or Arrow, whichever the client likes best.

use axum::{
    extract::FromRequestParts,
    http::{
        HeaderMap, HeaderValue,
        header::{ACCEPT, CONTENT_TYPE, VARY},
        request::Parts,
    },
    response::{IntoResponse, Response},
};
use polars::prelude::{
    CsvWriter, DataFrame, IpcStreamWriter, JsonFormat, JsonWriter,
    PolarsResult, SerWriter as _,
};

use super::problem::{Problem, kinds};

// ANCHOR: format
/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Csv,
    /// The [streaming format] of Arrow: what other engines read without
    /// parsing it.
    ///
    /// [streaming format]: https://arrow.apache.org/docs/format/Columnar.html
    Arrow,
}

impl Format {
    /// All that there are, the best first.
    const ALL: [Self; 3] = [Self::Json, Self::Csv, Self::Arrow];

    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Csv => "text/csv",
            Self::Arrow => "application/vnd.apache.arrow.stream",
        }
    }

    /// The rows of `answer` in this format.
    pub(super) fn write(self, answer: &mut DataFrame) -> PolarsResult<Written> {
        let mut bytes = Vec::new();
        match self {
            Self::Json => JsonWriter::new(&mut bytes)
                .with_json_format(JsonFormat::Json)
                .finish(answer)?,
            Self::Csv => CsvWriter::new(&mut bytes).finish(answer)?,
            Self::Arrow => IpcStreamWriter::new(&mut bytes).finish(answer)?,
        }
        let format = self;
        Ok(Written { format, bytes })
    }
}
// ANCHOR_END: format

/// An answer, ready to be sent.
#[derive(Debug)]
pub(super) struct Written {
    format: Format,
    bytes: Vec<u8>,
}

impl IntoResponse for Written {
    fn into_response(self) -> Response {
        let headers = [
            (CONTENT_TYPE, self.format.media_type()),
            (VARY, ACCEPT.as_str()),
        ];
        (headers, self.bytes).into_response()
    }
}

/// The best format that a client takes (RFC 9110, 12.5.1).
impl<S: Sync> FromRequestParts<S> for Format {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &S,
    ) -> Result<Self, Problem> {
        accepted(&parts.headers)
            .ok_or_else(|| Problem::new(&kinds::NOT_ACCEPTABLE))
    }
}

fn accepted(headers: &HeaderMap) -> Option<Format> {
    let values = headers.get_all(ACCEPT).iter().map(HeaderValue::to_str);
    let values: Vec<_> = values.map(Result::unwrap_or_default).collect();
    if values.is_empty() {
        return Some(Format::Json);
    }
    let ranges: Vec<_> = values.iter().flat_map(|it| it.split(',')).collect();
    let liked = |format: &Format| like(*format, &ranges);
    // Of two that are liked the same, the first: `max_by` takes the last.
    let best = Format::ALL.into_iter().rev();
    let best = best.max_by(|a, b| liked(a).total_cmp(&liked(b)))?;
    (liked(&best) > 0.0).then_some(best)
}

/// How much a client likes a format, from 0 to 1. The most precise of the
/// ranges decides.
fn like(format: Format, ranges: &[&str]) -> f32 {
    let kind = format.media_type();
    let family = kind.split('/').next().unwrap_or_default();
    let precise = [kind, &format!("{family}/*"), "*/*"];
    let mut liked = (precise.len(), 0.0);
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default().to_ascii_lowercase();
        let place = precise.iter().position(|it| *it == name);
        let weight = parts.find_map(|it| it.strip_prefix("q="));
        let weight = weight.map_or(Ok(1.0), str::parse);
        if let Some(place) = place.filter(|place| *place < liked.0) {
            liked = (place, weight.unwrap_or_default());
        }
    }
    liked.1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Format> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(ACCEPT, HeaderValue::from_str(value).unwrap());
        }
        accepted(&headers)
    }

    #[test]
    fn the_client_gets_what_it_likes_best() {
        let arrow = "application/vnd.apache.arrow.stream";
        for (values, format) in [
            (&[][..], Some(Format::Json)),
            (&["*/*"], Some(Format::Json)),
            (&["text/*"], Some(Format::Csv)),
            (&["application/*"], Some(Format::Json)),
            (&[arrow], Some(Format::Arrow)),
            (
                &["Text/CSV;q=0.5, application/json;q=0.4"],
                Some(Format::Csv),
            ),
            (&["text/csv;q=0.1", arrow], Some(Format::Arrow)),
            (&["*/*;q=0.1, application/json;q=0"], Some(Format::Csv)),
            (&["application/json;q=0"], None),
            (&["image/png"], None),
            (&["application/json;q=high"], None),
            (&[""], None),
        ] {
            assert_eq!(of(values), format, "{values:?}");
        }
    }
}
