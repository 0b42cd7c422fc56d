//! What the measurements have in common. The comparison with other libraries
//! includes these files, too.

#![allow(dead_code, reason = "not every program measures everything")]

pub(crate) mod bank;
pub(crate) mod chart;
pub(crate) mod measure;
