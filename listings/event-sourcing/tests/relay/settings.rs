//! A bad setting is named before anything opens.

use crate::process::complaint;

const BANK: &str = env!("CARGO_BIN_EXE_event-sourcing");
const TURNOVER: &str = env!("CARGO_BIN_EXE_turnover");
const NOBODY: &str = "postgres://nobody@127.0.0.1:9/nothing";

#[tokio::test]
async fn a_bad_address_of_nats_is_named_and_not_repeated() {
    for program in [BANK, TURNOVER] {
        for url in ["http://ada:secret@host", "nats://", "the moon"] {
            let settings = [("DATABASE_URL", NOBODY), ("NATS_URL", url)];
            let complaint = complaint(program, &settings).await;
            assert!(complaint.contains("NATS_URL is not"), "{complaint}");
            assert!(!complaint.contains("secret"), "{complaint}");
        }
    }
}

#[tokio::test]
async fn what_turnover_needs_is_named() {
    let complaint = complaint(TURNOVER, &[("DATABASE_URL", NOBODY)]).await;
    assert!(complaint.contains("NATS_URL is not set"), "{complaint}");
}
