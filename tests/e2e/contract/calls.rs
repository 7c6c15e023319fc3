//! How each route is called whose examples in the document do not say it all: what it needs, in the order in which one
//! builds on the other. `{operation/field}` is what an earlier call was answered.

use serde_json::{Map, Value};

/// How a route is called.
pub struct Call {
    /// Operation id.
    pub id: &'static str,
    /// Path and query; a query alone follows the path of the document; empty is what follows from its examples.
    pub target: &'static str,
    /// Body in JSON; empty is what follows from the examples of its fields.
    pub body: &'static str,
}

const fn get(id: &'static str, target: &'static str) -> Call {
    Call { id, target, body: "" }
}

const fn post(id: &'static str, target: &'static str, body: &'static str) -> Call {
    Call { id, target, body }
}

/// The calls. One of a route that is not there is passed over.
pub const CALLS: &[Call] = &[
    post("log_in", "", r#"{"email":"admin@localhost","password":"a password for tests"}"#),
    get("log_in_by_query", "/login?email=admin@localhost&password=a%20password%20for%20tests"),
    post("refresh", "", r#"{"refresh_token":"{log_in/refresh_token}"}"#),
    get(
        "get_data",
        "?curve_type=energy&iso=ERCOT&strip=standardized&type=json&operating_day=2024-01-05&start=2024-02&end=2024-04",
    ),
    get("list_snapshots", "?data_type=energy&market=ERCOT"),
    get("list_places", "?market=PJM&kind=zone"),
    get("list_uploads", "?limit=2"),
    get("upload_csv", ""),
    get("ask_values", "?market=ERCOT&load_zone=NORTH%20ZONE&period=next12&limit=3"),
    get(
        "ask_evolution",
        "/v1/evolution?market=ERCOT&load_zone=NORTH%20ZONE&block_type=5x16&from_day=2024-01-01&period=2025-01",
    ),
    get("ask_diff", "?market=ERCOT&as_of=2024-01-05&against_as_of=2024-01-05T12:00:00&limit=3"),
    get(
        "ask_spread",
        "?market=ERCOT&block_type=5x16&a.load_zone=NORTH%20ZONE&a.block_type=5x16&b.load_zone=WEST%20ZONE&b.block_type=5x16&limit=3",
    ),
    get("ask_stats", "?market=ERCOT&load_zone=NORTH%20ZONE&block_type=5x16"),
    get("list_curves", "?market=ERCOT&q=north&facets=load_zone,block_type&limit=3"),
    get("find_calendar", "/v1/calendars/ERCOT/2024-11"),
    get("download_data_by_query", "?control_table=ercot_energy&operating_day=2024-01-05"),
    post("make_key", "", r#"{"name":"a workbook","scope":"read","expires_at":"2024-12-31T00:00:00Z"}"#),
    get("revoke_my_key", "/v1/me/keys/{make_key/id}"),
    get("list_keys", "/v1/users/1/keys"),
    post(
        "create_package",
        "",
        r#"{"name":"ERCOT energy","rules":[{"data_type":"energy","market":"ERCOT","load_zone":"NORTH*"}]}"#,
    ),
    get("show_package", "/v1/packages/{create_package/id}"),
    get("list_holders", "/v1/packages/{create_package/id}/users"),
    get("give_package", "/v1/users/1/packages/{create_package/id}"),
    post(
        "replace_package",
        "/v1/packages/{create_package/id}",
        r#"{"name":"ERCOT energy","rules":[{"data_type":"energy","market":"ERCOT"}]}"#,
    ),
    post("replace_grants", "/v1/users/1/grants", r#"{"rules":[{"data_type":"energy","market":"PJM"}]}"#),
    get("take_package", "/v1/users/1/packages/{create_package/id}"),
    get("delete_package", "/v1/packages/{create_package/id}"),
    get("view_authorized_columns_by_get", "?email=admin@localhost"),
    get("view_authorized_columns", "?email=admin@localhost"),
    get("view_authorized_columns_ui_by_get", "?user_id=1"),
    get("view_authorized_columns_ui", "?user_id=1"),
    get("get_blocktype_by_get", "?control_table=ercot_energy"),
    get("get_blocktype", "?control_table=ercot_energy"),
    get("get_capacityzone_by_get", "?control_table=ercot_energy"),
    get("get_capacityzone", "?control_table=ercot_energy"),
    get("get_control_area_by_get", "?control_table=ercot_energy"),
    get("get_control_area", "?control_table=ercot_energy"),
    get("get_costcomponent_by_get", "?control_table=ercot_energy"),
    get("get_costcomponent", "?control_table=ercot_energy"),
    get("get_costgroup_by_get", "?control_table=ercot_energy"),
    get("get_costgroup", "?control_table=ercot_energy"),
    get("get_loadzone_by_get", "?control_table=ercot_energy"),
    get("get_loadzone", "?control_table=ercot_energy"),
    get("get_state_by_get", "?control_table=ercot_energy"),
    get("get_state", "?control_table=ercot_energy"),
    get("get_subcostcomponent_by_get", "?control_table=ercot_energy"),
    get("get_subcostcomponent", "?control_table=ercot_energy"),
    get("get_utility_by_get", "?control_table=ercot_energy"),
    get("get_utility", "?control_table=ercot_energy"),
    post("withdraw_snapshot", "", r#"{"reason":"published with the prices of the day before"}"#),
    // Last, because it ends the session that all others have.
    get("log_out", ""),
];

/// A text with what earlier calls were answered in place of `{operation/field}`.
pub fn filled(text: &str, answers: &Map<String, Value>) -> String {
    let mut filled = text.to_owned();
    for (id, answer) in answers {
        while let Some((before, rest)) = filled.split_once(&format!("{{{id}/")) {
            let (pointer, after) = rest.split_once('}').expect("a placeholder ends");
            let value =
                answer.pointer(&format!("/{pointer}")).unwrap_or_else(|| panic!("{id} has no {pointer}"));
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            filled = format!("{before}{value}{after}");
        }
    }
    filled
}

/// The body that the examples of its fields make: those that must be there, and those that have one.
pub fn example_of(schema: &Value) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        let target = target.trim_start_matches('#');
        return example_of(trueprice::api::document().pointer(target).expect("a reference leads somewhere"));
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
    let fields = schema["properties"].as_object().into_iter().flatten();
    let wanted = fields.filter(|(name, field)| {
        required.contains(&&Value::from(name.as_str())) || field.get("example").is_some()
    });
    wanted.map(|(name, field)| (name.clone(), example_of(field))).collect()
}
