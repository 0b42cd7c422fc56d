//! Typed access to environment variables.

use std::{fmt::Display, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;

/// A variable has a value that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable}={value} is not valid: set it to {expected}, or unset it")]
pub struct ConfigError {
    variable: String,
    value: String,
    expected: String,
}

impl ConfigError {
    pub(super) fn new(
        variable: &str,
        value: &str,
        expected: impl Display,
    ) -> Self {
        Self {
            variable: variable.to_owned(),
            value: format!("{value:?}"),
            expected: expected.to_string(),
        }
    }

    /// The same for a value that nobody should see in a log.
    pub(super) fn secret(variable: &str, expected: impl Display) -> Self {
        Self {
            variable: variable.to_owned(),
            value: "(hidden)".to_owned(),
            expected: expected.to_string(),
        }
    }

    /// The name of the variable.
    pub fn variable(&self) -> &str {
        &self.variable
    }
}

type Lookup<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// The environment that a configuration is read from.
pub(super) struct Env<'a> {
    lookup: &'a Lookup<'a>,
}

impl<'a> Env<'a> {
    pub(super) fn new(lookup: &'a Lookup<'a>) -> Self {
        Self { lookup }
    }

    /// The value without space around it. The specification wants an empty
    /// one to count as unset.
    pub(super) fn text(&self, variable: &str) -> Option<String> {
        let value = (self.lookup)(variable)?;
        let value = value.trim();
        (!value.is_empty()).then(|| value.to_owned())
    }

    /// The first of `variables` that is set, with its value.
    pub(super) fn first(
        &self,
        variables: [String; 2],
    ) -> (String, Option<String>) {
        let [specific, general] = variables;
        match self.text(&specific) {
            Some(value) => (specific, Some(value)),
            None => {
                let value = self.text(&general);
                (general, value)
            }
        }
    }

    /// The choice that the value names, whatever its case.
    pub(super) fn one_of<T: Copy>(
        &self,
        variable: &str,
        choices: &[(&str, T)],
    ) -> Result<Option<T>, ConfigError> {
        self.text(variable)
            .map(|value| choose(variable, &value, choices))
            .transpose()
    }

    /// A whole number in `range`.
    pub(super) fn count(
        &self,
        variable: &str,
        default: usize,
        max: usize,
    ) -> Result<usize, ConfigError> {
        let Some(value) = self.text(variable) else {
            return Ok(default);
        };
        parse(&value)
            .filter(|count| (1..=max).contains(count))
            .ok_or_else(|| {
                let expected = format!("a whole number from 1 to {max}");
                ConfigError::new(variable, &value, expected)
            })
    }

    /// A time in milliseconds, at least one.
    pub(super) fn millis(
        &self,
        variable: &str,
        default: u64,
    ) -> Result<Duration, ConfigError> {
        match self.text(variable) {
            Some(value) => millis(variable, &value),
            None => Ok(Duration::from_millis(default)),
        }
    }

    /// A list of `key=value`, separated by commas.
    pub(super) fn pairs(
        &self,
        variable: &str,
    ) -> Result<Vec<(String, String)>, ConfigError> {
        let Some(value) = self.text(variable) else {
            return Ok(Vec::new());
        };
        pairs(&value).ok_or_else(|| {
            let expected = "key=value pairs separated by commas, \
                with other commas and % signs percent-encoded";
            ConfigError::new(variable, &value, expected)
        })
    }
}

pub(super) fn choose<T: Copy>(
    variable: &str,
    value: &str,
    choices: &[(&str, T)],
) -> Result<T, ConfigError> {
    let chosen = choices
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(value));
    chosen.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        ConfigError::new(variable, value, names.join(" or "))
    })
}

pub(super) fn millis(
    variable: &str,
    value: &str,
) -> Result<Duration, ConfigError> {
    parse(value)
        .filter(|millis| *millis > 0)
        .map(Duration::from_millis)
        .ok_or_else(|| {
            let expected = "a whole number of milliseconds above 0";
            ConfigError::new(variable, value, expected)
        })
}

/// Splits `a=1,b=2`, the form of the W3C Baggage header; `None` when a part
/// has no key or no equals sign or is not UTF-8 once decoded.
pub(super) fn pairs(value: &str) -> Option<Vec<(String, String)>> {
    let decode = |text: &str| {
        let decoded = percent_decode_str(text.trim()).decode_utf8().ok()?;
        Some(decoded.into_owned())
    };
    value
        .split(',')
        .filter(|pair| !pair.trim().is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=')?;
            Some((decode(key).filter(|key| !key.is_empty())?, decode(value)?))
        })
        .collect()
}

fn parse<T: FromStr>(value: &str) -> Option<T> {
    value.parse().ok()
}
