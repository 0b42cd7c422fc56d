//! A launch that ends when the last request has.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use rocket::{Error, Ignite, Rocket, error::ErrorKind};
use tokio::time::sleep;

/// How often to look whether all requests have ended.
const PAUSE: Duration = Duration::from_millis(5);

// ANCHOR: launch
/// Launches `rocket`, and returns when it has been told to stop and all its
/// requests have ended.
///
/// Rocket 0.5.2 waits for them, but not always: its accept loop may notice the
/// signal before its launch does. Then the launch returns an error at once,
/// while requests are still being answered. Each of them has a share of the
/// Rocket that the error holds. So this waits until no share is left but one,
/// for as long as Rocket itself would have.
///
/// # Errors
/// When it did not launch, or when requests have not ended in time.
pub async fn launch(rocket: Rocket<Ignite>) -> Result<(), Error> {
    let stopping = &rocket.config().shutdown;
    let patience = stopping.grace + stopping.mercy + 1;
    let told = rocket.shutdown();
    let told = tokio::spawn(async move {
        told.await;
        Instant::now()
    });
    let Err(error) = rocket.launch().await else {
        return Ok(());
    };
    let ErrorKind::Shutdown(shared, None) = error.kind() else {
        return Err(error);
    };
    // It was told to stop, or it would not say so.
    let told = told.await.unwrap_or_else(|_| Instant::now());
    while told.elapsed() < Duration::from_secs(patience.into()) {
        if Arc::strong_count(shared) == 1 {
            return Ok(());
        }
        sleep(PAUSE).await;
    }
    Err(error)
}
// ANCHOR_END: launch
