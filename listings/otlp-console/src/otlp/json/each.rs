//! The parts of a JSON text, one after the other and each still as text.

use super::{
    super::schema::{Field, Schema},
    Unreadable,
};
use serde::de::{
    DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess,
    Visitor,
};
use serde_json::value::RawValue;
use std::fmt;

/// Visits the fields of an object that the schema knows.
pub(super) fn each_field<'j>(
    raw: &'j RawValue,
    schema: &'static Schema,
    visit: impl FnMut(&'static Field, &'j RawValue),
) -> Result<(), serde_json::Error> {
    let mut json = serde_json::Deserializer::from_str(raw.get());
    json.deserialize_map(Object { schema, visit })
}

/// Visits the elements of an array, until one of them fails.
pub(super) fn each_element<'j>(
    raw: &'j RawValue,
    visit: impl FnMut(&'j RawValue) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let mut json = serde_json::Deserializer::from_str(raw.get());
    let visited = json.deserialize_seq(Array(visit));
    visited.map_err(|error| Unreadable::from(&error))?
}

struct Object<V> {
    schema: &'static Schema,
    visit: V,
}

impl<'j, V: FnMut(&'static Field, &'j RawValue)> Visitor<'j> for Object<V> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'j>>(
        mut self,
        mut map: A,
    ) -> Result<(), A::Error> {
        while let Some(field) = map.next_key_seed(Name(self.schema))? {
            match field {
                Some(field) => (self.visit)(field, map.next_value()?),
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// The field of a name, without a copy of the name.
struct Name(&'static Schema);

impl<'j> DeserializeSeed<'j> for Name {
    type Value = Option<&'static Field>;

    fn deserialize<D: Deserializer<'j>>(
        self,
        json: D,
    ) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl Visitor<'_> for Name {
    type Value = Option<&'static Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.0.named(name))
    }
}

struct Array<V>(V);

impl<'j, V> Visitor<'j> for Array<V>
where
    V: FnMut(&'j RawValue) -> Result<(), Unreadable>,
{
    /// The first failure of an element.
    type Value = Result<(), Unreadable>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'j>>(
        mut self,
        mut list: A,
    ) -> Result<Self::Value, A::Error> {
        let mut done = Ok(());
        while let Some(element) = list.next_element::<&RawValue>()? {
            if done.is_ok() {
                done = (self.0)(element);
            }
        }
        Ok(done)
    }
}
