//! The table: what is asked, and what has to be answered.

mod commands;
mod questions;

use uuid::Uuid;

use crate::api::{Answer, Api, Ask};

/// Accounts that the cases are about.
pub(crate) struct World {
    /// With 1.00 EUR, at version 2.
    pub(crate) open: Uuid,
    /// In another currency.
    pub(crate) dollars: Uuid,
    pub(crate) closed: Uuid,
    /// With almost more than it can hold.
    pub(crate) rich: Uuid,
    pub(crate) empty: Uuid,
    /// A person without a key.
    pub(crate) erased: Uuid,
    /// An idempotency key that has been used.
    pub(crate) spent: Uuid,
}

impl World {
    /// For those who only want to know what is asked.
    pub(crate) fn imaginary() -> Self {
        Self {
            open: Uuid::now_v7(),
            dollars: Uuid::now_v7(),
            closed: Uuid::now_v7(),
            rich: Uuid::now_v7(),
            empty: Uuid::now_v7(),
            erased: Uuid::now_v7(),
            spent: Uuid::now_v7(),
        }
    }
}

/// All cases. They do not disturb each other.
pub(crate) fn cases(world: &World) -> Vec<Case> {
    [
        commands::opening(world),
        commands::moving(world),
        commands::closing(world),
        commands::framing(world),
        questions::accounts(world),
        questions::history(world),
        questions::others(world),
    ]
    .concat()
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    pub(crate) what: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
    pub(crate) status: u16,
    pub(crate) problem: Option<&'static str>,
    expected: Vec<(&'static str, String)>,
}

impl Case {
    pub(super) fn new(
        what: &'static str,
        method: &'static str,
        path: impl Into<String>,
    ) -> Self {
        Self {
            what,
            method,
            path: path.into(),
            headers: Vec::new(),
            body: None,
            status: 0,
            problem: None,
            expected: Vec::new(),
        }
    }

    /// A command with a key and a body of JSON.
    pub(super) fn post(
        what: &'static str,
        path: impl Into<String>,
        body: impl ToString,
    ) -> Self {
        let body = body.to_string();
        Self::new(what, "POST", path)
            .with("Idempotency-Key", Uuid::now_v7())
            .with("Content-Type", "application/json")
            .body(body)
    }

    /// Sends a header; `with` again replaces it.
    pub(super) fn with(
        mut self,
        name: &'static str,
        value: impl ToString,
    ) -> Self {
        self = self.without(name);
        self.headers.push((name, value.to_string()));
        self
    }

    /// Sends a header once more.
    pub(super) fn and(
        mut self,
        name: &'static str,
        value: impl ToString,
    ) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    pub(super) fn without(mut self, name: &'static str) -> Self {
        self.headers.retain(|(known, _)| *known != name);
        self
    }

    pub(super) fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self
    }

    pub(super) fn is(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    pub(super) fn problem(mut self, status: u16, kind: &'static str) -> Self {
        self.problem = Some(kind);
        self.is(status)
    }

    /// Expects a header.
    pub(super) fn has(
        mut self,
        name: &'static str,
        value: impl ToString,
    ) -> Self {
        self.expected.push((name, value.to_string()));
        self
    }

    /// The request.
    pub(crate) fn ask(&self, api: &Api) -> Ask {
        let mut ask = api.ask(self.method, &self.path);
        for (name, value) in &self.headers {
            ask = ask.header(name, value);
        }
        match &self.body {
            Some(body) => ask.body(body.clone()),
            None => ask,
        }
    }

    /// What is wrong with the answer.
    pub(crate) fn complaints(&self, answer: &Answer) -> Vec<String> {
        let mut wrong = Vec::new();
        if answer.status != self.status {
            wrong.push(format!("not {}", self.status));
        }
        if answer.problem().as_deref() != self.problem {
            wrong.push(format!("not the problem {:?}", self.problem));
        }
        if self.problem.is_some() {
            let body = answer.json();
            let trace = body["trace_id"].as_str().unwrap_or_default();
            if body["status"] != self.status || trace.len() != 32 {
                wrong.push("no status or trace in it".to_owned());
            }
        }
        let retry = answer.header("retry-after").is_some();
        if retry != [409, 503].contains(&self.status) {
            wrong.push(format!("Retry-After: {retry}"));
        }
        for (name, value) in &self.expected {
            if answer.header(name) != Some(value) {
                wrong.push(format!("{name} is not {value}"));
            }
        }
        wrong
    }
}
