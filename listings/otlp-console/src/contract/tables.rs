//! The tables of a telemetry page.

use std::{collections::BTreeMap, fmt::Write as _};

use super::{
    file::{Level, Stability},
    metrics::instrument_name,
    registry::{Attribute, Group, Registry},
    value_type::{MemberValue, Type},
};

/// Head of the generated file.
const HEAD: &str = "<!-- Made from registry.yaml by a test. \
                    UPDATE_GOLDEN=1 makes it anew. -->\n";

impl Registry {
    /// Renders the registry as Markdown tables.
    ///
    /// One text holds a section for each of `spans`, `attributes`, `metrics`,
    /// `logs` and `resource`, between mdBook anchors of that name.
    pub fn markdown(&self) -> String {
        let sections = [
            ("spans", self.span_tables()),
            ("attributes", self.attribute_table()),
            ("metrics", self.metric_tables()),
            ("logs", self.log_tables()),
            ("resource", self.resource_table()),
        ];
        let mut text = HEAD.to_owned();
        for (anchor, section) in sections {
            let section = section.trim_end();
            let _ = write!(
                text,
                "\n<!-- ANCHOR: {anchor} -->\n{section}\n\
                 <!-- ANCHOR_END: {anchor} -->\n"
            );
        }
        text
    }

    fn span_tables(&self) -> String {
        let rows = self.spans.iter().map(|span| {
            let names = span.name.names.iter().map(|name| code(name));
            let names = names.collect::<Vec<_>>().join("<br>");
            vec![names, span.kind.to_string(), prose(&span.group.brief)]
        });
        let mut text = table(&["Span", "Kind", "Meaning"], rows);
        for span in &self.spans {
            let template = &span.name.templates[0].text;
            let title = format!("{} ({})", code(template), span.kind);
            text += &span.group.details(&title);
        }
        text
    }

    fn attribute_table(&self) -> String {
        let groups = self.groups().flat_map(|group| &group.attributes);
        let mut attributes: BTreeMap<&str, &Attribute> = BTreeMap::new();
        for attribute in groups {
            attributes.entry(&attribute.name).or_insert(attribute);
        }
        let rows = attributes.values().map(|it| {
            vec![
                code(&it.name),
                it.type_name(),
                word(it.stability),
                prose(&it.brief),
                it.examples(),
            ]
        });
        table(
            &["Attribute", "Type", "Stability", "Meaning", "Example"],
            rows,
        )
    }

    fn metric_tables(&self) -> String {
        let rows = self.metrics.iter().map(|metric| {
            vec![
                code(&metric.name),
                instrument_name(metric.instrument).to_owned(),
                code(&metric.unit),
                metric.group.stability.map_or(String::new(), word),
                prose(&metric.group.brief),
            ]
        });
        let columns = ["Metric", "Instrument", "Unit", "Stability", "Meaning"];
        let mut text = table(&columns, rows);
        for metric in &self.metrics {
            text += &metric.group.details(&code(&metric.name));
        }
        text
    }

    fn log_tables(&self) -> String {
        let rows = self.events.iter().map(|event| {
            let severity = event.severity.map_or("any", |it| it.as_str());
            vec![
                code(&event.name),
                severity.to_owned(),
                prose(&event.group.brief),
            ]
        });
        let mut text = table(&["Event", "Severity", "Meaning"], rows);
        for event in &self.events {
            text += &event.group.details(&code(&event.name));
        }
        text
    }

    fn resource_table(&self) -> String {
        let rows = self.entities.iter().flat_map(|it| &it.attributes);
        table(&ATTRIBUTE_COLUMNS, rows.map(attribute_row))
    }
}

impl Group {
    /// The attributes of one item, under a line that names it.
    fn details(&self, title: &str) -> String {
        let mut text = String::new();
        if !self.attributes.is_empty() {
            let rows = self.attributes.iter().map(attribute_row);
            let table = table(&ATTRIBUTE_COLUMNS, rows);
            text = format!("\n**{title}**\n\n{table}");
        }
        if let Some(note) = &self.note {
            let _ = write!(text, "\n{}.\n", prose(note));
        }
        text
    }
}

const ATTRIBUTE_COLUMNS: [&str; 3] = ["Attribute", "Required", "Stability"];

fn attribute_row(attribute: &Attribute) -> Vec<String> {
    let level = match &attribute.level {
        Level::Required => "yes".to_owned(),
        Level::ConditionallyRequired(condition) => prose(condition),
        Level::Recommended => "recommended".to_owned(),
        Level::OptIn => "opt-in".to_owned(),
    };
    vec![code(&attribute.name), level, word(attribute.stability)]
}

fn word(stability: Stability) -> String {
    stability.as_str().replace('_', " ")
}

impl Attribute {
    /// The type on the wire: an enumeration is made of texts or integers.
    fn type_name(&self) -> String {
        let mut members = self.value_type.iter().flat_map(|it| it.members());
        match (members.next(), &self.value_type) {
            (Some(MemberValue::Int(_)), _) => "int".to_owned(),
            (Some(MemberValue::Str(_)), _) => "string".to_owned(),
            (None, Some(value_type)) => value_type.to_string(),
            (None, None) => "unknown".to_owned(),
        }
    }

    /// All members of an enumeration, one example of other types.
    fn examples(&self) -> String {
        let members = self.value_type.iter().flat_map(|it| it.members());
        let members: Vec<_> =
            members.map(|member| code(&member.to_string())).collect();
        match (members.is_empty(), self.example.is_empty()) {
            (false, _) => members.join(", "),
            (true, false) => code(&self.example),
            (true, true) => match self.value_type {
                Some(Type::Boolean) => code("true"),
                _ => String::new(),
            },
        }
    }
}

fn table(columns: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut text = format!("| {} |\n", columns.join(" | "));
    let _ = writeln!(text, "|{}", "---|".repeat(columns.len()));
    for row in rows {
        let _ = writeln!(text, "| {} |", row.join(" | "));
    }
    text
}

/// A cell in monospace. In a table, `|` needs a backslash even there.
fn code(text: &str) -> String {
    format!("`{}`", text.replace('|', "\\|"))
}

/// A cell of text in one line and without a full stop, with its own code
/// spans left as they are.
fn prose(text: &str) -> String {
    let mut cell = String::new();
    let mut in_code = false;
    for c in text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .chars()
    {
        in_code ^= c == '`';
        match c {
            '|' => cell.push_str("\\|"),
            '{' if !in_code => cell.push_str("\\{"),
            '<' if !in_code => cell.push_str("&lt;"),
            c => cell.push(c),
        }
    }
    cell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_markdown_would_read_otherwise_is_escaped() {
        assert_eq!(
            prose("a | b,\n {c} <d> `{e} <f> |`"),
            "a \\| b, \\{c} &lt;d> `{e} <f> \\|`"
        );
        assert_eq!(code("{a}|<b>"), "`{a}\\|<b>`");
    }
}
