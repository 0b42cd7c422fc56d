//! Whatever a request comes to, it has one span, and the right one.

use otlp_console::model::{Span, Status, Value};
use reqwest::{Method, Response};
use rocket_crud::users::InMemory;

use crate::{
    edges::panicking,
    lab::{ADMIN, Lab, MEMBER, servers},
};

/// A request, and what must come of it.
struct Row {
    method: &'static str,
    path: &'static str,
    key: &'static str,
    headers: &'static [(&'static str, &'static str)],
    body: Option<&'static str>,
    status: u16,
    span: &'static str,
    route: Option<&'static str>,
}

const READ: Row = Row {
    method: "GET",
    path: "/users/ID",
    key: MEMBER,
    headers: &[],
    body: None,
    status: 200,
    span: "GET /users/<id>",
    route: Some("/users/<id>"),
};

const LIST: Row = Row {
    path: "/users",
    span: "GET /users",
    route: Some("/users"),
    ..READ
};

const ADD: Row = Row {
    method: "POST",
    span: "POST /users",
    body: Some(r#"{"handle":"eve","name":"Eve","email":"eve@b"}"#),
    status: 201,
    ..LIST
};

const CHANGE: Row = Row {
    method: "PUT",
    span: "PUT /users/<id>",
    body: Some(r#"{"handle":"ada","name":"Countess","email":"ada@b"}"#),
    headers: &[("if-match", "\"1\"")],
    ..READ
};

const REMOVE: Row = Row {
    method: "DELETE",
    key: ADMIN,
    headers: &[("if-match", "\"2\"")],
    status: 204,
    span: "DELETE /users/<id>",
    ..READ
};

const EXPORT: Row = Row {
    path: "/exports/users.csv",
    key: ADMIN,
    span: "GET /exports/users.csv",
    route: Some("/exports/users.csv"),
    ..READ
};

#[rustfmt::skip]
const ROWS: &[Row] = &[
    LIST,
    Row { path: "/users?limit=0", status: 400, ..LIST },
    Row { path: "/users?limit=201", status: 400, ..LIST },
    Row { path: "/users?after=nobody", status: 400, ..LIST },
    Row { key: "", status: 401, ..LIST },
    Row { key: "Basic abc", status: 401, ..LIST },
    Row { method: "HEAD", span: "HEAD /users", ..LIST },
    Row { method: "OPTIONS", status: 204, span: "OPTIONS /users", ..LIST },
    Row { method: "PATCH", status: 405, span: "PATCH /users", ..LIST },
    Row { method: "BREW", status: 400, span: "HTTP", route: None, ..LIST },
    ADD,
    Row { status: 409, ..ADD },
    Row { body: Some("{"), status: 400, ..ADD },
    Row { body: Some(r#"{"handle":1}"#), status: 422, ..ADD },
    Row { body: Some(r#"{"handle":"A","name":"","email":""}"#), status: 422, ..ADD },
    Row { headers: &[("content-type", "text/plain")], status: 415, ..ADD },
    Row { key: "", status: 401, ..ADD },
    READ,
    Row { headers: &[("if-none-match", "\"1\"")], status: 304, ..READ },
    Row { method: "HEAD", span: "HEAD /users/<id>", ..READ },
    Row { path: "/users/00000000-0000-0000-0000-000000000000", status: 404, ..READ },
    Row { path: "/users/ada", span: "GET /users/<handle>", route: Some("/users/<handle>"), ..READ },
    Row { path: "/users/bob", status: 404, span: "GET /users/<handle>", route: Some("/users/<handle>"), ..READ },
    Row { method: "POST", status: 405, span: "POST /users/<id>", ..READ },
    Row { method: "OPTIONS", status: 204, span: "OPTIONS /users/<id>", ..READ },
    Row { headers: &[], status: 428, ..CHANGE },
    Row { headers: &[("if-match", "3")], status: 400, ..CHANGE },
    Row { headers: &[("if-match", "\"7\"")], status: 412, ..CHANGE },
    Row { path: "/users/ada", status: 422, ..CHANGE },
    Row { body: Some(r#"{"handle":"eve","name":"E","email":"e@b"}"#), status: 409, ..CHANGE },
    CHANGE,
    Row { key: "", status: 401, ..REMOVE },
    Row { key: MEMBER, status: 403, ..REMOVE },
    Row { headers: &[("if-match", "\"1\"")], status: 412, ..REMOVE },
    REMOVE,
    Row { status: 404, ..REMOVE },
    EXPORT,
    Row { key: MEMBER, status: 403, ..EXPORT },
    Row { key: "", status: 401, ..EXPORT },
    Row { method: "HEAD", span: "HEAD /exports/users.csv", ..EXPORT },
    Row { path: "/health/live", status: 204, span: "GET /health/live", route: Some("/health/live"), ..READ },
    Row { path: "/health/ready", status: 204, span: "GET /health/ready", route: Some("/health/ready"), ..READ },
    Row { path: "/openapi.json", span: "GET /openapi.json", route: Some("/openapi.json"), ..READ },
    Row { path: "/me", span: "GET /me", route: Some("/me"), ..READ },
    Row { path: "/nowhere", status: 404, span: "GET", route: None, ..READ },
    Row { path: "/", status: 404, span: "GET", route: None, ..READ },
    Row { method: "DELETE", path: "/nowhere", status: 404, span: "DELETE", route: None, ..READ },
    Row { method: "HEAD", path: "/nowhere", status: 404, span: "HEAD", route: None, ..READ },
    Row { path: "/panic", status: 500, span: "GET /panic", route: Some("/panic"), ..READ },
];

// ANCHOR: span-table
#[tokio::test]
async fn whatever_a_request_comes_to_it_has_one_span() {
    let lab = Lab::with(InMemory::default(), &[], panicking).await;
    let ada = lab.add("ada").await;
    for (number, row) in ROWS.iter().enumerate() {
        answered(row, row.ask(&lab, &ada, number).await).await;
    }
    let receiver = lab.stop().await;
    let spans = servers(&receiver);
    // Ada's own comes first.
    assert_eq!(spans.len(), ROWS.len() + 1);
    for (number, (row, span)) in ROWS.iter().zip(&spans[1..]).enumerate() {
        recorded(row, span, number);
    }
}
// ANCHOR_END: span-table

impl Row {
    /// Each request names another caller as its parent.
    async fn ask(&self, lab: &Lab, ada: &str, number: usize) -> Response {
        let path = self.path.replace("/users/ID", ada);
        let url = format!("{}{path}", lab.url);
        let method = Method::from_bytes(self.method.as_bytes()).unwrap();
        let parent = format!("00-{:032x}-{:016x}-01", number + 1, number + 1);
        let mut request = crate::lab::client().request(method, url);
        request = request.header("traceparent", parent);
        if !self.key.is_empty() {
            request = request.header("authorization", self.key);
        }
        for (name, value) in self.headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = self.body {
            if !self.headers.iter().any(|(name, _)| *name == "content-type") {
                request = request.header("content-type", "application/json");
            }
            request = request.body(body);
        }
        request.send().await.unwrap()
    }
}

async fn answered(row: &Row, answer: Response) {
    let what = format!("{} {} {:?}", row.method, row.path, row.body);
    assert_eq!(answer.status().as_u16(), row.status, "{what}");
    let header = |name| answer.headers().get(name).map(|v| v.to_str().unwrap());
    if row.status >= 400 {
        let json = Some("application/problem+json");
        assert_eq!(header("content-type"), json, "{what}");
        assert_eq!(header("cache-control"), Some("no-store"), "{what}");
    }
    if [405, 204].contains(&row.status) && row.method != "DELETE" {
        let is_health = row.path.starts_with("/health");
        assert_eq!(header("allow").is_some(), !is_health, "{what}");
    }
    if row.method == "HEAD" || [204, 304].contains(&row.status) {
        assert_eq!(answer.bytes().await.unwrap().len(), 0, "{what}");
    } else if row.status >= 400 {
        let problem: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(problem["status"], row.status, "{what}");
        assert!(problem["type"].is_string() && problem["title"].is_string());
    }
}

fn recorded(row: &Row, span: &Span, number: usize) {
    let what = format!("{} {} {}", row.method, row.path, row.status);
    let text = |text: &str| Value::Str(text.to_owned());
    assert_eq!(span.name, row.span, "{what}");
    assert_eq!(
        span.attributes.get("http.route"),
        row.route.map(text).as_ref()
    );
    let status = &span.attributes["http.response.status_code"];
    assert_eq!(status, &Value::Int(row.status.into()), "{what}");
    let parent = u64::from_be_bytes(span.parent_span_id.unwrap().0);
    assert_eq!(parent, number as u64 + 1, "{what}");
    let known = row.span != "HTTP";
    let method = if known { row.method } else { "_OTHER" };
    assert_eq!(span.attributes["http.request.method"], text(method));
    let error = (row.status == 500).then(|| text("panic"));
    assert_eq!(span.attributes.get("error.type"), error.as_ref(), "{what}");
    match &span.status {
        Status::Error(_) => assert_eq!(row.status, 500, "{what}"),
        Status::Unset => assert_ne!(row.status, 500, "{what}"),
        Status::Ok => panic!("{what}: nobody sets this"),
    }
    assert!(span.end_unix_nano > span.start_unix_nano, "{what}");
}
