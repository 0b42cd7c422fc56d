//! Nothing of what a client says is in what is recorded.

use serde_json::json;

use super::{named, open, text};

#[tokio::test]
async fn no_value_and_no_document_is_in_any_signal() {
    let lab = open().await;
    let secret = "Zebediah Quillfeather";
    let query = "mutation Rename($n: String!) {
        rename(displayName: $n) { displayName wanted: email }
    }";
    let body = json!({ "query": query, "variables": { "n": secret } });
    let answer = lab.post("/graphql", &body).await.json();
    assert_eq!(answer["data"]["rename"]["displayName"], secret);
    for query in [
        "{ product(id: \"Quillfeather\") { id } }",
        "{ order(id: \"o-ada-33\") { id } product(id: \"p-133\") { id } }",
        "{ quillfeather }",
        "{ me(quillfeather: \"Quillfeather\") { id } }",
        "{ orders(first: \"Quillfeather\") { id } }",
        "{ Quillfeather Quillfeather(",
    ] {
        lab.post("/graphql", &json!({ "query": query })).await;
    }
    lab.get("/graphql?query=%7BQuillfeather%7D").await;
    lab.get("/graphql?variables=Quillfeather").await;
    let receiver = lab.finish().await;
    let sent = format!(
        "{:?}\n{:?}\n{:?}",
        receiver.spans(),
        receiver.logs(),
        receiver.metrics()
    );
    assert!(sent.contains("Mutation.rename"), "nothing arrived");
    for secret in [
        "Zebediah",
        "Quillfeather",
        "quillfeather",
        "o-ada-33",
        "p-133",
        "wanted",
        "displayName",
        "$n",
        "ada.",
    ] {
        assert!(!sent.contains(secret), "{secret} was sent");
    }
}

#[tokio::test]
async fn names_of_operations_are_cut_and_name_no_span() {
    let lab = open().await;
    let name = "Long".repeat(40);
    let query = format!("query {name} {{ __typename }}");
    lab.post("/graphql", &json!({ "query": query })).await;
    let spans = lab.finish().await.spans();
    let operation = named(&spans, "query")[0];
    let recorded = operation.attributes.get("graphql.operation.name");
    assert_eq!(recorded, text(&name[..64]));
    assert!(spans.iter().all(|span| !span.name.contains("Long")));
}
