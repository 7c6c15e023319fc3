//! Refuses repeated names in JSON objects: of two values for one name most readers take the last and some the first, so the
//! intended one is unclear (RFC 8259, section 4).

use super::wrong::Wrong;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::HashSet;
use std::fmt;

/// The most names that are reported.
const MAX_COLUMNS: usize = 10;

/// The names that occur twice in an object of this JSON, each with its path. Malformed JSON is left to its reader.
#[must_use]
pub fn repeated(json: &[u8]) -> Vec<Wrong> {
    let mut walk = Walk::default();
    let read = Seed(&mut walk).deserialize(&mut serde_json::Deserializer::from_slice(json));
    if read.is_ok() { walk.found } else { vec![] }
}

/// The reader's position and what it has found.
#[derive(Default)]
struct Walk {
    place: Vec<Step>,
    found: Vec<Wrong>,
}

enum Step {
    Name(String),
    Number(usize),
}

impl Walk {
    fn place(&self) -> String {
        let mut place = String::new();
        for step in &self.place {
            match step {
                Step::Name(name) if place.is_empty() => place.push_str(name),
                Step::Name(name) => place.extend([".", name]),
                Step::Number(number) => place.extend(["[", &number.to_string(), "]"]),
            }
        }
        place
    }

    fn inside<T>(&mut self, step: Step, read: impl FnOnce(&mut Self) -> T) -> T {
        self.place.push(step);
        let done = read(self);
        self.place.pop();
        done
    }
}

/// Reads any value and keeps nothing.
struct Seed<'w>(&'w mut Walk);

impl<'de> DeserializeSeed<'de> for Seed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut seen = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            let again = !seen.insert(name.clone());
            self.0.inside(Step::Name(name), |walk| {
                if again && walk.found.len() < MAX_COLUMNS {
                    let place = walk.place();
                    let detail = "two values of one name in an object, expected one";
                    walk.found.push(Wrong::new(&place, detail));
                }
                map.next_value_seed(Seed(walk))
            })?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        for number in 0.. {
            let read = self.0.inside(Step::Number(number), |walk| list.next_element_seed(Seed(walk)))?;
            if read.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repeated_name_is_found_at_any_depth() {
        for (json, places) in [
            (r#"{"a":1,"a":2}"#, vec!["a"]),
            (r#"{"a":1,"a":1}"#, vec!["a"]),
            (r#"{"a":1,"\u0061":2}"#, vec!["a"]),
            (
                r#"{"rule":{"what":[{"market":"PJM"},{"market":"PJM","market":"MISO"}]}}"#,
                vec!["rule.what[1].market"],
            ),
            (r#"[{"x":{},"x":null,"x":[]}]"#, vec!["[0].x", "[0].x"]),
            (r#"{"a":{"b":1},"c":{"b":1},"d":[1.5,-1,true,null,"a"]}"#, vec![]),
            (r#"{"a":1,"a":2"#, vec![]),
            ("", vec![]),
            ("a=1&a=2", vec![]),
        ] {
            let found: Vec<String> =
                repeated(json.as_bytes()).into_iter().map(|wrong| wrong.parameter).collect();
            assert_eq!(found, places, "{json}");
        }
        let many = format!("{{{}\"a\":1}}", "\"a\":1,".repeat(100_000));
        assert_eq!(repeated(many.as_bytes()).len(), MAX_COLUMNS);
        let deep = "[".repeat(100_000);
        assert!(repeated(deep.as_bytes()).is_empty(), "the reader limits the depth, not this check");
    }
}
