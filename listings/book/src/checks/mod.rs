//! What must hold for a page to be true. One check a module.

use crate::Fault;

mod addresses;
mod anchors;
mod artefacts;
mod clocks;
mod commands;
mod fences;
mod figures;
mod frame;
mod guides;
mod includes;
mod links;
mod outputs;
mod paths;
mod programs;
mod results;
mod settings;
mod shape;
mod site;
mod sizes;
mod structure;
mod tables;
mod variables;
mod versions;

pub use addresses::addresses;
pub use anchors::anchors;
pub use artefacts::artefacts;
pub use clocks::clocks;
pub use commands::commands;
pub use fences::fences;
pub use figures::figures;
pub use frame::frame;
pub use guides::guides;
pub use includes::includes;
pub use links::links;
pub use outputs::outputs;
pub use paths::paths;
pub use programs::programs;
pub use results::results;
pub use settings::settings;
pub use shape::shape;
pub use site::site;
pub use sizes::sizes;
pub use structure::structure;
pub use tables::tables;
pub use variables::variables;
pub use versions::{version_page, versions};

/// A check that saw none of what it looks for is a fault: what it looks for
/// has moved, and nobody is told.
fn none_seen(seen: usize, what: &str) -> Option<Fault> {
    (seen == 0).then(|| Fault {
        file: "listings/book/src/checks".to_owned(),
        line: 1,
        what: format!(
            "the check saw no {what}, so it checked nothing; mend it, or the \
            book"
        ),
    })
}
