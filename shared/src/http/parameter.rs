//! Request parameters other than the body, each declared once. From the declarations [`super::Parameters`] reads values and refuses
//! undeclared names, and the OpenAPI document and the tables of the documentation are generated.

pub mod body;
pub mod kind;
pub mod table;

use self::kind::Kind;
use serde_json::{Value, json};
use std::borrow::Cow;

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the query string; for an old path, also in a form or JSON.
    Query,
    /// In the path.
    Path,
    /// In a header.
    Header,
}

impl Place {
    /// The name in OpenAPI.
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
    /// The name; for a part of the path, the text between the braces.
    pub name: Cow<'static, str>,
    /// Where it is sent.
    pub place: Place,
    /// The values it accepts.
    pub kind: Kind,
    /// What it means, in Markdown.
    pub description: Cow<'static, str>,
    /// An example value; for a repeatable parameter, of one of its values.
    pub example: Value,
    /// Whether it may have several values.
    pub is_repeatable: bool,
    /// Whether it must be present.
    pub is_required: bool,
}

impl Parameter {
    /// An optional parameter of the query string with a single value.
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

    /// The same parameter, repeatable.
    #[must_use]
    pub fn repeatable(self) -> Self {
        Self { is_repeatable: true, ..self }
    }

    /// The same parameter with another example.
    #[must_use]
    pub fn with_example(self, example: impl Into<Value>) -> Self {
        Self { example: example.into(), ..self }
    }

    /// The same parameter, required.
    #[must_use]
    pub fn required(self) -> Self {
        Self { is_required: true, ..self }
    }

    /// The schema: that of the kind, or a list of it.
    #[must_use]
    pub fn schema(&self) -> Value {
        let schema = self.kind.schema();
        if self.is_repeatable { json!({ "type": "array", "items": schema }) } else { schema }
    }

    /// The parameter as it appears in the OpenAPI document.
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
            // An empty value counts as absent because clients of the old system send such values.
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
        let id = Parameter::in_path("id", Kind::Key, "Id of the curve.", 1).document();
        assert_eq!((&id["in"], &id["required"]), (&json!("path"), &json!(true)));
        assert!(id["allowEmptyValue"].is_null());
    }
}
