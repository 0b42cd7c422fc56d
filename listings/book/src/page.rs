use std::collections::HashSet;

use pulldown_cmark::{
    BrokenLink, CodeBlockKind, CowStr, Event, LinkType, Options, Parser, Tag,
    TagEnd,
};

use crate::{Source, html};

/// A Markdown file and what the checks look for in it.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The file.
    pub(crate) source: Source,
    pub(crate) headings: Vec<Heading>,
    pub(crate) links: Vec<Link>,
    pub(crate) fences: Vec<Fence>,
    /// Ids in raw HTML.
    pub(crate) html_ids: Vec<String>,
    /// Text outside code, with its line.
    pub(crate) prose: Vec<(usize, String)>,
    /// Code in sentences, with its line.
    pub(crate) codes: Vec<(usize, String)>,
    /// Names in `[text][name]` that no line defines.
    pub(crate) undefined: Vec<(usize, String)>,
}

/// A heading, or the term of a definition list, which mdBook gives an id too.
#[derive(Debug, Default)]
pub(crate) struct Heading {
    pub(crate) line: usize,
    /// 1 to 6; `None` for a term.
    pub(crate) level: Option<u8>,
    pub(crate) text: String,
    pub(crate) id: String,
    /// Whether the page spells the id out, as `## Title {#id}`.
    pub(crate) is_explicit: bool,
}

/// A link or an image.
#[derive(Debug)]
pub(crate) struct Link {
    pub(crate) line: usize,
    pub(crate) target: String,
    /// What one clicks on.
    pub(crate) text: String,
}

/// A code block.
#[derive(Debug)]
pub(crate) struct Fence {
    /// The line of the fence itself, above its first line of code.
    pub(crate) line: usize,
    /// The words after the back-ticks; `None` for an indented block.
    pub(crate) info: Option<String>,
    pub(crate) body: String,
}

impl Fence {
    /// The first word after the back-ticks.
    pub(crate) fn language(&self) -> &str {
        let info = self.info.as_deref().unwrap_or_default();
        info.split([',', ' ']).next().unwrap_or_default()
    }

    /// The lines of the body with their numbers in the page.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (self.line + 1..).zip(self.body.lines())
    }
}

impl Page {
    /// Reads Markdown the way mdBook does.
    pub(crate) fn parse(source: Source) -> Self {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_DEFINITION_LIST
            | Options::ENABLE_GFM;
        let text = source.text.clone();
        let mut undefined = Vec::new();
        let note_undefined = |link: BrokenLink<'_>| {
            if link.link_type == LinkType::Reference {
                let line = source.line_at(link.span.start);
                undefined.push((line, link.reference.to_string()));
            }
            None::<(CowStr<'_>, CowStr<'_>)>
        };
        let events = Parser::new_with_broken_link_callback(
            &text,
            options,
            Some(note_undefined),
        );
        let mut walker = Walker::default();
        for (event, range) in events.into_offset_iter() {
            let line = source.line_at(range.start);
            walker.take(event, line);
        }
        Self {
            undefined,
            source,
            ..walker.page
        }
    }
}

/// Collects what a page holds, event by event.
#[derive(Default)]
struct Walker {
    page: Page,
    heading: Option<Heading>,
    fence: Option<Fence>,
    is_in_link: bool,
    made_ids: HashSet<String>,
}

impl Walker {
    fn take(&mut self, event: Event<'_>, line: usize) {
        match event {
            Event::Start(tag) => self.start(tag, line),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, line),
            Event::Code(code) => {
                self.in_link(&code);
                self.page.codes.push((line, code.to_string()));
                if let Some(heading) = &mut self.heading {
                    heading.text.push_str(&code);
                }
            }
            Event::Html(text) | Event::InlineHtml(text) => {
                let tags = html::tags(&text);
                let ids = tags.into_iter().filter_map(|tag| tag.id);
                self.page.html_ids.extend(ids);
            }
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, line: usize) {
        match tag {
            Tag::Heading { level, id, .. } => {
                self.heading = Some(Heading {
                    line,
                    level: Some(level as u8),
                    is_explicit: id.is_some(),
                    id: id.map(String::from).unwrap_or_default(),
                    ..Heading::default()
                });
            }
            Tag::DefinitionListTitle => {
                self.heading = Some(Heading {
                    line,
                    ..Heading::default()
                });
            }
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                let target = dest_url.to_string();
                let text = String::new();
                self.page.links.push(Link { line, target, text });
                self.is_in_link = true;
            }
            Tag::CodeBlock(kind) => {
                let info = match kind {
                    CodeBlockKind::Fenced(info) => Some(info.to_string()),
                    CodeBlockKind::Indented => None,
                };
                let body = String::new();
                self.fence = Some(Fence { line, info, body });
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) | TagEnd::DefinitionListTitle => {
                if let Some(mut heading) = self.heading.take() {
                    if !heading.is_explicit {
                        heading.id = self.make_id(&heading.text);
                    }
                    self.page.headings.push(heading);
                }
            }
            TagEnd::Link | TagEnd::Image => self.is_in_link = false,
            TagEnd::CodeBlock => self.page.fences.extend(self.fence.take()),
            _ => {}
        }
    }

    /// Text of the link that is open, if one is.
    fn in_link(&mut self, text: &str) {
        let link = self.page.links.last_mut().filter(|_| self.is_in_link);
        if let Some(link) = link {
            link.text.push_str(text);
        }
    }

    fn text(&mut self, text: &str, line: usize) {
        if let Some(fence) = &mut self.fence {
            fence.body.push_str(text);
            return;
        }
        self.in_link(text);
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
        self.page.prose.push((line, text.to_owned()));
    }

    /// The id that mdBook makes from a heading (`utils.rs` of mdbook-html
    /// 0.5.4): letters, digits, `_` and `-`, and `-` for a space. The second
    /// of the same name gets `-1`, and so on.
    fn make_id(&mut self, text: &str) -> String {
        let id: String = text
            .trim()
            .to_lowercase()
            .chars()
            .filter_map(|c| match c {
                '_' | '-' => Some(c),
                c if c.is_alphanumeric() => Some(c),
                c if c.is_whitespace() => Some('-'),
                _ => None,
            })
            .collect();
        let candidates = (1..).map(|count: u32| format!("{id}-{count}"));
        let unused = std::iter::once(id.clone())
            .chain(candidates)
            .find(|candidate| !self.made_ids.contains(candidate))
            .unwrap_or(id);
        self.made_ids.insert(unused.clone());
        unused
    }
}
