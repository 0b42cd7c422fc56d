//! What a program says that cannot start.

use tokio::net::TcpListener;

use crate::programs::{BACKEND, BFF, run};

#[tokio::test]
async fn a_bad_setting_is_named_before_anything_opens() {
    let cases = [
        ("LISTEN_ADDR", "the-moon"),
        ("USER_URL", "user-service"),
        ("ORDER_URL", "ftp://127.0.0.1"),
        ("PRODUCT_URL", "http://127.0.0.1/path"),
        ("IDENTITY_URL", ""),
        ("PUBLIC_URL", "here"),
        ("BUDGET_MS", "0"),
        ("BUDGET_MS", "a-while"),
        ("HEDGE_AFTER_MS", "-1"),
        ("CONCURRENCY", "0"),
        ("CACHE_MS", "1.5"),
        ("MAX_CONNECTIONS", "0"),
        ("HEAD_TIMEOUT_MS", "soon"),
    ];
    for (name, value) in cases {
        let ended = run(BFF, &[], &[(name, value)]).await;
        assert_eq!(ended.status.code(), Some(1), "{name}={value}");
        let said = ended.stderr;
        assert!(said.starts_with(&format!("error: {name} ")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
    let ended = run(BFF, &[], &[("OTEL_TRACES_SAMPLER", "sometimes")]).await;
    assert_eq!(ended.status.code(), Some(1));
    let last = ended.stderr.lines().last().unwrap();
    assert!(last.contains("OTEL_TRACES_SAMPLER"), "{last}");
}

#[tokio::test]
async fn a_backend_needs_a_role() {
    for arguments in [&[][..], &["cook"]] {
        let ended = run(BACKEND, arguments, &[]).await;
        assert_eq!(ended.status.code(), Some(1));
        assert!(ended.stderr.starts_with("usage: "), "{}", ended.stderr);
    }
}

#[tokio::test]
async fn a_taken_port_is_named_with_the_way_out() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (program, arguments) in [(BFF, &[][..]), (BACKEND, &["user"])] {
        let settings = [
            ("LISTEN_ADDR", address.as_str()),
            ("OTEL_SDK_DISABLED", "true"),
        ];
        let ended = run(program, arguments, &settings).await;
        assert_eq!(ended.status.code(), Some(1));
        let last = ended.stderr.lines().last().unwrap();
        assert!(last.contains(&address), "{last}");
        assert!(last.contains("LISTEN_ADDR"), "{last}");
    }
}
