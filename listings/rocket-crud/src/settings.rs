//! What the environment says, checked before anything opens.

mod api_keys;

use std::{fmt, num::NonZeroU32};

use rocket::figment::{
    Figment, Profile,
    providers::{Env, Format, Serialized, Toml},
};
use serde::Deserialize;

pub use api_keys::{ApiKeys, Caller, Role};

/// Ours, beside Rocket's own `ROCKET_*`.
const OURS: [&str; 6] = [
    "DATABASE_URL",
    "DATABASE_CONNECTIONS",
    "API_KEYS",
    "RATE_LIMIT_PER_SECOND",
    "RATE_LIMIT_BURST",
    "CORS_ORIGINS",
];

// ANCHOR: settings
/// Everything that can be set, but for the `OTEL_*` variables.
#[derive(Clone, Debug)]
pub struct Settings {
    figment: Figment,
    ours: Ours,
}

#[derive(Clone, Debug, Deserialize)]
struct Ours {
    /// `DATABASE_URL`: where the users are.
    database_url: String,
    /// `DATABASE_CONNECTIONS`: the most that are open at a time.
    database_connections: NonZeroU32,
    /// `API_KEYS`: who may call.
    #[serde(default)]
    api_keys: ApiKeys,
    /// `RATE_LIMIT_PER_SECOND`: how often a caller may call in the long run.
    rate_limit_per_second: NonZeroU32,
    /// `RATE_LIMIT_BURST`: how often at once.
    rate_limit_burst: NonZeroU32,
    /// `CORS_ORIGINS`: whose pages may call, separated by commas.
    #[serde(default)]
    cors_origins: String,
}
// ANCHOR_END: settings

/// A setting whose value makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum SettingError {
    /// It is not of its type.
    #[error("{0}")]
    Invalid(Box<rocket::figment::Error>),
    /// It is of its type and makes no sense.
    #[error("{name} is not {expected}")]
    Wrong {
        /// The variable.
        name: &'static str,
        /// What it should hold.
        expected: &'static str,
    },
}

// ANCHOR: figment
impl Settings {
    /// Reads Rocket's settings and ours: `Rocket.toml` first, over it the
    /// environment.
    ///
    /// # Errors
    /// Names a setting that does not do.
    pub fn from_env() -> Result<Self, SettingError> {
        let from_file = Toml::file(Env::var_or("ROCKET_CONFIG", "Rocket.toml"));
        Self::from_figment(
            defaults()
                .merge(from_file.nested())
                .merge(Env::prefixed("ROCKET_").global())
                .merge(Env::raw().only(&OURS).global())
                .select(Profile::from_env_or(
                    "ROCKET_PROFILE",
                    rocket::Config::DEFAULT_PROFILE,
                )),
        )
    }

    /// Takes the settings from `figment`, in which a test may have its own.
    ///
    /// # Errors
    /// Names a setting that does not do.
    pub fn from_figment(figment: Figment) -> Result<Self, SettingError> {
        let invalid = |error| SettingError::Invalid(Box::new(error));
        let ours: Ours = figment.extract().map_err(invalid)?;
        figment.extract::<rocket::Config>().map_err(invalid)?;
        ours.check()?;
        Ok(Self { figment, ours })
    }
}

// ANCHOR_END: figment

// ANCHOR: defaults
/// What holds where nothing else is set.
pub fn defaults() -> Figment {
    Figment::from(rocket::Config::default())
        .merge(Serialized::default("log_level", "off"))
        .merge(Serialized::default("ident", false))
        .merge(Serialized::default("limits.json", "16KiB"))
        .merge(Serialized::default("shutdown.grace", 5))
        .merge(Serialized::default("shutdown.mercy", 1))
        .merge(Serialized::default(
            "database_url",
            "sqlite://rocket-crud.db?mode=rwc",
        ))
        .merge(Serialized::default("database_connections", 8))
        .merge(Serialized::default("rate_limit_per_second", 50))
        .merge(Serialized::default("rate_limit_burst", 100))
}
// ANCHOR_END: defaults

impl Ours {
    fn check(&self) -> Result<(), SettingError> {
        let schemes = ["sqlite:", "postgres:", "postgresql:"];
        if !schemes.iter().any(|own| self.database_url.starts_with(own)) {
            return Err(SettingError::Wrong {
                name: "DATABASE_URL",
                expected: "a URL such as sqlite://users.db or \
                           postgres://user@host/database",
            });
        }
        let is_origin = |text: &str| {
            let is_web =
                text.starts_with("https://") || text.starts_with("http://");
            is_web && !text.ends_with('/') && !text.contains(['*', ' '])
        };
        match origins(&self.cors_origins).all(is_origin) {
            true => Ok(()),
            false => Err(SettingError::Wrong {
                name: "CORS_ORIGINS",
                expected: "a list such as https://app.example,\
                           https://admin.example",
            }),
        }
    }
}

fn origins(list: &str) -> impl Iterator<Item = &str> {
    list.split(',').map(str::trim).filter(|own| !own.is_empty())
}

impl Settings {
    /// Rocket's own settings.
    pub fn figment(&self) -> Figment {
        self.figment.clone()
    }

    /// Where the users are.
    pub fn database_url(&self) -> String {
        self.ours.database_url.clone()
    }

    /// The most connections that are open at a time.
    pub fn connections(&self) -> u32 {
        self.ours.database_connections.get()
    }

    /// Who may call.
    pub fn api_keys(&self) -> ApiKeys {
        self.ours.api_keys.clone()
    }

    /// How often a caller may call: a second, and at once.
    pub fn rate_limit(&self) -> (NonZeroU32, NonZeroU32) {
        (self.ours.rate_limit_per_second, self.ours.rate_limit_burst)
    }

    /// Whose pages may call.
    pub fn cors_origins(&self) -> Vec<String> {
        let own = origins(&self.ours.cors_origins);
        own.map(str::to_owned).collect()
    }
}

impl fmt::Display for Settings {
    /// For the operator, without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = without_password(&self.ours.database_url);
        writeln!(f, "DATABASE_URL={url}")?;
        writeln!(f, "DATABASE_CONNECTIONS={}", self.connections())?;
        let (per_second, burst) = self.rate_limit();
        writeln!(f, "RATE_LIMIT_PER_SECOND={per_second}")?;
        writeln!(f, "RATE_LIMIT_BURST={burst}")?;
        writeln!(f, "CORS_ORIGINS={}", self.ours.cors_origins)?;
        write!(f, "{}", self.ours.api_keys)
    }
}

/// `postgres://ada:secret@host/users?password=secret` without what is secret.
fn without_password(url: &str) -> String {
    let url = url.split('?').next().unwrap_or(url);
    let Some((scheme, rest)) = url.split_once("://") else {
        return url.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}://***@{host}"),
        None => url.to_owned(),
    }
}
