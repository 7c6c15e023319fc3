//! Documents the body of an old path that reads its parameters from the query string, a form or JSON, as described by the
//! path's table.

use super::Parameter;
use super::kind::Kind;
use serde_json::{Map, Value, json};
use utoipa::openapi::{RefOr, Schema};

/// The schema of a body with the parameters of a table; null counts as absent.
#[must_use]
pub fn object(parameters: &[Parameter], description: &str) -> RefOr<Schema> {
    let fields: Map<String, Value> =
        parameters.iter().map(|parameter| (parameter.name.to_string(), field(parameter))).collect();
    let mut object = json!({ "type": "object", "description": description.trim(), "properties": fields });
    let required = parameters.iter().filter(|parameter| parameter.is_required);
    let required: Vec<&str> = required.map(|parameter| parameter.name.as_ref()).collect();
    if !required.is_empty() {
        object["required"] = json!(required);
    }
    serde_json::from_value(object).expect("an object of fields is a schema")
}

fn field(parameter: &Parameter) -> Value {
    let mut field = json!({ "description": parameter.description, "example": parameter.example });
    let kind = match parameter.kind {
        _ if parameter.is_repeatable => {
            field["items"] = json!({ "type": "string" });
            field["example"] = json!([parameter.example]);
            "array"
        }
        Kind::Key => {
            field["format"] = "int32".into();
            "integer"
        }
        _ => "string",
    };
    field["type"] = if parameter.is_required { json!(kind) } else { json!([kind, "null"]) };
    field
}

/// Declares a type for `request_body` that documents such a body: its description, its name and the table.
macro_rules! body {
    ($(#[doc = $description:literal])+ $visible:vis $name:ident: $table:expr) => {
        $(#[doc = $description])+
        $visible struct $name;

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                $crate::http::parameter::body::object(&$table, concat!($($description),+))
            }
        }

        impl utoipa::ToSchema for $name {}
    };
}
pub(crate) use body;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_has_the_parameters_as_its_fields() {
        let parameters = [
            Parameter::new("user_id", Kind::Key, "Id of the user.", 7).required(),
            Parameter::new("strip", Kind::Text, "Blocks.", "7x24").repeatable(),
        ];
        let schema = serde_json::to_value(object(&parameters, " Fields.")).unwrap();
        assert_eq!(schema["required"], json!(["user_id"]));
        assert_eq!(schema["description"], "Fields.");
        assert_eq!(schema["properties"]["user_id"]["type"], "integer");
        assert_eq!(schema["properties"]["strip"]["example"], json!(["7x24"]));
        assert_eq!(schema["properties"]["strip"]["type"], json!(["array", "null"]));
    }
}
