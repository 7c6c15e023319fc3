//! The old data paths: each at least once, as a user with a grant, as one without, and with harmful input.

use crate::versions::sheet;
use reqwest::{Method, StatusCode, redirect};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _, Write as _};
use tests::{ADMIN, Running};

mod offered;

/// Two days of ERCOT energy, the first with a close of business, and MISO charges; an admin, and a user without a grant.
async fn begin() -> (Running, String, String) {
    let running = Running::start().await;
    for (name, text) in [
        ("Energy_ERCOT_20240104_080000.csv", sheet("1")),
        ("Energy_ERCOT_20240105_080000.csv", sheet("2")),
        ("Energy_ERCOT_20240105_080030.csv", sheet("2.5")),
        ("Energy_ERCOT_20240105_170000_cob.csv", sheet("3")),
        ("Energy_ERCOT_20240105_180000.csv", sheet("4")),
        (
            "NonEnergy_MISO_20240103_093600.csv",
            sheet("5").replace("ERCOT", "MISO").replace("Energy", "Capacity"),
        ),
    ] {
        let row = running.put(name, text.as_bytes()).await;
        assert_eq!(row["status"], "published", "{row:#}");
    }
    let (admin, nobody) = (running.admin().await, running.user("reader@example.com", "read_only_user").await);
    (running, admin, nobody)
}

async fn post(running: &Running, token: &str, path: &str, body: &Value) -> (StatusCode, Value) {
    let answer = running.request(Method::POST, path).bearer_auth(token).json(body).send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn upload_reports_are_unchanged_and_the_mark_is_correct() {
    let (running, token, nobody) = begin().await;
    let (status, answer) = running
        .upload(&token, "Energy_PJM_20240105_080000.csv", sheet("1").replace("ERCOT", "PJM").as_bytes())
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    running.put("nonsense.csv", b"").await;
    let (_, body) = running.get(&token, "/upload_status").await;
    let status: Value = serde_json::from_str(&body).unwrap();
    let files = status["files"].as_array().unwrap();
    assert_eq!(
        (files.len(), &files[0], &files[6]),
        (7, &json!("Energy_ERCOT_20240104_080000.csv"), &json!("Energy_PJM_20240105_080000.csv"))
    );
    assert_eq!((&status["email"][6], &status["email"][0]), (&json!(ADMIN), &json!("")));
    assert_eq!(status["timestamps"].as_array().unwrap().len(), 7);
    assert_eq!(post(&running, &token, "/upload_status", &json!({})).await.1, status, "by POST, too");

    let answer = running.request(Method::GET, "/alluploads").bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=all_uploads.csv");
    let report = answer.text().await.unwrap();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[0], "File Name,ISO,Operating Day,Time Stamp,File Extension,COB(Y/N)");
    assert_eq!(lines[1], "ENERGY,PJM,20240105,080000,CSV,N");
    assert!(lines.contains(&"ENERGY,ERCOT,20240105,170000,CSV,Y"), "{report}");
    assert_eq!(lines.len(), 8);
    assert_eq!(running.get(&nobody, "/alluploads").await.1.lines().count(), 1, "only the header");
    let (_, body) = running.get(&nobody, "/upload_status").await;
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({ "email": [], "files": [], "timestamps": [] })
    );
    // A user who may see a series sees its uploads, but not who made them.
    running.users(json!({ "command": "grant", "email": "reader@example.com", "market": "PJM" })).await;
    let (_, body) = running.get(&nobody, "/upload_status").await;
    let seen: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((&seen["files"], &seen["email"]), (&json!(["Energy_PJM_20240105_080000.csv"]), &json!([""])));
}

