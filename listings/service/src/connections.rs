//! How much of a server its clients may hold, and for how long.

use std::{env, fmt, num::NonZeroU32, time::Duration};

// ANCHOR: connections
/// Bounds on the connections of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Connections {
    /// `MAX_CONNECTIONS`: how many are open at a time. The next ones wait in
    /// the operating system's queue.
    pub most: NonZeroU32,
    /// `HEAD_TIMEOUT_MS`: how long a client may take until the head of its
    /// next request is here. It counts from the beginning of the connection,
    /// or from the last answer, so it ends idle connections as well.
    pub head: Duration,
    /// `WRITE_TIMEOUT_MS`: how long an answer may stand still because the
    /// client does not read it.
    pub write: Duration,
    /// How long running requests get to finish after the signal to stop.
    pub drain: Duration,
}

impl Default for Connections {
    /// A process may have 1,024 files open unless told otherwise. Half of them
    /// are for clients.
    fn default() -> Self {
        Self {
            most: const { NonZeroU32::new(512).unwrap() },
            head: Duration::from_secs(15),
            write: Duration::from_secs(30),
            drain: Duration::from_secs(5),
        }
    }
}
// ANCHOR_END: connections

/// A variable whose value makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{name} is not a number from 1, but {value:?}")]
pub struct BadSetting {
    /// The variable.
    pub name: &'static str,
    /// What it holds.
    pub value: String,
}

impl Connections {
    /// Reads the variables of the process.
    ///
    /// # Errors
    /// Names the first variable that does not do.
    pub fn from_env() -> Result<Self, BadSetting> {
        Self::from_lookup(&|name| env::var(name).ok())
    }

    /// Reads the variables that `lookup` knows; the others are as by default.
    ///
    /// # Errors
    /// Names the first variable that does not do.
    pub fn from_lookup(
        lookup: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, BadSetting> {
        let number = |name| match lookup(name) {
            None => Ok(None),
            Some(value) => match value.parse::<NonZeroU32>() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(BadSetting { name, value }),
            },
        };
        let time = |name, default| -> Result<Duration, BadSetting> {
            let milliseconds =
                |number: NonZeroU32| Duration::from_millis(number.get().into());
            Ok(number(name)?.map_or(default, milliseconds))
        };
        let default = Self::default();
        Ok(Self {
            most: number("MAX_CONNECTIONS")?.unwrap_or(default.most),
            head: time("HEAD_TIMEOUT_MS", default.head)?,
            write: time("WRITE_TIMEOUT_MS", default.write)?,
            ..default
        })
    }
}

impl fmt::Display for Connections {
    /// For the operator.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "MAX_CONNECTIONS={}", self.most)?;
        writeln!(f, "HEAD_TIMEOUT_MS={}", self.head.as_millis())?;
        write!(f, "WRITE_TIMEOUT_MS={}", self.write.as_millis())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Connections;

    #[test]
    fn what_is_not_set_is_as_by_default_and_what_is_is_told() {
        let head =
            |name: &str| (name == "HEAD_TIMEOUT_MS").then(|| "250".to_owned());
        let limits = Connections::from_lookup(&head).unwrap();
        let expected = Connections {
            head: Duration::from_millis(250),
            ..Connections::default()
        };
        assert_eq!(limits, expected);
        assert_eq!(
            Connections::default().to_string(),
            "MAX_CONNECTIONS=512\nHEAD_TIMEOUT_MS=15000\nWRITE_TIMEOUT_MS=30000"
        );
        assert_eq!(
            limits.to_string(),
            "MAX_CONNECTIONS=512\nHEAD_TIMEOUT_MS=250\nWRITE_TIMEOUT_MS=30000"
        );
    }

    #[test]
    fn a_bound_of_nothing_or_of_no_number_is_named() {
        let names = ["MAX_CONNECTIONS", "HEAD_TIMEOUT_MS", "WRITE_TIMEOUT_MS"];
        for (name, value) in names
            .iter()
            .flat_map(|name| ["0", "-1", "many", ""].map(|v| (*name, v)))
        {
            let lookup =
                |asked: &str| (asked == name).then(|| value.to_owned());
            let error = Connections::from_lookup(&lookup).unwrap_err();
            let expected =
                format!("{name} is not a number from 1, but {value:?}");
            assert_eq!(error.to_string(), expected);
        }
    }
}
