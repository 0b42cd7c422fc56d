//! A Backend for Frontend: three clients, three backends, one trace.
//!
//! [`clients`] ask the backends, each within a [`deadline`]. The
//! [`experiences`] make of their answers what each client needs, [`graphql`]
//! lets a client choose for itself, and [`session`] keeps tokens away from
//! browsers. [`http`] opens it all, and [`program`] runs it. [`backends`] are
//! stand-ins for the services of other teams.

pub mod backends;
pub mod cache;
pub mod clients;
pub mod deadline;
pub mod experiences;
pub mod graphql;
pub mod http;
pub mod instruments;
pub mod model;
pub mod program;
pub mod session;
pub mod settings;
