//! Reads requests from JSON, and finds the fields in them that the contract does not know.
//!
//! The API ignores such fields. A misspelt `create_if_no_mach` would therefore write to the CRM, and a
//! misspelt `effrot` would be paid at another price. So a client refuses them before it sends anything.
//! A field that is newer than this crate is sent as an *extra* field; extra fields are not checked.

use std::{cell::RefCell, collections::HashSet, fmt};

use serde::{
    Deserializer,
    de::{DeserializeOwned, MapAccess, Visitor},
};
use serde_json::{Map, Value};

pub use super::unknown_fields::UnknownField;
use super::{
    Invalid,
    unknown_fields::{Place, Reader, within},
};

/// Reads a request, or the part of one that `parent` names, and refuses unknown fields.
///
/// # Errors
/// If a field is unknown, missing, or of another type.
pub fn read<T: DeserializeOwned>(parent: &str, value: &Value) -> Result<T, Invalid> {
    let found = RefCell::default();
    let reader = Reader { value, place: Place::Root(parent), unknown: &found };
    let read = serde_path_to_error::deserialize(reader);
    // An unknown field is reported first: a field that seems to be missing is often the one that
    // was misspelt.
    if let Some(unknown) = found.take().into_iter().next() {
        return Err(unknown.into());
    }
    read.map_err(|error| {
        let place = match error.path().to_string().as_str() {
            "." => parent.to_owned(),
            place => within(parent, place),
        };
        let message = error.into_inner().to_string();
        match message.strip_prefix("missing field `") {
            Some(name) => {
                let field = within(&place, name.trim_end_matches('`'));
                let message = format!("{field} is missing or null, and the call needs it");
                Invalid::new(field, message)
            }
            None => {
                let shown = if place.is_empty() { "the request" } else { &place };
                let message = format!("{shown} is invalid: {message}");
                Invalid::new(place, message)
            }
        }
    })
}

/// Reads a request as the API does, ignoring unknown fields.
///
/// # Errors
/// If a field is missing or of another type. The error gives the field's place.
pub fn take<T: DeserializeOwned>(
    value: &Value,
) -> Result<T, serde_path_to_error::Error<serde_json::Error>> {
    let ignored = RefCell::default();
    serde_path_to_error::deserialize(Reader { value, place: Place::Root(""), unknown: &ignored })
}

/// Checks the names of a request's fields, whatever their values are.
///
/// # Errors
/// If a field is unknown.
pub fn check<T: DeserializeOwned>(value: &Value) -> Result<(), Invalid> {
    unknown::<T>(value).into_iter().next().map_or(Ok(()), |unknown| Err(unknown.into()))
}

fn unknown<T: DeserializeOwned>(value: &Value) -> Vec<UnknownField> {
    let found = RefCell::default();
    // The result is ignored: only the names matter here, and a value of the wrong type must not
    // hide a misspelt name.
    let _ = T::deserialize(Reader { value, place: Place::Root(""), unknown: &found });
    found.take()
}

/// Adds fields that this version does not know to a request, each at its own place. Objects are
/// merged, and so are lists of the same length.
///
/// # Errors
/// If a field is known; such a field belongs in the request itself.
pub fn add<T: DeserializeOwned>(
    request: &mut Value,
    extra: &Map<String, Value>,
) -> Result<(), Invalid> {
    for (name, value) in extra {
        merge(request, name, name, value)?;
    }
    let unknown: HashSet<String> = unknown::<T>(request).iter().map(UnknownField::path).collect();
    extra.iter().try_for_each(|(name, value)| only_unknown(name, value, &unknown))
}

fn merge(into: &mut Value, name: &str, path: &str, value: &Value) -> Result<(), Invalid> {
    let Value::Object(fields) = into else { return Err(known(path)) };
    match (fields.get_mut(name), value) {
        (None | Some(Value::Null), _) => {
            fields.insert(name.to_owned(), value.clone());
            Ok(())
        }
        (Some(own @ Value::Object(_)), Value::Object(extra)) => {
            extra.iter().try_for_each(|(name, value)| merge(own, name, &within(path, name), value))
        }
        (Some(Value::Array(own)), Value::Array(extra)) if own.len() == extra.len() => {
            own.iter_mut().zip(extra).enumerate().try_for_each(|(at, (own, extra))| {
                let path = format!("{path}[{at}]");
                let Value::Object(extra) = extra else { return Err(known(&path)) };
                extra
                    .iter()
                    .try_for_each(|(name, value)| merge(own, name, &within(&path, name), value))
            })
        }
        _ => Err(known(path)),
    }
}

