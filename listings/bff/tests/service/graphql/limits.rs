//! The limits: what is at one passes, and one more does not.

use bff::backends::Role;
use serde_json::{Value, json};

use super::{ask, code, open};
use crate::lab::{Lab, ROLES};

// ANCHOR: at-and-over
/// `document` makes a document with so many of something. At the limit it has
/// to get past the limits; one more must be refused, and nobody be asked.
async fn check(
    limit: usize,
    refusal: &str,
    document: impl Fn(usize) -> String,
) {
    let lab = open().await;
    let answer = ask(&lab, &document(limit + 1)).await;
    assert_eq!(code(&answer), refusal, "{answer}");
    for role in ROLES {
        assert_eq!(lab.requests(role).await, 0, "{role:?}");
    }
    let answer = ask(&lab, &document(limit)).await;
    assert!(matches!(code(&answer), "" | "NOT_VALID"), "{answer}");
    lab.finish().await;
}

#[tokio::test]
async fn fields_are_nested_eight_deep() {
    check(8, "TOO_DEEP", |deep| {
        format!("{}a{}", "{ a ".repeat(deep - 1) + "{ ", " }".repeat(deep))
    })
    .await;
}
// ANCHOR_END: at-and-over

#[tokio::test]
async fn fragments_do_not_hide_depth() {
    check(8, "TOO_DEEP", |deep| {
        let rest = deep - 4;
        format!(
            "{{ a {{ b {{ c {{ ...f }} }} }} }}
             fragment f on Order {{ {}a{} }}",
            "a { ".repeat(rest),
            " }".repeat(rest)
        )
    })
    .await;
}

#[tokio::test]
async fn an_answer_has_two_hundred_objects() {
    check(200, "TOO_COMPLEX", |objects| {
        let fields = (0..objects.div_ceil(50)).map(|n| {
            let first = (objects - n * 50).min(50);
            format!("o{n}: orders(first: {first}) {{ id }} ")
        });
        format!("{{ {} }}", fields.collect::<String>())
    })
    .await;
    // 20 orders, with a total and a product each, and that with a price: 80
    // objects. Twice that, and 40 more.
    check(40, "TOO_COMPLEX", |more| {
        let order = "{ total { minor } product { price { minor } } }";
        format!(
            "{{ orders {order} b: orders {order}
               c: orders(first: {more}) {{ id }} }}"
        )
    })
    .await;
}

#[tokio::test]
async fn a_document_has_fifteen_aliases() {
    check(15, "TOO_MANY_ALIASES", |aliases| {
        let fields = (0..aliases).map(|n| format!("a{n}: id "));
        format!("{{ me {{ {} }} }}", fields.collect::<String>())
    })
    .await;
    check(15, "TOO_MANY_ALIASES", |aliases| {
        let fields = (0..aliases - 10).map(|n| format!("a{n}: id "));
        format!(
            "{{ me {{ ...f ... {{ ...f }} {} }} }}
             fragment f on User {{ a: id b: id c: id d: id e: id }}",
            fields.collect::<String>()
        )
    })
    .await;
}

#[tokio::test]
async fn an_operation_has_ten_root_fields() {
    check(10, "TOO_MANY_ROOT_FIELDS", |fields| {
        format!("{{ {} }}", "__typename ".repeat(fields))
    })
    .await;
    check(10, "TOO_MANY_ROOT_FIELDS", |fields| {
        format!(
            "{{ ...f ...f ... {{ ... on Query {{ {} }} }} }}
             fragment f on Query {{ __typename __typename __typename }}",
            "__typename ".repeat(fields - 6)
        )
    })
    .await;
}

#[tokio::test]
async fn a_document_has_a_thousand_tokens() {
    check(1000, "TOO_LONG", |tokens| {
        format!("{{ me {{ {} }} }} # not counted", "id ".repeat(tokens - 5))
    })
    .await;
}

