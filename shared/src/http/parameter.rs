//! What a request may say beside its body: one declaration per parameter. It is read by [`super::Parameters`], refused by it where it
//! is not declared, and documented in the OpenAPI document and in the tables of the documentation.

pub mod body;
pub mod kind;
pub mod table;

use self::kind::Kind;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Where a parameter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the query string; of an old path in a form or JSON, too.
    Query,
    /// In the path.
    Path,
    /// In a header.
    Header,
}

impl Place {
    /// As OpenAPI calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::Path => "path",
            Self::Header => "header",
        }
    }
}

/// A parameter of a route.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name; of a path that between the braces.
    pub name: Cow<'static, str>,
    /// Where it stands.
    pub place: Place,
    /// What it may be.
    pub kind: Kind,
    /// What it means, in Markdown.
    pub description: Cow<'static, str>,
    /// A value that it may have; of one that may be repeated, each of its values.
    pub example: Value,
    /// Whether it may have several values.
    pub is_repeatable: bool,
    /// Whether it must be there.
    pub is_required: bool,
}

impl Parameter {
    /// A parameter of the query string, which may be absent and has one value.
    #[must_use]
    pub fn new(
        name: impl Into<Cow<'static, str>>,
        kind: Kind,
        description: impl Into<Cow<'static, str>>,
        example: impl Into<Value>,
    ) -> Self {
        Self {
            name: name.into(),
            place: Place::Query,
            kind,
            description: description.into(),
            example: example.into(),
            is_repeatable: false,
            is_required: false,
        }
    }

    /// A part of the path.
    #[must_use]
    pub fn in_path(
        name: &'static str,
        kind: Kind,
        description: &'static str,
        example: impl Into<Value>,
    ) -> Self {
        Self { place: Place::Path, is_required: true, ..Self::new(name, kind, description, example) }
    }

    /// A header.
    #[must_use]
    pub fn in_header(
        name: &'static str,
        kind: Kind,
        description: &'static str,
        example: impl Into<Value>,
    ) -> Self {
        Self { place: Place::Header, ..Self::new(name, kind, description, example) }
    }

    /// The same, which may have several values.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Self { is_repeatable: true, ..self }
    }

    /// The same, with another example.
    #[must_use]
    pub fn with_example(self, example: impl Into<Value>) -> Self {
        Self { example: example.into(), ..self }
    }

    /// The same, which must be there.
    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// Its schema: that of its kind, or a list of it.
    #[must_use]
    pub fn schema(&self) -> Value {
        let schema = self.kind.schema();
        if self.is_repeatable { json!({ "type": "array", "items": schema }) } else { schema }
    }

    /// As the OpenAPI document has it.
    #[must_use]
    pub fn document(&self) -> Value {
        let example = if self.is_repeatable { json!([self.example]) } else { self.example.clone() };
        let mut document = json!({
            "name": self.name,
            "in": self.place.name(),
            "description": self.description,
            "required": self.is_required,
            "schema": self.schema(),
            "example": example,
        });
        if self.place == Place::Query {
            // Empty is as good as absent, as clients of the old system send it.
            document["allowEmptyValue"] = true.into();
        }
        document
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_documents_itself() {
        let mark = Parameter::new("mark", Kind::Words(vec!["latest", "cob"]), "Which snapshot.", "cob");
        assert_eq!(
            mark.document(),
            json!({
                "name": "mark", "in": "query", "description": "Which snapshot.", "required": false, "example": "cob",
                "schema": { "type": "string", "enum": ["latest", "cob"] }, "allowEmptyValue": true,
            })
        );
        let several = mark.repeatable().required().document();
        assert_eq!((&several["schema"]["type"], &several["example"]), (&json!("array"), &json!(["cob"])));
        assert_eq!(several["required"], true);
        let id = Parameter::in_path("id", Kind::Key, "Key of the curve", 1).document();
        assert_eq!((&id["in"], &id["required"]), (&json!("path"), &json!(true)));
        assert!(id["allowEmptyValue"].is_null());
    }
}
