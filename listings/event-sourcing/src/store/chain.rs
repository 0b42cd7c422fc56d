//! The hash chain: each event of a stream vouches for all before it.

use std::fmt;

use serde_json::Value;
use sha2::{Digest, Sha256};
use sqlx::Type;
use time::OffsetDateTime;
use uuid::Uuid;

use super::StreamId;

/// A SHA-256 hash (FIPS 180-4).
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Type)]
#[sqlx(transparent)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first event of a stream has for a predecessor.
    pub const GENESIS: Self = Self([0; 32]);
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// A value that the database or the chain would not keep as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotStorable {
    /// A number with a fraction, or beyond 64 bits.
    #[error("holds a number that is not a 64-bit integer")]
    Fraction,
    /// jsonb refuses U+0000 in text.
    #[error("holds the character U+0000")]
    Nul,
}

// ANCHOR: chain
/// What a hash is made of: everything about an event but the feed's order.
pub(super) struct Link<'a> {
    pub(super) stream: StreamId,
    pub(super) version: i64,
    pub(super) event_id: Uuid,
    pub(super) event_type: &'a str,
    pub(super) schema_version: i16,
    pub(super) recorded_at: OffsetDateTime,
    pub(super) payload: &'a str,
    pub(super) metadata: &'a str,
    pub(super) previous: Hash,
}

impl Link<'_> {
    /// The hash of the event. Each part comes with its length, so that no two
    /// different events make the same bytes. `payload` and `metadata` are
    /// [`canonical`].
    pub(super) fn hash(&self) -> Hash {
        let micros = self.recorded_at.unix_timestamp_nanos() / 1_000;
        let mut sha = Sha256::new();
        for part in [
            b"observable-rust/event/1".as_slice(),
            self.stream.as_bytes(),
            &self.version.to_be_bytes(),
            self.event_id.as_bytes(),
            self.event_type.as_bytes(),
            &self.schema_version.to_be_bytes(),
            &micros.to_be_bytes(),
            self.payload.as_bytes(),
            self.metadata.as_bytes(),
            &self.previous.0,
        ] {
            sha.update((part.len() as u64).to_be_bytes());
            sha.update(part);
        }
        Hash(sha.finalize().into())
    }
}
// ANCHOR_END: chain

// ANCHOR: canonical
/// The one text for a JSON value: names sorted, no spaces, integers only.
/// jsonb does not keep the text it was given, so the hash is not over that.
///
/// # Errors
/// When the value would not come back as it went in.
pub(super) fn canonical(value: &Value) -> Result<String, NotStorable> {
    let mut text = String::new();
    write(value, &mut text)?;
    Ok(text)
}

fn write(value: &Value, text: &mut String) -> Result<(), NotStorable> {
    match value {
        Value::Null | Value::Bool(_) => *text += &value.to_string(),
        Value::Number(number) if number.is_f64() => {
            return Err(NotStorable::Fraction);
        }
        Value::Number(number) => *text += &number.to_string(),
        Value::String(string) => write_string(string, text)?,
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                text.push(if at == 0 { '[' } else { ',' });
                write(item, text)?;
            }
            *text += if items.is_empty() { "[]" } else { "]" };
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(name, _)| *name);
            for (at, (name, field)) in fields.iter().enumerate() {
                text.push(if at == 0 { '{' } else { ',' });
                write_string(name, text)?;
                text.push(':');
                write(field, text)?;
            }
            *text += if fields.is_empty() { "{}" } else { "}" };
        }
    }
    Ok(())
}
// ANCHOR_END: canonical

fn write_string(string: &str, text: &mut String) -> Result<(), NotStorable> {
    if string.contains('\0') {
        return Err(NotStorable::Nul);
    }
    *text += &Value::from(string).to_string();
    Ok(())
}
