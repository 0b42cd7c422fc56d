//! Cases that ask for an answer and change nothing.

use uuid::Uuid;

use super::{Case, World};

const QUERY: &str = "malformed-query";

fn get(what: &'static str, path: impl Into<String>) -> Case {
    Case::new(what, "GET", path)
}

pub(super) fn accounts(world: &World) -> Vec<Case> {
    let account = format!("/accounts/{}", world.open);
    let wait =
        |what, version| get(what, format!("{account}?min_version={version}"));
    vec![
        wait("what was written", "3")
            .is(200)
            .has("etag", "\"3\"")
            .has("content-type", "application/json")
            .has("cache-control", "no-store"),
        Case::new("its head", "HEAD", &account)
            .is(200)
            .has("etag", "\"3\""),
        wait("what will be", "99").problem(503, "read-model-behind"),
        wait("less than nothing", "-1").problem(400, QUERY),
        wait("no number", "two").problem(400, QUERY),
        get("a parameter nobody knows", format!("{account}?fresh=1"))
            .problem(400, QUERY),
        get("nobody's", format!("/accounts/{}", Uuid::now_v7()))
            .problem(404, "no-such-account"),
        get(
            "nobody's, later",
            format!("/accounts/{}?min_version=5", Uuid::now_v7()),
        )
        .problem(404, "no-such-account"),
        get("no id", "/accounts/ada").problem(400, "malformed-id"),
        get("no text", "/accounts/%FF").problem(400, "malformed-id"),
    ]
}

pub(super) fn history(world: &World) -> Vec<Case> {
    let path = |of: Uuid, rest: &str| format!("/accounts/{of}/{rest}");
    let then = |what, rest: &str| {
        get(what, path(world.open, &format!("history{rest}")))
    };
    let events = |what, rest: &str| {
        get(what, path(world.open, &format!("events{rest}")))
    };
    let nobody = Uuid::now_v7();
    vec![
        then("version 1", "?as_of_version=1").is(200),
        then("the last", "?as_of_version=3").is(200),
        then("one more", "?as_of_version=4").problem(404, "no-such-version"),
        then("version 0", "?as_of_version=0").problem(400, QUERY),
        then("version -1", "?as_of_version=-1").problem(400, QUERY),
        then("no version", "?as_of_version=x").problem(400, QUERY),
        then("no moment", "").problem(400, QUERY),
        then("two moments", "?as_of_version=1&as_of=2026-01-01T00:00:00Z")
            .problem(400, QUERY),
        then("long ago", "?as_of=1999-12-31T23:59:59%2B01:00")
            .problem(404, "before-opening"),
        then("one day", "?as_of=9000-01-01T00:00:00Z").problem(400, QUERY),
        then("a day", "?as_of=2026-01-01").problem(400, QUERY),
        get("nobody's", path(nobody, "history?as_of_version=1"))
            .problem(404, "no-such-account"),
        get(
            "nobody's then",
            path(nobody, "history?as_of=2026-01-01T00:00:00Z"),
        )
        .problem(404, "no-such-account"),
        events("events", "").is(200),
        events("500 events", "?limit=500").is(200),
        events("none", "?limit=0").problem(400, QUERY),
        events("501 events", "?limit=501").problem(400, QUERY),
        events("before the first", "?after=-1").problem(400, QUERY),
        events("behind the last", "?after=9223372036854775807").is(200),
        get("nobody's events", path(nobody, "events"))
            .problem(404, "no-such-account"),
        get("an audit", path(world.open, "audit")).is(200),
        get("nobody's audit", path(nobody, "audit"))
            .problem(404, "no-such-account"),
        get("no id's audit", "/accounts/1/audit").problem(400, "malformed-id"),
    ]
}

pub(super) fn others(world: &World) -> Vec<Case> {
    let erase = |what, subject: &str| {
        Case::new(what, "DELETE", format!("/subjects/{subject}/key"))
    };
    let release = |what, event: &str| {
        Case::new(what, "POST", format!("/admin/transfers/{event}/release"))
    };
    let somebody = world.erased.to_string();
    let nobody = Uuid::now_v7().to_string();
    vec![
        get("the feed", "/feed").is(200),
        get("a cursor nobody gave", "/feed?cursor=MTox!").problem(400, QUERY),
        get("no place", "/feed?cursor=YTpi").problem(400, QUERY),
        get("a cursor with padding", "/feed?cursor=MToyMw==")
            .problem(400, QUERY),
        get("no feed", "/feed?limit=0").problem(400, QUERY),
        erase("once more", &somebody).is(204),
        erase("nobody", &nobody).problem(404, "no-such-subject"),
        erase("no id", "ada").problem(400, "malformed-id"),
        get("the projections", "/admin/projections").is(200),
        Case::new("no projection", "POST", "/admin/projections/x/rebuilds")
            .problem(404, "no-such-projection"),
        get("the held transfers", "/admin/transfers").is(200),
        release("what is not held", &nobody).problem(404, "not-held"),
        release("no event", "ada").problem(400, "malformed-id"),
        get("health", "/health").is(200),
        get("life", "/health/live").is(200),
        get("readiness", "/health/ready").is(200),
        get("the description", "/openapi.json")
            .is(200)
            .has("content-type", "application/json"),
        get("nothing", "/nothing").problem(404, "no-such-page"),
        get("a slash too many", "/feed/").problem(404, "no-such-page"),
        Case::new("a PUT", "PUT", format!("/accounts/{}", world.open))
            .problem(405, "method-not-allowed")
            .has("allow", "GET,HEAD"),
        get("a GET", format!("/accounts/{}/deposits", world.open))
            .problem(405, "method-not-allowed")
            .has("allow", "POST"),
    ]
}
