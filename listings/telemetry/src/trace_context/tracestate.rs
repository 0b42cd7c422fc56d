//! The `tracestate` header:
//! <https://www.w3.org/TR/trace-context-2/#tracestate-header>.

const MAX_MEMBERS: usize = 32;
const MAX_LENGTH: usize = 256;

/// One entry of the list: which tracing system, and what it noted.
pub(super) type Member<'a> = (&'a str, &'a str);

// ANCHOR: tracestate
/// The members of all headers in order, or `None` when one of them breaks the
/// grammar or there are more than 32. Empty members are legal and left out.
pub(super) fn parse<'a>(headers: &[&'a str]) -> Option<Vec<Member<'a>>> {
    let mut members = Vec::new();
    for member in headers.iter().flat_map(|header| header.split(',')) {
        let member = member.trim_matches([' ', '\t']);
        if member.is_empty() {
            continue;
        }
        let (key, value) = member.split_once('=')?;
        if !is_key(key) || !is_value(value) || members.len() == MAX_MEMBERS {
            return None;
        }
        members.push((key, value));
    }
    Some(members)
}

fn is_key(key: &str) -> bool {
    let letter = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    (1..=MAX_LENGTH).contains(&key.len())
        && key.bytes().take(1).all(letter)
        && key.bytes().all(|b| letter(b) || b"_-*/@".contains(&b))
}

fn is_value(value: &str) -> bool {
    (1..=MAX_LENGTH).contains(&value.len())
        && value.bytes().all(|b| matches!(b, b' '..=b'~') && b != b'=')
}
// ANCHOR_END: tracestate

pub(super) fn render(members: &[Member<'_>]) -> String {
    let members: Vec<String> = members
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    members.join(",")
}
