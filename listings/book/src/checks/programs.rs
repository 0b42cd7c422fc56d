use std::panic;

use super::none_seen;
use crate::{Book, Fault};

/// Every whole program typed on a page compiles and runs to its end.
///
/// skeptic does that, as it does for the tests that its `generate_doc_tests`
/// writes. Calling it from here finds a new page without a rebuild, needs no
/// test names made from file names, and lets the fault say file and line. The
/// programs are Rust 2021: skeptic knows no later edition.
pub fn programs(book: &Book) -> Vec<Fault> {
    let programs = book.pages.iter().flat_map(|page| {
        let fences = page.fences.iter();
        fences
            .filter(|fence| fence.info.as_deref() == Some("rust"))
            .map(move |fence| (page, fence))
    });
    let programs: Vec<_> = programs.collect();
    let unseen = none_seen(programs.len(), "programs");
    programs
        .into_iter()
        .filter(|(_, fence)| !runs(&fence.body))
        .map(|(page, fence)| {
            page.source.fault(
                fence.line,
                "this program does not compile or does not succeed; see \
                above what rustc or the program says",
            )
        })
        .chain(unseen)
        .collect()
}

/// skeptic prints what the compiler and the program say, and panics when
/// either fails.
fn runs(program: &str) -> bool {
    let run = || {
        skeptic::rt::run_test(
            env!("CARGO_MANIFEST_DIR"),
            env!("OUT_DIR"),
            env!("TARGET"),
            program,
        );
    };
    panic::catch_unwind(run).is_ok()
}
