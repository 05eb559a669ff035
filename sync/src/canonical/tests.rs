//! The writer against a tree of values.

use super::*;
use proptest::prelude::*;
use serde::Serialize;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

/// By way of a tree of values, which is what the writer stands in for.
fn through_values<T: Serialize + ?Sized>(value: &T) -> String {
    fn write(value: &Value, text: &mut String) {
        let list = |items: Vec<String>| items.join(",");
        let written = |value: &Value| {
            let mut text = String::new();
            write(value, &mut text);
            text
        };
        *text += &match value {
            Value::Object(members) => {
                let mut sorted: Vec<_> = members.iter().collect();
                sorted.sort_by_key(|(key, _)| *key);
                let member = |(key, value): (&String, &Value)| {
                    format!("{}:{}", Value::from(key.as_str()), written(value))
                };
                format!("{{{}}}", list(sorted.into_iter().map(member).collect()))
            }
            Value::Array(items) => format!("[{}]", list(items.iter().map(written).collect())),
            other => other.to_string(),
        };
    }
    let mut text = String::new();
    write(&serde_json::to_value(value).unwrap(), &mut text);
    text
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Every {
    Unit,
    New(u8),
    Tuple(i64, String),
    Struct { z: Option<u16>, a: Vec<Every>, m: BTreeMap<i32, bool> },
}

#[derive(Serialize)]
struct Wrapped(Every);

#[derive(Serialize)]
struct Flat {
    y: char,
    #[serde(flatten)]
    more: HashMap<String, (u64, i8)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    absent: Option<()>,
    b: (),
    bytes: &'static [u8],
}

#[test]
fn it_writes_what_a_tree_of_values_would_be() {
    let inner = || Every::Tuple(i64::MIN, "\"\\\u{1}\u{7f}Ө\n".to_owned());
    let all = [
        Every::Unit,
        Every::New(255),
        inner(),
        Every::Struct { z: None, a: Vec::new(), m: BTreeMap::new() },
        Every::Struct {
            z: Some(1),
            a: vec![Every::Unit, inner()],
            m: BTreeMap::from([(-7, true), (10, false), (9, true)]),
        },
    ];
    assert_eq!(to_string(&all).unwrap(), through_values(&all));
    for one in all.map(Wrapped) {
        assert_eq!(to_string(&one).unwrap(), through_values(&one));
    }
    let more = ["z", "", "a\"b", "\u{1f600}", "\u{ffff}"];
    let more = more.map(|key| (key.to_owned(), (u64::MAX, -1)));
    let flat = Flat { y: 'Ө', more: more.into(), absent: None, b: (), bytes: b"ab" };
    assert_eq!(to_string(&flat).unwrap(), through_values(&flat));
    let moments = BTreeMap::from([(Some("text"), 1)]);
    assert_eq!(to_string(&moments).unwrap(), "{\"text\":1}");
    assert!(to_string(&BTreeMap::from([(None::<&str>, 1)])).is_err());
    assert!(to_string(&BTreeMap::from([(vec![1], 1)])).is_err());
    assert!(to_string(&[0.5]).is_err() && to_string(&[f32::NAN]).is_err());
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let object = proptest::collection::hash_map(any::<String>(), inner.clone(), 0..8);
        prop_oneof![
            proptest::collection::vec(inner, 0..8).prop_map(Value::from),
            object.prop_map(|members| members.into_iter().collect::<Value>()),
        ]
    })
}

proptest! {
    #[test]
    fn any_value_is_written_as_its_tree(value in values()) {
        prop_assert_eq!(to_string(&value).unwrap(), through_values(&value));
    }
}

#[test]
fn of_two_members_with_one_key_the_last_counts() {
    let flat = Flat {
        y: 'y',
        more: HashMap::from([("b".to_owned(), (1, 1))]),
        absent: None,
        b: (),
        bytes: b"",
    };
    assert_eq!(to_string(&flat).unwrap(), through_values(&flat));
    assert_eq!(to_string(&json!({})).unwrap(), "{}");
}
