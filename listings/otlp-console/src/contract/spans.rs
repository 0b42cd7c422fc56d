//! Spans: which group each belongs to, and whether it keeps to it.

use super::{
    attributes,
    check::Check,
    problem::{Problem, did_you_mean, quoted},
    registry::{Registry, SpanGroup},
    violation::Signal,
};
use crate::model::{Span, Status};

/// How a span relates to the registry's span groups.
enum Match<'a> {
    /// It belongs to this group; its name may still be wrong.
    Group(&'a SpanGroup, Option<Problem>),
    /// It belongs to none.
    None(Problem),
}

impl Registry {
    /// The group of a span whose name and kind are right.
    pub(super) fn span_group(&self, span: &Span) -> Option<&SpanGroup> {
        let fits = |group: &&SpanGroup| {
            group.kind == span.kind
                && group.name.accepts(&span.name, &span.attributes)
        };
        let strangers = |group: &&SpanGroup| {
            attributes::check(&span.attributes, &group.group, failed(span))
                .len()
        };
        self.spans.iter().filter(fits).min_by_key(strangers)
    }

    fn match_span(&self, span: &Span) -> Match<'_> {
        if let Some(group) = self.span_group(span) {
            return Match::Group(group, None);
        }
        let same_kind =
            || self.spans.iter().filter(|group| group.kind == span.kind);
        let listed = |group: &&SpanGroup| group.name.lists(&span.name);
        if let Some(group) = same_kind().find(listed) {
            return Match::Group(group, off_template(span, group));
        }
        if let Some(group) = self.spans.iter().find(listed) {
            let problem = Problem::WrongKind {
                declared: group.kind.to_string(),
                group: group.group.id.clone(),
            };
            return Match::Group(group, Some(problem));
        }
        // Its attributes tell what it is meant to be.
        let meant = |group: &&SpanGroup| {
            let check =
                attributes::check(&span.attributes, &group.group, false);
            !span.attributes.is_empty() && check.is_empty()
        };
        if let Some(group) = same_kind().find(meant) {
            let problem =
                off_template(span, group).unwrap_or_else(|| not_listed(group));
            return Match::Group(group, Some(problem));
        }
        let names = self.spans.iter().flat_map(|group| &group.name.names);
        Match::None(Problem::Unknown {
            hint: did_you_mean(&span.name, names.map(String::as_str)),
        })
    }
}

fn failed(span: &Span) -> bool {
    matches!(span.status, Status::Error(_))
}

fn off_template(span: &Span, group: &SpanGroup) -> Option<Problem> {
    let (template, expected) = group.name.of(&span.attributes)?;
    (expected != span.name).then(|| Problem::NameOffTemplate {
        template: template.text.clone(),
        expected,
        group: group.group.id.clone(),
    })
}

fn not_listed(group: &SpanGroup) -> Problem {
    Problem::NameNotListed {
        names: quoted(&group.name.names),
        group: group.group.id.clone(),
    }
}

/// Names a span in messages.
pub(super) fn title(span: &Span) -> String {
    let service = span.origin.service();
    format!("`{}` ({} of {service})", span.name, span.kind)
}

impl<'a> Check<'a> {
    pub(super) fn spans(&mut self, spans: &'a [Span]) {
        for span in spans {
            self.spans.insert((span.trace_id, span.span_id), span);
        }
        for span in spans {
            self.span(span);
        }
        for span in spans {
            self.relatives(span);
        }
    }

    fn span(&mut self, span: &'a Span) {
        let title = title(span);
        let (group, problem) = match self.registry.match_span(span) {
            Match::Group(group, problem) => (group, problem),
            Match::None(problem) => {
                self.report(Signal::Span, &title, [problem]);
                return;
            }
        };
        self.groups.insert((span.trace_id, span.span_id), group);
        let mut problems: Vec<_> = problem.into_iter().collect();
        problems.extend(attributes::check(
            &span.attributes,
            &group.group,
            failed(span),
        ));
        for event in &span.events {
            let declared = self.registry.events.iter().find(|declared| {
                declared.name == event.name
                    && group.events.contains(&declared.group.id)
            });
            match declared {
                Some(declared) => problems.extend(attributes::check(
                    &event.attributes,
                    &declared.group,
                    false,
                )),
                None => problems.push(Problem::UnknownSpanEvent {
                    event: event.name.clone(),
                    group: group.group.id.clone(),
                }),
            }
        }
        self.report(Signal::Span, &title, problems);
    }

    /// Parent and links, once all spans have their groups.
    fn relatives(&mut self, span: &Span) {
        let Some(group) = self.groups.get(&(span.trace_id, span.span_id))
        else {
            return;
        };
        let mut problems = Vec::new();
        if let Some(wanted) = &group.parents {
            let found = match span.parent_span_id {
                None => "root",
                Some(parent) => self.role(span.trace_id, parent),
            };
            if !wanted.iter().any(|wanted| wanted == found) {
                problems.push(Problem::WrongParent {
                    found: format!("`{found}`"),
                    wanted: quoted(wanted),
                    group: group.group.id.clone(),
                });
            }
        }
        for link in &span.links {
            let found = self.role(link.trace_id, link.span_id);
            if !group.links.iter().any(|allowed| allowed == found) {
                problems.push(Problem::WrongLink {
                    found: format!("`{found}`"),
                    allowed: if group.links.is_empty() {
                        "no link".to_owned()
                    } else {
                        quoted(&group.links)
                    },
                    group: group.group.id.clone(),
                });
            }
        }
        self.report(Signal::Span, &title(span), problems);
    }

    /// The group id of a span, `remote` for one that was not received.
    fn role(
        &self,
        trace_id: crate::model::TraceId,
        span_id: crate::model::SpanId,
    ) -> &str {
        let id = (trace_id, span_id);
        match self.groups.get(&id) {
            Some(group) => &group.group.id,
            None if self.spans.contains_key(&id) => "unknown",
            None => "remote",
        }
    }
}
