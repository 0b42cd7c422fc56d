//! Nothing personal and nothing secret is in what was sent.

use reqwest::Method;
use serde_json::json;

use crate::program::Program;

/// Looks for them in everything that arrived: spans, logs and metrics.
#[tokio::test]
async fn no_name_no_address_no_key_and_no_query_is_in_any_signal() {
    let program = Program::start(&[("RUST_LOG", "trace")]).await;
    let (name, email) = ("Zebediah Quillfeather", "zeb@quillfeather.example");
    let body = json!({ "handle": "zeb", "name": name, "email": email });
    for status in [201, 409] {
        let add = program.request(Method::POST, "/users").json(&body);
        assert_eq!(add.send().await.unwrap().status(), status);
    }
    let bad = json!({ "handle": "zeb", "name": name, "secret": email });
    let add = program.request(Method::POST, "/users").json(&bad);
    assert_eq!(add.send().await.unwrap().status(), 422);
    for path in ["/users?after=hidden-value", "/nowhere?token=hidden-value"] {
        assert!(program.get(path).await.status().is_client_error());
    }
    let receiver = program.stop().await;
    let sent = format!(
        "{:?}\n{:?}\n{:?}",
        receiver.spans(),
        receiver.logs(),
        receiver.metrics(),
    );
    assert!(sent.contains("INSERT users"), "nothing arrived");
    let key = "not-a-secret-member";
    for secret in [name, "Quillfeather", email, key, "hidden-value"] {
        assert!(!sent.contains(secret), "{secret} was sent");
    }
}
