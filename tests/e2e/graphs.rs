//! Saved graphs: their owners, their viewers, and that they are only data.

use crate::questions::{Sheet, blocks};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tests::{ADMIN, PASSWORD, Running};

mod editing;
mod old;
mod words;

const READER: &str = "reader@example.com";
const OTHER: &str = "other@example.com";

async fn send(running: &Running, token: &str, request: (Method, &str), body: Value) -> (u16, Value) {
    let request = running.request(request.0, request.1).bearer_auth(token);
    let request = if body.is_null() { request } else { request.json(&body) };
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
}

/// A line of ERCOT.
fn line(zone: &str) -> Value {
    json!({ "market": "ERCOT", "load_zone": zone, "as_of": "2024-01-05", "mark": "cob", "from": "2024-02", "to": "2024-04" })
}

/// The same line in the words of the old paths.
fn old_line(zone: &str) -> Value {
    json!({ "data_type": "Energy", "control_table": "ercot_energy", "loadZone": zone, "operating_day": "2024-01-05",
        "operatin_day_timestamps": "2024-01-05", "history": "false", "cob": "true", "start": "2024-02-01", "end": "2024-03-01" })
}

/// Two zones on two days.
async fn begin() -> (Running, String, String, String) {
    let running = Running::start().await;
    for (stamp, price) in [("20240104_170200_cob", 30.0), ("20240105_170200_cob", 40.0)] {
        let sheet = Sheet {
            market: "ERCOT",
            columns: &blocks(&["NORTH ZONE", "WEST ZONE"]),
            first: "2024-02",
            price: &|_, column| Some(if column < 3 { price } else { price + 5.0 }),
            months: 3,
        };
        running.put(&format!("Energy_ERCOT_{stamp}.csv"), sheet.text().as_bytes()).await;
    }
    let admin = running.admin().await;
    let reader = running.user(READER, "read_only_user").await;
    let other = running.user(OTHER, "read_only_user").await;
    (running, admin, reader, other)
}

