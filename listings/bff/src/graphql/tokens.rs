//! A look at a document before the parser sees it.

use super::{
    limits::{NESTING, TOKENS, VARIABLES},
    refusal::{NOT_GRAPHQL, Refusal, TOO_DEEP, TOO_LONG, TOO_MANY_VARIABLES},
};

// ANCHOR: tokens
/// Counts the tokens, and how deep the brackets are nested. A parser that
/// calls itself needs stack for every bracket, so this one does not.
///
/// # Errors
/// When there are too many. It does not care whether the rest is GraphQL.
pub(super) fn check(document: &str) -> Result<(), &'static Refusal> {
    let mut rest = document.as_bytes();
    let (mut tokens, mut variables, mut nesting) = (0, 0, 0_usize);
    while let [first, ..] = rest {
        let length = match first {
            b' ' | b'\t' | b'\n' | b'\r' | b',' => 1,
            b'#' => until(rest, |byte| matches!(byte, b'\n' | b'\r')),
            _ => {
                tokens += 1;
                token(rest).ok_or(&NOT_GRAPHQL)?
            }
        };
        match first {
            b'{' | b'(' | b'[' => nesting += 1,
            b'}' | b')' | b']' => nesting = nesting.saturating_sub(1),
            b'$' => variables += 1,
            _ => {}
        }
        if variables > VARIABLES {
            return Err(&TOO_MANY_VARIABLES);
        }
        if tokens > TOKENS {
            return Err(&TOO_LONG);
        }
        if nesting > NESTING {
            return Err(&TOO_DEEP);
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    Ok(())
}
// ANCHOR_END: tokens

/// The length of the token that `rest` begins with, if it ends.
fn token(rest: &[u8]) -> Option<usize> {
    match rest {
        [b'"', b'"', b'"', ..] => block(rest),
        [b'"', ..] => string(rest),
        [b'.', b'.', b'.', ..] => Some(3),
        [first, ..] if is_word(*first) => {
            Some(until(rest, |byte| !is_word(byte)))
        }
        _ => Some(1),
    }
}

/// Names, numbers, and what is outside of ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'_' | b'-' | b'+')
        || !byte.is_ascii()
}

fn until(rest: &[u8], end: impl Fn(u8) -> bool) -> usize {
    let end = rest.iter().position(|byte| end(*byte));
    end.unwrap_or(rest.len())
}

fn string(rest: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match rest.get(at)? {
            b'"' => return Some(at + 1),
            b'\n' | b'\r' => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

fn block(rest: &[u8]) -> Option<usize> {
    let mut at = 3;
    loop {
        match rest.get(at..)? {
            [b'"', b'"', b'"', ..] => return Some(at + 3),
            [b'\\', b'"', b'"', b'"', ..] => at += 4,
            [] => return None,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{check, token};

    #[test]
    fn tokens_end_where_graphql_ends_them() {
        let length = |text: &str| token(text.as_bytes());
        assert_eq!(length("name: 1"), Some(4));
        assert_eq!(length("-1.5e+3 "), Some(2));
        assert_eq!(length("...on"), Some(3));
        assert_eq!(length(r#""a \" } b" "#), Some(10));
        assert_eq!(length(r#""""a "" \""" b""" c"#), Some(17));
        assert_eq!(length("\"open"), None);
        assert_eq!(length("\"\\"), None);
        assert_eq!(length(r#""""open"""#), None);
    }

    #[test]
    fn what_is_in_strings_and_comments_does_not_count() {
        let brackets = "{".repeat(2_000);
        for text in [
            format!("# {brackets}"),
            format!("\"{brackets}\""),
            format!("\"\"\"{brackets}\"\"\""),
        ] {
            check(&text).unwrap();
        }
    }
}