/// Checks that `value` holds nothing but fields that the contract does not know.
fn only_unknown(path: &str, value: &Value, unknown: &HashSet<String>) -> Result<(), Invalid> {
    if unknown.contains(path) {
        return Ok(());
    }
    match value {
        Value::Object(fields) => fields
            .iter()
            .try_for_each(|(name, value)| only_unknown(&within(path, name), value, unknown)),
        Value::Array(items) if !items.is_empty() => items
            .iter()
            .enumerate()
            .try_for_each(|(at, item)| only_unknown(&format!("{path}[{at}]"), item, unknown)),
        _ => Err(known(path)),
    }
}

fn known(path: &str) -> Invalid {
    let message = format!("the extra fields hold {path}, which is a field of the call");
    Invalid::new(path.to_owned(), message).hint("give it there")
}

/// Reads a map for which the contract, or this project, lists the valid names. A deserializer other
/// than [`Reader`], which does not check names, accepts any.
pub(super) fn listed<'de, D: Deserializer<'de>>(
    deserializer: D,
    names: &'static [&'static str],
) -> Result<Map<String, Value>, D::Error> {
    struct Listed;
    impl<'de> Visitor<'de> for Listed {
        type Value = Map<String, Value>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a map")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut fields = Map::new();
            while let Some((name, value)) = map.next_entry()? {
                fields.insert(name, value);
            }
            Ok(fields)
        }
    }
    deserializer.deserialize_struct("Listed", names, Listed)
}

/// Defines a function for `deserialize_with` that reads an optional map with a list of valid names.
macro_rules! listed_map {
    ($name:ident, $names:expr) => {
        fn $name<'de, D: serde::Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<serde_json::Map<String, serde_json::Value>>, D::Error> {
            struct Named(serde_json::Map<String, serde_json::Value>);
            impl<'de> serde::Deserialize<'de> for Named {
                fn deserialize<D: serde::Deserializer<'de>>(
                    deserializer: D,
                ) -> Result<Self, D::Error> {
                    $crate::api::fields::listed(deserializer, $names).map(Self)
                }
            }
            let read = <Option<Named> as serde::Deserialize>::deserialize(deserializer)?;
            Ok(read.map(|named| named.0))
        }
    };
}

