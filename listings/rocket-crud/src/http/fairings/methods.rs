//! Every path answers every method.

use std::collections::BTreeMap;

use rocket::{
    Build, Data, Request, Response, Rocket, Route,
    fairing::{self, Fairing, Info, Kind},
    http::{Header, Method, Status},
    route::{Handler, Outcome},
};

use crate::http::{Problem, kinds};

/// `HEAD` goes where `GET` goes.
const METHODS: [Method; 7] = [
    Method::Get,
    Method::Put,
    Method::Post,
    Method::Delete,
    Method::Patch,
    Method::Options,
    Method::Trace,
];

/// Behind all routes that do something.
const RANK: isize = 1000;

// ANCHOR: methods
/// Answers the methods that a path does not know: `OPTIONS` with those that
/// it does, and others with 405. Rocket alone would say 404, as if there were
/// nothing at that path.
pub struct Methods;

#[rocket::async_trait]
impl Fairing for Methods {
    fn info(&self) -> Info {
        Info {
            name: "405 and OPTIONS",
            kind: Kind::Ignite,
        }
    }

    async fn on_ignite(&self, rocket: Rocket<Build>) -> fairing::Result {
        let mut paths: BTreeMap<String, Path> = BTreeMap::new();
        for route in rocket.routes() {
            let path = paths.entry(shape(route)).or_default();
            path.add(route);
        }
        let others: Vec<Route> =
            paths.values().flat_map(Path::others).collect();
        Ok(rocket.mount("/", others))
    }
}

/// `/users/<id>` and `/users/<handle>` are one path to a client.
fn shape(route: &Route) -> String {
    let segments = route.uri.path().split('/');
    let shapes = segments.map(|s| if s.starts_with('<') { "<_>" } else { s });
    shapes.collect::<Vec<_>>().join("/")
}
// ANCHOR_END: methods

/// The routes of one shape.
#[derive(Default)]
struct Path {
    template: String,
    lowest: Option<isize>,
    methods: Vec<Method>,
}

impl Path {
    fn add(&mut self, route: &Route) {
        if self.lowest.is_none_or(|lowest| route.rank < lowest) {
            route.uri.path().clone_into(&mut self.template);
            self.lowest = Some(route.rank);
        }
        if !self.methods.contains(&route.method) {
            self.methods.push(route.method);
        }
    }

    fn others(&self) -> impl Iterator<Item = Route> {
        let unknown = METHODS
            .into_iter()
            .filter(|method| !self.methods.contains(method));
        let handler = Other {
            allow: self.allow(),
        };
        unknown.map(move |method| {
            Route::ranked(RANK, method, &self.template, handler.clone())
        })
    }

    fn allow(&self) -> String {
        let known = |method: &Method| self.methods.contains(method);
        let mut names: Vec<&str> = METHODS
            .iter()
            .filter(|m| known(m))
            .map(|m| m.as_str())
            .collect();
        if known(&Method::Get) {
            names.push("HEAD");
        }
        if !known(&Method::Options) {
            names.push("OPTIONS");
        }
        names.join(", ")
    }
}

/// Answers a method that a path does not know.
#[derive(Clone)]
struct Other {
    allow: String,
}

// ANCHOR: other
#[rocket::async_trait]
impl Handler for Other {
    async fn handle<'r>(
        &self,
        request: &'r Request<'_>,
        _: Data<'r>,
    ) -> Outcome<'r> {
        if request.method() == Method::Options {
            let allow = Header::new("Allow", self.allow.clone());
            let mut response = Response::build();
            response.status(Status::NoContent).header(allow);
            return Outcome::Success(response.finalize());
        }
        let problem = Problem::new(&kinds::METHOD_NOT_ALLOWED)
            .header("Allow", self.allow.clone());
        Outcome::from(request, problem)
    }
}
// ANCHOR_END: other
