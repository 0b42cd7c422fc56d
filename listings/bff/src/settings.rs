//! What the environment says, checked before anything opens.

mod redis_url;
mod secret;
mod sessions;

use std::{
    fmt, net::SocketAddr, num::NonZeroU32, str::FromStr, time::Duration,
};

use service::{BadSetting, Connections};
use url::Url;

pub use redis_url::RedisUrl;
pub use secret::ClientSecret;
pub use sessions::{
    SessionSettings, client_id, public_url, redirect_uri, seconds,
};

use crate::{clients::Addresses, graphql::Policy};

// ANCHOR: settings
/// Everything that can be set, but for the `OTEL_*` variables.
#[derive(Debug)]
pub struct Settings {
    /// `LISTEN_ADDR`: where clients come in.
    pub listen: SocketAddr,
    /// `MAX_CONNECTIONS` and others: what clients may hold.
    pub connections: Connections,
    /// `USER_URL`, `ORDER_URL`, `PRODUCT_URL`: where the backends are.
    pub backends: Addresses,
    /// `BUDGET_MS`: how long an answer may take.
    pub budget: Duration,
    /// `HEDGE_AFTER_MS`: when to ask a second time; 0 for never.
    pub hedge_after: Option<Duration>,
    /// `CONCURRENCY`: how many requests are worked on at a time.
    pub concurrency: usize,
    /// `CACHE_MS`: how long a home page is fresh; 0 for not at all.
    pub fresh: Duration,
    /// `GRAPHQL_OPERATIONS`: those on the `safelist`, or all: `open`.
    pub graphql_operations: Policy,
    /// `PRODUCT_BATCH`: how many products the graph asks for at a time.
    pub product_batch: usize,
    /// Who signs persons in, and for how long they stay so.
    pub sessions: SessionSettings,
}
// ANCHOR_END: settings

/// A variable whose value makes no sense, or that is missing.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// It is needed and not set.
    #[error("{name} is not set; it holds {expected}")]
    Missing {
        /// The variable.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// It does not say what it should. Its value may be a secret.
    #[error("{name} is not {expected}")]
    Invalid {
        /// The variable.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
    /// A bound on what clients may hold makes no sense.
    #[error(transparent)]
    Connections(#[from] BadSetting),
    /// It asks for something that is not in this program.
    #[error(
        "{name} is set, and this program was built without it; build with \
         --features {feature}, or unset {name}"
    )]
    NotBuilt {
        /// The variable.
        name: &'static str,
        /// What is missing.
        feature: &'static str,
    },
}

/// Looks a variable up.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

impl Settings {
    /// Reads the variables of the process.
    ///
    /// # Errors
    /// Names the first variable that does not do.
    pub fn from_env() -> Result<Self, SettingError> {
        Self::from_lookup(&|name| std::env::var(name).ok())
    }

    /// Reads the variables that `lookup` knows.
    ///
    /// # Errors
    /// Names the first variable that does not do.
    pub fn from_lookup(lookup: Lookup<'_>) -> Result<Self, SettingError> {
        let hedge_after = milliseconds(lookup, "HEDGE_AFTER_MS", "50")?;
        Ok(Self {
            listen: parsed(
                lookup,
                "LISTEN_ADDR",
                "127.0.0.1:8080",
                "an address and a port, such as 127.0.0.1:8080",
            )?,
            connections: Connections::from_lookup(lookup)?,
            backends: Addresses {
                user: url(lookup, "USER_URL", "http://127.0.0.1:8081")?,
                order: url(lookup, "ORDER_URL", "http://127.0.0.1:8082")?,
                product: url(lookup, "PRODUCT_URL", "http://127.0.0.1:8083")?,
            },
            budget: budget(lookup)?,
            hedge_after: (!hedge_after.is_zero()).then_some(hedge_after),
            concurrency: parsed::<std::num::NonZeroU16>(
                lookup,
                "CONCURRENCY",
                "256",
                "a number from 1",
            )?
            .get()
            .into(),
            fresh: milliseconds(lookup, "CACHE_MS", "5000")?,
            graphql_operations: parsed(
                lookup,
                "GRAPHQL_OPERATIONS",
                "safelist",
                "safelist or open",
            )?,
            product_batch: product_batch(lookup)?,
            sessions: SessionSettings::from_lookup(lookup)?,
        })
    }
}

/// As many as the product service takes, and one for who wants to see what
/// happens without batches.
fn product_batch(lookup: Lookup<'_>) -> Result<usize, SettingError> {
    const NAME: &str = "PRODUCT_BATCH";
    const EXPECTED: &str = "a number from 1 to 100";
    match parsed(lookup, NAME, "100", EXPECTED)? {
        number @ 1..=100 => Ok(number),
        _ => Err(SettingError::Invalid {
            name: NAME,
            expected: EXPECTED,
        }),
    }
}

/// An address of a service: a scheme, a host, a port, and no path.
pub fn url(
    lookup: Lookup<'_>,
    name: &'static str,
    default: &str,
) -> Result<Url, SettingError> {
    const EXPECTED: &str = "a URL such as http://127.0.0.1:8081";
    let url: Url = parsed(lookup, name, default, EXPECTED)?;
    let is_plain = url.path() == "/"
        && url.query().is_none()
        && url.username().is_empty()
        && url.password().is_none()
        && matches!(url.scheme(), "http" | "https");
    match is_plain {
        true => Ok(url),
        false => Err(SettingError::Invalid {
            name,
            expected: EXPECTED,
        }),
    }
}

/// Without any time, there is no answer.
fn budget(lookup: Lookup<'_>) -> Result<Duration, SettingError> {
    const EXPECTED: &str = "a number of milliseconds from 1";
    let number = parsed::<NonZeroU32>(lookup, "BUDGET_MS", "1000", EXPECTED)?;
    Ok(Duration::from_millis(number.get().into()))
}

fn milliseconds(
    lookup: Lookup<'_>,
    name: &'static str,
    default: &str,
) -> Result<Duration, SettingError> {
    parsed::<u32>(lookup, name, default, "a number of milliseconds")
        .map(|number| Duration::from_millis(number.into()))
}

/// The variable `name`, or else `default`.
///
/// # Errors
/// When it does not parse; `expected` says what would.
pub fn parsed<T: FromStr>(
    lookup: Lookup<'_>,
    name: &'static str,
    default: &str,
    expected: &'static str,
) -> Result<T, SettingError> {
    let value = lookup(name).unwrap_or_else(|| default.to_owned());
    value
        .parse()
        .map_err(|_| SettingError::Invalid { name, expected })
}

impl fmt::Display for Settings {
    /// For the operator, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "LISTEN_ADDR={}\n{}", self.listen, self.connections)?;
        writeln!(f, "USER_URL={}", self.backends.user)?;
        writeln!(f, "ORDER_URL={}", self.backends.order)?;
        writeln!(f, "PRODUCT_URL={}", self.backends.product)?;
        writeln!(f, "BUDGET_MS={}", self.budget.as_millis())?;
        let hedge_after = self.hedge_after.unwrap_or_default();
        writeln!(f, "HEDGE_AFTER_MS={}", hedge_after.as_millis())?;
        writeln!(f, "CONCURRENCY={}", self.concurrency)?;
        writeln!(f, "CACHE_MS={}", self.fresh.as_millis())?;
        let operations = self.graphql_operations.name();
        writeln!(f, "GRAPHQL_OPERATIONS={operations}")?;
        writeln!(f, "PRODUCT_BATCH={}", self.product_batch)?;
        write!(f, "{}", self.sessions)
    }
}
