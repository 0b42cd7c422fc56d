//! What the environment says of those who sign in.

use std::{fmt, net::SocketAddr, num::NonZeroU32, time::Duration};

use url::{Host, Url};

use super::{ClientSecret, Lookup, RedisUrl, SettingError, parsed, url};

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
    pub redis: Option<RedisUrl>,
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
            redis: RedisUrl::from_lookup(lookup)?,
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
            Some(url) => write!(f, "\nREDIS_URL={url}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::{SessionSettings, SettingError};

    fn settings(
        variables: &[(&str, &str)],
    ) -> Result<SessionSettings, SettingError> {
        SessionSettings::from_lookup(&|name| {
            let set = variables.iter().find(|(known, _)| *known == name);
            set.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn browsers_go_where_they_keep_cookies() {
        let here = "127.0.0.1:8080".parse().unwrap();
        let everywhere = "0.0.0.0:8080".parse().unwrap();
        let public = |url: Option<&str>, address: SocketAddr| {
            let variables = url.map(|url| ("PUBLIC_URL", url));
            let settings = settings(variables.as_slice()).unwrap();
            settings.public_at(address).map(|url| url.to_string()).ok()
        };
        let own = "http://127.0.0.1:8080/".to_owned();
        assert_eq!(public(None, here), Some(own));
        assert_eq!(public(None, everywhere), None);
        let shop = "https://shop.example/";
        assert_eq!(public(Some(shop), everywhere), Some(shop.to_owned()));
        assert_eq!(public(Some("http://shop.example"), here), None);
        assert!(settings(&[("PUBLIC_URL", "https://a.example/b")]).is_err());
    }

    #[test]
    fn nobody_reads_a_secret_off_the_screen() {
        let mut variables = vec![("CLIENT_SECRET", "0123456789abcdef")];
        if cfg!(feature = "redis") {
            variables.push(("REDIS_URL", "redis://u:hidden@store:6379/0"));
        }
        let settings = settings(&variables).unwrap();
        let shown = format!("{settings}{settings:?}");
        assert!(!shown.contains("0123456789abcdef"), "{shown}");
        assert!(!shown.contains("hidden"), "{shown}");
        let redis = shown.contains("REDIS_URL=redis://store:6379/0");
        assert_eq!(redis, cfg!(feature = "redis"), "{shown}");
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for (name, value) in [
            ("CLIENT_SECRET", "short"),
            ("SESSION_SECONDS", "0"),
            ("SESSION_IDLE_SECONDS", "soon"),
            ("IDENTITY_URL", "http://host/path"),
            ("REDIS_URL", "no url"),
        ] {
            let error = settings(&[(name, value)]).unwrap_err();
            assert!(error.to_string().starts_with(name), "{error}");
        }
    }
}
