//! JSON as servers write it: a byte order mark is skipped, and members that contradict each other are refused.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::BodyError;

/// UTF-8's byte order mark. RFC 8259 forbids it and lets readers skip it.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The words of the error for a member that stands twice with different values.
pub(super) const CONTRADICTION: &str = "a member stands twice with different values";

/// The body without a byte order mark.
pub(super) fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// True if there is nothing in the body but blanks.
pub(super) fn is_blank(body: &[u8]) -> bool {
    without_mark(body).iter().all(u8::is_ascii_whitespace)
}

/// The error for a body of this function that cannot be read. The body's content is not repeated: it may be a secret.
pub(super) fn unreadable(place: &'static str, error: &serde_json::Error) -> BodyError {
    if error.is_data() && error.to_string().starts_with(CONTRADICTION) {
        return BodyError::Contradiction { place };
    }
    BodyError::NotJson { place, why: format!("line {}, column {}", error.line(), error.column()) }
}

/// A JSON value whose members do not contradict each other: one that stands twice has the same value both times. JSON
/// leaves open which one would count (RFC 8259 4), and readers differ in it.
#[derive(Debug, PartialEq)]
pub(super) struct Consistent(pub(super) Value);

impl<'de> Deserialize<'de> for Consistent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ConsistentVisitor).map(Self)
    }
}

struct ConsistentVisitor;

impl<'de> Visitor<'de> for ConsistentVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Consistent(element)) = elements.next_element()? {
            list.push(element);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Consistent(value))) = members.next_entry::<String, Consistent>()? {
            if map.get(&name).is_some_and(|known| *known != value) {
                return Err(A::Error::custom(CONTRADICTION));
            }
            map.insert(name, value);
        }
        Ok(map.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_consistent_value_is_read_as_any_other() {
        let text = r#"{"a":[1,-2,1.5,"x",null,true,{"b":{}}],"é":"\u00e9"}"#;
        let value: Consistent = serde_json::from_str(text).unwrap();
        assert_eq!(value.0, serde_json::from_str::<Value>(text).unwrap());
    }

    #[test]
    fn members_that_stand_twice_must_agree() {
        for (text, fits) in [
            (r#"{"a":1,"a":1}"#, true),
            (r#"{"a":{"b":1,"c":2},"a":{"c":2,"b":1}}"#, true),
            (r#"{"a":1,"a":2}"#, false),
            (r#"{"a":1,"a":null}"#, false),
            (r#"{"x":{"status":"Executed-Success","status":"Failed"}}"#, false),
            (r#"[{"a":"","\u0061":"b"}]"#, false),
        ] {
            let read = serde_json::from_str::<Consistent>(text).map_err(|error| unreadable("F", &error));
            assert_eq!(read.is_ok(), fits, "{text}");
            assert!(fits || read == Err(BodyError::Contradiction { place: "F" }), "{text}: {read:?}");
        }
    }
}
