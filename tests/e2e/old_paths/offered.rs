//! The choices offered by the old pages, and injection attempts.

use super::{begin, post};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn query(body: &Value) -> String {
    let pairs = body.as_object().unwrap().iter();
    let pairs = pairs.map(|(name, value)| format!("{name}={}", value.as_str().unwrap().replace(' ', "%20")));
    pairs.collect::<Vec<_>>().join("&")
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::too_many_lines, reason = "a table of questions and answers")]
async fn the_choices_of_the_old_pages_are_offered() {
    let (running, token, nobody) = begin().await;
    let days = json!(["2024-01-05", "2024-01-04"]);
    let stamp = |time: &str, cob: bool| json!({ "timestamp": format!("2024-01-{time}"), "cob": cob, "curve": "ercot_energy" });
    let day = |time: &str, cob: bool| json!({ "timestamp": format!("2024-01-05 {time}"), "history": !cob, "cob": cob });
    for (path, posted, body, expected, without) in [
        (
            "/get_options",
            true,
            json!({ "curve": "rec" }),
            json!(["ERCOT", "ISONE", "NYISO", "PJM", "ALL"]),
            None,
        ),
        ("/get_options", true, json!({ "curve": "lineloss" }), json!(["ALL"]), None),
        (
            "/get_options",
            true,
            json!({ "curve": "headroom" }),
            json!(["ERCOT", "ISONE", "NYISO", "MISO", "PJM", "ALL"]),
            None,
        ),
        (
            "/get_options_for_strips",
            true,
            json!({ "curve": "nonenergy" }),
            json!(["7x24", "5x16", "7x8", "2x16", "WD", "WE"]),
            None,
        ),
        (
            "/get_options_for_strips",
            true,
            json!({ "curve": "shaping" }),
            json!(["7x24", "5x16", "7x8", "2x16"]),
            None,
        ),
        ("/get_options_for_strips", true, json!({ "curve": "all" }), json!(["All"]), None),
        ("/get_options_for_strips", true, json!({ "curve": "ptc" }), json!(["7x24"]), None),
        (
            "/get_operating_day",
            true,
            json!({ "curve": "energy", "iso": "ercot" }),
            days.clone(),
            Some(json!([])),
        ),
        (
            "/get_operating_day",
            true,
            json!({ "curve": "all", "iso": "all" }),
            json!(["2024-01-05", "2024-01-04", "2024-01-03"]),
            Some(json!([])),
        ),
        (
            "/get_operating_days",
            true,
            json!({ "table": "ercot_energy", "load_zone": "north" }),
            days,
            Some(json!([])),
        ),
        (
            "/get_operating_days",
            true,
            json!({ "table": "ercot_energy", "load_zone": "SOUTH" }),
            json!([]),
            Some(json!([])),
        ),
        (
            "/cob_check",
            true,
            json!({ "curve": "energy", "iso": "ercot", "operating_day": "2024-01-05", "operating_day_end": "2024-01-05" }),
            json!({ "cob": true, "noncob": true }),
            Some(json!({ "cob": false, "noncob": false })),
        ),
        (
            "/cob_check",
            true,
            json!({ "curve": "all", "iso": "all", "operating_day": "2024-01-04" }),
            json!({ "cob": false, "noncob": true }),
            Some(json!({ "cob": false, "noncob": false })),
        ),
        (
            "/cob_check",
            true,
            json!({ "curve": "nonenergy", "iso": "miso" }),
            json!({ "cob": false, "noncob": false }),
            None,
        ),
        (
            "/intraday_timestamps_download",
            true,
            json!({ "curve": "energy", "iso": "ercot", "operating_day_start": "2024-01-04", "operating_day_end": "2024-01-05" }),
            json!([
                stamp("05 18:00", false),
                stamp("05 17:00", true),
                stamp("05 08:00", false),
                stamp("04 08:00", false)
            ]),
            Some(json!([])),
        ),
        (
            "/intraday_timestamps",
            false,
            json!({ "control_table": "ercot_energy", "operating_day": "2024-01-05" }),
            json!([day("18:00", false), day("17:00", true), day("08:00", false)]),
            Some(json!([])),
        ),
        ("/load_zones", false, json!({ "control_table": "ERCOT_energy" }), json!(["NORTH"]), Some(json!([]))),
        ("/load_zones", false, json!({ "control_table": "ptc" }), json!([]), None),
        (
            "/get_locations",
            true,
            json!({ "control_table": "ercot_energy_history" }),
            json!(["NORTH"]),
            Some(json!([])),
        ),
    ] {
        let by_query = format!("{path}?{}", query(&body));
        for (who, expected) in [(&token, &expected), (&nobody, without.as_ref().unwrap_or(&expected))] {
            let (status, text) = running.get(who, &by_query).await;
            assert_eq!(status, StatusCode::OK, "{by_query}: {text}");
            assert_eq!(&serde_json::from_str::<Value>(&text).unwrap(), expected, "{by_query}");
            if posted {
                assert_eq!(
                    post(&running, who, path, &body).await,
                    (StatusCode::OK, expected.clone()),
                    "{path}"
                );
            }
        }
        if posted {
            let form = running.request(Method::POST, path).bearer_auth(&token).body(query(&body));
            let answer =
                form.header("content-type", "application/x-www-form-urlencoded").send().await.unwrap();
            assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_name_never_becomes_sql_and_errors_are_explained() {
    let (running, token, _) = begin().await;
    let harm = [
        "ercot_energy; drop table trueprice.curve",
        "users",
        "user_account",
        "ercot_energy' or '1'='1",
        "ercot_energy--",
        "(select password_hash from trueprice.user_account)",
        "\u{0}",
        "%",
        "🦀",
    ];
    for (path, name) in [
        ("/load_zones", "control_table"),
        ("/get_locations", "control_table"),
        ("/intraday_timestamps", "control_table"),
        ("/get_operating_days", "table"),
        ("/get_options", "curve"),
        ("/get_options_for_strips", "curve"),
        ("/get_operating_day", "curve"),
        ("/get_operating_day", "iso"),
        ("/cob_check", "operating_day"),
        ("/cob_check", "iso"),
        ("/intraday_timestamps_download", "operating_day_start"),
        ("/intraday_timestamps_download", "curve"),
        ("/curves_catalog", "calendar"),
        ("/upload_status", "limit"),
        ("/alluploads", "limit"),
        ("/allcomponents", "limit"),
        ("/generate_garph_view", "control_table"),
    ] {
        for text in harm {
            let request = running.request(Method::GET, path).bearer_auth(&token).query(&[(name, text)]);
            let status = request.send().await.unwrap().status();
            let get_is_there = path != "/generate_garph_view";
            let expected =
                if get_is_there { StatusCode::BAD_REQUEST } else { StatusCode::METHOD_NOT_ALLOWED };
            assert_eq!(status, expected, "{path} {name}={text:?}");
            let body = json!({ name: text });
            let answer =
                running.request(Method::POST, path).bearer_auth(&token).json(&body).send().await.unwrap();
            assert!(!answer.status().is_server_error(), "{path} {text:?}: {}", answer.status());
        }
    }
    // A label may be any printable text.
    for text in harm {
        let asked = [("table", "ercot_energy"), ("load_zone", text)];
        let request = running.request(Method::GET, "/get_operating_days").bearer_auth(&token).query(&asked);
        let answer = request.send().await.unwrap();
        let expected = if text == "\u{0}" { StatusCode::BAD_REQUEST } else { StatusCode::OK };
        assert_eq!(answer.status(), expected, "{text:?}");
    }
    for body in [json!([]), json!("x"), json!({ "curve": ["a"] }), json!({ "curve": "x", "iso": "y" })] {
        let (status, problem) = post(&running, &token, "/get_operating_day", &body).await;
        assert_eq!(
            (status, &problem["message"]),
            (StatusCode::BAD_REQUEST, &json!("Incorrect Params")),
            "{body}"
        );
    }
    let (_, problem) =
        post(&running, &token, "/get_operating_day", &json!({ "curve": "x", "iso": "y" })).await;
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2, "{problem}");
    let curves: i64 = sqlx::query_scalar("select count(*) from trueprice.curve")
        .fetch_one(&mut running.sql().await)
        .await
        .unwrap();
    assert_eq!(curves, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_days_with_a_visible_curve_are_offered() {
    use crate::versions::sheet;
    use tests::Running;
    let running = Running::start().await;
    let token = running.user("reader@example.com", "read_only_user").await;
    for (stamp, has) in [
        ("20240103_080000", true),
        ("20240104_080000", false),
        ("20240105_080000", true),
        ("20240105_120000", false),
        ("20240105_170000_cob", false),
    ] {
        let text = if has { sheet("1") } else { sheet("2").replace("5x16", "7x24") };
        running.put(&format!("Energy_ERCOT_{stamp}.csv"), text.as_bytes()).await;
    }
    let rule = json!({ "command": "grant", "email": "reader@example.com", "data_type": "energy", "market": "ERCOT",
        "block_type": "5x16" });
    running.users(rule).await;
    let admin = running.admin().await;
    for (path, expected, all) in [
        ("/get_operating_day?curve=energy&iso=ercot", json!(["2024-01-05", "2024-01-03"]), 3),
        ("/get_operating_days?table=ercot_energy&load_zone=NORTH", json!(["2024-01-05", "2024-01-03"]), 3),
        ("/get_operating_days?table=ercot_energy", json!(["2024-01-05", "2024-01-03"]), 3),
        (
            "/cob_check?curve=energy&iso=ercot&operating_day=2024-01-05",
            json!({ "cob": false, "noncob": true }),
            2,
        ),
        (
            "/intraday_timestamps?control_table=ercot_energy&operating_day=2024-01-05",
            json!([{ "timestamp": "2024-01-05 08:00", "history": false, "cob": false }]),
            3,
        ),
        (
            "/intraday_timestamps_download?curve=energy&iso=ercot&operating_day_start=2024-01-04&operating_day_end=2024-01-05",
            json!([{ "timestamp": "2024-01-05 08:00", "cob": false, "curve": "ercot_energy" }]),
            4,
        ),
    ] {
        let (status, body) = running.get(&token, path).await;
        assert_eq!(
            (status, serde_json::from_str::<Value>(&body).unwrap()),
            (StatusCode::OK, expected),
            "{path}"
        );
        let (_, body) = running.get(&admin, path).await;
        let shown: Value = serde_json::from_str(&body).unwrap();
        let count = shown.as_array().map_or_else(|| shown.as_object().unwrap().len(), Vec::len);
        assert_eq!(count, all, "{path}: an admin sees all");
    }
}