#[tokio::test(flavor = "multi_thread")]
async fn all_components_are_in_a_workbook_and_all_hours_in_a_table() {
    let running = Running::start().await;
    local::samples::load(running.ctx()).await.unwrap();
    running.system.queue.idle().await;
    let (token, nobody) = (running.admin().await, running.user("reader@example.com", "read_only_user").await);
    let answer = running.request(Method::GET, "/allcomponents").bearer_auth(&token).send().await.unwrap();
    assert_eq!(answer.headers()["content-disposition"], "attachment; filename=all_components.xlsx");
    let mut book = zip::ZipArchive::new(Cursor::new(answer.bytes().await.unwrap().to_vec())).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        book.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let workbook = part("xl/workbook.xml");
    for name in ["Energy", "Non-Energy", "Rec", "Line Loss", "Shaping", "Load Profile", "VLR"] {
        assert!(workbook.contains(&format!("name=\"{name}\"")), "{name}: {workbook}");
    }
    let texts = part("xl/sharedStrings.xml");
    for text in
        ["DataType", "Lookup ID1", "Control Area", "Cost Component", "REC/RPS", "Nonenergy", "WEST HUB"]
    {
        assert!(texts.contains(&format!(">{text}<")), "{text}");
    }
    assert!(part("xl/worksheets/sheet7.xml").contains("</row>"));
    let (status, body) = running.get(&nobody, "/allcomponents").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(body.contains("No data available to export"), "{body}");

    let (status, hours) = running.get(&nobody, "/curves_catalog").await;
    assert_eq!((status, hours.lines().count()), (StatusCode::OK, 6061));
    assert!(hours.starts_with("ISO,CalMonth,5x16,7x8,2x16,7x24,WE,WD,OnPeak,OffPeak\n"));
    let (_, nerc) = running.get(&nobody, "/curves_catalog?calendar=nerc").await;
    assert!(
        nerc.contains("PJM,2024-11-01,320,241,160,721,") && hours.contains("PJM,2024-11-01,336,240,144,720,")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_downloads_the_same_as_a_query() {
    let (running, token, nobody) = begin().await;
    let pairs = [
        ("curve_type", "energy"),
        ("iso", "ERCOT"),
        ("strip", "5x16"),
        ("strip", "7x8"),
        ("idcob", "cobonly"),
        ("type", "csv"),
        ("operating_day", "2024-01-05"),
        ("operating_day_end", "2024-01-05"),
        ("start", ""),
        ("end", "9999-12-31"),
    ];
    let ask = async |method: Method, path: &str, token: &str| {
        let request = running.request(method.clone(), path).bearer_auth(token);
        let request = if method == Method::GET { request.query(&pairs) } else { request.form(&pairs) };
        let answer = request.send().await.unwrap();
        (answer.status(), answer.headers().get("content-disposition").cloned(), answer.text().await.unwrap())
    };
    let expected = ask(Method::GET, "/get_data", &token).await;
    assert_eq!(expected.0, StatusCode::OK, "{}", expected.2);
    assert_eq!(ask(Method::POST, "/download_data", &token).await, expected);
    assert_eq!(ask(Method::GET, "/download_data", &token).await, expected);
    assert_eq!(ask(Method::POST, "/download_data", &nobody).await.0, StatusCode::NOT_FOUND);
    let (status, _) = post(&running, &token, "/download_data", &json!({})).await;
    assert_eq!(status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chart_redirects_to_its_values_and_removed_paths_name_their_replacement() {
    let (running, token, nobody) = begin().await;
    let http = reqwest::Client::builder().redirect(redirect::Policy::none()).build().unwrap();
    let ask = async |method: Method, path: &str, token: &str, body: Option<Value>| {
        let request =
            http.request(method, format!("http://{}{path}", running.system.http)).bearer_auth(token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        let answer = request.send().await.unwrap();
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        (answer.status(), location, answer.text().await.unwrap())
    };
    let chart = json!({
        "data_type": "Energy", "control_table": "ercot_energy", "loadZone": "NORTH", "start": "2024-02-01", "end": "2024-03-01",
        "operating_day": "2024-01-05", "history": "false", "cob": "true", "operatin_day_timestamps": "2024-01-05"
    });
    let of_day = |day: &str, cob: &str| {
        let mut chart = chart.clone();
        (chart["operating_day"], chart["operatin_day_timestamps"], chart["cob"]) =
            (json!(day[..10]), json!(day), json!(cob));
        chart
    };
    for (token, day) in [(&nobody, "2024-01-05"), (&token, "2024-01-06"), (&token, "2024-01-03")] {
        let (status, ..) = ask(Method::POST, "/generate_garph_view", token, Some(of_day(day, "true"))).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{day}: no other day is used instead");
    }
    for (day, cob, end) in [
        ("2024-01-05", "false", "as_of=2024-01-05T18:00:00&mark=intraday"),
        ("2024-01-04", "true", "as_of=2024-01-04T08:00:00&mark=intraday"),
        ("2024-01-05 08:00", "false", "as_of=2024-01-05T08:00:30&mark=intraday"),
    ] {
        let (_, location, _) =
            ask(Method::POST, "/generate_garph_view", &token, Some(of_day(day, cob))).await;
        assert!(location.as_ref().unwrap().ends_with(end), "{day}: {location:?}");
    }
    let (status, location, _) = ask(Method::POST, "/generate_garph_view", &token, Some(chart)).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    let (found, values) = running.get(&token, location.as_ref().unwrap()).await;
    assert_eq!(found, StatusCode::OK, "the target of the redirect answers: {values}");
    assert_eq!(
        location.unwrap(),
        "/v1/values?data_type=energy&market=ERCOT&load_zone=NORTH&blocks=7x24&from=2024-02&to=2024-04&calendar=legacy&as_of=2024-01-05T17:00:00&mark=cob"
    );
    for method in [Method::GET, Method::POST] {
        for path in ["/get_logs", "/log_stream", "/contact"] {
            let (status, _, body) = ask(method.clone(), path, &token, None).await;
            let problem: Value = serde_json::from_str(&body).unwrap();
            assert_eq!((status, problem["instead"].is_string()), (StatusCode::GONE, true), "{path}: {body}");
        }
        assert_eq!(ask(method.clone(), "/get_logs", &nobody, None).await.0, StatusCode::FORBIDDEN);
        for path in ["/", "/home"] {
            let (status, location, _) = ask(method.clone(), path, "", None).await;
            assert_eq!((status, location.as_deref()), (StatusCode::SEE_OTHER, Some("/apidocs")), "{path}");
        }
    }
    assert_eq!(ask(Method::GET, "/contactus", "", None).await.0, StatusCode::GONE);
    for (path, to) in [("/apispec_1.json", "/openapi.json"), ("/apidocs/", "/apidocs")] {
        let (status, location, _) = ask(Method::GET, path, "", None).await;
        assert_eq!((status, location.as_deref()), (StatusCode::PERMANENT_REDIRECT, Some(to)), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_accepted_at_its_own_endpoint() {
    let running = Running::start().await;
    let (token, nobody) = (running.admin().await, running.user("reader@example.com", "read_only_user").await);
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, price) in
        [("Energy_ERCOT_20240104_080000.csv", "1"), ("Energy_ERCOT_20240105_080000.csv", "2")]
    {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(sheet(price).as_bytes()).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    let send = async |token: &str| {
        let part = reqwest::multipart::Part::bytes(bytes.clone()).file_name("sheets.zip");
        let form = reqwest::multipart::Form::new().part("file", part);
        running.request(Method::POST, "/upload_zip").bearer_auth(token).multipart(form).send().await.unwrap()
    };
    assert_eq!(send(&nobody).await.status(), StatusCode::FORBIDDEN);
    let first = send(&token).await;
    assert_eq!(first.status(), StatusCode::OK);
    assert_eq!(send(&token).await.status(), StatusCode::OK, "repeating has no effect");
    let (_, body) = running.get(&token, "/v1/snapshots").await;
    let snapshots: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(snapshots["snapshots"].as_array().unwrap().len(), 2);
}

#[test]
fn each_path_with_both_methods_has_two_operations() {
    let document = serde_json::to_value(trueprice::api::document()).unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap().to_owned();
            assert!(ids.insert(id), "{method} {path}");
        }
    }
    let path = &document["paths"]["/get_operating_day"];
    assert!(path["get"]["parameters"].is_array() && path["get"].get("requestBody").is_none());
    assert!(
        path["post"]["requestBody"].is_object()
            && path["post"]["parameters"].as_array().is_none_or(Vec::is_empty)
    );
}
