//! A walk over all that an operation asks for.

// ANCHOR: walk-imports
use std::convert::Infallible;

use async_graphql::{
    Name, Positioned, Value, Variables,
    parser::types::{
        Directive, ExecutableDocument, Field, OperationDefinition, Selection,
        SelectionSet,
    },
};

use super::{
    ALIASES, DEPTH, DIRECTIVES, MEMBERS, NESTING, OBJECTS, ORDERS, ROOT_FIELDS,
    SCHEMA_DEPTH, SCHEMA_LISTS, TOKENS,
};
use crate::graphql::refusal::{
    FRAGMENT_CYCLE, LIST_TOO_LONG, Refusal, TOO_COMPLEX, TOO_DEEP, TOO_LONG,
    TOO_MANY_ALIASES, TOO_MANY_DIRECTIVES, TOO_MANY_ROOT_FIELDS,
};
// ANCHOR_END: walk-imports

type Checked = Result<(), &'static Refusal>;

// ANCHOR: walk
/// A walk over all that an operation asks for, fragments written out: a field
/// counts wherever it is asked for, under whatever name.
pub(super) struct Walk<'a> {
    document: &'a ExecutableDocument,
    variables: &'a Variables,
    operation: &'a OperationDefinition,
    /// The fragments that the walk is in.
    inside: Vec<&'a str>,
    selections: usize,
    objects: usize,
    aliases: usize,
    root_fields: usize,
    directives: usize,
}

/// Where the walk is.
#[derive(Clone, Copy)]
pub(super) struct Place {
    depth: usize,
    nesting: usize,
    /// How often the answer has this place, for it is in a list.
    times: usize,
    in_schema: bool,
    schema_lists: usize,
}
// ANCHOR_END: walk

impl<'a> Walk<'a> {
    pub(super) fn new(
        document: &'a ExecutableDocument,
        variables: &'a Variables,
        operation: &'a OperationDefinition,
    ) -> Self {
        Self {
            document,
            variables,
            operation,
            inside: Vec::new(),
            selections: 0,
            objects: 0,
            aliases: 0,
            root_fields: 0,
            directives: 0,
        }
    }
}

impl Place {
    pub(super) const ROOT: Self = Self {
        depth: 0,
        nesting: 0,
        times: 1,
        in_schema: false,
        schema_lists: 0,
    };

    /// In a field of this place.
    fn field(self, name: &str) -> Self {
        let is_list = matches!(
            name,
            "fields" | "inputFields" | "interfaces" | "possibleTypes"
        );
        let in_schema = self.in_schema || name.starts_with("__");
        Self {
            depth: self.depth + 1,
            in_schema,
            schema_lists: self.schema_lists + usize::from(in_schema && is_list),
            ..self
        }
    }
}

fn at_most(limit: usize, count: usize, refusal: &'static Refusal) -> Checked {
    match count <= limit {
        true => Ok(()),
        false => Err(refusal),
    }
}

// ANCHOR: selections
impl<'a> Walk<'a> {
    pub(super) fn selections(
        &mut self,
        set: &'a SelectionSet,
        at: Place,
    ) -> Checked {
        at_most(NESTING, at.nesting, &TOO_DEEP)?;
        let nested = Place {
            nesting: at.nesting + 1,
            ..at
        };
        for selection in &set.items {
            self.selections += 1;
            at_most(TOKENS, self.selections, &TOO_LONG)?;
            self.directives(selection.node.directives())?;
            match &selection.node {
                Selection::Field(field) => self.field(&field.node, nested)?,
                Selection::InlineFragment(fragment) => {
                    let set = &fragment.node.selection_set.node;
                    self.selections(set, nested)?;
                }
                Selection::FragmentSpread(spread) => {
                    self.fragment(&spread.node.fragment_name.node, nested)?;
                }
            }
        }
        Ok(())
    }
}
// ANCHOR_END: selections

// ANCHOR: fragment
impl<'a> Walk<'a> {
    fn fragment(&mut self, name: &'a str, at: Place) -> Checked {
        if self.inside.contains(&name) {
            return Err(&FRAGMENT_CYCLE);
        }
        // That it exists is for the validation to say.
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(());
        };
        self.inside.push(name);
        self.directives(&fragment.node.directives)?;
        self.selections(&fragment.node.selection_set.node, at)?;
        self.inside.pop();
        Ok(())
    }
}
// ANCHOR_END: fragment

// ANCHOR: field
impl<'a> Walk<'a> {
    fn field(&mut self, field: &'a Field, at: Place) -> Checked {
        let name = field.name.node.as_str();
        let at = at.field(name);
        let deepest = if at.in_schema { SCHEMA_DEPTH } else { DEPTH };
        at_most(deepest, at.depth, &TOO_DEEP)?;
        at_most(SCHEMA_LISTS, at.schema_lists, &TOO_DEEP)?;

        self.aliases += usize::from(field.alias.is_some());
        at_most(ALIASES, self.aliases, &TOO_MANY_ALIASES)?;
        self.root_fields += usize::from(at.depth == 1);
        at_most(ROOT_FIELDS, self.root_fields, &TOO_MANY_ROOT_FIELDS)?;

        let members = self.members(field)?;
        let set = &field.selection_set.node;
        if set.items.is_empty() {
            return Ok(());
        }
        let members = members.unwrap_or(match name {
            "orders" => ORDERS as usize,
            _ => 1,
        });
        let times = at.times.saturating_mul(members);
        self.objects = self.objects.saturating_add(times);
        at_most(OBJECTS, self.objects, &TOO_COMPLEX)?;
        self.selections(set, Place { times, ..at })
    }

    pub(super) fn directives(
        &mut self,
        directives: &[Positioned<Directive>],
    ) -> Checked {
        self.directives += directives.len();
        at_most(DIRECTIVES, self.directives, &TOO_MANY_DIRECTIVES)
    }
}
// ANCHOR_END: field

// ANCHOR: members
impl Walk<'_> {
    /// How long a list the field asks for, if an argument says so: `first` by
    /// a number, any other by a list.
    fn members(
        &self,
        field: &Field,
    ) -> Result<Option<usize>, &'static Refusal> {
        let mut longest = None;
        for (name, value) in &field.arguments {
            let value = value.node.clone();
            let value = value.into_const_with(|it| self.variable(&it));
            let members = match value.unwrap_or_default() {
                Value::List(list) => Some(list.len()),
                Value::Number(first) if name.node == "first" => {
                    // What is no such number is refused by the validation.
                    first.as_u64().and_then(|n| usize::try_from(n).ok())
                }
                _ => None,
            };
            longest = longest.max(members);
        }
        at_most(MEMBERS, longest.unwrap_or(0), &LIST_TOO_LONG)?;
        Ok(longest)
    }

    /// What the client sent for it, or what the document has for it.
    fn variable(&self, name: &Name) -> Result<Value, Infallible> {
        if let Some(value) = self.variables.get(name) {
            return Ok(value.clone());
        }
        let mut all = self.operation.variable_definitions.iter();
        let default = all
            .find(|variable| variable.node.name.node == *name)
            .and_then(|variable| variable.node.default_value.as_ref());
        Ok(default.map_or(Value::Null, |value| value.node.clone()))
    }
}
// ANCHOR_END: members
