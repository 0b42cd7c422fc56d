use crate::Source;

/// An mdBook directive such as `{{#include FILE:ANCHOR}}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directive<'a> {
    pub(crate) line: usize,
    /// As written, with its braces.
    pub(crate) text: &'a str,
    /// Whether nothing but white space stands before it on its line.
    pub(crate) is_indented: bool,
    /// `include`, `title`, …
    pub(crate) kind: &'a str,
    /// The file, as the page names it.
    pub(crate) path: &'a str,
    /// What follows the first `:`.
    pub(crate) selector: Option<&'a str>,
}

/// The directives of a page that mdBook carries out.
pub(crate) fn directives(source: &Source) -> Vec<Directive<'_>> {
    scan(source)
        .filter(|(before, _)| !before.ends_with('\\'))
        .map(|(_, directive)| directive)
        .collect()
}

/// The directives that a page shows as text, by a `\` before them.
pub(crate) fn escaped(source: &Source) -> Vec<&str> {
    scan(source)
        .filter(|(before, _)| before.ends_with('\\'))
        .map(|(_, directive)| directive.text)
        .collect()
}

/// Directives, each with what stands before it on its line.
fn scan(source: &Source) -> impl Iterator<Item = (&str, Directive<'_>)> {
    source.lines().flat_map(|(number, line)| {
        line.match_indices("{{").filter_map(move |(start, _)| {
            let before = &line[..start];
            Some((before, parse(number, before, &line[start..])?))
        })
    })
}

/// `text` starts with the braces. The grammar is mdBook's own: white space,
/// `#`, a name, white space, anything up to the closing braces.
fn parse<'a>(
    line: usize,
    before: &str,
    text: &'a str,
) -> Option<Directive<'a>> {
    let (inner, _) = text[2..].split_once("}}")?;
    let rest = inner.trim_start().strip_prefix('#')?;
    let (kind, argument) = rest.split_once(char::is_whitespace)?;
    let target = argument.split_whitespace().next()?;
    let (path, selector) = match target.split_once(':') {
        Some((path, selector)) => (path, Some(selector)),
        None => (target, None),
    };
    Some(Directive {
        line,
        text: &text[..inner.len() + 4],
        is_indented: !before.is_empty() && before.trim().is_empty(),
        kind,
        path,
        selector,
    })
}
