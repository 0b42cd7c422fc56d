//! What the environment says of those who sign in.

use std::{fmt, net::SocketAddr, num::NonZeroU32, time::Duration};

use url::{Host, Url};

use super::{ClientSecret, Lookup, SettingError, parsed, url};

/// Who signs persons in, and for how long they stay so.
#[derive(Debug)]
pub struct SessionSettings {
    /// `IDENTITY_URL`: where the identity provider is.
    pub identity: Url,
    /// `PUBLIC_URL`: where browsers see this program, if not where it listens.
    pub public: Option<Url>,
    /// `CLIENT_ID`: what the provider calls us.
    pub client_id: String,
    /// `CLIENT_SECRET`: how it knows us.
    pub client_secret: ClientSecret,
    /// `SESSION_IDLE_SECONDS`: how long a session lives unused.
    pub idle: Duration,
    /// `SESSION_SECONDS`: how long a session lives at most.
    pub lifetime: Duration,
    /// `REDIS_URL`: where sessions are, if not in this process.
    pub redis: Option<String>,
}

impl SessionSettings {
    /// Reads the variables that `lookup` knows.
    pub(super) fn from_lookup(
        lookup: Lookup<'_>,
    ) -> Result<Self, SettingError> {
        Ok(Self {
            identity: url(lookup, "IDENTITY_URL", "http://127.0.0.1:8084")?,
            public: public_url(lookup)?,
            client_id: client_id(lookup),
            client_secret: ClientSecret::from_lookup(lookup)?,
            idle: seconds(lookup, "SESSION_IDLE_SECONDS", "1800")?,
            lifetime: seconds(lookup, "SESSION_SECONDS", "28800")?,
            redis: redis(lookup("REDIS_URL"))?,
        })
    }
}

impl SessionSettings {
    /// Where browsers see a program that listens at `address`.
    ///
    /// # Errors
    /// When browsers would not take our cookies there.
    pub fn public_at(&self, address: SocketAddr) -> Result<Url, SettingError> {
        let missing = SettingError::Missing {
            name: "PUBLIC_URL",
            expected: "the https URL at which browsers see this program",
        };
        let url = match &self.public {
            Some(url) => Some(url.clone()),
            None => format!("http://{address}").parse().ok(),
        };
        url.filter(is_secure).ok_or(missing)
    }
}

/// Whether browsers take our cookies there: over TLS, or on this machine.
fn is_secure(url: &Url) -> bool {
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    is_here || url.scheme() == "https"
}

/// `PUBLIC_URL`.
///
/// # Errors
/// When it is set and no URL.
pub fn public_url(lookup: Lookup<'_>) -> Result<Option<Url>, SettingError> {
    match lookup("PUBLIC_URL") {
        Some(_) => url(lookup, "PUBLIC_URL", "").map(Some),
        None => Ok(None),
    }
}

/// `CLIENT_ID`.
pub fn client_id(lookup: Lookup<'_>) -> String {
    lookup("CLIENT_ID").unwrap_or_else(|| "bff".to_owned())
}

/// Where a person comes back to from the provider.
pub fn redirect_uri(public: &Url) -> Url {
    let mut url = public.clone();
    url.set_path("/auth/callback");
    url
}

/// A time of at least a second.
pub fn seconds(
    lookup: Lookup<'_>,
    name: &'static str,
    default: &str,
) -> Result<Duration, SettingError> {
    parsed::<NonZeroU32>(lookup, name, default, "a number of seconds")
        .map(|number| Duration::from_secs(number.get().into()))
}

/// Where Redis is, for a program that knows how to talk to it.
#[cfg(feature = "redis")]
fn redis(url: Option<String>) -> Result<Option<String>, SettingError> {
    use redis::IntoConnectionInfo;

    match url.as_deref().map(<&str>::into_connection_info).transpose() {
        Ok(_) => Ok(url),
        Err(_) => Err(SettingError::Invalid {
            name: "REDIS_URL",
            expected: "a URL such as redis://:password@host:6379",
        }),
    }
}

#[cfg(not(feature = "redis"))]
fn redis(url: Option<String>) -> Result<Option<String>, SettingError> {
    match url {
        None => Ok(None),
        Some(_) => Err(SettingError::NotBuilt {
            name: "REDIS_URL",
            feature: "redis",
        }),
    }
}

impl fmt::Display for SessionSettings {
    /// For the operator, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "IDENTITY_URL={}", self.identity)?;
        match &self.public {
            Some(url) => writeln!(f, "PUBLIC_URL={url}")?,
            None => writeln!(f, "PUBLIC_URL is where this program listens")?,
        }
        writeln!(f, "CLIENT_ID={}", self.client_id)?;
        writeln!(f, "{}", self.client_secret)?;
        writeln!(f, "SESSION_IDLE_SECONDS={}", self.idle.as_secs())?;
        write!(f, "SESSION_SECONDS={}", self.lifetime.as_secs())?;
        match &self.redis {
            Some(url) => {
                let address = url.rsplit_once('@');
                let address = address.map_or(url.as_str(), |(_, place)| place);
                let address = address.trim_start_matches("redis://");
                write!(f, "\nREDIS_URL=redis://{address}")
            }
            None => Ok(()),
        }
    }
}
