//! The configuration in words, for the first lines of a program's log.

use std::fmt;

use opentelemetry_semantic_conventions::attribute::{
    SERVICE_NAME, SERVICE_VERSION,
};

use super::{Config, Endpoint, Propagators};

/// Five lines for people. The values of headers are masked.
impl fmt::Display for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let attribute = |name| self.resource.get(name).map_or("", |v| v);
        writeln!(
            f,
            "telemetry of {} {}",
            attribute(SERVICE_NAME),
            attribute(SERVICE_VERSION)
        )?;
        writeln!(
            f,
            "  traces:  {}, {}",
            Destination(&self.traces),
            self.sampler.name
        )?;
        writeln!(
            f,
            "  metrics: {}, every {:?}",
            Destination(&self.metrics),
            self.metric_interval
        )?;
        writeln!(
            f,
            "  logs:    {}, {}",
            Destination(&self.logs),
            self.log_filter
        )?;
        write!(f, "  context: {}", self.propagators)
    }
}

struct Destination<'a>(&'a Option<Endpoint>);

impl fmt::Display for Destination<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(endpoint) => write!(f, "{endpoint}"),
            None => f.write_str("not exported"),
        }
    }
}

impl fmt::Display for Propagators {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.trace_context, self.baggage) {
            (true, true) => "tracecontext, baggage",
            (true, false) => "tracecontext",
            (false, true) => "baggage",
            (false, false) => "none",
        })
    }
}