#[tokio::test]
async fn variables_are_named_a_hundred_times_and_hold_a_thousand_values() {
    check(100, "TOO_MANY_VARIABLES", |places| {
        format!("query({}) {{ __typename }}", "$a: Int ".repeat(places))
    })
    .await;
    let lab = open().await;
    for (values, expected) in [(998, ""), (999, "TOO_LONG")] {
        let variables = json!({ "a": [vec![1; values]] });
        let body = json!({ "query": "{ __typename }", "variables": variables });
        let answer = lab.post("/graphql", &body).await.json();
        assert_eq!(code(&answer), expected, "{answer}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn a_document_has_a_thousand_selections_once_written_out() {
    check(1000, "TOO_LONG", |selections| {
        format!(
            "{{ me {{ {} {} }} }} fragment f on User {{ {} }}",
            "...f ".repeat(99),
            "id ".repeat(selections - 1 - 99 * 10),
            "id ".repeat(9)
        )
    })
    .await;
}

#[tokio::test]
async fn fragments_that_double_are_not_written_out() {
    let lab = open().await;
    let fragments = (0..90).map(|n| {
        let next = n + 1;
        format!("fragment f{n} on User {{ ...f{next} ...f{next} }} ")
    });
    let document = format!(
        "{{ me {{ ...f60 }} }} {} fragment f90 on User {{ id }}",
        fragments.collect::<String>()
    );
    let answer = ask(&lab, &document).await;
    assert_eq!(code(&answer), "TOO_LONG");
    lab.finish().await;
}

#[tokio::test]
async fn a_document_has_fifty_directives() {
    let one = "@include(if: true) ";
    check(50, "TOO_MANY_DIRECTIVES", |directives| {
        format!("{{ __typename {} }}", one.repeat(directives))
    })
    .await;
    check(50, "TOO_MANY_DIRECTIVES", |directives| {
        let fields = format!("id {one}").repeat(directives - 2);
        format!(
            "{{ ... {one} {{ ...f {one} }} }}
             fragment f on Query {{ me {{ {fields} }} }}"
        )
    })
    .await;
    check(50, "TOO_MANY_DIRECTIVES", |directives| {
        format!("query {} {{ __typename }}", "@a ".repeat(directives))
    })
    .await;
}

#[tokio::test]
async fn a_list_has_fifty_members() {
    check(50, "LIST_TOO_LONG", |members| {
        format!("{{ orders(first: {members}) {{ id }} }}")
    })
    .await;
    check(50, "LIST_TOO_LONG", |members| {
        format!("query($n: Int! = {members}) {{ orders(first: $n) {{ id }} }}")
    })
    .await;
    check(50, "LIST_TOO_LONG", |members| {
        let ids = "\"p-1\" ".repeat(members);
        format!("{{ products(ids: [{ids}]) {{ id }} }}")
    })
    .await;
    check(50, "LIST_TOO_LONG", |members| {
        let ids = "$id ".repeat(members);
        format!(
            "query($id: ID! = \"p-1\") {{ products(ids: [{ids}]) {{ id }} }}"
        )
    })
    .await;
}

#[tokio::test]
async fn a_list_in_a_variable_has_fifty_members() {
    let lab = open().await;
    let ids = "query($of: [ID!]!) { products(ids: $of) { id } }";
    let first = "query($of: Int!) { orders(first: $of) { id } }";
    for (query, of, expected) in [
        (ids, json!(vec!["p-1"; 50]), ""),
        (ids, json!(vec!["p-1"; 51]), "LIST_TOO_LONG"),
        (first, json!(50), ""),
        (first, json!(51), "LIST_TOO_LONG"),
        (first, json!(u64::MAX), "LIST_TOO_LONG"),
        (first, json!(-1), "BAD_VALUE"),
        (first, json!(1e300), "NOT_VALID"),
        (first, Value::Null, "VARIABLE_MISSING"),
    ] {
        let body = json!({ "query": query, "variables": { "of": of } });
        let answer = lab.post("/graphql", &body).await.json();
        assert_eq!(code(&answer), expected, "{of}: {answer}");
    }
    lab.finish().await;
}

#[tokio::test]
async fn what_is_nested_too_deep_reaches_no_parser() {
    let lab = open().await;
    for (open, close) in [("{a", "}"), ("[", "]"), ("{a:", "}"), ("(", ")")] {
        let document =
            format!("{{ a(b: {}1{}) }}", open.repeat(450), close.repeat(400));
        assert_eq!(code(&ask(&lab, &document).await), "TOO_DEEP");
    }
    for document in [
        "{ ...f } fragment f on Query { ...f }",
        "{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }",
    ] {
        assert_eq!(code(&ask(&lab, document).await), "FRAGMENT_CYCLE");
    }
    let chain =
        (0..40).map(|n| format!("fragment f{n} on Query {{ ...f{} }} ", n + 1));
    let document = format!(
        "{{ ...f0 }} {} fragment f40 on Query {{ __typename }}",
        chain.collect::<String>()
    );
    assert_eq!(code(&ask(&lab, &document).await), "TOO_DEEP");
    lab.finish().await;
}

#[tokio::test]
async fn a_name_has_a_hundred_characters() {
    let lab = open().await;
    for (length, expected) in
        [(0, "BAD_VALUE"), (1, ""), (100, ""), (101, "BAD_VALUE")]
    {
        let name = "é".repeat(length);
        let document =
            format!("mutation {{ rename(displayName: \"{name}\") {{ id }} }}");
        let answer = ask(&lab, &document).await;
        assert_eq!(code(&answer), expected, "{length}: {answer}");
    }
    assert_eq!(lab.requests(Role::User).await, 2);
    lab.finish().await;
}

#[tokio::test]
async fn each_refusal_is_counted_by_its_reason() {
    let lab: Lab = open().await;
    ask(&lab, &"{ a ".repeat(9)).await;
    ask(&lab, &format!("{{ {} }}", "__typename ".repeat(11))).await;
    let metrics = format!("{:?}", lab.finish().await.metrics());
    assert!(metrics.contains("bff.graphql.rejections"), "{metrics}");
    assert!(metrics.contains("too_many_root_fields"), "{metrics}");
}