pub(super) use listed_map;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::api::{
        agents::ContactBatch,
        enrich::{Ask, EnrichCompany},
        forms::SubmitForm,
        matching::Match,
        rules::MatchRules,
        salesforce::{Convert, MatchPolicy},
    };

    fn refused<T: DeserializeOwned + fmt::Debug>(value: Value) -> Invalid {
        read::<T>("", &value).unwrap_err()
    }

    #[test]
    fn a_misspelt_field_is_named_with_its_place_wherever_it_is() {
        let rules =
            |rules: Value| json!({"object": "lead", "candidates": [{"a": "b"}], "rules": rules});
        for (invalid, path, nearest) in [
            (refused::<Ask>(json!({"query": "?", "effrot": "high"})), "effrot", "effort"),
            (
                refused::<Ask>(json!({"query": "?", "options": {"format_jsn": true}})),
                "options.format_jsn",
                "format_json",
            ),
            (refused::<EnrichCompany>(json!({"domian": "acme.com"})), "domian", "domain"),
            (
                refused::<Convert>(json!({
                    "lead_sf_id": "00Q",
                    "match_policy": {"contact": {"by": [], "create_if_no_mach": false}},
                })),
                "match_policy.contact.create_if_no_mach",
                "create_if_no_match",
            ),
            (
                refused::<Convert>(
                    json!({"lead_sf_id": "1", "merge_policy": {"on_acount_match": 1}}),
                ),
                "merge_policy.on_acount_match",
                "on_account_match",
            ),
            (
                refused::<Match>(rules(
                    json!({"mode": "simple", "rules": ["a:eq"], "treshold": 1}),
                )),
                "rules.treshold",
                "threshold",
            ),
            (
                refused::<Match>(rules(json!({"groups": [{"all": ["a:eq"]}, {"al": ["a:eq"]}]}))),
                "rules.groups[1].al",
                "all",
            ),
            (
                refused::<ContactBatch>(json!({"records": [{}, {"frist_name": "A"}]})),
                "records[1].frist_name",
                "first_name",
            ),
            (
                refused::<SubmitForm>(
                    json!({"email": "a@b.c", "output_preferences": {"puhs_to": 1}}),
                ),
                "output_preferences.puhs_to",
                "push_to",
            ),
        ] {
            let unknown = invalid.unknown.unwrap();
            assert_eq!((unknown.path().as_str(), unknown.nearest()), (path, Some(nearest)));
            assert_eq!(invalid.field, path);
        }
    }

    #[test]
    fn a_part_of_a_request_is_read_under_its_name() {
        let given = json!({"contct": {}});
        let invalid = read::<MatchPolicy>("match_policy", &given).unwrap_err();
        assert_eq!(invalid.message, "match_policy has no field \"contct\"");
        let given = json!({"contact": {"by": ["email"]}});
        let invalid = read::<MatchPolicy>("match_policy", &given).unwrap_err();
        assert_eq!(invalid.field, "match_policy.contact.by[0]");
        assert!(invalid.message.contains("no colon"), "{invalid}");
        // serde would read a struct from the list of its values.
        assert!(read::<MatchPolicy>("match_policy", &json!([null, null])).is_err());
    }

    #[test]
    fn maps_of_any_names_are_left_alone() {
        let given = json!({
            "record_id": "1", "external_ids": {"sf_acount_id": "1"},
        });
        assert!(read::<EnrichCompany>("", &given).is_ok());
        let given = json!({
            "email": "a@b.example", "additional_fields": {"frist_name": {"deep": [1]}},
        });
        assert!(read::<SubmitForm>("", &given).is_ok());
        let given = json!({
            "object": "lead", "candidates": [{"emial": 1}], "rules": ["a:eq"],
            "context": {"ogr_id": 1},
        });
        assert_eq!(
            read::<Match>("", &given).unwrap().rules,
            MatchRules::simple(["a:eq".parse().unwrap()])
        );
    }

    #[test]
    fn names_are_checked_whatever_the_values_are() {
        assert!(
            check::<Convert>(&json!({"lead_sf_id": 7, "match_policy": {"contact": 7}})).is_ok()
        );
        let invalid =
            check::<Convert>(&json!({"match_policy": {"contact": {"bi": ""}}})).unwrap_err();
        assert_eq!(invalid.field, "match_policy.contact.bi");
    }

    fn added<T: DeserializeOwned>(mut request: Value, extra: Value) -> Result<Value, Invalid> {
        let Value::Object(extra) = extra else { unreachable!() };
        add::<T>(&mut request, &extra).map(|()| request)
    }

    #[test]
    fn extra_fields_are_added_at_their_places() {
        let request = json!({"query": "?", "options": {"format_json": true}});
        let extra = json!({"priority": "high", "options": {"language": "de", "more": {"a": [1]}}});
        assert_eq!(
            added::<Ask>(request, extra).unwrap(),
            json!({
                "query": "?", "priority": "high",
                "options": {"format_json": true, "language": "de", "more": {"a": [1]}},
            })
        );
        let request = json!({"records": [{"id": "1"}, {"id": "2"}], "max_credits": 1});
        let extra = json!({"records": [{"nickname": "A"}, {}]});
        assert_eq!(
            added::<ContactBatch>(request, extra).unwrap()["records"],
            json!([{"id": "1", "nickname": "A"}, {"id": "2"}])
        );
        let request = json!({"email": "a@b.example"});
        let extra = json!({"output_preferences": {"hubspot": true}});
        assert!(added::<SubmitForm>(request, extra).is_ok());
    }

    #[test]
    fn a_known_field_is_no_extra_field() {
        let request = json!({"query": "?", "options": {"format_json": true}});
        for (extra, path) in [
            (json!({"effort": "high"}), "effort"),
            (json!({"query": "other"}), "query"),
            (json!({"options": {"format_json": false}}), "options.format_json"),
            (json!({"options": 1}), "options"),
            (json!({"ok": 1, "max_credits": null}), "max_credits"),
        ] {
            assert_eq!(added::<Ask>(request.clone(), extra).unwrap_err().field, path);
        }
        // A map that takes any name has no unknown ones.
        let request = json!({"record_id": "1"});
        let extra = json!({"external_ids": {"a": "1"}});
        assert_eq!(added::<EnrichCompany>(request, extra).unwrap_err().field, "external_ids.a");
    }
}
