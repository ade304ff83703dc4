//! Values to write as JSON, in more ways than one.

use fastrand::Rng;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;

/// JSON whose objects have each name once.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Literal(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Writes it with white space and the order of members as `rng` has it; compact and unchanged without.
    pub(crate) fn write(&self, rng: &mut Option<Rng>, out: &mut String) {
        space(rng, out);
        match self {
            Self::Literal(text) => out.push_str(text),
            Self::Array(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    item.write(rng, out);
                }
                space(rng, out);
                out.push(']');
            }
            Self::Object(members) => {
                let mut members: Vec<_> = members.iter().collect();
                if let Some(rng) = rng {
                    rng.shuffle(&mut members);
                }
                out.push('{');
                for (at, (name, value)) in members.into_iter().enumerate() {
                    out.push_str(if at > 0 { "," } else { "" });
                    space(rng, out);
                    out.push_str(&quoted(name));
                    space(rng, out);
                    out.push(':');
                    value.write(rng, out);
                }
                space(rng, out);
                out.push('}');
            }
        }
        space(rng, out);
    }
}

/// The names of an object as they stand in its text.
pub(crate) struct InOrder(pub(crate) Vec<String>);

impl<'de> serde::Deserialize<'de> for InOrder {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Names;

        impl<'de> serde::de::Visitor<'de> for Names {
            type Value = InOrder;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<InOrder, A::Error> {
                let mut names = Vec::new();
                while let Some((name, _)) = map.next_entry::<String, u8>()? {
                    names.push(name);
                }
                Ok(InOrder(names))
            }
        }

        deserializer.deserialize_map(Names)
    }
}

fn space(rng: &mut Option<Rng>, out: &mut String) {
    while let Some(rng) = rng
        && rng.bool()
    {
        out.push_str([" ", "\n", "\r", "\t"][rng.usize(..4)]);
    }
}

pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

pub(crate) fn name() -> impl Strategy<Value = String> {
    let chars = select(vec!['a', 'b', '\0', '"', '\\', 'é', '\u{e000}', '😀']);
    let tail = vec(chars.clone(), 0..4).prop_map(String::from_iter);
    prop_oneof![
        vec(chars, 0..12).prop_map(String::from_iter),
        // Alike in the eight bytes that are compared first.
        tail.prop_map(|tail: String| format!("aaaaaaaa{tail}")),
        "[a-z]{0,10}".prop_map(String::from),
        any::<String>(),
    ]
}

pub(crate) fn json() -> impl Strategy<Value = Json> {
    let literal = prop_oneof![
        name().prop_map(|text| quoted(&text)),
        any::<i64>().prop_map(|number| number.to_string()),
        any::<f64>().prop_map(|number| format!("{number:e}")),
        select(vec!["null", "true", "false", "1.50", "1E2", "-0", "-0.0"]).prop_map(String::from),
    ];
    let literal = literal.prop_map(Json::Literal);
    literal.prop_recursive(5, 60, 8, |inner| {
        let members = btree_map(name(), inner.clone(), 0..8);
        prop_oneof![
            vec(inner, 0..8).prop_map(Json::Array),
            members.prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}
