//! Text from the network, made safe and made to fit.

use std::borrow::Cow;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The text with everything escaped that could steer a terminal, break a
/// line or turn the reading direction.
pub(crate) fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 8);
    for char in text.chars() {
        match is_unsafe(char) {
            true => safe.extend(char.escape_default()),
            false => safe.push(char),
        }
    }
    Cow::Owned(safe)
}

fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
}

/// A number and what it counts: `no spans`, `1 span`, `2 spans`.
pub(crate) fn counted(n: usize, what: &str) -> String {
    match n {
        0 => format!("no {what}s"),
        1 => format!("1 {what}"),
        n => format!("{n} {what}s"),
    }
}

/// How many columns of a terminal the text takes.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The text in exactly `columns` columns: padded, or cut with an ellipsis.
pub(crate) fn fitted(text: &str, columns: usize) -> String {
    padded(&cut(text, columns), columns)
}

/// The text in at least `columns` columns.
pub(crate) fn padded(text: &str, columns: usize) -> String {
    let padding = columns.saturating_sub(width(text));
    format!("{text}{:padding$}", "")
}

/// The text in at most `columns` columns, an ellipsis where it was cut.
pub(crate) fn cut(text: &str, columns: usize) -> Cow<'_, str> {
    if width(text) <= columns {
        return Cow::Borrowed(text);
    }
    let mut room = columns.saturating_sub(1);
    let mut end = 0;
    for (at, char) in text.char_indices() {
        let Some(left) = room.checked_sub(char.width().unwrap_or(0)) else {
            break;
        };
        room = left;
        end = at + char.len_utf8();
    }
    match (columns, text.get(..end)) {
        (0, _) | (_, None) => Cow::Borrowed(""),
        (_, Some(start)) => Cow::Owned(format!("{start}…")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_network_steers_the_terminal() {
        assert_eq!(
            escaped("\u{1b}[2J\r\n\u{9b}1m"),
            "\\u{1b}[2J\\r\\n\\u{9b}1m"
        );
        assert_eq!(escaped("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(escaped("Grüße 你好 👩‍💻"), "Grüße 你好 👩‍💻");
    }

    #[test]
    fn cuts_by_columns_not_by_characters() {
        assert_eq!(fitted("abc", 5), "abc  ");
        assert_eq!(fitted("abcdef", 5), "abcd…");
        assert_eq!(fitted("你好世界", 5), "你好…");
        assert_eq!(fitted("你好世界", 4), "你… ");
        assert_eq!(fitted("abc", 0), "");
    }
}
