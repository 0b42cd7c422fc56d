//! What must hold for a page to be true. One check a module.

mod addresses;
mod anchors;
mod artefacts;
mod clocks;
mod fences;
mod includes;
mod links;
mod programs;
mod shape;
mod site;
mod sizes;
mod structure;
mod versions;

pub use addresses::addresses;
pub use anchors::anchors;
pub use artefacts::artefacts;
pub use clocks::clocks;
pub use fences::fences;
pub use includes::includes;
pub use links::links;
pub use programs::programs;
pub use shape::shape;
pub use site::site;
pub use sizes::sizes;
pub use structure::structure;
pub use versions::{version_page, versions};
