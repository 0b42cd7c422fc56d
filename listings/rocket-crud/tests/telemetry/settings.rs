//! What a program says that cannot start.

use tokio::net::TcpListener;

use crate::program::{Program, run};

#[tokio::test]
async fn a_bad_setting_is_named_before_anything_opens() {
    for (name, value) in [
        ("DATABASE_URL", "mysql://host/users"),
        ("DATABASE_CONNECTIONS", "0"),
        ("DATABASE_CONNECTIONS", "many"),
        ("API_KEYS", "admin:ada:short"),
        ("API_KEYS", "owner:ada:a-key-that-is-long-enough"),
        ("RATE_LIMIT_PER_SECOND", "0"),
        ("RATE_LIMIT_BURST", "-1"),
        ("CORS_ORIGINS", "*"),
        ("CORS_ORIGINS", "https://app.example/"),
        ("ROCKET_PORT", "the-moon"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
    ] {
        let (code, said) = run(&[(name, value)]).await;
        assert_eq!(code, Some(1), "{name}={value}: {said}");
        assert!(said.starts_with("error: "), "{said}");
        let named = name.trim_start_matches("ROCKET_").to_lowercase();
        assert!(said.to_lowercase().contains(&named), "{name}: {said}");
        assert!(!said.contains("panicked"), "{said}");
        assert!(!said.contains("a-key-that-is-long-enough"), "{said}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_is_named() {
    for url in [
        "sqlite:///no/such/folder/users.db?mode=rwc",
        "postgres://ada:a-password@127.0.0.1:1/users",
    ] {
        let settings = [("DATABASE_URL", url), ("OTEL_SDK_DISABLED", "true")];
        let (code, said) = run(&settings).await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("see DATABASE_URL"), "{said}");
        assert!(!said.contains("a-password"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
    }
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.db");
    let url = format!("sqlite://{}?mode=rwc", file.display());
    let settings = [
        ("ROCKET_PORT", port.as_str()),
        ("DATABASE_URL", &url),
        ("OTEL_SDK_DISABLED", "true"),
    ];
    let (code, said) = run(&settings).await;
    assert_eq!(code, Some(1), "{said}");
    let last = said
        .lines()
        .find(|line| line.starts_with("error: "))
        .unwrap();
    assert!(last.contains("ROCKET_PORT"), "{last}");
    assert!(!said.contains("panicked"), "{said}");
}

#[tokio::test]
async fn secrets_are_not_printed() {
    let program = Program::start(&[]).await;
    program.signal(rustix::process::Signal::TERM);
    let ended = program.ended().await;
    assert!(
        ended.stderr.contains("API_KEYS=2 callers"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains("not-a-secret"), "{}", ended.stderr);
}
