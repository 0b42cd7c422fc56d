//! Cases that ask for a change.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Case, World};
use crate::api::{ada, deposits, euros, withdrawals};

const BODY: &str = "malformed-body";

pub(super) fn opening(world: &World) -> Vec<Case> {
    let open = |what, body: Value| Case::post(what, "/accounts", body);
    let holder = |holder: &str| json!({ "holder": holder, "currency": "EUR" });
    let of = |subject: &str| json!({ "holder": "A", "currency": "EUR", "subject_id": subject });
    let subject = Uuid::now_v7().to_string();
    let erased = world.erased.to_string();
    vec![
        open("an account", ada("EUR")).is(201).has("etag", "\"1\""),
        open("a known person", of(&subject)).is(201),
        open("200 letters", holder(&"é".repeat(200))).is(201),
        open("an erased person", of(&erased)).problem(422, "subject-erased"),
        open("no name", holder(" ")).problem(422, "invalid-holder"),
        open("201 letters", holder(&"é".repeat(201)))
            .problem(422, "invalid-holder"),
        open("a control", holder("A\u{7}B")).problem(422, "invalid-holder"),
        open("a NUL", holder("A\0B")).problem(422, "invalid-holder"),
        open("no currency", json!({ "holder": "A" })).problem(400, BODY),
        open("small letters", ada("eur")).problem(400, BODY),
        open("four letters", ada("EURO")).problem(400, BODY),
        open("not a person", of("nobody")).problem(400, BODY),
        open(
            "an unknown field",
            json!({
                "holder": "A", "currency": "EUR", "vip": true,
            }),
        )
        .problem(400, BODY),
        open(
            "a name that is a number",
            json!({
                "holder": 1, "currency": "EUR",
            }),
        )
        .problem(400, BODY),
        open("an array", json!(["A", "EUR"])).problem(400, BODY),
        open("null", Value::Null).problem(400, BODY),
        open("one field twice", Value::Null)
            .body(r#"{"holder":"A","holder":"B","currency":"EUR"}"#)
            .problem(400, BODY),
    ]
}

pub(super) fn moving(world: &World) -> Vec<Case> {
    let pay_in = |what, body| Case::post(what, deposits(world.open), body);
    let pay_out = |what, body| Case::post(what, withdrawals(world.open), body);
    let amount = |minor: Value| json!({ "amount": { "minor": minor, "currency": "EUR" } });
    let to_rich = Case::post("too much", deposits(world.rich), euros(2));
    let to_nobody = Case::post("nobody's", deposits(Uuid::now_v7()), euros(1));
    let to_closed = Case::post("closed", deposits(world.closed), euros(1));
    let reused = Case::post("a spent key", deposits(world.rich), euros(1))
        .with("Idempotency-Key", world.spent);
    let mut cases = vec![
        pay_in("a deposit", euros(1)).is(201).has("etag", "\"3\""),
        pay_in("nothing", euros(0)).problem(422, "amount-not-positive"),
        pay_in("less", euros(-1)).problem(422, "amount-not-positive"),
        pay_out("a negative withdrawal", euros(i64::MIN))
            .problem(422, "amount-not-positive"),
        pay_out("more than there is", euros(102))
            .problem(422, "insufficient-funds"),
        pay_in(
            "dollars",
            json!({
                "amount": { "minor": 1, "currency": "USD" },
            }),
        )
        .problem(422, "currency-mismatch"),
        to_rich.problem(422, "balance-overflow"),
        to_nobody.problem(404, "no-such-account"),
        to_closed.problem(422, "account-closed"),
        reused.problem(422, "idempotency-key-reused"),
        pay_in("a fraction", amount(json!(1.5))).problem(400, BODY),
        pay_in("a whole fraction", amount(json!(1.0))).problem(400, BODY),
        pay_in("a text", amount(json!("1"))).problem(400, BODY),
        pay_in("2^63", amount(json!(1_u64 << 63))).problem(400, BODY),
        pay_in("no amount", json!({})).problem(400, BODY),
        pay_in("an array", json!({ "amount": [1, "EUR"] })).problem(400, BODY),
        pay_in(
            "too many fields",
            json!({
                "amount": { "minor": 1, "currency": "EUR", "note": "" },
            }),
        )
        .problem(400, BODY),
        Case::post("no id", "/accounts/1/deposits", euros(1))
            .problem(400, "malformed-id"),
    ];
    cases.extend(transfers(world));
    cases
}

fn transfers(world: &World) -> Vec<Case> {
    let send = |what, to: Uuid, minor: i64| {
        let amount = json!({ "minor": minor, "currency": "EUR" });
        let body = json!({ "to": to, "amount": amount });
        let path = format!("/accounts/{}/transfers", world.rich);
        Case::post(what, path, body)
    };
    let settlement = |settlement: &str| {
        json!({
            "to": world.open,
            "amount": { "minor": 1, "currency": "EUR" },
            "settlement": settlement,
        })
        .to_string()
    };
    let broke = format!("/accounts/{}/transfers", world.empty);
    vec![
        send("to nobody", Uuid::now_v7(), 1)
            .problem(422, "unknown-transfer-target"),
        send("to itself", world.rich, 1).problem(422, "same-account"),
        send("to a closed account", world.closed, 1)
            .problem(422, "account-closed"),
        send("to another currency", world.dollars, 1)
            .problem(422, "currency-mismatch"),
        send("nothing", world.open, 0).problem(422, "amount-not-positive"),
        Case::post("without money", broke, settlement("eventual"))
            .problem(422, "insufficient-funds"),
        send("a settlement nobody knows", world.empty, 1)
            .body(settlement("someday"))
            .problem(400, BODY),
        send("to no id", world.empty, 1)
            .body(r#"{"to":"x","amount":{"minor":1,"currency":"EUR"}}"#)
            .problem(400, BODY),
        send("a transfer", world.empty, 1)
            .is(201)
            .has("etag", "\"4\""),
        send("a transfer that takes its time", world.empty, 1)
            .body(
                settlement("eventual")
                    .replace(&world.open.to_string(), &world.empty.to_string()),
            )
            .is(201)
            .has("etag", "\"5\""),
    ]
}

pub(super) fn closing(world: &World) -> Vec<Case> {
    let close = |what, id: Uuid| {
        Case::new(what, "POST", format!("/accounts/{id}/closure"))
            .with("Idempotency-Key", Uuid::now_v7())
            .with("If-Match", "*")
    };
    vec![
        close("without a condition", world.open)
            .without("If-Match")
            .problem(428, "if-match-required"),
        close("with money", world.open).problem(422, "account-not-empty"),
        close("an old version", world.open)
            .with("If-Match", "\"1\"")
            .problem(412, "version-mismatch")
            .has("etag", "\"3\""),
        close("a body", world.open)
            .with("Content-Type", "application/json")
            .body(r#"{"why":"so"}"#)
            .problem(400, BODY),
        close("a body that is no JSON", world.open)
            .with("Content-Type", "text/plain")
            .body("{}")
            .problem(415, "unsupported-media-type"),
        close("nobody's", Uuid::now_v7()).problem(404, "no-such-account"),
        close("a closed one", world.closed).problem(422, "account-closed"),
        close("no key", world.open)
            .without("Idempotency-Key")
            .problem(400, "idempotency-key-missing"),
    ]
}

/// What is wrong around the body, and not in it.
pub(super) fn framing(world: &World) -> Vec<Case> {
    let pay = |what| Case::post(what, deposits(world.open), euros(1));
    let spaces = |size: usize| [b"{", " ".repeat(size).as_bytes()].concat();
    let key = Uuid::now_v7();
    vec![
        pay("no key")
            .without("Idempotency-Key")
            .problem(400, "idempotency-key-missing"),
        pay("two keys")
            .and("Idempotency-Key", key)
            .problem(400, "idempotency-key-missing"),
        pay("a word for a key")
            .with("Idempotency-Key", "monday")
            .problem(400, "idempotency-key-malformed"),
        pay("half a quote")
            .with("Idempotency-Key", format!("\"{key}"))
            .problem(400, "idempotency-key-malformed"),
        pay("no type")
            .without("Content-Type")
            .problem(415, "unsupported-media-type"),
        pay("a text type")
            .with("Content-Type", "text/json")
            .problem(415, "unsupported-media-type"),
        pay("another JSON")
            .with("Content-Type", "application/json-patch+json")
            .problem(415, "unsupported-media-type"),
        pay("a coding")
            .with("Content-Encoding", "gzip")
            .problem(415, "unsupported-media-type"),
        pay("16 KiB").body(spaces(16 * 1024 - 1)).problem(400, BODY),
        pay("more")
            .body(spaces(16 * 1024))
            .problem(413, "body-too-large"),
        pay("far more")
            .body(spaces(900_000))
            .problem(413, "body-too-large"),
        pay("not UTF-8")
            .body(b"{\"amount\":\"\xff\"}")
            .problem(400, BODY),
        pay("half a body").body("{\"amount\":").problem(400, BODY),
        pay("two bodies").body("{}{}").problem(400, BODY),
        pay("no body").body("").problem(400, BODY),
        pay("a weak tag")
            .with("If-Match", "W/\"3\"")
            .problem(412, "version-mismatch")
            .has("etag", "\"3\""),
        pay("no tag")
            .with("If-Match", "3")
            .problem(400, "malformed-if-match"),
        pay("a star among tags")
            .with("If-Match", "\"3\", *")
            .problem(400, "malformed-if-match"),
    ]
}
