//! Single values in JSON, with the liberties of the protobuf JSON mapping:
//! a number may be text, an integer may have an exponent, and three words
//! stand for the doubles that JSON has no numbers for.

use super::{
    super::{schema::Kind, wire::put_varint},
    Unreadable,
};
use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use serde_json::value::RawValue;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Characters of a value that a reason repeats.
const SHOWN: usize = 40;

fn expected(what: &str, raw: &RawValue) -> Unreadable {
    let found: String = raw.get().chars().take(SHOWN).collect();
    Unreadable::from(&format!("expected {what}, found {found:?}"))
}

/// Appends a number as the wire has it.
pub(super) fn put(
    raw: &RawValue,
    kind: &Kind,
    out: &mut Vec<u8>,
) -> Result<(), Unreadable> {
    match kind {
        Kind::Bool => match raw.get() {
            "true" => out.push(1),
            "false" => out.push(0),
            _ => return Err(expected("true or false", raw)),
        },
        Kind::Double | Kind::Doubles => {
            out.extend_from_slice(&double(raw)?.to_le_bytes());
        }
        // A negative number of 32 bits is one of 64 bits on the wire.
        Kind::Int32 => put_varint(out, i64::from(int::<i32>(raw)?) as u64),
        Kind::Int64 => put_varint(out, int::<i64>(raw)? as u64),
        Kind::Uint32 => put_varint(out, int::<u32>(raw)?.into()),
        Kind::Varints => put_varint(out, int(raw)?),
        Kind::Fixed32 => {
            out.extend_from_slice(&int::<u32>(raw)?.to_le_bytes());
        }
        Kind::Signed64 => {
            out.extend_from_slice(&int::<i64>(raw)?.to_le_bytes());
        }
        _ => out.extend_from_slice(&int::<u64>(raw)?.to_le_bytes()),
    }
    Ok(())
}

/// The bytes of a text, an id in hex, or base64.
pub(super) fn bytes(
    raw: &RawValue,
    kind: &Kind,
) -> Result<Vec<u8>, Unreadable> {
    let text: String = serde_json::from_str(raw.get())
        .map_err(|error| Unreadable::from(&error))?;
    match kind {
        Kind::Id => hex(&text).ok_or_else(|| expected("hex digits", raw)),
        Kind::Bytes => {
            // Both alphabets are allowed, with or without padding.
            let text = text.replace('-', "+").replace('_', "/");
            BASE64.decode(text).map_err(|_| expected("base64", raw))
        }
        _ => Ok(text.into_bytes()),
    }
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<_>> =
        text.chars().map(|char| char.to_digit(16)).collect();
    let (pairs, rest) = digits.as_ref()?.as_chunks::<2>();
    let bytes = pairs.iter().map(|[high, low]| (high << 4 | low) as u8);
    rest.is_empty().then(|| bytes.collect())
}

/// The number in the text: bare or in quotes.
fn number(raw: &RawValue) -> &str {
    let text = raw.get();
    let quoted = text.strip_prefix('"').and_then(|it| it.strip_suffix('"'));
    quoted.unwrap_or(text)
}

fn int<T: TryFrom<i128>>(raw: &RawValue) -> Result<T, Unreadable> {
    let text = number(raw);
    let whole = || {
        // As in 1e3 or 5.0; above 2^53 a double is no exact integer.
        let number = text.parse::<f64>().ok()?;
        let is_exact = number.fract() == 0.0 && number.abs() < 9e15;
        is_exact.then_some(number as i128)
    };
    let number = text.parse().ok().or_else(whole);
    let number = number.and_then(|number| T::try_from(number).ok());
    number.ok_or_else(|| {
        let bits = 8 * size_of::<T>();
        expected(&format!("an integer of {bits} bits"), raw)
    })
}

fn double(raw: &RawValue) -> Result<f64, Unreadable> {
    match raw.get() {
        "\"NaN\"" => return Ok(f64::NAN),
        "\"Infinity\"" => return Ok(f64::INFINITY),
        "\"-Infinity\"" => return Ok(f64::NEG_INFINITY),
        _ => {}
    }
    let number = number(raw).parse().ok();
    // Rust knows more words, and calls a number out of range infinite.
    let number = number.filter(|number: &f64| number.is_finite());
    number.ok_or_else(|| expected("a number", raw))
}
