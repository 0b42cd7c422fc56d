//! In which form the client wants its answer.

use axum::http::{HeaderMap, StatusCode, header::ACCEPT};

// ANCHOR: media
/// The two forms of an answer. They differ in what the status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// Says by its status whether the operation was carried out.
    Response,
    /// From before there was a specification: 200 as soon as the request was
    /// well-formed, because the client looks into the body anyway.
    Json,
}

impl Media {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Response => {
                "application/graphql-response+json; charset=utf-8"
            }
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The status for a document that is not carried out.
    pub(super) fn status_of_a_refusal(self) -> StatusCode {
        match self {
            Self::Response => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }
}
// ANCHOR_END: media

// ANCHOR: accepted
/// The form that the client likes best, if it takes one of them.
pub(super) fn accepted(headers: &HeaderMap) -> Option<Media> {
    let mut accept = headers.get_all(ACCEPT).iter().peekable();
    if accept.peek().is_none() {
        return Some(Media::Json);
    }
    // What cannot be read as text is no media type that we know.
    let accept: Vec<_> = accept.filter_map(|it| it.to_str().ok()).collect();
    let ranges: Vec<_> = accept
        .iter()
        .flat_map(|value| value.split(','))
        .map(range)
        .collect();
    let json = liking(&ranges, "application/json");
    let response = liking(&ranges, "application/graphql-response+json");
    match () {
        () if response.0 == 0 && json.0 == 0 => None,
        // By weight, then by how exactly it is named. Who names both alike
        // knows the newer one.
        () if response > json || response == json && response.1 == 3 => {
            Some(Media::Response)
        }
        () => Some(Media::Json),
    }
}
// ANCHOR_END: accepted

/// A media range, and its weight in thousandths.
fn range(text: &str) -> (String, u16) {
    let mut parameters = text.split(';').map(str::trim);
    let range = parameters.next().unwrap_or_default().to_ascii_lowercase();
    let weight = parameters
        .filter_map(|it| it.strip_prefix("q=").or(it.strip_prefix("Q=")))
        .map(|q| q.parse::<f32>().unwrap_or(0.0).clamp(0.0, 1.0))
        .next();
    (range, (weight.unwrap_or(1.0) * 1000.0) as u16)
}

/// How much it is liked, and how exactly it is named: the most exact range
/// decides.
fn liking(ranges: &[(String, u16)], name: &str) -> (u16, u8) {
    let exactness = |range: &str| match range {
        "*/*" => 1,
        "application/*" => 2,
        _ if range == name => 3,
        _ => 0,
    };
    let matching = ranges.iter().map(|(range, q)| (exactness(range), *q));
    let (exactness, weight) = matching.max().unwrap_or((0, 0));
    match exactness {
        0 => (0, 0),
        _ => (weight, exactness),
    }
}

#[cfg(test)]
mod tests {
    use super::{Media, accepted};

    #[test]
    fn the_client_decides() {
        const RESPONSE: &str = "application/graphql-response+json";
        for (accept, wanted) in [
            ("*/*", Some(Media::Json)),
            ("application/*;q=0.1", Some(Media::Json)),
            ("application/json", Some(Media::Json)),
            (RESPONSE, Some(Media::Response)),
            ("Application/GraphQL-Response+JSON", Some(Media::Response)),
            ("application/json; charset=utf-8", Some(Media::Json)),
            ("application/json;q=0, */*", Some(Media::Response)),
            ("application/json;q=0", None),
            ("text/html", None),
            ("text/html, */*;q=0.8", Some(Media::Json)),
            ("nonsense", None),
            ("", None),
        ] {
            let accept = accept.parse().unwrap();
            let headers = [("accept".parse().unwrap(), accept)];
            let headers = headers.into_iter().collect();
            assert_eq!(accepted(&headers), wanted, "{headers:?}");
        }
        for (json, response, wanted) in [
            ("", "", Media::Response),
            (";q=0.9", "", Media::Response),
            ("", ";q=0.9", Media::Json),
            (";q=0.2", ";q=0.3", Media::Response),
        ] {
            let both = format!("application/json{json}, {RESPONSE}{response}");
            let headers = [("accept".parse().unwrap(), both.parse().unwrap())];
            let headers = headers.into_iter().collect();
            assert_eq!(accepted(&headers), Some(wanted), "{headers:?}");
        }
    }
}
