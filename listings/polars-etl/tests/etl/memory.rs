//! A budget for memory.

use polars_etl::etl::{self, EtlError};

use crate::lab::{partials, run, shop};

#[test]
fn a_run_that_needs_too_much_ends_and_the_process_lives() {
    let (_folder, mut settings, faults) = shop(50_000, 10);
    // Nothing can be done in so little.
    settings.memory = Some(1);
    let error = run(&settings).unwrap_err();
    assert!(matches!(error, EtlError::Memory { .. }), "{error}");
    assert_eq!(etl::current(&settings.output).unwrap(), None);
    assert_eq!(partials(&settings.output), [""; 0]);
    // The same process can do it with enough.
    settings.memory = Some(4 << 30);
    let summary = run(&settings).unwrap();
    assert_eq!(summary.rejected.total(), faults.total());
}
