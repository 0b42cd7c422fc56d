//! What the environment says, checked before anything opens.

use std::{fmt, net::SocketAddr, num::NonZeroU32, str::FromStr};

use base64::{Engine, prelude::BASE64_STANDARD};
use service::{BadSetting, Connections};
use sqlx::postgres::PgConnectOptions;

use crate::vault::MasterKey;

// ANCHOR: settings
/// Everything that can be set, but for the `OTEL_*` variables.
pub struct Settings {
    /// `LISTEN_ADDR`: where the API is.
    pub listen: SocketAddr,
    /// `MAX_CONNECTIONS` and others: what clients may hold.
    pub clients: Connections,
    /// `DATABASE_URL`: where the events are.
    pub database: PgConnectOptions,
    /// `DATABASE_CONNECTIONS`: the most that are open at a time.
    pub connections: u32,
    /// `SNAPSHOT_EVERY`: events between two snapshots; 0 for none.
    pub snapshot_every: Option<NonZeroU32>,
    /// `MASTER_KEY`: 32 bytes in base64, which wrap the keys of persons.
    pub master_key: MasterKey,
    /// `NATS_URL`: where events go on to, if anywhere.
    pub nats: Option<String>,
    /// Whether the master key is the one that everybody knows.
    key_is_public: bool,
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
    Clients(#[from] BadSetting),
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

/// Where NATS is, for a program that knows how to talk to it.
#[cfg(feature = "nats")]
fn nats(url: Option<String>) -> Result<Option<String>, SettingError> {
    match url.as_deref().map(crate::broker::Broker::new).transpose() {
        Ok(_) => Ok(url),
        Err(_) => Err(SettingError::Invalid {
            name: "NATS_URL",
            expected: "a URL such as nats://host:4222 or tls://host:4222",
        }),
    }
}

#[cfg(not(feature = "nats"))]
fn nats(url: Option<String>) -> Result<Option<String>, SettingError> {
    match url {
        None => Ok(None),
        Some(_) => Err(SettingError::NotBuilt {
            name: "NATS_URL",
            feature: "nats",
        }),
    }
}

/// Looks a variable up.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

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
        let url = lookup("DATABASE_URL").ok_or(SettingError::Missing {
            name: "DATABASE_URL",
            expected: "postgres://user@host/database",
        })?;
        let key = lookup("MASTER_KEY");
        Ok(Self {
            listen: parsed(
                lookup,
                "LISTEN_ADDR",
                "127.0.0.1:8080",
                "an address and a port, such as 127.0.0.1:8080",
            )?,
            clients: Connections::from_lookup(lookup)?,
            database: database(&url).ok_or(SettingError::Invalid {
                name: "DATABASE_URL",
                expected: "a URL such as postgres://user@host/database",
            })?,
            connections: parsed::<NonZeroU32>(
                lookup,
                "DATABASE_CONNECTIONS",
                "16",
                "a number from 1",
            )?
            .get(),
            snapshot_every: NonZeroU32::new(parsed(
                lookup,
                "SNAPSHOT_EVERY",
                "500",
                "a number of events, or 0 for no snapshots",
            )?),
            key_is_public: key.is_none(),
            master_key: master_key(key)?,
            nats: nats(lookup("NATS_URL"))?,
        })
    }
}

/// sqlx takes any URL for one of PostgreSQL's.
fn database(url: &str) -> Option<PgConnectOptions> {
    let ours = ["postgres://", "postgresql://"];
    let is_ours = ours.iter().any(|scheme| url.starts_with(scheme));
    is_ours.then(|| url.parse().ok()).flatten()
}

fn parsed<T: FromStr>(
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

// ANCHOR: master-key
/// A debug build has a key that everybody knows, so that one can look around
/// without setting anything. A release build wants a real one.
fn master_key(text: Option<String>) -> Result<MasterKey, SettingError> {
    const NAME: &str = "MASTER_KEY";
    const EXPECTED: &str = "32 random bytes in base64: openssl rand -base64 32";
    let Some(text) = text else {
        return match cfg!(debug_assertions) {
            true => Ok(MasterKey(*b"not a secret: for debug builds!!")),
            false => Err(SettingError::Missing {
                name: NAME,
                expected: EXPECTED,
            }),
        };
    };
    let bytes = BASE64_STANDARD.decode(text.trim()).ok();
    let key = bytes.and_then(|bytes| bytes.try_into().ok());
    key.map(MasterKey).ok_or(SettingError::Invalid {
        name: NAME,
        expected: EXPECTED,
    })
}
// ANCHOR_END: master-key

impl fmt::Display for Settings {
    /// For the operator, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let every = self.snapshot_every.map_or(0, NonZeroU32::get);
        writeln!(f, "LISTEN_ADDR={}\n{}", self.listen, self.clients)?;
        writeln!(
            f,
            "DATABASE_URL=postgres://{}:***@{}/{}",
            self.database.get_username(),
            self.database.get_host(),
            self.database.get_database().unwrap_or_default(),
        )?;
        writeln!(f, "DATABASE_CONNECTIONS={}", self.connections)?;
        writeln!(f, "SNAPSHOT_EVERY={every}")?;
        if let Some(url) = &self.nats {
            writeln!(f, "NATS_URL={}", without_password(url))?;
        }
        match self.key_is_public {
            true => write!(f, "MASTER_KEY is the public one of debug builds"),
            false => write!(f, "MASTER_KEY=***"),
        }
    }
}

fn without_password(url: &str) -> &str {
    url.rsplit_once('@').map_or(url, |(_, address)| address)
}

#[cfg(all(test, not(feature = "nats")))]
mod tests {
    use super::{SettingError, Settings};

    #[test]
    fn a_program_without_nats_does_not_keep_quiet_about_it() {
        let settings = Settings::from_lookup(&|name| match name {
            "DATABASE_URL" => Some("postgres://ada@host/bank".to_owned()),
            "NATS_URL" => Some("nats://host".to_owned()),
            _ => None,
        });
        assert!(matches!(
            settings.err(),
            Some(SettingError::NotBuilt {
                name: "NATS_URL",
                feature: "nats"
            })
        ));
    }
}
