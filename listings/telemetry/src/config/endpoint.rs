//! Where a signal goes and how it gets there.

use std::{fmt, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use opentelemetry_otlp::Protocol;
use reqwest::Url;

use super::env::{ConfigError, Env, choose, millis, pairs};

/// One of OpenTelemetry's three signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Traces,
    Metrics,
    Logs,
}

/// The exporter of one signal.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) url: Url,
    pub(crate) protocol: Protocol,
    pub(crate) headers: HeaderMap,
    pub(crate) timeout: Duration,
    pub(crate) gzip: bool,
}

impl Signal {
    /// As in `OTEL_TRACES_EXPORTER` and in `OTEL_EXPORTER_OTLP_TRACES_…`.
    fn name(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
            Self::Logs => "LOGS",
        }
    }

    fn path(self) -> &'static str {
        match self {
            Self::Traces => "v1/traces",
            Self::Metrics => "v1/metrics",
            Self::Logs => "v1/logs",
        }
    }

    /// The variable for this signal, and the one for all three.
    fn variables(self, setting: &str) -> [String; 2] {
        let signal = self.name();
        [
            format!("OTEL_EXPORTER_OTLP_{signal}_{setting}"),
            format!("OTEL_EXPORTER_OTLP_{setting}"),
        ]
    }
}

impl Endpoint {
    /// `None` when this signal stays at home.
    pub(super) fn read(
        env: &Env<'_>,
        signal: Signal,
    ) -> Result<Option<Self>, ConfigError> {
        let exporter = format!("OTEL_{}_EXPORTER", signal.name());
        let exported =
            env.one_of(&exporter, &[("otlp", true), ("none", false)])?;
        if exported == Some(false) {
            return Ok(None);
        }
        let protocol = protocol(env, signal)?;
        Ok(Some(Self {
            url: url(env, signal, protocol)?,
            protocol,
            headers: headers(env, signal)?,
            timeout: timeout(env, signal)?,
            gzip: gzip(env, signal)?,
        }))
    }

    pub(crate) fn is_grpc(&self) -> bool {
        self.protocol == Protocol::Grpc
    }
}

const PROTOCOLS: [(&str, Protocol); 3] = [
    ("http/protobuf", Protocol::HttpBinary),
    ("grpc", Protocol::Grpc),
    ("http/json", Protocol::HttpJson),
];

fn protocol(env: &Env<'_>, signal: Signal) -> Result<Protocol, ConfigError> {
    match env.first(signal.variables("PROTOCOL")) {
        (variable, Some(value)) => choose(&variable, &value, &PROTOCOLS),
        (_, None) => Ok(Protocol::HttpBinary),
    }
}

// ANCHOR: endpoint-url
/// Only the endpoint for all signals gets the signal's path appended; one for
/// a single signal is used as it stands. The exporter does so itself when it
/// reads the environment, but not when an endpoint is handed to it.
fn url(
    env: &Env<'_>,
    signal: Signal,
    protocol: Protocol,
) -> Result<Url, ConfigError> {
    let [specific, general] = signal.variables("ENDPOINT");
    if let Some(value) = env.text(&specific) {
        return check(&specific, &value);
    }
    let grpc = protocol == Protocol::Grpc;
    let port = if grpc { 4317 } else { 4318 };
    let value = env
        .text(&general)
        .unwrap_or_else(|| format!("http://localhost:{port}"));
    let mut url = check(&general, &value)?;
    if !grpc {
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{}", signal.path()));
    }
    Ok(url)
}
// ANCHOR_END: endpoint-url

fn check(variable: &str, value: &str) -> Result<Url, ConfigError> {
    let url = Url::parse(value).ok().filter(|url| url.has_host());
    let expected = "a URL such as http://localhost:4318";
    let url = url.ok_or_else(|| ConfigError::new(variable, value, expected))?;
    if !url.username().is_empty() || url.password().is_some() {
        let expected = "a URL without a user name or password: credentials \
            go into OTEL_EXPORTER_OTLP_HEADERS";
        return Err(ConfigError::secret(variable, expected));
    }
    match url.scheme() {
        "http" => Ok(url),
        "https" if cfg!(feature = "tls") => Ok(url),
        "https" => {
            let expected = "an http:// URL, or build telemetry with its \
                feature tls";
            Err(ConfigError::new(variable, value, expected))
        }
        _ => Err(ConfigError::new(variable, value, expected)),
    }
}

fn headers(env: &Env<'_>, signal: Signal) -> Result<HeaderMap, ConfigError> {
    let (variable, Some(value)) = env.first(signal.variables("HEADERS")) else {
        return Ok(HeaderMap::new());
    };
    let header = |(name, value): (String, String)| {
        let mut value = HeaderValue::try_from(value).ok()?;
        value.set_sensitive(true);
        Some((HeaderName::try_from(name).ok()?, value))
    };
    pairs(&value)
        .and_then(|pairs| pairs.into_iter().map(header).collect())
        .ok_or_else(|| {
            let expected = "HTTP headers as name=value, separated by commas, \
                with other commas and % signs percent-encoded";
            ConfigError::secret(&variable, expected)
        })
}

fn timeout(env: &Env<'_>, signal: Signal) -> Result<Duration, ConfigError> {
    match env.first(signal.variables("TIMEOUT")) {
        (variable, Some(value)) => millis(&variable, &value),
        (_, None) => Ok(Duration::from_secs(10)),
    }
}

fn gzip(env: &Env<'_>, signal: Signal) -> Result<bool, ConfigError> {
    match env.first(signal.variables("COMPRESSION")) {
        (variable, Some(value)) => {
            choose(&variable, &value, &[("gzip", true), ("none", false)])
        }
        (_, None) => Ok(false),
    }
}

/// For people; says which headers there are, not what is in them.
impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = PROTOCOLS.iter().find(|(_, p)| *p == self.protocol);
        let protocol = protocol.map_or("?", |(name, _)| name);
        write!(f, "{protocol} to {}", self.url)?;
        for name in self.headers.keys() {
            write!(f, ", {name}: ***")?;
        }
        if self.gzip {
            f.write_str(", gzip")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Endpoint({self})")
    }
}
