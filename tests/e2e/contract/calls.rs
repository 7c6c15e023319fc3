//! How to call each route whose documented examples are not enough: its call, in an order in which calls can build on each other.
//! `{operation/field}` stands for a field in the answer of an earlier call.

use serde_json::{Map, Value};

/// How a route is called.
pub struct Call {
    /// Operation id.
    pub id: &'static str,
    /// Path and query; a query on its own follows the documented path; empty means derived from the examples.
    pub target: &'static str,
    /// JSON body; empty means derived from the examples of its fields.
    pub body: &'static str,
}

const fn get(id: &'static str, target: &'static str) -> Call {
    Call { id, target, body: "" }
}

const fn post(id: &'static str, target: &'static str, body: &'static str) -> Call {
    Call { id, target, body }
}

/// The calls. Routes not listed here are called with their examples, before these.
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
    get("ask_values", "?market=ERCOT&load_zone=NORTH%20ZONE&period=next12&limit=3"),
    get(
        "ask_evolution",
        "/v1/evolution?market=ERCOT&load_zone=NORTH%20ZONE&block_type=5x16&from_day=2024-01-01&period=2025-01",
    ),
    get("ask_diff", "?market=ERCOT&as_of=2024-01-05&against_as_of=2024-01-05T12:00:00&limit=3"),
    get(
        "ask_spread",
        "?market=ERCOT&a.load_zone=NORTH%20ZONE&a.block_type=5x16&b.load_zone=WEST%20ZONE&b.block_type=5x16&limit=3",
    ),
    get("ask_stats", "?market=ERCOT&load_zone=NORTH%20ZONE&block_type=5x16"),
    get("ask_headroom", "?market=PJM&state=NJ&limit=3"),
    get("list_curves", "?market=ERCOT&q=north&facets=load_zone,block_type&limit=3"),
    get("find_curve", "/v1/curves/{list_curves/rows/0/id}"),
    get("find_calendar", "/v1/calendars/ERCOT/2024-11"),
    get("list_changes", "?limit=3"),
    get("download_data_by_query", "?curve_type=energy&iso=ERCOT&operating_day=2024-01-05&type=json"),
    post(
        "download_data",
        "",
        r#"{"curve_type":"energy","iso":"ERCOT","operating_day":"2024-01-05","type":"json"}"#,
    ),
    post(
        "create_quote",
        "",
        r#"{"market":"ERCOT","curve_date":"2024-01-05","accounts":[{"name":"Main Street 1","load_zone":"NORTH ZONE","utility":"ONCOR","voltage":"Secondary","load_profile":"BUSMEDLF_NCENT","start":"2024-03-01","end":"2024-03-31","margin":1.0}]}"#,
    ),
    get("find_quote", "/v1/quotes/{create_quote/id}"),
    get("explain_quote", "/v1/quotes/{create_quote/id}/explain?against=2024-01-05"),
    post(
        "create_job",
        "",
        r#"{"market":"ERCOT","curve_date":"2024-01-05","accounts":[{"name":"Main Street 1","load_zone":"NORTH ZONE","utility":"ONCOR","voltage":"Secondary","load_profile":"BUSMEDLF_NCENT","start":"2024-03-01","end":"2024-03-31","margin":1.0}]}"#,
    ),
    get("find_job", "/v1/jobs/{create_job/id}"),
    get("price_desk", ""),
    get("price_desk_data", ""),
    // Accounts: one made by the old path and found by address, and one made by the new path and found by id.
    post("create_user", "", ""),
    post("add_user", "", r#"{"email":"client@example.com","role":"read_only_user"}"#),
    post(
        "use_link",
        "",
        r#"{"token":"{add_user/set_password/token}","password":"staple battery horse correct"}"#,
    ),
    get("list_users", "?q=example.com&limit=2"),
    get("find_user", "/v1/users/{add_user/id}"),
    post("update_user", "", ""),
    post("disable_user", "", ""),
    post("enable_user", "", ""),
    post("reset_password", "", ""),
    post("update_user_ui", "", r#"{"user_id":"{add_user/id}","prv_level":"read_write_user"}"#),
    post("disable_user_ui", "", r#"{"user_id":"{add_user/id}"}"#),
    post("enable_user_ui", "", r#"{"user_id":"{add_user/id}"}"#),
    post("reset_password_ui", "", r#"{"user_id":"{add_user/id}"}"#),
    post("change_user", "/v1/users/{add_user/id}", r#"{"role":"read_only_user"}"#),
    get("reset_user", "/v1/users/{add_user/id}/reset"),
    // Grants, in the old words and in the new.
    post("add_filter", "", ""),
    get("view_authorized_columns_by_get", "?email=analyst@example.com"),
    post("view_authorized_columns", "", ""),
    post(
        "subscription_management",
        "",
        r#"{"email":"client@example.com","start_date":"2024-01-01","end_date":"2026-12-31","data":{"energy":{"pjm":[{"control_area":"PJM","state":"-","load_zone":"WEST HUB","capacity_zone":"-","utility":"ALL","block_type":"5x16","cost_group":"Energy","cost_component":"Energy","sub_cost_component":"Energy"}]}}}"#,
    ),
    get("view_authorized_columns_ui_by_get", "?user_id={add_user/id}"),
    post("view_authorized_columns_ui", "", r#"{"user_id":"{add_user/id}"}"#),
    post("delete_column_filter_ui", "", r#"{"filter_id":"{view_authorized_columns_ui/id/0}"}"#),
    post("package_mgmt", "", r#"{"email":"client@example.com","data":{}}"#),
    post("reset_subscription", "", r#"{"user_id":"{add_user/id}"}"#),
    post(
        "add_grant",
        "/v1/users/{add_user/id}/grants",
        r#"{"data_type":"energy","market":"ERCOT","load_zone":"NORTH*"}"#,
    ),
    get("list_grants", "/v1/users/{add_user/id}/grants"),
    get("visible_of_user", "/v1/users/{add_user/id}/visible"),
    post(
        "preview_grants",
        "",
        r#"{"user":"{add_user/id}","rules":[{"data_type":"energy","market":"ERCOT","load_zone":"WEST*"}]}"#,
    ),
    get("remove_grant", "/v1/users/{add_user/id}/grants/{add_grant/id}"),
    post(
        "create_package",
        "",
        r#"{"name":"ERCOT energy","rules":[{"data_type":"energy","market":"ERCOT","load_zone":"NORTH*"}]}"#,
    ),
    get("show_package", "/v1/packages/{create_package/id}"),
    get("give_package", "/v1/users/{add_user/id}/packages/{create_package/id}"),
    get("list_holders", "/v1/packages/{create_package/id}/users"),
    get("list_packages", ""),
    post(
        "replace_package",
        "/v1/packages/{create_package/id}",
        r#"{"name":"ERCOT energy","rules":[{"data_type":"energy","market":"ERCOT"}]}"#,
    ),
    post(
        "replace_grants",
        "/v1/users/{add_user/id}/grants",
        r#"{"rules":[{"data_type":"energy","market":"PJM"}]}"#,
    ),
    get("take_package", "/v1/users/{add_user/id}/packages/{create_package/id}"),
    get("delete_package", "/v1/packages/{create_package/id}"),
    // Saved graphs, in the new words and in the old.
    post(
        "create_graph",
        "",
        r#"{"name":"North","lines":[{"market":"ERCOT","load_zone":"NORTH ZONE","as_of":"2024-01-05","mark":"cob","from":"2024-02","to":"2024-05"}]}"#,
    ),
    post(
        "replace_graph",
        "/v1/graphs/{create_graph/id}",
        r#"{"lines":[{"market":"ERCOT","load_zone":"NORTH ZONE","as_of":"2024-01-05","mark":"cob","from":"2024-02","to":"2024-06"}]}"#,
    ),
    post("share_graph", "/v1/graphs/{create_graph/id}/shares/client@example.com", r#"{"right":"view"}"#),
    get("show_graph", "/v1/graphs/{create_graph/id}"),
    get("list_graphs", "?limit=2"),
    get("draw_graph", "/v1/graphs/{create_graph/id}/values"),
    get("unshare_graph", "/v1/graphs/{create_graph/id}/shares/client@example.com"),
    get("delete_graph", "/v1/graphs/{create_graph/id}"),
    post(
        "save_graph",
        "",
        r#"[{"data_type":"Energy","control_table":"ercot_energy","loadZone":"NORTH ZONE","operating_day":"2024-01-05","operatin_day_timestamps":"2024-01-05","history":"false","cob":"true","start":"2024-02-01","end":"2024-04-01"}]"#,
    ),
    get("available_graphs", ""),
    post(
        "update_graph_filters",
        "/update_graph_filters/{available_graphs/0/graph_id}",
        r#"[{"control_table":"ercot_energy","loadZone":"WEST ZONE","operating_day":"2024-01-05","cob":"true","start":"2024-02-01","end":"2024-04-01"}]"#,
    ),
    post("share_graphs", "", r#"{"graph_id":"{available_graphs/0/graph_id}","email":"client@example.com"}"#),
    post("remove_graph", "", r#"{"graph_id":"{available_graphs/0/graph_id}"}"#),
    // Keys and sessions. `other` existed before the first call.
    post("make_key", "", r#"{"name":"a workbook","scope":"read","expires_at":"2024-12-31T00:00:00Z"}"#),
    get("list_my_keys", ""),
    get("list_keys", "/v1/users/1/keys"),
    get("revoke_my_key", "/v1/me/keys/{make_key/id}"),
    get("revoke_key", "/v1/users/1/keys/{other/id}"),
    get("list_own_sessions", ""),
    get("list_sessions", "/v1/users/1/sessions"),
    get("end_own_session", "/v1/me/sessions/{list_own_sessions/sessions/0/id}"),
    get("end_session", "/v1/users/1/sessions/{list_own_sessions/sessions/1/id}"),
    get("end_other_sessions", ""),
    get("end_sessions", "/v1/users/{add_user/id}/sessions"),
    post(
        "subscribe",
        "",
        r#"{"name":"North, every move","rule":{"on":"movers","top":1,"what":{"data_type":"energy","market":"ERCOT","load_zone":"NORTH ZONE"}}}"#,
    ),
    get("list_subscriptions", ""),
    get("find_subscription", "/v1/me/subscriptions/{subscribe/id}"),
    post(
        "change_subscription",
        "/v1/me/subscriptions/{subscribe/id}",
        r#"{"name":"Texas, every move","rule":{"on":"movers","top":1,"what":{"data_type":"energy","market":"ERCOT"}}}"#,
    ),
    post(
        "backtest",
        "",
        r#"{"rule":{"on":"movers","top":1,"what":{"data_type":"energy","market":"ERCOT"}},"to_day":"2024-01-05"}"#,
    ),
    get("disable_api", ""),
    get("enable_api", ""),
    get("disable_ui", ""),
    get("enable_ui", ""),
    get("set_switch", "/v1/switches/ui"),
    get("list_switches", ""),
    get("upload_csv", ""),
    get("upload_zip", ""),
    // Now there are two days, so that something has moved.
    get("get_graphview", ""),
    get("get_graphview_by_post", ""),
    get("list_uploads", "?limit=2"),
    // Notices about the sheet just uploaded.
    get("get_notifications", ""),
    get("get_notifications_by_post", ""),
    get("setup_notification", ""),
    get("send_notification", ""),
    get("read_inbox", "?limit=1"),
    get("mark_read", "/v1/me/notices/{read_inbox/notices/0/id}/read"),
    get("list_notices", "?limit=1"),
    get("list_outbox", "?limit=1"),
    get("end_subscription", "/v1/me/subscriptions/{subscribe/id}"),
    get("show_unsubscribe", "/unsubscribe?token={subscribe/unsubscribe_token}"),
    get("unsubscribe", "/unsubscribe?token={subscribe/unsubscribe_token}"),
    post("withdraw_snapshot", "", r#"{"reason":"published with the prices of the day before"}"#),
    get("list_audit", "?limit=3"),
    get("list_legacy_usage", "?path=/get_data&limit=3"),
    post(
        "update_password",
        "",
        r#"{"old_password":"a password for tests","password":"another password for tests"}"#,
    ),
    post(
        "change_password",
        "",
        r#"{"old_password":"another password for tests","password":"a password for tests"}"#,
    ),
    // Last, because it ends the session that all other calls use.
    get("log_out", ""),
];

/// A text with `{operation/field}` replaced by answers of earlier calls.
pub fn filled(text: &str, answers: &Map<String, Value>) -> String {
    let mut filled = text.to_owned();
    for (id, answer) in answers {
        while let Some((before, rest)) = filled.split_once(&format!("{{{id}/")) {
            let (pointer, after) = rest.split_once('}').expect("a placeholder is closed");
            let value =
                answer.pointer(&format!("/{pointer}")).unwrap_or_else(|| panic!("{id} has no {pointer}"));
            // In a body a number stays a number, although its placeholder is written as text.
            let number =
                value.is_number().then(|| before.strip_suffix('"').zip(after.strip_prefix('"'))).flatten();
            let (before, after) = number.unwrap_or((before, after));
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            filled = format!("{before}{value}{after}");
        }
    }
    filled
}

/// The body made from the examples of its fields: required fields and those with an example.
pub fn example_of(schema: &Value) -> Value {
    if let Some(target) = schema["$ref"].as_str() {
        let target = target.trim_start_matches('#');
        return example_of(trueprice::api::document().pointer(target).expect("a reference can be resolved"));
    }
    if let Some(example) = schema.get("example").or_else(|| schema["examples"].get(0)) {
        return example.clone();
    }
    if schema["type"] == "array" {
        return Value::Array(vec![example_of(&schema["items"])]);
    }
    let required: Vec<&Value> = schema["required"].as_array().into_iter().flatten().collect();
    let fields = schema["properties"].as_object().into_iter().flatten();
    let wanted = fields.filter(|(name, field)| {
        required.contains(&&Value::from(name.as_str())) || field.get("example").is_some()
    });
    wanted.map(|(name, field)| (name.clone(), example_of(field))).collect()
}
