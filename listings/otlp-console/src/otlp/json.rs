//! OTLP/JSON: the protobuf JSON mapping, with the exceptions of the OTLP
//! specification ("JSON Protobuf Encoding").
//!
//! JSON is turned into the wire format, so that both encodings are read, and
//! bounded, by the same code. A span, record or point that cannot be read is
//! left out and counted; its neighbours are not touched.

mod each;
mod scalar;
mod write;

pub(crate) use write::text;

use super::{
    Rejected,
    schema::{Field, Kind, Schema},
    wire::{DEEPEST, put_bytes, put_key},
};
use each::{each_element, each_field};
use serde_json::value::RawValue;

/// Why a part of the text was not understood.
#[derive(Debug, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct Unreadable {
    reason: String,
    /// Items in it, which could be read but have lost what stands around.
    items: usize,
}

impl<E: ToString> From<&E> for Unreadable {
    fn from(reason: &E) -> Self {
        Self {
            reason: reason.to_string(),
            items: 0,
        }
    }
}

/// The message in the wire format, and what was left out.
pub(crate) fn to_wire(
    body: &[u8],
    schema: &'static Schema,
) -> Result<(Vec<u8>, Rejected), Unreadable> {
    let text =
        str::from_utf8(body).map_err(|error| Unreadable::from(&error))?;
    let raw: &RawValue =
        serde_json::from_str(text).map_err(|error| Unreadable::from(&error))?;
    let mut reader = Reader::default();
    let mut out = Vec::new();
    reader.message(raw, schema, &mut out, 0)?;
    Ok((out, reader.rejected))
}

#[derive(Default)]
struct Reader {
    rejected: Rejected,
}

impl Reader {
    /// Appends the fields of an object; returns how many items are in it.
    fn message(
        &mut self,
        raw: &RawValue,
        schema: &'static Schema,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<usize, Unreadable> {
        // The requests' own levels come on top.
        if depth > DEEPEST + 8 {
            return Err(Unreadable::from(&"too many messages in one another"));
        }
        let mut items = 0;
        let mut failed: Option<String> = None;
        each_field(raw, schema, |field, value| {
            // The protobuf JSON mapping: null stands for the default.
            if value.get() == "null" {
                return;
            }
            match self.field(value, field, out, depth) {
                Ok(found) => items += found,
                Err(Unreadable {
                    reason,
                    items: lost,
                }) => {
                    items += lost;
                    let reason = format!("{}: {reason}", field.name);
                    failed.get_or_insert(reason);
                }
            }
        })
        .map_err(|error| Unreadable::from(&error))?;
        match failed {
            Some(reason) => Err(Unreadable { reason, items }),
            None => Ok(items),
        }
    }

    fn field(
        &mut self,
        raw: &RawValue,
        field: &'static Field,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<usize, Unreadable> {
        match field.kind {
            Kind::One(inner) => {
                let mut bytes = Vec::new();
                let items = self.message(raw, inner, &mut bytes, depth + 1)?;
                put_bytes(out, field, &bytes);
                Ok(items)
            }
            Kind::Many(inner) => {
                let mut bytes = Vec::new();
                each_element(raw, |element| {
                    bytes.clear();
                    self.message(element, inner, &mut bytes, depth + 1)?;
                    put_bytes(out, field, &bytes);
                    Ok(())
                })?;
                Ok(0)
            }
            Kind::Items(inner) => self.items(raw, inner, field, out, depth),
            Kind::Doubles | Kind::Fixed64s | Kind::Varints => {
                let mut bytes = Vec::new();
                each_element(raw, |element| {
                    scalar::put(element, &field.kind, &mut bytes)
                })?;
                put_bytes(out, field, &bytes);
                Ok(0)
            }
            Kind::Text | Kind::Bytes | Kind::Id => {
                put_bytes(out, field, &scalar::bytes(raw, &field.kind)?);
                Ok(0)
            }
            _ => {
                let mut bytes = Vec::new();
                scalar::put(raw, &field.kind, &mut bytes)?;
                put_key(out, field);
                out.append(&mut bytes);
                Ok(0)
            }
        }
    }

    /// Appends what can be read of a list; counts the rest as rejected.
    fn items(
        &mut self,
        raw: &RawValue,
        inner: &'static Schema,
        field: &Field,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<usize, Unreadable> {
        let mut items = 0;
        let mut bytes = Vec::new();
        each_element(raw, |element| {
            bytes.clear();
            match self.message(element, inner, &mut bytes, depth + 1) {
                Ok(found) => {
                    items += found.max(1);
                    put_bytes(out, field, &bytes);
                }
                Err(Unreadable {
                    reason,
                    items: lost,
                }) => {
                    let reason = format!("{}: {reason}", field.name);
                    self.rejected.add(lost.max(1), &reason);
                }
            }
            Ok(())
        })?;
        Ok(items)
    }
}
