//! The protobuf wire format, read field by field without decoding it: what
//! a message would cost is known before memory is spent on it.

use super::schema::{Field, Kind, Schema};

/// Messages in messages that are read. Each of them is at most two levels of
/// JSON, of which `serde_json` takes 128.
pub(super) const DEEPEST: usize = 48;

/// Why bytes are no message.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("cannot decode the message: a field is cut off or has no type")]
    Field,
    #[error("cannot decode the message: more than {DEEPEST} in one another")]
    TooDeep,
}

/// The value of a field.
#[derive(Clone, Copy)]
pub(super) enum Content<'b> {
    Number(u64),
    Bytes(&'b [u8]),
}

/// The fields of a message, in their order on the wire.
pub(super) struct Fields<'b>(pub(super) &'b [u8]);

impl<'b> Iterator for Fields<'b> {
    type Item = Result<(u32, Content<'b>), Malformed>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.0.is_empty() {
            return None;
        }
        let field = field(&mut self.0).ok_or(Malformed::Field);
        if field.is_err() {
            self.0 = &[];
        }
        Some(field)
    }
}

fn field<'b>(rest: &mut &'b [u8]) -> Option<(u32, Content<'b>)> {
    let key = u32::try_from(varint(rest)?).ok()?;
    let content = match key & 7 {
        0 => Content::Number(varint(rest)?),
        1 => {
            let (number, after) = rest.split_first_chunk()?;
            *rest = after;
            Content::Number(u64::from_le_bytes(*number))
        }
        2 => {
            let length = usize::try_from(varint(rest)?).ok()?;
            let (bytes, after) = rest.split_at_checked(length)?;
            *rest = after;
            Content::Bytes(bytes)
        }
        5 => {
            let (number, after) = rest.split_first_chunk()?;
            *rest = after;
            Content::Number(u32::from_le_bytes(*number).into())
        }
        _ => return None,
    };
    (key >> 3 > 0).then_some((key >> 3, content))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

/// The messages in the repeated field `number`.
pub(super) fn messages(
    bytes: &[u8],
    number: u32,
) -> impl Iterator<Item = Result<&[u8], Malformed>> {
    Fields(bytes).filter_map(move |field| match field {
        Ok((found, Content::Bytes(bytes))) if found == number => {
            Some(Ok(bytes))
        }
        Ok(_) => None,
        Err(malformed) => Some(Err(malformed)),
    })
}

/// The bytes that a message will hold once it is in the model, without the
/// items in it, which are read one at a time.
pub(super) fn cost(
    bytes: &[u8],
    schema: &Schema,
    depth: usize,
) -> Result<usize, Malformed> {
    if depth > DEEPEST {
        return Err(Malformed::TooDeep);
    }
    let mut sum = schema.size;
    for field in Fields(bytes) {
        let (number, Content::Bytes(bytes)) = field? else {
            continue;
        };
        sum += match schema.numbered(number).map(|field| &field.kind) {
            Some(Kind::Items(_)) => 0,
            Some(Kind::One(inner) | Kind::Many(inner)) => {
                cost(bytes, inner, depth + 1)?
            }
            // A packed number may be one byte here and eight in memory.
            Some(Kind::Varints) => bytes.len().saturating_mul(8),
            _ => bytes.len(),
        };
    }
    Ok(sum)
}

/// Appends a number as the field's kind has it.
pub(super) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends the key in front of a field's content.
pub(super) fn put_key(out: &mut Vec<u8>, field: &Field) {
    let wire_type = match field.kind {
        Kind::Bool | Kind::Int32 | Kind::Uint32 | Kind::Int64 => 0,
        Kind::Fixed64 | Kind::Signed64 | Kind::Double => 1,
        Kind::Fixed32 => 5,
        _ => 2,
    };
    put_varint(out, u64::from(field.number << 3 | wire_type));
}

/// Appends a field that has a length.
pub(super) fn put_bytes(out: &mut Vec<u8>, field: &Field, bytes: &[u8]) {
    put_key(out, field);
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
