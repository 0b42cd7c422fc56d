use html5gum::{DefaultEmitter, Token, Tokenizer};

/// A tag of an HTML text that has an id or refers to something.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    /// Byte offset of the tag.
    pub(crate) offset: usize,
    pub(crate) id: Option<String>,
    /// The value of `href` or `src`.
    pub(crate) target: Option<String>,
}

/// The tags of a page or of a piece of one.
pub(crate) fn tags(text: &str) -> Vec<Tag> {
    tokens(text)
        .filter_map(|token| match token {
            Token::StartTag(tag) => {
                let value = |name: &str| {
                    let value = tag.attributes.get(name.as_bytes())?;
                    Some(String::from_utf8_lossy(value).into_owned())
                };
                let name = String::from_utf8_lossy(&tag.name).into_owned();
                let named = if name == "a" { value("name") } else { None };
                Some(Tag {
                    offset: tag.span.start,
                    id: value("id").or(named),
                    target: value("href").or_else(|| value("src")),
                    name,
                })
            }
            _ => None,
        })
        .collect()
}

/// Byte offsets of the `<code>` in a `<pre>` that hold nothing to read.
pub(crate) fn empty_code_blocks(text: &str) -> Vec<usize> {
    let mut empty = Vec::new();
    let mut in_pre = false;
    let mut block: Option<(usize, bool)> = None;
    for token in tokens(text) {
        match token {
            Token::StartTag(tag) if **tag.name == *b"pre" => in_pre = true,
            Token::EndTag(tag) if **tag.name == *b"pre" => in_pre = false,
            Token::StartTag(tag) if in_pre && **tag.name == *b"code" => {
                block = Some((tag.span.start, true));
            }
            Token::EndTag(tag) if **tag.name == *b"code" => {
                if let Some((offset, true)) = block.take() {
                    empty.push(offset);
                }
            }
            Token::String(words) => {
                if let Some((_, is_empty)) = &mut block {
                    *is_empty &= words.trim_ascii().is_empty();
                }
            }
            _ => {}
        }
    }
    empty
}

/// The text of a page, without tags, scripts' contents included.
pub(crate) fn words(text: &str) -> Vec<(usize, String)> {
    tokens(text)
        .filter_map(|token| match token {
            Token::String(words) => {
                let text = String::from_utf8_lossy(&words).into_owned();
                Some((words.span.start, text))
            }
            _ => None,
        })
        .collect()
}

fn tokens(text: &str) -> impl Iterator<Item = Token<usize>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    // So that a `<` in a script does not open a tag.
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(text, emitter).flatten()
}
