//! A deserializer that collects the fields which the target types do not have.

use std::{cell::RefCell, fmt};

use lantern_rules::suggestion::nearest;
use serde::{
    Deserializer,
    de::{DeserializeSeed, MapAccess, SeqAccess, Visitor, value::BorrowedStrDeserializer},
    forward_to_deserialize_any,
};
use serde_json::{Map, Value};

/// A field that the contract does not know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownField {
    /// Path of the object that holds it, such as `match_policy.contact`; empty for the request
    /// itself.
    pub parent: String,
    pub name: String,
    /// The fields that the object can have.
    pub known: &'static [&'static str],
}

impl UnknownField {
    /// Path of the field: `match_policy.contact.create_if_no_mach`.
    pub fn path(&self) -> String {
        within(&self.parent, &self.name)
    }

    /// The known name that is most similar, if any is similar enough.
    pub fn nearest(&self) -> Option<&'static str> {
        nearest(&self.name, self.known.iter().copied())
    }
}

impl fmt::Display for UnknownField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent.as_str() {
            "" => write!(f, "the call has no field {:?}", self.name),
            parent => write!(f, "{parent} has no field {:?}", self.name),
        }
    }
}

/// The path of a field or an item below another.
pub(super) fn within(parent: &str, name: &str) -> String {
    match (parent, name.starts_with('[')) {
        ("", _) => name.to_owned(),
        (_, true) => format!("{parent}{name}"),
        (_, false) => format!("{parent}.{name}"),
    }
}

/// The struct name that a type gives its deserializer if it can also be read from a list.
pub(super) const OR_LIST: &str = "OrList";

/// The place of a value in a request.
#[derive(Clone, Copy)]
pub(super) enum Place<'p> {
    Root(&'p str),
    Field(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(name) => f.write_str(name),
            Self::Field(Place::Root(""), name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, at) => write!(f, "{parent}[{at}]"),
        }
    }
}

/// Reads a value and collects the fields that the target types do not have.
///
/// Each struct passes the names of its fields to the deserializer, so the names are not repeated
/// anywhere.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de, 'p> {
    pub value: &'de Value,
    pub place: Place<'p>,
    pub unknown: &'p RefCell<Vec<UnknownField>>,
}

impl<'de> Reader<'de, '_> {
    fn map<V: Visitor<'de>>(
        self,
        fields: &'de Map<String, Value>,
        known: Option<&'static [&'static str]>,
        visitor: V,
    ) -> Result<V::Value, serde_json::Error> {
        let fields = fields
            .iter()
            .filter(|(name, _)| known.is_none_or(|known| known.contains(&name.as_str())));
        visitor.visit_map(Fields { reader: self, fields, value: None })
    }

    fn list<V: Visitor<'de>>(
        self,
        items: &'de [Value],
        visitor: V,
    ) -> Result<V::Value, serde_json::Error> {
        visitor.visit_seq(Items { reader: self, items: items.iter().enumerate() })
    }
}

impl<'de> Deserializer<'de> for Reader<'de, '_> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        match self.value {
            Value::Object(fields) => self.map(fields, None, visitor),
            Value::Array(items) => self.list(items, visitor),
            value => value.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
        if self.value.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        known: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        match self.value {
            Value::Object(fields) => {
                let unknown = fields.keys().filter(|name| !known.contains(&name.as_str()));
                let unknown = unknown.map(|name| UnknownField {
                    parent: self.place.to_string(),
                    name: name.clone(),
                    known,
                });
                self.unknown.borrow_mut().extend(unknown);
                self.map(fields, Some(known), visitor)
            }
            Value::Array(items) if name == OR_LIST => self.list(items, visitor),
            // serde would also read a struct from a list of its values, which the API does not
            // accept.
            value => value.deserialize_map(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Self::Error> {
        self.value.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The fields of an object.
struct Fields<'de, 'p, I> {
    reader: Reader<'de, 'p>,
    fields: I,
    value: Option<(&'de str, &'de Value)>,
}

impl<'de, I: Iterator<Item = (&'de String, &'de Value)>> MapAccess<'de> for Fields<'de, '_, I> {
    type Error = serde_json::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Self::Error> {
        let Some((name, value)) = self.fields.next() else { return Ok(None) };
        self.value = Some((name, value));
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<S::Value, Self::Error> {
        let (name, value) = self.value.take().unwrap_or(("", &Value::Null));
        let place = Place::Field(&self.reader.place, name);
        seed.deserialize(Reader { value, place, unknown: self.reader.unknown })
    }
}

/// The items of a list.
struct Items<'de, 'p> {
    reader: Reader<'de, 'p>,
    items: std::iter::Enumerate<std::slice::Iter<'de, Value>>,
}

impl<'de> SeqAccess<'de> for Items<'de, '_> {
    type Error = serde_json::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Self::Error> {
        let Some((at, value)) = self.items.next() else { return Ok(None) };
        let place = Place::Item(&self.reader.place, at);
        seed.deserialize(Reader { value, place, unknown: self.reader.unknown }).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}
