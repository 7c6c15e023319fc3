//! Downloads by the old paths, and what became of the chart.

use super::{begin, post};
use reqwest::{Method, StatusCode, redirect};
use serde_json::{Value, json};
use std::io::{Cursor, Read as _};
use tests::Running;

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
async fn a_form_downloads_what_a_query_does() {
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
async fn a_chart_leads_to_its_values_and_what_is_gone_says_what_there_is() {
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
    let (status, location, _) = ask(Method::POST, "/generate_garph_view", &nobody, Some(chart)).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert_eq!(
        location.unwrap(),
        "/v1/values?data_type=energy&market=ERCOT&load_zone=NORTH&blocks=7x24&from=2024-02&to=2024-04&as_of=2024-01-05&mark=cob&calendar=legacy"
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