async fn kept(running: &Running, token: &str, body: Value) -> i64 {
    let (status, graph) = send(running, token, (Method::POST, "/v1/graphs"), body).await;
    assert_eq!(status, 201, "{graph}");
    graph["id"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_one_finds_reads_edits_shares_or_deletes_another_users_graph() {
    let (running, admin, reader, other) = begin().await;
    let of_admin = kept(&running, &admin, json!({ "name": "secret", "lines": [line("NORTH ZONE")] })).await;
    let of_reader = kept(&running, &reader, json!({ "lines": [line("NORTH ZONE")] })).await;
    for (id, tokens) in [(of_admin, [&reader, &other]), (of_reader, [&admin, &other])] {
        let path = format!("/v1/graphs/{id}");
        let lines = json!({ "lines": [line("WEST ZONE")] });
        for token in tokens {
            for (method, path, body) in [
                (Method::GET, path.clone(), Value::Null),
                (Method::PUT, path.clone(), lines.clone()),
                (Method::DELETE, path.clone(), Value::Null),
                (Method::GET, format!("{path}/values"), Value::Null),
                (Method::PUT, format!("{path}/shares/{OTHER}"), json!({ "right": "edit" })),
                (Method::PUT, format!("{path}/shares/{READER}"), json!({ "right": "edit" })),
                (Method::DELETE, format!("{path}/shares/{OTHER}"), Value::Null),
                (Method::PUT, format!("/update_graph_filters/{id}"), json!([old_line("WEST ZONE")])),
                (Method::POST, format!("/remove_graph?graph_id={id}"), Value::Null),
                (Method::POST, format!("/share_graphs?graph_id={id}&email={OTHER}"), Value::Null),
            ] {
                let (status, problem) = send(&running, token, (method.clone(), &path), body).await;
                assert_eq!(status, 404, "{method} {path}: {problem}");
                assert!(!problem.to_string().contains("secret"), "{problem}");
                let (missing, absent) = send(
                    &running,
                    token,
                    (method.clone(), &path.replace(&id.to_string(), "99999")),
                    lines.clone(),
                )
                .await;
                assert!(missing == 404 || missing == 400, "{absent}");
            }
        }
    }
    for (token, id) in [(&admin, of_admin), (&reader, of_reader)] {
        let (_, listed) = send(&running, token, (Method::GET, "/v1/graphs"), Value::Null).await;
        assert_eq!(listed["graphs"].as_array().unwrap().len(), 1);
        assert_eq!(
            (&listed["graphs"][0]["id"], &listed["graphs"][0]["lines"]),
            (&json!(id), &json!([line("NORTH ZONE")]))
        );
        let (_, shown) = send(&running, token, (Method::GET, &format!("/v1/graphs/{id}")), Value::Null).await;
        assert_eq!((&shown["may"], &shown["shares"]), (&json!("own"), &json!([])));
    }
    let (_, none) = send(&running, &other, (Method::GET, "/v1/graphs"), Value::Null).await;
    assert_eq!(none, json!({ "graphs": [] }));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_is_a_reference_with_a_right_and_ends_at_once() {
    let (running, admin, reader, other) = begin().await;
    let id = kept(&running, &admin, json!({ "name": "zones", "lines": [line("NORTH ZONE")] })).await;
    let path = format!("/v1/graphs/{id}");
    let to = |email: &str| format!("{path}/shares/{email}");
    let get = |token: &str| {
        let (running, path, token) = (&running, path.clone(), token.to_owned());
        async move { send(running, &token, (Method::GET, &path), Value::Null).await }
    };
    let view = json!({ "right": "view" });
    assert_eq!(send(&running, &admin, (Method::PUT, &to("Reader@Example.com")), view.clone()).await.0, 200);
    let (status, shared) = send(&running, &admin, (Method::PUT, &to("3")), json!({ "right": "edit" })).await;
    assert_eq!(status, 200, "an admin may pass a user id");
    let told: Vec<_> =
        shared["shares"].as_array().unwrap().iter().map(|share| (&share["email"], &share["may"])).collect();
    assert_eq!(json!(told), json!([[OTHER, "edit"], [READER, "view"]]));
    let (_, seen) = get(&reader).await;
    assert_eq!(
        (&seen["may"], &seen["owner"], &seen["name"]),
        (&json!("view"), &json!(ADMIN), &json!("zones"))
    );
    assert!(seen.get("shares").is_none(), "only the owner sees the other shares");

    // Viewing does not include editing, and editing includes neither sharing nor deleting.
    let lines = json!({ "lines": [line("WEST ZONE")] });
    let hers = to(READER);
    for (token, request, body, expected) in [
        (&reader, (Method::PUT, path.as_str()), lines.clone(), 403),
        (&reader, (Method::DELETE, path.as_str()), Value::Null, 403),
        (&reader, (Method::PUT, hers.as_str()), json!({ "right": "edit" }), 403),
        (&other, (Method::DELETE, path.as_str()), Value::Null, 403),
        (&other, (Method::DELETE, hers.as_str()), Value::Null, 403),
        (&other, (Method::PUT, hers.as_str()), view.clone(), 403),
        (&other, (Method::PUT, path.as_str()), lines, 200),
    ] {
        let (status, answer) = send(&running, token, (request.0.clone(), request.1), body).await;
        assert_eq!(status, expected, "{} {}: {answer}", request.0, request.1);
    }
    // There is one row: everyone sees the edited graph.
    for token in [&admin, &reader, &other] {
        let (_, graph) = get(token).await;
        assert_eq!((&graph["lines"][0]["load_zone"], &graph["name"]), (&json!("WEST ZONE"), &json!("zones")));
    }
    // After a share is revoked the graph is gone with the next request; the same after a viewer removes its share; and after
    // deletion, for everyone.
    assert_eq!(send(&running, &admin, (Method::DELETE, &hers), Value::Null).await.0, 200);
    assert_eq!(get(&reader).await.0, 404);
    assert_eq!(send(&running, &admin, (Method::DELETE, &hers), Value::Null).await.0, 404);
    assert_eq!(send(&running, &other, (Method::DELETE, &to(OTHER)), Value::Null).await.0, 200);
    assert_eq!(get(&other).await.0, 404);
    assert_eq!(send(&running, &admin, (Method::PUT, &hers), view.clone()).await.0, 200);
    assert_eq!(get(&reader).await.0, 200);
    running.users(json!({ "command": "disable", "email": READER })).await;
    assert_eq!(get(&reader).await.0, 401, "a disabled user sees nothing");
    running.users(json!({ "command": "enable", "email": READER })).await;
    let reader = running.token(READER, PASSWORD).await;
    assert_eq!(get(&reader).await.0, 200);
    assert_eq!(send(&running, &admin, (Method::DELETE, &path), Value::Null).await.0, 200);
    assert_eq!((get(&admin).await.0, get(&reader).await.0), (404, 404));
    // Whether an address or an id belongs to a user is not revealed.
    let id = kept(&running, &reader, json!({ "lines": [line("NORTH ZONE")] })).await;
    let share = async |whom: &str, right: &str| {
        let path = format!("/v1/graphs/{id}/shares/{whom}");
        send(&running, &reader, (Method::PUT, &path), json!({ "right": right })).await.0
    };
    assert_eq!((share("unknown@example.com", "view").await, share(OTHER, "view").await), (200, 200));
    assert_eq!((share("1", "view").await, share("999", "view").await), (404, 404));
    assert_eq!(
        (share(READER, "view").await, share("x", "view").await, share(OTHER, "own").await),
        (400, 400, 400)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_graph_draws_what_its_viewer_may_see() {
    let (running, admin, reader, _) = begin().await;
    let lines = json!({ "lines": [line("NORTH ZONE"), line("WEST ZONE")] });
    let id = kept(&running, &admin, lines.clone()).await;
    let path = format!("/v1/graphs/{id}/values");
    let share = format!("/v1/graphs/{id}/shares/{READER}");
    send(&running, &admin, (Method::PUT, &share), json!({ "right": "view" })).await;
    let (status, chart) = send(&running, &admin, (Method::GET, &path), Value::Null).await;
    assert_eq!(
        (status, &chart["data"][0]["y"], &chart["data"][1]["y"]),
        (200, &json!([40.0, 40.0]), &json!([45.0, 45.0]))
    );
    assert_eq!(
        (&chart["calendar"], &chart["data"][0]["hours"]),
        (&json!("nerc"), &json!([696, 743])),
        "weighted by the actual hours"
    );
    let (_, legacy) =
        send(&running, &admin, (Method::GET, &format!("{path}?calendar=legacy")), Value::Null).await;
    let old = json!([old_line("NORTH ZONE"), old_line("WEST ZONE")]);
    let (_, old) = send(&running, &admin, (Method::POST, "/graphs"), old).await;
    for member in ["x", "y", "hours", "season"] {
        assert_eq!(legacy["data"][0][member], old["data"][0][member], "as the old path: {member}");
    }
    assert_eq!(send(&running, &reader, (Method::GET, &path), Value::Null).await.0, 404, "nothing is granted");
    let rule = json!({ "command": "grant", "email": READER, "data_type": "energy", "market": "ERCOT", "load_zone": "WEST*" });
    running.users(rule).await;
    let (status, chart) = send(&running, &reader, (Method::GET, &path), Value::Null).await;
    assert_eq!(
        (status, &chart["data"][0]["y"], &chart["data"][1]["y"]),
        (200, &json!([]), &json!([45.0, 45.0]))
    );
    let note = chart["data"][0]["note"].as_str().unwrap();
    assert!(
        note.contains("that you may see has load_zone \"NORTH ZONE\""),
        "the reason names the missing sheet: {note}"
    );
    let (status, _) = send(&running, &admin, (Method::GET, &format!("{path}?calendar=x")), Value::Null).await;
    assert_eq!(status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_graph_is_data_and_never_executed() {
    let (running, admin, reader, _) = begin().await;
    let code = "__import__('os').system('touch /tmp/graph_was_run')";
    let sql = "'; drop table trueprice.saved_graph; --";
    for text in [code, sql, "<script>alert(1)</script>", "{{7*7}}", "=cmd|' /C calc'!A0", "\u{202e}\u{1F4A3}"]
    {
        let mut hostile = line("NORTH ZONE");
        hostile["name"] = json!(text);
        let body = json!({ "name": text, "lines": [hostile] });
        let id = kept(&running, &admin, body).await;
        let share = format!("/share_graphs?graph_id={id}&email={READER}");
        let (status, said) = send(&running, &admin, (Method::POST, &share), Value::Null).await;
        assert_eq!((status, said), (200, json!("graph shared successfully")));
        let (_, seen) =
            send(&running, &reader, (Method::GET, &format!("/v1/graphs/{id}")), Value::Null).await;
        assert_eq!((&seen["name"], &seen["lines"][0]["name"]), (&json!(text), &json!(text)), "unchanged");
        let (status, chart) =
            send(&running, &admin, (Method::GET, &format!("/v1/graphs/{id}/values")), Value::Null).await;
        assert_eq!((status, chart["data"][0]["name"].as_str()), (200, Some(text)));
    }
    assert!(!std::path::Path::new("/tmp/graph_was_run").exists());
    let mut bad = line("NORTH ZONE");
    bad["name"] = json!("a\u{0}b");
    let mut long = line("NORTH ZONE");
    long["name"] = json!("x".repeat(201));
    let mut unknown = line("NORTH ZONE");
    unknown["__class__"] = json!({ "evil": code });
    for body in [
        json!(code),
        json!([line("NORTH ZONE")]),
        json!({ "lines": code }),
        json!({ "lines": [code] }),
        json!({ "lines": [] }),
        json!({ "lines": vec![line("NORTH ZONE"); 51] }),
        json!({ "lines": [bad] }),
        json!({ "lines": [long] }),
        json!({ "lines": [line("N*H")] }),
        json!({ "lines": [unknown] }),
        json!({ "lines": [old_line("NORTH ZONE")] }),
        json!({ "lines": [line("NORTH ZONE")], "owner": READER }),
        json!({ "name": "a\nb", "lines": [line("NORTH ZONE")] }),
    ] {
        let (status, problem) = send(&running, &admin, (Method::POST, "/v1/graphs"), body.clone()).await;
        assert_eq!(status, 400, "{body}: {problem}");
    }
    let deep = format!("{}{}", "[".repeat(5000), "]".repeat(5000));
    let request = running.request(Method::POST, "/save_graph").bearer_auth(&admin);
    let answer = request.header("content-type", "application/json").body(deep).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_REQUEST);
    // A user may have this many graphs and no more.
    let fill = "insert into trueprice.saved_graph (owner_id, name, lines, created_at, changed_at)
        select 2, '', '[{}]', now(), now() from generate_series(1, 500)";
    sqlx::raw_sql(fill).execute(&mut running.sql().await).await.unwrap();
    let body = json!({ "lines": [line("NORTH ZONE")] });
    assert_eq!(send(&running, &reader, (Method::POST, "/v1/graphs"), body).await.0, 409);
}
